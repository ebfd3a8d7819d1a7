"""Unknowns: the numbers of a scenario that nobody knows exactly, with the range of their evidence.

What a municipality counts (children, posts, places) and what it decides (posts, intervals) is known;
flows follow from the counts. What is left are rates, hours, prices and what a policy does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from experiments.draws import stated_value
from experiments.points import FLOWS
from simulation.parameters import Parameter, parameter
from simulation.policy import Cause
from simulation.provenance import parameter_table
from simulation.scenario import Scenario

Group = Literal["cause", "grade", "section"]
GROUPS: tuple[Group, ...] = get_args(Group)

_SECTIONS = ("children", "work", "money", "baseline")
_WHOLES = ("children.age_at_arrival.", "children.age_at_entry.")
"""Shares of a whole: they cannot move alone."""
_CHOICES = ("capacity.team_leader", "capacity.extra_fte", "capacity.start_cost", "supply.extra_places",
            "supply.running_cost", "supply.programmes", "reviews")  # fmt: skip
"""What a policy decides."""


@dataclass(frozen=True)
class Unknown:
    """A number that is not known exactly.

    `name` is what `points.at_point` takes ("work.follow_up_hours", or of a policy
    "policies.swedish_model.practice.orientation"); value, low and high are at the scenario's price year.
    """

    name: str
    value: float
    low: float
    high: float
    record: Parameter

    @property
    def meaning(self) -> str:
        """What the number is, in words."""
        return self.record.meaning

    @property
    def group(self) -> dict[Group, str]:
        """Return what it belongs to, by each way of grouping."""
        section = self.name.split(".")[0]
        return {
            "cause": cause_of(self.name),
            "grade": self.record.grade,
            "section": "policy" if section == "policies" else section,
        }

    def at(self, u: float) -> float:
        """Return the number at quantile u (0 < u < 1) of its distribution between low and high.

        The distribution of its record, with the scenario's own number as its peak or median.
        """
        from simulation.sampling import quantile

        middle = min(max(self.value, self.low), self.high)
        if self.record.distribution == "lognormal" and middle <= 0.0:
            return float(quantile("triangular", self.low, middle, self.high, u))
        return float(quantile(self.record.distribution, self.low, middle, self.high, u))


def unknowns(scenario: Scenario, policy: str | None = None) -> list[Unknown]:
    """Return the unknowns of a scenario, and those of one of its policies where one is named.

    In the order of the evidence. Raises KeyError where there is no such policy.
    """
    if policy is not None:
        scenario.policy(policy)
    prefix = f"policies.{policy}."
    found = []
    for row in parameter_table(scenario):
        record = row.record
        if record is None or row.low is None or row.high is None or record.distribution == "fixed":
            continue
        is_one = row.low < row.high and (_is_rate(row.path) or _is_lever(row.path, prefix))
        if is_one and stated_value(scenario, row.path) is not None:  # no name replaces a step of a scale
            found.append(Unknown(row.path, row.value, row.low, row.high, record))
    if policy is not None and all(u.name != f"{prefix}world.effect" for u in found):
        found += _effect(scenario, policy)
    return found


def _is_rate(path: str) -> bool:
    return path.split(".")[0] in _SECTIONS and not path.startswith((*FLOWS, *_WHOLES))


def _is_lever(path: str, prefix: str) -> bool:
    return path.startswith(prefix) and not path.removeprefix(prefix).startswith(_CHOICES)


def _effect(scenario: Scenario, policy: str) -> list[Unknown]:
    """Return what a roll-out keeps of a pilot's effect, where the policy has any."""
    record = parameter("policy.effect")
    value = scenario.policy(policy).world.effect
    if not record.low <= value <= record.high or record.low == record.high:
        return []
    return [Unknown(f"policies.{policy}.world.effect", value, record.low, record.high, record)]


_OF_CAUSE: dict[str, Cause] = {
    "work": "capacity", "capacity": "capacity", "children.handover": "capacity",
    "children.crisis_elasticity": "capacity", "children.recognition_elasticity": "capacity",
    "children.attention": "capacity", "children.recognition": "reviews",
    "children.overdue_effect": "reviews", "practice": "practice", "children.premature": "practice",
    "children.early": "practice", "supply": "supply", "baseline.network_search": "supply",
    "baseline.outreach": "supply", "children.has_network": "supply",
}  # fmt: skip
"""Beginnings of names, by the cause through which a policy could act on them."""


def cause_of(name: str) -> str:
    """Return the cause that a number bears on, such as "capacity".

    "contact" for what more contact brings, by whichever cause; "price" for money; "children" for what
    children need whatever anybody does.
    """
    plain = ".".join(name.split(".")[2:]) if name.startswith("policies.") else name
    if plain.startswith("world.surveillance") or plain == "baseline.surveillance":
        return "contact"
    if plain.startswith("money"):
        return "price"
    best = max((b for b in _OF_CAUSE if plain.startswith(b)), key=len, default="")
    return _OF_CAUSE[best] if best else "whole policy" if name.startswith("policies.") else "children"
