"""Recognition and readiness from dates of follow-ups: closed forms, recovery of the truth."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy import special, stats
from simulated_lists import simulated
from support import AMPLE, changed

from experiments.caselist.readiness import readiness
from experiments.caselist.readiness_filter import log_likelihood
from experiments.caselist.readiness_prior import PREMATURE, READINESS, RECOGNITION, SPREAD_ELSEWHERE
from experiments.caselist.readiness_seen import DECIDED, Stretches, moves_down, moves_up, stretches
from experiments.caselist.reading import CaseList
from experiments.caselist.reading_extras import Cases, FollowUps
from experiments.caselist.spells import Spells
from experiments.caselist.standing import day_after
from experiments.draws import SPREAD, posterior
from simulation.reading import find_scenario
from simulation.rules import unready_after_follow_up
from simulation.scenario import Scenario
from simulation.settling import settled
from simulation.staircase import DEFAULT_STAIRCASE
from simulation.values import with_values

DAY = np.datetime64("2020-01-01", "D")
STAIRS = ("preventive", "foster_care", "residential_care")
NEVER, QUARTER, HALF = 0.0, 0.25, 0.5


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def seen(gaps: list[list[float]], down: list[bool], before: float = 0.0, soon: int = 0) -> Stretches:
    """Return stretches on one stair; the first `soon` follow-ups of each come after a change."""
    n = [len(g) for g in gaps]
    felt = [k < soon for g in gaps for k in range(len(g))]
    return Stretches(
        np.zeros(len(gaps), np.int64), np.full(len(gaps), before), np.append(0, np.cumsum(n)),
        np.concatenate([np.zeros(0), *map(np.array, gaps)]), np.array(down), np.zeros(len(gaps), bool),
        np.array(felt, bool),
    )  # fmt: skip


def chance(
    found: Stretches, pi: float, rho: float, early: float = 0.0, soon: float | None = None,
    interval: float = HALF,
) -> float:  # fmt: skip
    """Return the likelihood of stretches on one stair."""
    after = np.array([pi if soon is None else soon])
    at = np.array([interval])
    logs = log_likelihood(found, np.array([pi]), after, np.array([[rho]]), early, at, at)
    return float(np.exp(logs[0, 0, 0]))


# --- the filter ----------------------------------------------------------------------------------------


def test_one_follow_up_in_closed_form() -> None:
    ready = 1.0 - np.exp(-0.8 * QUARTER)
    by_hand = 0.4 * ready + 0.01 * (1.0 - ready)
    assert chance(seen([[QUARTER]], [True]), 0.4, 0.8, 0.01) == pytest.approx(by_hand)
    assert chance(seen([[QUARTER]], [False]), 0.4, 0.8, 0.01) == pytest.approx(1.0 - by_hand)


@pytest.mark.parametrize("before", [0.0, 0.3, 4.0])
def test_all_that_can_be_seen_has_chance_one(before: float) -> None:
    gaps = [0.3, 0.5, 0.1, 0.7]
    moved = [seen([gaps[: k + 1]], [True], before, soon=2) for k in range(len(gaps))]
    stayed = seen([gaps], [False], before, soon=2)
    assert sum(chance(x, 0.35, 0.6, 0.02, 0.2) for x in [*moved, stayed]) == pytest.approx(1.0)


def test_the_filter_adds_up_every_month_of_becoming_ready() -> None:
    """Against the sum over the gap in which the child became ready (or never)."""
    gaps, pi, rho = [0.3, 0.5, 0.2, 0.4], 0.45, 0.7
    total = 0.0
    for k in range(len(gaps)):  # ready in gap k, missed until the last follow-up, seen there
        becomes = np.exp(-rho * sum(gaps[:k])) * -np.expm1(-rho * gaps[k])
        total += becomes * (1.0 - pi) ** (len(gaps) - 1 - k) * pi
    assert chance(seen([gaps], [True]), pi, rho) == pytest.approx(total)


def test_who_came_before_was_followed_up_to_no_effect() -> None:
    """Long before: where one more interval and follow-up change nothing."""
    pi, rho, interval = 0.4, 0.6, 0.5
    e = np.exp(-rho * interval)
    unready = 0.5
    for _ in range(500):
        u, r = unready * e, (1.0 - unready * e) * (1.0 - pi)
        unready = u / (u + r)
    ready = 1.0 - unready * np.exp(-rho * 0.2)
    found = seen([[0.2]], [True], before=201.0 * interval)
    assert chance(found, pi, rho, 0.0, None, interval) == pytest.approx(pi * ready)
    one = unready_after_follow_up(rho / 12, 6, 6, pi)
    assert unready < one < 1.0  # the share over all follow-ups, first ones too, is higher


@pytest.mark.parametrize(("before", "gaps"), [(0.3, [0.3]), (0.5, [0.5]), (1.6, [0.5, 0.55, 0.55])])
def test_a_time_before_is_the_follow_ups_that_it_has_room_for(before: float, gaps: list[float]) -> None:
    """Given that none of them moved the child: a ratio of two likelihoods from its first day on."""
    given = chance(seen([gaps], [False]), 0.4, 0.6, 0.01)
    both = chance(seen([[*gaps, 0.2]], [True]), 0.4, 0.6, 0.01)
    assert chance(seen([[0.2]], [True], before), 0.4, 0.6, 0.01) == pytest.approx(both / given)


def test_a_change_of_caseworker_counts_for_its_follow_ups_alone() -> None:
    gaps = [0.25, 0.5]
    found = chance(seen([gaps], [True], soon=1), 0.4, 0.8, 0.0, 0.1)
    first = -np.expm1(-0.8 * 0.25)
    second = (1.0 - first) * -np.expm1(-0.8 * 0.5) + first * (1.0 - 0.1)
    assert found == pytest.approx(0.4 * second)


def test_with_certain_recognition_the_rate_is_that_of_grouped_waiting_times() -> None:
    """d of n children move at their only follow-up: the maximum lies at -log(1 - d/n) / gap."""
    d, n, gap = 30, 100, 0.5
    found = seen([[gap]] * n, [True] * d + [False] * (n - d))
    rates = np.linspace(0.3, 1.2, 901)[None]
    one = np.array([1.0 - 1e-12])
    logs = log_likelihood(found, one, one, rates, 0.0, np.array([gap]), np.array([gap]))
    assert rates[0, logs[0, :, 0].argmax()] == pytest.approx(-np.log(1.0 - d / n) / gap, abs=0.002)


def test_many_follow_ups_do_not_underflow() -> None:
    found = seen([[0.01] * 2000], [False])
    assert np.isfinite(np.log(chance(found, 0.5, 0.001)))
    logs = log_likelihood(
        found, np.array([0.99]), np.array([0.99]), np.array([[50.0]]), 0.0, np.ones(1), np.ones(1)
    )
    assert logs[0, 0, 0] == pytest.approx(-2000 * 50.0 * 0.01, rel=1e-3)  # not ready all the time


# --- what was seen -------------------------------------------------------------------------------------


def days(numbers: list[float | None]) -> np.ndarray:
    """Return days counted from `DAY`; None is not known."""
    known = DAY + np.array([int(x or 0) for x in numbers]).astype("timedelta64[D]")
    return np.where([x is None for x in numbers], np.datetime64("NaT"), known).astype("datetime64[D]")


def case_list(
    rows: list[tuple[int, str, int, int | None]],
    held: list[tuple[int, int]],
    until: int = 2000,
    cases: Cases | None = None,
    born: int = -3000,
) -> CaseList:
    """Return a list of (child, stair, start, end) and (child, day held), days counted from `DAY`."""
    child, stair, start, end = zip(*rows, strict=True)
    spells = Spells(
        STAIRS, np.array(child), np.array([STAIRS.index(x) for x in stair]), days(list(start)),
        days(list(end)), days([born] * (max(child) + 1)), days([until])[0],
    )  # fmt: skip
    who, when = zip(*held, strict=True) if held else ((), ())
    follow_ups = FollowUps(np.array(who, np.int64), days([None] * len(who)), days(list(when)))
    nothing = np.full(len(rows), -1), np.full(len(rows), np.nan)
    return CaseList(spells, (), *nothing, follow_ups, cases, None, ())


def found_in(cases: CaseList) -> Stretches:
    """Return the stretches of a list in which another child's follow-ups were recorded long before."""
    spells, held = cases.spells, cases.follow_ups
    assert held is not None
    n = len(spells.birth)
    spells = replace(
        spells, child=np.append(spells.child, n), stair=np.append(spells.stair, 0),
        start=np.append(spells.start, days([-2000])), end=np.append(spells.end, days([-1000])),
        birth=np.append(spells.birth, days([-9000])),
    )  # fmt: skip
    held = replace(
        held, child=np.append(held.child, n), held=np.append(held.held, days([-1900])),
        due=np.append(held.due, days([None])),
    )  # fmt: skip
    cases = replace(cases, spells=spells, follow_ups=held)
    return stretches(cases, DAY - np.timedelta64(5000, "D"), DEFAULT_STAIRCASE, 18.0, 6.0)[0]


