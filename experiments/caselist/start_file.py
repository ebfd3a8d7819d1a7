"""The scenario file of a case list: the template's text with the municipality's own counts and posts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

import numpy as np

from experiments.caselist.quality import SMALLEST
from experiments.caselist.reading import CaseList
from experiments.caselist.start_counts import shown_counts
from simulation.reading import shipped_text
from simulation.staircase import DEFAULT_STAIRCASE, Staircase

DAYS_IN_YEAR = 365.25
YEARS_OF_INFLOW = 3.0
"""Inflow goes by the assessments of so many years back, or what there is."""
ASSESSED = 0.55
"""Share of children at risk who are assessed in the end: what the template says of it."""
TEMPLATE_CASES, TEMPLATE_INFLOW, TEMPLATE_POSTS = 229, 145, 5
"""What the template's made-up municipality has; in proportion, where the list says nothing."""

_FROM, _TO = "# --- the district ---", "# --- the review rule of today"
_SOURCES, _AFTER = "[sources]\n", "# --- everything else"


@dataclass(frozen=True)
class Stated:
    """What the scenario file states for each district, and where it is from."""

    counts: list[list[int]]
    inflow: list[float]
    inflow_from: str
    posts: list[list[float]]
    posts_from: str


def as_scenario(
    cases: CaseList, name: str, *, internal: bool = False, staircase: Staircase = DEFAULT_STAIRCASE
) -> str:
    """Return the text of a scenario file that starts from the children of a case list.

    Counts under 5 are rounded to 0 or 5 unless `internal` (see `rounded`).
    """
    stated = _stated(cases, internal, staircase)
    text = shipped_text("template").replace("my-municipality", name)
    until = cases.spells.until.astype("datetime64[D]").item()
    head, rest = text.split(_FROM)
    _, tail = rest.split(_TO)
    before, sources = tail.split(_SOURCES)
    return (
        _head(head, until, sum(map(sum, stated.counts)))
        + _districts(cases, stated, staircase, internal)
        + _TO + before + _SOURCES + _sources(cases, stated, internal) + "\n"
        + _AFTER + sources.split(_AFTER)[1]
    )  # fmt: skip


def _stated(cases: CaseList, internal: bool, staircase: Staircase) -> Stated:
    counts = shown_counts(cases, internal)
    is_case = np.array([s.is_case for s in staircase])
    sizes = [int(np.array(row)[is_case].sum()) for row in counts]
    inflow, inflow_from = _inflow(cases, sum(sizes), staircase)
    posts, posts_from = _posts(cases, sum(sizes))
    total = max(sum(sizes), 1)
    return Stated(
        counts,
        [round(inflow * n / total, 1) for n in sizes],
        inflow_from,
        _shared(posts, sizes),
        posts_from,
    )


def _inflow(cases: CaseList, size: int, staircase: Staircase) -> tuple[float, str]:
    """Return children newly at risk a year and where the number is from."""
    spells, stair = cases.spells, staircase.first("assessment")
    years = min(YEARS_OF_INFLOW, float((spells.until - spells.start.min()).astype(int)) / DAYS_IN_YEAR)
    since = spells.until - np.timedelta64(int(years * DAYS_IN_YEAR), "D")
    assessed = int(((spells.stair == stair) & (spells.start >= since)).sum())
    if assessed < SMALLEST or years <= 0.0:
        return (
            TEMPLATE_INFLOW * size / TEMPLATE_CASES,
            "In proportion to the cases, as in the template. Replace it.",
        )
    return (
        assessed / years / ASSESSED,
        f"Assessments begun a year, last {years:.1f} years of the list, / {ASSESSED}.",
    )


def _posts(cases: CaseList, size: int) -> tuple[list[float], str]:
    """Return the full-time shares of posts and where they are from."""
    if cases.workers is not None:
        last = cases.spells.until - np.timedelta64(1, "D")
        shares = [
            x for fte in cases.workers.on(last).tolist() for x in (min(fte, 1.0), fte - 1.0) if x > 0
        ]
        if shares:
            return [round(x, 3) for x in shares], "workers.csv, those there on the last day."
    n = max(round(TEMPLATE_POSTS * size / TEMPLATE_CASES), 1)
    return [1.0] * n, "In proportion to the cases, as in the template. Replace it."


def _shared(posts: list[float], sizes: list[int]) -> list[list[float]]:
    """Return the posts of each district: one after the other to where there are most cases per post."""
    shared: list[list[float]] = [[] for _ in sizes]
    for post in sorted(posts, reverse=True):
        fewest = max(range(len(sizes)), key=lambda i: (sizes[i] + 1e-9) / (sum(shared[i]) + 1e-6))
        shared[fewest].append(post)
    return shared


def _head(template: str, until: date, children: int) -> str:
    lines = template.splitlines()
    lines[0] = (
        "# Written by trappe import. Counts and dates are the case list's; posts, where it has them;"
    )
    lines.insert(1, "# the other numbers are the template's: look through them. Then:")
    found = []
    for line in lines:
        if line.startswith("about = "):
            last = f"{until - _DAY:%Y-%m-%d}, the last day of the case list"
            line = f'about = "{children} children on {last}."'
        elif line.startswith("start = "):
            line = f"start = {until:%Y-%m}-01           # first month; the day is not used"
        found.append(line)
    return "\n".join(found) + "\n"


_DAY = date(2020, 1, 2) - date(2020, 1, 1)


def _districts(cases: CaseList, stated: Stated, staircase: Staircase, internal: bool) -> str:
    text = f"# --- the districts {'-' * 89}\n"
    if not internal:
        text += (
            "# Counts of 1 to 4 children become 0 or 5, and the largest count takes the difference:\n"
            "# nobody can be found behind them. trappe import --internal writes them as they are.\n"
        )
    text += f"# inflow: children newly at risk a year. {stated.inflow_from}\n"
    text += f"# caseworkers: one full-time share per post. {stated.posts_from}\n"
    text += (
        "# places: those taken today; add the free ones. start: children on the last day of the list.\n\n"
    )
    names = cases.districts or ("all",)
    blocks = [
        _district(name, counts, inflow, posts, staircase)
        for name, counts, inflow, posts in zip(
            names, stated.counts, stated.inflow, stated.posts, strict=True
        )
    ]
    return text + "\n".join(blocks) + "\n"


def _district(
    name: str, counts: list[int], inflow: float, posts: list[float], staircase: Staircase
) -> str:
    limited = {s.key: n for s, n in zip(staircase, counts, strict=True) if s.limited}
    places = ", ".join(f"{key} = {n}" for key, n in limited.items())
    start = "".join(
        f"{s.key} = {n:<6} # {s.label}\n"
        for s, n in zip(staircase, counts, strict=True)
        if s.kind != "hidden"
    )
    return (
        f"[[districts]]\nname = {json.dumps(name, ensure_ascii=False)}\ninflow = {inflow:g}\n"
        f"caseworkers = [{', '.join(f'{x:g}' for x in posts)}]\nplaces = {{ {places} }}\n\n"
        f"[districts.start]\n{start}"
    )


def _sources(cases: CaseList, stated: Stated, internal: bool) -> str:
    last = (cases.spells.until - np.timedelta64(1, "D")).astype("datetime64[D]")
    how = "" if internal else ", counts of 1 to 4 rounded"
    return (
        f'"districts.start" = "Case list, {last}{how}."\n'
        f'"districts.inflow" = "{stated.inflow_from}"\n'
        f'"districts.caseworkers" = "{stated.posts_from}"\n'
        f'"districts.places" = "Places taken on the last day of the case list."\n'
    )
