"""Children of a case list for tests: written by hand, or drawn for any scenario."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from random_scenarios import Rng, chance, pick, random_scenario

from simulation import Scenario
from simulation.first_day import UNKNOWN, FirstDay
from simulation.sections import CaseListFiles

Row = tuple[str, int, int, int, float]
"""Stair, age, months on the stair, months since the last follow-up, price a year."""

NO_PRICE = math.nan


def first_day(s: Scenario, rows: Sequence[Row], districts: Sequence[str] = ()) -> FirstDay:
    """Return the children of rows, all in the first district, or each in the one named for it."""
    names = [d.name for d in s.districts]
    stairs, ages, stays, since, prices = zip(*rows, strict=True) if rows else ((),) * 5
    return FirstDay(
        districts=names,
        stairs=s.staircase.keys,
        district=[names.index(name) for name in districts or names[:1] * len(rows)],
        stair=[s.staircase.index(key) for key in stairs],
        age=ages,
        on_stair=stays,
        since=since,
        price=prices,
    )


def starting_from(s: Scenario, day: FirstDay, **files: Any) -> Scenario:
    """Return the scenario with these children on its first day."""
    return s.model_copy(update={"case_list": CaseListFiles(children=day, **files)})


def random_first_day(s: Scenario, seed: int) -> FirstDay:
    """Return 0 to 60 children for a scenario: newborn and nearly grown up, just come and there for life.

    Some of their last follow-ups and prices are known; some lists know nobody under assessment.
    """
    rng = np.random.default_rng([seed, 20265])
    n = pick(rng, (0, 1, 8, 25, 60))
    kinds = ("home", "care") if chance(rng, 0.4) else ("assessment", "home", "care")
    stairs = [i for i, stair in enumerate(s.staircase) if stair.kind in kinds]
    age = rng.integers(0, s.leave_age * 12, n)
    age[rng.random(n) < 0.05] = s.leave_age * 12 - 1
    stay = 1 + (rng.random(n) ** 3 * (age + 1)).astype(int)
    since = rng.integers(0, stay + 1)
    since[rng.random(n) < 0.4] = UNKNOWN
    price = rng.uniform(0.0, 2e6, n)
    price[rng.random(n) < 0.5] = NO_PRICE
    return FirstDay(
        districts=[d.name for d in s.districts],
        stairs=s.staircase.keys,
        district=rng.integers(0, len(s.districts), n),
        stair=rng.choice(stairs, n),
        age=age,
        on_stair=stay,
        since=since,
        price=price,
    )


def random_listed_scenario(seed: int) -> Scenario:
    """Return a random scenario that starts from a case list."""
    s = random_scenario(seed)
    return starting_from(s, random_first_day(s, seed))


def shuffled(day: FirstDay, rng: Rng) -> FirstDay:
    """Return the same children in another order."""
    order = rng.permutation(len(day))
    names = ("district", "stair", "age", "on_stair", "since", "price")
    columns = {name: getattr(day, name)[order] for name in names}
    return FirstDay(districts=day.districts, stairs=day.stairs, **columns)
