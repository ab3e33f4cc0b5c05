"""What must hold between the fields of the settings, and between them and the machine."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from device_profiles.lockers.profile import BadProfile, load, load_file
from edge_agent.own_beacons import beacon_checks
from edge_agent.public_key import read_public_key
from edge_agent.secret_file import read_secret
from edge_agent.settings import Catalogue, Locker, Receiver, Settings
from edge_agent.toml_lines import Path as KeyPath

LEAST_KEY_LENGTH = 16
"""Characters of a sign-in or API key: 80 bits in base32, out of reach of guessing over HTTP."""

HIGHEST_PORT = 65535

TAKEN_WORDS = frozenset({"console", "desk", "staff"})
"""What a scan says in place of a bank: the pickup desk, and who may scan anywhere."""

Problem = tuple[KeyPath, str]
"""Which key, and what is wrong with it and the remedy."""


def cross_checks(settings: Settings) -> Iterator[Problem]:
    """What no single field of `store.toml` can tell."""
    yield from _store_checks(settings)
    for table in ("zones", "receivers", "beacons", "lockers", "mirrors"):
        yield from _twins(table, "id", [one.id for one in getattr(settings, table)])
    zones = {zone.id for zone in settings.zones}
    for place, mirror in enumerate(settings.mirrors):
        if mirror.zone not in zones:
            text = f"mirror {mirror.id!r} names zone {mirror.zone!r}, which no [[zones]] defines"
            yield ("mirrors", place, "zone"), text
    yield from _receiver_checks(settings)
    yield from _twins("beacons", "identity", [one.identity for one in settings.beacons])
    yield from beacon_checks(settings)
    yield from _locker_checks(settings)
    yield from _floor_checks(settings)
    yield from _access_checks(settings)
    yield from _password_checks(settings)
    file = settings.configuration.signing_key_file
    if file is not None:
        _, problem = read_public_key(file)
        if problem:
            yield ("configuration", "signing_key_file"), problem


def _store_checks(settings: Settings) -> Iterator[Problem]:
    if settings.store.id == "hub":
        yield ("store", "id"), "'hub' is reserved on the wire: give the store another id"
    if not _is_timezone(settings.store.timezone):
        text = f"{settings.store.timezone!r} is no IANA time zone: write one like Asia/Seoul"
        yield ("store", "timezone"), text
    taken = sum(settings.storage.shares.by_lane().values())
    if taken > 100:  # noqa: PLR2004 - percent
        yield ("storage", "shares"), f"the shares make {taken} percent: 100 at most"
    if settings.shoppers.night_from == settings.shoppers.night_until:
        yield ("shoppers", "night_until"), "the night ends as it begins: there would be none"
    for table, listen in (
        ("http", settings.http.listen),
        ("device_bus", settings.device_bus.listen),
    ):
        if not 0 < int(listen.rpartition(":")[2]) <= HIGHEST_PORT:
            yield (table, "listen"), f"{listen!r}: a port is a number from 1 to {HIGHEST_PORT}"
    if not _is_loopback(settings.http.host) and not settings.http.public_url.startswith("https://"):
        text = (
            f"{settings.http.listen!r} is reachable from outside: put TLS in front and name it in "
            '`public_url = "https://…"`, or listen on 127.0.0.1'
        )
        yield ("http", "listen"), text


def _is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown, no name at all, a folder
        return False
    return True


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _twins(table: str, key: str, values: list[str]) -> Iterator[Problem]:
    seen: Counter[str] = Counter()
    for place, one in enumerate(values):
        seen[one] += 1
        if one and seen[one] == 2:  # noqa: PLR2004 - the second of its name
            yield (
                (table, place, key),
                f"{key} {one!r} stands twice in [[{table}]]: each has its own",
            )


def _receiver_checks(settings: Settings) -> Iterator[Problem]:
    for field in ("adapter", "gateway", "node"):
        yield from _twins("receivers", field, [getattr(one, field) for one in settings.receivers])
    proxies = [f"{one.host}:{one.port}" if one.host else "" for one in settings.receivers]
    yield from _twins("receivers", "host", proxies)
    for place, receiver in enumerate(settings.receivers):
        path: KeyPath = ("receivers", place)
        needed = RECEIVER_FIELDS[receiver.kind]
        for field in (*RECEIVER_FIELDS.values(), "key_file"):
            yield from _receiver_field(receiver, field, path)
        if needed in {"gateway", "node"} and settings.store_broker is None:
            text = f"receiver {receiver.id!r} reports over the store broker: add [store_broker]"
            yield path, text
        if receiver.key_file is not None:
            _, problem = read_secret(receiver.key_file)
            if problem:
                yield (*path, "key_file"), problem


RECEIVER_FIELDS: Mapping[str, str] = {
    "bluez": "adapter",
    "omg": "gateway",
    "espresense": "node",
    "esphome": "host",
    "gateway": "device",
}
"""What each kind of receiver is found by; the others' fields mean nothing to it."""


