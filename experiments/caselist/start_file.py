"""The scenario file of a case list: the template's text with the municipality's own counts and posts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from experiments.caselist.first_day_rows import first_month
from experiments.caselist.posts import TEMPLATE_CASES, posts_of
from experiments.caselist.quality import SMALLEST
from experiments.caselist.reading import CaseList
from experiments.caselist.showing import up_to_fives
from experiments.caselist.standing import day_after
from experiments.caselist.start_counts import shown_counts
from experiments.caselist.start_unlisted import home_is_guessed, lists_any, with_unlisted
from experiments.caselist.template_lines import Value, switched_on
from simulation.reading import shipped_text
from simulation.staircase import DEFAULT_STAIRCASE, Stair, Staircase

DAYS_IN_YEAR = 365.25
MONTHS_OF_PLACES = 36
"""Places go by the most children there at once in so many months back."""
YEARS_OF_INFLOW = 3.0
"""Inflow goes by the assessments of so many years back, or what there is."""
ASSESSED = 0.55
"""Share of children at risk who are assessed in the end: what the template says of it."""
TEMPLATE_INFLOW = 145
"""Children newly at risk in the template's municipality; in proportion, where the list is silent."""

_FROM, _TO = "# --- the district ---", "# --- the review rule of today"
_SOURCES, _AFTER = "[sources]\n", "# --- everything else"


@dataclass(frozen=True)
class Own:
    """What a scenario states beside counts and posts, in the municipality's own numbers.

    `values` by dotted name ("children.readiness_rate.foster_care") and their `sources`; `inflow` per
    district, children newly at risk a year, with what it rests on (None: from the list's assessments);
    `files`: the lines of [case_list], TOML values.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    inflow: Sequence[float] | None = None
    inflow_from: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stated:
    """What the scenario file states for each district, and where it is from."""

    counts: list[list[int]]
    inflow: list[float]
    inflow_from: str
    posts: list[list[float]]
    posts_from: str
    places: list[list[int]]


def as_scenario(
    cases: CaseList, name: str, own: Own, *, internal: bool = False,
    staircase: Staircase = DEFAULT_STAIRCASE,
) -> str:  # fmt: skip
    """Return the text of a scenario file that starts from the children of a case list.

    Counts are to the nearest five unless `internal`; the children themselves are in their own file.
    """
    stated = _stated(cases, own, internal, staircase)
    text = shipped_text("template").replace("my-municipality", name)
    head, rest = text.split(_FROM)
    _, tail = rest.split(_TO)
    before, sources = tail.split(_SOURCES)
    whole = (
        _head(head, cases, sum(map(sum, stated.counts)))
        + _districts(cases, stated, staircase, internal) + _case_list(own)
        + _TO + before + _SOURCES + _sources(cases, stated, own, internal, staircase) + "\n"
        + _AFTER + sources.split(_AFTER)[1]
    )  # fmt: skip
    return switched_on(whole, own.values)


def _stated(cases: CaseList, own: Own, internal: bool, staircase: Staircase) -> Stated:
    counts = with_unlisted(shown_counts(cases, internal), cases, staircase)
    is_case = np.array([s.is_case for s in staircase])
    sizes = [int(np.array(row)[is_case].sum()) for row in counts]
    inflow, inflow_from = _inflow(cases, sum(sizes), staircase)
    posts = posts_of(cases, sizes)
    total = max(sum(sizes), 1)
    return Stated(
        counts,
        list(own.inflow) if own.inflow else [round(inflow * n / total, 1) for n in sizes],
        own.inflow_from or inflow_from,
        posts.shares,
        posts.source,
        _most(cases, internal),
    )


def _most(cases: CaseList, internal: bool) -> list[list[int]]:
    """Return [district][stair]: the most children there at the end of a month of the last years.

    Rounded up to fives unless `internal`: fewer places than there are would turn children away.
    """
    spells, district = cases.spells, np.maximum(cases.district, 0)
    most = np.zeros((max(len(cases.districts), 1), len(spells.stairs)), np.int64)
    for month in range(MONTHS_OF_PLACES):
        day = day_after(spells.until, -month / 12)
        there = (spells.start < day) & (np.isnat(spells.end) | (spells.end >= day))
        now = np.zeros_like(most)
        np.add.at(now, (district[there], spells.stair[there]), 1)
        most = np.maximum(most, now)
    return [[n if internal else up_to_fives(n) for n in row] for row in most.tolist()]


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


def _head(template: str, cases: CaseList, children: int) -> str:
    until = cases.spells.until.astype("datetime64[D]").item()
    lines = template.splitlines()
    lines[0] = (
        "# Written by trappe import. Counts, dates and what [sources] below names are the case list's;"
    )
    lines.insert(1, "# the other numbers are the template's: look through them. Then:")
    found = []
    for line in lines:
        if line.startswith("about = "):
            last = until - timedelta(1)
            line = f'about = "Some {children} children on {last}, the last day of the case list."'
        elif line.startswith("start = "):
            line = (
                f"start = {first_month(cases.spells.until)}           # first month; the day is not used"
            )
        elif line.startswith("price_year = ") and not np.isnan(cases.price).all():
            line = f"price_year = {until.year}            # price level of every amount: the case list's"
        found.append(line)
    return "\n".join(found) + "\n"


def _case_list(own: Own) -> str:
    """Return the section that points to the files of the case list."""
    if not own.files:
        return ""
    lines = "".join(f"{key} = {value}\n" for key, value in own.files.items())
    return f"""# --- the case list {"-" * 89}
