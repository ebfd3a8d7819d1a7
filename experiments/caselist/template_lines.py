"""The template's lines: settings that are switched off in its text, switched on with a value.

The text keeps its order and its comments, so that whoever reads the file finds everything where the
template has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_HEADER = re.compile(r"^#?\[(?P<table>[A-Za-z_][\w.]*)\]")

Value = float | Sequence[float]


def switched_on(text: str, values: Mapping[str, Value]) -> str:
    """Return the text of a scenario file with settings stated, by dotted name ("work.case_hours").

    A line `#key = ...` of the table becomes `key = value`, its comment stays; a table that is switched
    off is switched on. Where the table has no such line, one is put below its header, with what a comment
    elsewhere says of the key. Raises KeyError where the text has no such table.
    """
    lines = text.split("\n")
    for name, value in values.items():
        table, _, key = name.rpartition(".")
        header, at = _places(lines, table, key)
        if header < 0:
            raise KeyError(f"the template has no table [{table}] for {name}")
        lines[header] = lines[header].removeprefix("#")
        if at < 0:
            lines.insert(header + 1, _stated(_explained(lines, key), key, value))
        else:
            lines[at] = _stated(lines[at], key, value)
    return "\n".join(lines)


def _places(lines: Sequence[str], table: str, key: str) -> tuple[int, int]:
    """Return where a table's header and its line for a key stand, -1 where they do not."""
    setting, header, inside = re.compile(rf"^#?{re.escape(key)} *="), -1, False
    for i, line in enumerate(lines):
        if found := _HEADER.match(line):
            inside = found["table"] == table
            header = i if inside and header < 0 else header
        elif inside and setting.match(line):
            return header, i
    return header, -1


def _explained(lines: Sequence[str], key: str) -> str:
    """Return the line that explains a key in a comment, as `#key = ...`; bare where there is none."""
    hint = re.compile(rf"^#\s+({re.escape(key)} *=.*)$")
    return next((f"#{found[1]}" for line in lines if (found := hint.match(line))), f"#{key} =")


def _stated(line: str, key: str, value: Value) -> str:
    """Return the line with its value, and the comment that it had."""
    _, hash_sign, comment = line.removeprefix("#").partition(" # ")
    shown = _short(value) if isinstance(value, (int, float)) else f"[{', '.join(map(_short, value))}]"
    setting = f"{key} = {shown}"
    return f"{setting:28} # {comment.strip()}" if hash_sign else setting


def _short(value: float) -> str:
    """Return a number with four digits, in kroner none behind the point."""
    return f"{value:.0f}" if abs(value) >= 1000.0 else f"{value:.4g}"
