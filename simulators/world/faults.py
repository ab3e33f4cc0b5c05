"""Faults as switches: what can go wrong with radios, air and beacons, each on its own target."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simulators.world.chance import seeded
from simulators.world.crowd import random_address
from simulators.world.ears import Ear
from simulators.world.plan import Point
from simulators.world.rotating import EphemeralId
from simulators.world.world import Transmitter, World

CROWDED_PER_S = 1_500.0
"""Adverts of others a second in crowded air: 600 phones, of which a receiver gets a third through
(unslotted ALOHA: exp(-2 x 376 us x 1,500) = .32)."""

Text = Mapping[str, str]


class NoSuchFault(LookupError):
    """There is no fault of that name, or it cannot happen to that target."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that can go wrong.

    Attributes:
        id: on the command line and in the control API.
        name: in Korean and English.
        hint: what the store is expected to make of it.
        targets: what it can happen to; a single empty string where there is only one.
        turn: begin or end it at a target; an awaitable where that takes time.
        on: whether it is on at a target now; the store itself may have mended it.
    """

    id: str
    name: Text
    hint: Text
    targets: Sequence[str]
    turn: Callable[[str, bool], Awaitable[None] | None]
    on: Callable[[str], bool]


class Faults:
    """All switches of one simulated store."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Faults that nothing can happen to are left out."""
        self._faults = {fault.id: fault for fault in faults if fault.targets}

    def show(self) -> list[dict[str, Any]]:
        """Every fault with its names, its targets, and the targets at which it is on."""
        return [
            {
                "id": fault.id,
                "name": dict(fault.name),
                "hint": dict(fault.hint),
                "targets": list(fault.targets),
                "on": [target for target in fault.targets if fault.on(target)],
            }
            for fault in self._faults.values()
        ]

    async def turn(self, fault_id: str, target: str | None, *, on: bool) -> None:
        """Begin or end a fault; no target means all it can happen to.

        Raises:
            NoSuchFault: for an unknown fault or target.
        """
        for fault, each in self.select(fault_id, target):
            turning = fault.turn(each, on)
            if turning is not None:
                await turning

    def select(self, fault_id: str, target: str | None) -> list[tuple[Fault, str]]:
        """The switches that are meant; raises `NoSuchFault`."""
        fault = self._faults.get(fault_id)
        if fault is None:
            msg = f"there is no fault {fault_id!r}; there are {', '.join(self._faults)}"
            raise NoSuchFault(msg)
        if target is not None and target not in fault.targets:
            msg = f"{fault_id} cannot happen to {target!r}; it can to {', '.join(fault.targets)}"
            raise NoSuchFault(msg)
        return [(fault, each) for each in (fault.targets if target is None else [target])]


def ear_faults(world: World) -> list[Fault]:
    """What can go wrong with the radio of any receiver.

    BlueZ keeps an RSSI of 127 to itself; receivers of other makers pass it on.
    """
    ears = world.ears

    def switch(fault_id: str, name: Text, hint: Text, attribute: str) -> Fault:
        return Fault(
            fault_id,
            name,
            hint,
            tuple(ears),
            lambda target, on: setattr(ears[target], attribute, on),
            lambda target: bool(getattr(ears[target], attribute)),
        )

    return [
        switch(
            "receiver-dead",
            {"ko": "수신기 고장", "en": "Receiver hears nothing"},
            {"ko": "수신기가 눈멀고, 손님은 떠나지 않습니다", "en": "It is blind; nobody leaves"},
            "dead",
        ),
        switch(
            "receiver-deaf",
            {"ko": "안테나 빠짐", "en": "Antenna off: 30 dB deaf"},
            {"ko": "가까운 비콘만 들립니다", "en": "Only what is very near is heard"},
            "deaf",
        ),
        switch(
            "scan-starved",
            {"ko": "스캔 시간 부족", "en": "Scans 9 % of the time"},
            {"ko": "ESPHome 기본 설정과 같습니다", "en": "As an ESPHome proxy by default"},
            "starved",
        ),
        switch(
            "receiver-screened",
            {"ko": "수신기 앞을 막음", "en": "A body or rack before the receiver"},
            {"ko": "한쪽에서 12dB 약해집니다", "en": "12 dB weaker from one side"},
            "screened",
        ),
        replace(
            switch(
                "rssi-unread",
                {"ko": "RSSI 127 보고", "en": "RSSI 127 in one packet of three"},
                {"ko": "버리고 셉니다", "en": "Dropped and counted; nobody jumps"},
                "unread",
            ),
            targets=[name for name, ear in ears.items() if ear.receiver.kind != "bluez"],
        ),
        Fault(
            "rssi-drift",
            {"ko": "RSSI 오프셋 변화", "en": "RSSI drifts by 12 dB"},
            {"ko": "2분에 걸쳐 약해집니다", "en": "Over two minutes; position should hold"},
            tuple(ears),
            lambda target, on: ears[target].drift(world.now if on else None),
            lambda target: ears[target].drifting,
        ),
    ]