def _receiver_field(receiver: Receiver, field: str, path: KeyPath) -> Iterator[Problem]:
    kind, needed = receiver.kind, RECEIVER_FIELDS[receiver.kind]
    given = bool(getattr(receiver, field))
    if field == needed and not given:
        yield path, f"receiver {receiver.id!r} is of kind {kind}: name its `{field}`"
    allowed = field == needed or (field, kind) == ("key_file", "esphome")
    if given and not allowed:
        text = f"`{field}` means nothing to a receiver of kind {kind}: it has `{needed}`"
        yield (*path, field), text


def _locker_checks(settings: Settings) -> Iterator[Problem]:
    yield from _twins("lockers", "serial", [str(one.serial) for one in settings.lockers])
    for place, bank in enumerate(settings.lockers):
        if bank.id in TAKEN_WORDS:
            yield ("lockers", place, "id"), f"{bank.id!r} means no bank: paint another id on it"
        try:
            most = _profile_boards(bank)
        except BadProfile as err:
            yield ("lockers", place, "profile" if bank.profile else "family"), str(err)
            continue
        if bank.boards > most:
            text = f"a line of {bank.family} takes {most} boards, not {bank.boards}"
            yield ("lockers", place, "boards"), text


def _profile_boards(bank: Locker) -> int:
    return (load_file(bank.profile) if bank.profile else load(bank.family)).sizes.boards


def _floor_checks(settings: Settings) -> Iterator[Problem]:
    points: Iterable[tuple[KeyPath, tuple[float, float]]] = [
        *(
            (("zones", z, "polygon"), p)
            for z, zone in enumerate(settings.zones)
            for p in zone.polygon
        ),
        *((("receivers", i, "position"), one.position) for i, one in enumerate(settings.receivers)),
        *((("lockers", i, "position"), one.position) for i, one in enumerate(settings.lockers)),
        *(
            (("beacons", i, "position"), one.position)
            for i, one in enumerate(settings.beacons)
            if one.position is not None
        ),
        *((("mirrors", i, "position"), one.position) for i, one in enumerate(settings.mirrors)),
    ]
    for path, (x, y) in points:
        if x > settings.floor.width_m or y > settings.floor.height_m:
            size = f"{settings.floor.width_m:g} x {settings.floor.height_m:g} m"
            yield path, f"({x:g}, {y:g}) lies outside the floor of {size}"


def _access_checks(settings: Settings) -> Iterator[Problem]:
    for place, access in enumerate(settings.access):
        path: KeyPath = ("access", place, "key_file")
        key, problem = read_secret(access.key_file)
        if problem:
            yield path, problem
        elif len(key) < LEAST_KEY_LENGTH:
            text = f"the key in {access.key_file} is shorter than {LEAST_KEY_LENGTH} characters"
            yield path, text


def _password_checks(settings: Settings) -> Iterator[Problem]:
    if settings.simulator is not None:
        _, problem = read_secret(settings.simulator.key_file)
        if problem:
            yield ("simulator", "key_file"), problem
    for table, broker in (("cloud", settings.cloud), ("store_broker", settings.store_broker)):
        if broker is not None and broker.password_file is not None:
            _, problem = read_secret(broker.password_file)
            if problem:
                yield (table, "password_file"), problem


def campaign_checks(settings: Settings, catalogue: Catalogue) -> Iterator[Problem]:
    """Whether the demo's campaigns fit the store's zones and articles."""
    zones = {zone.id for zone in settings.zones}
    known = {article.style for article in catalogue.articles}
    yield from _twins("campaigns", "id", [campaign.id for campaign in settings.campaigns])
    for place, campaign in enumerate(settings.campaigns):
        if campaign.zone not in zones:
            text = f"campaign {campaign.id!r} names zone {campaign.zone!r}, which no [[zones]] has"
            yield ("campaigns", place, "zone"), text
        for style in campaign.styles:
            if style not in known:
                text = f"campaign {campaign.id!r} names style {style!r}, not in the catalogue"
                yield ("campaigns", place, "styles"), text


def catalogue_checks(settings: Settings, catalogue: Catalogue) -> Iterator[Problem]:
    """What no single field of the catalogue can tell."""
    zones = {zone.id for zone in settings.zones}
    yield from _twins("articles", "gtin", [article.gtin for article in catalogue.articles])
    for place, article in enumerate(catalogue.articles):
        if not _check_digit_fits(article.gtin):
            text = f"GTIN {article.gtin} has a wrong check digit: type it again from the label"
            yield ("articles", place, "gtin"), text
        if article.zone not in zones:
            text = (
                f"article {article.gtin} lies in zone {article.zone!r}, which is not in [[zones]]"
            )
            yield ("articles", place, "zone"), text


def _check_digit_fits(gtin: str) -> bool:
    """GS1 General Specifications, section 7.9: weights 1 and 3 from the left of a GTIN-13."""
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(gtin)) % 10 == 0
