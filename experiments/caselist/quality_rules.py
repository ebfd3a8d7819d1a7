"""The rules of cleaning, one function each: rows in, rows out, and a note on every row it touched.

A rule is pure, stands alone and assumes only what the rules before it in `quality_cleaning.ORDER` leave.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

from experiments.caselist.quality import Note, Reason
from experiments.caselist.rows import LEFT_OUT, MISSING, OPEN_END, UNKNOWN, Known, Row

Rows = list[Row]
Cleaned = tuple[Rows, list[Note]]
Rule = Callable[[Rows, Known], Cleaned]

LONGEST_BEFORE_BIRTH = 280
"""Days before the birth from which help may be noted: a pregnancy. Earlier, the birth date is wrong."""

NO_CHILD = Reason("no_child", "dropped", "no child is named")
NO_START = Reason("no_start", "dropped", "no start date")
UNKNOWN_STAIR = Reason("unknown_stair", "dropped", "the stair is not known")
STAIR_LEFT_OUT = Reason("stair_left_out", "dropped", "a stair that the names file leaves out")
BIRTH_DIFFERS = Reason(
    "birth_differs", "corrected", "the birth date differs from most rows of the child; theirs is used"
)
BIRTH_ADDED = Reason(
    "birth_added",
    "corrected",
    "no birth date that can be read; that of the child's other rows is used",
)
NO_BIRTH = Reason("no_birth", "dropped", "no birth date that can be read in any row of the child")
END_BEFORE_START = Reason("end_before_start", "dropped", "ends before it starts")
LASTS_NO_DAY = Reason("lasts_no_day", "dropped", "ends on the day it starts")
STARTS_LATER = Reason("starts_later", "dropped", "starts after the last day known")
ENDS_LATER = Reason("ends_later", "corrected", "ends after the last day known; counted as not ended")
BORN_LATER = Reason("born_later", "cut", "starts before the birth; cut to begin at the birth")
BORN_FAR_LATER = Reason(
    "born_far_later", "dropped", "lies before the birth, or starts more than a pregnancy before it"
)
TOO_OLD = Reason("too_old", "dropped", "starts at or above the leaving age")
GROWS_UP = Reason("grows_up", "cut", "goes on above the leaving age; cut at that birthday")
DUPLICATE = Reason("duplicate", "merged", "says the same as another row")
REPEATED_OPEN = Reason(
    "repeated_open", "merged", "not ended here, but ended in another row of the same stay"
)
EARLIER_RETURN = Reason(
    "earlier_return", "merged", "the same stay stands in a later return, with another end"
)
SAME_STAY = Reason("same_stay", "merged", "goes on with the same stay, or lies within it")
NOT_CLOSED = Reason(
    "not_closed", "cut", "never ended, but the child has moved; cut where the next one starts"
)
OVERLAP_CUT = Reason("overlap_cut", "cut", "overlaps another row; cut to what is left")
OVERLAP_SPLIT = Reason("overlap_split", "split", "another row lies within it; split around that")
OVERLAP_COVERED = Reason("overlap_covered", "dropped", "wholly covered by other rows of the child")


def without_child(rows: Rows, known: Known) -> Cleaned:
    """Drop rows that name no child."""
    return _dropped(rows, lambda r: NO_CHILD if r.child < 0 else None)


def without_start(rows: Rows, known: Known) -> Cleaned:
    """Drop rows without a start date."""
    return _dropped(rows, lambda r: NO_START if r.start == MISSING else None)


def unknown_stairs(rows: Rows, known: Known) -> Cleaned:
    """Drop rows on stairs that nobody knows or that are left out on purpose."""
    return _dropped(rows, lambda r: {UNKNOWN: UNKNOWN_STAIR, LEFT_OUT: STAIR_LEFT_OUT}.get(r.stair))


def one_birth_date(rows: Rows, known: Known) -> Cleaned:
    """Give all rows of a child its most frequent birth date (the first of equals), or drop them."""
    births = {child: _usual_birth(own) for child, own in _by_child(rows)}
    out: Rows = []
    notes: list[Note] = []
    for row in rows:
        birth = births[row.child]
        if birth == MISSING:
            notes.append(Note(row.id, NO_BIRTH))
            continue
        if row.birth != birth:
            notes.append(Note(row.id, BIRTH_ADDED if row.birth == MISSING else BIRTH_DIFFERS))
            row = replace(row, birth=birth)
        out.append(row)
    return out, notes


def ends_before_starts(rows: Rows, known: Known) -> Cleaned:
    """Drop rows that end before they start, or on the same day."""
    return _dropped(rows, _ends_too_early)


def _ends_too_early(row: Row) -> Reason | None:
    if row.end < row.start:
        return END_BEFORE_START
    return LASTS_NO_DAY if row.end == row.start else None


def future_dates(rows: Rows, known: Known) -> Cleaned:
    """Drop rows that start when nothing is known yet; count as open those that end after that."""
    rows, notes = _dropped(rows, lambda r: STARTS_LATER if r.start >= known.until else None)
    return _changed(rows, notes, lambda r: known.until < r.end < OPEN_END, OPEN_END, ENDS_LATER)


def births_after_starts(rows: Rows, known: Known) -> Cleaned:
    """Cut rows that start in the pregnancy to begin at the birth; drop those that start earlier."""
    out: Rows = []
    notes: list[Note] = []
    for row in rows:
        early = row.birth - row.start
        if early > LONGEST_BEFORE_BIRTH or row.birth >= min(row.end, known.until):
            notes.append(Note(row.id, BORN_FAR_LATER))
        elif early > 0:
            notes.append(Note(row.id, BORN_LATER))
            out.append(replace(row, start=row.birth))
        else:
            out.append(row)
    return out, notes


def over_the_leaving_age(rows: Rows, known: Known) -> Cleaned:
    """Drop rows that start at the leaving age or above; cut at that birthday those that go on past it."""
    birthdays = {birth: known.birthday(birth) for birth in {r.birth for r in rows}}
    rows, notes = _dropped(rows, lambda r: TOO_OLD if r.start >= birthdays[r.birth] else None)
    out: Rows = []
    for row in rows:
        birthday = birthdays[row.birth]
        if birthday <= known.until and row.end > birthday:
            notes.append(Note(row.id, GROWS_UP))
            row = replace(row, end=birthday)
        out.append(row)
    return out, notes


def duplicates(rows: Rows, known: Known) -> Cleaned:
    """Merge rows that say the same of the same child into the first of them."""
    seen: set[tuple[int, int, int, int, str]] = set()
    out: Rows = []
    notes: list[Note] = []
    for row in rows:
        says = (row.child, row.stair, row.start, row.end, row.place)
        if says in seen:
            notes.append(Note(row.id, DUPLICATE))
        else:
            seen.add(says)
            out.append(row)
    return out, notes


def repeated_by_later_returns(rows: Rows, known: Known) -> Cleaned:
    """Keep one of the rows that tell one stay: same child, stair, place and start.

    That of the latest return; within a return the one that has ended, where another has not. Different
    ends within one return stay as they are, for the rules on overlaps.
    """
    stays: dict[tuple[int, int, int, str], Rows] = defaultdict(list)
    for row in rows:
        stays[row.child, row.stair, row.start, row.place].append(row)
    gone: dict[int, Reason] = {}
    for same in stays.values():
        if len(same) > 1:
            gone |= _told_better(same)
    return _dropped(rows, lambda r: gone.get(r.id))


def _told_better(same: Rows) -> dict[int, Reason]:
    """Return the rows of one stay that another row tells better, with the reason."""
    latest = max(r.return_no for r in same)
    ended = any(not r.is_open for r in same if r.return_no == latest)
    gone = {r.id: REPEATED_OPEN if r.is_open else EARLIER_RETURN for r in same if r.return_no < latest}
    return gone | {r.id: REPEATED_OPEN for r in same if ended and r.is_open}


def same_stay(rows: Rows, known: Known) -> Cleaned:
    """Merge rows that go on with the same stay: same stair, and nothing says that the child has moved.

    Touching rows are one stay where they name the same place or only something beside it changed (such as
    the legal status); else they are a move. Overlapping rows are one stay unless they name two places.
    """
    return _child_by_child(rows, _joined)


def _joined(own: Rows) -> Cleaned:
    out: Rows = []
    notes: list[Note] = []
    for row in sorted(own, key=lambda r: (r.start, r.end, r.id)):
        found = next((i for i, before in enumerate(out) if _is_one_stay(before, row)), None)
        if found is None:
            out.append(row)
        else:
            out[found] = replace(out[found], end=max(out[found].end, row.end))
            notes.append(Note(row.id, SAME_STAY))
    return out, notes


def _is_one_stay(before: Row, row: Row) -> bool:
    if before.stair != row.stair or row.start > before.end:
        return False
    if row.start == before.end:
        return row.goes_on or (row.place != "" and row.place == before.place)
    return row.goes_on or before.place == row.place or not (before.place and row.place)


def not_closed(rows: Rows, known: Known) -> Cleaned:
    """Cut open rows where a later row of the same kind starts: the child moved, nobody ended the row."""
    kinds = [s.kind for s in known.staircase]

    def closed(own: Rows) -> Cleaned:
        out: Rows = []
        notes: list[Note] = []
        for row in own:
            later = [
                r.start for r in own if r.start > row.start and kinds[r.stair] == kinds[row.stair]
            ] if row.is_open else []  # fmt: skip
            if later:
                notes.append(Note(row.id, NOT_CLOSED))
                row = replace(row, end=min(later))
            out.append(row)
        return out, notes

    return _child_by_child(rows, closed)


def overlaps(rows: Rows, known: Known) -> Cleaned:
    """Give every day of a child to one row: care before home before assessment, then the later start.

    Of two that start together the more intrusive stair has the day, then the later row. What a row
    loses is cut off; where another lies within it, it is split around that.
    """
    ranks = {"hidden": 0, "assessment": 1, "home": 2, "care": 3}
    kind = [ranks[s.kind] for s in known.staircase]
    return _child_by_child(rows, lambda own: _parted(own, kind))


def _parted(own: Rows, kind: list[int]) -> Cleaned:
    ordered = sorted(own, key=lambda r: (r.start, r.end))
    if all(a.end <= b.start for a, b in itertools.pairwise(ordered)):
        return ordered, []
    winners = sorted(own, key=lambda r: (kind[r.stair], r.start, r.stair, r.id), reverse=True)
    taken: list[tuple[int, int]] = []
    out: Rows = []
    notes: list[Note] = []
    for row in winners:
        pieces = _outside(row.start, row.end, taken)
        taken = sorted([*taken, *pieces])
        out += [replace(row, start=start, end=end) for start, end in pieces]
        if pieces != [(row.start, row.end)]:
            notes.append(Note(row.id, _why(len(pieces))))
    return sorted(out, key=lambda r: r.start), notes


def _outside(start: int, end: int, taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the parts of a time that no time in `taken` (sorted, apart) covers."""
    pieces = []
    for first, last in taken:
        if last <= start or first >= end:
            continue
        if first > start:
            pieces.append((start, first))
        start = last
    return [*pieces, (start, end)] if start < end else pieces


