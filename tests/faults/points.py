"""The named crash points: where `tests.faults.crashing` can kill a program.

A name is ``<part>.<step>.<moment>`` less the moment where only one makes sense. The point is a
function that the program looks up when it calls it: a method, or a function called within its own
module.
"""

from typing import Final

from tests.faults.crashing import Point


def _around(name: str, module: str, function: str) -> dict[str, Point]:
    """Before it, and after it has returned."""
    return {
        f"{name}.before": Point(module, function, "before"),
        f"{name}.after": Point(module, function, "after"),
    }


POINTS: Final[dict[str, Point]] = {
    "storage.group.begun": Point("edge_agent.storage.writer", "Writer._begin", "after"),
    "storage.unit.done": Point("edge_agent.storage.intake", "Unit.perform", "after"),
    "storage.group.committed": Point("edge_agent.storage.writer", "Writer._commit_group", "after"),
    "storage.group.reported": Point("edge_agent.storage.writer", "Writer._report", "after"),
    "storage.commit.before": Point("edge_agent.storage.writer", "save_head", "after"),
    "storage.untold": Point("edge_agent.storage.writer", "Writer._report", "before"),
    **_around("dispatcher.batch", "edge_agent.storage.dispatcher", "Dispatcher._batch"),
    **_around("log.acknowledge", "edge_agent.storage.log", "acknowledge"),
    **_around("log.renumber", "edge_agent.storage.log", "grant"),
    "link.hello.before": Point("cloud_bridge.link.session", "Session._say_hello", "before"),
    **_around("link.heard", "cloud_bridge.link.session", "Session._apply"),
    **_around("link.batch", "cloud_bridge.link.session", "Session._send_batch"),
    **_around("mqtt.publish", "cloud_bridge.mqtt.connection", "Connection.publish"),
    **_around("inbox.command", "edge_agent.inbox", "StoreInbox.command"),
    "inbox.command.undone": Point("edge_agent.inbox", "StoreInbox._carry_out", "after"),
    **_around("inbox.delta", "edge_agent.inbox", "StoreInbox.delta"),
    "inbox.delta.undone": Point("edge_agent.inbox", "_apply", "after"),
    **_around("hub.hello", "cloud_bridge.hub.epochs", "answer_hello"),
    "hub.hello.answered": Point("cloud_bridge.hub.intake", "Intake._hello", "after"),
    **_around("hub.ingest", "cloud_bridge.hub.intake", "ingest"),
    "hub.facts.committed": Point("cloud_bridge.hub.intake", "Intake._facts", "after"),
    **_around("hub.answer", "cloud_bridge.hub.bridge", "Bridge._answer"),
    "hub.message.acknowledged": Point("cloud_bridge.hub.bridge", "Bridge._take", "after"),
    **_around("hub.command", "cloud_bridge.hub.commands", "append"),
    **_around("hub.stream", "cloud_bridge.hub.streams", "change"),
    **_around("hub.lease", "cloud_bridge.hub.told", "lease"),
    **_around("hub.say", "cloud_bridge.hub.bridge", "Bridge._say"),
    **_around("hub.told", "cloud_bridge.hub.told", "record"),
}
