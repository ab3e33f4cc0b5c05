"""A sighting: one receiver heard one transmitter once.

The word that receivers (bytes off the air, messages of other radios) and presence share.
"""

import msgspec


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """One advertisement as one receiver heard it. It carries no radio address.

    A frozen dataclass costs ten times as much to make, thousands of times a second.

    Attributes:
        receiver: the receiver's id in `store.toml`.
        identity: what the beacon says it is, such as ``ibeacon:<uuid>:<major>:<minor>``
            (canonical forms: `device_profiles.beacons`).
        rssi: dBm at the receiver, -126 to 0.
        power: dBm at 1 m as the beacon states it; None when it states none (or 0).
        at: seconds on the agent's monotonic clock when it was heard.
    """

    receiver: str
    identity: str
    rssi: float
    power: int | None
    at: float
