"""Validation: the rule, that no target is forgotten, and that each is measured right."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from support import scenario

from experiments.calibration.runs import AIMS, READING, ledger
from experiments.draws import COUNTRY_INFLOW, INFLOW, PLACE, SPREAD
from experiments.validation import childhoods, fano, new_york, study, trend
from experiments.validation.country import country
from experiments.validation.histories import OPEN, History, histories
from experiments.validation.posts import months_after, posts_of, posts_to_reach
from experiments.validation.settings import Experiment, Setting, group_of
from experiments.validation.study import settings_for, validate
from experiments.validation.targets import (
    FITTED,
    GROUPS,
    HELD_OUT,
    REQUIRED,
    REQUIREMENTS,
    all_experiments,
    label_of,
    not_simulated,
    status_of,
    to_validate,
)
from experiments.validation.verdicts import (
    FAILS,
    HOLDS,
    REPORTED_ONLY,
    Figure,
    Row,
    figure,
    is_inside,
)
from simulation.accounts import Ledger
from simulation.ledger import Event
from simulation.model import PlacementModel
from simulation.parameters import parameter, value
from simulation.policy import Capacity, Policy
from simulation.reading import find_scenario
from simulation.replicates import ledgers
from simulation.scenario import Scenario

EXPERIMENTS = all_experiments()
AS_RECORDED = Setting(None, 1)
WIDTH = 1.645


def values(low: float, mean: float, high: float) -> np.ndarray:
    """Return 201 values with this mean whose 5 and 95 % are `low` and `high`."""
    x = np.concatenate([np.full(20, low), np.full(161, np.nan), np.full(20, high)])
    x[np.isnan(x)] = (201 * mean - 20 * (low + high)) / 161
    return x


# --- the rule ------------------------------------------------------------------------------------

SD = Figure(10.0, 9.0, 11.0, "one standard deviation", WIDTH)
RANGE = Figure(10.0, 9.0, 12.0, "a range", 0.0)
COUNTED_OTHERWISE = Figure(10.0, 9.0, 12.0, "a range", 1.0)
EXACT = Figure(0.0, 0.0, 0.0, "exact", 0.0)


@pytest.mark.parametrize(
    ("published", "model", "inside"),
    [
        (SD, values(11.5, 11.6, 11.7), True),  # 1.6 < hypot(0.1, 1.645)
        (SD, values(11.6, 11.7, 11.8), False),  # 1.7 > 1.648
        (SD, values(11.0, 12.0, 13.0), False),  # 2.0 > hypot(1, 1.645) = 1.925
        (SD, values(10.9, 11.9, 12.9), True),  # 1.9 < 1.925
        (SD, values(8.1, 8.1, 8.1), False),
        (SD, values(8.1, 8.1, 9.1), True),  # the side that faces the figure
        (SD, values(7.1, 8.1, 8.1), False),  # the other side does not help
        (RANGE, values(11.9, 13.0, 14.0), True),  # intervals overlap
        (RANGE, values(12.1, 13.0, 14.0), False),
        (RANGE, values(11.0, 11.5, 11.6), True),  # within, though far from the value
        (RANGE, values(7.0, 8.0, 8.9), False),
        (COUNTED_OTHERWISE, values(12.5, 13.0, 13.5), True),  # 1 < hypot(0.5, 1)
        (COUNTED_OTHERWISE, values(12.8, 13.3, 13.8), False),  # 1.3 > 1.118
        (EXACT, np.zeros(60), True),
        (EXACT, np.append(np.zeros(59), 1.0), False),  # one draw of sixty is enough
        (SD, np.full(3, np.nan), False),
        (SD, np.array([np.nan, 10.0, 10.1]), True),
    ],
)
def test_the_rule(published: Figure, model: np.ndarray, inside: bool) -> None:
    assert is_inside(published, model) == inside


def test_a_wider_interval_never_turns_inside_into_failing() -> None:
    for published in (SD, RANGE, COUNTED_OTHERWISE):
        for mean in np.linspace(5.0, 15.0, 41):
            verdicts = [is_inside(published, values(mean - w, mean, mean + w)) for w in (0.1, 1.0, 5.0)]
            assert verdicts == sorted(verdicts)


def test_a_requirement_holds_where_nine_of_ten_draws_keep_to_it() -> None:
    def verdict(low: int, nan: int = 0) -> str:
        x = np.array([0.4] * low + [0.6] * (20 - low - nan) + [np.nan] * nan)
        return Row("herning.capacity_alone_residential", REQUIRED, "ratio", None, x).verdict

    assert (verdict(20), verdict(18), verdict(17)) == (HOLDS, HOLDS, FAILS)
    assert verdict(17, nan=3) == FAILS  # what is not defined does not hold


def test_an_expectation_is_reported_and_not_judged() -> None:
    name = "target.fano.residential_moved_down"
    row = Row(name, HELD_OUT, "children", figure(name), np.array([0.0, 6.0, 6.0, 9.0]))
    assert (row.verdict, row.p) == (REPORTED_ONLY, 0.75)


# --- published figures -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", to_validate())
def test_every_record_says_what_its_ends_are(name: str) -> None:
    published = figure(name)
    assert published.low <= published.value <= published.high
    low, high = published.interval
    assert low <= published.value <= high


def test_a_figure_with_a_standard_deviation_is_164_of_them_wide() -> None:
    p = parameter("target.nyc.caseload_after")
    assert figure(p.name).half == pytest.approx(WIDTH * (p.high - p.low) / 2)


def test_what_a_figure_counts_otherwise_widens_it() -> None:
    aim = next(a for a in AIMS if a.definition)
    p = aim.record
    assert figure(p.name).half == pytest.approx(WIDTH * np.hypot((p.high - p.low) / 2, aim.definition))


def test_a_binomial_spread_wider_than_stated_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from experiments.validation import verdicts

    few = replace(parameter("target.denmark.teen_placements_broken"), n=25, value=0.4)
    monkeypatch.setattr(verdicts, "parameter", lambda _: few)
    assert figure("any").half == pytest.approx(WIDTH * np.sqrt(0.4 * 0.6 / 25))


def test_the_chance_of_a_count_is_not_counted_twice() -> None:
    p = parameter("target.herning.residential_later")
    assert figure(p.name).half == pytest.approx(WIDTH * READING * (p.high - p.low) / 2)


def test_a_note_that_does_not_say_what_its_ends_are_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from experiments.validation import verdicts

    vague = replace(parameter("target.trend.stock_ratio"), note="Low and high: about.")
    monkeypatch.setattr(verdicts, "parameter", lambda _: vague)
    with pytest.raises(ValueError, match=r"any: the note must end with .* one standard deviation"):
        figure("any")


# --- nothing is forgotten ------------------------------------------------------------------------


def test_every_target_is_measured_once_or_said_not_to_be() -> None:
    measured = [name for e in EXPERIMENTS for name in e.targets]
    assert len(measured) == len(set(measured))
    targets = {name for name in measured if name.startswith("target.")}
    assert targets.isdisjoint(not_simulated())
    assert targets | set(not_simulated()) == set(to_validate())
    assert set(measured) - targets == set(REQUIREMENTS)


def test_what_is_not_simulated_has_a_reason() -> None:
    assert all(len(why.split()) > 5 for why in not_simulated().values())


def test_without_a_scenario_of_2014_its_targets_are_said_not_to_be_simulated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("experiments.validation.country.shipped_scenarios", lambda: ["denmark"])
    assert set(not_simulated()) == {
        "target.denmark.refund_share",
        "target.denmark.spending_per_placed_2015",
    }
    measured = {name for e in all_experiments() for name in e.targets}
    assert measured.isdisjoint(not_simulated())


def test_every_row_has_a_group_and_a_label_of_its_own() -> None:
    names = [*to_validate(), *REQUIREMENTS]
    assert {group_of(name) for name in names} == set(GROUPS)
    labels = [(group_of(name), label_of(name)) for name in names]
    assert len(labels) == len(set(labels))
    assert max(len(label) for _, label in labels) <= 46


def test_what_the_calibration_uses_is_called_fitted_and_nothing_else_is() -> None:
    fitted = {name for name in to_validate() if status_of(name) == FITTED}
    assert {aim.target for aim in AIMS} <= fitted
    assert {name for name in to_validate() if parameter(name).weight == "validate"} == {
        name for name in to_validate() if status_of(name) == HELD_OUT
    }
    assert {status_of(name) for name in REQUIREMENTS} == {REQUIRED}


@pytest.mark.parametrize("e", EXPERIMENTS, ids=lambda e: e.run.__name__)
def test_an_experiment_finds_what_it_says_and_depends_on_its_setting_only(e: Experiment) -> None:
    found, again = e.run(AS_RECORDED), e.run(AS_RECORDED)
    assert set(found) == set(e.targets)
    for name, x in found.items():
        assert x.ndim == 1 and len(x) >= 1 and not np.isinf(x).any(), name
        np.testing.assert_array_equal(x, again[name])
    for name in e.single:
        assert len(found[name]) == 1


# --- a wrong model fails -------------------------------------------------------------------------


def at(**changes: float) -> Setting:
    """Return the recorded values, some of them changed, as a draw."""
    same = {SPREAD: 0.0, "herning.readiness": 0.0, PLACE: 0.0, COUNTRY_INFLOW: value(INFLOW)}
    return Setting({**same, **changes}, 1)


def test_readiness_of_foster_care_three_times_too_high_makes_the_exits_fail() -> None:
    exits, readiness = "target.denmark.exits_0_17", "children.readiness_rate.foster_care"
    right, wrong = (
        np.array([country(Setting(at(**{readiness: rate}).draw, seed))[exits][0] for seed in (1, 2, 3)])
        for rate in (value(readiness), 3.0 * value(readiness))
    )
    assert (wrong > right + 0.01).all()  # the same luck
    assert not is_inside(figure(exits), wrong)


def test_recorded_values_as_a_draw_are_the_recorded_values() -> None:
    for name, x in country(at()).items():
        np.testing.assert_allclose(x, country(AS_RECORDED)[name], rtol=1e-12, err_msg=name)


# --- the two worlds ------------------------------------------------------------------------------


def of_fano(policy: str | None) -> History:
    s = find_scenario("fano")
    return next(histories(s, s.policy(policy) if policy else None, seed=3, replicates=1))


def by_column(h: History) -> Ledger:
    return Ledger(h.book, h.scenario.staircase)


def test_the_null_world_is_exact_and_only_pays() -> None:
    found = fano.worlds(AS_RECORDED)
    assert found["target.null.difference"] == found["null.other_columns"] == 0.0
    today, null = by_column(of_fano(None)), by_column(of_fano("null"))
    changed = {name for name in fano.PAID_FOR if not np.array_equal(today[name], null[name])}
    assert changed == {"dkk_staff", "dkk_one_off", "n_fte"}


def test_a_policy_with_an_effect_is_seen_to_differ() -> None:
    today, model = of_fano(None), of_fano("swedish_model")
    assert fano.children_that_differ(today, model) > 0
    assert fano.columns_that_differ(by_column(today), by_column(model)) > 0


def test_children_whose_history_differs_are_counted_once_each() -> None:
    h = made_up([(0, 1, Event.START, 2, 2), (3, 1, Event.MOVE_UP, 2, 6), (4, 2, Event.AT_RISK, 0, 0)])
    later = [(0, 1, Event.START, 2, 2), (5, 1, Event.MOVE_UP, 2, 6), (6, 1, Event.FOLLOW_UP, 6, 6),
             (4, 2, Event.AT_RISK, 0, 0)]  # fmt: skip
    assert fano.children_that_differ(h, made_up(later)) == 1
    assert fano.children_that_differ(h, h) == 0


def test_savings_over_cost_by_hand() -> None:
    s = scenario(months=12)
    today, policy = (Ledger(np.zeros((1, 1, len(of_fano(None).book[0]))), s.staircase) for _ in range(2))
    today["dkk_residential_care"][:], today["dkk_refund"][:] = 900.0, 100.0
    policy["dkk_residential_care"][:], policy["dkk_preventive"][:] = 500.0, 50.0
    policy["dkk_staff"][:], policy["dkk_one_off"][:] = 400.0, 100.0
    assert fano._covered(today, policy) == pytest.approx((800 - 550) / 500)


# --- histories -------------------------------------------------------------------------------------


def made_up(events: list[tuple[int, ...]], months: int = 300) -> History:
    """Return a history of these events on the standard staircase: 2 help, 5 foster, 6 residential."""
    return History(scenario(months=months), None, 1, 0, np.zeros((0, 0)), np.array(events, np.int64))  # type: ignore[arg-type]


CLOSED, GONE = 7, 8
ONE_CHILD = [
    (0, 1, Event.START, 2, 2),
    (4, 1, Event.CRISIS_ENTRY, 2, 5),
    (6, 1, Event.FOLLOW_UP, 5, 5),
    (10, 1, Event.BREAKDOWN, 5, 5),
    (20, 1, Event.MOVE_UP, 5, 6),
    (50, 1, Event.MOVE_DOWN, 6, 2),
    (60, 1, Event.MOVE_DOWN, 2, CLOSED),
    (65, 1, Event.REENTRY, CLOSED, 1),
    (66, 1, Event.ASSESSED, 1, 6),
    (90, 1, Event.LEFT, 6, GONE),
]
OTHERS = [(0, 0, Event.START, 5, 5), (30, 9, Event.ACUTE_ENTRY, 0, 6)]


def test_placements_and_episodes_of_a_child_by_hand() -> None:
    h = made_up([*OTHERS, *ONE_CHILD])
    p = h.placements
    rows = list(zip(p.child, p.stair, p.start, p.end, p.ended_by, strict=True))
    assert rows == [
        (0, 5, 0, 300, OPEN),
        (1, 5, 4, 10, Event.BREAKDOWN),
        (1, 5, 10, 20, Event.MOVE_UP),
        (1, 6, 20, 50, Event.MOVE_DOWN),
        (1, 6, 66, 90, Event.LEFT),
        (9, 6, 30, 300, OPEN),
    ]
    e = h.episodes
    assert list(zip(e.child, e.start, e.end, e.home, e.ended, e.first, strict=True)) == [
        (0, 0, 300, False, False, True),
        (1, 4, 50, True, True, True),
        (1, 66, 90, False, True, False),
        (9, 30, 300, False, False, True),
    ]


def test_a_history_without_children_in_care_has_no_episodes() -> None:
    h = made_up([(0, 1, Event.START, 2, 2)])
    assert len(h.placements) == len(h.episodes.child) == len(h.episodes.first) == 0


def test_spells_are_those_of_the_agents() -> None:
    s = scenario(months=36)
    model = PlacementModel(s, rng=5)
    model.run_for(36)
    theirs = model.spells()
    ours = next(histories(s, seed=5, replicates=1)).spells
    ours = ours[ours.stair < len(s.staircase)]
    keys = [s.staircase.keys[i] for i in ours.stair]
    ends = [36 if end is None else end for end in theirs["end_month"].astype(object).where(
        theirs["end_month"].notna(), None)]  # fmt: skip
    assert len(ours) == len(theirs) > 100
    assert list(zip(ours.child, keys, ours.start, ours.end, strict=True)) == list(
        zip(theirs["child"], theirs["stair"], theirs["start_month"], ends, strict=True)
    )


def test_births_are_right_for_children_of_the_first_day_and_for_arrivals() -> None:
    h = next(histories(scenario(months=120), seed=2, replicates=1))
    left = h.events[h.events[:, 2] == Event.LEFT]
    ages = left[:, 0] - h.births(left[:, 1])
    assert (left[:, 1] < 1 << 20).any() and (left[:, 1] >= 1 << 20).any()
    assert (ages == 18 * 12 - 1).all()


def test_the_books_are_those_of_the_plain_kernel() -> None:
    s = scenario(months=24)
    books = np.array([h.book for h in histories(s, seed=7, replicates=3)])
    np.testing.assert_array_equal(books, ledgers(s, seed=7, replicates=3))


# --- childhoods ------------------------------------------------------------------------------------


class Born:
    """Stands in for a history's births: child -> month."""

    def __init__(self, h: History, births: dict[int, int]) -> None:
        self.h = h
        self.children = np.unique(h.placements.child)
        self.months = np.array([births[c] for c in self.children.tolist()])


