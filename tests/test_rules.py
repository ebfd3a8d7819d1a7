"""The rules one by one, as plain Python on plain records: bounds, directions, and who goes where."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support import FIXED

from simulation import rules as compiled_rules
from simulation.compiled import plain_twin
from simulation.layout import DISTRICT, NEVER, POST, PROGRAMME, TABLE
from simulation.plain import changed, plain
from simulation.tables import UNLIMITED

rules = plain_twin(compiled_rules)

shares = st.floats(0, 1)
hours = st.floats(0, 300)
positive = st.floats(0.01, 20)


def table(**fields: Any) -> Any:
    """Return a table with these fields, the rest zero, as a plain record."""
    record = np.zeros(1, TABLE)[0]
    for name, value in fields.items():
        record[name] = value
    return plain(record)


def post(**fields: Any) -> Any:
    """Return a post with these fields, the rest zero, as a plain record."""
    record = np.zeros(1, POST)[0]
    for name, value in fields.items():
        record[name] = value
    return plain(record)


# --- chances -----------------------------------------------------------------------------------


@FIXED
@given(shares.filter(lambda p: p < 1), st.floats(0, 50), st.floats(0, 50))
def test_recognition_is_a_chance_that_rises_with_its_exponent(p: float, a: float, b: float) -> None:
    low, high = (rules.recognition_chance(p, x) for x in sorted((a, b)))
    assert 0 <= low <= high <= 1


@FIXED
@given(shares.filter(lambda p: p < 1), shares.filter(lambda p: p < 1), st.floats(0, 50))
def test_recognition_rises_with_its_value_at_attention_one(a: float, b: float, x: float) -> None:
    low, high = sorted((a, b))
    assert rules.recognition_chance(low, x) <= rules.recognition_chance(high, x)
    assert rules.recognition_chance(a, 1.0) == pytest.approx(a)
    assert rules.recognition_chance(a, 2.0) == pytest.approx(1 - (1 - a) ** 2)


@FIXED
@given(shares.filter(lambda u: u > 0), st.floats(0, 5))
def test_nothing_occurs_that_may_not_occur_and_all_that_must(u: float, hazard: float) -> None:
    """What lets most children be passed over: the cheap comparisons never hide or make an event.

    Uniforms lie on a grid of 2^-32, far coarser than the rounding of the bounds.
    """
    u = (np.floor(u * 2.0**32) + 0.5) * 2.0**-32
    assert rules.occurs(u, hazard) == (u < -math.expm1(-hazard))
    assert rules.may_occur(u, hazard) or not rules.occurs(u, hazard)
    assert rules.occurs(u, hazard) or not rules.must_occur(u, hazard)


# --- attention ---------------------------------------------------------------------------------

FELT = table(reference_caseload=40.0, attention_floor=0.25, attention_ceiling=4.0)


@FIXED
@given(st.integers(0, 300), st.floats(0, 5), st.floats(0, 5))
def test_attention_rises_with_fte(cases: int, a: float, b: float) -> None:
    low, high = (rules.attention(FELT, cases, fte) for fte in sorted((a, b)))
    assert 0.25 <= low <= high <= 4.0


@FIXED
@given(st.integers(0, 300), st.integers(0, 300), st.floats(0.05, 5))
def test_attention_falls_with_cases(a: int, b: int, fte: float) -> None:
    few, many = sorted((a, b))
    assert rules.attention(FELT, few, fte) >= rules.attention(FELT, many, fte)


def test_attention_is_the_reference_caseload_over_the_caseload() -> None:
    assert rules.attention(FELT, 40, 1.0) == 1.0
    assert rules.attention(FELT, 10, 0.5) == 2.0
    assert rules.attention(FELT, 80, 1.0) == 0.5
    assert rules.attention(FELT, 5, 0.0) == 0.25  # nobody is there


@FIXED
@given(st.floats(0, 5), st.floats(0, 2), positive, positive)
def test_caseworkers_leave_less_where_attention_is_higher(
    rate: float, elasticity: float, a: float, b: float
) -> None:
    low, high = sorted((a, b))
    harried = rules.leaving_hazard(rate, low, elasticity)
    assert rules.leaving_hazard(rate, high, elasticity) <= harried * (1 + 1e-12)
    assert rules.leaving_hazard(rate, 1.0, elasticity) == rate / 12
    highest = rules.highest_leaving_hazard(rate, low, high, elasticity)
    for attention in (low, (low + high) / 2, high, 1.0):
        assert rules.leaving_hazard(rate, attention, elasticity) <= highest


# --- a caseworker's month ----------------------------------------------------------------------


@st.composite
def guarantees(draw: st.DrawFn) -> Any:
    """Draw guaranteed shares that sum to one."""
    a, b = sorted((draw(shares), draw(shares)))
    return SimpleNamespace(share_reactive=a, share_assessments=b - a, share_follow_ups=max(0.0, 1.0 - b))


@FIXED
@given(guarantees(), hours, hours, hours, hours)
def test_hours_are_shared_within_what_there_is_and_what_is_asked(
    t: Any, total: float, reactive: float, assessments: float, follow_ups: float
) -> None:
    asked = np.array([reactive, assessments, follow_ups])
    given_ = np.array(rules.shared_hours(t, total, *asked))
    guaranteed = np.array([t.share_reactive, t.share_assessments, t.share_follow_ups]) * total
    assert (given_ >= np.minimum(asked, guaranteed) - 1e-9).all()
    assert (given_ <= asked + 1e-9).all()
    assert given_.sum() <= total + 1e-9
    assert given_.sum() == pytest.approx(min(total, asked.sum()), abs=1e-9)  # none left over


@FIXED
@given(guarantees(), hours, hours, hours, hours, hours)
def test_more_hours_never_take_from_follow_ups(
    t: Any, a: float, b: float, reactive: float, assessments: float, follow_ups: float
) -> None:
    """For a single caseworker's month with the same work waiting: exact, for every kind of work."""
    less, more = sorted((a, b))
    before = rules.shared_hours(t, less, reactive, assessments, follow_ups)
    after = rules.shared_hours(t, more, reactive, assessments, follow_ups)
    assert all(x <= y + 1e-9 for x, y in zip(before, after, strict=True))


