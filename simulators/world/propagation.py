"""The radio weather of a shop floor, in numbers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Propagation:
    """How a building and the people in it treat 2.4 GHz.

    "The room" is `data/ble_tetam`: 12 receivers, one tag at 81 places for half an hour each, nobody
    about. `docs/concepts/simulated-radio.md` has what a copy of it made with these numbers does.

    Attributes:
        exponent: path loss per decade of distance is 10 times this; 2.0 in free space, 2.2 to 2.6
            on shop floors, 1.6 in the room, which is one hall.
        wall_db: what a plasterboard or shelf wall takes; 3 to 5 dB at 2.4 GHz.
        beacon_m: height of a beacon in a pocket or a hand above the floor.
        shadow_db: spread of what shelves and furniture do to a place for one receiver. The room's
            residual about its own path loss is 3.7 dB, of which the mean of three channels that
            fade each for itself makes about 2.
        shadow_m: the distance at which that has forgotten itself to 1/e: in the room the
            residuals of two places correlate by .45 at 1 to 2 m and .14 at 3 to 4 m.
        echoes: power of the direct wave through that of all echoes (Rice's K). 1 gives three
            channels that lie 2.9 dB apart (the room: median 2.9 dB, a tenth above 5).
        delay_s: mean delay of the echoes; 20 to 50 ns indoors. It decides how differently
            channels 37, 38 and 39 fade.
        stir_db: spread of what moving people do to the level.
        stir_s: over which that forgets itself; some steps at walking pace.
        noise_db: of one measurement of a controller; the room has .5 dB within a channel.
        own_body_db: what the carrier's own body takes when the receiver is right behind it; 5 to
            15 dB are published for 2.4 GHz.
        bystander_db: what each other body in the way takes.
        missed: share of adverts that a receiver misses for reasons of its own (change of channel,
            Wi-Fi); the room misses 8 to 10 %.
    """

    exponent: float = 2.2
    wall_db: float = 3.0
    beacon_m: float = 1.0
    shadow_db: float = 3.2
    shadow_m: float = 4.0
    echoes: float = 1.0
    delay_s: float = 30e-9
    stir_db: float = 1.5
    stir_s: float = 4.0
    noise_db: float = 0.5
    own_body_db: float = 6.0
    bystander_db: float = 3.0
    missed: float = 0.08


EMPTY_ROOM = Propagation(exponent=1.6, stir_db=0.5, own_body_db=0.0, missed=0.09)
"""The room of `data/ble_tetam` at night: nobody about, the tag on a stand."""