# children: one row per child of the first day, without names, in the folder of the case list, which they
# must not leave. draws: your own rates with what is unknown about them, used with --draws. back_test: how
# good forecasts from earlier days were. Paths start from this file.

[case_list]
{lines}
"""


def quoted(words: str) -> str:
    """Return words as a TOML string."""
    return json.dumps(words, ensure_ascii=False)


def _districts(cases: CaseList, stated: Stated, staircase: Staircase, internal: bool) -> str:
    text = f"# --- the districts {'-' * 89}\n"
    if not internal:
        text += (
            "# Counts are to the nearest five, so nobody is found behind them. The first day is that of\n"
            "# [case_list], child by child. trappe import --internal writes the counts as they are.\n"
        )
    text += f"# inflow: children newly at risk a year. {stated.inflow_from}\n"
    text += f"# caseworkers: one full-time share per post. {stated.posts_from}\n"
    text += (
        "# places: the most taken at once in three years; correct them. start: those of the last day.\n\n"
    )
    names = cases.districts or ("all",)
    each = zip(names, stated.counts, stated.inflow, stated.posts, stated.places, strict=True)
    shown = [s for i, s in enumerate(staircase) if s.kind in ("home", "care") or lists_any(cases, [i])]
    blocks = [_district(*values, staircase, shown) for values in each]
    return text + "\n".join(blocks) + "\n"


def _district(
    name: str, counts: list[int], inflow: float, posts: list[float], most: list[int],
    staircase: Staircase, shown: Sequence[Stair],
) -> str:  # fmt: skip
    limited = {s.key: n for s, n in zip(staircase, most, strict=True) if s.limited}
    places = ", ".join(f"{key} = {n}" for key, n in limited.items())
    start = "".join(
        f"{s.key} = {n:<6} # {s.label}\n" for s, n in zip(staircase, counts, strict=True) if s in shown
    )
    return (
        f"[[districts]]\nname = {quoted(name)}\ninflow = {inflow:g}\n"
        f"caseworkers = [{', '.join(f'{x:g}' for x in posts)}]\nplaces = {{ {places} }}\n\n"
        f"[districts.start]\n{start}"
    )


def _sources(cases: CaseList, stated: Stated, own: Own, internal: bool, staircase: Staircase) -> str:
    last = (cases.spells.until - np.timedelta64(1, "D")).astype("datetime64[D]")
    others = "".join(f"{quoted(name)} = {quoted(words)}\n" for name, words in own.sources.items())
    how = "" if internal else ", to the nearest five"
    if home_is_guessed(cases, staircase):
        how += (
            "; help at home is not in the list: as many per child in care as in the country. Replace it"
        )
    return (
        f'"districts.start" = "Case list, {last}{how}."\n'
        f'"districts.inflow" = "{stated.inflow_from}"\n'
        f'"districts.caseworkers" = "{stated.posts_from}"\n'
        f'"districts.places" = "Most places taken at once in the last three years of the case list."\n'
        + others
    )