def _why(pieces: int) -> Reason:
    return (OVERLAP_COVERED, OVERLAP_CUT, OVERLAP_SPLIT)[min(pieces, 2)]


def _dropped(rows: Rows, why: Callable[[Row], Reason | None]) -> Cleaned:
    """Return the rows for which there is no reason to go, and notes on the others."""
    reasons = [why(row) for row in rows]
    kept = [row for row, reason in zip(rows, reasons, strict=True) if reason is None]
    return kept, [Note(row.id, x) for row, x in zip(rows, reasons, strict=True) if x is not None]


def _changed(
    rows: Rows, notes: list[Note], which: Callable[[Row], bool], end: int, reason: Reason
) -> Cleaned:
    """Return the rows with another end where `which` says so, and the notes with those on them."""
    more = [Note(row.id, reason) for row in rows if which(row)]
    return [replace(row, end=end) if which(row) else row for row in rows], notes + more


def _child_by_child(rows: Rows, rule: Callable[[Rows], Cleaned]) -> Cleaned:
    out: Rows = []
    notes: list[Note] = []
    for _, own in _by_child(rows):
        cleaned, more = rule(own) if len(own) > 1 else (own, [])
        out += cleaned
        notes += more
    return out, notes


def _by_child(rows: Rows) -> Iterable[tuple[int, Rows]]:
    found: dict[int, Rows] = defaultdict(list)
    for row in rows:
        found[row.child].append(row)
    return found.items()


def _usual_birth(own: Rows) -> int:
    births = Counter(row.birth for row in own if row.birth != MISSING)
    return births.most_common(1)[0][0] if births else MISSING
