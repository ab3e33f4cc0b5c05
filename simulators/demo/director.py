"""What nobody in the store decides: orders come in, the cloud goes and comes back."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from simulators.demo.household import Household
from simulators.demo.journal import wall_time
from simulators.demo.persons import Person
from simulators.demo.scene import Scene
from simulators.demo.story import OrderPlan, Outage

CLOUDLESS = frozenset({"cloudless-pay", "cloudless-collect"})
"""What must have been done before the cloud may come back, unless the latest moment is there."""

COLLECT_WITHIN = timedelta(days=2)


async def place_orders(scene: Scene, orders: tuple[OrderPlan, ...]) -> None:
    """Customers order from the retailer's own shop, each at their moment."""
    for plan in sorted(orders, key=lambda plan: plan.at):
        await scene.at(plan.at)
        person = scene.people[plan.guest]
        await scene.hub.place(scene.store, order_body(person, plan))
        scene.journal.note("order_placed", order=plan.order, person=plan.guest, desk=plan.desk)


async def break_cloud(scene: Scene, household: Household, outage: Outage) -> None:
    """Kill the cloud broker in mid-story; bring it back, empty, when the store has shown itself."""
    await scene.at(outage.begins)
    await household.cloud_broker.kill()
    scene.journal.note("cloud_died")
    await scene.at(outage.earliest_end)
    await scene.watch(lambda: scene.done >= CLOUDLESS or scene.seconds >= outage.latest_end)
    await household.restore_cloud()
    scene.journal.note("cloud_back", while_away=sorted(scene.done & CLOUDLESS))


def order_body(person: Person, plan: OrderPlan) -> Mapping[str, Any]:
    """An order as the hub takes it."""
    return {
        "order": plan.order,
        "lines": [
            {
                "gtin": article.gtin,
                "quantity": quantity,
                "name": dict(article.name),
                "size": article.size,
            }
            for article, quantity in plan.lines
        ],
        "shopper": person.shopper,
        "collector": person.guest.full_name,
        "phone_last4": plan.phone_last4,
        "language": person.guest.language,
        "collect_by": (wall_time() + COLLECT_WITHIN).isoformat(),
    }