def test_moves_down_and_up_by_hand() -> None:
    cases = case_list(
        [
            (0, "residential_care", 0, 100), (0, "foster_care", 100, 200), (0, "preventive", 200, 300),
            (1, "preventive", 0, 50), (1, "foster_care", 50, 90), (1, "foster_care", 90, 150),
            (1, "residential_care", 150, None), (2, "foster_care", 0, 3575),
        ], [], until=4000,
    )  # fmt: skip
    down = moves_down(cases.spells, DEFAULT_STAIRCASE, 18.0)
    up, same = moves_up(cases.spells, DEFAULT_STAIRCASE)
    assert down.tolist() == [True, True, True, False, False, False, False, False]  # the last is of age
    assert up.tolist() == [False, False, False, True, False, True, False, False]
    assert same.tolist() == [False, False, False, False, True, False, False, False]


def test_a_move_soon_after_a_follow_up_was_decided_by_it() -> None:
    soon, late = 300 + int(DECIDED.astype(int)), 300 + int(DECIDED.astype(int)) + 1
    for end, gaps, unrecorded in ((soon, [100, 200], False), (late, [100, 200, late - 300], True)):
        rows: list[tuple[int, str, int, int | None]] = [
            (0, "foster_care", 0, end), (1, "foster_care", -500, None)
        ]  # fmt: skip
        found = found_in(case_list(rows, [(0, 100), (0, 300), (1, -100), (1, 100), (1, 300)]))
        assert found.down.tolist() == [True, False]
        assert found.unrecorded.tolist() == [unrecorded, False]
        assert np.round(found.gap[: found.offset[1]] * 365.25).tolist() == gaps