@FIXED
@given(st.floats(0, 2), st.floats(-30, 0), st.integers(0, 30), shares, shares)
def test_hours_earned_lack_what_was_overdrawn(
    fte: float, balance: float, in_post: int, factor: float, sick: float
) -> None:
    t = SimpleNamespace(case_hours=100.0, sickness=sick, new_worker_months=6, new_worker_factor=factor)
    here = SimpleNamespace(fte=fte, in_post=in_post, balance=balance)
    full = fte * 100.0 * (1 - sick) * (factor if in_post < 6 else 1.0)
    assert rules.hours_earned(t, here) == pytest.approx(full + balance)


@FIXED
@given(st.floats(-30, 30), st.floats(-12, 30))
def test_hours_overdrawn_are_owed_and_hours_left_over_are_lost(earned: float, left: float) -> None:
    assume(abs(left) > 1e-6)
    owed = -min(0.0, earned) + max(0.0, -left)
    assert rules.carried_over(earned, left) == pytest.approx(-owed)


@FIXED
@given(st.integers(0, 90), st.integers(0, 90), st.floats(0.1, 1), st.floats(0.1, 1), positive)
def test_a_newcomer_takes_no_more_than_the_even_load_and_only_from_above_it(
    cases: int, newcomers: int, fte: float, newcomers_fte: float, even: float
) -> None:
    if rules.hands_over(cases, fte, newcomers, newcomers_fte, even):
        assert newcomers + 1 <= even * newcomers_fte
        assert cases > even * fte


def test_only_somebody_in_post_takes_cases() -> None:
    here = {"begins": 3, "ends": 9, "fte": 0.5, "in_post": 4}
    assert rules.takes_cases(post(**here), 5)
    assert rules.takes_cases(post(**here), 3)
    for change, month in (({}, 2), ({}, 9), ({"in_post": -1}, 5), ({"fte": 0.0}, 5)):
        assert not rules.takes_cases(post(**{**here, **change}), month)


# --- what seldom changes ------------------------------------------------------------------------


@FIXED
@given(shares.filter(lambda u: u > 0), st.floats(0, 6), st.integers(0, 200))
def test_the_month_in_which_all_is_known_is_the_first_in_which_the_rule_says_so(
    u: float, wait: float, since: int
) -> None:
    assume(u < 1 - 1e-9)
    t = table(assessment_wait=wait)
    chance = rules.known_by(t, since) if wait > 0 else 1.0
    assume(abs(u - chance) > 1e-12)
    assert rules.all_is_known(t, since, u) == (u < chance)
    assert rules.all_is_known(t, since, u) == (since >= rules.months_until_known(t, u))


BANDS_OF_LIFE = changed(
    table(leave_age=216, closed=7, gone=8, reentry_months=24),
    band=[SimpleNamespace(start=a, width=b) for a, b in ((0, 48), (48, 96), (144, 36), (180, 36))],
)


@FIXED
@given(st.integers(0, 215), st.integers(0, 8), st.integers(0, 60), st.integers(0, 400))
def test_nothing_changes_by_time_before_the_month_foretold(
    age: int, stair: int, stay: int, later: int
) -> None:
    """Of `age` and `stay` in month 0: until the month foretold a child is in the same band, and there."""
    t, starts = BANDS_OF_LIFE, [b.start for b in BANDS_OF_LIFE.band]
    band = max(i for i, start in enumerate(starts) if start <= age)
    until = rules.unchanged_until(t, stair, band, -age, -stay)
    if stair == t.gone:
        assert until == NEVER
        return
    in_band = later == 0 or starts[band] <= age + later < starts[band] + t.band[band].width
    left = any(rules.comes_of_age(t, age + m) or rules.is_out_of_sight(t, stair, stay + m)
               for m in range(later))  # fmt: skip
    if later < until:
        assert in_band and not left
    if later >= max(1, until):
        assert left or not in_band


