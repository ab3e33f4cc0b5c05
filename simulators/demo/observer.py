"""Eyes on the screens: what the badge, the mirrors and the console say, written down."""

import asyncio
from typing import Any

from simulators.demo.live import Values
from simulators.demo.scene import Scene


async def watch_screens(scene: Scene) -> None:
    """Follow console, staff page and mirrors, and note what changes; runs for ever."""
    async with asyncio.TaskGroup() as tasks:
        for view in (scene.console, scene.staff, *scene.views.values()):
            tasks.create_task(view.follow(), name="screen")
        tasks.create_task(_watch_badge(scene), name="badge")
        for mirror in scene.views:
            tasks.create_task(_watch_mirror(scene, mirror), name=f"mirror {mirror}")


QUIET_S = 1.0
"""Without news for so long, nothing is on its way between the agent's log and its pages."""


async def caught_up(scene: Scene) -> None:
    """Wait until the console says, and goes on saying, that the cloud has every fact.

    The caller sets the deadline.
    """
    while True:
        await scene.console.until(lambda seen: _link(seen).get("waiting") == 0)
        try:
            async with asyncio.timeout(QUIET_S):
                await scene.console.until(lambda seen: _link(seen).get("waiting") != 0)
        except TimeoutError:
            return


def note_reception(scene: Scene) -> None:
    """Write down what the agent says it has heard so far."""
    radio = scene.console.values.get("radio", {})
    scene.journal.note(
        "console_radio",
        heard=radio.get("heard", 0),
        decoded=radio.get("decoded", {}),
        ignored=radio.get("ignored", []),
        receivers=radio.get("receivers", []),
    )


async def _watch_badge(scene: Scene) -> None:
    shown = ""

    def other(seen: Values) -> str | None:
        cloud = _link(seen).get("cloud")
        return cloud if cloud != shown else None

    while True:
        shown = await scene.console.until(other)
        scene.journal.note("badge", cloud=shown)


async def _watch_mirror(scene: Scene, mirror: str) -> None:
    known: set[tuple[str, str]] = set()
    view = scene.views[mirror]

    def fresh(seen: Values) -> list[tuple[str, str]]:
        return [each for each in _shown(seen.get("mirror") or {}) if each not in known]

    while True:
        for what, which in await view.until(fresh):
            known.add((what, which))
            scene.journal.note(f"mirror_showed_{what}", mirror=mirror, **{what: which})


def _shown(mirror: Values) -> list[tuple[str, str]]:
    items = [("item", item["gtin"]) for item in mirror.get("items", [])]
    offer: dict[str, Any] | None = mirror.get("offer")
    return [*items, ("offer", offer["campaign"])] if offer else items


def _link(seen: Values) -> Values:
    link: Values = seen.get("link", {})
    return link
