"""Random small municipalities and policies for hypothesis: odd ones, with everything moving."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st
from support import MINIMAL

from simulation.policy import Policy
from simulation.scenario import Scenario

SHORT = [
    {"key": "preventive", "label": "Hjemme", "kind": "home"},
    {"key": "residential_care", "label": "Institution", "kind": "care"},
]
LONG = [
    {"key": "unseen", "label": "Ikke set", "kind": "hidden"},
    {"key": "advice", "label": "Rådgivning", "kind": "home"},
    {"key": "family_help", "label": "Familiebehandling", "kind": "home"},
    {"key": "kin", "label": "Slægt", "kind": "care", "family_like": True, "needs_network": True},
    {"key": "foster", "label": "Plejefamilie", "kind": "care", "family_like": True, "limited": True},
    {"key": "school", "label": "Kostskole", "kind": "care", "limited": True, "youngest": 12},
    {"key": "institution", "label": "Institution", "kind": "care"},
]
DEFAULT = [
    {"key": "undetected", "kind": "hidden"},
    {"key": "assessment", "kind": "assessment"},
    {"key": "preventive", "kind": "home"},
    {"key": "own_room", "kind": "care"},
    {"key": "network_care", "kind": "care", "family_like": True},
    {"key": "foster_care", "kind": "care", "family_like": True, "limited": True},
    {"key": "residential_care", "kind": "care"},
]


def _or_none(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


def _per(keys: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({key: values for key in keys})


@st.composite
def scenarios(draw: st.DrawFn, most_months: int = 30) -> Scenario:
    """Draw a scenario: few children, few hours, rates far above life."""
    stairs = draw(st.sampled_from([DEFAULT, SHORT, LONG]))
    keys = [x["key"] for x in stairs]
    helped = [x["key"] for x in stairs if x["kind"] in ("home", "care")]
    care = [x["key"] for x in stairs if x["kind"] == "care"]
    limited = [x["key"] for x in stairs if x.get("limited")]
    unlike_families = [x["key"] for x in stairs if x["kind"] == "care" and not x.get("family_like")]
    small, chance = st.integers(0, 6), st.floats(0, 1)
    district = st.fixed_dictionaries(
        {
            "inflow": st.floats(0, 60),
            "caseworkers": st.lists(st.sampled_from([0.0, 0.3, 0.5, 1.0]), max_size=3),
            "places": _per(limited, small),
            "start": _per(keys, small),
        }
    )
    first, months = date(2015, draw(st.integers(1, 12)), 1), draw(st.integers(1, most_months))
    districts = draw(st.lists(district, min_size=1, max_size=2))
    opens = st.integers(0, months - 1).map(lambda m: {"fte": 0.5, "begins": _month_after(first, m)})
    later = [{"later_posts": draw(st.lists(opens, max_size=2))} for _ in districts]
    data: dict[str, Any] = {
        **MINIMAL,
        "start": first,
        "months": months,
        "districts": [
            {"name": f"d{i}", **d, **posts}
            for i, (d, posts) in enumerate(zip(districts, later, strict=True))
        ],
        "children": {
            "closed_after_assessment": draw(st.floats(0, 0.6)),
            "placed_after_assessment": draw(st.floats(0, 0.4)),
            "severity_growth": draw(st.floats(0, 1)),
            "readiness_rate": draw(_per(helped, st.floats(0, 8))),
            "crisis_rate": draw(_per(helped, st.floats(0, 4))),
            "planned_up": draw(_per(helped[:-1], st.floats(0, 0.4))),
            "home_share": draw(_per(care, chance)),
            "entry_share": {key: [draw(chance) / len(unlike_families)] * 4 for key in unlike_families},
            "premature": draw(st.floats(0, 0.5)),
            "crisis_elasticity": draw(st.floats(-1, 1)),
            "reentry_rate": draw(st.floats(0, 4)),
            "reentry_months": draw(st.integers(0, 12)),
            "handover_months": draw(st.integers(0, 6)),
        },
        "work": {
            "case_hours": draw(st.floats(0, 150)),
            "new_worker_factor": draw(chance),
            "follow_up_hours": draw(st.floats(0.5, 12)),
            "assessment_hours": draw(st.floats(1, 40)),
            "assessment_wait": draw(st.one_of(st.just(0.0), st.floats(0.2, 8))),
            "reactive_hours": draw(st.floats(0, 4)),
            "weight": draw(_per([k for k in keys if k in helped], st.floats(0.2, 3))),
            "turnover_rate": draw(st.floats(0, 4)),
            "vacancy_months": draw(st.integers(0, 4)),
        },
        "money": {
            "unit_price": draw(_per(helped, st.floats(0, 4e6))),
            "price_spread": draw(_per(helped, chance)),
        },
    }
    if stairs is not DEFAULT:
        data["staircase"] = stairs
    return Scenario.model_validate(data)


@st.composite
def policies(draw: st.DrawFn, s: Scenario) -> Policy:
    """Draw a policy for a scenario, with any of the levers pulled either way."""
    limited = [x.key for x in s.staircase if x.limited]
    begin = draw(st.integers(0, s.months - 1))
    end = draw(_or_none(st.integers(begin + 1, s.months + 6)))
    interval = _or_none(st.floats(0.5, 14))
    factor = _or_none(st.floats(0, 3))
    posts = st.lists(st.sampled_from([0.25, 0.5, 1.0]), max_size=2)
    return Policy.model_validate(
        {
            "start": _month(s, begin),
            "stop": None if end is None else _month(s, end),
            "ramp_months": draw(st.integers(0, 12)),
            "districts": draw(_or_none(st.just([s.districts[0].name]))),
            "reach": draw(st.sampled_from([0.0, 0.5, 1.0])),
            "capacity": {
                "extra_fte": draw(posts),
                "team_leader": draw(st.sampled_from([0.0, 0.5])),
                "leakage": draw(st.sampled_from([0.0, 0.4, 1.0])),
                "start_cost": draw(_or_none(st.floats(0, 1e6))),
            },
            "reviews": {
                "first": draw(interval),
                "later": draw(interval),
                "order": draw(_or_none(st.sampled_from(["most_overdue", "most_intrusive"]))),
            },
            "practice": {"orientation": draw(factor), "residential_odds": draw(factor)},
            "supply": {
                "network_search": draw(_or_none(st.floats(0, 1))),
                "outreach": draw(factor),
                "extra_places": draw(_per(limited, st.integers(-6, 6))),
                "programmes": draw(_programmes(s)),
                "running_cost": draw(st.sampled_from([0.0, 60_000.0])),
            },
            "world": {"effect": draw(st.sampled_from([0.0, 0.5, 1.0])), "surveillance": draw(factor)},
        }
    )


def _programmes(s: Scenario) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for up to three programmes on stairs whose children are known."""
    factor = st.floats(0, 3)
    programme = st.fixed_dictionaries(
        {
            "stair": st.sampled_from([x.key for x in s.staircase if x.is_case]),
            "from_age": st.integers(0, 10),
            "places": st.integers(0, 4),
            "months": st.integers(1, 9),
            "lasts": st.sampled_from([0, 4]),
            "cost": st.floats(0, 1e5),
            "crisis": factor,
            "readiness": factor,
            "gravest_first": st.booleans(),
        }
    )
    return st.dictionaries(st.sampled_from(["family", "youth", "meeting"]), programme, max_size=3)


def _month(s: Scenario, month: int) -> date:
    return _month_after(s.start, month)


def _month_after(first: date, months: int) -> date:
    whole = first.month - 1 + months
    return date(first.year + whole // 12, whole % 12 + 1, 1)
