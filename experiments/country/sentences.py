"""A country's results in sentences, in Danish or English."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from experiments.country.facts import municipalities
from experiments.country.ranks import FEWEST
from experiments.country.rows import Result
from experiments.country.run import BLOCK
from experiments.country.unknown import published_places
from experiments.country.who_gains import CLASSES, above, class_rows
from experiments.settle import LAST
from experiments.words import Language, duration, kroner, number, of_hundred, percent, place, text
from simulation.costs import ROUNDING

TELLS = 0.25
"""Least difference between classes in the share of histories that have paid, for it to be said."""


def sentences(result: Result, language: Language) -> list[str]:
    """Return what a result says: the sum, who gains, who can be told apart, small numbers."""
    found = [_national(result, language), *_takes(result, language), _who(result, language)]
    found += _classes(result, language)
    found += _on_spread(result, language)
    if result.country.plan.replicates < FEWEST:
        return [*found, text("denmark.said.few", language)]
    return [*found, _groups(result, language), _ranks(result, language), *_sizes(result, language)]


def small_print(result: Result, language: Language) -> list[str]:
    """Return what a result rests on and what its intervals cover."""
    plan = result.country.plan
    draws = min(plan.draws, plan.blocks)
    key = "both" if plan.draws else "chance"
    return [
        text(
            "denmark.said.drawn", language, known=len(published_places()), all=len(municipalities()),
            block=BLOCK,
        ),
        text(f"denmark.said.covers_{key}", language, **({"draws": draws} if plan.draws else {})),
        text("denmark.said.average", language, average=place(plan.average, language),
             time=duration(max(LAST, plan.average.months), language), year=plan.average.price_year),
        *_baseline(result, language),
        text("denmark.said.sources", language, year=result.key_figures.year),
    ]  # fmt: skip


def _more_at_a_time(result: Result, name: str) -> float:
    """Return how many children more there are under the policy, on average over the time."""
    c = result.country
    return -float(c.of(f"{name}_months_saved").sum(axis=0).mean()) / c.plan.average.months


def _baseline(result: Result, language: Language) -> list[str]:
    """Return how the sum of children in care goes without the policy, where it may be shown."""
    sums = {row["outcome"]: row["sum"] for row in result.sum_rows()}
    told = {key: sums[f"in_care_{key}"] for key in ("start", "mean", "end")}
    if any(isinstance(n, str) for n in told.values()):
        return []
    counts = {key: number(n, language) for key, n in told.items()}
    return [text("denmark.said.baseline", language, time=_time(result, language), **counts)]


def _time(result: Result, language: Language) -> str:
    return duration(result.country.plan.average.months, language)


def _national(result: Result, language: Language) -> str:
    c = result.country
    e = result.estimate(c.saving.sum(axis=0))
    placed = c.of("placement_cost").sum(axis=0).mean() * c.plan.years
    found = text(
        "denmark.said.national", language, n=len(c.plan.towns), mean=kroner(e.mean, language, 0),
        low=number(e.low / 1e6, language), high=kroner(e.high, language, 0), time=_time(result, language),
        share=percent(e.mean / placed, language, 1), paid=of_hundred(result.p_paid_together, language),
    )  # fmt: skip
    if math.isnan(e.error):
        return found
    return f"{found} {text('denmark.said.national_error', language, error=kroner(e.error, language, 0))}"


def _takes(result: Result, language: Language) -> list[str]:
    """Return what the policy takes, and what it changes: posts, kroner, children in care.

    Nothing where it takes, or changes, nothing.
    """
    posts, more, cost = (
        float(result.country.of(name).sum(axis=0).mean()) for name in ("fte", "extra_fte", "policy_cost")
    )
    found = []
    if abs(cost) >= ROUNDING:
        told = {"cost": kroner(cost, language, 0)}
        if more > 0.0:
            told |= {"more": number(more, language), "posts": number(posts, language)}
        key = "takes" if more > 0.0 else "takes_money"
        found.append(text(f"denmark.said.{key}", language, **told))
    care, heavy = (_more_at_a_time(result, name) for name in ("care", "residential"))
    if care or heavy:
        change = {
            "care": number(care, language, signed=True),
            "heavy": number(heavy, language, signed=True),
        }
        found.append(text("denmark.said.change", language, **change))
    return found


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
        whole=text(f"denmark.figure.{result.whole}", language),
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
    if len(rows) < 2 or abs(rows[0]["p_paid"] - rows[-1]["p_paid"]) < TELLS:
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
    which = "spread_all" if saved > 1.0 else "spread"
    told = {"caseload": number(caseload, language), "children": percent(children, language)}
    if which == "spread":
        told["saved"] = percent(saved, language)
    counted = text("denmark.said.spread_counted", language)
    return [f"{text(f'denmark.said.{which}', language, **told)} {counted}"]


def key_figure_text(name: str, value: float, language: Language) -> str:
    """Return a key figure, "" where it is not known or not shown: kroner whole, others with a decimal."""
    if math.isnan(value):
        return ""
    return number(value, language, 0 if name.endswith("_per_child") or abs(value) >= 100 else 1)


def class_name(row: dict[str, Any], language: Language) -> str:
    """Return a class of `class_rows` in words: under 25 cases per caseworker."""
    limits = bounds(row["from"] or 0, row["below"] or 0, row["below"] or 0, language)
    return text(f"denmark.classes.{row['by']}", language, **{"class": limits})


def bounds(low: float, below: float, last: float, language: Language) -> str:
    """Return a class in words: from `low` to under `below`, its highest value `last`; 0 for no end."""
    if not low:
        return text("denmark.size.below", language, high=number(below, language))
    if not below:
        return text("denmark.size.from", language, low=number(low, language))
    return text("denmark.size.between", language, low=number(low, language), high=number(last, language))
