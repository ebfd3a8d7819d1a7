"""Months and lengths of time as each language writes them."""

from __future__ import annotations

from datetime import date

from experiments.words.texts import Language, text

MONTHS_IN_YEAR = 12


def month_name(number: int, language: Language) -> str:
    """Return the name of a month, 1 to 12: januar, January."""
    if not 1 <= number <= MONTHS_IN_YEAR:
        raise ValueError(f"month {number} must lie between 1 and 12")
    return text(f"month.m{number:02d}", language)


def month(when: date, language: Language) -> str:
    """Return a month of a year: januar 2016, January 2016."""
    return f"{month_name(when.month, language)} {when.year}"


def month_after(start: date, months: int, language: Language) -> str:
    """Return the month so many months after that of `start`; 0 is the month of `start` itself."""
    at = 12 * start.year + start.month - 1 + months
    return month(date(at // 12, at % 12 + 1, 1), language)


def duration(months: int, language: Language) -> str:
    """Return a length of time in whole years, or else in months: 5 år, 18 måneder; 5 years, 18 months."""
    years, rest = divmod(months, MONTHS_IN_YEAR)
    unit, n = ("months", months) if rest or not years else ("years", years)
    return text(f"duration.{unit if n != 1 else unit[:-1]}", language, number=n)
