"""First day: the children of a municipality's own case list, with whom a scenario starts.

One row per child, without identifiers, in a small CSV file that stays in the municipality's own folder.
A scenario only points to it (`[case_list] children`). What a row leaves open is drawn
(`newcomers.starter`).
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import io
import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulation.staircase import Staircase

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DISTRICT, STAIR, PRICE = "district", "stair", "price"
AGE, ON_STAIR, SINCE = "age_months", "months_on_stair", "months_since_follow_up"
COLUMNS = (DISTRICT, STAIR, AGE, ON_STAIR, SINCE, PRICE)
"""The columns of the file, in order."""

UNKNOWN = -1
"""Months since the last follow-up where nobody knows them."""

MOST_CHILDREN = 900_000
DEAREST = 1e9
"""DKK per year, as elsewhere in a scenario."""

_LIVE = ("=", "+", "-", "@")
"""What a spreadsheet takes for a formula: such a name is written with an apostrophe in front."""


class RowError(ValueError):
    """A child whose numbers make no sense: `child` is its position, `text` what is wrong."""

    def __init__(self, child: int, text: str) -> None:
        super().__init__(f"first day, child {child + 1}: {text}")
        self.child, self.text = child, text


class FirstDay:
    """The children of the first day, [child] each, in the order of the file; it never changes.

    Two of them are equal where every child is. Raises RowError where a number makes no sense. It is no
    dataclass, because pydantic would write its rows out with every scenario.
    """

    districts: tuple[str, ...]
    """Names, for `district`."""
    stairs: tuple[str, ...]
    """Keys of the staircase in order, for `stair`."""
    district: Ints
    """Position in `districts`."""
    stair: Ints
    """Position in `stairs`."""
    age: Ints
    """Whole months."""
    on_stair: Ints
    """Months on the stair, the one of the move counted: at least 1."""
    since: Ints
    """Months since the last follow-up, `on_stair` where none was held there, -1 where not known."""
    price: Floats
    """DKK per year at the scenario's price level; NaN where not known."""

    def __init__(
        self,
        *,
        districts: Sequence[str],
        stairs: Sequence[str],
        district: ArrayLike,
        stair: ArrayLike,
        age: ArrayLike,
        on_stair: ArrayLike,
        since: ArrayLike,
        price: ArrayLike,
    ) -> None:
        per_child = (district, stair, age, on_stair, since, price)
        arrays = dict(zip(_PER_CHILD, map(_locked, per_child, _KINDS), strict=True))
        vars(self).update(arrays, districts=tuple(districts), stairs=tuple(stairs))
        for name, array in arrays.items():
            if array.shape != (len(self),):
                raise ValueError(f"first day: {name} must have one number per child")
        self._check()

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: what is read does not change."""
        raise AttributeError(f"a FirstDay does not change; make another one for another {name}")

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what was sent from another process, locked again."""
        vars(self).update(state)
        for name in _PER_CHILD:
            state[name].flags.writeable = False

    def __len__(self) -> int:
        """Return the number of children."""
        return len(self.district)

    def __repr__(self) -> str:
        """Return number and hash: what is printed shows no child."""
        return f"FirstDay({len(self)} children, {self.digest[:12]})"

    def __eq__(self, other: object) -> bool:
        """Return whether every child is the same."""
        return isinstance(other, FirstDay) and self.digest == other.digest

    def __hash__(self) -> int:
        """Return a hash that goes with equality."""
        return hash(self.digest)

    @cached_property
    def digest(self) -> str:
        """64 hex digits that change with any number of any child."""
        found = hashlib.sha256(json.dumps([self.districts, self.stairs]).encode())
        for name in _PER_CHILD:
            array = getattr(self, name)
            found.update(array.astype(array.dtype.newbyteorder("<")).tobytes())
        return found.hexdigest()

    @cached_property
    def counts(self) -> dict[str, dict[str, int]]:
        """Children by district and stair, every stair there is."""
        found = np.zeros((len(self.districts), len(self.stairs)), np.int64)
        np.add.at(found, (self.district, self.stair), 1)
        rows = (dict(zip(self.stairs, row, strict=True)) for row in found.tolist())
        return dict(zip(self.districts, rows, strict=True))

    def lists(self, stair: str) -> bool:
        """Return whether any child of any district stands on a stair."""
        return any(of_district.get(stair, 0) for of_district in self.counts.values())

    def check_ages(self, leave_age: int) -> None:
        """Raise RowError where a child has reached the leaving age, in years."""
        most = leave_age * 12 - 1
        self._between(AGE, self.age, 0, most, f", whole months: at leave_age = {leave_age} a case ends")

    def _check(self) -> None:
        if len(self) > MOST_CHILDREN:
            raise ValueError(f"first day: {len(self)} children; at most {MOST_CHILDREN} are possible")
        self._between(DISTRICT, self.district, 0, len(self.districts) - 1)
        self._between(STAIR, self.stair, 0, len(self.stairs) - 1)
        self._between(AGE, self.age, 0, _OLDEST, ", whole months")
        why = ", the month of the move counted, and no stay is longer than the life"
        self._between(ON_STAIR, self.on_stair, 1, self.age + 1, why)
        why = ", at most the months on the stair (so where none was held there); empty where not known"
        since = np.where(self.since == UNKNOWN, 0, self.since)
        self._between(SINCE, since, 0, self.on_stair, why)
        price = np.where(np.isnan(self.price), 0.0, self.price)
        self._between(PRICE, price, 0, DEAREST, ", DKK per year; empty where not known")

    @staticmethod
    def _between(name: str, values: Ints | Floats, low: int, high: Ints | float, why: str = "") -> None:
        bad = (values < low) | (values > high)
        if bad.any():
            child = int(np.argmax(bad))
            most = np.broadcast_to(high, values.shape)[child]
            raise RowError(
                child, f"{name} = {values[child]:.10g} must lie between {low} and {most:.10g}{why}"
            )


