"""The kernel against what can be worked out exactly (`exact.py` holds the linear recursion).

Every statistical test fails on a right model with chance ERROR_RATE (1e-4) at most, all its
comparisons together; seeds are fixed, so a failure is never bad luck of the day.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from exact import Expected, month_chance
from numpy.typing import NDArray
from scipy import stats
from support import (
    ALIKE,
    AMPLE,
    ERROR_RATE,
    binned_p_value,
    changed,
    district,
    history,
    ledger_columns,
    poisson_p_values,
    run_kernel,
    scenario,
    z_limit,
)

from simulation import rules
from simulation.ledger import Event
from simulation.newcomers import starter
from simulation.scenario import Scenario
from simulation.stationary import stationary_start
from simulation.tables import build_tables

UNCOUNTED = {"sum_interval"}
"""Columns that are sums of months, not numbers of children: no Poisson counts."""

HOME = {"key": "preventive", "label": "Hjemme", "kind": "home"}
CARE = {"key": "residential_care", "label": "Institution", "kind": "care"}
PLENTY = {"foster_care": 1_000_000}
EMPTY = {"undetected": 0, "assessment": 0}


# --- ample hours, constant conditions: the linear recursion ------------------------------------------


def one_home_stair() -> Scenario:
    return scenario(
        AMPLE,
        ALIKE,
        months=60,
        staircase=[HOME],
        districts=district(places={}, start={}),
        children={
            "crisis_rate": {"preventive": 0.0},
            "planned_up": {"preventive": 0.0},
            "home_share": {},
            "entry_share": {},
        },
    )


def home_and_residential(severity_sd: float = 0.0) -> Scenario:
    return scenario(
        AMPLE,
        ALIKE,
        months=60,
        staircase=[HOME, CARE],
        districts=district(places={}, start={}, inflow=24.0),
        children={
            "crisis_rate": {"preventive": 0.2, "residential_care": 0.6},
            "readiness_rate": {"preventive": 0.5, "residential_care": 0.9},
            "entry_share": {"residential_care": [1.0, 1.0, 1.0]},
            "severity_sd": severity_sd,
        },
    )


DEFAULT: dict[str, Any] = {
    "months": 60,
    "reviews": {"by_stair": {"residential_care": {"first": 3, "later": 4}}},
    "children": {
        "entry_share": {"own_room": [0.2] * 3, "residential_care": [0.35] * 3},
        "placed_after_assessment": 0.2,
        "has_network": 0.6,
        "premature": 0.1,
        "early_hr": 1.0,
        "planned_up": {"preventive": 0.1, "network_care": 0.1, "foster_care": 0.1},
        "crisis_rate": {"preventive": 0.2, "own_room": 0.4, "foster_care": 0.3},
        "reentry_rate": 0.6,
        "reentry_months": 5,
        "home_share": {"foster_care": 0.5, "residential_care": 0.5},
    },
    "baseline": {"network_search": 0.5, "surveillance": 0.1, "orientation": 1.2},
}
"""The default staircase with every way a child can move made frequent enough to be tested."""


def default_staircase(**start: int) -> Scenario:
    districts = district(places=PLENTY, inflow=90.0, start={**EMPTY, **start})
    return scenario(AMPLE, ALIKE, DEFAULT, districts=districts)


def default_staircase_in_use() -> Scenario:
    counts = {"preventive": 40, "own_room": 5, "network_care": 8, "foster_care": 20}
    return default_staircase(undetected=30, **counts, residential_care=10)


def assessments_that_wait(counted: int | None) -> Scenario:
    """Return the default staircase with waits for others, from as many under assessment as counted."""
    start = {"undetected": 30, "preventive": 20, "foster_care": 10}
    start |= {} if counted is None else {"assessment": counted}
    return changed(
        default_staircase(),
        districts=district(places=PLENTY, inflow=90.0, start=start),
        children={"crisis_rate": {"assessment": 0.5}},
        work={"assessment_wait": 3.0, "assessment_deadline": 2},
    )


SCENARIOS = {
    "one home stair": one_home_stair,
    "home and residential": home_and_residential,
    "default, from nobody": default_staircase,
    "default, from a first day": default_staircase_in_use,
    "assessments that wait": lambda: assessments_that_wait(25),
    "assessments that wait, not counted": lambda: assessments_that_wait(None),
}
REPLICATES = 2500


def expected_and_simulated(
    s: Scenario, expected: dict[str, NDArray[np.float64]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the expectation [month, column] and the runs [replicate, month, column], aligned."""
    names = [name for name in expected if name not in UNCOUNTED]
    columns = [ledger_columns(s)[name] for name in names]
    books = run_kernel(s, replicates=REPLICATES, seed=11)
    return np.column_stack([expected[name] for name in names]), books[:, :, columns]


