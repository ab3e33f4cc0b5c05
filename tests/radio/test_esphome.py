"""A simulated proxy on TCP, heard through the unmodified aioesphomeapi."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import SystemRandom

import pytest

from device_profiles.sighting import Sighting
from edge_agent.radio import Heard, Ignored, Reason, ReceiverHealth, ReceiverState
from edge_agent.radio.audience import Audience
from edge_agent.radio.esphome import EsphomeReceiver, ProxyPolicy
from simulators.receiver.esphome.proxy import Proxy
from simulators.receiver.esphome.wire import FEATURES, STATE_AND_MODE
from simulators.receiver.lines import Fault
from tests.radio.scene import DEADLINE, HEADPHONES, IBEACON, IDENTITY, FakeClock

KEY = bytes(range(32))
POLICY = ProxyPolicy(silence=30.0, connect=DEADLINE, admit=5.0, retry=0.02, check=0.01)
CARD, PHONE = "C0:00:00:00:00:01", "D0:00:00:00:00:02"


class Scene:
    """What the receiver told, and the proxy it hears through."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self.clock = FakeClock()
        self.counters = Heard()
        self.sightings: list[Sighting] = []
        self.healths: list[ReceiverHealth] = []

    @property
    def health(self) -> ReceiverHealth | None:
        return self.healths[-1] if self.healths else None

    def is_hearing(self) -> bool:
        return self.health is not None and self.health.state is ReceiverState.HEARING

    def is_blind(self, reason: Reason) -> bool:
        return self.health is not None and self.health.reason is reason

    async def until(self, holds: Callable[[], bool], each: Callable[[], object] = int) -> None:
        async with asyncio.timeout(DEADLINE):
            while not holds():
                each()
                await asyncio.sleep(0.01)

    async def until_hearing(self) -> None:
        await self.until(
            self.is_hearing,
            lambda: self.proxy.hear(CARD, -67, IBEACON),
        )

    async def until_blind(self, reason: Reason, pass_s: float = 0.0) -> None:
        await self.until(lambda: self.is_blind(reason), lambda: self.clock.advance(pass_s))


@asynccontextmanager
async def receiving(
    proxy: Proxy, port: int, key_file: Path | None, policy: ProxyPolicy = POLICY
) -> AsyncIterator[Scene]:
    scene = Scene(proxy)
    audience = Audience(
        clock=scene.clock,
        heard=scene.sightings.append,
        health_changed=scene.healths.append,
        counters=scene.counters,
    )
    receiver = EsphomeReceiver(
        "till",
        address=("127.0.0.1", port),
        key_file=key_file,
        audience=audience,
        policy=policy,
        random=SystemRandom(),
    )
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(receiver.run())
        try:
            yield scene
        finally:
            running.cancel()


@asynccontextmanager
async def listening(
    proxy: Proxy, key_file: Path | None = None, policy: ProxyPolicy = POLICY
) -> AsyncIterator[Scene]:
    async with (
        proxy.serve("127.0.0.1", 0) as port,
        receiving(proxy, port, key_file, policy) as scene,
    ):
        yield scene


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "proxy.key"
    file.write_text(b64encode(KEY).decode() + "\n")
    return file


@pytest.fixture
def garbage(tmp_path: Path) -> Path:
    file = tmp_path / "garbage.key"
    file.write_bytes(b"\xff\xfe")
    return file


async def test_a_file_that_holds_no_key_is_a_wrong_key(garbage: Path) -> None:
    async with listening(Proxy("till", KEY), garbage) as scene:
        await scene.until_blind(Reason.WRONG_KEY)


async def test_a_proxys_packets_are_sightings_and_all_else_is_counted() -> None:
    async with listening(Proxy("till")) as scene:
        await scene.until_hearing()
        scene.proxy.hear(PHONE, -50, HEADPHONES)
        scene.proxy.hear(CARD, 20, IBEACON)
        scene.proxy.hear(CARD, -41, IBEACON)
        await scene.until(lambda: scene.sightings[-1].rssi == -41)
        sighting = scene.sightings[-1]
        assert (sighting.receiver, sighting.identity, sighting.power) == ("till", IDENTITY, -59)
        assert scene.counters.ignored == {
            Ignored("not a beacon"): 1,
            Ignored("impossible rssi"): 1,
        }


