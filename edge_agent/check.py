"""Reads `store.toml` and says every mistake in it: file, line, and what to do."""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, get_args, get_origin

import msgspec
from typing_extensions import override

from edge_agent.cross_checks import Problem, campaign_checks, catalogue_checks, cross_checks
from edge_agent.kernel.errors import AisleError
from edge_agent.settings import Catalogue, Settings, Table
from edge_agent.toml_lines import Path as KeyPath
from edge_agent.toml_lines import line_of, lines_by_path
from edge_agent.toml_overlay import laid_over

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


def load(file: Path, overlay: Path | None = None) -> tuple[Settings, Catalogue]:
    """The settings and the catalogue that they name, with paths made absolute.

    Args:
        file: the gateway's own settings.
        overlay: tables of the cloud that are laid over them (`toml_overlay`); their paths
            are relative to `file`, too.

    Raises:
        BadSettings: with every mistake that was found, never only the first.
    """
    settings, mistakes, of = _read(file, Settings, overlay)
    if settings is None:
        raise BadSettings(mistakes)
    mistakes += [of(path, text) for path, text in cross_checks(settings)]
    mistakes += _survey_mistakes(settings)
    catalogue, more, at = _read(settings.catalogue.file, Catalogue)
    mistakes += more
    if catalogue is None:
        raise BadSettings(mistakes)
    mistakes += [at(path, text) for path, text in catalogue_checks(settings, catalogue)]
    mistakes += [of(path, text) for path, text in campaign_checks(settings, catalogue)]
    if mistakes:
        raise BadSettings(mistakes)
    return settings, catalogue


def load_table(file: Path, kind: type[T]) -> T:
    """A file of settings of another `kind`, with paths made absolute.

    Raises:
        BadSettings: with every mistake that was found.
    """
    found, mistakes, _ = _read(file, kind)
    if found is None:
        raise BadSettings(mistakes)
    return found


def _survey_mistakes(settings: Settings) -> list[Mistake]:
    file = settings.presence.survey
    if file is None:
        return []
    from edge_agent.survey_file import BadSurvey, read_survey  # noqa: PLC0415 - numpy

    try:
        read_survey(file, [receiver.id for receiver in settings.receivers])
    except BadSurvey as err:
        return [Mistake(file, line, text) for line, text in err.mistakes]
    return []


def _read(
    file: Path, kind: type[T], overlay: Path | None = None
) -> tuple[T | None, list[Mistake], Callable[[KeyPath, str], Mistake]]:
    """What stands in `file`, the mistakes, and how to name one where it stands."""
    sources = [(source, *_text(source)) for source in (file, overlay) if source is not None]
    lines = [(source, lines_by_path(text)) for source, text, _ in sources]

    def at(path: KeyPath, problem: str) -> Mistake:
        source, found = max(lines, key=lambda one: (_known(one[1], path), one[0] == overlay))
        return Mistake(source, line_of(found, path), problem)

    unreadable = [mistake for _, _, mistake in sources if mistake is not None]
    if unreadable:
        return None, unreadable, at
    tree: dict[str, object] = {}
    for _, text, _ in sources:
        tree = laid_over(tree, tomllib.loads(text))

    def resolve(target: type, value: object) -> object:
        if target is Path and isinstance(value, str):
            if "\0" in value:
                msg = "no file has a NUL in its name"
                raise ValueError(msg)
            return (file.parent / value).absolute()
        msg = f"Expected `{target.__name__}`"
        raise TypeError(msg)

    mistakes = [at(path, problem) for path, problem in _problems(tree, kind, (), resolve)]
    if mistakes:
        return None, mistakes, at
    return msgspec.convert(tree, kind, dec_hook=resolve), [], at


def _text(file: Path) -> tuple[str, Mistake | None]:
    """The text of a TOML file, or what is wrong with it."""
    try:
        text = file.read_text("utf-8")
        tomllib.loads(text)
    except OSError as err:
        return "", Mistake(file, 1, f"cannot be read: {err.strerror}")
    except UnicodeDecodeError:
        return "", Mistake(file, 1, "is not UTF-8 text: save it as UTF-8")
    except tomllib.TOMLDecodeError as err:
        line = getattr(err, "lineno", None) or _line_in(str(err))
        return "", Mistake(file, line, f"is not TOML: {err}")
    except RecursionError:
        return "", Mistake(file, 1, "is nested too deeply")
    return text, None


def _known(lines: dict[KeyPath, int], path: KeyPath) -> int:
    """How much of `path` stands in a text."""
    while path not in lines:
        path = path[:-1]
    return len(path)


def _line_in(message: str) -> int:
    _, _, tail = message.partition("at line ")
    digits = tail.split(",")[0]
    return int(digits) if digits.isdigit() else 1


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
