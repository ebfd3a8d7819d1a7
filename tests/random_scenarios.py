"""Random scenarios with their policies: valid, small, and as odd as anyone might make them.

`random_scenario(seed)` gives the scenario, `random_arm(seed)` also one of its arms (a policy's
name, or None for the baseline). Most draws are mixtures of the ordinary and the extreme, so that
full foster homes, overload and empty districts turn up often enough to be tested.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulation import DEFAULT_STAIRCASE, Scenario

Rng = np.random.Generator

HOME_KEYS = ("preventive", "early_help", "family_therapy", "relief_weekends")
CARE_KEYS = (
    "own_room", "network_care", "foster_care", "specialised_foster", "group_home",
    "boarding_school", "residential_care", "secure_unit",
)  # fmt: skip
NOT_FAMILIES = ("own_room", "residential_care")
"""Stairs for which the evidence records hold a share of entries: they cannot be family-like."""
BANDS = (
    (18, (0, 4, 12, 15)),
    (18, (0,)),
    (18, (0, 6)),
    (18, (0, 1, 3, 6, 9, 12, 15, 17)),
    (15, (0, 7, 12)),
    (23, (0, 12, 15, 18)),
    (67, (0, 18, 40)),
)


def random_scenario(seed: int) -> Scenario:
    """Return a valid scenario with one to three policies; the same one for the same seed."""
    return Scenario.model_validate(random_values(seed))


def random_arm(seed: int) -> tuple[Scenario, str | None]:
    """Return a random scenario and one of its policies, or None for the baseline."""
    scenario = random_scenario(seed)
    arms = [None, *scenario.policies]
    return scenario, arms[seed % len(arms)]


def random_values(seed: int) -> dict[str, Any]:
    """Return what the TOML file of a random scenario would hold."""
    rng = np.random.default_rng([seed, 20260])
    leave_age, bands = BANDS[0] if chance(rng, 0.4) else BANDS[rng.integers(len(BANDS))]
    stairs = random_stairs(rng, leave_age)
    months = int(rng.integers(12, 37))
    values = {
        "name": f"random_{seed}",
        "start": f"{rng.integers(2015, 2022)}-{rng.integers(1, 13):02d}-01",
        "months": months,
        "price_year": 2019,
        "age_bands": list(bands),
        "leave_age": leave_age,
        "staircase": stairs,
        "districts": random_districts(rng, stairs),
        "children": random_children(rng, stairs, bands),
        "work": random_work(rng, stairs),
        "reviews": random_reviews(rng, stairs),
        "money": random_money(rng, stairs),
        "baseline": {
            "orientation": number(rng, 0.3, 2.0),
            "residential_odds": number(rng, 0.3, 2.0),
            "network_search": number(rng, 0.0, 1.0),
            "outreach": number(rng, 0.3, 2.0),
            "surveillance": maybe(rng, 0.5, 0.0, 2.0),
        },
    }
    for district in values["districts"]:
        district["later_posts"] = random_later_posts(rng, values)
    return {**values, "policies": random_policies(rng, values)}


# --- drawing --------------------------------------------------------------------------------------


def chance(rng: Rng, p: float) -> bool:
    return bool(rng.random() < p)


def number(rng: Rng, low: float, high: float) -> float:
    """Return a number between, sometimes exactly one of the ends."""
    u = rng.random()
    return low if u < 0.1 else high if u > 0.9 else float(rng.uniform(low, high))


def maybe(rng: Rng, p: float, low: float, high: float) -> float:
    """Return 0, or with probability p a number between."""
    return number(rng, low, high) if chance(rng, p) else 0.0


def pick(rng: Rng, choices: Any) -> Any:
    return choices[rng.integers(len(choices))]


def shares(rng: Rng, n: int) -> list[float]:
    """Return n shares that sum to 1."""
    return [float(x) for x in rng.dirichlet(np.ones(n))]


# --- the staircase --------------------------------------------------------------------------------


def random_stairs(rng: Rng, leave_age: int) -> list[dict[str, Any]]:
    """Return a staircase: the standard one, a single stair, or one of any shape that is allowed."""
    kind = rng.random()
    if kind < 0.25:
        stairs = [stair.model_dump() for stair in DEFAULT_STAIRCASE]
        return [{**s, "youngest": min(s["youngest"], leave_age - 1)} for s in stairs]
    if kind < 0.30:
        return [a_stair("only_help", "home")]
    stairs = []
    if chance(rng, 0.7):
        stairs.append(a_stair(pick(rng, ("undetected", "unknown")), "hidden"))
    if chance(rng, 0.7):
        stairs.append(a_stair(pick(rng, ("assessment", "inquiry")), "assessment"))
    for key in rng.permutation(HOME_KEYS)[: rng.integers(1, 4)]:
        stairs.append(a_stair(key, "home"))
    n_care = 0 if chance(rng, 0.12) else int(rng.integers(1, 6))
    return stairs + random_care(rng, list(rng.permutation(CARE_KEYS)[:n_care]), leave_age)


def random_care(rng: Rng, keys: list[str], leave_age: int) -> list[dict[str, Any]]:
    """Return care stairs; the last takes every child, as it must."""
    p_family = pick(rng, (0.0, 0.6, 0.6, 1.0))
    stairs = []
    for key in keys[:-1]:
        youngest = pick(rng, (0, 0, 0, 3, 12, leave_age - 1))
        network, limited = chance(rng, 0.3), chance(rng, 0.6)
        flags = {"needs_network": network, "limited": limited, "youngest": youngest}
        family = key not in NOT_FAMILIES and chance(rng, p_family)
        stairs.append(a_stair(key, "care", family_like=family, **flags))
    if keys:
        family = keys[-1] not in NOT_FAMILIES and chance(rng, p_family / 3)
        stairs.append(a_stair(keys[-1], "care", family_like=family))
    return stairs


def a_stair(key: str, kind: str, **flags: Any) -> dict[str, Any]:
    return {"key": str(key), "label": str(key).capitalize(), "kind": kind, **flags}


def keys_of(stairs: list[dict[str, Any]], *kinds: str) -> list[str]:
    return [s["key"] for s in stairs if s["kind"] in kinds]


def limited_keys(stairs: list[dict[str, Any]]) -> list[str]:
    return [s["key"] for s in stairs if s.get("limited")]


# --- districts ------------------------------------------------------------------------------------


def random_districts(rng: Rng, stairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one to three districts with 0 to 80 children altogether."""
    n = pick(rng, (1, 1, 2, 3))
    children = pick(rng, (0, 5, 20, 40, 80))
    empty = children == 0 and chance(rng, 0.5)
    helped = keys_of(stairs, "home", "care")
    districts = []
    for name in ("north", "south", "islands")[:n]:
        counts = rng.multinomial(children // n, shares(rng, len(helped)))
        start = {key: int(count) for key, count in zip(helped, counts, strict=True)}
        for key in keys_of(stairs, "hidden", "assessment"):
            if chance(rng, 0.5):
                start[key] = 0 if empty else int(rng.integers(0, 6))
        districts.append(
            {
                "name": name,
                "inflow": 0.0 if empty else pick(rng, (0.0, 4.0, 12.0, 30.0)) / n,
                "caseworkers": random_posts(rng),
                "places": {key: random_places(rng, start[key]) for key in limited_keys(stairs)},
                "start": start,
            }
        )
    return districts


def random_later_posts(rng: Rng, values: dict[str, Any]) -> list[dict[str, Any]]:
    """Return none, one or two posts that open during the simulation."""
    months = [int(rng.integers(0, values["months"])) for _ in range(pick(rng, (0, 0, 1, 2)))]
    return [{"fte": pick(rng, (1.0, 0.4)), "begins": month_after(values["start"], m)} for m in months]


def random_posts(rng: Rng) -> list[float]:
    """Return posts of a district: none, some, also one with no time for children's cases."""
    return [pick(rng, (1.0, 1.0, 0.5, 0.2, 0.0)) for _ in range(pick(rng, (0, 1, 1, 2, 3)))]


def random_places(rng: Rng, children: int) -> int:
    """Return places for so many children: too few, just enough, or more."""
    return max(0, children + pick(rng, (-3, -1, 0, 0, 1, 3, 50)))


# --- children -------------------------------------------------------------------------------------


def random_children(rng: Rng, stairs: list[dict[str, Any]], bands: tuple[int, ...]) -> dict[str, Any]:
    helped, cases = keys_of(stairs, "home", "care"), keys_of(stairs, "assessment", "home", "care")
    closed = number(rng, 0.0, 0.6)
    detected = maybe(rng, 0.9, 0.2, 4.0)
    return {
        "age_at_arrival": shares(rng, len(bands)),
        "age_at_entry": shares(rng, len(bands)),
        "has_network": number(rng, 0.0, 1.0),
        "severity_sd": maybe(rng, 0.8, 0.1, 1.0),
        "severity_growth": maybe(rng, 0.7, 0.0, 1.0),
        "detection_rate": detected,
        "hidden_crisis_rate": maybe(rng, 0.7, 0.05, 1.0),
        "hidden_recovery_rate": maybe(rng, 0.7, 0.1, 1.0) if detected else 0.5,
        "closed_after_assessment": closed,
        "placed_after_assessment": number(rng, 0.0, 1.0 - closed),
        "placed_age_factor": number(rng, 0.5, 3.0),
        "teen_age": int(pick(rng, (0, 12, 12, 15, 99))),
        "readiness_rate": {key: maybe(rng, 0.9, 0.1, 4.0) for key in helped},
        "crisis_rate": {key: maybe(rng, 0.8, 0.05, 1.0) for key in cases},
        "teen_crisis_factor": number(rng, 0.5, 4.0),
        "planned_up": {key: maybe(rng, 0.6, 0.0, 0.3) for key in helped[:-1]} | {helped[-1]: 0.0},
        "recognition": pick(rng, (0.0, 0.5, 0.9, 0.99)),
        "recognition_elasticity": maybe(rng, 0.7, 0.2, 2.0),
        "crisis_elasticity": maybe(rng, 0.7, -1.0, 1.5),
        "overdue_effect": maybe(rng, 0.6, 0.1, 1.0),
        "reference_caseload": number(rng, 5.0, 50.0),
        "attention_floor": number(rng, 0.05, 1.0),
        "attention_ceiling": number(rng, 1.0, 5.0),
        "premature": maybe(rng, 0.6, 0.05, 0.5),
        "early_hr": number(rng, 1.0, 6.0),
        "early_months": int(rng.integers(0, 12)),
        "handover_months": int(rng.integers(0, 7)),
        "handover_penalty": number(rng, 0.0, 1.0),
        "handover_hr": number(rng, 1.0, 4.0),
        "home_share": {key: number(rng, 0.0, 1.0) for key in keys_of(stairs, "care")},
        "breakdown_up": number(rng, 0.0, 1.0),
        "entry_share": random_entry_shares(rng, stairs, len(bands)),
        "reentry_rate": maybe(rng, 0.7, 0.2, 4.0),
        "reentry_months": int(rng.integers(0, 25)),
    }  # fmt: skip


def random_entry_shares(rng: Rng, stairs: list[dict[str, Any]], n_bands: int) -> dict[str, list[float]]:
    """Return shares of entries on care stairs that are not family-like; some left for a family."""
    keys = [s["key"] for s in stairs if s["kind"] == "care" and not s.get("family_like")]
    per_band = [shares(rng, len(keys) + 1)[: len(keys)] for _ in range(n_bands)]
    never = {key for key in keys if chance(rng, 0.2)}
    return {key: [0.0 if key in never else row[i] for row in per_band] for i, key in enumerate(keys)}


# --- work, reviews, money -------------------------------------------------------------------------


def random_work(rng: Rng, stairs: list[dict[str, Any]]) -> dict[str, Any]:
    reactive, assessments, follow_ups = shares(rng, 3)
    return {
        "case_hours": pick(rng, (0.0, 15.0, 60.0, 117.0, 1000.0)),
        "sickness": number(rng, 0.0, 0.3),
        "new_worker_factor": number(rng, 0.0, 1.0),
        "new_worker_months": int(rng.integers(0, 9)),
        "reactive_hours": maybe(rng, 0.9, 0.1, 3.0),
        "assessment_hours": number(rng, 0.5, 30.0),
        "assessment_wait": maybe(rng, 0.6, 0.5, 8.0),
        "assessment_deadline": int(rng.integers(0, 7)),
        "follow_up_hours": maybe(rng, 0.9, 0.5, 12.0),
        "weight": {key: number(rng, 0.0, 2.5) for key in keys_of(stairs, "assessment", "home", "care")},
        "guaranteed_share": {
            "reactive": reactive,
            "assessments": assessments,
            "follow_ups": follow_ups,
        },
        "turnover_rate": pick(rng, (0.0, 0.3, 0.3, 2.0, 8.0)),
        "turnover_elasticity": maybe(rng, 0.6, 0.2, 1.5),
        "vacancy_months": int(pick(rng, (0, 0, 1, 3, 6))),
    }


def random_reviews(rng: Rng, stairs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "first": months_between(rng),
        "later": months_between(rng),
        "by_stair": random_rules(rng, stairs),
        "order": pick(rng, ("most_overdue", "most_intrusive")),
    }


def random_rules(rng: Rng, stairs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return follow-up rules for some stairs, some with an early interval."""
    rules = {}
    for key in keys_of(stairs, "home", "care"):
        if chance(rng, 0.3):
            rules[key] = {"first": months_between(rng), "later": months_between(rng)}
            if chance(rng, 0.6):
                early = {"early": months_between(rng), "early_months": int(rng.integers(0, 13))}
                rules[key] |= early
    return rules


def months_between(rng: Rng) -> float:
    """Return an interval: whole months, or a fraction of them."""
    return float(pick(rng, (1, 2, 3, 4, 6, 12, 0.5, 1.5, 2.25, 10 / 3)))


def random_money(rng: Rng, stairs: list[dict[str, Any]]) -> dict[str, Any]:
    n = int(rng.integers(0, 5))
    return {
        "unit_price": {
            key: float(pick(rng, (0, 60_000, 400_000, 1_800_000)))
            for key in keys_of(stairs, "home", "care")
        },
        "price_spread": {
            key: number(rng, 0.0, 1.0) for key in keys_of(stairs, "home", "care") if chance(rng, 0.7)
        },
        **random_refund(rng, n),
    }


def random_refund(rng: Rng, n: int) -> dict[str, list[float]]:
    """Return refund steps of the scenario's own; nothing (the law's of each year) where n is 1."""
    thresholds = sorted(float(x) for x in rng.uniform(5_000, 900_000, n))
    shares = [float(x) for x in rng.uniform(0.0, 1.0, n)]
    return {} if n == 1 else {"refund_threshold": thresholds, "refund_share": shares}


# --- policies -------------------------------------------------------------------------------------


def random_policies(rng: Rng, values: dict[str, Any]) -> dict[str, Any]:
    """Return one to three policies; a later one may build on the first."""
    policies = {"first": random_policy(rng, values)}
    if chance(rng, 0.5):
        policies["second"] = random_policy(rng, values)
    if chance(rng, 0.4):
        causes = ["capacity", "reviews", "practice", "supply"]
        kept = [cause for cause in causes if chance(rng, 0.5)]
        own = {"capacity": {"start_cost": 1_000.0}}
        policies["third"] = {"like": "first", "only": kept, **own}
    return policies


def random_policy(rng: Rng, values: dict[str, Any]) -> dict[str, Any]:
    """Return a policy that changes something, from a random month on."""
    stairs = values["staircase"]
    policy = {
        **random_dates(rng, values),
        "ramp_months": int(pick(rng, (0, 0, 1, 6, 18))),
        "reach": pick(rng, (1.0, 1.0, 0.5, 0.1)),
        "capacity": random_capacity(rng),
        "reviews": some(
            rng,
            {
                "first": months_between(rng),
                "later": months_between(rng),
                "order": pick(rng, ("most_overdue", "most_intrusive")),
                "by_stair": random_rules(rng, stairs),
            },
        ),
        "practice": some(
            rng,
            {
                "orientation": number(rng, 0.0, 3.0),
                "residential_odds": number(rng, 0.0, 3.0),
                "without_leader": number(rng, 0.0, 1.0),
            },
        ),
        "supply": some(
            rng,
            {
                "network_search": number(rng, 0.0, 1.0),
                "outreach": number(rng, 0.0, 4.0),
                "extra_places": {key: int(rng.integers(-6, 7)) for key in limited_keys(stairs)},
                "programmes": random_programmes(rng, values),
                "running_cost": 40_000.0,
            },
        ),
        "world": some(
            rng,
            {
                "effect": pick(rng, (0.0, 1.0, number(rng, 0.0, 1.0))),
                "surveillance": number(rng, 0.0, 2.0),
            },
        ),
    }
    if chance(rng, 0.3):
        names = [d["name"] for d in values["districts"]]
        policy["districts"] = names[: rng.integers(1, len(names) + 1)]
    return policy


def random_programmes(rng: Rng, values: dict[str, Any]) -> dict[str, Any]:
    """Return up to three programmes for children on any stairs whose children are known."""
    keys = keys_of(values["staircase"], "assessment", "home", "care")
    assessed = keys_of(values["staircase"], "assessment")
    programmes = {}
    for name in ("family", "youth", "meeting")[: rng.integers(0, 4)]:
        stair = pick(rng, keys)
        young = int(rng.integers(0, values["leave_age"]))
        programmes[name] = {
            "stair": stair,
            "from_age": pick(rng, (0, 0, young)),
            "to_age": pick(rng, (120, young + 2)),
            "places": int(rng.integers(0, 5)),
            "months": int(rng.integers(1, 9)),
            "lasts": pick(rng, (0, 3, 12)),
            "cost": 30_000.0,
            "crisis": number(rng, 0.0, 3.0),
            "readiness": number(rng, 0.0, 3.0),
            "placed": number(rng, 0.0, 2.0) if stair in assessed else 1.0,
            "gravest_first": chance(rng, 0.5),
        }
    return programmes


def random_capacity(rng: Rng) -> dict[str, Any]:
    """Return new posts, or at least a cost, so that every policy changes something."""
    extra = [pick(rng, (1.0, 0.5, 0.3)) for _ in range(rng.integers(0, 4))]
    leakage = pick(rng, (0.0, 0.0, number(rng, 0.0, 1.0)))
    capacity = {"extra_fte": extra, "team_leader": maybe(rng, 0.4, 0.2, 1.0), "leakage": leakage}
    if not extra or chance(rng, 0.3):
        capacity["start_cost"] = 50_000.0
    return capacity


def random_dates(rng: Rng, values: dict[str, Any]) -> dict[str, str]:
    """Return no dates, a start, or a start and a stop, all months the scenario knows."""
    dates = {}
    start = int(rng.integers(0, values["months"])) if chance(rng, 0.6) else 0
    if start:
        dates["start"] = month_after(values["start"], start)
    if chance(rng, 0.4):
        dates["stop"] = month_after(values["start"], start + int(rng.integers(1, 25)))
    return dates


def month_after(first: str, months: int) -> str:
    """Return the first day of the month so many months after another."""
    year, month, _ = map(int, first.split("-"))
    year, month = divmod(year * 12 + month - 1 + months, 12)
    return f"{year}-{month + 1:02d}-01"


def some(rng: Rng, levers: dict[str, Any]) -> dict[str, Any]:
    """Return a random selection of levers, none or all of them included."""
    p = pick(rng, (0.0, 0.5, 1.0))
    return {name: value for name, value in levers.items() if chance(rng, p)}
