"""Writes docs/reference/asyncapi.json, the contract as AsyncAPI 3, from the structs of the wire.

`python -m tests.docs.asyncapi` brings the file up to date; a test holds it there. It is written
from the store's side: what a store sends, and what it receives.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from cloud_bridge.wire import facts
from cloud_bridge.wire.batch import MOST_FACTS
from cloud_bridge.wire.envelope import Command, Event, Lane
from cloud_bridge.wire.facts import Payload
from cloud_bridge.wire.messages import (
    ORDERS,
    PEOPLE,
    Ack,
    Ask,
    Chunk,
    Delta,
    Differs,
    Hello,
    Standings,
    Status,
    Taken,
)
from cloud_bridge.wire.sealing import Sealed
from cloud_bridge.wire.streams import config, coupons, orders, shoppers
from cloud_bridge.wire.topics import STORE_ID, StoreTopics

FILE = Path(__file__).parents[2] / "docs" / "reference" / "asyncapi.json"

Json = dict[str, Any]

MESSAGES: Final[Mapping[str, Any]] = {
    "Facts": list[Event],
    "Hello": Hello,
    "Ask": Ask,
    "Status": Status,
    "Ack": Ack,
    "Commands": list[Command],
    "Delta": Delta,
    "Chunk": Chunk,
    "Differs": Differs,
    "Taken": Taken,
    "Standings": Standings,
}
"""Each message by its name, and how it is read."""

COMMANDS: Final[Mapping[str, type]] = {
    orders.PlaceOrder.TYPE: orders.PlaceOrder,
    orders.CancelOrder.TYPE: orders.CancelOrder,
}

ITEMS: Final[Mapping[str, type]] = {
    coupons.STREAM: coupons.Campaign,
    shoppers.STREAM: shoppers.Shopper,
    config.STREAM: config.SignedSettings,
}
"""What each state stream holds."""


@dataclass(frozen=True)
class Channel:
    """A topic, and what travels on it: to the hub, or from it."""

    address: str
    up: bool
    messages: tuple[str, ...]
    retained: bool = False


_TOPICS: Final = StoreTopics("store")

CHANNELS: Final[Mapping[str, Channel]] = {
    "up": Channel(_TOPICS.up("{lane}"), up=True, messages=("Facts",)),
    "hello": Channel(_TOPICS.hello, up=True, messages=("Hello",)),
    "ask": Channel(_TOPICS.ask, up=True, messages=("Ask",)),
    "status": Channel(_TOPICS.status, up=True, messages=("Status",), retained=True),
    "ack": Channel(_TOPICS.ack, up=False, messages=("Ack",)),
    "commands": Channel(_TOPICS.down(orders.STREAM), up=False, messages=("Commands",)),
    "stream": Channel(_TOPICS.down("{stream}"), up=False, messages=("Delta", "Chunk", "Differs")),
    "people": Channel(_TOPICS.down(PEOPLE), up=False, messages=("Taken",)),
    "orders": Channel(_TOPICS.down(ORDERS), up=False, messages=("Standings",)),
}

PARAMETERS: Final[Mapping[str, Json]] = {
    "store": {"description": f"The store's id: {STORE_ID.pattern}, and not hub."},
    "lane": {"enum": [str(lane) for lane in Lane]},
    "stream": {"enum": list(ITEMS)},
}


def document() -> Json:
    """The whole of it."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Aisle: a store and the cloud",
            "version": "1",
            "description": "Drawn from cloud_bridge/wire by `python -m tests.docs.asyncapi`; do not"
            " edit. contract.md says what holds beyond the shapes. The root of the topics, here"
            " aisle/v1, is configurable.",
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(each) for name, each in CHANNELS.items()},
        "operations": {name: _operation(name, each) for name, each in CHANNELS.items()},
        "components": {
            "messages": {name: _message(name, shape) for name, shape in MESSAGES.items()},
            "schemas": _schemas(),
        },
    }


def payloads() -> Iterator[type[Payload]]:
    """What facts say, by family."""
    for module in pkgutil.iter_modules(facts.__path__, f"{facts.__name__}."):
        for _, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            own = found.__module__ == module.name
            if own and issubclass(found, Payload) and hasattr(found, "TYPE"):
                yield found


def _channel(channel: Channel) -> Json:
    address = channel.address.replace("/store/", "/{store}/")
    named = {name: each for name, each in PARAMETERS.items() if f"{{{name}}}" in address}
    messages = {name: {"$ref": f"#/components/messages/{name}"} for name in channel.messages}
    return {"address": address, "parameters": named, "messages": messages}


def _operation(name: str, channel: Channel) -> Json:
    return {
        "action": "send" if channel.up else "receive",
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"#/channels/{name}/messages/{each}"} for each in channel.messages],
        "bindings": {"mqtt": {"qos": 1, "retain": channel.retained, "bindingVersion": "0.2.0"}},
    }


def _message(name: str, shape: Any) -> Json:  # noqa: ANN401 - a type, or a list of one
    if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
        return {"name": name, "payload": _ref(name)}
    (item,) = shape.__args__
    several = {"type": "array", "minItems": 1, "items": _ref(item.__name__)}
    return {"name": name, "payload": several | ({"maxItems": MOST_FACTS} if item is Event else {})}


def _schemas() -> Json:
    known = sorted(payloads(), key=lambda each: each.TYPE)
    shapes = [*MESSAGES.values(), *COMMANDS.values(), *ITEMS.values(), Sealed, *known]
    refs, schemas = msgspec.json.schema_components(
        shapes, ref_template="#/components/schemas/{name}"
    )
    of = dict(zip(map(str, shapes), refs, strict=True))
    schemas["Event"]["allOf"] = [_when("type", one.TYPE, data=_data(one, of)) for one in known]
    schemas["Command"]["allOf"] = [
        _when("type", kind, data=of[str(one)]) for kind, one in COMMANDS.items()
    ]
    schemas["Delta"]["allOf"] = [
        _when("stream", stream, changes=_changes(of[str(one)])) for stream, one in ITEMS.items()
    ]
    return {name: _described(schemas[name]) for name in sorted(schemas)}


def _data(payload: type[Payload], of: Mapping[str, Json]) -> Json:
    """Open, or with what is personal under a seal."""
    if not (payload.PERSON or payload.PERSONAL):
        return of[str(payload)]
    sealed = {"properties": {"sealed": of[str(Sealed)]}}
    return {"if": {"required": ["sealed"]}, "then": sealed, "else": of[str(payload)]}


def _changes(item: Json) -> Json:
    return {"items": {"properties": {"item": {"anyOf": [item, {"type": "null"}]}}}}


def _when(field: str, value: str, **properties: Json) -> Json:
    condition = {"required": [field], "properties": {field: {"const": value}}}
    return {"if": condition, "then": {"properties": properties}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _described(schema: Json) -> Json:
    """With the docstring as it reads, and no word of who inherits what."""
    if "description" in schema:
        schema["description"] = inspect.cleandoc(schema["description"])
    return schema


def render() -> str:
    """The text of the file."""
    return msgspec.json.format(msgspec.json.encode(document()), indent=2).decode() + "\n"


if __name__ == "__main__":
    FILE.write_text(render(), "utf-8")