@FIXED
@given(
    st.lists(st.tuples(st.floats(0, 60), st.floats(0, 4)), max_size=60), st.randoms(use_true_random=False)
)
def test_hours_asked_for_add_up_to_the_same_sum_in_any_order(
    cases: list[tuple[float, float]], random: Any
) -> None:
    hours = [rules.hours_of_case(each, weight) for each, weight in cases]
    assert hours == pytest.approx([each * weight for each, weight in cases], abs=2.0**-33)
    shuffled = random.sample(hours, len(hours))
    assert sum(shuffled) == sum(hours)


@FIXED
@given(st.lists(st.floats(0, 5e5), max_size=60), st.randoms(use_true_random=False))
def test_prices_add_up_to_the_same_sum_in_any_order(prices: list[float], random: Any) -> None:
    rounded = [rules.exactly_summable(x) for x in prices]
    assert all(abs(a - b) <= 2**-23 for a, b in zip(rounded, prices, strict=True))
    shuffled = random.sample(rounded, len(rounded))
    assert sum(shuffled) == sum(rounded) == math.fsum(rounded)


# --- follow-ups --------------------------------------------------------------------------------

RULE = (3.0, 2.0, 6.0, 12)


@FIXED
@given(st.integers(1, 60), st.integers(0, 60))
def test_the_target_is_the_first_one_until_a_follow_up_was_held(on_stair: int, since: int) -> None:
    assume(since <= on_stair)
    target = rules.follow_up_target(*RULE, on_stair, since)
    if since == on_stair:
        assert target == 3.0
    else:
        assert target == (2.0 if on_stair < 12 else 6.0)


@pytest.mark.parametrize(("since", "target", "due"), [(2, 3.0, 0), (3, 3.0, 1), (4, 3.5, 1)])
def test_a_follow_up_is_due_when_the_months_reach_the_target(since: int, target: float, due: int) -> None:
    assert rules.is_due(since, target, 9) == bool(due)
    assert not rules.is_due(since, target, 0)  # in the month of a move
    assert rules.months_overdue(since, target) == max(0.0, since - target)


@FIXED
@given(st.integers(1, 200), st.integers(1, 200), st.floats(0.5, 24), st.integers(0, 13))
def test_urgency_is_lateness_relative_to_the_target(a: int, b: int, target: float, stair: int) -> None:
    for intrusive_first in (0, 1):
        early, late = (rules.urgency(since, target, stair, intrusive_first) for since in sorted((a, b)))
        assert early <= late
    assert rules.urgency(a, target, stair, 0) == a / target
    assert rules.urgency(12, 3.0, 2, 0) > rules.urgency(12, 6.0, 6, 0)


@FIXED
@given(st.integers(1, 600), st.integers(1, 600), st.floats(0.5, 24), st.floats(0.5, 24))
def test_the_most_intrusive_stair_goes_first_where_the_rule_says_so(
    a: int, b: int, x: float, y: float
) -> None:
    assert rules.urgency(a, x, 5, 1) > rules.urgency(b, y, 4, 1)


DECIDES = table(recognition_hazard=math.log(2.0), premature=0.1, handover_penalty=0.5)