def test_placements_per_child_leave_out_who_was_in_care_on_the_first_day() -> None:
    h = made_up([*OTHERS, *ONE_CHILD])
    assert childhoods._placements_per_child(h) == [(1, 2), (0, 2), (0, 2), (1, 2)]  # 1 has four, 9 one


def test_teenagers_placements_by_hand() -> None:
    h = made_up([*OTHERS, *ONE_CHILD])
    teen = Born(h, {0: -200, 1: -160, 9: -160})  # child 0 was there; all others are 13 or more
    broken, soon = childhoods._teenagers_placements(h, teen.children, teen.months)
    assert (broken, soon) == ((1, 5), (1, 1))
    young = Born(h, {0: -200, 1: 0, 9: 0})
    assert childhoods._teenagers_placements(h, young.children, young.months) == [(0, 0), (0, 0)]


def test_small_children_by_hand() -> None:
    h = made_up([*OTHERS, *ONE_CHILD])
    small = Born(h, {0: -10, 1: 0, 9: 0})
    home, again = childhoods._small_children(h, small.children, small.months)
    assert (home, again) == ((1, 2), (1, 1))  # 1 home after 46 months and back 16 months later
    older = Born(h, {0: -10, 1: -40, 9: 0})
    assert childhoods._small_children(h, older.children, older.months) == [(0, 1), (0, 0)]


