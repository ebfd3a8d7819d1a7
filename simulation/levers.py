"""Levers by keyword: a policy changed here and there without writing a file."""

from __future__ import annotations

import difflib
from typing import Any

from pydantic import ValidationError

from simulation.policy import Policy

LEVERS: dict[str, tuple[str, ...]] = {
    "extra_fte": ("capacity", "extra_fte"),
    "team_leader": ("capacity", "team_leader"),
    "leakage": ("capacity", "leakage"),
    "start_cost": ("capacity", "start_cost"),
    "follow_up_first": ("reviews", "first"),
    "follow_up_later": ("reviews", "later"),
    "follow_up_order": ("reviews", "order"),
    "orientation": ("practice", "orientation"),
    "residential_odds": ("practice", "residential_odds"),
    "without_leader": ("practice", "without_leader"),
    "network_search": ("supply", "network_search"),
    "extra_places": ("supply", "extra_places"),
    "outreach": ("supply", "outreach"),
    "effect": ("world", "effect"),
    "surveillance": ("world", "surveillance"),
    "reach": ("reach",),
    "ramp_months": ("ramp_months",),
}
"""Every lever and where it stands in a policy."""


def with_levers(policy: Policy | None, levers: dict[str, Any]) -> Policy:
    """Return `policy` (None: as today) with the levers that are not None.

    `extra_fte` may be one number: 1.5 means posts of 1 and 0.5. Raises ValueError naming the lever, its
    value and what is allowed.
    """
    data = (policy or Policy()).model_dump()
    for name, value in levers.items():
        if name not in LEVERS:
            raise ValueError(f"no lever {name!r}{_near(name)}")
        if value is None:
            continue
        *section, field = LEVERS[name]
        target = data[section[0]] if section else data
        target[field] = posts(value) if name == "extra_fte" else value
    try:
        return Policy.model_validate(data)
    except ValidationError as error:
        from simulation.messages import explained

        raise ValueError(explained(error, Policy)) from None


def posts(fte: float | tuple[float, ...] | list[float]) -> tuple[float, ...]:
    """Return full-time shares of posts that make up `fte`: 1.5 gives (1.0, 0.5)."""
    if isinstance(fte, (tuple, list)):
        return tuple(fte)
    whole = int(fte)
    rest = round(fte - whole, 6)
    return (1.0,) * whole + ((rest,) if rest else ())


def _near(name: str) -> str:
    match = difflib.get_close_matches(name, LEVERS, n=1)
    return f"; did you mean {match[0]!r}?" if match else f"; the levers are {', '.join(LEVERS)}"