def test_a_stretch_begins_with_the_first_recorded_follow_up_of_who_came_before() -> None:
    rows: list[tuple[int, str, int, int | None]] = [
        (0, "foster_care", -900, 350), (1, "foster_care", -900, 110), (2, "foster_care", 70, None)
    ]  # fmt: skip
    cases = case_list(rows, [(0, 60), (0, 340), (1, 100), (2, 200), (2, 400)], until=700)
    found, _ = stretches(cases, DAY, DEFAULT_STAIRCASE, 18.0, 6.0)
    assert found.stair.tolist() == [1, 1]  # the first of child 1 moved it: nothing is left
    assert np.round(found.before * 365.25).tolist() == [960, 0]
    assert np.round(found.gap * 365.25).tolist() == [280, 130, 200]
    assert found.down.tolist() == [True, False]


def test_follow_ups_whose_decision_cannot_show_yet_are_left_out() -> None:
    rows: list[tuple[int, str, int, int | None]] = [(0, "foster_care", 0, None)]
    found = found_in(case_list(rows, [(0, 100), (0, 300), (0, 1960)], until=2000))
    assert len(found.gap) == 2
    of_age = int(18 * 365.25) - 5000
    rows = [(0, "foster_care", 0, of_age)]
    found = found_in(case_list(rows, [(0, 100), (0, 300), (0, of_age - 10)], born=-5000))
    assert len(found.gap) == 2 and not found.down.any()


def test_a_stair_without_recorded_follow_ups_is_not_read() -> None:
    rows: list[tuple[int, str, int, int | None]] = [
        (0, "foster_care", 0, None),
        (1, "preventive", 0, None),
    ]
    _, shown = stretches(
        case_list(rows, [(0, x) for x in range(100, 1900, 150)]), DAY, DEFAULT_STAIRCASE, 18.0, 6.0
    )
    assert shown.tolist() == [False, True, False]


def test_changes_of_caseworker_are_felt_for_their_months() -> None:
    rows: list[tuple[int, str, int, int | None]] = [(0, "foster_care", 0, None)]
    workers = Cases(np.zeros(2, np.int64), np.array([7, 8]), days([0, 400]), days([400, None]))
    held = [(0, 390), (0, 400), (0, 580), (0, 600)]
    assert found_in(case_list(rows, held, cases=workers)).felt.tolist() == [False, True, True, False]


# --- draws ---------------------------------------------------------------------------------------------


def herning(months: int = 60) -> Scenario:
    return find_scenario("herning").model_copy(update={"months": months})


@pytest.fixture(scope="module")
def a_list() -> CaseList:
    return simulated(herning(), seed=3)


def test_recognition_moves_where_follow_ups_are_dated(a_list: CaseList) -> None:
    found = readiness(a_list, herning(), generator(1))
    before, after = (found.spans[RECOGNITION].before, found.spans[RECOGNITION].after)
    assert found.from_follow_ups and set(found.way.values()) == {"follow-ups"}
    assert after[2] - after[1] < 0.6 * (before[2] - before[1])
    assert len(found.recognition) == len(posterior()) == len(found.rates["foster_care"])
    assert found.unrecorded == 0 and found.moves > 100