_PER_CHILD = ("district", "stair", "age", "on_stair", "since", "price")
_KINDS = (np.int64,) * 5 + (np.float64,)
_OLDEST = 1500
"""Months: far beyond any leaving age."""


def _locked(values: ArrayLike, kind: type) -> NDArray[Any]:
    array: NDArray[Any] = np.array(values, kind)
    array.flags.writeable = False
    return array


def as_csv(day: FirstDay) -> str:
    """Return the file of the children: a header, then a row per child, empty where not known."""
    names = [_as_written(name) for name in day.districts]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    per_child = zip(*(getattr(day, name).tolist() for name in _PER_CHILD), strict=True)
    for district, stair, age, on_stair, since, price in per_child:
        followed = "" if since == UNKNOWN else since
        paid = "" if math.isnan(price) else repr(price)
        writer.writerow((names[district], day.stairs[stair], age, on_stair, followed, paid))
    return out.getvalue()


def read_first_day(
    path: Path, staircase: Staircase, districts: Sequence[str], leave_age: int
) -> FirstDay:
    """Return the children in a file, for a scenario with these stairs, districts and leaving age.

    `leave_age` in years. Raises ValueError that names file, row, value, what is allowed and what to do.
    """
    rows = _Rows(path)
    known = [s.key for s in staircase if s.is_case]
    try:
        day = FirstDay(
            districts=tuple(districts),
            stairs=tuple(staircase.keys),
            district=rows.numbers(DISTRICT, _position(districts, _only(districts))),
            stair=rows.numbers(STAIR, _position(staircase.keys, None, known)),
            age=rows.numbers(AGE, _whole),
            on_stair=rows.numbers(ON_STAIR, _whole),
            since=rows.numbers(SINCE, lambda text: _whole(text) if text else UNKNOWN),
            price=rows.numbers(PRICE, _price),
        )
        day.check_ages(leave_age)
    except RowError as error:
        rows.refuse(error.child, error.text)
    return day