# --- New York ------------------------------------------------------------------------------------


def test_the_median_stay_with_and_without_open_stays() -> None:
    months = np.array([1, 2, 3, 4])
    assert new_york.median_stay(months, np.ones(4, bool)) == 2.0
    # one open stay of 2 months: 4/4 -> 3/4 -> 3/4 -> 3/8; half is left two thirds into month 3
    assert new_york.median_stay(months, np.array([True, False, True, True])) == pytest.approx(2 + 2 / 3)
    assert np.isnan(new_york.median_stay(months, np.array([True, False, False, False])))
    assert np.isnan(new_york.median_stay(np.array([], int), np.array([], bool)))


def test_the_median_of_even_exits_is_that_of_an_exponential() -> None:
    """Error rate: four standard errors of a median of 40,000 stays, below 1e-4."""
    months = np.random.default_rng(1).geometric(0.02, 40_000)
    assert new_york.median_stay(months, np.ones(40_000, bool)) == pytest.approx(34.31, abs=1.0)


@pytest.mark.parametrize("intensive", [False, True])
def test_the_closed_cohort_loses_no_child(intensive: bool) -> None:
    """Every child is in care or home in every month; nobody comes, and nobody of them leaves at 18."""
    s = new_york.closed_cohort(AS_RECORDED)
    service = Policy(capacity=Capacity(extra_fte=posts_to_reach(s, 32.0, 10.0))) if intensive else None
    h = next(histories(s, service, seed=4, replicates=1))
    children = new_york.cohort(h)
    assert len(children) > 500 and set(h.spells.child) == set(range(sum(s.districts[0].start.values())))
    theirs = h.spells[np.isin(h.spells.child, children)]
    assert not (theirs.began_by == Event.LEFT).any()
    in_care = new_york.in_care_by_month(h, children)
    for month in range(s.months):
        now = theirs[(theirs.start <= month) & (month < theirs.end)]
        assert sorted(now.child) == sorted(children)
        assert h.in_care[now.stair].sum() == in_care[month]
    assert (h.births(children) > s.months - 18 * 12).all()


