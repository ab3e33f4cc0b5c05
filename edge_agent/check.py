"""Reads `store.toml` and says every mistake in it: file, line, and what to do."""

import stat
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar, get_args, get_origin

import msgspec
from typing_extensions import override

from edge_agent.kernel.errors import AisleError
from edge_agent.settings import Catalogue, Settings, Table
from edge_agent.toml_lines import Path as KeyPath
from edge_agent.toml_lines import line_of, lines_by_path

LEAST_KEY_LENGTH = 16
"""Characters of a sign-in or API key: 80 bits in base32, out of reach of guessing over HTTP."""

T = TypeVar("T", bound=Table)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to mend: where, what, and the remedy."""

    file: Path
    line: int
    text: str

    @override
    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class BadSettings(AisleError):
    """The settings cannot be used; `mistakes` lists all that were found."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


def load(file: Path) -> tuple[Settings, Catalogue]:
    """The settings and the catalogue that they name, with paths made absolute.

    Raises:
        BadSettings: with every mistake that was found, never only the first.
    """
    settings, mistakes, at = _read(file, Settings)
    if settings is None:
        raise BadSettings(mistakes)
    mistakes += [Mistake(file, at(path), text) for path, text in _cross_checks(settings)]
    catalogue, more, at = _read(settings.catalogue.file, Catalogue)
    mistakes += more
    if catalogue is None:
        raise BadSettings(mistakes)
    mistakes += [
        Mistake(settings.catalogue.file, at(path), text)
        for path, text in _catalogue_checks(settings, catalogue)
    ]
    if mistakes:
        raise BadSettings(mistakes)
    return settings, catalogue


def _read(file: Path, kind: type[T]) -> tuple[T | None, list[Mistake], Callable[[KeyPath], int]]:
    try:
        text = file.read_text("utf-8")
        tree = tomllib.loads(text)
    except OSError as err:
        return None, [Mistake(file, 1, f"cannot be read: {err.strerror}")], lambda _: 1
    except UnicodeDecodeError:
        return None, [Mistake(file, 1, "is not UTF-8 text: save it as UTF-8")], lambda _: 1
    except tomllib.TOMLDecodeError as err:
        line = getattr(err, "lineno", None) or _line_in(str(err))
        return None, [Mistake(file, line, f"is not TOML: {err}")], lambda _: 1
    lines = lines_by_path(text)

    def at(path: KeyPath) -> int:
        return line_of(lines, path)

    def resolve(target: type, value: object) -> object:
        if target is Path and isinstance(value, str):
            return (file.parent / value).absolute()
        msg = f"Expected `{target.__name__}`"
        raise TypeError(msg)

    mistakes = [
        Mistake(file, at(path), problem) for path, problem in _problems(tree, kind, (), resolve)
    ]
    if mistakes:
        return None, mistakes, at
    return msgspec.convert(tree, kind, dec_hook=resolve), [], at


def _line_in(message: str) -> int:
    _, _, tail = message.partition("at line ")
    digits = tail.split(",")[0]
    return int(digits) if digits.isdigit() else 1


Problem = tuple[KeyPath, str]


def _problems(
    tree: object,
    kind: object,
    path: KeyPath,
    hook: Callable[[type, object], object],
) -> Iterator[Problem]:
    """Every mistake below `path`, one for each key at the most."""
    struct = _struct_of(kind)
    if struct is not None and isinstance(tree, dict):
        yield from _table_problems(tree, struct, path, hook)
    elif get_origin(kind) is list and isinstance(tree, list) and _struct_of(get_args(kind)[0]):
        for place, element in enumerate(tree):
            yield from _problems(element, get_args(kind)[0], (*path, place), hook)
    else:
        try:
            msgspec.convert(tree, kind, dec_hook=hook)
        except msgspec.ValidationError as err:
            reason, _, _ = str(err).partition(" - at `")
            yield path, f"`{_dotted(path)}`: {reason[0].lower()}{reason[1:]}{_hint(kind)}"


def _table_problems(
    tree: dict[str, object],
    struct: type[Table],
    path: KeyPath,
    hook: Callable[[type, object], object],
) -> Iterator[Problem]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    for key in tree.keys() - fields.keys():
        near = ", ".join(sorted(fields))
        yield (*path, key), f"`{_dotted((*path, key))}` is not known here: use one of {near}"
    for name, field in fields.items():
        if name in tree:
            yield from _problems(tree[name], field.type, (*path, name), hook)
        elif field.required:
            where = f"[{_dotted(path)}]" if path else "the file"
            yield path, f"{where} lacks `{name}`{_hint(field.type)}"


