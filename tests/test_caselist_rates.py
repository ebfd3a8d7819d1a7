"""Rates of a case list: counts by hand, conjugate posteriors, recovery of the truth, forecasts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, linalg, special, stats
from support import z_limit

from experiments.caselist.balance import balanced
from experiments.caselist.counts import Cells, Counts, counted
from experiments.caselist.forecast import (
    forecast,
    futures,
    interval,
    learnt,
    no_change,
    plain_markov,
    repeated,
)
from experiments.caselist.pooling import destinations, gamma_posterior, log_evidence, pooled
from experiments.caselist.rates import Rates, counted_rates
from experiments.caselist.spells import Spells
from experiments.caselist.standing import Standing, day_after, joined, known_at, standing
from experiments.caselist.stationary_stock import expected_stock
from experiments.caselist.synthetic import history, typical

DAY = np.datetime64("2020-01-01", "D")


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def spells(
    *rows: tuple[int, int, float, float | None], births: tuple[float, ...], until: float
) -> Spells:
    """Return spells (child, stair, start, end) in years of 365.25 days from `DAY`, on stairs a and b."""

    def days(years: list[float]) -> np.ndarray:
        return DAY + np.round(np.array(years) * 365.25).astype("timedelta64[D]")

    child, stair, start, end = zip(*rows, strict=True)
    ends = np.where([e is None for e in end], np.datetime64("NaT"), days([e or 0.0 for e in end]))
    return Spells(
        ("a", "b"),
        np.array(child),
        np.array(stair),
        days(list(start)),
        ends.astype("datetime64[D]"),
        days(list(births)),
        days([until])[0],
    )


# --- counts ------------------------------------------------------------------------------------------


SMALL = spells(
    (0, 0, -8.0, 4.0), (0, 1, 4.0, 8.0),  # moves in year 4, leaves at 8
    (1, 1, 2.0, 6.0), (1, 1, 6.0, None),  # changes place on the stair
    (2, 0, 0.0, 8.0),  # leaves on the 18th birthday
    births=(-9.0, 1.0, -10.0), until=12.0,
)  # fmt: skip
CELLS = Cells((0.0, 12.0), (0.0, 4.0))


def test_exposure_and_events_by_hand() -> None:
    found = counted(SMALL, CELLS, window=12.0)
    #                        age under 12: short, long; 12 and over: short, long stay
    by_hand = [[[2.0, 3.0], [2.0, 1.0 + 4.0]], [[4.0, 6.0], [4.0, 0.0]]]
    assert found.exposure == pytest.approx(np.array(by_hand), abs=3 / 365.25)
    assert found.left.sum() == 1 and found.left[1, 1, 0] == 1
    assert found.moved.sum() == 1 and found.moved[0, 1, 1] == 1
    assert found.to.sum() == 1 and found.to[0, 1, 1] == 1
    assert found.entered.tolist() == [[1, 0], [1, 0]]
    assert found.aged_out.tolist() == [1, 0]
    assert found.began.per_stair(2).tolist() == [1, 0]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("window", [0.5, 3.0])
def test_children_are_conserved(seed: int, window: float) -> None:
    case_list = history(seed).spells
    found = counted(case_list, Cells(), window)
    began, ended = found.began.per_stair(4), standing(case_list, case_list.until).per_stair(4)
    to = found.to.sum(axis=1)
    gone = found.left.sum(axis=(1, 2)) + found.aged_out + to.sum(axis=1)
    assert (began + found.entered.sum(axis=1) + to.sum(axis=0) - gone == ended).all()
    assert found.moved.sum() == to.sum()


def test_an_earlier_export_knows_nothing_of_what_came_later() -> None:
    h = history(3)
    early = known_at(h.spells, h.forecast_day)
    assert (early.start < h.forecast_day).all()
    assert not (early.last > h.forecast_day).any()
    now, then = standing(early, h.forecast_day), standing(h.spells, h.forecast_day)
    assert len(now) == len(then) and np.array_equal(now.age, then.age)
    with pytest.raises(ValueError, match="after the day of the export"):
        known_at(early, h.spells.until)


def test_a_change_of_place_is_no_move() -> None:
    assert len(joined(SMALL)) == len(SMALL) - 1


@pytest.mark.parametrize("ages", [(), (1.0,), (0.0, 5.0, 5.0), (0.0, 18.0)])
def test_bands_that_make_no_sense_are_refused(ages: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="ages = "):
        Cells(ages)


# --- closed forms ------------------------------------------------------------------------------------


def test_gamma_posterior_is_prior_times_likelihood() -> None:
    k, d, e = 3.0, 4, 7.5
    shape, rate = gamma_posterior(np.array(d), np.array(e), k)

    def weight(x: float) -> float:
        return float(stats.gamma.pdf(x, k, scale=1 / k) * stats.poisson.pmf(d, e * x))

    total = integrate.quad(weight, 0, 20)[0]
    mean = integrate.quad(lambda x: x * weight(x), 0, 20)[0] / total
    square = integrate.quad(lambda x: x * x * weight(x), 0, 20)[0] / total
    assert float(shape / rate) == pytest.approx(mean, rel=1e-6)
    assert float(shape / rate**2) == pytest.approx(square - mean**2, rel=1e-6)


def test_evidence_is_the_negative_binomial() -> None:
    d, e, k = 6, 4.2, np.array([2.0, 9.0])
    exact = stats.nbinom.logpmf(d, k, k / (k + e))
    rest = d * np.log(e) - special.gammaln(d + 1)
    assert log_evidence(np.array(d), np.array(e), k) + rest == pytest.approx(exact)


def one_cell(events: int, exposure: float) -> tuple[Counts, Rates]:
    """Return counts of one stair, age band and time on it, and prior rates of 0.2."""
    cells, one = Cells((0.0,), (0.0,)), np.ones((1, 1, 1))
    nobody = Standing(np.zeros(0), np.zeros(0, np.int64), np.zeros(0))
    count = one.astype(np.int64)
    counts = Counts(
        ("a",), cells, 1.0, exposure * one, events * count, 0 * count, 0 * count, 20 * count[0],
        np.zeros(1, np.int64), nobody,
    )  # fmt: skip
    rate = 0.2 * one[None]
    return counts, Rates(("a",), cells, 20.0 * one, rate, rate, np.ones((1, 1, 1, 1)))


def test_much_data_is_believed_and_none_leaves_the_prior() -> None:
    """Posterior means against closed forms; the bound is z_limit standard errors."""
    much = pooled(*one_cell(40_000, 100_000.0), generator(1))
    assert much.rates.leave.mean() == pytest.approx(0.4, rel=0.01)
    assert much.weight["leave"].min() > 0.9 and not much.silent("leave").any()
    none = pooled(*one_cell(0, 0.0), generator(2), draws=4000)
    error = none.rates.leave.std() / np.sqrt(4000)
    assert abs(none.rates.leave.mean() - 0.2) < z_limit(1) * error
    assert none.weight["leave"].max() == 0.0 and none.silent("leave").all()


def test_destinations_are_dirichlet_around_the_prior() -> None:
    """With moves as the prior says, means stay; zeros stay zero; many moves overrule the prior."""
    prior = np.array([[[0.0, 0.3, 0.7]]]).repeat(3, axis=0)
    none = destinations(np.zeros((3, 1, 3), np.int64), prior, generator(3), 4000)
    assert none[..., 0].max() == 0.0
    error = none[:, 0, 0, 1].std() / np.sqrt(4000)
    assert abs(none[:, 0, 0, 1].mean() - 0.3) < z_limit(1) * error
    many = destinations(np.array([[[0, 9000, 1000]]]).repeat(3, axis=0), prior, generator(4), 500)
    assert many[:, 0, 0, 1].mean() == pytest.approx(0.9, abs=0.02)


def test_stationary_stock_is_the_stock_of_a_long_history() -> None:
    """Mean over 40 histories, each stair within z_limit standard errors of the closed form."""
    n = np.array([standing(h.spells, h.forecast_day).per_stair(4) - expected_stock(h.truth)[0]
                  for h in (history(s, "duration") for s in range(40))])  # fmt: skip
    error = n.std(axis=0) / np.sqrt(len(n))
    assert (np.abs(n.mean(axis=0)) < z_limit(4) * error).all()


def test_futures_are_those_of_the_markov_chain() -> None:
    """Shares on each stair after 2 years against the matrix exponential, z_limit standard errors."""
    cells = Cells((0.0,), (0.0,), leave_age=1000.0)
    leave, move = np.array([0.3, 0.1]), np.array([0.5, 0.2])
    to = np.array([[[[0.0, 1.0]], [[1.0, 0.0]]]])
    rates = Rates(("a", "b"), cells, np.zeros((1, 2, 1)), leave[None, :, None, None],
                  move[None, :, None, None], to)  # fmt: skip
    n = 40_000
    start = Standing(np.full(n, 5.0), np.zeros(n, np.int64), np.zeros(n))
    q = np.array([[-0.8, 0.5], [0.2, -0.3]])
    exact = linalg.expm(2.0 * q)[0]
    found = futures(start, rates, (2.0,), generator(5)).counts[0, 0] / n
    assert (np.abs(found - exact) < z_limit(2) * np.sqrt(exact * (1 - exact) / n)).all()


def test_child_years_are_the_integral_of_the_markov_chain() -> None:
    """Mean time on each stair in each of 2 years, and of who enters, against the closed form.

    Within z_limit standard errors (a child's time within a year varies by half a year at most).
    """
    cells = Cells((0.0,), (0.0,), leave_age=1000.0)
    leave, move = np.array([0.3, 0.1]), np.array([0.5, 0.2])
    to = np.array([[[[0.0, 1.0]], [[1.0, 0.0]]]])
    come = 3000.0
    rates = Rates(("a", "b"), cells, np.array([[[come], [0.0]]]), leave[None, :, None, None],
                  move[None, :, None, None], to)  # fmt: skip
    n = 20_000
    start = Standing(np.full(n, 5.0), np.zeros(n, np.int64), np.zeros(n))
    q = np.array([[-0.8, 0.5], [0.2, -0.3]])

    def there(t: float) -> np.ndarray:
        return (n * linalg.expm(t * q) + come * np.linalg.solve(q, linalg.expm(t * q) - np.eye(2)))[0]

    found = futures(start, rates, (0.5, 2.5), generator(15)).child_years
    assert found.shape == (1, 2, 2)
    for year in range(2):
        exact = np.array([integrate.quad(lambda t, s=s: there(t)[s], year, year + 1)[0] for s in (0, 1)])
        error = 0.5 * np.sqrt(n + 2 * come)
        assert (np.abs(found[0, year] - exact) < z_limit(4) * error).all()


def test_cost_is_child_years_times_prices() -> None:
    """A stair without a price is left out; the interval holds 90 % of the draws."""
    case_list = known_at(history(2).spells, history(2).forecast_day)
    f = forecast(case_list, typical(), 3.0, (1.0, 3.0), generator(1), 100)
    assert f.child_years.shape == (100, 3, 4)
    prices = np.array([1.0, np.nan, 2.0, 10.0])
    by_hand = f.child_years[..., 0] + 2.0 * f.child_years[..., 2] + 10.0 * f.child_years[..., 3]
    assert f.cost(prices) == pytest.approx(by_hand)
    low, high = interval(f.cost(prices))
    assert ((low <= by_hand) & (by_hand <= high)).mean(axis=0) == pytest.approx(0.9, abs=0.011)
    for wrong in (prices[:3], -prices):
        with pytest.raises(ValueError, match="one price of 0 or more"):
            f.cost(wrong)


def test_children_outside_care_are_not_in_the_total() -> None:
    """The chain runs over all stairs: who is helped at home first is in care later."""
    cells = Cells((0.0,), (0.0,), leave_age=1000.0)
    to = np.array([[[[0.0, 1.0]], [[0.0, 1.0]]]])
    rates = Rates(("home", "care"), cells, np.zeros((1, 2, 1)), np.zeros((1, 2, 1, 1)),
                  np.array([[[[2.0]], [[0.0]]]]), to)  # fmt: skip
    start = Standing(np.full(3000, 5.0), np.zeros(3000, np.int64), np.zeros(3000))
    f = futures(start, repeated(rates, 20), (1.0,), generator(3), np.array([False, True]))
    assert (f.with_total[..., -1] == f.counts[..., 1]).all()
    assert f.middle[0, -1] == pytest.approx(3000 * -np.expm1(-2.0), rel=0.01)
    with pytest.raises(ValueError, match="one is needed for each of 2 stairs"):
        futures(start, rates, (1.0,), generator(3), np.array([True]))


def test_nobody_is_in_care_after_the_age_limit() -> None:
    rates = typical(children=400.0)
    none = replace(rates, entries=0.0 * rates.entries, leave=0.0 * rates.leave)
    start = Standing(np.array([17.5, 16.5]), np.array([1, 1]), np.zeros(2))
    counts = futures(start, repeated(none, 50), (0.4, 1.0, 2.0), generator(6)).counts.sum(axis=-1)
    assert (counts == [2, 1, 0]).all()


# --- recovery and coverage -----------------------------------------------------------------------------


def test_rates_recover_the_truth() -> None:
    """90 % intervals of rates, over 60 histories, cover 85 to 95 %.

    Intervals of one history hang together; taken as 60 independent ones at 4 rates each the standard
    error is some 2 %, the bound 2.5 of them.
    """
    covered = []
    for seed in range(60):
        h = history(seed)
        case_list = known_at(h.spells, h.forecast_day)
        rates = pooled(counted(case_list, Cells(), 3.0), typical(), generator(seed), 300).rates
        for kind in ("entries", "leave", "move"):
            true, drawn = getattr(h.truth, kind)[0], getattr(rates, kind)
            low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
            covered.append(((low <= true) & (true <= high))[true > 0.0].mean())
    assert 0.85 < np.mean(covered) < 0.95


def test_balance_pulls_the_stock_to_the_children() -> None:
    h = history(1)
    counts = counted(known_at(h.spells, h.forecast_day), Cells(), 1.0)
    rates = pooled(counts, typical(), generator(7), 500).rates
    children = counts.began.per_stair(4)
    after = balanced(rates, counts, generator(8))
    wide, narrow = (np.log(expected_stock(r).sum(axis=1)) for r in (rates, after))
    assert narrow.std() < wide.std()
    assert abs(narrow.mean() - np.log(children.sum())) < abs(wide.mean() - np.log(children.sum()))


def test_far_from_balance_the_counts_are_believed() -> None:
    h = history(1)
    counts = counted(known_at(h.spells, h.forecast_day), Cells(), 3.0)
    rates = pooled(counts, typical(), generator(7), 500).rates
    before = np.log(expected_stock(rates).sum(axis=1))
    began = counts.began
    four = Standing(*(np.repeat(x, 4) for x in (began.age, began.stair, began.on_stair)))
    moved = balanced(rates, replace(counts, began=four), generator(8))
    after = np.log(expected_stock(moved).sum(axis=1))
    assert after.mean() - before.mean() < 0.25 * np.log(4.0)


def test_growing_entries_leave_fewer_from_earlier() -> None:
    """One stair, nobody moves: today's entries e, growth g, leaving h give about e / (h + g) children."""
    cells = Cells((0.0,), (0.0,), leave_age=100.0)
    one = np.ones((1, 1, 1, 1))
    rates = Rates(("a",), cells, np.array([[[100.0]]]), 2.0 * one, 0.0 * one, one, np.array([0.5]))
    # entrants' ages are spread over 100 years, so few reach the end of care
    assert expected_stock(rates).sum() == pytest.approx(100.0 / 2.5, rel=0.02)


def test_growth_of_entries_goes_on() -> None:
    """Nobody leaves: after 2 years all who came, e (exp(2 g) - 1) / g; within 4 standard errors."""
    cells = Cells((0.0,), (0.0,), leave_age=1000.0)
    one = np.ones((1, 1, 1, 1))
    rates = Rates(("a",), cells, np.array([[[2000.0]]]), 0.0 * one, 0.0 * one, one, np.array([0.3]))
    nobody = Standing(np.zeros(0), np.zeros(0, np.int64), np.zeros(0))
    counts = futures(nobody, repeated(rates, 20), (1.0, 2.0), generator(2)).counts[:, :, 0]
    exact = 2000.0 * np.expm1(0.3 * np.array([1.0, 2.0])) / 0.3
    assert (np.abs(counts.mean(axis=0) - exact) < 4.0 * np.sqrt(exact / 20)).all()


def test_first_days_that_flows_cannot_explain_are_taken_for_growth() -> None:
    """Three in four of the children: some draws take entries to have grown; all of them: hardly."""
    h = history(1)
    counts = counted(known_at(h.spells, h.forecast_day), Cells(), 3.0)
    rates = pooled(counts, typical(), generator(7), 500).rates
    began = counts.began
    kept = np.arange(len(began)) % 4 > 0
    fewer = Standing(began.age[kept], began.stair[kept], began.on_stair[kept])
    few = balanced(rates, replace(counts, began=fewer), generator(8)).growth
    all_there = balanced(rates, counts, generator(8)).growth
    assert (few > 0.0).mean() > 3 * (few < 0.0).mean()
    assert few.mean() > 2 * abs(all_there.mean())
    assert (balanced(rates, counts, generator(8), drifting=0.0).growth == 0.0).all()


@pytest.mark.slow
def test_forecast_covers_and_beats_plain_pooling_on_small_stairs() -> None:
    """Over 30 histories, each against 500 true futures: coverage 84-96 %, stairs nearer than the rival's.

    The standard error of the coverage over 30 histories is some 1.5 %.
    """
    covered, ours, rival = [], [], []
    for seed in range(30):
        h = history(seed)
        case_list = known_at(h.spells, h.forecast_day)
        children = standing(case_list, case_list.until)
        true = futures(children, repeated(h.truth, 500), (1.0,), generator(9)).with_total
        f = forecast(case_list, typical(), 1.0, (1.0,), generator(seed), 300)
        plain = plain_markov(case_list, 1.0, (1.0,), generator(seed), 300)
        low, high = f.interval
        covered.append(((low <= true) & (true <= high)).mean())
        ours.append(np.abs(true - f.middle).mean(axis=(0, 1)))
        rival.append(np.abs(true - plain.middle).mean(axis=(0, 1)))
    assert 0.84 < np.mean(covered) < 0.96
    assert (np.mean(ours, axis=0) < np.mean(rival, axis=0)).all()


def test_equal_seeds_give_equal_forecasts() -> None:
    case_list = known_at(history(2).spells, history(2).forecast_day)
    a, b = (forecast(case_list, typical(), 3.0, (1.0, 3.0), generator(1), 50).counts for _ in range(2))
    assert (a == b).all()


def test_no_change_is_today() -> None:
    case_list = history(2).spells
    now = standing(case_list, case_list.until).per_stair(4)
    assert (no_change(case_list, (1.0, 3.0)).counts == now).all()


def test_an_empty_stair_is_no_obstacle() -> None:
    h = history(4)
    kept = h.spells.stair != 0
    few = replace(h.spells, child=h.spells.child[kept], stair=h.spells.stair[kept],
                  start=h.spells.start[kept], end=h.spells.end[kept])  # fmt: skip
    counts = counted(few, Cells(), 1.0)
    rates = learnt(counts, typical(), generator(1), 50)
    assert np.isfinite(rates.leave).all()
    assert counted_rates(counts).entries[0, 0].sum() == 0.0


@pytest.mark.parametrize("horizons", [(), (0.0,), (3.0, 1.0)])
def test_horizons_that_make_no_sense_are_refused(horizons: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="horizons"):
        no_one = Standing(np.zeros(0), np.zeros(0, np.int64), np.zeros(0))
        futures(no_one, typical(), horizons, generator(0))


def test_what_the_country_holds_impossible_is_learnt_where_it_happens() -> None:
    """A stair that the prior keeps for older children: 60 entries of the young are not read as none."""
    prior = typical()
    spells = history(3).spells
    counts = counted(known_at(spells, day_after(spells.until, -3.0)), prior.cells, 3.0)
    entered = counts.entered.copy()
    assert prior.entries[0, 0, 1] == 0.0
    entered[0, 1] = 60
    draws = pooled(replace(counts, entered=entered), prior, generator(1)).rates.entries
    low, high = np.quantile(draws[:, 0, 1], [0.05, 0.95])
    assert low < 20.0 < high
    few = pooled(counts, prior, generator(1)).rates.entries
    assert few[:, 0, 1].max() < 0.1