def test_the_trial_gives_ten_cases_for_nine_months() -> None:
    """The service shows in the caseload: 10 at first, as usual again when it has stopped."""
    s = new_york.closed_cohort(AS_RECORDED)
    posts = posts_to_reach(s, 32.0, 10.0)
    n = sum(s.districts[0].start.values())
    assert n / s.fte == pytest.approx(32.0) and n / (s.fte + sum(posts)) == pytest.approx(10.0)


def test_more_work_brings_more_children_home_at_first() -> None:
    found = new_york.intensive_trial(AS_RECORDED)
    at_8, usual = (found[f"target.ny_trial.home_at_8_{arm}"][0] for arm in ("intensive", "usual"))
    assert at_8 > usual > 0.0


@pytest.mark.parametrize("fte", [0.3, 1.0, 7.5])
def test_posts_make_up_what_is_asked_for(fte: float) -> None:
    posts = posts_of(fte)
    assert sum(posts) == pytest.approx(fte) and 0 < max(posts) <= 1
    assert posts_of(0.0) == ()


def test_months_after_crosses_years() -> None:
    from datetime import date

    assert months_after(date(2019, 11, 1), 3) == date(2020, 2, 1)
    assert months_after(date(2019, 1, 1), 120) == date(2029, 1, 1)
    assert months_after(date(2019, 12, 1), 0) == date(2019, 12, 1)


