"""Posts and dates: how many posts make up so many cases per FTE, and when they open."""

from __future__ import annotations

import math
from datetime import date

from simulation.scenario import Scenario


def posts_of(fte: float) -> tuple[float, ...]:
    """Return posts, all alike, that make up `fte`."""
    n = math.ceil(fte)
    return (fte / n,) * n if n else ()


def posts_to_reach(s: Scenario, now: float, wanted: float) -> tuple[float, ...]:
    """Return the posts that bring a scenario with `now` cases per FTE to `wanted`."""
    return posts_of(s.fte * (now / wanted - 1.0))


def months_after(start: date, months: int) -> date:
    """Return the first day of the month that is `months` after the month of `start`."""
    years, month = divmod(start.month - 1 + months, 12)
    return date(start.year + years, month + 1, 1)