def assert_agreement(s: Scenario, expected: dict[str, NDArray[np.float64]]) -> None:
    """Compare every month of every column, and every column's sum over the months.

    A count of children who do not touch one another is Poisson, or less spread where the first day
    fixes their number (Anderson and Samuels 1967), so the monthly tests are exact or cautious. The
    sums are compared by their spread between replicates. Half of ERROR_RATE goes to each.
    """
    mean, books = expected_and_simulated(s, expected)
    p = poisson_p_values(books.sum(0), REPLICATES * mean)
    assert p.min() > ERROR_RATE / 2 / p.size
    totals = books.sum(1)
    error = totals.std(0, ddof=1) / np.sqrt(REPLICATES)
    z = (totals.mean(0) - mean.sum(0)) / np.where(error > 0, error, 1.0)
    assert np.abs(z).max() < z_limit(2 * len(z))


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_ledger_follows_the_linear_recursion(name: str) -> None:
    s = SCENARIOS[name]()
    assert_agreement(s, Expected(s).ledger(s.months))


def test_a_premature_move_is_felt_for_early_months() -> None:
    """The month of the move knows no crisis; early_months months after it do."""
    early = {"premature": 0.3, "early_hr": 8.0, "early_months": 3}
    s = changed(default_staircase(), children=early)
    assert_agreement(s, Expected(s).ledger(s.months))


def test_children_of_unequal_severity_are_a_mixture_of_equal_ones() -> None:
    s = home_and_residential(severity_sd=0.6)
    nodes, weights = np.polynomial.hermite_e.hermegauss(24)
    expected: dict[str, NDArray[np.float64]] = {}
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        severity = float(np.exp(0.6 * node - 0.18))
        for name, months in Expected(s, severity).ledger(s.months).items():
            expected[name] = expected.get(name, np.zeros(s.months)) + weight * months
    assert_agreement(s, expected)


def test_children_leave_at_the_leaving_age_whatever_their_stair() -> None:
    """Arrivals are 15 to 18 years old; of each month's cohort a known share is still below 18."""
    young = {"leave_age": 18, "age_bands": [0, 15]}
    ages = {"age_at_arrival": [0.0, 1.0], "age_at_entry": [0.0, 1.0]}
    shares = {"entry_share": {"residential_care": [1.0, 1.0]}}
    ageless = home_and_residential()
    s = changed(ageless, young, children={**ages, **shares})
    ledger = Expected(ageless).ledger(s.months)
    in_sight = np.array([max(0, 36 - 1 - m) / 36 for m in range(s.months)])
    expected = {}
    for name in ("n_preventive", "n_residential_care", "n_waiting", "n_waiting_home"):
        by_cohort = np.diff(ledger[name], prepend=0.0)  # all cohorts are alike: what one adds, by age
        expected[name] = np.cumsum(by_cohort * in_sight)
    assert_agreement(s, expected)


def test_the_recursion_settles_where_its_matrix_says() -> None:
    e = Expected(default_staircase())
    late = {name: months[-1] for name, months in e.ledger(4000).items()}
    assert e.stationary() == pytest.approx(late, rel=1e-9)


# --- one stair: the expected stay --------------------------------------------------------------------

STAYS = [(0.48, 6, 0.5), (0.8, 3, 0.25), (1.5, 12, 0.6), (0.3, 1, 0.9)]
"""Readiness rate per year, follow-up interval in months, recognition."""


def exact_stay(rate: float, interval: int, p: float) -> float:
    """Return the expected stay in months, in the model's own order of a month.

    Readiness comes at the end of a month with chance 1 - q, follow-ups every `interval` months. The
    first follow-up that can see it is number floor(ready month / interval) + 1.
    """
    q = np.exp(-rate / 12)
    return float(interval / p + interval * q ** (interval - 1) / (1 - q**interval))


