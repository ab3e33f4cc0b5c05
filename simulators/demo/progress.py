"""What happens in a headless story, a line each, for who waits for its end."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

LINES: Final[Mapping[str, str]] = {
    "published": "campaign {campaign} is published for {zone}",
    "enrolled": "clerk enrolled {person} ({location})",
    "opened": "the store is open",
    "order_placed": "order {order} placed for {person}",
    "picked": "clerk picked order {order}",
    "bag_put_in": "clerk put order {order} into compartment {door}",
    "kept_at_desk": "clerk keeps order {order} at the desk",
    "door_stayed_shut": "compartment {door} stayed shut, order {order} is still in hand",
    "arrival_seen": "clerk sees that somebody came for order {order}",
    "handed_over_at_desk": "clerk handed order {order} over at the desk",
    "refused": "clerk could not go on with order {order}: {reason}",
    "came_in": "{person} came in",
    "stands_at_shelf": "{person} stands at {zone}",
    "phone_showed_coupon": "{person} sees a coupon of {campaign} on the phone",
    "before_mirror": "{person} holds something before mirror {mirror}",
    "mirror_showed_item": "mirror {mirror} shows article {item}",
    "mirror_showed_offer": "mirror {mirror} shows the offer of {offer}",
    "redeemed": "{person} redeemed a coupon at the till",
    "bought": "{person} paid",
    "was_not_noticed": "{person} was not noticed at the pickup zone",
    "arrival_shown": "{person} is expected for order {order}",
    "pass_shown": "{person} showed the pass for order {order}",
    "goods_taken": "{person} took order {order} from compartment {door}",
    "got_goods_at_desk": "{person} got order {order} at the desk",
    "order_done": "order {order} is collected",
    "gave_up": "{person} gave up ({errand}): {reason}",
    "left": "{person} left",
    "badge": "the pages say: cloud {cloud}",
    "cloud_died": "the cloud broker is killed",
    "cloud_back": "the cloud broker is back, empty",
    "sabotaged": "sabotage: {what}",
    "curtain_fell": "time is up; not finished: {unfinished}",
    "not_caught_up": "the cloud had not caught up in time",
}
"""Each event of the actors' journal that is told; the others are too long for a line."""


class Progress:
    """Tells the events of the actors' journal with the seconds since the start of the program."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._began = time.monotonic()

    def __call__(self, event: str, what: Mapping[str, Any]) -> None:
        """Tell `event`."""
        line = LINES.get(event)
        if line is None:
            return
        seconds = time.monotonic() - self._began
        words = {name: _in_words(value) for name, value in what.items()}
        self._say(f"{seconds:5.1f} s  {line.format_map(words)}")


def _in_words(value: object) -> str:
    match value:
        case bool():
            return "agreed to be located" if value else "is not to be located"
        case list():
            return ", ".join(map(str, value))
        case _:
            return str(value)
