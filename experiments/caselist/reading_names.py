"""Reading names: which column is which, which stair a name means; the municipality's own names first.

A names file (TOML) says what is called otherwise:

    [columns]
    child_id = "Barnets nr."

    [stairs]
    "Pleje efter § 66" = "foster_care"
    "Aflastning" = "-"           # left out, and counted as such
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from experiments.caselist.reading_problems import CaseListError, problem
from experiments.caselist.reading_text import Table
from experiments.caselist.rows import LEFT_OUT, UNKNOWN
from simulation.staircase import Staircase

LEFT_OUT_NAME = "-"

_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})


@dataclass(frozen=True)
class Names:
    """A municipality's own names: `columns` [ours] is theirs, `stairs` [theirs] a key or "-"."""

    columns: Mapping[str, str] = field(default_factory=dict)
    stairs: Mapping[str, str] = field(default_factory=dict)


def plain(name: str) -> str:
    """Return a name without what does not matter: letter case, æ ø å, signs and spaces between words."""
    text = name.lower().translate(_LETTERS)
    return re.sub(r"[^a-z0-9]+", " ", text).strip()


@cache
def words() -> dict[str, Any]:
    """Return the words that case lists use, as `experiments/data/words.toml` has them."""
    return tomllib.loads(resources.files("experiments").joinpath("data/words.toml").read_text("utf-8"))


def read_names(path: Path | None, staircase: Staircase) -> Names:
    """Return the names in a names file, or none; CaseListError where it is not as it must be."""
    if path is None:
        return Names()
    try:
        tables = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise CaseListError(f"{path}: there is no such file") from None
    except UnicodeDecodeError:
        raise problem(path.name, "it is not UTF-8 text", "save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise problem(
            path.name, f"it is not TOML: {error}", 'write lines such as child_id = "Barnets nr."'
        ) from None
    except OSError as error:
        raise CaseListError(f"{path} cannot be read: {error.strerror}") from None
    _only(path.name, "the file", tables, ("columns", "stairs"))
    for name in tables:
        if not isinstance(tables[name], dict) or not all(
            isinstance(v, str) for v in tables[name].values()
        ):
            raise problem(
                path.name, f"[{name}] has something that is no text", 'write lines such as name = "text"'
            )
    _only(path.name, "[columns]", tables.get("columns", {}), words()["columns"])
    for theirs, key in tables.get("stairs", {}).items():
        if key != LEFT_OUT_NAME:
            _known_stair(path.name, theirs, key, staircase)
    return Names(tables.get("columns", {}), tables.get("stairs", {}))


def _only(file: str, where: str, given: Iterable[str], known: Iterable[str]) -> None:
    for name in given:
        if name not in known:
            match = difflib.get_close_matches(name, list(known), n=1)
            hint = f"did you mean {match[0]!r}? " if match else ""
            raise problem(file, f"{where} has {name!r}", f"{hint}it may have {', '.join(known)}")


def _known_stair(file: str, theirs: str, key: str, staircase: Staircase) -> None:
    if key not in staircase.keys:
        raise problem(
            file, f"[stairs] {theirs!r} = {key!r} is no stair",
            f"the stairs are {', '.join(staircase.keys)}, or '-' to leave it out",
        )  # fmt: skip


def found_columns(
    table: Table, names: Names, needed: Sequence[str], optional: Sequence[str]
) -> dict[str, int]:
    """Return where each of our columns stands; CaseListError where one that is needed does not."""
    places: dict[str, list[int]] = {}
    for i, header in enumerate(table.columns):
        ours = _our_column(header, names, (*needed, *optional))
        if ours:
            places.setdefault(ours, []).append(i)
    for ours, at in places.items():
        if len(at) > 1:
            raise problem(
                table.file, f"columns {at[0] + 1} and {at[1] + 1} both mean {ours}",
                f"say which one in a names file: [columns] {ours} = ...", table_row(table),
            )  # fmt: skip
    missing = [name for name in needed if name not in places]
    if missing:
        raise problem(
            table.file,
            f"there is no column {', '.join(missing)}",
            _what_there_is(table),
            table_row(table),
        )
    return {ours: at[0] for ours, at in places.items()}


def table_row(table: Table) -> int:
    """Return the row of the header, for a message."""
    return table.numbers[0] - 1 if table.numbers else 1


def _our_column(header: str, names: Names, wanted: tuple[str, ...]) -> str | None:
    own = {plain(theirs): ours for ours, theirs in names.columns.items()}
    if ours := own.get(plain(header)):
        return ours if ours in wanted else None
    for ours in wanted:
        if ours not in names.columns and plain(header) in _column_words(ours):
            return ours
    return None


@cache
def _column_words(ours: str) -> frozenset[str]:
    return frozenset({plain(ours), *map(plain, words()["columns"].get(ours, ()))})


def _what_there_is(table: Table) -> str:
    """Return, for a message, how many columns there are and what else may be wrong.

    The headers themselves are not repeated: a file without a header has children there.
    """
    n = len(table.columns)
    if n == 1:
        return (
            "only one column was found: the delimiter must be a semicolon, comma, tab or bar, and row 1 "
            "the header"
        )
    return (
        f"{n} columns were found: row 1 must name the columns; name yours in a names file: "
        "--names names.toml"
    )


def stair_positions(names: Names, staircase: Staircase) -> dict[str, int]:
    """Return the stair that each plain name means, by position; `LEFT_OUT` where it is left out."""
    found: dict[str, int] = {}
    for i, stair in enumerate(staircase):
        if not stair.is_case:  # nobody can list children whom nobody knows
            continue
        for name in (stair.key, stair.label, stair.english, *words()["stairs"].get(stair.key, ())):
            if name:
                found.setdefault(plain(name), i)
    for theirs, key in names.stairs.items():
        found[plain(theirs)] = LEFT_OUT if key == LEFT_OUT_NAME else staircase.index(key)
    return found


def stair_of(name: str, positions: Mapping[str, int]) -> int:
    """Return the position of the stair a cell names, or `UNKNOWN`."""
    return positions.get(plain(name), UNKNOWN)


@cache
def units_a_year() -> dict[str, float]:
    """Return how many of a price's units a year has, by plain name."""
    return {
        plain(name): float(unit["a_year"])
        for key, unit in words()["price_units"].items()
        for name in (key, *unit["names"])
    }