# --- the trend -------------------------------------------------------------------------------------


def test_the_caseload_of_the_trend_goes_from_that_of_2009_to_that_of_2019() -> None:
    """A fixed seed; to within two cases, which is less than the records are sure of."""
    _, drifting = trend.before_and_drifting(AS_RECORDED)
    b = ledger(drifting, None, AS_RECORDED.seed, 4)
    by_year = (b["n_cases"] / b["n_fte"]).mean(axis=0)
    assert by_year[trend.SETTLING_YEARS - 1] == pytest.approx(46.0, abs=2.0)
    assert by_year[-1] == pytest.approx(33.0, abs=2.0)


# --- the study -------------------------------------------------------------------------------------


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "POINTS", 3)


@pytest.mark.usefixtures("few")
def test_threads_do_not_change_the_result_and_the_seed_does() -> None:
    one, two, other = (
        validate(0, group="herning", workers=w, seed=seed) for w, seed in ((1, 1), (3, 1), (2, 2))
    )
    for a, b in zip(one.rows, two.rows, strict=True):
        np.testing.assert_array_equal(a.values, b.values)
    assert any(not np.array_equal(a.values, b.values) for a, b in zip(one.rows, other.rows, strict=True))


@pytest.mark.usefixtures("few")
def test_a_group_has_its_rows_only_and_all_of_them() -> None:
    found = validate(0, group="time")
    assert [r.name for r in found.rows] == [n for n in to_validate() if group_of(n) == "time"]
    assert found.groups == ["time"]
    assert all(len(r.values) == 3 for r in found.rows)


