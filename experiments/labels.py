"""Labels: short names of numbers, their values and outcomes for tables and figures."""

from __future__ import annotations

from experiments.results import year_label
from experiments.sweep.outcomes import KEPT
from experiments.unknowns import Group, Unknown
from simulation.scenario import Scenario

_LABELS = {
    "children.has_network": "{People} with kin who could take them",
    "children.severity_sd": "How far needs differ at the start",
    "children.severity_growth": "Growth of undetected need",
    "children.detection_rate": "How fast need is detected",
    "children.hidden_crisis_rate": "Crises of the undetected",
    "children.hidden_recovery_rate": "Undetected need that fades",
    "children.closed_after_assessment": "Assessments that end without support",
    "children.placed_age_factor": "Placement after assessment, teenagers",
    "children.readiness_rate": "Readiness to move down: {stair}",
    "children.crisis_rate": "Crisis rate: {stair}",
    "children.teen_crisis_factor": "Crisis rate of teenagers",
    "children.planned_up": "Moves up at follow-ups: {stair}",
    "children.recognition": "Follow-ups that see readiness",
    "children.recognition_elasticity": "Attention's effect on seeing readiness",
    "children.crisis_elasticity": "Attention's effect on crises",
    "children.overdue_effect": "Overdue follow-ups' effect on crises",
    "children.premature": "Moves down before {person} is ready",
    "children.early_hr": "Crises after moving down too early",
    "children.early_months": "Months at risk after moving too early",
    "children.handover_months": "Months of handover to a new worker",
    "children.handover_penalty": "Seeing readiness during a handover",
    "children.handover_hr": "Crises during a handover",
    "children.home_share": "Moves down that go home: {stair}",
    "children.breakdown_up": "Breakdowns that lead one stair up",
    "children.reentry_rate": "Closed cases that open again",
    "work.case_hours": "Hours for cases per caseworker",
    "work.sickness": "Working time lost to sickness",
    "work.new_worker_factor": "Hours of a new caseworker",
    "work.new_worker_months": "Months a caseworker is new",
    "work.reactive_hours": "Hours a case takes by itself",
    "work.assessment_hours": "Hours for an assessment",
    "work.assessment_wait": "Wait for others at assessments",
    "work.follow_up_hours": "Hours for a follow-up",
    "work.weight": "Work per case: {stair}",
    "work.guaranteed_share": "Hours kept under overload: {last}",
    "work.turnover_rate": "Turnover of caseworkers",
    "work.turnover_elasticity": "Attention's effect on turnover",
    "work.vacancy_months": "Months a post stands empty",
    "money.unit_price": "Price: {stair}",
    "money.price_spread": "Spread of prices: {stair}",
    "money.salary": "Salary of a caseworker",
    "money.overhead": "Overhead on salaries",
    "money.leader_factor": "Cost of a team leader",
    "money.start_cost_per_fte": "Start cost per new post",
    "baseline.network_search": "Kin found by today's search",
    "policy.ramp_months": "Policy: months until in force",
    "policy.practice.orientation": "Policy: practice, seeing readiness",
    "policy.practice.residential_odds": "Policy: practice, residential entries",
    "policy.practice.without_leader": "Policy: practice without a leader",
    "policy.supply.network_search": "Policy: kin found by search",
    "policy.supply.outreach": "Policy: outreach, detection",
    "policy.world.surveillance": "Policy: extra need found by contact",
    "policy.world.effect": "Policy: effect that a roll-out keeps",
}
_LONGEST = 52
"""Letters of a label, at most."""

_GROUPS: dict[Group, dict[str, str]] = {
    "cause": {
        "capacity": "Capacity: caseworkers' time", "reviews": "Reviews: follow-ups",
        "practice": "Practice", "supply": "Supply: kin and outreach", "contact": "More contact",
        "price": "Prices", "children": "What {people} need", "whole policy": "The policy as a whole",
    },
    "grade": {g: f"Grade {g}" for g in "ABCD"},
    "section": {
        "children": "{People}", "work": "Work", "money": "Money", "baseline": "Levers as today",
        "policy": "The policy",
    },
}  # fmt: skip


def label(number: Unknown, scenario: Scenario) -> str:
    """Return a short name of a number for people, such as "Price: residential care"."""
    name = plain_name(number.name)
    stem, _, last = name.rpartition(".")
    found = _LABELS.get(name) or _LABELS.get(stem) or number.meaning
    text = found.format(
        stair=_stair(scenario, last), last=last.replace("follow_ups", "follow-ups"), **_words(scenario)
    )
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def plain_name(name: str) -> str:
    """Return a number's name without its policy's: "policy.supply.outreach"."""
    return "policy." + ".".join(name.split(".")[2:]) if name.startswith("policies.") else name


def _stair(scenario: Scenario, key: str) -> str:
    if key not in scenario.staircase.keys:
        return key.replace("_", " ")
    name = scenario.staircase[scenario.staircase.index(key)].name.partition(",")[0]
    return name[:1].lower() + name[1:]


def _words(scenario: Scenario) -> dict[str, str]:
    people = scenario.people
    article = "an" if scenario.person[0] in "aeiou" else "a"
    return {
        "people": people, "People": people[:1].upper() + people[1:],
        "person": f"{article} {scenario.person}",
    }  # fmt: skip


def label_of_group(group: Group, key: str, scenario: Scenario) -> str:
    """Return the name of a group of numbers for people."""
    return _GROUPS[group].get(key, key).format(**_words(scenario))


def in_short(x: float, unit: str = "") -> str:
    """Return a value of a number with three digits that count and its unit: 33.2 h, 27 %, 1.16 m kr."""
    if unit.startswith("share"):
        return f"{_three(100 * x)} %"
    plain = f"{_three(x / 1e6)} m" if abs(x) >= 1e6 else _three(x)
    return _UNITS.get(unit, "{x}").format(x=plain)


def _three(x: float) -> str:
    return f"{float(f'{x:.3g}'):,.6g}"


_UNITS = {
    "DKK per year": "{x} kr.", "DKK, once": "{x} kr.", "factor": "×{x}", "odds ratio": "×{x}",
    "hours": "{x} h", "hours per month": "{x} h", "months": "{x} mo.", "per year": "{x}/yr",
}  # fmt: skip
"""Units as they stand behind a value."""


def timed(outcome: str, months: int) -> str:
    """Return an outcome's name for people with the time that it is about."""
    name = KEPT[outcome].label
    has_its_own = name.endswith("last year") or outcome == "break_even_month"
    return name if has_its_own else f"{name} over {year_label(months)}"


def percent(share: float) -> str:
    """Return a share in whole per cent; what is not defined as "none"."""
    return f"{round(100 * share)} %" if share == share else "none"


def unit(outcome: str, scenario: Scenario) -> str:
    """Return an outcome's unit for people; kroner in millions, at the scenario's prices."""
    plain = KEPT[outcome].unit
    if plain == "DKK":
        return f"m DKK, {scenario.price_year} prices"
    return scenario.in_words(plain.replace("child-months", f"{scenario.person}-months"))


def scale(outcome: str) -> float:
    """Return what an outcome is divided by for people."""
    return 1e6 if KEPT[outcome].unit == "DKK" else 1.0


def digits(largest: float) -> int:
    """Return how many decimals numbers of this size are given."""
    return 0 if largest >= 50 else 1 if largest >= 1 else 3


def signed(x: float, decimals: int) -> str:
    """Return a number without a minus before zero."""
    text = f"{x:.{decimals}f}"
    return text[1:] if float(text) == 0.0 and text.startswith("-") else text
