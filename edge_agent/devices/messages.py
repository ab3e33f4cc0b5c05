"""The one message set between the agent and its devices, and how a command grows old.

Devices have clocks of their own, which nobody sets, and a command can wait in a queue while its
device hangs. So every device stamps what it says with its own monotonic clock (`DeviceLetter`),
the agent learns from that where this clock stands (`edge_agent.devices.attendance.DeviceClock`,
an estimate that is never ahead of it), and stamps each command with the moment of sending *on the
device's clock* (`AgentLetter`). The device subtracts: whatever time the command spent in buffers,
on the line or waiting for another door counts against `Unlock.valid_for_ms`. An error of the
estimate makes a command expire early, by at most the transit time of a heartbeat, never late.

A session is one life of a device's program. A letter for another session was meant for a clock
and a queue that are gone: its commands are late.
"""

from enum import StrEnum
from typing import Annotated, Final, TypeVar

import msgspec

from device_profiles.beacons import (
    AltBeacon,
    BTHome,
    EddystoneEid,
    EddystoneEtlm,
    EddystoneTlm,
    EddystoneUid,
    EddystoneUrl,
    IBeacon,
)

LETTER_BYTES: Final = 16_384
"""The largest letter: a full batch of adverts; one about a compartment is below 1 KiB."""

MOST_COMPARTMENTS: Final = 1024
"""Of one bank. The largest line, fifteen boards of sixteen, has 240."""

Number = Annotated[int, msgspec.Meta(ge=1, le=MOST_COMPARTMENTS)]
"""A compartment, as printed on its door."""

Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""Exact as a float, too, which clocks are compared in."""

Word = Annotated[str, msgspec.Meta(max_length=256)]
"""An id or a kind; as long as the contract with the cloud lets one be."""


class Door(StrEnum):
    """What a compartment's hook sensor says."""

    CLOSED = "closed"
    OPEN = "open"
    UNKNOWN = "unknown"
    """Not read yet, or the board that reads it is silent."""


class Outcome(StrEnum):
    """What became of a command."""

    DONE = "done"
    """The sensor saw the door open."""
    LATE = "late"
    """Its time had run out before anything was done; nothing was done."""
    REPEATED = "repeated"
    """This command id was taken before; nothing was done now."""
    FAILED = "failed"
    """It was tried, or could not be tried, and the door is not known to have opened."""


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """A device introduces itself. Who it is, its key says.

    Attributes:
        kind: what it is, such as ``locker``.
        compartments: how many it has, numbered from 1; 0 for a device without.
    """

    kind: Word
    compartments: Annotated[int, msgspec.Meta(ge=0, le=MOST_COMPARTMENTS)]


class Heartbeat(msgspec.Struct, frozen=True, tag="heartbeat"):
    """The device's program runs and its event loop turns."""


class CompartmentState(msgspec.Struct, frozen=True, tag="compartment_state"):
    """How a compartment is now; sent on every change and on `ReportState`.

    Attributes:
        occupied: whether the infrared sensor sees something inside; None: no sensor, or silent.
    """

    compartment: Number
    door: Door
    occupied: bool | None


class DeviceFault(msgspec.Struct, frozen=True, tag="device_fault"):
    """What keeps the device from working; sent on every change and on `ReportState`.

    Attributes:
        reason: for staff, one line; None: all is well.
    """

    reason: str | None


class CommandResult(msgspec.Struct, frozen=True, tag="command_result"):
    """What became of one command, with the compartment as it is at this moment.

    Attributes:
        reason: for staff, why it failed or was late; empty when there is nothing to say.
        first: with `Outcome.REPEATED`, the answer given the first time; None when that is not
            known because the device's program died in between: the door may have opened.
    """

    command_id: Word
    outcome: Outcome
    compartment: Number
    door: Door
    occupied: bool | None
    reason: str = ""
    first: Outcome | None = None


class Unlock(msgspec.Struct, frozen=True, tag="unlock"):
    """Open one compartment, at most once for ever.

    Sending the same `command_id` again is safe and is how a lost result is asked for.

    Attributes:
        valid_for_ms: how long after `DeviceBus.send` the door may still open; not opened later.
    """

    command_id: Word
    compartment: Number
    valid_for_ms: Milliseconds


