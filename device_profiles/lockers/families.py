"""The families we have a driver for, by the name of their folder."""

from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Mapping
from types import MappingProxyType

from device_profiles.lockers.board import Driver
from device_profiles.lockers.kerong_cu16.driver import Cu16Driver
from device_profiles.lockers.profile import BadProfile, Profile

OpenDriver = Callable[[StreamReader, StreamWriter, Profile], Driver]

FAMILIES: Mapping[str, OpenDriver] = MappingProxyType({"kerong_cu16": Cu16Driver})


def driver_for(profile: Profile) -> OpenDriver:
    """What makes a driver for this profile's family; raises `BadProfile`."""
    try:
        return FAMILIES[profile.family]
    except KeyError as err:
        text = f"{profile.family!r} has no driver; there are {', '.join(FAMILIES)}"
        raise BadProfile(text) from err
