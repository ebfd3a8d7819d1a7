"""Reading cells: dates and numbers as Danes, Britons and machines write them."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from experiments.caselist.rows import MISSING, OPEN_END, as_day

DATES_ALLOWED = "write dates as 2020-01-31 or 31-01-2020 (31.01.2020, 31/1-2020, 31/01/2020)"
NUMBERS_ALLOWED = "write a number such as 1234.5 or 1234,5"

NO_RESULT = "(a formula without a result)"
"""What stands for a cell of a workbook with a formula that was never worked out."""

NO_IDENTIFIERS = frozenset(
    {NO_RESULT, "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#I/T", "#REFERENCE!",
     "#VÆRDI!", "#DIVISION/0!", "#NAVN?", "#NUL!"}
)  # fmt: skip
"""Cells that are what a spreadsheet, English or Danish, writes for an error; no child is called so."""

EARLIEST, LATEST = 1900, 2150
"""Years that a date may have."""
FIRST_DAY, LAST_DAY = as_day(date(EARLIEST, 3, 1)), as_day(date(LATEST, 12, 31))
"""The same in days; before March 1900 the numbers that workbooks write for days are one off."""

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DANISH = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4})")
_MIDNIGHT = re.compile(r"[T ]00[:.]00([:.]00(\.0+)?)?Z?$")
_FAR = re.compile(r"31[-./]12[-./](2999|9999)|(2999|9999)[-/.]12[-/.]31")


@lru_cache(maxsize=65_536)
def day(cell: str) -> int | None:
    """Return the day a cell names as a number, `MISSING` where it is empty, None where it is no date."""
    if not cell:
        return MISSING
    cell = _MIDNIGHT.sub("", cell)
    if found := _ISO.fullmatch(cell):
        year, month, of_month = found.groups()
    elif found := _DANISH.fullmatch(cell):
        of_month, month, year = found.groups()
    else:
        return None
    if not EARLIEST <= int(year) <= LATEST:
        return None
    try:
        return as_day(date(int(year), int(month), int(of_month)))
    except ValueError:
        return None


@lru_cache(maxsize=65_536)
def end_day(cell: str) -> int | None:
    """Return the day a cell ends on; `OPEN_END` where it is empty or the last day of 2999 or 9999."""
    if not cell or _FAR.fullmatch(_MIDNIGHT.sub("", cell)):
        return OPEN_END
    return day(cell)


def serial_day(cell: str, zero: date) -> int | None:
    """Return the day that a workbook means by a whole number, 0 being `zero`; None where it is none."""
    if len(cell) > 6:
        return None
    found = as_day(zero) + int(cell)
    return found if FIRST_DAY <= found <= LAST_DAY else None


def number(cell: str) -> float | None:
    """Return the number in a cell, NaN where it is empty, None where it is none.

    A comma or a point before the decimals; points or spaces between thousands, so 1.250 is 1250 and
    0.875 is less than 1; commas between thousands only where a point follows.
    """
    if not cell:
        return float("nan")
    plain = re.sub(r"[\s\u00a0\u202f]|kr\.?$|DKK$", "", cell)
    plain = re.sub(r",-$", "", plain)
    if re.fullmatch(r"-?[1-9]\d{0,2}(\.\d{3})+(,\d+)?", plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)", plain):
        plain = plain.replace(",", "")
    elif re.fullmatch(r"-?\d+,\d+", plain):
        plain = plain.replace(",", ".")
    return float(plain) if re.fullmatch(r"-?\d+(\.\d+)?", plain) and len(plain) <= 20 else None
