"""The steps of taking settings from the cloud, as crash points (`tests.faults.crashing`).

python -m tests.faults.settings_points --at keep.before:2 edge-agent run --settings store.toml
"""

from typing import Final

from tests.faults.crashing import Point, main

_STEPS: Final = {
    "put": ("edge_agent.configuration.shelf", "Shelf.put"),
    "keep": ("edge_agent.configuration.shelf", "Shelf.keep"),
    "offer": ("edge_agent.configuration.store", "offer"),
    "judged": ("edge_agent.configuration.store", "judged"),
    "told": ("edge_agent.configuration.store", "first_told"),
    "record": ("edge_agent.configuration.service", "Configuration._record"),
    "restart": ("edge_agent.app", "Agent._start_anew"),
    "anew": ("edge_agent.configuration.starting", "start_anew"),
}

POINTS: Final = {
    f"{step}.{moment}": Point(*where, moment)
    for step, where in _STEPS.items()
    for moment in ("before", "after")
    if (step, moment) != ("anew", "after")  # it does not return
}

if __name__ == "__main__":
    main(POINTS)
