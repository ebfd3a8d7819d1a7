"""Numbers and kroner as each language writes them: 1.234,5 and mio. kr., 1,234.5 and m DKK."""

from __future__ import annotations

import math

from experiments.words.texts import Language, text

MINUS = "\N{MINUS SIGN}"
_DANISH = str.maketrans({",": ".", ".": ","})


def number(x: float, language: Language, digits: int = 0, signed: bool = False) -> str:
    """Return a number with so many decimals and a mark between thousands; `signed` with a plus too.

    Zero has no sign, however it was rounded. What is not defined (NaN) is said in words.
    """
    if math.isnan(x):
        return text("number.undefined", language)
    plain = f"{abs(x):,.{digits}f}"
    is_zero = not plain.strip("0.,")
    sign = "" if is_zero else MINUS if x < 0 else "+" if signed else ""
    return sign + (plain.translate(_DANISH) if language == "da" else plain)


def kroner(amount: float, language: Language, digits: int = 1, signed: bool = False) -> str:
    """Return kroner in millions with their unit: 4,5 mio. kr., 4.5 m DKK."""
    return text("number.millions", language, number=number(amount / 1e6, language, digits, signed))


def whole_kroner(amount: float, language: Language) -> str:
    """Return kroner to the krone with their unit: 350.000 kr., 350,000 DKK."""
    return text("number.kroner", language, number=number(amount, language))


def percent(share: float, language: Language, digits: int = 0) -> str:
    """Return a share (0 to 1) in per cent: 12,5 %, 12.5 %. What is not defined is said in words."""
    said = number(100.0 * share, language, digits)
    return said if math.isnan(share) else f"{said}\N{NO-BREAK SPACE}%"


def between(low: float, high: float, language: Language, digits: int = 0) -> str:
    """Return an interval in words: 2,1 til 8,4; 2.1 to 8.4."""
    ends = {"low": number(low, language, digits), "high": number(high, language, digits)}
    return text("number.between", language, **ends)


def of_hundred(share: float, language: Language) -> str:
    """Return a share (0 to 1) as so many of 100: 46 af 100, 46 of 100.

    A share that is neither 0 nor 1 is never rounded to none or to all: under 1, over 99.
    """
    if 0.0 < share < 0.005:
        return text("number.under_one", language)
    if 0.995 <= share < 1.0:
        return text("number.over_99", language)
    return text("number.of_hundred", language, number=number(100.0 * share, language))