def stay_shares(rate: float, interval: int, p: float, most: int) -> NDArray[np.float64]:
    """Return the chance of leaving at the k-th follow-up, k = 1 .. most."""
    q, k = np.exp(-rate / 12), np.arange(most)
    seen_first = q ** np.maximum(0, k * interval - 1) - q ** ((k + 1) * interval - 1)
    return np.convolve(seen_first, p * (1 - p) ** k)[:most]


def home_stays(rate: float, interval: int, p: float) -> NDArray[np.int64]:
    """Return the stays, in months, of some thousand children who arrive on one home stair."""
    h = history(home_alone(rate, interval, p), seed=3)
    came, left = h.events[h.of(Event.AT_RISK)], h.events[h.of(Event.MOVE_DOWN)]
    end = dict(zip(left[:, 1].tolist(), left[:, 0].tolist(), strict=True))
    early = came[came[:, 0] < 450]  # those still there at the end stayed 450 months: e^-11 at most
    return np.array([end.get(child, 900) - month for month, child, *_ in early.tolist()])


def home_alone(rate: float, interval: int, p: float) -> Scenario:
    """Return one home stair that a child leaves for good, and only when ready."""
    return changed(
        one_home_stair(),
        months=900,
        districts=district(places={}, start={}, inflow=120.0),
        reviews={"first": interval, "later": interval},
        children={
            "readiness_rate": {"preventive": rate},
            "recognition": p,
            "premature": 0.0,
            "reentry_rate": 0.0,
        },
    )


@pytest.mark.parametrize(("rate", "interval", "p"), STAYS)
def test_mean_stay_is_the_exact_one(rate: float, interval: int, p: float) -> None:
    stays = home_stays(rate, interval, p)
    z = (stays.mean() - exact_stay(rate, interval, p)) / (stays.std(ddof=1) / np.sqrt(len(stays)))
    assert abs(z) < z_limit()


@pytest.mark.parametrize(("rate", "interval", "p"), STAYS)
def test_stays_have_the_exact_distribution(rate: float, interval: int, p: float) -> None:
    follow_ups, rest = np.divmod(home_stays(rate, interval, p), interval)
    shares = stay_shares(rate, interval, p, 900 // interval)
    observed = np.bincount(follow_ups, minlength=len(shares) + 1)[1 : len(shares) + 1]
    assert not rest.any()
    assert binned_p_value(observed, len(rest) * shares) > ERROR_RATE


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.8])
@pytest.mark.parametrize("interval", [1, 3, 6, 12])
@pytest.mark.parametrize("p", [0.12, 0.5, 0.95])
def test_the_continuous_stay_is_one_month_short(rate: float, interval: int, p: float) -> None:
    """1/rho + tau (1/pi - 1/2) lets a child be ready at once; in whole months it takes until the end.

    What is left beside that month is of second order: rho tau^2 / 12 months at most.
    """
    continuous = 12 / rate + rules.stationary_wait(interval, p)
    rest = exact_stay(rate, interval, p) - continuous - 1.0
    assert abs(rest) <= rate / 12 * (interval**2 / 12 + 1.0)


def test_the_recursion_knows_the_exact_stay() -> None:
    rate, interval, p = STAYS[0]
    stay = exact_stay(rate, interval, p)
    s = home_alone(rate, interval, p)
    assert Expected(s).stationary()["n_preventive"] == pytest.approx(120 / 12 * stay)


# --- flows and stocks --------------------------------------------------------------------------------


def test_littles_law_for_children_in_care() -> None:
    """Children in care = entries per month x mean months in care, in a municipality short of hours.

    Over a window that begins after 20 years (nobody of the first day is left) the two sides differ by
    the spells cut at its edges, whose mean is zero; tested over replicates.
    """
    s = scenario(months=960)
    window = slice(240, 720)
    surplus, stock = [], []
    for replicate in range(40):
        h = history(s, seed=5, replicate=replicate)
        in_care = sum(h.column("n_" + x.key) for x in s.staircase if x.in_care)
        spells = care_spells(h.events, s)
        begun = (spells[:, 0] >= window.start) & (spells[:, 0] < window.stop)
        stock.append(in_care[window].mean())
        surplus.append(in_care[window].sum() - (spells[begun, 1] - spells[begun, 0]).sum())
    mean = np.mean(surplus) / (window.stop - window.start)
    error = np.std(surplus, ddof=1) / np.sqrt(40) / (window.stop - window.start)
    assert abs(mean / error) < stats.t.isf(ERROR_RATE / 2, 39)
    assert error < 0.02 * np.mean(stock)  # the test would see a difference of some percent