def air_faults(world: World, crowd: Sequence[Transmitter]) -> list[Fault]:
    """What can go wrong in the air; `crowd` is silent until it comes along."""

    def crowded(_target: str, on: bool) -> None:  # noqa: FBT001 - a switch's signature
        for ear in world.ears.values():
            ear.interference_per_s = CROWDED_PER_S if on else 0.0
        for each in crowd:
            each.silent = not on

    return [
        Fault(
            "air-crowded",
            {"ko": "혼잡한 전파", "en": "Crowded air"},
            {"ko": "셋 중 하나만 들립니다", "en": "One advert in three gets through"},
            ("",),
            crowded,
            lambda _target: _any_interference(world.ears.values()),
        )
    ]


def beacon_faults(world: World, beacons: Callable[[], Mapping[str, Transmitter]]) -> list[Fault]:
    """What can go wrong with beacons; `beacons` by the name that a person would give them."""
    known = tuple(beacons())
    copies: dict[str, Transmitter] = {}

    def copied(target: str, on: bool) -> None:  # noqa: FBT001 - a switch's signature
        if target not in copies:
            copies[target] = _copy(world, beacons()[target], target)
        copies[target].silent = not on

    def switch(fault_id: str, name: Text, hint: Text, attribute: str) -> Fault:
        return Fault(
            fault_id,
            name,
            hint,
            known,
            lambda target, on: setattr(beacons()[target], attribute, on),
            lambda target: bool(getattr(beacons()[target], attribute)),
        )

    return [
        switch(
            "beacon-battery",
            {"ko": "비콘 배터리 부족", "en": "Beacon battery low"},
            {"ko": "약하고 드물게 보냅니다", "en": "Sends weakly and rarely"},
            "low_battery",
        ),
        switch(
            "beacon-gone",
            {"ko": "비콘 사라짐", "en": "Beacon gone"},
            {"ko": "기준 비콘이 없으면 알립니다", "en": "A reference beacon is missed"},
            "silent",
        ),
        Fault(
            "beacon-copied",
            {"ko": "같은 ID의 다른 비콘", "en": "Another beacon with the same identity"},
            {"ko": "다른 주소에서, 매장 반대편에", "en": "From another address, across the store"},
            known,
            copied,
            lambda target: target in copies and not copies[target].silent,
        ),
    ]


def clock_faults(clocks: Mapping[str, EphemeralId]) -> list[Fault]:
    """What can go wrong with the clocks of beacons that change their identifier by it."""
    right = {name: beacon.clock_s for name, beacon in clocks.items()}

    def fast(target: str, on: bool) -> None:  # noqa: FBT001 - a switch's signature
        clocks[target].clock_s = right[target] + on * 2 ** clocks[target].exponent

    return [
        Fault(
            "beacon-clock",
            {"ko": "비콘 시계 틀림", "en": "Beacon clock a rotation ahead"},
            {"ko": "다음 식별자를 먼저 보냅니다", "en": "Its next identifier comes too early"},
            tuple(clocks),
            fast,
            lambda target: clocks[target].clock_s != right[target],
        )
    ]


def _copy(world: World, beacon: Transmitter, name: str) -> Transmitter:
    """One that sends the same, from where the floor is farthest from the first corner."""
    far: Point = world.ways.reachable((world.plan.width_m - 1, world.plan.height_m - 1))
    return world.transmit(
        random_address(seeded(world.seed, "copy", name)),
        beacon.compose,
        lambda: far,
        power_1m=beacon.power_1m,
        interval_s=beacon.interval_s,
    )


def _any_interference(ears: Iterable[Ear]) -> bool:
    return any(ear.interference_per_s for ear in ears)