@st.composite
def follow_ups(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what a follow-up is decided by; unmet need is found with chance 0.2 on every stair."""
    stairs = [SimpleNamespace(planned_up=0.2)] * 7
    return {
        "t": changed(DECIDES, stair=stairs),
        "stair": draw(st.integers(0, 6)),
        "ready": draw(st.booleans()),
        "in_handover": draw(st.booleans()),
        "attention_": draw(positive),
        "u_down": draw(shares),
        "u_up": draw(shares),
    }


def decided(case: dict[str, Any], orientation: float = 1.0, surveillance: float = 0.0) -> int:
    lever = SimpleNamespace(orientation=orientation, surveillance=surveillance)
    order = ("stair", "ready", "in_handover", "attention_", "u_down", "u_up")
    return rules.follow_up_decision(case["t"], lever, *(case[name] for name in order))


@FIXED
@given(follow_ups(), st.floats(0, 3))
def test_a_follow_up_moves_a_ready_child_down_by_recognition_and_others_too_early(
    case: dict[str, Any], orientation: float
) -> None:
    exponent = case["attention_"] * orientation * (0.5 if case["in_handover"] else 1.0)
    chance = 1 - 0.5**exponent if case["ready"] else 0.1 * orientation
    down = rules.DOWN if case["ready"] else rules.DOWN_UNREADY
    just_below, just_above = chance - 1e-9, chance + 1e-9
    for u_up, else_ in ((0.1999, rules.UP), (0.2001, rules.STAY)):
        assert decided({**case, "u_down": just_below, "u_up": u_up}, orientation) == down
        assert decided({**case, "u_down": just_above, "u_up": u_up}, orientation) == else_


@FIXED
@given(follow_ups(), st.floats(0, 4), st.floats(0, 4))
def test_a_stronger_orientation_never_keeps_a_child_up(case: dict[str, Any], a: float, b: float) -> None:
    less, more = sorted((a, b))
    if decided(case, less) in (rules.DOWN, rules.DOWN_UNREADY):
        assert decided(case, more) == decided(case, less)


@FIXED
@given(follow_ups(), st.floats(0, 4), st.floats(0, 4))
def test_more_surveillance_never_finds_less_need(case: dict[str, Any], a: float, b: float) -> None:
    less, more = sorted((a, b))
    if decided(case, 1.0, less) == rules.UP:
        assert decided(case, 1.0, more) == rules.UP


# --- crises, assessments -----------------------------------------------------------------------

CRISES = table(overdue_effect=0.1, early_hr=2.0, handover_hr=1.5)


@FIXED
@given(positive, positive, positive, st.floats(0, 24), st.floats(0, 24))
def test_crises_rise_with_every_month_overdue(
    base: float, severity: float, attention: float, a: float, b: float
) -> None:
    low, high = (
        rules.crisis_hazard(CRISES, base, severity, attention, months, False, False)
        for months in sorted((a, b))
    )
    assert base * severity * attention * (1 - 1e-12) <= low <= high


def test_crises_are_multiplied_after_a_premature_move_and_in_a_handover() -> None:
    plainly = rules.crisis_hazard(CRISES, 0.1, 2.0, 0.5, 0.0, False, False)
    assert plainly == pytest.approx(0.1)
    assert rules.crisis_hazard(CRISES, 0.1, 2.0, 0.5, 0.0, True, False) == 2.0 * plainly
    assert rules.crisis_hazard(CRISES, 0.1, 2.0, 0.5, 0.0, False, True) == 1.5 * plainly
    assert rules.crisis_hazard(CRISES, 0.1, 2.0, 0.5, 0.0, True, True) == 3.0 * plainly
    assert rules.crisis_hazard(CRISES, 0.1, 2.0, 0.5, 5.0, False, False) == 1.5 * plainly


@FIXED
@given(shares, st.floats(0, 3), shares)
def test_an_assessment_ends_by_its_shares(closed: float, placed: float, u: float) -> None:
    into_care = min(placed, 1 - closed)
    expected = rules.DOWN if u < closed else rules.UP if u < closed + into_care else rules.STAY
    assert rules.assessment_ends(u, closed, placed) == expected


# --- where a child goes ------------------------------------------------------------------------


@st.composite
def placements(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a staircase, the free places of a district, and a child."""
    hidden, assessment = draw(st.booleans()), draw(st.booleans())
    homes, care = draw(st.integers(1, 2)), draw(st.integers(1, 6))
    first_home = hidden + assessment
    n = first_home + homes + care
    record, d = np.zeros(1, TABLE)[0], np.zeros(1, DISTRICT)[0]
    record["n_stairs"], record["closed"], record["gone"] = n, n, n + 1
    record["hidden"] = 0 if hidden else -1
    record["assessment"] = hidden - 1 + assessment if assessment else -1
    record["first_home"], record["last_home"] = first_home, first_home + homes - 1
    record["first_care"] = first_home + homes
    d["free"] = UNLIMITED
    for i in range(first_home + homes, n):
        stair = record["stair"][i]
        stair["home_share"] = draw(st.sampled_from([0.0, 0.3, 1.0]))
        stair["family_like"] = draw(st.booleans())
        if i < n - 1:
            stair["needs_network"] = stair["family_like"] and draw(st.booleans())
            stair["youngest"] = draw(st.sampled_from([0, 0, 144, 180]))
            d["free"][i] = draw(st.sampled_from([-1, 0, 0, 1, 5, UNLIMITED]))
    return {
        "t": plain(record),
        "d": plain(d),
        "age": draw(st.sampled_from([0, 143, 144, 179, 180, 215])),
        "found": draw(st.booleans()),
    }


def suits(p: dict[str, Any], stair: int) -> bool:
    """Return whether a stair is for this child, full or not."""
    x = p["t"].stair[stair]
    return p["age"] >= x.youngest and (p["found"] or not x.needs_network)


def has_room(p: dict[str, Any], stair: int) -> bool:
    return p["d"].free[stair] > 0


@st.composite
def from_care(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a placement with a child on one of the stairs in care."""
    p = draw(placements())
    p["stair"] = draw(st.integers(p["t"].first_care, p["t"].n_stairs - 1))
    return p


def below(p: dict[str, Any], u_home: float = 0.999) -> int:
    return rules.stair_below(p["t"], p["d"], p["stair"], p["age"], p["found"], u_home)


def above(p: dict[str, Any]) -> int:
    return rules.stair_above(p["t"], p["d"], p["stair"], p["age"], p["found"])


@FIXED
@given(from_care(), shares)
def test_down_from_care_leads_home_or_to_a_less_intrusive_stair_that_is_open(
    p: dict[str, Any], u_home: float
) -> None:
    t, to = p["t"], below(p, u_home)
    assert to in (rules.WAIT, t.last_home) or t.first_care <= to < p["stair"]
    if to >= t.first_care:
        assert suits(p, to)
        assert has_room(p, to)
    if u_home < t.stair[p["stair"]].home_share:
        assert to == t.last_home


@FIXED
@given(from_care())
def test_a_move_down_waits_only_where_all_that_would_do_is_full(p: dict[str, Any]) -> None:
    t = p["t"]
    if t.stair[p["stair"]].home_share == 1:
        assert below(p) == t.last_home
        return
    would_do = [i for i in range(t.first_care, p["stair"]) if suits(p, i)]
    open_ = [i for i in would_do if has_room(p, i)]
    to = below(p)
    assert (to == rules.WAIT) == bool(would_do and not open_)
    assert (to == t.last_home) == (not would_do)


@FIXED
@given(from_care())
def test_kin_who_were_found_come_before_strangers_and_the_nearest_stair_first(
    p: dict[str, Any],
) -> None:
    t, to = p["t"], below(p)
    open_ = [i for i in range(t.first_care, p["stair"]) if suits(p, i) and has_room(p, i)]
    kin = [i for i in open_ if t.stair[i].needs_network]
    if to >= t.first_care:
        assert to == max(kin or open_)
    else:
        assert not open_ or t.stair[p["stair"]].home_share == 1


@FIXED
@given(placements())
def test_down_from_home_is_one_stair_and_then_the_end(p: dict[str, Any]) -> None:
    t = p["t"]
    assert below({**p, "stair": t.first_home}) == t.closed
    for stair in range(t.first_home + 1, t.last_home + 1):
        assert below({**p, "stair": stair}) == stair - 1


@FIXED
@given(from_care())
def test_up_is_the_next_stair_that_is_open_and_the_last_takes_everybody(p: dict[str, Any]) -> None:
    last, to = p["t"].n_stairs - 1, above(p)
    between = [i for i in range(p["stair"] + 1, last) if suits(p, i) and has_room(p, i)]
    assert to == min([*between, last])


@st.composite
def entries(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a placement with shares of entries on the stairs that are not families."""
    p = draw(placements())
    t = p["t"]
    p["shares"] = [0.0] * len(t.stair)
    left = 1.0
    for i in range(t.first_care, t.n_stairs):
        if not t.stair[i].family_like:
            p["shares"][i] = draw(shares) * left
            left -= p["shares"][i]
    p["u"] = draw(shares)
    return p


def entry(p: dict[str, Any]) -> tuple[int, bool]:
    return rules.entry_stair(p["t"], p["d"], p["shares"], p["age"], p["found"], p["u"])


@FIXED
@given(entries())
def test_an_entry_never_takes_a_full_stair_or_one_that_is_not_for_the_child(
    p: dict[str, Any],
) -> None:
    t, (to, _) = p["t"], entry(p)
    assert t.first_care <= to < t.n_stairs
    if to < t.n_stairs - 1:
        assert suits(p, to)
        assert has_room(p, to)


def test_nobody_enters_a_stair_that_needs_kin_without_kin() -> None:
    """A bofællesskab near kin, say: needs_network, but not family_like, with half of the entries."""
    record, d = np.zeros(1, TABLE)[0], np.zeros(1, DISTRICT)[0]
    record["n_stairs"], record["first_care"], record["closed"] = 3, 1, 3
    record["stair"]["needs_network"][1] = 1
    d["free"] = UNLIMITED
    kin, last = 1, 2
    t, places = plain(record), plain(d)
    assert rules.entry_stair(t, places, [0.0, 0.5, 0.5], 100, True, 0.2) == (kin, False)
    assert rules.entry_stair(t, places, [0.0, 0.5, 0.5], 100, False, 0.2) == (last, False)


@FIXED
@given(entries())
def test_an_entry_meant_for_a_family_goes_to_the_least_intrusive_family_that_is_open(
    p: dict[str, Any],
) -> None:
    t, (to, for_want) = p["t"], entry(p)
    care = range(t.first_care, t.n_stairs)
    old_enough = [i for i in care if p["age"] >= t.stair[i].youngest]
    meant_for_family = p["u"] >= sum(p["shares"][i] for i in old_enough)
    families = [i for i in care if t.stair[i].family_like]
    open_ = [i for i in families if suits(p, i) and has_room(p, i)]
    if meant_for_family and open_:
        assert (to, for_want) == (open_[0], False)
    if for_want:
        assert meant_for_family
        assert families
        assert not open_


@FIXED
@given(entries())
def test_entries_have_their_shares_where_every_stair_has_room(p: dict[str, Any]) -> None:
    t = p["t"]
    p["d"] = changed(p["d"], free=[UNLIMITED] * len(p["d"].free))
    care = range(t.first_care, t.n_stairs)
    institutions = [i for i in care if not t.stair[i].family_like and suits(p, i)]
    at = 0.0
    for i in institutions:
        if p["shares"][i] > 1e-6:
            assert entry({**p, "u": at + p["shares"][i] / 2}) == (i, False)
        at += p["shares"][i]


@pytest.mark.parametrize(
    ("origin", "to", "way", "care"),
    [
        (0, 1, "STAY", "STAY"),  # detected
        (0, 5, "UP", "INTO_CARE"),  # acute
        (0, 8, "STAY", "STAY"),  # passed unnoticed
        (1, 2, "STAY", "STAY"),  # assessed, helped at home
        (1, 8, "STAY", "STAY"),  # assessed, no case
        (1, 6, "UP", "INTO_CARE"),
        (2, 7, "DOWN", "STAY"),  # closed
        (2, 4, "UP", "INTO_CARE"),
        (6, 5, "DOWN", "STAY"),
        (6, 2, "DOWN", "OUT_OF_CARE"),
        (4, 6, "UP", "STAY"),
        (5, 5, "STAY", "STAY"),  # a breakdown re-placed on the same stair
        (7, 1, "STAY", "STAY"),  # a closed case comes back
    ],
)
def test_moves_are_told_apart(origin: int, to: int, way: str, care: str) -> None:
    t = table(n_stairs=7, first_home=2, last_home=2, first_care=3, closed=7, gone=8)
    words = {"STAY": rules.STAY, "UP": rules.UP, "DOWN": rules.DOWN}
    about_care = {"STAY": rules.STAY, "INTO_CARE": rules.INTO_CARE, "OUT_OF_CARE": rules.OUT_OF_CARE}
    assert rules.kind_of_move(t, origin, to) == (words[way], about_care[care])


# --- shares and odds ---------------------------------------------------------------------------


@FIXED
@given(st.floats(0.001, 0.999), st.floats(0.01, 50))
def test_odds_are_multiplied_by_the_ratio(share: float, ratio: float) -> None:
    after = rules.share_at_odds(share, ratio)
    assert after / (1 - after) == pytest.approx(ratio * share / (1 - share))
    assert rules.share_at_odds(after, 1 / ratio) == pytest.approx(share)


@FIXED
@given(st.floats(0.001, 0.999), st.floats(0.01, 50), st.floats(0.01, 50))
def test_odds_ratios_multiply(share: float, a: float, b: float) -> None:
    twice = rules.share_at_odds(rules.share_at_odds(share, a), b)
    assert twice == pytest.approx(rules.share_at_odds(share, a * b))


@FIXED
@given(shares, shares, st.floats(0.01, 50))
def test_shares_at_odds_keep_their_order_and_their_ends(a: float, b: float, ratio: float) -> None:
    low, high = (rules.share_at_odds(x, ratio) for x in sorted((a, b)))
    assert 0 <= low <= high <= 1
    assert rules.share_at_odds(0.0, ratio) == 0
    assert rules.share_at_odds(1.0, ratio) == 1
    assert rules.share_at_odds(a, 1.0) == pytest.approx(a)
    if ratio < 1:
        assert rules.share_at_odds(a, ratio) <= a


# --- who a child is ----------------------------------------------------------------------------


@FIXED
@given(st.floats(1e-9, 1 - 1e-9), st.floats(1e-9, 1 - 1e-9), st.floats(0, 2))
def test_severity_rises_with_its_uniform(a: float, b: float, sd: float) -> None:
    low, high = (rules.lognormal(u, sd) for u in sorted((a, b)))
    assert 0 < low <= high
    assert rules.lognormal(a, 0.0) == 1.0


@pytest.mark.parametrize("sd", [0.2, 0.6, 1.0])
def test_severity_has_mean_one(sd: float) -> None:
    """By the rule of midpoints over a hundred thousand quantiles."""
    n = 100_000
    mean = sum(rules.lognormal((i + 0.5) / n, sd) for i in range(n)) / n
    assert mean == pytest.approx(1.0, abs=1e-3)


@FIXED
@given(shares, shares, st.floats(0, 0.5), st.integers(0, 216))
def test_a_stay_is_cut_at_the_longest(a: float, b: float, hazard: float, longest: int) -> None:
    assume(max(a, b) < 1)
    low, high = (rules.truncated_stay(u, hazard, float(longest)) for u in sorted((a, b)))
    assert 0 <= low <= high <= max(0, longest - 1)


@FIXED
@given(shares, st.lists(st.floats(0.01, 1), min_size=1, max_size=6))
def test_a_place_is_found_by_cumulated_shares(u: float, weights: list[float]) -> None:
    cumulated = np.cumsum(weights) / sum(weights)
    place = rules.place_in(u, cumulated)
    assert u < cumulated[place] or place == len(weights) - 1
    assert place == 0 or cumulated[place - 1] <= u


# --- money -------------------------------------------------------------------------------------


@st.composite
def refunds(draw: st.DrawFn) -> Any:
    """Draw up to four thresholds with the state's shares above them."""
    n = draw(st.integers(0, 4))
    thresholds = sorted(draw(st.lists(st.floats(0, 3e6), min_size=n, max_size=n)))
    given_ = draw(st.lists(shares, min_size=n, max_size=n))
    steps = [SimpleNamespace(threshold=x, share=s) for x, s in zip(thresholds, given_, strict=True)]
    return SimpleNamespace(n_refunds=n, refund=steps)


@FIXED
@given(refunds(), st.floats(0, 5e6), st.floats(0, 1e6))
def test_the_refund_rises_with_cost_continuously_and_never_above_it(
    month: Any, cost: float, more: float
) -> None:
    """It rises by at most what the cost rises: monotone, continuous, and a share of the cost."""
    now, then = rules.refund(month, cost), rules.refund(month, cost + more)
    assert 0 <= now <= cost
    assert -1e-6 <= then - now <= more + 1e-6


def test_the_refund_of_the_law() -> None:
    steps = [(830_000.0, 0.25), (1_630_000.0, 0.5), (2_050_000.0, 0.75)]
    refund = [SimpleNamespace(threshold=x, share=s) for x, s in steps]
    month = SimpleNamespace(n_refunds=3, refund=refund)
    for cost, expected in {
        830_000.0: 0.0,
        1_030_000.0: 50_000.0,
        1_630_000.0: 200_000.0,
        2_050_000.0: 410_000.0,
        3_050_000.0: 1_160_000.0,
    }.items():
        assert rules.refund(month, cost) == pytest.approx(expected)


@FIXED
@given(refunds(), st.lists(st.floats(0, 1e6), max_size=12))
def test_the_refund_accrued_month_by_month_is_that_of_the_year(month: Any, prices: list[float]) -> None:
    so_far = accrued = 0.0
    for price in prices:
        part = rules.refund_accrued(month, so_far, price)
        assert -1e-6 <= part <= price + 1e-6
        accrued += part
        so_far += price
    assert accrued == pytest.approx(rules.refund(month, so_far), abs=1e-6)


# --- policy ------------------------------------------------------------------------------------


@FIXED
@given(st.integers(0, 60), st.integers(0, 40), st.integers(1, 40), st.integers(0, 24))
def test_a_policy_ramps_up_linearly_and_ends(month: int, start: int, length: int, ramp: int) -> None:
    strength = rules.ramp(month, start, start + length, ramp)
    if not start <= month < start + length:
        assert strength == 0.0
    elif month - start + 1 >= ramp:
        assert strength == 1.0
    else:
        assert strength == pytest.approx((month - start + 1) / ramp)


@FIXED
@given(st.floats(0, 10), st.floats(0, 10), shares)
def test_a_lever_goes_part_of_the_way(today: float, wanted: float, strength: float) -> None:
    between = rules.lever(today, wanted, strength)
    low, high = sorted((today, wanted))
    assert low - 1e-12 <= between <= high + 1e-12
    assert rules.lever(today, wanted, 0.0) == today
    assert rules.lever(today, wanted, 1.0) == pytest.approx(wanted)
    assert rules.lever(today, None, strength) == today
    assert rules.lever(1.0, 3.0, 0.25) == 1.5


@given(st.integers(1, 24), st.integers(1, 24), st.floats(0.0, 1.0))
@FIXED
def test_an_interval_on_the_way_is_whole_months(today: int, wanted: int, strength: float) -> None:
    """The nearest to the lever, so neither early nor late on average; 3.003 months are 3 and not 4."""
    months = rules.interval(today, wanted, strength)
    assert months == round(months)
    assert min(today, wanted) <= months <= max(today, wanted)
    assert abs(months - rules.lever(today, wanted, strength)) <= 0.5 + 1e-12
    assert rules.interval(6.0, 3.0, 0.999) == 3.0
    assert (rules.interval(6.0, 3.0, 0.0), rules.interval(6.0, 3.0, 1.0)) == (6.0, 3.0)


def test_stated_fractions_of_a_month_stay_as_they_are_and_bound_what_lies_between() -> None:
    assert rules.interval(6.0, 2.4, 1.0) == 2.4
    assert rules.interval(6.0, 2.4, 0.99) == 2.4
    assert rules.interval(5.5, 2.0, 0.01) == 5.0
    assert rules.interval(5.5, 2.0, 0.0) == 5.5


def test_the_stationary_wait_is_half_an_interval_where_every_follow_up_sees() -> None:
    assert rules.stationary_wait(6.0, 1.0) == 3.0
    assert rules.stationary_wait(6.0, 0.5) == 9.0
    assert math.isinf(rules.stationary_wait(6.0, 0.0))


# --- the first day -----------------------------------------------------------------------------

intervals = st.floats(0.3, 30)


@FIXED
@given(st.integers(0, 200), intervals, intervals, st.integers(1, 216), st.floats(0, 0.999_999))
def test_clocks_of_the_first_day_fit_into_the_stay(
    gone: int, first: float, later: float, longest: int, u: float
) -> None:
    """The last follow-up lies in the months that are gone, at most one interval ago."""
    assume(gone < longest)
    stay, since = rules.settled_clocks(gone, first, later, longest, u)
    held = stay - since
    assert 1 <= since <= stay <= longest
    assert held <= gone
    assert since <= math.ceil(first if gone < first else later)
    assert held == 0 if gone < first else held > gone - later - 1
    assert type(stay) is int


def test_clocks_of_the_first_day_are_even_over_the_interval() -> None:
    quarters = [(i + 0.5) / 12 for i in range(12)]
    for gone, held, interval in ((2, 0, 3), (3, 3, 6), (8, 3, 6), (9, 9, 6), (20, 15, 6)):
        clocks = [rules.settled_clocks(gone, 3.0, 6.0, 200, u) for u in quarters]
        assert {stay - since for stay, since in clocks} == {held}
        assert [since for _, since in clocks] == [1 + i * interval // 12 for i in range(12)]


@FIXED
@given(st.floats(1e-4, 2), intervals, intervals, st.floats(0.01, 0.99))
def test_the_unready_after_a_follow_up_are_those_of_a_cohort(
    hazard: float, first: float, later: float, p: float
) -> None:
    """Just after one more follow-up and one more month's newcomers the share is what it was.

    Of A unready and B ready children, whose clocks have run for an interval, those ready leave with
    chance p; children who come have been followed up for the first time.
    """
    unready = rules.unready_after_follow_up(hazard, first, later, p)
    ready = 1.0 - unready
    stays, comes = math.exp(-hazard * later), math.exp(-hazard * first)
    left_unready = unready * stays
    left_ready = (ready + unready * (1.0 - stays)) * (1.0 - p)
    newcomers = (1.0 - left_unready - left_ready) / (comes + (1.0 - comes) * (1.0 - p))
    assert newcomers >= 0
    assert left_unready + newcomers * comes == pytest.approx(unready, abs=1e-9)
    assert left_ready + newcomers * (1.0 - comes) * (1.0 - p) == pytest.approx(ready, abs=1e-9)


def test_the_unready_after_a_follow_up_at_the_ends() -> None:
    assert rules.unready_after_follow_up(0.1, 3.0, 6.0, 1.0) == pytest.approx(1.0)  # all ready ones left
    assert rules.unready_after_follow_up(0.1, 3.0, 6.0, 0.0) == 0.0  # nobody ever leaves
    assert rules.unready_after_follow_up(0.0, 3.0, 6.0, 0.5) == 1.0  # nobody gets ready
    assert rules.unready_after_follow_up(0.0, 0.0, 0.0, 0.0) == 1.0  # a stair without follow-ups


@FIXED
@given(st.floats(0, 1), st.floats(0, 2), st.integers(0, 60))
def test_readiness_grows_with_the_months_since_the_last_follow_up(
    unready: float, hazard: float, since: int
) -> None:
    now, later = (rules.ready_since_follow_up(unready, hazard, since + i) for i in (0, 1))
    assert 0.0 <= now <= later <= 1.0
    assert rules.ready_since_follow_up(unready, hazard, 0) == pytest.approx(1.0 - unready)
    assert rules.ready_since_follow_up(1.0, 0.1, 10) == pytest.approx(1.0 - math.exp(-1.0))


# --- programmes --------------------------------------------------------------------------------


def programme(**fields: Any) -> Any:
    """Return a programme for children of 4 to 7 on stair 2, as a plain record."""
    record = np.zeros(1, PROGRAMME)[0]
    for name, value in {"stair": 2, "youngest": 48, "oldest": 96, "lasts": 3, **fields}.items():
        record[name] = value
    return plain(record)


def test_who_may_take_part() -> None:
    fits = {"stair": 2, "age": 60, "covered": 1, "course": -1, "taken": 0b1011}
    assert rules.may_take_part(programme(), 0b100, **fits)
    wrong = {"stair": 3, "age": 96, "covered": 0, "course": 0, "taken": 0b0100}
    for name, value in wrong.items():
        assert not rules.may_take_part(programme(), 0b100, **{**fits, name: value}), name
    assert rules.may_take_part(programme(), 0b100, **{**fits, "age": 48})
    assert rules.may_take_part(programme(), 0b100, **{**fits, "age": 95})
    assert not rules.may_take_part(programme(), 0b100, **{**fits, "age": 47})


def test_who_goes_first() -> None:
    waits, gravest = programme(), programme(gravest_first=1)
    assert rules.goes_first(waits, 0.5, 9, 2.0, 8)
    assert not rules.goes_first(waits, 2.0, 8, 0.5, 8)
    assert rules.goes_first(gravest, 2.0, 1, 1.5, 8)
    assert not rules.goes_first(gravest, 1.5, 8, 1.5, 1)


def test_a_seat_is_held_until_only_the_effect_is_left() -> None:
    assert [rules.holds_seat(programme(), left) for left in (5, 4, 3, 0)] == [True, True, False, False]
