"""What a person does with the floor plan of the console, by mouse and by keyboard."""

from math import dist
from typing import Final

from playwright.async_api import Page

from simulators.world.plan import Point

STEP_M: Final = 2.0
"""One arrow key with Shift; the plan's own number."""

OUTSIDE_M: Final = 7.0
"""From the middle of a shelf's zone to what is surely not it: half its diagonal, 3 m of doubt."""

_MOST_STEPS: Final = 30
"""More than any floor of ours has; an aim that is still wrong does not move."""

_LOCATED: Final = """() => {
  const plan = document.querySelector('[data-testid="floor-plan"]').getScreenCTM().inverse();
  return [...document.querySelectorAll('[data-testid^="person-"]:not(.unknown)')].map((person) => {
    const dot = person.querySelector('.body').getBoundingClientRect();
    const [x, y] = [dot.x + dot.width / 2, dot.y + dot.height / 2];
    const metres = new DOMPoint(x, y).matrixTransform(plan);
    const top = document.elementFromPoint(x, y)?.closest('[data-testid^="person-"]');
    return { id: person.dataset.testid.slice('person-'.length), x: metres.x, y: metres.y,
             pixel: [x, y], free: top === person };
  }).filter(({ free }) => free);
}"""
"""Who agreed to be located and can be taken: nobody stands before them."""

_PIXEL: Final = """([x, y]) => {
  const plan = document.querySelector('[data-testid="floor-plan"]');
  const at = new DOMPoint(x, y).matrixTransform(plan.getScreenCTM());
  return [at.x, at.y];
}"""

_AIM: Final = """(colour) => {
  const plan = document.querySelector('[data-testid="floor-plan"]');
  const aim = plan.querySelector(`.target[style*="${colour}"] .core`);
  return [aim.cx.baseVal.value, aim.cy.baseVal.value];
}"""


async def colour_of(console: Page, person: str) -> str:
    """Tells one person's marks on the plan from another's."""
    mark = console.get_by_test_id(f"person-{person}")
    return str(await mark.evaluate("(it) => it.style.getPropertyValue('--colour')"))


async def someone_outside(console: Page, place: Point, *, other_than: str = "") -> str:
    """The id of who is nearest to `place` (metres) of those whose visit there will be a new one."""
    handle = await console.wait_for_function(
        f"""([x, y, other]) => {{
          const far = (person) => Math.hypot(person.x - x, person.y - y) > {OUTSIDE_M};
          const people = ({_LOCATED})().filter((person) => far(person) && person.id !== other);
          return people.length > 0 && people;
        }}""",
        arg=[*place, other_than],
    )
    people = await handle.json_value()
    near = min(people, key=lambda person: dist((person["x"], person["y"]), place))
    return str(near["id"])


async def drag(console: Page, person: str, to: Point) -> None:
    """Take somebody by the mouse, carry them to `to` (metres), let go."""
    handle = await console.wait_for_function(
        f"(id) => ({_LOCATED})().find((person) => person.id === id)?.pixel", arg=person
    )
    await console.mouse.move(*await handle.json_value())
    await console.mouse.down()
    await console.mouse.move(*await console.evaluate(_PIXEL, list(to)), steps=8)
    await console.mouse.up()


async def send_by_keyboard(console: Page, person: str, to: Point) -> None:
    """Choose somebody, aim with the arrow keys at `to` (metres, hit within a step), press Enter."""
    await console.get_by_test_id(f"choose-{person}").press("Enter")
    colour = await colour_of(console, person)
    plan = console.get_by_test_id("floor-plan")
    await plan.focus()
    await plan.press("Shift+ArrowUp")
    for axis, keys in enumerate((("ArrowLeft", "ArrowRight"), ("ArrowUp", "ArrowDown"))):
        for _ in range(_MOST_STEPS):
            off = (await console.evaluate(_AIM, colour))[axis] - to[axis]
            if abs(off) <= STEP_M / 2:
                break
            await plan.press(f"Shift+{keys[0] if off > 0 else keys[1]}")
    await plan.press("Enter")