class _Rows:
    """The rows of the file as text, with their numbers in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: list[int] = []
        self._cells: list[list[str]] = []
        for place, cells in self._read():
            self._places.append(place)
            self._cells.append(cells)
            if len(cells) != len(COLUMNS):
                self.refuse(-1, f"{len(cells)} values for the {len(COLUMNS)} columns")
        if len(self._cells) > MOST_CHILDREN:
            self._give_up(f"it has more than {MOST_CHILDREN} children, the most there may be")

    def _read(self) -> Iterator[tuple[int, list[str]]]:
        """Yield (row number, cells) of every row that is not empty, the header left out."""
        try:
            with self._path.open(encoding="utf-8-sig", newline="") as file:
                lines = enumerate(csv.reader(file, strict=True), 1)
                _, header = next(lines, (1, []))
                self._check_header(header)
                for place, cells in lines:
                    if cells and len(self._cells) <= MOST_CHILDREN:
                        yield place, [cell.strip() for cell in cells]
        except FileNotFoundError:
            self._give_up("there is no such file")
        except IsADirectoryError:
            self._give_up("it is a folder, not a file")
        except UnicodeDecodeError:
            self._give_up("it is not UTF-8 text; save it as CSV UTF-8")
        except csv.Error as error:
            self._give_up(f"it is not CSV ({error})")
        except OSError as error:
            self._give_up(f"it cannot be read ({error.strerror})")

    def _check_header(self, header: list[str]) -> None:
        if tuple(cell.strip() for cell in header) != COLUMNS:
            self._give_up(
                f"it begins with {_short(','.join(header))} and must begin with {','.join(COLUMNS)}, "
                "separated by commas"
            )

    def numbers(self, column: str, read: Callable[[str], float]) -> list[float]:
        """Return a column, each cell read by `read`, which raises ValueError for what it cannot read."""
        at, found = COLUMNS.index(column), []
        for child, cells in enumerate(self._cells):
            try:
                found.append(read(cells[at]))
            except ValueError as error:
                self.refuse(child, f"{column} = {_short(cells[at])} {error}")
        return found

    def refuse(self, child: int, text: str) -> NoReturn:
        """Raise ValueError about one child's row."""
        raise ValueError(f"{self._path}, row {self._places[child]}: {text}. {_CURE_ROW}") from None

    def _give_up(self, text: str) -> NoReturn:
        raise ValueError(f"{self._path}: {text}. {_CURE}") from None


_CURE = (
    "Import the case list again (trappe import), or take the line `children` out of [case_list]: then "
    "the first day has the counts under [districts.start]"
)
_CURE_ROW = "Correct or remove the row, or import the case list again (trappe import)"


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _only(names: Sequence[str]) -> str | None:
    """Return what an empty cell stands for: the name there is, where there is one only."""
    return names[0] if len(names) == 1 else None


def _position(
    names: Sequence[str], empty: str | None, allowed: Sequence[str] | None = None
) -> Callable[[str], int]:
    """Return a reader of names that gives their position."""
    allowed = names if allowed is None else allowed
    positions = {_as_written(name): i for i, name in enumerate(names) if name in allowed}
    positions |= {name: i for i, name in enumerate(names) if name in allowed}
    if empty is not None:
        positions[""] = positions[empty]

    def read(text: str) -> int:
        if text not in positions:
            near = difflib.get_close_matches(text, allowed, n=1, cutoff=0.65)
            hint = f"did you mean {near[0]!r}? It" if near else "it"
            raise ValueError(f"is not known; {hint} must be one of: {', '.join(allowed)}")
        return positions[text]

    return read


def _as_written(name: str) -> str:
    return f"'{name}" if name.startswith(_LIVE) else name


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise ValueError("must be a whole number of months")
    return int(text)


def _price(text: str) -> float:
    if not text:
        return math.nan
    if not re.fullmatch(r"\d{1,12}(\.\d+)?([eE][+-]?\d{1,3})?", text, re.ASCII):
        raise ValueError("must be a number of DKK per year with a decimal point, or empty")
    return float(text)
