"""Nothing appears from nowhere: children, places, hours and money, in random municipalities.

Exact (up to rounding of sums of money and hours), month by month, from the ledger, the event log and
the list of child-months of the compiled engine; places and caseworkers from the agents.
"""

from __future__ import annotations

import os
from collections import defaultdict
from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from municipalities import policies, scenarios
from support import FIXED, History, changed, district, history, room_for, run_kernel, scenario

from simulation import PlacementModel, kernel
from simulation.law import refund_steps
from simulation.layout import MOST_COLUMNS, WORLD
from simulation.ledger import Event
from simulation.policy import Policy
from simulation.scenario import Scenario
from simulation.tables import build_tables

MOVES = set(Event) - {
    Event.FOLLOW_UP, Event.NO_PLACE, Event.READY, Event.NEW_CASEWORKER, Event.COURSE,
}  # fmt: skip
"""Events after which a child stands where `to` says."""


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Draw one replicate of a random municipality under a random policy, or as today."""
    s = draw(scenarios())
    policy = draw(st.one_of(st.none(), policies(s)))
    return history(s, policy, seed=draw(st.integers(0, 1000)))


some = settings(FIXED, max_examples=60)
few = settings(FIXED, max_examples=30)


# --- children ----------------------------------------------------------------------------------------


def starting_stairs(h: History) -> dict[int, int]:
    """Return the stair of each child of the first day, by number."""
    return {child: to for _, child, _, _, to in h.events[h.of(Event.START)].tolist()}


@some
@given(histories())
def test_the_first_day_has_the_counted_children(h: History) -> None:
    keys = h.scenario.staircase.keys
    counts = [sum(d.start.get(key, 0) for d in h.scenario.districts) for key in keys]
    stairs = list(starting_stairs(h).values())
    assert np.bincount(stairs, minlength=len(keys)).tolist() == counts


@some
@given(histories())
def test_children_on_the_stairs_change_by_those_who_come_and_go(h: History) -> None:
    n = len(h.scenario.staircase)
    came = h.of(Event.AT_RISK) | h.of(Event.REENTRY)
    on_a_stair, off = h.events[:, 3] < n, h.events[:, 4] >= n
    present = np.append(len(starting_stairs(h)), h.stair_columns("n_").sum(1))
    assert (np.diff(present) == h.per_month(came) - h.per_month(on_a_stair & off)).all()


@some
@given(histories())
def test_every_child_stands_on_the_stair_its_events_led_to(h: History) -> None:
    stands: dict[int, int] = {}
    moves = h.events[h.of(*MOVES)]
    for month in range(h.scenario.months):
        for _, child, event, origin, to in moves[moves[:, 0] == month].tolist():
            assert event in (Event.AT_RISK, Event.START) or stands[child] == origin
            stands[child] = to
        now = h.trace["month"] == month
        traced = dict(zip(h.trace["child"][now].tolist(), h.trace["stair"][now].tolist(), strict=True))
        assert len(traced) == now.sum()
        assert traced == {c: x for c, x in stands.items() if x < len(h.scenario.staircase)}


@some
@given(histories())
def test_counts_per_stair_are_the_children_there(h: History) -> None:
    s, month, stair = h.scenario, h.trace["month"], h.trace["stair"]
    counted = np.zeros((s.months, len(s.staircase)))
    np.add.at(counted, (month, stair), 1.0)
    assert (h.stair_columns("n_") == counted).all()
    case = stair != s.staircase.first("hidden")
    care = np.isin(stair, [i for i, x in enumerate(s.staircase) if x.in_care])
    ready, alone = h.trace["ready"] > 0, h.trace["caseworker"] < 0
    for name, chosen in {
        "n_cases": case,
        "n_unallocated": case & alone,
        "n_waiting": ready & care,
        "n_waiting_home": ready & ~care,
    }.items():
        assert (h.column(name) == np.bincount(month[chosen], minlength=s.months)).all()


@some
@given(histories())
def test_children_in_care_change_by_entries_exits_and_leaving_age(h: History) -> None:
    s = h.scenario
    care = [i for i, x in enumerate(s.staircase) if x.in_care]
    at_first = sum(stair in care for stair in starting_stairs(h).values())
    in_care = np.append(at_first, h.stair_columns("n_")[:, care].sum(1))
    flow = h.column("new_entries") - h.column("new_exits") - h.column("new_aged_out")
    assert (np.diff(in_care) == flow).all()
    assert (h.stair_columns("new_in_")[:, care].sum(1) == h.column("new_entries")).all()


@some
@given(histories())
def test_the_ledger_counts_the_events(h: History) -> None:
    s, n = h.scenario, len(h.scenario.staircase)
    origin, to = h.events[:, 3], h.events[:, 4]
    helped = [i for i, x in enumerate(s.staircase) if x.kind in ("home", "care")]
    care = [i for i, x in enumerate(s.staircase) if x.in_care]
    from_care, into_care = np.isin(origin, care), np.isin(to, care)
    moved, from_help = h.of(*(MOVES - {Event.LEFT})), np.isin(origin, helped)
    down, unready = h.of(Event.MOVE_DOWN), h.of(Event.MOVE_DOWN_UNREADY)
    up = (to > origin) & (to < n) & (from_help | into_care) | (into_care & ~from_help)
    for name, chosen in {
        "new_at_risk": h.of(Event.AT_RISK),
        "new_detected": h.of(Event.DETECTED),
        "new_acute": h.of(Event.ACUTE_ENTRY),
        "new_faded": h.of(Event.FADED),
        "new_assessed": h.of(Event.ASSESSED),
        "new_follow_ups": h.of(Event.FOLLOW_UP),
        "new_breakdowns": h.of(Event.BREAKDOWN),
        "new_reentries": h.of(Event.REENTRY),
        "new_handovers": h.of(Event.NEW_CASEWORKER),
        "new_waits": h.of(Event.NO_PLACE),
        "new_courses": h.of(Event.COURSE),
        "new_unready": unready,
        "new_moves_down": down | unready,
        "new_moves_up": moved & up,
        "new_closed": (down | unready | h.of(Event.ASSESSED)) & (to >= n),
        "new_entries": moved & into_care & ~from_care,
        "new_exits": moved & from_care & ~into_care,
        "new_aged_out": h.of(Event.LEFT) & from_care,
    }.items():
        assert (h.column(name) == h.per_month(chosen)).all(), name


@some
@given(histories())
def test_clocks_run_one_month_at_a_time(h: History) -> None:
    """A month later a child has been there one month more, or has moved; so with follow-ups."""
    followed = {(m, c) for m, c, e, *_ in h.events.tolist() if e == Event.FOLLOW_UP}
    moved = moves_in(h)
    before: dict[int, tuple[int, int]] = {}
    rows = zip(*(h.trace[x].tolist() for x in ("month", "child", "on_stair", "since")), strict=True)
    for month, child, on_stair, since in rows:
        assert 1 <= since <= on_stair
        if (month, child) in moved:
            assert (on_stair, since) == (1, 1)
        elif child in before:
            stayed, waited = before[child]
            assert on_stair == stayed + 1
            assert since == (1 if (month, child) in followed else waited + 1)
        before[child] = (on_stair, since)


def moves_in(h: History) -> set[tuple[int, int]]:
    """Return (month, child) of every move, arrivals included."""
    moves = h.events[h.of(*(MOVES - {Event.START}))]
    return {(month, child) for month, child, *_ in moves.tolist()}


@pytest.mark.parametrize("room", [10, 70, 100])
def test_a_replicate_that_outgrows_its_room_says_so(room: int) -> None:
    """64 children stand there on the first day, and 240 come.

    The run ends and tells; it neither goes on for ever nor writes where it has no room.
    """
    s = scenario(districts=district(inflow=120.0))
    run_kernel(s)  # compiled here, so that the other process begins at once

    def run_in_little_room() -> None:
        tables, world = build_tables(s), np.zeros(1, WORLD)
        book = run_kernel(s)[0]
        kernel.run_replicate(tables, kernel.work_space(tables, room), world, None, book)
        os._exit(0 if world["overflow"][0] else 1)

    process = get_context("fork").Process(target=run_in_little_room)
    process.start()
    process.join(5)
    hangs = process.is_alive()
    process.kill()
    assert not hangs
    assert process.exitcode == 0


def test_two_identical_arms_differ_by_nothing() -> None:
    s = scenario()
    assert (run_kernel(s, replicates=3) == run_kernel(s, replicates=3)).all()
    assert (run_kernel(s, replicates=3) != run_kernel(s, replicates=3, seed=2)).any()


# --- places and caseworkers --------------------------------------------------------------------------


@few
@given(st.data())
def test_places_are_either_free_or_taken(data: st.DataObject) -> None:
    s = data.draw(scenarios(most_months=14))
    policy = data.draw(st.one_of(st.none(), policies(s)))
    places = build_tables(s, policy).places
    model = PlacementModel(s, policy, rng=1, events=False)
    for month in range(s.months):
        model.step()
        taken = np.zeros((len(s.districts), len(s.staircase)), int)
        for child in model.children:
            if child.level < len(s.staircase):
                taken[child.district, child.level] += 1
        free = np.array([d.free[: len(s.staircase)] for d in model.districts])
        assert (free + taken == places[month, :, : len(s.staircase)]).all()


@some
@given(st.data())
def test_places_are_either_free_or_taken_at_the_end_of_a_compiled_run(data: st.DataObject) -> None:
    s = data.draw(scenarios())
    tables = build_tables(s, data.draw(st.one_of(st.none(), policies(s))))
    space, world = kernel.work_space(tables, room_for(tables)), np.zeros(1, WORLD)
    kernel.run_replicate(tables, space, world, None, np.zeros((s.months, MOST_COLUMNS)))
    n = len(s.staircase)
    taken = np.zeros((len(s.districts), n), int)
    used = world["n_children"][0]
    stairs, districts = (space.children[f].ravel()[:used] for f in ("stair", "district"))
    for stair, k in zip(stairs, districts, strict=True):
        if stair < n:
            taken[k, stair] += 1
    assert (space.districts["free"][:, :n] + taken == tables.places[-1, :, :n]).all()


@few
@given(st.data())
def test_a_case_has_a_caseworker_of_its_district_wherever_there_is_one(data: st.DataObject) -> None:
    s = data.draw(scenarios(most_months=14))
    policy = data.draw(st.one_of(st.none(), policies(s)))
    model = PlacementModel(s, policy, rng=1, events=False)
    for month in range(s.months):
        model.step()
        at_work = {
            w.district
            for w in model.caseworkers
            if w.begins <= month < w.ends and w.in_post >= 0 and w.fte > 0
        }
        for child in model.children:
            if not child.is_case:
                assert child.caseworker is None
            elif child.district in at_work:
                assert child.caseworker is not None
                assert child.caseworker.district == child.district
            else:
                assert child.caseworker is None


def test_no_move_up_or_entry_fills_a_limited_stair_beyond_its_places() -> None:
    """Placements stop at the last place; only the first day may hold more children than places."""
    start = {"preventive": 30, "foster_care": 4, "residential_care": 10}
    s = scenario(
        months=60,
        districts=district(places={"foster_care": 5}, start=start),
        children={"crisis_rate": {"preventive": 1.0}},
    )
    foster = run_kernel(s, replicates=20)[:, :, -3 * 7 :]  # n_, dkk_ and new_in_ of seven stairs
    assert foster[:, :, 5].max() == 5


# --- hours -------------------------------------------------------------------------------------------


def spent(h: History) -> np.ndarray:
    """Return the hours spent on all three kinds of work, by month."""
    kinds = ("hours_reactive", "hours_assessment", "hours_follow_up")
    return np.sum([h.column(kind) for kind in kinds], axis=0)


def longest_follow_up(s: Scenario) -> float:
    return s.work.follow_up_hours * max(s.work.weight.values())


@some
@given(histories())
def test_each_caseworker_overdraws_by_one_follow_up_at_most(h: History) -> None:
    posts = len(h.tables.posts)
    limit = h.column("hours_available") + posts * longest_follow_up(h.scenario)
    assert (spent(h) <= limit + 1e-6).all()


@some
@given(histories())
def test_hours_available_are_at_most_those_of_the_filled_posts(h: History) -> None:
    w = h.scenario.work
    gross = h.column("n_fte_filled") * w.case_hours * (1 - w.sickness)
    assert (h.column("hours_available") <= gross + 1e-6).all()


@some
@given(histories())
def test_follow_up_hours_are_those_of_the_follow_ups_held(h: History) -> None:
    w, held = h.scenario.work, h.events[h.of(Event.FOLLOW_UP)]
    weights = np.array([w.weight.get(key, 0.0) for key in h.scenario.staircase.keys])
    hours = np.bincount(held[:, 0], weights[held[:, 3]], h.scenario.months) * w.follow_up_hours
    assert h.column("hours_follow_up") == pytest.approx(hours)


@some
@given(histories())
def test_a_due_follow_up_is_held_or_overdue(h: History) -> None:
    assert (h.column("n_due") == h.column("new_follow_ups") + h.column("n_overdue")).all()
    assert (h.column("n_followed") >= h.column("n_due")).all()


@some
@given(histories())
def test_intervals_are_the_months_waited_for_the_follow_ups_held(h: History) -> None:
    rows = zip(*(h.trace[x].tolist() for x in ("month", "child", "since")), strict=True)
    waited = {(month + 1, child): since for month, child, since in rows}
    intervals: dict[int, int] = defaultdict(int)
    for month, child, *_ in h.events[h.of(Event.FOLLOW_UP)].tolist():
        intervals[month] += waited.get((month, child), 0)
    later = range(1, h.scenario.months)  # before the first month nobody has been traced
    assert h.column("sum_interval")[1:].tolist() == [intervals[m] for m in later]


@some
@given(histories())
def test_assessments_book_their_hours_up_to_work_in_progress(h: History) -> None:
    s = h.scenario
    assessment, each = s.staircase.first("assessment"), s.work.assessment_hours
    begun = sum(stair == assessment for stair in starting_stairs(h).values())
    booked, finished = h.column("hours_assessment").sum(), h.column("new_assessed").sum()
    left_early = (h.of(*MOVES) & (h.events[:, 3] == assessment) & ~h.of(Event.ASSESSED)).sum()
    at_risk = h.of(Event.AT_RISK) & (h.events[:, 4] == assessment)
    left_early -= (at_risk & (h.events[:, 3] == assessment)).sum()
    unfinished = left_early + (h.stair_columns("n_")[-1, assessment] if assessment >= 0 else 0)
    assert (finished - begun) * each - 1e-6 <= booked <= (finished + unfinished) * each + 1e-6


@pytest.mark.parametrize("wait", [0.0, 4.5])
def test_with_ample_hours_an_assessment_books_exactly_its_hours(wait: float) -> None:
    """All of them in the month in which the child becomes known, whoever else is waited for."""
    s = scenario(
        districts=district(start={"assessment": 0, "preventive": 5}),
        work={"case_hours": 1000.0, "reactive_hours": 0.1, "assessment_wait": wait},
    )
    h = history(s)
    assert h.column("new_assessed").sum() > 10
    begun = h.column("new_detected") + h.column("new_reentries")
    assert h.column("hours_assessment") == pytest.approx(begun * s.work.assessment_hours)
    assert (h.column("new_assessed") == begun).all() == (wait == 0.0)


def test_work_done_before_the_first_day_is_not_booked_again() -> None:
    s = scenario(
        districts=district(inflow=0.0, start={"undetected": 0, "assessment": 30}),
        work={"case_hours": 1000.0, "assessment_wait": 0.0},
    )
    h = history(s)
    assert h.column("new_assessed")[0] == 30
    booked = h.column("hours_assessment")[0] / (30 * s.work.assessment_hours)
    assert 0.3 < booked < 0.7  # progress is even between none and all


@some
@given(histories())
def test_hours_of_children_who_stayed_are_among_the_hours_booked(h: History) -> None:
    moved = moves_in(h)
    rows = zip(h.trace["month"].tolist(), h.trace["child"].tolist(), strict=True)
    stayed = np.array([row not in moved for row in rows], bool)
    traced = np.bincount(h.trace["month"][stayed], h.trace["hours"][stayed], h.scenario.months)
    assert (traced <= spent(h) + 1e-6).all()


def test_hours_of_children_on_the_stairs_are_the_hours_booked() -> None:
    """Where nobody leaves, every hour booked is an hour of some child."""
    s = changed(
        short_of_hours(1.0),
        districts=district(inflow=0.0, caseworkers=[1.0], start={**NOBODY, "foster_care": 20}),
        children={"readiness_rate": {"foster_care": 2.0}, "home_share": {"foster_care": 1.0}},
        work={"reactive_hours": 1.0, "weight": {"preventive": 2.0, "foster_care": 1.0}},
    )
    h = history(s)
    traced = np.bincount(h.trace["month"], h.trace["hours"], s.months)
    stayed = h.per_month(h.of(Event.LEFT)) == 0
    assert stayed.sum() > 20
    assert h.column("new_exits").sum() > 5
    assert traced[stayed] == pytest.approx(spent(h)[stayed])


NOBODY = {"undetected": 0, "assessment": 0}


def short_of_hours(fte: float) -> Scenario:
    """Return one caseworker who stays, 60 children who stay at home, and follow-ups of 8 hours."""
    never = {"preventive": 0.0}
    return scenario(
        months=48,
        districts=district(inflow=0.0, caseworkers=[fte], start={**NOBODY, "preventive": 60}),
        children={
            "readiness_rate": never,
            "crisis_rate": never,
            "planned_up": never,
            "premature": 0.0,
        },
        work={
            "turnover_rate": 0.0,
            "case_hours": 100.0,
            "sickness": 0.0,
            "reactive_hours": 0.0,
            "follow_up_hours": 8.0,
            "weight": {"preventive": 1.0},
        },
    )


@pytest.mark.parametrize("fte", [0.3, 0.1, 0.05])
def test_an_overdraft_is_paid_back(fte: float) -> None:
    """Over the months no more hours are spent than there were, but for the last overdraft."""
    h = history(short_of_hours(fte))
    assert h.column("n_overdue").min() > 0
    assert spent(h).sum() <= h.scenario.months * fte * 100.0 + 8.0


def test_what_was_overdrawn_is_missing_the_month_after() -> None:
    h = history(short_of_hours(0.3))
    overdrawn = np.maximum(0.0, spent(h) - h.column("hours_available"))
    assert overdrawn.max() > 0
    assert h.column("hours_available")[1:] == pytest.approx(30.0 - overdrawn[:-1])


# --- money -------------------------------------------------------------------------------------------


@some
@given(histories())
def test_the_accounts_are_the_sum_of_the_childrens_prices(h: History) -> None:
    accounts = np.zeros((h.scenario.months, len(h.scenario.staircase)))
    np.add.at(accounts, (h.trace["month"], h.trace["stair"]), h.trace["price"])
    assert h.stair_columns("dkk_") == pytest.approx(accounts)


def refunded(s: Scenario, year: int, cost: float) -> float:
    """Return the state's part of a year's cost: each share of what lies between its thresholds."""
    steps = refund_steps(s, year)
    upper = [*(step.threshold for step in steps[1:]), np.inf]
    return sum(
        step.share * max(0.0, min(cost, top) - step.threshold)
        for step, top in zip(steps, upper, strict=True)
    )


@some
@given(histories())
def test_refund_is_that_of_each_childs_cost_in_each_calendar_year(h: History) -> None:
    s = h.scenario
    year = (s.start.month - 1 + np.arange(s.months)) // 12
    cost: dict[tuple[int, int], float] = defaultdict(float)
    rows = zip(*(h.trace[x].tolist() for x in ("month", "child", "price")), strict=True)
    for month, child, price in rows:
        cost[int(year[month]), child] += price
    due = np.zeros(year[-1] + 1)
    for (which, _), total in cost.items():
        due[which] += refunded(s, s.start.year + which, total)
    booked = np.bincount(year, h.column("dkk_refund"))
    assert booked == pytest.approx(due, abs=1e-3)


@some
@given(histories())
def test_the_refund_of_a_month_is_that_of_the_cost_so_far_less_what_was_booked(h: History) -> None:
    """So a history that ends in mid-year has had the refund of the cost until then."""
    s = h.scenario
    calendar = s.start.month - 1 + np.arange(s.months)
    due = np.zeros(s.months)
    for month, so_far, price in zip(*(h.trace[x] for x in ("month", "year_cost", "price")), strict=True):
        year = s.start.year + int(calendar[month]) // 12
        due[month] += refunded(s, year, so_far) - refunded(s, year, so_far - price)
    assert h.column("dkk_refund") == pytest.approx(due, abs=1e-3)


def in_force(s: Scenario, p: Policy) -> np.ndarray:
    begin = s.month_of(p.start) if p.start else 0
    end = s.month_of(p.stop) if p.stop else s.months
    return (np.arange(s.months) >= begin) & (np.arange(s.months) < end)


@some
@given(st.data())
def test_staff_cost_is_fte_times_salary(data: st.DataObject) -> None:
    """Posts are paid while they exist, filled or vacant, whatever leaks away; so is the team leader."""
    s = data.draw(scenarios(most_months=18))
    p = data.draw(policies(s))
    h = history(s, p)
    salary = s.money.salary * (1 + s.money.overhead) / 12
    where = len(s.districts) if p.districts is None else len(p.districts)
    extra = sum(p.capacity.extra_fte) * where
    today = s.fte + later_fte(s)
    paid = today + in_force(s, p) * (extra + p.capacity.team_leader * s.money.leader_factor)
    assert h.column("dkk_staff") == pytest.approx(salary * paid)
    begun = s.money.start_cost_per_fte * extra
    once = begun if p.capacity.start_cost is None else p.capacity.start_cost
    assert h.column("dkk_one_off").sum() == pytest.approx(once)
    assert h.column("n_fte") == pytest.approx(today + in_force(s, p) * extra * (1 - p.capacity.leakage))


def later_fte(s: Scenario) -> np.ndarray:
    """Return [month]: full-time posts that have opened since the first day, whatever the policy."""
    months = np.arange(s.months)
    posts = [post for d in s.districts for post in d.later_posts]
    return np.sum([(months >= s.month_of(x.begins)) * x.fte for x in posts], axis=0) + 0.0 * months


@some
@given(st.data())
def test_programmes_cost_their_courses_and_the_running_of_supply(data: st.DataObject) -> None:
    """Every course at the price of one of the programmes; the running cost follows the ramp."""
    s = data.draw(scenarios(most_months=18))
    p = data.draw(policies(s))
    h = history(s, p)
    prices = {x.cost for x in p.supply.programmes.values()} or {0.0}
    running = p.supply.running_cost / 12 * np.array([ramp_of(s, p, m) for m in range(s.months)])
    courses = h.column("dkk_programmes") - running
    held = h.column("new_courses")
    assert (courses >= held * min(prices) - 1e-6).all()
    assert (courses <= held * max(prices) + 1e-6).all()


def ramp_of(s: Scenario, p: Policy, month: int) -> float:
    """Return how far a policy is in force: 1/n in the first month of a ramp of n."""
    if not in_force(s, p)[month]:
        return 0.0
    since = month - (s.month_of(p.start) if p.start else 0)
    return min(1.0, (since + 1) / p.ramp_months) if p.ramp_months else 1.0


@some
@given(histories())
def test_filled_posts_are_among_the_posts(h: History) -> None:
    assert (h.column("n_fte_filled") <= h.column("n_fte") + 1e-9).all()
