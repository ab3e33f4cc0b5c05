"""Live views: the latest value per name, as a page reads them."""

import asyncio
from collections.abc import AsyncIterator

import httpx

from simulators.demo.background import background
from simulators.demo.live import LiveView, events


async def lines(text: str) -> AsyncIterator[str]:
    for line in text.split("\n"):
        yield line


async def test_events_have_a_name_and_a_json_value_and_comments_are_left_out() -> None:
    stream = ': hello\n\nevent: link\nid: 4\ndata: {"cloud": "online"}\n\nevent: me\ndata: 1\n\n'
    seen = [event async for event in events(lines(stream))]
    assert seen == [("link", {"cloud": "online"}), ("me", 1)]


async def test_a_value_may_come_in_several_data_lines() -> None:
    stream = "event: me\ndata: [1,\ndata: 2]\n\n"
    assert [event async for event in events(lines(stream))] == [("me", [1, 2])]


async def test_an_event_that_is_cut_off_is_no_event() -> None:
    assert [event async for event in events(lines("event: me\ndata: 1"))] == []


async def test_a_view_waits_until_something_is_seen_and_comes_back_when_the_server_was_away() -> (
    None
):
    answers = iter(["event: n\ndata: 1\n\n", None, "event: n\ndata: 2\n\n"])

    def serve(request: httpx.Request) -> httpx.Response:
        text = next(answers, None)
        if text is None:
            raise httpx.ConnectError("away", request=request)
        assert request.headers["authorization"] == "Bearer t"
        return httpx.Response(200, text=text)

    async with httpx.AsyncClient(
        transport=httpx.MockTransport(serve), base_url="http://agent"
    ) as client:
        view = LiveView(client, "/v1/live/shopper", {"Authorization": "Bearer t"})
        async with background() as beside, asyncio.timeout(20):
            beside.start(view.follow(), "page")
            assert await view.until(lambda seen: seen.get("n") == 2)
