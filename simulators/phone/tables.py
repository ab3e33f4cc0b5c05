"""A floor of the mall as tables of a `store.toml`, so that an agent can follow its walks."""

import json
import re
from collections.abc import Iterator

from simulators.phone.mall import Floor


def tables(floor: Floor) -> Iterator[str]:
    """The lines of `[floor]`, `[[zones]]` and `[[beacons]]`."""
    yield "[floor]"
    yield f"width_m = {floor.width_m:.2f}"
    yield f"height_m = {floor.height_m:.2f}"
    taken: set[str] = set()
    for name, corners in floor.shops():
        zone = _word(name)
        if not zone or zone in taken:
            continue
        taken.add(zone)
        text = json.dumps(name, ensure_ascii=False)
        yield ""
        yield "[[zones]]"
        yield f'id = "{zone}"'
        yield f"name = {{ ko = {text}, en = {text} }}"
        yield 'kind = "shelf"'
        yield f"polygon = [{', '.join(f'[{x:.2f}, {y:.2f}]' for x, y in corners)}]"
    for identity, (x, y) in floor.beacons():
        yield ""
        yield "[[beacons]]"
        yield f'id = "mall-{identity.rpartition(":")[2]}"'
        yield 'role = "reference"'
        yield f'identity = "{identity}"'
        yield f"position = [{x:.2f}, {y:.2f}]"


def _word(name: str) -> str:
    """A name as `store.toml` wants ids; empty where nothing of it is left."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63]