def care_spells(events: NDArray[np.int64], s: Scenario) -> NDArray[np.int64]:
    """Return (first month, first month after) of every spell in care that begins in the log and ends."""
    first, n = s.staircase.first("care"), len(s.staircase)
    began: dict[int, int] = {}
    spells = []
    for month, child, _, origin, to in events.tolist():
        if first <= to < n and not first <= origin < n:
            began[child] = month
        if first <= origin < n and not first <= to < n and child in began:
            spells.append((began.pop(child), month))
    return np.array(spells)


def test_arrivals_are_poisson() -> None:
    s = scenario(months=60, districts=district(inflow=30.0))
    arrivals = run_kernel(s, replicates=400, seed=7)[:, :, ledger_columns(s)["new_at_risk"]]
    expected = arrivals.size * stats.poisson.pmf(np.arange(60), 2.5)
    assert poisson_p_values(arrivals.sum(), 2.5 * arrivals.size) > ERROR_RATE / 2
    assert binned_p_value(np.bincount(arrivals.ravel().astype(int), minlength=60), expected) > (
        ERROR_RATE / 2
    )


@pytest.mark.parametrize("rate", [0.0, 1e-9, 0.03, 0.5, 12.0, 50.0])
def test_monthly_chance_is_one_minus_exp_of_the_rate(rate: float) -> None:
    hazard = rules.monthly_hazard(rate)
    assert rules.chance(hazard) == pytest.approx(1 - np.exp(-rate / 12), rel=1e-6, abs=1e-18)
    assert rules.chance(hazard) == pytest.approx(month_chance(rate), rel=1e-6)


@pytest.mark.parametrize("rate", [1e-6, 0.03, 0.5, 12.0, 50.0])
def test_an_event_occurs_for_uniforms_below_the_monthly_chance(rate: float) -> None:
    hazard, limit = rate / 12, 1 - np.exp(-rate / 12)
    assert rules.occurs(limit * (1 - 1e-9), hazard)
    assert not rules.occurs(min(limit * (1 + 1e-9), 1.0), hazard)
    assert not rules.occurs(1e-300, 0.0)


def hidden_rates(s: Scenario) -> float:
    c = s.children
    return c.detection_rate + c.hidden_crisis_rate + c.hidden_recovery_rate


def test_undetected_stock_settles_at_inflow_over_the_sum_of_rates() -> None:
    """In whole months a child is there for half a month longer: hence 1 - exp(-sum / 12)."""
    s = changed(default_staircase(), months=121)
    yearly = hidden_rates(s)
    expected = 90 / 12 / (1 - np.exp(-yearly / 12))
    stock = run_kernel(s, replicates=2000, seed=2)[:, -1, ledger_columns(s)["n_undetected"]]
    assert poisson_p_values(stock.sum(), 2000 * expected) > ERROR_RATE
    assert Expected(s).stationary()["n_undetected"] == pytest.approx(expected)
    assert expected == pytest.approx(90 / yearly + 90 / 12 / 2, rel=1e-3)


def test_an_uncounted_undetected_stock_is_drawn_around_inflow_over_the_sum_of_rates() -> None:
    s = changed(default_staircase(), districts=district(places=PLENTY, inflow=30.0, start={}))
    mean = stationary_start(s).mean[0, s.staircase.first("hidden")]
    assert mean == pytest.approx(30 / hidden_rates(s))


def test_the_leaving_age_shortens_the_uncounted_undetected_stock() -> None:
    """Mean time undetected: until something happens, at most until 18, over the ages at arrival."""
    s = scenario(districts=district(inflow=30.0, start={}))
    hazard, months = hidden_rates(s) / 12, np.arange(s.leave_age * 12)
    density = monthly_density(s, s.children.age_at_arrival)
    stay = density @ (1 - np.exp(-hazard * (s.leave_age * 12 - months))) / hazard
    mean = stationary_start(s).mean[0, s.staircase.first("hidden")]
    assert mean == pytest.approx(30 / 12 * stay)


# --- the first day -----------------------------------------------------------------------------------

RESIDENTIAL = 6


def leaving_hazard(s: Scenario, key: str) -> float:
    """Return the monthly hazard of leaving a stair in care, in closed form."""
    c, tau = s.children, s.reviews.later
    p = 1 - (1 - c.recognition) ** s.baseline.orientation
    down = 1 / (12 / c.readiness_rate[key] + tau * (1 / p - 0.5))
    return float(down + c.crisis_rate[key] / 12 * c.breakdown_up)