def _struct_of(kind: object) -> type[Table] | None:
    for one in (kind, *get_args(kind)):
        if isinstance(one, type) and issubclass(one, Table):
            return one if get_origin(kind) is not list else None
    return None


def _hint(kind: object) -> str:
    meta = [one for one in getattr(kind, "__metadata__", ()) if isinstance(one, msgspec.Meta)]
    text = next((one.description for one in meta if one.description), "")
    return f" ({text})" if text else ""


def _dotted(path: KeyPath) -> str:
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _cross_checks(settings: Settings) -> Iterator[Problem]:
    yield from _store_checks(settings)
    for table in ("zones", "receivers", "lockers", "mirrors"):
        yield from _twins(table, [one.id for one in getattr(settings, table)])
    zones = {zone.id for zone in settings.zones}
    for place, mirror in enumerate(settings.mirrors):
        if mirror.zone not in zones:
            text = f"mirror {mirror.id!r} names zone {mirror.zone!r}, which no [[zones]] defines"
            yield ("mirrors", place, "zone"), text
    yield from _receiver_checks(settings)
    yield from _floor_checks(settings)
    yield from _access_checks(settings)


def _store_checks(settings: Settings) -> Iterator[Problem]:
    if settings.store.id == "hub":
        yield ("store", "id"), "'hub' is reserved on the wire: give the store another id"
    if not _is_loopback(settings.http.host) and not settings.http.public_url.startswith("https://"):
        text = (
            f"{settings.http.listen!r} is reachable from outside: put TLS in front and name it in "
            '`public_url = "https://…"`, or listen on 127.0.0.1'
        )
        yield ("http", "listen"), text


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _twins(table: str, ids: list[str]) -> Iterator[Problem]:
    seen: Counter[str] = Counter()
    for place, one in enumerate(ids):
        seen[one] += 1
        if seen[one] == 2:  # noqa: PLR2004 - the second of its name
            yield (table, place, "id"), f"id {one!r} stands twice in [[{table}]]: ids are unique"


def _receiver_checks(settings: Settings) -> Iterator[Problem]:
    for place, receiver in enumerate(settings.receivers):
        path: KeyPath = ("receivers", place)
        if receiver.kind == "bluez" and not receiver.adapter:
            yield path, f"receiver {receiver.id!r} is a bluez one: name its `adapter`, like hci0"
        if receiver.kind == "omg" and not receiver.gateway:
            yield path, f"receiver {receiver.id!r} is an omg one: name its `gateway`"
        if receiver.kind == "omg" and settings.store_broker is None:
            text = f"receiver {receiver.id!r} reports over the store broker: add [store_broker]"
            yield path, text


def _floor_checks(settings: Settings) -> Iterator[Problem]:
    points: Iterable[tuple[KeyPath, tuple[float, float]]] = [
        *(
            (("zones", z, "polygon"), p)
            for z, zone in enumerate(settings.zones)
            for p in zone.polygon
        ),
        *((("receivers", i, "position"), one.position) for i, one in enumerate(settings.receivers)),
        *((("lockers", i, "position"), one.position) for i, one in enumerate(settings.lockers)),
        *((("mirrors", i, "position"), one.position) for i, one in enumerate(settings.mirrors)),
    ]
    for path, (x, y) in points:
        if x > settings.floor.width_m or y > settings.floor.height_m:
            size = f"{settings.floor.width_m:g} x {settings.floor.height_m:g} m"
            yield path, f"({x:g}, {y:g}) lies outside the floor of {size}"


def _access_checks(settings: Settings) -> Iterator[Problem]:
    for place, access in enumerate(settings.access):
        path: KeyPath = ("access", place, "key_file")
        try:
            key = access.key_file.read_text("utf-8").strip()
            mode = access.key_file.stat().st_mode
        except OSError as err:
            make = f"make it: (umask 077; openssl rand -hex 20 > {access.key_file})"
            yield path, f"key file {access.key_file}: {err.strerror}; {make}"
            continue
        except UnicodeDecodeError:
            yield path, f"key file {access.key_file} is not text: put one line of UTF-8 into it"
            continue
        if len(key) < LEAST_KEY_LENGTH:
            text = f"the key in {access.key_file} is shorter than {LEAST_KEY_LENGTH} characters"
            yield path, text
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield path, f"others can read {access.key_file}: chmod 600 {access.key_file}"


def _catalogue_checks(settings: Settings, catalogue: Catalogue) -> Iterator[Problem]:
    zones = {zone.id for zone in settings.zones}
    yield from _twins("articles", [article.gtin for article in catalogue.articles])
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