def test_an_unknown_group_is_refused() -> None:
    with pytest.raises(ValueError, match=r"--group 'norway' must be one of: denmark, time, herning"):
        validate(0, group="norway")


def test_draws_are_used_where_there_are_any(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{**at().draw, "children.recognition": x} for x in (0.3, 0.5)]  # type: ignore[dict-item]
    monkeypatch.setattr("experiments.draws.posterior", lambda: tuple(rows))
    monkeypatch.setattr(study, "posterior", lambda: tuple(rows))
    found = validate(2, group="perverse")
    assert found.drawn and found.n == 2
    assert settings_for(0, 1)[0].draw is None
    with pytest.raises(ValueError, match="draws = 3 must lie between 1 and 2"):
        validate(3, group="perverse")


def test_a_setting_keeps_its_seed_whatever_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds: Callable[[int], list[int]] = lambda n: (  # noqa: E731
        monkeypatch.setattr(study, "POINTS", n) or [x.seed for x in settings_for(0, 9)]
    )
    assert seeds(5) == seeds(12)[:5]
    assert len(set(seeds(12))) == 12


def test_a_history_too_long_for_its_room_is_run_again_in_more() -> None:
    """The country over 25 years writes more events than the first guess has room for."""
    s: Scenario = AS_RECORDED.country(300)
    h = next(histories(s, seed=1, replicates=1))
    assert len(h.events) > 1 << 14
    assert h.events[-1, 0] == 299 and (np.diff(h.events[:, 0]) >= 0).all()
