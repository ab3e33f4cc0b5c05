"""The named crash points: where `tests.faults.crashing` can kill a program.

A name is ``<part>.<step>:<moment>`` less the moment where only one makes sense. The point is a
function that the program looks up when it calls it: a method, or a function called within its own
module.
"""

from typing import Final

from tests.faults.crashing import Point

POINTS: Final[dict[str, Point]] = {
    "storage.group.begun": Point("edge_agent.storage.writer", "Writer._begin", "after"),
    "storage.unit.done": Point("edge_agent.storage.writer", "_Unit.perform", "after"),
    "storage.group.committed": Point("edge_agent.storage.writer", "Writer._commit_group", "after"),
    "storage.group.reported": Point("edge_agent.storage.writer", "Writer._report", "after"),
}
