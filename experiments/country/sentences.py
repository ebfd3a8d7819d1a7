"""A country's results in sentences, in Danish or English."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.country.facts import municipalities
from experiments.country.ranks import FEWEST
from experiments.country.rows import Result
from experiments.country.run import BLOCK
from experiments.country.unknown import published_places
from experiments.country.who_gains import CLASSES, above, class_rows
from experiments.words import Language, duration, kroner, number, percent, place, text


def sentences(result: Result, language: Language) -> list[str]:
    """Return what a result says: the sum, who gains, who can be told apart, small numbers."""
    found = [_national(result, language), _who(result, language), *_classes(result, language)]
    found += _on_spread(result, language)
    if result.country.plan.replicates < FEWEST:
        return [*found, text("denmark.said.few", language)]
    return [*found, _groups(result, language), _ranks(result, language), *_sizes(result, language)]


def small_print(result: Result, language: Language) -> list[str]:
    """Return what a result rests on and what its intervals cover."""
    plan = result.country.plan
    start, end = (result.country.of(name).sum(axis=0).mean() for name in ("in_care_start", "in_care_end"))
    draws = min(plan.draws, plan.blocks)
    key = "both" if plan.draws else "chance"
    return [
        text(
            "denmark.said.drawn", language, known=len(published_places()), all=len(municipalities()),
            block=BLOCK,
        ),
        text(f"denmark.said.covers_{key}", language, **({"draws": draws} if plan.draws else {})),
        text("denmark.said.baseline", language, start=number(start, language),
             end=number(end, language), time=_time(result, language)),
        text("denmark.said.average", language, average=place(plan.average, language),
             year=plan.average.price_year),
        text("denmark.said.sources", language, year=result.key_figures.year),
    ]  # fmt: skip


def _time(result: Result, language: Language) -> str:
    return duration(result.country.plan.average.months, language)


def _national(result: Result, language: Language) -> str:
    c = result.country
    e = result.estimate(c.saving.sum(axis=0))
    placed = c.of("placement_cost").sum(axis=0).mean() * c.plan.years
    return text(
        "denmark.said.national", language, n=len(c.plan.towns), mean=kroner(e.mean, language, 0),
        low=number(e.low / 1e6, language), high=kroner(e.high, language, 0),
        time=_time(result, language), cost=kroner(c.of("policy_cost").sum(axis=0).mean(), language, 0),
        share=percent(e.mean / placed, language, 1),
    )  # fmt: skip


def _who(result: Result, language: Language) -> str:
    verdicts = result.verdicts
    if set(verdicts) == {"open"}:
        return text("denmark.said.who_open", language, time=_time(result, language))
    counts = {key: str(verdicts.count(key)) for key in ("gains", "open", "loses")}
    return text("denmark.said.who", language, time=_time(result, language), **counts)


def _groups(result: Result, language: Language) -> str:
    groups = int(result.ranks.group.max())
    if groups == 1:
        return text("denmark.said.groups_one", language)
    return text("denmark.said.groups", language, groups=groups)


def _ranks(result: Result, language: Language) -> str:
    r = result.ranks
    width = int(np.median(r.high - r.low + 1))
    return text(
        "denmark.said.ranks", language, width=width, n=len(r.low),
        ahead=int((r.against > 0).sum()), behind=int((r.against < 0).sum()),
    )  # fmt: skip


def _sizes(result: Result, language: Language) -> list[str]:
    rows = result.size_rows()
    if len(rows) < 2:
        return []
    small, large = rows[0], rows[-1]
    return [
        text(
            "denmark.said.size", language, small=number(small["children_below"], language),
            wide=number(small["width_of_one"], language), large=number(large["children_from"], language),
            narrow=number(large["width_of_one"], language),
        )
    ]  # fmt: skip


def _classes(result: Result, language: Language) -> list[str]:
    """Return what the caseload of today decides, where there are histories of several caseloads."""
    rows = [row for row in class_rows(result.country) if row["by"] == "cases_per_fte"]
    if len(rows) < 2:
        return []
    few, many = rows[0], rows[-1]
    return [
        text(
            "denmark.classes.said", language, few=class_name(few, language),
            many=class_name(many, language), low=f"{100 * few['p_paid']:.0f}",
            high=f"{100 * many['p_paid']:.0f}",
        )
    ]  # fmt: skip


def _on_spread(result: Result, language: Language) -> list[str]:
    """Return how much of the sum hangs on the spread of caseloads that nobody has counted."""
    if (chosen := result.country.plan.caseload_sd) is not None:
        return [text("denmark.said.chosen_spread", language, spread=number(chosen, language, 2))]
    caseload = CLASSES["cases_per_fte"][-1]
    saved, children = above(result.country, caseload)
    if not saved > 0.0 or children == 0.0:
        return []
    return [
        text(
            "denmark.said.spread", language, caseload=number(caseload, language),
            saved=percent(saved, language), children=percent(children, language),
        )
    ]  # fmt: skip


def class_name(row: dict[str, Any], language: Language) -> str:
    """Return a class of `class_rows` in words: under 25 cases per caseworker."""
    return text(f"denmark.classes.{row['by']}", language, **{"class": _bounds(row, language)})


def _bounds(row: dict[str, Any], language: Language) -> str:
    low, high = row["from"], row["below"]
    if not low:
        return text("denmark.size.below", language, high=number(high, language))
    if not high:
        return text("denmark.size.from", language, low=number(low, language))
    return text("denmark.size.between", language, low=number(low, language), high=number(high, language))
