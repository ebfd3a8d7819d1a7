"""Horizon: a scenario made longer or shorter."""

from __future__ import annotations

from simulation.checks import check_scenario
from simulation.scenario import Scenario


def with_months(scenario: Scenario, months: int) -> Scenario:
    """Return a scenario of `months` months, without the posts that would open after its end.

    Raises ValueError where a policy would start after the end, or months is not 1 to 1200.
    """
    if not 1 <= months <= 1200:
        raise ValueError(f"months = {months} must lie between 1 and 1200")
    districts = tuple(
        d.model_copy(
            update={
                "later_posts": tuple(p for p in d.later_posts if scenario.month_of(p.begins) < months)
            }
        )
        for d in scenario.districts
    )
    changed = scenario.model_copy(update={"months": months, "districts": districts})
    check_scenario(changed)
    return changed