def monthly_density(s: Scenario, shares: tuple[float, ...]) -> NDArray[np.float64]:
    """Return shares per age band spread evenly over the months of age."""
    bounds = np.array([*s.age_bands, s.leave_age]) * 12
    return np.repeat(np.array(shares) / np.diff(bounds), np.diff(bounds))


def stay_from_age(s: Scenario, key: str) -> NDArray[np.float64]:
    """Return the mean stay in months, cut at the leaving age, by month of age at entry."""
    hazard, top = leaving_hazard(s, key), s.leave_age * 12
    return (1 - np.exp(-hazard * (top - np.arange(top)))) / hazard


def mean_stay(s: Scenario, key: str) -> float:
    """Return the mean stay in months of those who enter."""
    return float(monthly_density(s, s.children.age_at_entry) @ stay_from_age(s, key))


def drawn(s: Scenario, stair: int, n: int) -> NDArray[np.float64]:
    """Return n children of the first day on a stair: age at entry, stay, since, ready, network."""
    tables = build_tables(s)
    rows = []
    for number in range(n):
        child = starter(tables.table[0], tables.start_age, tables.given, -1, 9, 0, number, stair)
        birth, stay, since, ready, _, network, _ = child
        rows.append((1 - birth - stay, stay, since, ready, network))
    return np.array(rows, float)


def test_the_first_day_has_the_stated_distributions() -> None:
    """Ages at entry, kin, follow-ups held, months since the last one (two), ready: six comparisons."""
    slow = {"recognition": 0.25, "readiness_rate": {"residential_care": 0.4}}
    s, n = scenario(AMPLE, children=slow), 60_000
    c, first, later = s.children, int(s.reviews.first), int(s.reviews.later)
    hazard = leaving_hazard(s, "residential_care")
    age, stay, since, ready, network = drawn(s, RESIDENTIAL, n).T
    limit = ERROR_RATE / 6

    density = monthly_density(s, s.children.age_at_entry) * stay_from_age(s, "residential_care")
    density /= density.sum()
    assert binned_p_value(np.bincount(age.astype(int), minlength=len(density)), n * density) > limit
    assert stats.binomtest(int(network.sum()), n, c.has_network).pvalue > limit

    longest, held = s.leave_age * 12 - age, stay - since
    assert ((since >= 1) & (stay <= np.maximum(1, longest))).all()
    assert set(held[held > 0] % later) == {first % later}
    until = np.minimum(held + np.where(held > 0, later, first), np.maximum(longest, 1))
    within = np.array([-np.expm1(-hazard * held), -np.expm1(-hazard * until)])
    ranks = within / -np.expm1(-hazard * np.maximum(longest, 1))
    fair = np.random.default_rng(1).uniform(*ranks)[longest > 0]  # spread evenly within its interval
    assert stats.kstest(fair, "uniform").pvalue > limit

    whole = until - held == np.where(held > 0, later, first)  # not cut by the leaving age
    for some, interval in ((held == 0, first), (held > 0, later)):
        counts = np.bincount(since[some & whole].astype(int), minlength=interval + 1)[1:]
        assert len(counts) == interval
        assert binned_p_value(counts, np.full(interval, counts.sum() / interval)) > limit

    rate = c.readiness_rate["residential_care"] / 12
    unready = np.where(held > 0, unready_after_a_follow_up(rate, first, later, c.recognition), 1.0)
    chance = 1.0 - unready * np.exp(-rate * since)
    assert 0.2 < chance[held > 0].min() < chance.max() < 0.8
    cell = (since + np.where(held > 0, first, 0)).astype(int)  # before the first follow-up, after one
    excess = np.bincount(cell, ready - chance)[1:]
    chi = (excess**2 / np.bincount(cell, chance * (1.0 - chance))[1:]).sum()
    assert stats.chi2.sf(chi, first + later) > limit


def unready_after_a_follow_up(rate: float, first: int, later: int, p: float) -> float:
    """Return the share of a cohort's follow-ups after which the child is not ready, one by one."""
    unready, ready, total = np.exp(-rate * first), -np.expm1(-rate * first) * (1.0 - p), [0.0, 0.0]
    while unready + ready > 1e-12:
        total[0] += unready
        total[1] += unready + ready
        still = unready * np.exp(-rate * later)
        unready, ready = still, (ready + unready - still) * (1.0 - p)
    return float(total[0] / total[1])


