"""The trend: Denmark 2011-2018, as the caseload fell and foster places grew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from experiments import measures as ms
from experiments.calibration.runs import ledger
from experiments.validation.posts import months_after, posts_of
from experiments.validation.settings import Experiment, Found, Setting, named, pooled
from simulation.accounts import Floats, Ledger, family_like, in_care, residential
from simulation.parameters import value
from simulation.policy import Policy, Supply
from simulation.scenario import Scenario
from simulation.sections import LaterPost
from simulation.staircase import Staircase

Which = Callable[[Staircase, int], bool]
"""Which stairs are meant, as in `simulation.accounts`."""

YEAR = 12
SETTLING_YEARS, TREND_YEARS, HISTORIES = 10, 7, 12
SIZINGS, SIZING_HISTORIES = 4, 4
"""Steps, and histories in each, by which posts are sized."""


def trend(at: Setting) -> Found:
    """Return 2018 over 2011 as the caseload fell and foster places grew, and by the caseload alone.

    A municipality long settled at the caseload of the time before, with the foster places of 2011; then
    seven years in which new posts bring the caseload to that of 2019 and places grow evenly. Each ratio
    is to the same municipality with the same luck in which nothing changes.
    """
    s, drifting = before_and_drifting(at)
    more = round(_foster_places(s) * (value("target.trend.family_ratio") - 1.0))
    growth = Policy(
        start=months_after(s.start, SETTLING_YEARS * YEAR),
        ramp_months=TREND_YEARS * YEAR,
        supply=Supply(extra_places={key: more for key in s.districts[0].places}),
    )
    same, both, caseload = (
        ledger(arm, policy, at.seed, HISTORIES)
        for arm, policy in ((s, None), (drifting, growth), (drifting, None))
    )
    stock, alone = _ratio(both, same, in_care), _ratio(caseload, same, in_care)
    heavy, heavy_alone = _ratio(both, same, residential), _ratio(caseload, same, residential)
    year = slice(SETTLING_YEARS - 1, SETTLING_YEARS)
    return {
        "target.trend.stock_ratio": stock,
        "target.trend.residential_ratio": heavy,
        "target.trend.family_ratio": _ratio(both, same, family_like),
        "trend.caseload_alone_stock": _explained(alone, "target.trend.stock_ratio"),
        "trend.caseload_alone_residential": _explained(heavy_alone, "target.trend.residential_ratio"),
        "target.denmark.stock_family_2011": pooled(ms.share_in_care(family_like, year)(same)),
        "target.denmark.stock_residential_2011": pooled(ms.share_in_care(residential, year)(same)),
        "target.denmark.stock_other_2011": pooled(ms.share_in_care(ms.other_care, year)(same)),
    }


def before_and_drifting(at: Setting) -> tuple[Scenario, Scenario]:
    """Return the municipality of the time before, and the same with posts that open in the seven years.

    More staff means fewer cases, so the posts are sized in runs of their own: the caseload is that of
    2009 when the drift begins, and that of 2019 in the year after it, without any growth of places.
    """
    before, after = value("target.denmark.caseload_2009"), value("target.denmark.caseload_2019")
    months = (SETTLING_YEARS + TREND_YEARS + 1) * YEAR
    s = _with_places(at.country(months, before), 1.0 / value("target.trend.family_ratio"))
    settling = s.model_copy(update={"months": SETTLING_YEARS * YEAR})
    s = _with_fte(s, _sized(lambda fte: _with_fte(settling, fte), s.fte, before, at.seed))
    total = _sized(lambda fte: _with_later_posts(s, fte), s.fte * before / after, after, at.seed)
    return s, _with_later_posts(s, total)


def _sized(make: Callable[[float], Scenario], fte: float, wanted: float, seed: int) -> float:
    """Return the FTE at which a scenario ends with `wanted` cases per FTE, in steps of half the way."""
    for _ in range(SIZINGS):
        b = ledger(make(fte), None, seed, SIZING_HISTORIES)
        fte *= float((b["n_cases"] / b["n_fte"])[:, -1].mean() / wanted) ** 0.5
    return fte


def _with_fte(s: Scenario, fte: float) -> Scenario:
    return _with_district(s, caseworkers=posts_of(fte))


def _with_later_posts(s: Scenario, total: float) -> Scenario:
    """Return the scenario with posts that bring it to `total` FTE, opening evenly over the drift."""
    new = posts_of(max(0.0, total - s.fte))
    begin, span = SETTLING_YEARS * YEAR, TREND_YEARS * YEAR
    dates = [months_after(s.start, begin + (i + 1) * span // (len(new) + 1)) for i in range(len(new))]
    posts = (LaterPost(fte=fte, begins=day) for fte, day in zip(new, dates, strict=True))
    return _with_district(s, later_posts=tuple(posts))


def _with_district(s: Scenario, **changes: Any) -> Scenario:
    return s.model_copy(update={"districts": (s.districts[0].model_copy(update=changes),)})


def _with_places(s: Scenario, factor: float) -> Scenario:
    places = s.districts[0].places
    return _with_district(s, places={key: round(n * factor) for key, n in places.items()})


def _foster_places(s: Scenario) -> int:
    return sum(s.districts[0].places.values())


def _ratio(arm: Ledger, same: Ledger, which: Which) -> Floats:
    """Return children in the last year over those where nothing changed, over all histories."""
    n, before = (b.over("n_", which)[:, -1].sum() for b in (arm, same))
    return np.array([n / before])


def _explained(ratio: Floats, target: str) -> Floats:
    """Return a simulated fall as a share of the published one."""
    return (1.0 - ratio) / (1.0 - value(target))


def experiments() -> tuple[Experiment, ...]:
    """Return the experiment of this file."""
    ratios = named("trend", "stock_ratio", "residential_ratio", "family_ratio")
    before = named("denmark", "stock_family_2011", "stock_residential_2011", "stock_other_2011")
    alone = ("trend.caseload_alone_stock", "trend.caseload_alone_residential")
    return (Experiment(trend, (*ratios, *before, *alone)),)
