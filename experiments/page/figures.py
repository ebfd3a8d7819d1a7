"""Figures of the page as SVG: pure functions of an answer or of a month of a history."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from experiments.page import drawing as d
from experiments.page.answer import Answer
from experiments.page.sentences import saved
from experiments.words import Language, number, of_hundred, people, stair_name, text
from experiments.words.times import duration
from simulation.accounts import MONTHS_IN_YEAR, Floats
from simulation.scenario import Scenario

WIDE, NARROW = 760.0, 400.0
"""Widths of a picture: beside the sliders, and on a phone."""
Place = Callable[[float, float], d.Point]
"""From a month and an amount in DKK to a point of the picture."""
_GROUND = 284.0
_RISE = 15.0
_TOP = 16.0


def staircase_title(scenario: Scenario, language: Language) -> str:
    """Return the title of the staircase."""
    return text("page_staircase.title", language, people=people(scenario, language, capital=True))


def staircase(answer: Answer, scenario: Scenario, language: Language, across: float = WIDE) -> str:
    """Return the staircase: on each stair today, as today after the horizon, and with the policy."""
    shown = [i for i, s in enumerate(scenario.staircase) if s.kind in ("home", "care")]
    rows = [(answer.today[i], answer.as_today[i], answer.after[i]) for i in shown]
    width = across / len(shown)
    size = min(d.SMALL, width / 8.5)  # of letters: the longest word is one of 15
    known = [(x, n) for n, row in enumerate(rows) for x in row if not math.isnan(x)]
    scale = min((_GROUND - _RISE * n - _TOP - 16) / max(x, 1.0) for x, n in known or [(1.0, 0)])
    parts = [d.hatch(_hatch(across))]
    for n, (i, row) in enumerate(zip(shown, rows, strict=True)):
        left, level = n * width, _GROUND - _RISE * n
        parts.append(d.box(left, level, width + 0.6, _GROUND + 62 - level, d.PALE))
        parts.append(d.line([(left, level + _RISE * (n > 0)), (left, level), (left + width, level)]))
        parts += _bars(left, level, width, scale, row, language, _hatch(across))
        name = stair_name(scenario.staircase[i], language)
        letters = max(10, int(width / (0.56 * size)))
        parts.append(d.lines_of_words(left + width / 2, _GROUND + 18, name, letters, size))
    intrusive = text("page_staircase.intrusive", language)
    parts.append(d.words(across - 6, _GROUND + 80, intrusive, d.SMALL, "end"))
    return d.picture(across, _GROUND + 88, _staircase_alt(answer, scenario, shown, language), parts)


def _bars(
    left: float,
    level: float,
    width: float,
    scale: float,
    row: tuple[float, ...],
    language: Language,
    hatch: str,
) -> Iterator[str]:
    wide = 0.26 * width
    fills = (d.GREY, d.hatched(hatch), d.BLUE)
    size = min(12.0, width / 8.0)
    for k, (value, fill) in enumerate(zip(row, fills, strict=True)):
        x = left + width * (0.11 + 0.26 * k)
        if math.isnan(value):
            said, height = text("page_staircase.hidden", language) if k == 1 else "", 0.0
        else:
            said, height = _count(value, k == 0, language), value * scale
            yield d.box(x, level - height, wide - 2, height, fill)
        yield d.words(x + wide / 2 - 1, level - height - 4, said, size)


def _count(value: float, whole: bool, language: Language) -> str:
    return number(value, language, 0 if whole or value >= 100 else 1)


def _hatch(across: float) -> str:
    return f"hatch-{across:.0f}"


def staircase_legend(answer: Answer, language: Language) -> str:
    """Return what the bars of the staircase are, as HTML."""
    time = duration(answer.chosen.months, language)
    grey = d.box(2, 3, 16, 13, d.GREY)
    orange = d.hatch("hatch-legend") + d.box(2, 3, 16, 13, d.hatched("hatch-legend"))
    return "".join(
        (
            d.key(grey, text("page_staircase.today", language)),
            d.key(orange, text("page_staircase.as_today", language, time=time)),
            d.key(d.box(2, 3, 16, 13, d.BLUE), text("page_staircase.after", language, time=time)),
        )
    )


def staircase_note(answer: Answer, language: Language) -> str:
    """Return what the numbers after the horizon are."""
    return text("page_staircase.note", language, time=duration(answer.chosen.months, language))


def _staircase_alt(answer: Answer, scenario: Scenario, shown: list[int], language: Language) -> str:
    """Return what the staircase shows, in words."""
    hidden = text("page_staircase.hidden", language)

    def said(x: float, whole: bool = False) -> str:
        return hidden if math.isnan(x) else _count(x, whole, language)

    numbers = "; ".join(
        text(
            "page_staircase.alt_stair", language, stair=stair_name(scenario.staircase[i], language),
            today=said(answer.today[i], True), as_today=said(answer.as_today[i]),
            after=said(answer.after[i]),
        )
        for i in shown
    )  # fmt: skip
    time = duration(answer.chosen.months, language)
    who = people(scenario, language, capital=True)
    return text("page_staircase.alt", language, people=who, time=time, numbers=numbers)


# --- money ------------------------------------------------------------------------------------------

_LEFT, _RIGHT, _UPPER, _LOWER = 48.0, 12.0, 28.0, 314.0
_HEIGHT = 359.0


def saving(answer: Answer, scenario: Scenario, language: Language, across: float = WIDE) -> str:
    """Return the cumulated net saving month by month: mean, 50 and 90 of 100, break-even month."""
    months = answer.chosen.months
    steps = d.ticks(min(0.0, float(answer.low.min())) / 1e6, max(0.0, float(answer.high.max())) / 1e6)
    bottom, top = steps[0], steps[-1]

    def at(month: float, amount: float) -> d.Point:
        x = _LEFT + (across - _LEFT - _RIGHT) * month / months
        return x, _LOWER - (_LOWER - _UPPER) * (amount / 1e6 - bottom) / (top - bottom)

    def path(values: Floats) -> list[d.Point]:
        return [at(m, v) for m, v in enumerate(values.tolist())]

    parts = [*_grid(answer, scenario, steps, at, language)]
    parts.append(d.area(path(answer.low) + path(answer.high)[::-1], d.SKY, 0.3))
    parts.append(d.area(path(answer.lower) + path(answer.upper)[::-1], d.SKY, 0.65))
    parts.append(d.line([at(0, 0.0), at(months, 0.0)], d.INK, 1.2))
    parts.append(d.line(path(answer.mean), d.BLUE, 3))
    if not math.isnan(answer.month):
        x = at(answer.begins + answer.month, 0.0)[0]
        parts.append(_break_even_line([(x, _UPPER), (x, _LOWER)]))
    return d.picture(across, _HEIGHT, _saving_alt(answer, language), parts)


def _grid(
    answer: Answer, scenario: Scenario, steps: list[float], at: Place, language: Language
) -> Iterator[str]:
    months, places = answer.chosen.months, d.decimals(steps)
    for step in steps:
        y = at(0, 1e6 * step)[1]
        yield d.line([at(0, 1e6 * step), at(months, 1e6 * step)], "#dddddd", 1)
        yield d.words(_LEFT - 6, y + 4, number(step, language, places), 12, "end")
    for month in range(0, months + 1, MONTHS_IN_YEAR):
        x = at(month, 0.0)[0]
        yield d.line([(x, _LOWER), (x, _LOWER + 5)], d.INK, 1)
        yield d.words(x, _LOWER + 20, number(month // MONTHS_IN_YEAR, language), 12)
    axis = text("page_saving.axis", language, year=scenario.price_year)
    yield d.words(0, 14, axis, d.TEXT, "start")
    middle = at(months / 2, 0.0)[0]
    yield d.words(middle, _LOWER + 40, text("page_saving.month_axis", language), d.TEXT)


def _break_even_line(points: list[d.Point]) -> str:
    return d.line(points, d.ORANGE, 2, 'stroke-dasharray="6 4"')


def saving_legend(answer: Answer, language: Language) -> str:
    """Return what the line and the bands of the saving are, and which month is marked, as HTML."""
    marks = {
        "mean": d.line([(0, 9), (22, 9)], d.BLUE, 3),
        "half": d.box(0, 3, 22, 12, d.SKY, 'fill-opacity="0.75"'),
        "ninety": d.box(0, 3, 22, 12, d.SKY, 'fill-opacity="0.3"'),
    }
    keys = [d.key(mark, text(f"page_saving.{name}", language)) for name, mark in marks.items()]
    if not math.isnan(answer.month):
        share, month = of_hundred(answer.p_paid, language), number(answer.month, language)
        said = text("page_saving.break_even", language, month=month, share=share)
        keys.append(d.key(_break_even_line([(11, 0), (11, 18)]), said))
    return "".join(keys)


def both_widths(draw: Callable[[float], str]) -> str:
    """Return a picture in both widths; the page shows the one for which there is room."""
    return f'<div class="trappe-wide">{draw(WIDE)}</div><div class="trappe-narrow">{draw(NARROW)}</div>'


def _saving_alt(answer: Answer, language: Language) -> str:
    mean, low, high = (saved(x, language) for x in answer.total)
    time = duration(answer.chosen.months, language)
    return text("page_saving.alt", language, time=time, mean=mean, low=low, high=high)
