"""The data-quality page: what became of the rows, in plain words and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from experiments.caselist.quality import Fate, Quality, hidden, total_hidden
from experiments.caselist.reading import CaseList

_EXAMPLES = 3
KEPT = "used as they stand"
_DONE: dict[Fate, str] = {
    "kept": "used", "corrected": "corrected and used", "cut": "cut and used", "split": "split and used",
    "merged": "merged into another row", "dropped": "not used",
}  # fmt: skip


class Line(NamedTuple):
    """One line of the account: `rows` is None where hidden, `examples` are row numbers of the file."""

    fate: Fate
    reason: str
    text: str
    rows: int | None
    examples: tuple[str, ...]


def account(quality: Quality, internal: bool) -> tuple[list[Line], int | None]:
    """Return the lines of one file's account, which add up to its rows, and their number.

    Counts under 5, and as many others as would give them away, are hidden (None) unless `internal`.
    """
    table = quality.by_reason
    counts = [quality.rows_as_they_stand, *(len(rows) for rows in table.values())]
    hide = [False] * len(counts) if internal else hidden(counts)
    total = None if not internal and total_hidden(counts) else quality.rows_in
    lines = [Line("kept", "", KEPT, None if hide[0] else counts[0], ())]
    several = len({place.file for place in quality.places}) > 1
    for (reason, rows), n, hid in zip(table.items(), counts[1:], hide[1:], strict=True):
        places = [quality.places[i] for i in rows[: 1 if hid else _EXAMPLES]]
        examples = tuple(f"{p.file} row {p.row}" if several else str(p.row) for p in places)
        lines.append(Line(reason.fate, reason.key, reason.text, None if hid else n, examples))
    return lines, total


def page(accounts: Iterable[Quality], internal: bool) -> list[str]:
    """Return the data-quality page, line by line, for people."""
    lines: list[str] = []
    for quality in accounts:
        lines += [*_file_in_words(quality, internal), ""]
    if not internal:
        lines.append(
            "(hidden): a count under 5, or one that would give such a count away. --internal shows them."
        )
    return lines


def _file_in_words(quality: Quality, internal: bool) -> list[str]:
    found, total = account(quality, internal)
    lines = [f"{quality.what}: {_count(total)} rows read; each is counted once below."]
    for line in found:
        which = (
            f"  (row{'s' if len(line.examples) > 1 else ''} {', '.join(line.examples)})"
            if line.examples
            else ""
        )
        done = "" if line.fate == "kept" else f"{_DONE[line.fate]}: "
        lines.append(f"  {_count(line.rows):>8}  {done}{line.text}{which}")
    return lines + [f"  Note: {remark}" for remark in quality.remarks]


def _count(n: int | None) -> str:
    return "(hidden)" if n is None else str(n)


def log_rows(cases: CaseList) -> list[dict[str, Any]]:
    """Return one row for each row of the files that is not used as it stands: where, what, why, whose.

    Rows of single children, for the folder of the list only. `child` is a hash (see `hashed`), known for
    the spells.
    """
    rows = []
    for n, quality in enumerate(cases.quality):
        for row, reason in sorted(quality.verdicts.items()):
            place = quality.places[row]
            child = cases.hashes.get(row, "") if n == 0 else ""
            rows.append({"file": place.file, "row": place.row, "fate": reason.fate,
                         "reason": reason.text, "child": child})  # fmt: skip
    return rows


def as_rows(accounts: Sequence[Quality], internal: bool) -> list[dict[str, Any]]:
    """Return the account as a table: file, fate, reason, words, rows. No examples, no children."""
    rows: list[dict[str, Any]] = []
    for quality in accounts:
        lines, total = account(quality, internal)
        rows += [
            {"file": quality.what, "fate": x.fate, "reason": x.reason, "text": x.text, "rows": x.rows}
            for x in lines
        ]
        rows.append({"file": quality.what, "fate": "", "reason": "", "text": "all rows", "rows": total})
    return [{key: "" if v is None else v for key, v in row.items()} for row in rows]
