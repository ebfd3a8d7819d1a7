"""Tables: a scenario under one policy, turned into the numbers that both engines read.

Everything that does not depend on chance is worked out here once: monthly chances per stair and age
band, levers month by month, posts, places, prices. The fields are explained in `layout.py`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation import rules
from simulation.accounts import calendar_years, residential
from simulation.checks import check_policy
from simulation.given import first_given, given_children
from simulation.law import RefundStep, refund_steps
from simulation.layout import DISTRICT, MONTH, PLACES, POST, TABLE
from simulation.parts import part_of
from simulation.policy import Policy
from simulation.scenario import District, Scenario
from simulation.stationary import stationary_start

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Records = NDArray[np.void]

UNLIMITED = 1 << 40
"""Places on a stair whose places are not counted."""

LONG_IN_POST = 1200
"""Months in post of the caseworkers of the first day: none of them is new."""

NOT_YET = -1
"""Months in post of a post that a policy will open."""

FOREVER = 1 << 40
"""Month that never comes."""


class Tables(NamedTuple):
    """A scenario under a policy, as records."""

    table: Records  # TABLE, one row
    months: Records  # MONTH [month]
    districts: Records  # DISTRICT
    posts: Records  # POST
    places: Ints  # [month, district, stair]
    start_age: Floats  # [stair, month of age at entry] cumulated, for the first day
    given: Records  # GIVEN, the children of a case list


def build_tables(scenario: Scenario, policy: Policy | None = None, district: str | None = None) -> Tables:
    """Return the tables of `scenario` under `policy` (None: as today), or of one of its districts.

    The first day depends on the scenario only, so both arms of a comparison begin with the same
    children.
    """
    policy = policy or Policy()
    check_policy(scenario, "policy", policy)
    if district is not None:
        scenario, policy = part_of(scenario, policy, district)
    table = np.zeros(1, TABLE)
    t = table[0]
    _shape(t, scenario)
    _children(t, scenario)
    _work(t, scenario)
    _prices(t, scenario)
    _programmes(t, scenario, policy)
    districts = _districts(scenario, policy)
    start = stationary_start(scenario)
    n, force = len(scenario.staircase), in_force(scenario, policy)
    districts["start_count"][:, :n] = start.count
    districts["start_mean"][:, :n] = start.mean
    districts["given"][:, :n] = first_given(scenario)
    t["stair"]["start_hazard"][:n] = start.hazard
    t["stair"]["start_unready"][:n] = start.unready
    t["stair"]["start_ready_hazard"][:n] = start.ready_hazard
    t["stair"]["start_first"][:n] = start.first
    t["stair"]["start_later"][:n] = start.later
    return Tables(
        table=table,
        months=_months(scenario, policy, force),
        districts=districts,
        posts=_posts(scenario, policy),
        places=_places(scenario, policy, force),
        start_age=start.age,
        given=given_children(scenario),
    )


def _shape(t: Any, s: Scenario) -> None:
    stairs, n = s.staircase, len(s.staircase)
    homes = [i for i, x in enumerate(stairs) if x.kind == "home"]
    care = stairs.first("care")
    t["n_months"], t["n_stairs"], t["closed"], t["gone"] = s.months, n, n, n + 1
    t["hidden"], t["assessment"] = stairs.first("hidden"), stairs.first("assessment")
    t["first_home"], t["last_home"] = homes[0], homes[-1]
    t["first_care"] = care if care >= 0 else n
    t["stair"]["youngest"][:n] = [x.youngest * 12 for x in stairs]
    t["stair"]["family_like"][:n] = [x.family_like for x in stairs]
    t["stair"]["needs_network"][:n] = [x.needs_network for x in stairs]
    t["leave_age"] = s.leave_age * 12
    t["n_districts"] = len(s.districts)
    starts = np.array(s.age_bands) * 12
    bands = t["band"][: len(starts)]
    t["n_bands"] = len(starts)
    bands["start"] = starts
    bands["teen"] = np.array(s.age_bands) >= s.children.teen_age
    bands["width"] = np.append(starts[1:], s.leave_age * 12) - starts
    ages = np.arange(s.leave_age + 1)
    t["band_of_year"][: len(ages)] = np.searchsorted(s.age_bands, ages, "right") - 1


def _per_stair(s: Scenario, values: dict[str, float]) -> Floats:
    return np.array([values.get(key, 0.0) for key in s.staircase.keys])


def teen_factor(s: Scenario, factor: float) -> Floats:
    """Return [band]: `factor` for bands from the teen age on, 1 for younger ones."""
    return np.where(np.array(s.age_bands) >= s.children.teen_age, factor, 1.0)


_CHILDREN_AS_THEY_ARE = (
    "has_network", "severity_sd", "closed_after_assessment",
    "recognition_elasticity", "crisis_elasticity", "overdue_effect", "reference_caseload",
    "attention_floor", "attention_ceiling", "premature", "early_hr", "early_months",
    "handover_months", "handover_penalty", "handover_hr", "breakdown_up", "reentry_months",
)  # fmt: skip
_WORK_AS_IT_IS = (
    "case_hours", "sickness", "new_worker_factor", "new_worker_months",
    "assessment_hours", "assessment_deadline", "assessment_wait",
    "turnover_rate", "turnover_elasticity", "vacancy_months",
)  # fmt: skip


def _children(t: Any, s: Scenario) -> None:
    c, n, bands = s.children, len(s.staircase), len(s.age_bands)
    for name in _CHILDREN_AS_THEY_ARE:
        t[name] = getattr(c, name)
    t["recognition_hazard"] = rules.hazard_of(c.recognition)
    t["severity_growth"] = (1.0 + c.severity_growth) ** (1.0 / 12.0)
    t["detection_hazard"] = rules.monthly_hazard(c.detection_rate)
    t["hidden_crisis_hazard"] = rules.monthly_hazard(c.hidden_crisis_rate)
    t["hidden_recovery_hazard"] = rules.monthly_hazard(c.hidden_recovery_rate)
    t["reentry_hazard"] = rules.monthly_hazard(c.reentry_rate)
    t["band"]["arrival"][:bands] = np.cumsum(c.age_at_arrival)
    t["band"]["placed"][:bands] = c.placed_after_assessment * teen_factor(s, c.placed_age_factor)
    ready, crisis = _per_stair(s, c.readiness_rate), _per_stair(s, c.crisis_rate)
    teens = teen_factor(s, c.teen_crisis_factor)
    for stair in range(n):
        rate = t["rate"][stair, :bands]
        rate["ready_chance"] = rules.chance(rules.monthly_hazard(ready[stair]))
        rate["crisis_hazard"] = rules.monthly_hazard(crisis[stair]) * teens
    t["stair"]["planned_up"][:n] = _per_stair(s, c.planned_up)
    t["stair"]["home_share"][:n] = _per_stair(s, c.home_share)


def _work(t: Any, s: Scenario) -> None:
    w = s.work
    for name in _WORK_AS_IT_IS:
        t[name] = getattr(w, name)
    t["leaving_hazard"] = rules.highest_leaving_hazard(
        w.turnover_rate, s.children.attention_floor, s.children.attention_ceiling, w.turnover_elasticity
    )
    weights = _per_stair(s, w.weight).tolist()
    for stair, weight in zip(t["stair"][: len(weights)], weights, strict=True):
        stair["reactive_hours"] = rules.hours_of_case(w.reactive_hours, weight)
        stair["follow_up_hours"] = rules.hours_of_case(w.follow_up_hours, weight)
    t["share_reactive"] = w.guaranteed_share.reactive
    t["share_assessments"] = w.guaranteed_share.assessments
    t["share_follow_ups"] = w.guaranteed_share.follow_ups


def _prices(t: Any, s: Scenario) -> None:
    m, n = s.money, len(s.staircase)
    monthly = _per_stair(s, m.unit_price) / 12.0
    t["stair"]["unit_price"][:n] = [rules.exactly_summable(x) for x in monthly.tolist()]
    t["stair"]["price_sd"][:n] = np.sqrt(np.log1p(_per_stair(s, m.price_spread) ** 2))


def _programmes(t: Any, s: Scenario, policy: Policy) -> None:
    programmes = policy.supply.programmes.values()
    t["n_programmes"] = len(programmes)
    for row, p in zip(t["programme"], programmes, strict=False):
        row["stair"] = s.staircase.index(p.stair)
        row["youngest"], row["oldest"] = p.from_age * 12, (p.to_age + 1) * 12
        row["months"], row["lasts"], row["cost"] = p.months, p.lasts, p.cost
        row["gravest_first"] = p.gravest_first
        for name in ("crisis", "readiness", "placed"):
            row[name] = rules.lever(1.0, getattr(p, name), policy.world.effect)


def window(s: Scenario, policy: Policy) -> tuple[int, int]:
    """Return the first month of a policy and the first month after it."""
    begin = s.month_of(policy.start) if policy.start else 0
    return begin, s.month_of(policy.stop) if policy.stop else FOREVER


def in_force(s: Scenario, policy: Policy) -> Floats:
    """Return [month]: how far the policy is in force, 0 to 1."""
    begin, end = window(s, policy)
    return np.array([rules.ramp(m, begin, end, policy.ramp_months) for m in range(s.months)])


def _months(s: Scenario, policy: Policy, force: Floats) -> Records:
    """Return the records of all months; `force` is `in_force`."""
    full, which = np.unique(force * policy.world.effect, return_inverse=True)
    months = _alike(s, policy, full)[which]  # where the policy is equally far in force
    months["new_rules"] = np.diff(which, prepend=-1) != 0
    months["anniversary"] = np.arange(s.months) % 12 == 11
    _calendar(months, s)
    months["staff_cost"], months["one_off"] = _staff_cost(s, policy)
    months["running_cost"] = force * policy.supply.running_cost / 12.0
    for i, programme in enumerate(policy.supply.programmes.values()):
        months["seats"][:, i] = np.rint(force * programme.places)
    return months


def _calendar(months: Records, s: Scenario) -> None:
    """Enter where calendar years begin and the refund steps of each."""
    years = calendar_years(s.start, s.months)
    first = int(years[0])
    steps = tuple(refund_steps(s, year) for year in range(first, int(years[-1]) + 1))
    rows = _refund_rows(steps)
    months["year_begins"] = np.diff(years, prepend=first) > 0
    for name in ("n_refunds", "refund"):
        months[name] = rows[name][years - first]


@lru_cache
def _refund_rows(steps: tuple[tuple[RefundStep, ...], ...]) -> Records:
    """Return [year]: the refund steps of each calendar year, as fields of MONTH."""
    rows = np.zeros(len(steps), [(name, MONTH[name]) for name in ("n_refunds", "refund")])
    for row, of_year in zip(rows, steps, strict=True):
        row["n_refunds"] = len(of_year)
        for i, step in enumerate(of_year):
            row["refund"][i] = (step.threshold, step.share)
    return rows


def _alike(s: Scenario, policy: Policy, full: Floats) -> Records:
    """Return [strength]: months in which the policy is in force as far as `full`; costs come later."""
    rows = np.zeros(len(full), MONTH)
    leader = policy.capacity.team_leader > 0
    practice = full * (1.0 if leader else policy.practice.without_leader)
    _levers(rows["lever"], s, policy, full, practice)
    _targets(rows["target"], s, policy, full)
    today = s.baseline.residential_odds
    odds = np.append(today, _lever(today, policy.practice.residential_odds, practice))
    shares = _shares_at_odds(s, odds)
    bands, n = len(s.age_bands), len(s.staircase)
    rows["entry_share"][:, 0, :bands, :n], rows["entry_share"][:, 1, :bands, :n] = shares[0], shares[1:]
    order = policy.reviews.order or s.reviews.order
    rows["intrusive_first"][:, 0] = s.reviews.order == "most_intrusive"
    rows["intrusive_first"][:, 1] = np.where(full > 0, order, s.reviews.order) == "most_intrusive"
    return rows


def _lever(today: float, wanted: float | None, force: Floats) -> Floats:
    """Return [strength]: `rules.lever`, of all strengths at once; plain arithmetic, so the same bytes."""
    strengths: Any = force
    return np.broadcast_to(rules.lever(today, wanted, strengths), force.shape)


def _levers(rows: Records, s: Scenario, p: Policy, full: Floats, practice: Floats) -> None:
    """Enter [strength, covered]: levers as today, and under the policy."""
    for name, wanted, force in (
        ("orientation", p.practice.orientation, practice),
        ("network_search", p.supply.network_search, full),
        ("outreach", p.supply.outreach, full),
        ("surveillance", p.world.surveillance, full),
    ):
        today = getattr(s.baseline, name)
        rows[name][:, 0], rows[name][:, 1] = today, _lever(today, wanted, force)


def _targets(rows: Records, s: Scenario, policy: Policy, full: Floats) -> None:
    """Enter [strength, covered, stair]: months between follow-ups as today, and under the policy."""
    on_the_way: dict[tuple[float, float], list[float]] = {}
    for i, key in enumerate(s.staircase.keys):
        today = s.reviews.rule(key)
        wanted = policy.reviews.instead_of(today, key)
        for name, before, after in (
            ("first", today.first, wanted.first),
            ("early", today.early or today.later, wanted.early or wanted.later),
            ("later", today.later, wanted.later),
        ):
            if (before, after) not in on_the_way:  # alike on most stairs
                months = [rules.interval(before, after, f) for f in full.tolist()]
                on_the_way[before, after] = months
            rows[name][:, 0, i], rows[name][:, 1, i] = before, on_the_way[before, after]
        rows["early_months"][:, 0, i] = today.early_months
        rows["early_months"][:, 1, i] = np.where(full > 0, wanted.early_months, today.early_months)


def entry_shares(s: Scenario, odds: float) -> Floats:
    """Return [band, stair]: shares of entries on stairs that are not family-like.

    `odds` acts on the residential stairs together; the other shares keep their proportions to one
    another. What the scenario's shares leave is meant for a family, so it is not here; where there are
    no families it goes to the last stair.
    """
    return np.asarray(_shares_at_odds(s, np.array([odds]))[0])


def _shares_at_odds(s: Scenario, odds: Floats) -> Floats:
    """Return [odds, band, stair]: `entry_shares` at each of several odds."""
    n, bands = len(s.staircase), len(s.age_bands)
    today = np.zeros((bands, n))
    for key, per_band in s.children.entry_share.items():
        today[:, s.staircase.index(key)] = per_band
    if s.staircase[n - 1].in_care and not any(x.family_like for x in s.staircase):
        today[:, -1] = np.maximum(0.0, 1.0 - today[:, :-1].sum(axis=1))
    shares = np.repeat(today[None], len(odds), axis=0)
    heavy = np.array([residential(s.staircase, i) for i in range(n)])
    if all(heavy[i] for i, x in enumerate(s.staircase) if x.in_care):
        return shares  # no other stair to go to
    for band in range(bands):
        before = float(today[band, heavy].sum())
        if before <= 0.0:
            continue
        after = np.array([before if x == 1.0 else rules.share_at_odds(before, x) for x in odds.tolist()])
        shares[:, band, heavy] *= (after / before)[:, None]
        if before < 1.0:
            shares[:, band, ~heavy] *= ((1.0 - after) / (1.0 - before))[:, None]
    return shares


def in_policy(policy: Policy, district: District) -> bool:
    """Return whether a policy holds in a district."""
    return policy.districts is None or district.name in policy.districts


def _districts(s: Scenario, policy: Policy) -> Records:
    rows = np.zeros(len(s.districts), DISTRICT)
    rows["inflow"] = [d.inflow / 12.0 for d in s.districts]
    rows["reach"] = [policy.reach if in_policy(policy, d) else 0.0 for d in s.districts]
    rows["in_policy"] = [in_policy(policy, d) for d in s.districts]
    return rows


def _posts(s: Scenario, policy: Policy) -> Records:
    begin, end = window(s, policy)
    kept = 1.0 - policy.capacity.leakage
    rows: list[tuple[float, ...]] = []
    touched = [in_policy(policy, d) for d in s.districts]
    for d, district in enumerate(s.districts):
        for fte in district.caseworkers:
            rows.append((d, touched[d], fte, fte, LONG_IN_POST, 0, FOREVER))
    for d, district in enumerate(s.districts):  # behind all of today's
        for post in district.later_posts:
            opens = max(0, s.month_of(post.begins))
            rows.append((d, touched[d], post.fte, post.fte, NOT_YET, opens, FOREVER))
    for d in (i for i, yes in enumerate(touched) if yes):  # behind all others, whose numbers stay
        for fte in policy.capacity.extra_fte:
            rows.append((d, 1, fte * kept * policy.world.effect, fte * kept, NOT_YET, begin, end))
    posts = np.zeros(len(rows), POST)
    for name, numbers in zip(POST.names or (), zip(*rows, strict=True), strict=False):
        posts[name] = numbers
    return posts


def _places(s: Scenario, policy: Policy, force: Floats) -> Ints:
    """Return [month, district, place]: how many places there are."""
    full = force * policy.world.effect
    places = np.full((s.months, len(s.districts), PLACES), UNLIMITED, np.int64)
    for i, stair in enumerate(s.staircase):
        if not stair.limited:
            continue
        for d, district in enumerate(s.districts):
            extra = policy.supply.extra_places.get(stair.key, 0) if in_policy(policy, district) else 0
            change = np.rint(full * extra).astype(np.int64)
            places[:, d, i] = np.maximum(0, district.places[stair.key] + change)
    return places


def _staff_cost(s: Scenario, policy: Policy) -> tuple[Any, Any]:
    """Return what staff costs each month and what is paid once, in DKK.

    A post is paid whether filled or vacant (temps and overtime fill the gap), so the staff account is
    free of chance.
    """
    m = s.money
    begin, end = window(s, policy)
    districts = [d for d in s.districts if in_policy(policy, d)]
    extra = sum(policy.capacity.extra_fte) * len(districts)
    months = np.arange(s.months)
    paid = (months >= begin) & (months < end)
    leader = policy.capacity.team_leader * m.leader_factor
    per_fte = m.salary * (1.0 + m.overhead) / 12.0
    later = [(months >= s.month_of(p.begins)) * p.fte for d in s.districts for p in d.later_posts]
    staff = per_fte * (s.fte + sum(later, np.zeros(s.months)) + paid * (extra + leader))
    start_cost = policy.capacity.start_cost
    one_off = np.zeros(s.months)
    one_off[begin] = m.start_cost_per_fte * extra if start_cost is None else start_cost
    return staff, one_off