class ReportState(msgspec.Struct, frozen=True, tag="report_state"):
    """Say `Hello`, the fault and the state of every compartment again."""


AnyFrame = (
    AltBeacon
    | BTHome
    | EddystoneEid
    | EddystoneEtlm
    | EddystoneTlm
    | EddystoneUid
    | EddystoneUrl
    | IBeacon
)

MOST_ADVERTS: Final = 24
"""Of one batch: 24 of the longest frames, a sensor's ten readings, stay below `LETTER_BYTES`."""


class HeardAdvert(msgspec.Struct, frozen=True, array_like=True):
    """What another gateway's radio heard once.

    Attributes:
        heard_ms: on that gateway's monotonic clock.
        address: with colons; resolved by the leader, which has the keys, and not kept.
    """

    heard_ms: Milliseconds
    address: Annotated[str, msgspec.Meta(pattern="^([0-9A-F]{2}:){5}[0-9A-F]{2}$")]
    rssi: Annotated[int, msgspec.Meta(ge=-126, le=0)]
    frames: tuple[AnyFrame, ...]


class Adverts(msgspec.Struct, frozen=True, tag="adverts"):
    """What one radio of another gateway heard, in order.

    Attributes:
        receiver: the radio's id in the store.
        lost: adverts of this radio that were dropped since that gateway started.
    """

    receiver: Word
    heard: Annotated[tuple[HeardAdvert, ...], msgspec.Meta(max_length=MOST_ADVERTS)]
    lost: Annotated[int, msgspec.Meta(ge=0)] = 0


class RadioState(msgspec.Struct, frozen=True, tag="radio_state"):
    """How well a radio of another gateway hears; on every change, on `ReportState` and repeated.

    Attributes:
        state, reason, detail: as `edge_agent.radio.watchdog` has them.
        packets: of any transmitter, since that gateway started.
    """

    receiver: Word
    state: Word
    reason: Word | None
    detail: Annotated[str, msgspec.Meta(max_length=1024)]
    packets: Annotated[int, msgspec.Meta(ge=0)]


FromLocker = Hello | Heartbeat | CompartmentState | DeviceFault | CommandResult
FromDevice = FromLocker | Adverts | RadioState
ToDevice = Unlock | ReportState


class DeviceLetter(msgspec.Struct, frozen=True):
    """What a device puts on the bus.

    Attributes:
        session: random, one per life of the device's program.
        sent_ms: the device's monotonic clock at sending.
    """

    session: Word
    sent_ms: Milliseconds
    message: FromDevice


class AgentLetter(msgspec.Struct, frozen=True):
    """What the agent puts on the bus for one device.

    Attributes:
        session: the session that it is meant for.
        sent_ms: the moment of sending on the clock of that session, never ahead of it.
    """

    session: Word
    sent_ms: Milliseconds
    message: ToDevice

    def expires_ms(self, session: str) -> int | None:
        """Until when, on the clock of `session`, its command may be carried out.

        None when it was written for another session: then it must not be carried out at all.
        """
        if session != self.session or not isinstance(self.message, Unlock):
            return None
        return self.sent_ms + self.message.valid_for_ms


L = TypeVar("L", DeviceLetter, AgentLetter)

_encoder = msgspec.json.Encoder()
_from_device = msgspec.json.Decoder(DeviceLetter)
_to_device = msgspec.json.Decoder(AgentLetter)


def encode(letter: DeviceLetter | AgentLetter) -> bytes:
    """One frame for the bus: JSON."""
    return _encoder.encode(letter)


class NoLetter(ValueError):
    """A frame that is not of the message set."""


def decode_from_device(frame: bytes) -> DeviceLetter:
    """Read what a device sent; raises `NoLetter` when it is not of the set."""
    return _decode(_from_device, frame)


def decode_to_device(frame: bytes) -> AgentLetter:
    """Read what the agent sent; raises `NoLetter` when it is not of the set."""
    return _decode(_to_device, frame)


def _decode(decoder: "msgspec.json.Decoder[L]", frame: bytes) -> L:
    try:
        return decoder.decode(frame)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as err:
        raise NoLetter(str(err)) from err