async def test_an_encrypted_proxy_is_heard_with_its_key(key_file: Path) -> None:
    async with listening(Proxy("till", KEY), key_file) as scene:
        await scene.until_hearing()
        assert scene.sightings[0].identity == IDENTITY


@pytest.mark.parametrize("proxy_key", [bytes(32), None], ids=["another", "none"])
async def test_a_key_that_is_not_the_proxys_is_the_reason(
    key_file: Path, proxy_key: bytes | None
) -> None:
    async with listening(Proxy("till", proxy_key), key_file) as scene:
        await scene.until_blind(Reason.WRONG_KEY)


async def test_no_key_for_a_proxy_that_encrypts_is_the_reason() -> None:
    async with listening(Proxy("till", KEY)) as scene:
        await scene.until_blind(Reason.WRONG_KEY)


async def test_a_key_that_is_missing_is_the_reason_and_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "late.key"
    async with listening(Proxy("till", KEY), file) as scene:
        await scene.until_blind(Reason.WRONG_KEY)
        file.write_text(b64encode(KEY).decode())
        await scene.until_hearing()


async def test_somebody_else_is_subscribed_and_that_is_said_until_they_leave() -> None:
    async with listening(Proxy("till")) as scene:
        scene.proxy.switch(Fault.SECOND_SUBSCRIBER)
        await scene.until_blind(Reason.OTHER_SUBSCRIBER, pass_s=0.1)
        assert "somebody else" in scene.healths[-1].detail
        scene.proxy.switch(Fault.NONE)
        await scene.until_hearing()


async def test_two_of_us_at_one_proxy_are_told_apart(key_file: Path) -> None:
    proxy = Proxy("till", KEY)
    async with proxy.serve("127.0.0.1", 0) as port, receiving(proxy, port, key_file) as first:
        await first.until_hearing()
        async with receiving(proxy, port, key_file) as second:
            await second.until_blind(Reason.OTHER_SUBSCRIBER, pass_s=0.1)
        assert first.is_hearing()


async def test_old_firmware_that_says_nothing_of_its_scanner_is_heard_and_never_suspected() -> None:
    proxy = Proxy("till", features=FEATURES & ~STATE_AND_MODE)
    async with listening(proxy) as scene:
        await scene.until_hearing()
        scene.clock.advance(POLICY.admit + 1)
        scene.proxy.hear(CARD, -33, IBEACON)
        await scene.until(lambda: scene.sightings[-1].rssi == -33)
        assert scene.is_hearing()
        scene.proxy.switch(Fault.SECOND_SUBSCRIBER)
        await scene.until_blind(Reason.SILENT, pass_s=1.0)
        assert "does not say" in scene.healths[-1].detail


async def test_a_lost_connection_blinds_until_the_proxy_is_back() -> None:
    async with listening(Proxy("till")) as scene:
        await scene.until_hearing()
        scene.proxy.switch(Fault.DISCONNECT)
        await scene.until_blind(Reason.UNREACHABLE)
        scene.proxy.switch(Fault.NONE)
        await scene.until_hearing()


async def test_connected_but_no_packet_is_silence() -> None:
    async with listening(Proxy("till")) as scene:
        await scene.until_hearing()
        scene.proxy.switch(Fault.SILENCE)
        await scene.until_blind(Reason.SILENT, pass_s=1.0)
        scene.proxy.switch(Fault.NONE)
        await scene.until_hearing()


async def test_a_scanner_that_stopped_is_named_as_the_reason_of_the_silence() -> None:
    async with listening(Proxy("till")) as scene:
        await scene.until_hearing()
        scene.proxy.switch(Fault.SCANNER)
        await scene.until_blind(Reason.NOT_DISCOVERING, pass_s=1.0)
        scene.proxy.switch(Fault.NONE)
        await scene.until_hearing()


async def test_a_proxy_that_hangs_is_left_and_found_again() -> None:
    impatient = ProxyPolicy(connect=0.2, retry=0.02, check=0.01)
    async with listening(Proxy("till"), policy=impatient) as scene:
        await scene.until_hearing()
        scene.proxy.switch(Fault.HANG)
        await scene.until_blind(Reason.SILENT, pass_s=1.0)
        await scene.until_blind(Reason.NO_ANSWER)
        scene.proxy.switch(Fault.NONE)
        await scene.until_hearing()
