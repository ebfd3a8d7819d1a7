"""Tables: a scenario under one policy, turned into the numbers that both engines read.

Everything that does not depend on chance is worked out here once: monthly chances per stair and age
band, levers month by month, posts, places, prices. Axes are named in each comment.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation import rules
from simulation.policy import FollowUp, Policy, ReviewRule
from simulation.scenario import District, Scenario
from simulation.stationary import Start, stationary_start

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

UNLIMITED = 1 << 40
"""Places on a stair whose places are not counted."""

LONG_IN_POST = 1200
"""Months in post of the caseworkers of the first day: none of them is new."""

ORIENTATION, NETWORK_SEARCH, OUTREACH, SURVEILLANCE = 0, 1, 2, 3
FIRST, EARLY, LATER = 0, 1, 2


class Tables(NamedTuple):
    """A scenario under a policy as numbers. `covered` is 1 for children a policy reaches."""

    n_months: int
    n_stairs: int
    hidden: int  # position of the stair, -1 where there is none
    assessment: int
    first_home: int
    last_home: int
    first_care: int  # n_stairs where there is no care
    youngest: Ints  # [stair] months
    family_like: Bools  # [stair]
    needs_network: Bools  # [stair]
    leave_age: int  # months
    band_of_year: Ints  # [age in years]
    band_start: Ints  # [band] months
    band_width: Ints  # [band] months

    age_at_arrival: Floats  # [band] cumulated
    has_network: float
    severity_sd: float
    severity_growth: float  # factor per month
    detection_hazard: float
    hidden_crisis_hazard: float
    hidden_recovery_hazard: float
    closed_after_assessment: float
    placed_after_assessment: Floats  # [band]
    ready_chance: Floats  # [stair, band]
    crisis_hazard: Floats  # [stair, band]
    planned_up: Floats  # [stair]
    home_share: Floats  # [stair]
    recognition: float
    recognition_elasticity: float
    crisis_elasticity: float
    overdue_effect: float
    reference_caseload: float
    attention_floor: float
    attention_ceiling: float
    premature: float
    early_hr: float
    early_months: int
    handover_months: int
    handover_penalty: float
    handover_hr: float
    breakdown_up: float
    reentry_hazard: float
    reentry_months: int

    case_hours: float
    sickness: float
    new_worker_factor: float
    new_worker_months: int
    reactive_hours: float
    assessment_hours: float
    assessment_deadline: int
    follow_up_hours: float
    weight: Floats  # [stair]
    share_reactive: float
    share_assessments: float
    share_follow_ups: float
    turnover_rate: float
    turnover_elasticity: float
    vacancy_months: int

    levers: Floats  # [month, covered, lever]
    targets: Floats  # [month, covered, stair, first/early/later] months
    early_follow_ups: Ints  # [covered, stair] months
    intrusive_first: bool
    entry_shares: Floats  # [month, covered, band, stair]
    reach: Floats  # [district] share of children covered

    post_district: Ints  # [post]
    post_fte: Floats  # [post] FTE on children's cases that has effect
    post_counted: Floats  # [post] FTE on children's cases
    post_experience: Ints  # [post] months in post when it begins
    post_from: Ints  # [post] first month
    post_until: Ints  # [post] first month after
    places: Ints  # [month, district, stair]
    inflow: Floats  # [district] per month

    unit_price: Floats  # [stair] DKK per month
    price_sd: Floats  # [stair] of the logarithm
    staff_cost: Floats  # [month] DKK
    one_off: Floats  # [month] DKK
    refund_threshold: Floats
    refund_share: Floats
    first_calendar_month: int  # 0 for January

    start_count: Ints  # [district, stair]; -1: drawn from the mean
    start_mean: Floats  # [district, stair] expected where not counted
    start_age: Floats  # [stair, month of age at entry] cumulated
    start_hazard: Floats  # [stair] per month, of leaving it
    start_ready: Floats  # [stair] share ready
    start_interval: Floats  # [stair] months between follow-ups as achieved


def build_tables(scenario: Scenario, policy: Policy | None = None) -> Tables:
    """Return the tables of `scenario` under `policy` (None: as today).

    The start depends on the scenario only, so both arms of a comparison begin with the same children.
    """
    policy = policy or Policy()
    start = stationary_start(scenario)
    return Tables(
        **_shape(scenario),
        **_children(scenario),
        **_work(scenario),
        **_levers(scenario, policy),
        **_posts(scenario, policy),
        **_money(scenario, policy),
        **_start(start),
    )


def _shape(s: Scenario) -> dict[str, object]:
    stairs, n = s.staircase, len(s.staircase)
    homes = [i for i, x in enumerate(stairs) if x.kind == "home"]
    care = stairs.first("care")
    starts = np.array(s.age_bands) * 12
    ends = np.append(starts[1:], s.leave_age * 12)
    return {
        "n_months": s.months,
        "n_stairs": n,
        "hidden": stairs.first("hidden"),
        "assessment": stairs.first("assessment"),
        "first_home": homes[0],
        "last_home": homes[-1],
        "first_care": care if care >= 0 else n,
        "youngest": np.array([x.youngest * 12 for x in stairs], np.int64),
        "family_like": np.array([x.family_like for x in stairs]),
        "needs_network": np.array([x.needs_network for x in stairs]),
        "leave_age": s.leave_age * 12,
        "band_of_year": np.searchsorted(s.age_bands, np.arange(s.leave_age + 1), "right") - 1,
        "band_start": starts.astype(np.int64),
        "band_width": (ends - starts).astype(np.int64),
    }


def _per_stair(s: Scenario, values: dict[str, float]) -> Floats:
    return np.array([values.get(key, 0.0) for key in s.staircase.keys])


def teen_factor(s: Scenario, factor: float) -> Floats:
    """Return [band]: `factor` for bands from the teen age on, 1 for younger ones."""
    return np.where(np.array(s.age_bands) >= s.children.teen_age, factor, 1.0)


def _children(s: Scenario) -> dict[str, object]:
    c = s.children
    crisis = np.outer(_per_stair(s, c.crisis_rate), teen_factor(s, c.teen_crisis_factor))
    ready = np.outer(_per_stair(s, c.readiness_rate), np.ones(len(s.age_bands)))
    as_they_are = (
        "has_network severity_sd closed_after_assessment recognition recognition_elasticity "
        "crisis_elasticity overdue_effect reference_caseload attention_floor attention_ceiling "
        "premature early_hr early_months handover_months handover_penalty handover_hr breakdown_up "
        "reentry_months"
    ).split()
    return {
        **{name: getattr(c, name) for name in as_they_are},
        "age_at_arrival": np.cumsum(c.age_at_arrival),
        "severity_growth": (1.0 + c.severity_growth) ** (1.0 / 12.0),
        "detection_hazard": rules.monthly_hazard(c.detection_rate),
        "hidden_crisis_hazard": rules.monthly_hazard(c.hidden_crisis_rate),
        "hidden_recovery_hazard": rules.monthly_hazard(c.hidden_recovery_rate),
        "placed_after_assessment": c.placed_after_assessment * teen_factor(s, c.placed_age_factor),
        "ready_chance": np.vectorize(rules.chance)(ready / 12.0),
        "crisis_hazard": crisis / 12.0,
        "planned_up": _per_stair(s, c.planned_up),
        "home_share": _per_stair(s, c.home_share),
        "reentry_hazard": rules.monthly_hazard(c.reentry_rate),
    }


def _work(s: Scenario) -> dict[str, object]:
    w = s.work
    as_they_are = (
        "case_hours sickness new_worker_factor new_worker_months reactive_hours assessment_hours "
        "assessment_deadline follow_up_hours turnover_rate turnover_elasticity vacancy_months"
    ).split()
    return {
        **{name: getattr(w, name) for name in as_they_are},
        "weight": _per_stair(s, w.weight),
        "share_reactive": w.guaranteed_share.reactive,
        "share_assessments": w.guaranteed_share.assessments,
        "share_follow_ups": w.guaranteed_share.follow_ups,
    }


def strength(s: Scenario, policy: Policy) -> Floats:
    """Return [month]: how far the policy is in force and has effect, 0 to 1."""
    begin, end = window(s, policy)
    ramp = [rules.ramp(m, begin, end, policy.ramp_months) for m in range(s.months)]
    return np.array(ramp) * policy.world.effect


def window(s: Scenario, policy: Policy) -> tuple[int, int]:
    """Return the first month of a policy and the first month after it."""
    begin = s.month_of(policy.start) if policy.start else 0
    end = s.month_of(policy.stop) if policy.stop else s.months + 1_000_000
    return begin, end


def _levers(s: Scenario, policy: Policy) -> dict[str, object]:
    today, full = s.baseline, strength(s, policy)
    held = 1.0 if policy.capacity.team_leader > 0 else policy.practice.without_leader
    n, bands, stairs = s.months, len(s.age_bands), len(s.staircase)
    levers = np.zeros((n, 2, 4))
    targets = np.zeros((n, 2, stairs, 3))
    entry = np.zeros((n, 2, bands, stairs))
    for month in range(n):
        for covered in (0, 1):
            f = full[month] * covered
            levers[month, covered] = (
                rules.lever(today.orientation, policy.practice.orientation, f * held),
                rules.lever(today.network_search, policy.supply.network_search, f),
                rules.lever(today.outreach, policy.supply.outreach, f),
                rules.lever(today.surveillance, policy.world.surveillance, f),
            )
            odds = rules.lever(today.residential_odds, policy.practice.residential_odds, f * held)
            targets[month, covered] = _targets(s, policy.reviews, f)
            entry[month, covered] = _entry_shares(s, odds)
    order = policy.reviews.order if policy.reviews.order and full.max() > 0 else s.reviews.order
    in_reach = [policy.districts is None or d.name in policy.districts for d in s.districts]
    return {
        "levers": levers,
        "targets": targets,
        "early_follow_ups": _early_months(s, policy),
        "intrusive_first": order == "most_intrusive",
        "entry_shares": entry,
        "reach": np.where(in_reach, policy.reach, 0.0),
    }


def rule_today(s: Scenario, stair: str) -> FollowUp:
    """Return the follow-up rule of a stair as it is today."""
    return s.reviews.by_stair.get(stair, FollowUp(first=s.reviews.first, later=s.reviews.later))


def rule_wanted(s: Scenario, policy: ReviewRule, stair: str) -> FollowUp:
    """Return the follow-up rule of a stair under a policy in full force."""
    today = rule_today(s, stair)
    if stair in policy.by_stair:
        return policy.by_stair[stair]
    changes = {"first": policy.first, "later": policy.later}
    if policy.later is not None:
        changes["early"] = policy.later
    return today.model_copy(update={k: v for k, v in changes.items() if v is not None})


def _targets(s: Scenario, policy: ReviewRule, f: float) -> Floats:
    rows = []
    for key in s.staircase.keys:
        today, wanted = rule_today(s, key), rule_wanted(s, policy, key)
        rows.append(
            (
                rules.lever(today.first, wanted.first, f),
                rules.lever(today.early or today.later, wanted.early or wanted.later, f),
                rules.lever(today.later, wanted.later, f),
            )
        )
    return np.array(rows)


def _early_months(s: Scenario, policy: Policy) -> Ints:
    wanted = policy.reviews if policy.world.effect > 0 else ReviewRule()
    rows = [
        [rule_today(s, key).early_months for key in s.staircase.keys],
        [rule_wanted(s, wanted, key).early_months for key in s.staircase.keys],
    ]
    return np.array(rows, np.int64)


def _entry_shares(s: Scenario, odds: float) -> Floats:
    """Return [band, stair]: shares of entries on stairs that are not family-like.

    `odds` acts on the stairs more intrusive than the first family-like one; the other shares keep
    their proportions to one another.
    """
    n, bands = len(s.staircase), len(s.age_bands)
    shares = np.zeros((bands, n))
    for key, per_band in s.children.entry_share.items():
        shares[:, s.staircase.index(key)] = per_band
    family = [i for i, x in enumerate(s.staircase) if x.family_like]
    heavy = np.arange(n) > (family[0] if family else n)
    for band in range(bands):
        before = float(shares[band, heavy].sum())
        if before <= 0.0 or odds == 1.0:
            continue
        after = rules.share_at_odds(before, odds)
        shares[band, heavy] *= after / before
        if before < 1.0:
            shares[band, ~heavy] *= (1.0 - after) / (1.0 - before)
    return shares


def in_policy(policy: Policy, district: District) -> bool:
    """Return whether a policy holds in a district."""
    return policy.districts is None or district.name in policy.districts


def _posts(s: Scenario, policy: Policy) -> dict[str, object]:
    begin, end = window(s, policy)
    kept = 1.0 - policy.capacity.leakage
    rows: list[tuple[float, ...]] = []
    for d, district in enumerate(s.districts):
        for fte in district.caseworkers:
            rows.append((d, fte, fte, LONG_IN_POST, 0, s.months + 1_000_000))
        for fte in policy.capacity.extra_fte if in_policy(policy, district) else ():
            rows.append((d, fte * kept * policy.world.effect, fte * kept, 0, begin, end))
    posts = np.array(rows, float).reshape(-1, 6)
    return {
        "post_district": posts[:, 0].astype(np.int64),
        "post_fte": posts[:, 1].copy(),
        "post_counted": posts[:, 2].copy(),
        "post_experience": posts[:, 3].astype(np.int64),
        "post_from": posts[:, 4].astype(np.int64),
        "post_until": posts[:, 5].astype(np.int64),
        "places": _places(s, policy),
        "inflow": np.array([d.inflow / 12.0 for d in s.districts]),
    }


def _places(s: Scenario, policy: Policy) -> Ints:
    full = strength(s, policy)
    places = np.full((s.months, len(s.districts), len(s.staircase)), UNLIMITED, np.int64)
    for i, stair in enumerate(s.staircase):
        if not stair.limited:
            continue
        for d, district in enumerate(s.districts):
            extra = policy.supply.extra_places.get(stair.key, 0) if in_policy(policy, district) else 0
            today = district.places[stair.key]
            places[:, d, i] = np.maximum(0, today + np.rint(full * extra).astype(np.int64))
    return places


def _money(s: Scenario, policy: Policy) -> dict[str, object]:
    m = s.money
    spread = _per_stair(s, m.price_spread)
    begin, end = window(s, policy)
    extra = sum(
        sum(policy.capacity.extra_fte) for d in s.districts if in_policy(policy, d)
    )
    per_fte = m.salary * (1.0 + m.overhead) / 12.0
    months = np.arange(s.months)
    in_force = (months >= begin) & (months < end)
    staff = per_fte * (s.fte + in_force * (extra + policy.capacity.team_leader * m.leader_factor))
    one_off = np.zeros(s.months)
    start_cost = policy.capacity.start_cost
    one_off[min(begin, s.months - 1)] = m.start_cost_per_fte * extra if start_cost is None else start_cost
    return {
        "unit_price": _per_stair(s, m.unit_price) / 12.0,
        "price_sd": np.sqrt(np.log1p(spread**2)),
        "staff_cost": staff,
        "one_off": one_off,
        "refund_threshold": np.array(m.refund_threshold, float),
        "refund_share": np.array(m.refund_share, float),
        "first_calendar_month": s.start.month - 1,
    }


def _start(start: Start) -> dict[str, object]:
    return {
        "start_count": start.count,
        "start_mean": start.mean,
        "start_age": start.age,
        "start_hazard": start.hazard,
        "start_ready": start.ready,
        "start_interval": start.interval,
    }
