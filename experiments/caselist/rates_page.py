"""The page "your own rates": what a case list says of a municipality, in plain words and as a table."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.caselist.own_numbers import BREAKDOWN_UP, HOME, OwnNumbers
from experiments.caselist.quality import SMALLEST, hidden, total_hidden
from experiments.caselist.rates_limits import cannot_say
from experiments.caselist.rates_table import KINDS, OwnRates, Part, RateLine
from experiments.caselist.readiness_prior import READINESS, RECOGNITION
from experiments.caselist.work_done import Counted, Intervals
from experiments.csv_cells import neutral
from simulation.parameters import parameter

SHOWN_QUARTERS = 8
HIDDEN = "(hidden)"

_COVERS = (
    "What lies between the two numbers in brackets covers the true rate with 90 % chance, if this",
    "municipality is one like others and its rates did not change in the window. Own: how much of the",
    "result is the municipality's own; the rest is the country's.",
)


def page(rates: OwnRates, internal: bool) -> list[str]:
    """Return the page, line by line, for people; counts under 5 are hidden unless `internal`."""
    last = rates.numbers.until - np.timedelta64(1, "D")
    lines = [f"Your own rates, counted from {rates.numbers.begin} to {last}", "", *_COVERS, ""]
    for part in rates.parts:
        lines += _rates(part, part is rates.care, internal)
    lines += [*_work(rates.numbers, internal), ""]
    lines += [*_recognition(rates.numbers, internal), ""]
    lines += [*_others(rates.numbers, internal), ""]
    lines += ["What these data cannot say", *(f"  * {x}" for x in cannot_say(rates))]
    if not internal:
        lines += [
            "",
            f"{HIDDEN}: a count under {SMALLEST}, or one that would give such a count away. "
            "--internal shows them.",
        ]
    return lines


# --- rates --------------------------------------------------------------------------------------


_TITLES = {
    True: {
        "leave": "Leaving care (home or out, not by age), per child and year",
        "move": "Moving to another stair in care, per child and year",
        "enter": "Entries into care a year",
    },
    False: {
        "leave": "Before care: cases that end, per child and year",
        "move": "Before care: moving to another stair, into care too, per child and year",
        "enter": "Before care: cases that begin, a year",
    },
}


def _rates(part: Part, is_care: bool, internal: bool) -> list[str]:
    """Return the lines of one part, kind by kind."""
    found, lines = part.lines(internal), []
    for kind, title in _TITLES[is_care].items():
        head = _head("years" if kind == "enter" else "child-years")
        shown = [x for x in found if x.kind == kind and not (x.events == 0 and x.national == 0.0)]
        lines += [title, head, *map(_rate, shown), ""]
    return lines


def _head(years: str) -> str:
    return f"  {'':24}{'events':>9}{years:>13}{'own rate':>10}{'country':>9}  {'result':<27}{'own':>5}"


def _rate(x: RateLine) -> str:
    name = x.stair if not x.ages else f"{'  ' if x.stair else 'all stairs, '}{x.ages} years"
    result = f"{_two(x.middle)} ({_two(x.low)} to {_two(x.high)})"
    shown = (
        f"{HIDDEN:>9}{'':13}{'':10}"
        if x.events is None or x.years is None
        else f"{x.events:9d}{x.years:13.1f}{_two(x.own or 0.0):>10}"
    )
    weight = "" if x.weight is None else f"{round(100 * x.weight)} %"
    return f"  {name:24}{shown}{_two(x.national):>9}  {result:<27}{weight:>5}".rstrip()


def _two(x: float) -> str:
    """Return a number to two digits."""
    return f"{float(f'{x:.2g}'):g}" if np.isfinite(x) else "-"


# --- work ---------------------------------------------------------------------------------------


def _work(own: OwnNumbers, internal: bool) -> list[str]:
    work = own.work
    lines = ["Work done"]
    for x in work.intervals or ():
        lines.append(f"  {_interval(x, internal)}")
    for c in (work.caseload or ())[-SHOWN_QUARTERS:]:
        load = HIDDEN if c.cases < SMALLEST and not internal else f"{c.per_fte:.0f} cases per FTE"
        lines.append(f"  {c.day}: {load}")
    if work.turnover is not None:
        lines.append(f"  Caseworkers who leave: {_counted(work.turnover, 'worker', internal)}")
    if work.handovers is not None:
        lines.append(f"  Changes of caseworker: {_counted(work.handovers, 'case', internal)}")
    return (
        lines if len(lines) > 1 else [*lines, "  There are no files of follow-ups, cases or caseworkers."]
    )


def _interval(x: Intervals, internal: bool) -> str:
    which = "first follow-up after" if x.first else "later follow-ups every"
    if not internal and x.held < SMALLEST:
        return f"{x.stair}: {which} {HIDDEN}"
    months = "more than can be seen" if np.isnan(x.median) else f"{x.median:.1f} months (median)"
    late = x.due - x.in_time
    if x.due == 0:
        return f"{x.stair}: {which} {months}"
    if not internal and (0 < x.in_time < SMALLEST or 0 < late < SMALLEST):
        return f"{x.stair}: {which} {months}; share by the due date {HIDDEN}"
    return f"{x.stair}: {which} {months}; {round(100 * x.in_time / x.due)} % by the due date"


def _counted(x: Counted, who: str, internal: bool) -> str:
    if 0 < x.events < SMALLEST and not internal:
        return HIDDEN
    low, high = x.interval
    years = f"{x.events} in {x.years:.0f} {who}-years"
    return f"{_two(x.rate)} a year and {who} ({_two(low)} to {_two(high)}); {years}"


# --- own numbers --------------------------------------------------------------------------------


def _recognition(own: OwnNumbers, internal: bool) -> list[str]:
    r = own.readiness
    lines = ["Recognition and readiness: the two unknowns that matter most"]
    if r.from_follow_ups:
        counts = [r.follow_ups, r.moves, r.unrecorded]
        shown = [
            HIDDEN if not internal and (0 < n < SMALLEST or 0 < m - n < SMALLEST) else str(n)
            for n, m in zip(counts, (r.follow_ups + SMALLEST, r.moves + SMALLEST, r.moves), strict=True)
        ]
        lines.append(
            f"  From {shown[0]} dated follow-ups and {shown[1]} moves down after them; of these moves "
            f"{shown[2]} had no follow-up in the eight weeks before, and are read as decided by one that "
            "was not recorded."
        )
    else:
        lines.append(
            "  There are no dated follow-ups to learn recognition from: it is the country's. Readiness "
            "is read from the moves down and the interval that the scenario states."
        )
    head = f"  {'':36}{'the country':>22}{'here':>24}"
    names = [name for name in r.spans if name == RECOGNITION or name.startswith(READINESS)]
    names.sort(key=lambda name: name != RECOGNITION)
    lines.append(head)
    for name in names:
        key = name.removeprefix(READINESS)
        what = "recognition" if name == RECOGNITION else f"readiness a year, {key}"
        way = f"  ({r.way[key]})" if key in r.way else ""
        before, after = r.spans[name].before, r.spans[name].after
        lines.append(f"  {what:36}{_span(before):>22}{_span(after):>24}{way}")
    if r.from_follow_ups:
        chance = _span(r.local_chance.after)
        lines.append(f"  At today's caseload a follow-up sees a ready child with chance {chance}.")
    return lines


def _span(x: tuple[float, float, float]) -> str:
    return f"{_two(x[0])} ({_two(x[1])} to {_two(x[2])})"


def _others(own: OwnNumbers, internal: bool) -> list[str]:
    """Return the lines of the other numbers that go on to the simulation."""
    lines = [
        "Other numbers that go on to the simulation in place of the country's",
        f"  {'':36}{'the country':>24}{'here':>26}{'events':>10}{'own':>6}",
    ]
    events = _shown_events(own, internal)
    for name, learnt in own.learnt.items():
        before, after = own.spans[name].before, own.spans[name].after
        n = events[name]
        weight = f"{round(100 * learnt.weight)} %" if n is not None else ""
        shown = HIDDEN if n is None else str(n)
        short = name.removeprefix("children.").removeprefix("work.")
        lines.append(f"  {short:36}{_span(before):>24}{_span(after):>26}{shown:>10}{weight:>6}")
    return lines if own.learnt else [*lines[:1], "  None: the list says nothing about them."]


def _shown_events(own: OwnNumbers, internal: bool) -> dict[str, int | None]:
    """Return the events behind each number, None where hidden; each group of numbers has a total."""
    groups: dict[str, list[str]] = {}
    for name in own.learnt:
        stem = name.rpartition(".")[0]
        groups.setdefault(name if stem in ("children", "work") else stem, []).append(name)
    found: dict[str, int | None] = {}
    for names in groups.values():
        counts = [own.learnt[name].events for name in names]
        hide = [False] * len(counts) if internal else hidden(counts)
        shares = names[0].startswith((HOME, BREAKDOWN_UP))  # moves of other tables, some of them hidden
        hide = [h or (not internal and (shares or total_hidden(counts))) for h in hide]
        found |= {name: None if h else n for name, n, h in zip(names, counts, hide, strict=True)}
    return found


# --- the table ----------------------------------------------------------------------------------


def as_rows(rates: OwnRates, internal: bool) -> list[dict[str, Any]]:
    """Return the page's numbers as a table: rates by stair and age, then numbers by record."""
    rows = [
        _row(x.kind, x.stair, x.ages, x.events, x.years, x.own, (x.national, None, None),
             (x.middle, x.low, x.high), x.weight)
        for part in rates.parts
        for x in part.lines(internal)
    ]  # fmt: skip
    own = rates.numbers
    events = _shown_events(own, internal)
    for name, span in {**own.readiness.spans, **own.spans}.items():
        learnt = own.learnt.get(name)
        n = events.get(name)
        weight = learnt.weight if learnt is not None and n is not None else None
        rows.append(_row(name, "", "", n, None, None, span.before, span.after, weight))
    for x in own.work.intervals or ():
        if internal or x.held >= SMALLEST:
            what = "months to the first follow-up" if x.first else "months between follow-ups"
            months = None if np.isnan(x.median) else x.median
            rows.append(_row(what, x.stair, "", None, None, months, (None,) * 3, (None,) * 3, None))
    for c in own.work.caseload or ():
        if internal or c.cases >= SMALLEST:
            rows.append(
                _row(
                    f"cases per FTE, {c.day}",
                    "",
                    "",
                    None,
                    None,
                    c.per_fte,
                    (None,) * 3,
                    (None,) * 3,
                    None,
                )
            )
    return [{k: neutral("" if v is None else v) for k, v in row.items()} for row in rows]


_Three = tuple[float | None, ...]


def _row(
    what: str, stair: str, ages: str, events: int | None, years: float | None, own: float | None,
    country: _Three, here: _Three, weight: float | None,
) -> dict[str, Any]:  # fmt: skip
    def short(x: float | None) -> float | None:
        return None if x is None else float(f"{x:.3g}")

    return {
        "what": what, "unit": _unit(what), "stair": stair, "ages": ages, "events": events,
        "years": None if years is None else round(years, 1), "own": short(own),
        "country": short(country[0]), "country_low": short(country[1]), "country_high": short(country[2]),
        "here": short(here[0]), "here_low": short(here[1]), "here_high": short(here[2]),
        "weight": None if weight is None else round(weight, 2),
    }  # fmt: skip


def _unit(what: str) -> str:
    if what in KINDS:
        return "per child and year"
    if what == "enter":
        return "per year"
    if what.startswith("months"):
        return "months"
    return "cases per FTE" if what.startswith("cases") else parameter(what).unit
