"""Published settings in the database, and in the `config` stream of their store."""

from typing import TypeVar

import msgspec

from cloud_bridge.hub import streams
from cloud_bridge.hub.database import Row, Tx
from cloud_bridge.hub.errors import Refused
from cloud_bridge.wire.envelope import Event
from cloud_bridge.wire.facts.upkeep import (
    ConfigurationApplied,
    ConfigurationPayload,
    ConfigurationRefused,
    ConfigurationRolledBack,
    ConfigurationTried,
)
from cloud_bridge.wire.messages import Change
from cloud_bridge.wire.streams.config import STREAM, SignedSettings

P = TypeVar("P", bound=ConfigurationPayload)

SHOWN = 10
"""Versions of a store in a list: the newest. Older ones are let go of."""


class ConfigurationView(msgspec.Struct, frozen=True, kw_only=True):
    """A published version, as programs and pages see it.

    Attributes:
        state: ``published`` (the store has not said anything yet), ``tried``, ``applied``,
            ``refused`` or ``rolled_back``.
        detail: why, in the store's words.
    """

    store: str
    version: int
    published_at: str
    state: str
    detail: str


async def publish(tx: Tx, store: str, signed: SignedSettings, now: str) -> None:
    """Hand settings to their store; the same again changes nothing.

    Raises:
        Refused: ``version_too_low``: another of this version or a higher one was published.
    """
    raw = msgspec.json.encode(signed).decode()
    newest = await tx.row(
        "SELECT version, raw FROM configuration WHERE store = $1 ORDER BY version DESC LIMIT 1",
        store,
    )
    if newest is not None and signed.version <= newest["version"]:
        if newest["raw"] == raw:
            return
        code, text = "version_too_low", f"version {newest['version']} was published before"
        raise Refused(code, text, status=409)
    await tx.execute(
        "INSERT INTO configuration (store, version, raw, published_at) VALUES ($1, $2, $3, $4)",
        store,
        signed.version,
        raw,
        now,
    )
    await tx.execute(
        "DELETE FROM configuration WHERE store = $1 AND version NOT IN ("
        "SELECT version FROM configuration WHERE store = $1 ORDER BY version DESC LIMIT $2)",
        store,
        SHOWN,
    )
    change = Change(key=signed.id, item=msgspec.Raw(raw.encode()))
    await streams.change(tx, store, STREAM, [change])


async def listed(tx: Tx, store: str) -> list[ConfigurationView]:
    """A store's newest versions, newest first."""
    rows = await tx.rows(
        "SELECT store, version, published_at, state, detail FROM configuration"
        " WHERE store = $1 ORDER BY version DESC LIMIT $2",
        store,
        SHOWN,
    )
    return [_view(row) for row in rows]


async def newest(tx: Tx) -> list[ConfigurationView]:
    """Of each store that was ever given settings, the newest version."""
    rows = await tx.rows(
        "SELECT store, version, published_at, state, detail FROM configuration AS one"
        " WHERE version = (SELECT max(version) FROM configuration AS other"
        " WHERE other.store = one.store) ORDER BY store"
    )
    return [_view(row) for row in rows]


def _view(row: Row) -> ConfigurationView:
    return ConfigurationView(**{name: row[name] for name in ConfigurationView.__struct_fields__})


async def _become(tx: Tx, store: str, version: int, state: str, detail: str = "") -> None:
    await tx.execute(
        "UPDATE configuration SET state = $3, detail = $4 WHERE store = $1 AND version = $2",
        store,
        version,
        state,
        detail,
    )


async def tried(tx: Tx, store: str, event: Event, _now: str) -> None:
    """Effect of `ConfigurationTried`."""
    await _become(tx, store, _read(event, ConfigurationTried).version, "tried")


async def applied(tx: Tx, store: str, event: Event, _now: str) -> None:
    """Effect of `ConfigurationApplied`."""
    await _become(tx, store, _read(event, ConfigurationApplied).version, "applied")


async def refused(tx: Tx, store: str, event: Event, _now: str) -> None:
    """Effect of `ConfigurationRefused`."""
    said = _read(event, ConfigurationRefused)
    await _become(tx, store, said.version, "refused", "; ".join([said.reason, *said.problems]))


async def rolled_back(tx: Tx, store: str, event: Event, _now: str) -> None:
    """Effect of `ConfigurationRolledBack`."""
    said = _read(event, ConfigurationRolledBack)
    await _become(tx, store, said.version, "rolled_back", f"{said.reason}: {said.detail}")


def _read(event: Event, kind: type[P]) -> P:
    return msgspec.json.decode(event.data, type=kind)


EFFECTS = {
    ConfigurationTried.TYPE: tried,
    ConfigurationApplied.TYPE: applied,
    ConfigurationRefused.TYPE: refused,
    ConfigurationRolledBack.TYPE: rolled_back,
}