def test_without_dates_recognition_is_the_country_s(a_list: CaseList) -> None:
    """Each draw keeps its own recognition, but for what smoothing changes (most at the ends)."""
    found = readiness(replace(a_list, follow_ups=None), herning(), generator(1))
    national = np.array([row[RECOGNITION] for row in posterior()])
    assert not found.from_follow_ups and set(found.way.values()) == {"moves down"}
    assert np.quantile(np.abs(found.recognition - national), 0.98) < 0.02
    assert np.corrcoef(found.recognition, national)[0, 1] > 0.99
    assert found.moves == 0 and found.moves_only > 100


def test_without_children_the_rates_are_the_country_s() -> None:
    """A stair with hardly a month in the window keeps the national median to a tenth of its logarithm."""
    rows: list[tuple[int, str, int, int | None]] = [(0, "foster_care", 1960, None)]
    found = readiness(case_list(rows, [], until=2000), herning(), generator(2))
    national = np.array([row[READINESS + "foster_care"] for row in posterior()])
    own = found.rates["foster_care"]
    assert np.median(np.log(own)) == pytest.approx(np.median(np.log(national)), abs=0.1)
    spread = np.hypot(np.log(national).std(), SPREAD_ELSEWHERE)
    assert np.log(own).std() == pytest.approx(spread, rel=0.1)
    assert set(found.rates) == {"foster_care"}


def test_equal_seeds_give_equal_draws(a_list: CaseList) -> None:
    one, other = (readiness(a_list, herning(), generator(5)) for _ in range(2))
    assert np.array_equal(one.recognition, other.recognition)
    assert all(np.array_equal(one.rates[k], other.rates[k]) for k in one.rates)


# --- recovery ------------------------------------------------------------------------------------------


def truth(seed: int) -> dict[str, float]:
    """Return a municipality's numbers, drawn as the prior has them."""
    rng = generator(seed)
    row = posterior()[int(rng.integers(len(posterior())))]
    wanted = (RECOGNITION, READINESS, PREMATURE)
    found = {k: x for k, x in row.items() if k.startswith(wanted)}
    for name in [k for k in found if k.startswith(READINESS)]:
        spread = row[SPREAD] if name.endswith("residential_care") else SPREAD_ELSEWHERE
        found[name] *= float(np.exp(spread * rng.standard_normal()))
    return found


def covered(seed: int, ample: bool) -> dict[str, bool]:
    """Return which of the numbers of a simulated municipality lie in their 90 % intervals.

    Simulated for twelve years, so that the drawn first day is forgotten; the last four are counted.
    """
    s, true = herning(144), truth(seed)
    if ample:
        tables = s.model_dump(mode="json")["districts"]
        s = changed(s, AMPLE, districts=[{**d, "places": {"foster_care": 100_000}} for d in tables])
        s = with_values(s, true)
    else:
        s = settled(with_values(s, true), s)
    spans = readiness(simulated(s, seed), s, generator(seed), window=4.0).spans
    return {name: span.after[1] <= true[name] <= span.after[2] for name, span in spans.items()}


def test_the_truth_of_a_few_municipalities_is_found() -> None:
    """Seven numbers of each of three, of which a right method misses more than 6 in 1 % of such tests.

    By the binomial with a chance of 0.1, were they independent.
    """
    hits = [x for seed in range(3) for x in covered(seed, ample=True).values()]
    assert len(hits) == 21
    assert len(hits) - sum(hits) <= stats.binom.ppf(1.0 - 1e-4, 21, 0.1)


@pytest.mark.slow
@pytest.mark.parametrize("ample", [True, False])
def test_the_truth_lies_in_nine_of_ten_intervals(ample: bool) -> None:
    """Forty municipalities: recognition, and all seven numbers together.

    A method that covers 90 % fails the first in 0.02 % of such tests (binomial, 26 of 40 or fewer). The
    numbers of one municipality hang together, so all together are given the error of 60 independent ones:
    five standard errors of them.
    """
    found = [covered(seed, ample) for seed in range(40)]
    assert sum(x[RECOGNITION] for x in found) > 26
    hits = np.array([hit for x in found for hit in x.values()])
    assert abs(hits.mean() - 0.9) < 5 * np.sqrt(0.9 * 0.1 / 60)


def test_every_kind_of_stretch_gives_a_finite_likelihood() -> None:
    for gap, down, before in product([NEVER, 1e-3, 30.0], [True, False], [0.0, 15.0]):
        logs = log_likelihood(
            seen([[gap]], [down], before), special.expit(np.array([-4.0, 5.0])), np.array([0.01, 0.99]),
            np.array([[1e-3, 20.0]]), 1e-6, np.array([0.25]), np.array([0.5]),
        )  # fmt: skip
        assert np.isfinite(logs).all()


def test_the_window_must_be_positive(a_list: CaseList) -> None:
    with pytest.raises(ValueError, match="window = 0 years: must be above 0"):
        readiness(a_list, herning(), generator(1), window=0.0)
    assert day_after(DAY, -1.0) < DAY
