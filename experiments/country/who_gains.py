"""Who gains: how far what a municipality knows of itself decides whether the policy pays there.

Caseload and children in care are drawn for each municipality, so its own line spans all that they may be.
Here all municipalities in all histories are sorted by what was drawn instead: a municipality that knows
its numbers finds its own class.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.country.run import Country
from experiments.estimates import estimate
from simulation.costs import ROUNDING

Bools = NDArray[np.bool_]

CLASSES: dict[str, tuple[float, ...]] = {
    "cases_per_fte": (0.0, 25.0, 35.0, 45.0),
    "placed_per_1000": (0.0, 6.0, 12.0, 18.0),
}
"""What is sorted by, and where each class begins. About 33 cases and 10 per 1,000 are the country's."""

FEWEST = 100
"""Histories of municipalities below which a class is not shown."""

COVERS = "all municipalities and histories of the class: 90 of 100 of them lie inside"


def class_rows(country: Country) -> list[dict[str, Any]]:
    """Return one row per class: saving per child, share of histories that have paid by the end.

    A class of fewer than 100 histories of municipalities has no row.
    """
    known = {
        "cases_per_fte": country.of("cases") / country.of("fte"),
        "placed_per_1000": 1000.0 * country.of("in_care_start") / country.children[:, None],
    }
    return [
        _row(country, name, low, high, inside)
        for name, begins in CLASSES.items()
        for low, high in zip(begins, (*begins[1:], np.inf), strict=True)
        if (inside := (known[name] >= low) & (known[name] < high)).sum() >= FEWEST
    ]


def above(country: Country, caseload: float) -> tuple[float, float]:
    """Return which share of the saving, and of the children, is where caseworkers have so many cases.

    Over all histories: children in municipalities with at least `caseload` cases per FTE. The share of
    the saving is not defined where all together save nothing.
    """
    there = country.of("cases") / country.of("fte") >= caseload
    total = float(country.saving.sum())
    saved = float(country.saving[there].sum()) / total if total > 0 else float("nan")
    children = np.broadcast_to(country.children[:, None], there.shape)
    return saved, float(children[there].sum() / children.sum())


def _row(country: Country, name: str, low: float, high: float, inside: Bools) -> dict[str, Any]:
    e = estimate(country.per_child[inside])
    return {
        "by": name,
        "from": low,
        "below": "" if np.isinf(high) else high,
        "share_of_histories": float(inside.mean()),
        "net_saving_per_child_year": e.mean,
        "net_saving_per_child_year_low": e.low,
        "net_saving_per_child_year_high": e.high,
        "p_paid": float((country.saving[inside] >= -ROUNDING).mean()),
        "covers": COVERS,
    }
