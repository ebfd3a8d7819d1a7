"""Levers by keyword: a policy changed here and there without writing a file."""

from __future__ import annotations

import difflib
from typing import Any

import numpy as np
from pydantic import ValidationError

from simulation.messages import explained, posts_of
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
        raise ValueError(explained(error, Policy)) from None


def posts(fte: Any) -> tuple[float, ...]:
    """Return full-time shares of posts that make up `fte`: 1.5 gives (1.0, 0.5), a list stays as it is.

    Raises ValueError where it is neither a number from 0 to 1000 nor a list of shares.
    """
    if isinstance(fte, (tuple, list, np.ndarray)):
        return tuple(fte)
    if (
        isinstance(fte, (bool, str))
        or not isinstance(fte, (int, float, np.number))
        or not 0 <= fte <= 1000
    ):
        raise ValueError(
            f"extra_fte = {fte!r} must be a number from 0 to 1000, or one share per post: (1.0, 0.5)"
        )
    return posts_of(float(fte))


def _near(name: str) -> str:
    match = difflib.get_close_matches(name, LEVERS, n=1)
    return f"; did you mean {match[0]!r}?" if match else f"; the levers are {', '.join(LEVERS)}"