def test_children_of_the_first_day_are_below_the_leaving_age_and_old_enough_for_their_stair() -> None:
    s = scenario()
    for stair, x in enumerate(s.staircase):
        age, stay, *_ = drawn(s, stair, 2000).T
        now = age + stay - 1
        assert now.min() >= x.youngest * 12
        assert now.max() < s.leave_age * 12


def test_kin_care_on_the_first_day_has_kin() -> None:
    s = scenario()
    assert drawn(s, s.staircase.index("network_care"), 500)[:, 4].all()


PRESENT = 60
"""Children in care on the first day of the settled municipality."""


def settled_care() -> Scenario:
    """Return one stair in care, entered straight from assessment, whose entries match its first day."""
    entries = [0.1, 0.2, 0.35, 0.35]
    s = scenario(
        AMPLE,
        months=25,
        staircase=[{"key": "assessment", "label": "Afklaring", "kind": "assessment"}, HOME, CARE],
        districts=district(places={}, start={"assessment": 0, "residential_care": PRESENT}),
        children={
            "age_at_arrival": entries,
            "age_at_entry": entries,
            "closed_after_assessment": 0.0,
            "placed_after_assessment": 1.0,
            "placed_age_factor": 1.0,
            "severity_sd": 0.0,
            "premature": 0.0,
            "recognition": 0.6,
            "readiness_rate": {"residential_care": 0.4},
            "crisis_rate": {"preventive": 0.0, "residential_care": 0.0},
            "planned_up": {"preventive": 0.0},
            "home_share": {"residential_care": 1.0},
            "entry_share": {"residential_care": [1.0] * 4},
            "reentry_rate": 0.0,
        },
    )
    inflow = 12 * PRESENT / mean_stay(s, "residential_care")
    return changed(s, districts=[{**s.model_dump(mode="json")["districts"][0], "inflow": inflow}])


def test_the_first_day_is_near_stationary() -> None:
    """What the first day is drawn from drifts little in 24 months: number, ready share, exits, stays.

    The start takes stays as exponential, and leaves breakdowns and the leaving age out of readiness.
    What that costs is bounded here: 5 % of the number in care, 0.015 of the ready share, 8 % of the
    exits per child in the first month and 5 % in the first year (against the second), 8 % of the months
    on the stair. Monte Carlo errors are a tenth of that, one fifth for exits in the first month.
    """
    s = settled_care()
    means = run_kernel(s, replicates=8000, seed=6).mean(0)
    number, ready, exits = (
        means[:, ledger_columns(s)[name]] for name in ("n_residential_care", "n_waiting", "new_exits")
    )
    assert np.abs(number / PRESENT - 1.0).max() < 0.05
    assert np.abs(ready / number - ready[0] / number[0]).max() < 0.015
    chance = exits / np.append(PRESENT, number[:-1])
    assert chance[0] / chance[12:24].mean() == pytest.approx(1.0, abs=0.08)
    assert chance[:12].mean() / chance[12:24].mean() == pytest.approx(1.0, abs=0.05)
    on_stair = months_on_stair(s, "residential_care", replicates=400)
    assert np.abs(on_stair / on_stair[0] - 1.0).max() < 0.08


def months_on_stair(s: Scenario, key: str, replicates: int) -> NDArray[np.float64]:
    """Return [month]: how long the children on a stair have been there, on average."""
    sums = np.zeros((s.months, 2))
    for replicate in range(replicates):
        trace = history(s, seed=4, replicate=replicate).trace
        here = trace["stair"] == s.staircase.index(key)
        for i, weights in enumerate((None, trace["on_stair"][here])):
            sums[:, i] += np.bincount(trace["month"][here], weights, minlength=s.months)
    return sums[:, 1] / sums[:, 0]


def test_children_reach_the_leaving_age_in_the_first_month_too() -> None:
    """As many of those there on the first day turn 18 in the first month as in a later one."""
    s = settled_care()
    leaving = run_kernel(s, replicates=2000, seed=6)[:, :, ledger_columns(s)["new_aged_out"]]
    mean = leaving[:, 1:13].mean()
    assert poisson_p_values(leaving[:, 0].sum(), 2000 * mean) > ERROR_RATE
