"""Live pages get the latest value of each name, never a backlog."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack

from edge_agent.web.live import MOST_STREAMS, Live


async def next_of(events: AsyncIterator[bytes]) -> bytes:
    async with asyncio.timeout(5):
        return await anext(events)


async def test_a_page_that_connects_gets_every_value_that_is_known() -> None:
    live = Live(wanted=lambda: None)
    with live.watch("console", b"somebody"):
        live.publish("console", {"link": {"cloud": "online"}, "lanes": {"epoch": 1}})
        with live.watch("console", b"somebody") as late:
            first = await next_of(late.events())
    assert b'event: link\nid: 1\ndata: {"cloud":"online"}\n\n' in first
    assert b'event: lanes\nid: 2\ndata: {"epoch":1}\n\n' in first


async def test_a_slow_page_has_only_the_latest_value_of_a_name_waiting() -> None:
    live = Live(wanted=lambda: None)
    with live.watch("console", b"somebody") as slow:
        for waiting in range(1000):
            live.publish("console", {"link": {"waiting": waiting}})
        assert await next_of(slow.events()) == b'event: link\nid: 1000\ndata: {"waiting":999}\n\n'


async def test_a_value_that_did_not_change_is_not_sent_again() -> None:
    live = Live(wanted=lambda: None)
    with live.watch("staff", b"somebody") as page:
        live.publish("staff", {"link": {"waiting": 1}})
        events = page.events()
        await next_of(events)
        live.publish("staff", {"link": {"waiting": 1}})
        live.publish("staff", {"link": {"waiting": 2}})
        assert b'"waiting":2' in await next_of(events)


async def test_a_channel_nobody_watches_is_forgotten() -> None:
    live = Live(wanted=lambda: None)
    with live.watch("shopper:p1", b"somebody"):
        live.publish("shopper:p1", {"me": {"shopper": "p1"}})
        assert live.channels() == ("shopper:p1",)
    assert live.channels() == ()
    live.publish("shopper:p1", {"me": {"shopper": "p1"}})
    with live.watch("shopper:p1", b"somebody") as next_page:
        live.publish("shopper:p1", {"link": {"waiting": 1}})
        assert b"event: me" not in await next_of(next_page.events())


async def test_a_page_that_comes_again_while_the_agent_stops_is_sent_away_at_once() -> None:
    live = Live(wanted=lambda: None)
    live.close()
    with live.watch("console", b"somebody") as page:
        async with asyncio.timeout(5):
            assert [event async for event in page.events()] == []


async def test_closing_ends_every_stream() -> None:
    live = Live(wanted=lambda: None)
    with live.watch("console", b"somebody") as page:
        live.close()
        async with asyncio.timeout(5):
            assert [event async for event in page.events()] == []


async def test_a_session_that_ends_takes_its_streams_with_it() -> None:
    live = Live(wanted=lambda: None)
    with live.watch("staff", b"clerk") as ended, live.watch("staff", b"other") as goes_on:
        live.dismiss(b"clerk")
        live.publish("staff", {"link": {"waiting": 1}})
        async with asyncio.timeout(5):
            assert len([event async for event in ended.events()]) == 1
        assert b'"waiting":1' in await next_of(goes_on.events())


async def test_one_session_holds_a_bounded_number_of_streams_and_the_oldest_gives_way() -> None:
    live = Live(wanted=lambda: None)
    with ExitStack() as pages:
        first, *_ = [
            pages.enter_context(live.watch("staff", b"clerk")) for _ in range(MOST_STREAMS + 1)
        ]
        async with asyncio.timeout(5):
            assert [event async for event in first.events()] == []
