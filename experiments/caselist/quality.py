"""Quality: what became of every row of a case list, and why. Nothing is lost without a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

Fate = Literal["kept", "corrected", "cut", "split", "merged", "dropped"]

FATES: tuple[Fate, ...] = ("kept", "corrected", "cut", "split", "merged", "dropped")
"""What may become of a row, the gravest last. The first four are used, the last two are not."""

SMALLEST = 5
"""Smallest count of rows or children that is shown; from 1 up to it a count is hidden."""


class Reason(NamedTuple):
    """Why something became of a row: a key for tables, the fate, and the words."""

    key: str
    fate: Fate
    text: str


class Note(NamedTuple):
    """One row and what a rule did to it."""

    row: int
    reason: Reason


class Place(NamedTuple):
    """Where a row stands: the file, and the number of the row in it, the header being row 1."""

    file: str
    row: int


@dataclass(frozen=True)
class Quality:
    """The account of one kind of rows: each is used as it stands, or explained by exactly one reason.

    `places` [row] says where each row stands; `notes` are what the rules did, in their order; `remarks`
    are sentences about what was seen but not changed. A row that several rules touched counts under the
    gravest fate, and there under the first reason.
    """

    what: str
    places: Sequence[Place]
    notes: Sequence[Note]
    remarks: tuple[str, ...] = ()

    @cached_property
    def verdicts(self) -> dict[int, Reason]:
        """The one reason of every row that was not used as it stands."""
        found: dict[int, Reason] = {}
        for row, reason in self.notes:
            if row not in found or FATES.index(reason.fate) > FATES.index(found[row].fate):
                found[row] = reason
        return found

    @property
    def rows_in(self) -> int:
        """Rows read."""
        return len(self.places)

    @property
    def rows_explained(self) -> int:
        """Rows that were corrected, cut, split, merged or dropped."""
        return len(self.verdicts)

    @property
    def rows_as_they_stand(self) -> int:
        """Rows used as they stand: whatever has no reason."""
        return self.rows_in - self.rows_explained

    @cached_property
    def by_reason(self) -> dict[Reason, list[int]]:
        """The rows under each reason, in the order of the file; the most frequent reason first."""
        counts = Counter(self.verdicts.values())
        table: dict[Reason, list[int]] = {reason: [] for reason, _ in counts.most_common()}
        for row in sorted(self.verdicts):
            table[self.verdicts[row]].append(row)
        return table

    def used(self) -> int:
        """Return how many rows are used, as they stand or changed."""
        return self.rows_in - sum(r.fate in ("merged", "dropped") for r in self.verdicts.values())


def hidden(counts: Iterable[int]) -> list[bool]:
    """Return which of the counts of a table with a known total are not shown.

    Those from 1 to `SMALLEST` - 1, and as many of the smallest others as it takes that the hidden ones
    cannot be worked out from the total: more than one, and not all at their least or all at their most.
    """
    values = list(counts)
    hide = [0 < n < SMALLEST for n in values]
    others = sorted((n, i) for i, n in enumerate(values) if n >= SMALLEST)
    while (
        any(hide) and others and _can_be_worked_out([n for n, h in zip(values, hide, strict=True) if h])
    ):
        hide[others.pop(0)[1]] = True
    return hide


def total_hidden(counts: Iterable[int]) -> bool:
    """Return whether the total of a table would give a hidden count away, or is itself too small."""
    values = list(counts)
    behind = [n for n, h in zip(values, hidden(values), strict=True) if h]
    return 0 < sum(values) < SMALLEST or (bool(behind) and _can_be_worked_out(behind))


def _can_be_worked_out(behind: list[int]) -> bool:
    """Return whether counts of which the sum is known are thereby known themselves."""
    n, total = len(behind), sum(behind)
    return n == 1 or total == n or total == n * (SMALLEST - 1)
