"""Every fault of the demo's store as a switch: radios, air, beacons, gateways, brokers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from simulators.bluez import faults as bluez_faults
from simulators.bluez.adapter import Adapter
from simulators.demo.failure import DemoFailure
from simulators.demo.household import Household
from simulators.demo.persons import Person
from simulators.demo.premises import FAR_KINDS, Premises
from simulators.world.faults import (
    Fault,
    Faults,
    NoSuchFault,
    Text,
    air_faults,
    beacon_faults,
    clock_faults,
    ear_faults,
)
from simulators.world.world import Transmitter

ADAPTER_FAULTS: Mapping[str, Text] = {
    "unplugged": {"ko": "어댑터 뽑힘", "en": "Adapter unplugged"},
    "powered-off": {"ko": "어댑터 꺼짐", "en": "Adapter switched off"},
    "stalled": {"ko": "스캔 멈춤", "en": "Scan stalls silently"},
    "stalled-until-power-cycle": {
        "ko": "스캔 멈춤 (전원을 껐다 켜야 함)",
        "en": "Scan stalls until the adapter is off and on",
    },
    "duplicates-filtered": {
        "ko": "중복 광고 걸러짐",
        "en": "Controller filters duplicates",
    },
    "stalled-until-restart": {
        "ko": "스캔 멈춤 (bluetoothd를 다시 켜야 함)",
        "en": "Scan stalls until bluetoothd is new",
    },
    "stalled-until-replug": {
        "ko": "스캔 멈춤 (뽑았다 꽂아야 함)",
        "en": "Scan stalls until the adapter is replugged",
    },
    "stops-rejected": {"ko": "스캔 중지 거부", "en": "Stopping a scan is rejected"},
    "stop-unanswered": {"ko": "스캔 중지에 응답 없음", "en": "Stopping is never answered"},
    "start-in-progress": {"ko": "스캔 시작 거부", "en": "Scan is refused as busy"},
    "start-not-ready": {"ko": "어댑터 준비 안 됨", "en": "Scan is refused as not ready"},
    "start-failed": {"ko": "스캔 시작 실패", "en": "Scan fails to start"},
    "start-pretended": {
        "ko": "시작했다고만 하는 스캔",
        "en": "Scan is answered and never starts",
    },
    "no-central-role": {"ko": "스캔 못 하는 어댑터", "en": "Adapter cannot scan"},
    "start-unanswered": {"ko": "스캔 시작에 응답 없음", "en": "Scan is never answered"},
}
"""Of `simulators.bluez.faults`, those that a visitor can see something of, on one adapter."""

DAEMON_FAULTS: Mapping[str, Text] = {
    "bluetoothd-killed": {"ko": "bluetoothd 죽음", "en": "bluetoothd crashed"},
    "bluetoothd-restarted": {"ko": "bluetoothd 재시작", "en": "bluetoothd restarts cleanly"},
    "bluetoothd-hung": {"ko": "bluetoothd 멈춤", "en": "bluetoothd hangs"},
    "bus-lost": {"ko": "D-Bus 끊김", "en": "D-Bus lost"},
    "restart-forbidden": {
        "ko": "bluetoothd 재시작 금지",
        "en": "Nobody may restart bluetoothd",
    },
}
"""The same on all adapters at once."""

LOCAL_HINT: Text = {
    "ko": "다른 수신기가 이어받고, 에이전트가 스스로 고칩니다",
    "en": "The other receivers carry on; the agent mends it by itself",
}

NEXT_SCAN_HINT: Text = {
    "ko": "스캔을 새로 시작할 때 나타납니다. 스캔도 멈춰 보세요",
    "en": "Shows when a scan is begun anew: let it stall, too",
}

AT_THE_NEXT_SCAN = {
    "stops-rejected",
    "stop-unanswered",
    "start-in-progress",
    "start-unanswered",
    "start-not-ready",
    "start-failed",
    "start-pretended",
    "no-central-role",
    "restart-forbidden",
}
"""Faults of which a scan that goes on knows nothing."""

_NOW_ON: Mapping[str, Callable[[Adapter], bool]] = {
    "unplugged": lambda adapter: not adapter.present,
    "powered-off": lambda adapter: adapter.present and not adapter.powered,
    "stalled": lambda adapter: adapter.stalled,
    "stalled-until-power-cycle": lambda adapter: adapter.stalled,
    "duplicates-filtered": lambda adapter: adapter.filters_duplicates,
}
"""Faults that can be seen: the agent may have mended them meanwhile."""


def all_faults(
    premises: Premises, household: Household, people: Callable[[], Mapping[str, Person]]
) -> Faults:
    """The switches of one demo; `people` are those whose beacons may fail."""

    def beacons() -> dict[str, Transmitter]:
        return {**premises.fixtures, **{name: each.card for name, each in people().items()}}

    return Faults(
        [
            *_bluez(premises),
            *ear_faults(premises.world),
            *_far(premises),
            *air_faults(premises.world, premises.passing),
            *beacon_faults(premises.world, beacons),
            *clock_faults(premises.clocks),
            *_processes(household),
        ]
    )


class UnknownFault(DemoFailure):
    """The command line asked for a fault that there is not."""


async def begin(faults: Faults, wanted: Sequence[str]) -> None:
    """Bring about faults as the command line names them: ``stalled:ceiling-shoes``, ``stalled``.

    Raises:
        UnknownFault: for a name or target that is not there; those before it are on.
    """
    for each in wanted:
        name, _, target = each.partition(":")
        try:
            await faults.turn(name, target or None, on=True)
        except NoSuchFault as err:
            raise UnknownFault(str(err)) from err


def _bluez(premises: Premises) -> list[Fault]:
    adapters = {
        each.id: each.unit for each in premises.world.plan.receivers if each.kind == "bluez"
    }
    if not adapters:
        return []
    begun: set[tuple[str, str]] = set()

    def switch(name: str, text: Text, targets: Mapping[str, str]) -> Fault:
        def turn(target: str, on: bool) -> Awaitable[None]:  # noqa: FBT001 - a switch's signature
            (begun.add if on else begun.discard)((name, target))
            change = bluez_faults.begin if on else bluez_faults.end
            return change(name, premises.bluez, targets[target])

        def now(target: str) -> bool:
            look = _NOW_ON.get(name)
            mended = look is not None and not look(premises.bluez.adapter(targets[target]))
            return (name, target) in begun and not mended

        hint = NEXT_SCAN_HINT if name in AT_THE_NEXT_SCAN else LOCAL_HINT
        return Fault(name, text, hint, tuple(targets), turn, now)

    all_of_them = {"": next(iter(adapters.values()))}
    return [
        *(switch(name, text, adapters) for name, text in ADAPTER_FAULTS.items()),
        *(switch(name, text, all_of_them) for name, text in DAEMON_FAULTS.items()),
    ]


def _far(premises: Premises) -> list[Fault]:
    """What can go wrong with receivers that report over the store broker."""
    receivers = premises.world.plan.receivers
    far = tuple(each.id for each in receivers if each.kind in FAR_KINDS)
    with_clock = tuple(each.id for each in receivers if each.kind == "omg")

    def garble(target: str, on: bool) -> None:  # noqa: FBT001 - a switch's signature
        (premises.garbling.add if on else premises.garbling.discard)(target)

    return [
        Fault(
            "receiver-offline",
            {"ko": "수신기 전원 꺼짐", "en": "Receiver without power"},
            {"ko": "브로커가 유언을 전합니다", "en": "The broker tells its last will"},
            far,
            lambda target, on: premises.power(target, on=not on),
            lambda target: target in premises.offline,
        ),
        Fault(
            "receiver-clock",
            {"ko": "수신기 시계 틀림", "en": "Receiver's clock an hour ahead"},
            {"ko": "시각을 다시 맞추고, 위치는 그대로", "en": "Counted; nobody moves for it"},
            with_clock,
            lambda target, on: premises.lie(target, on=on),
            lambda target: target in premises.lying,
        ),
        Fault(
            "receiver-garbled",
            {"ko": "깨진 메시지", "en": "Receiver's messages are cut short"},
            {"ko": "읽을 수 없는 것은 버리고 셉니다", "en": "Refused and counted, never believed"},
            far,
            garble,
            lambda target: target in premises.garbling,
        ),
    ]


def _processes(household: Household) -> list[Fault]:
    def store_broker(_target: str, on: bool) -> Awaitable[None]:  # noqa: FBT001 - as above
        return household.store_broker.kill() if on else household.store_broker.start()

    def cloud(_target: str, on: bool) -> Awaitable[None]:  # noqa: FBT001 - as above
        return household.cloud_broker.kill() if on else household.restore_cloud()

    return [
        Fault(
            "store-broker-dead",
            {"ko": "매장 브로커 끊김", "en": "Store broker dead"},
            {"ko": "그 수신기들이 모두 눈멉니다", "en": "All its receivers are blind at once"},
            ("",),
            store_broker,
            lambda _target: household.store_broker.pid is None,
        ),
        Fault(
            "cloud-dead",
            {"ko": "클라우드 끊김", "en": "Cloud cut"},
            {"ko": "매장은 계속 일합니다", "en": "The store goes on working"},
            ("",),
            cloud,
            lambda _target: household.cloud_broker.pid is None,
        ),
    ]
