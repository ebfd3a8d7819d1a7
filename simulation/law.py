"""What the state lays down, by calendar year: refund of costly single cases, rates of society's view.

Values are records whose names end in a year (`data/evidence/prices.toml`). What a scenario states itself
holds instead, for all years.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from simulation.parameters import by_year, nearest_known, on_the_line, parameters, price_factor
from simulation.policy import Policy
from simulation.sections import ScenarioFields as Scenario


class RefundStep(NamedTuple):
    """One step of the state refund: the state's share of a child's cost above a threshold."""

    threshold: float  # DKK in a calendar year
    share: float


def refund_steps(s: Scenario, year: int) -> tuple[RefundStep, ...]:
    """Return the refund steps of a calendar year, at the scenario's price level."""
    thresholds, shares = s.money.refund_threshold, s.money.refund_share
    if thresholds is None or shares is None:
        return legal_refund_steps(year, s.price_year)
    return tuple(RefundStep(*step) for step in zip(thresholds, shares, strict=True))


@cache
def legal_refund_steps(year: int, price_year: int) -> tuple[RefundStep, ...]:
    """Return the refund steps that the law had in `year`, thresholds at the level of `price_year`.

    Serviceloven § 176 a: two steps; from 2021 Serviceloven § 176, then Barnets lov § 198: three. Years
    before the first record have its rule.
    """
    shares = [by_year(f"refund.share.{step}") for step in _refund_numbers()]
    year_of_rule = max(year, min(min(share) for share in shares))
    return tuple(
        RefundStep(_threshold(step, year) * price_factor(year, price_year), in_force(share, year_of_rule))
        for step, share in zip(_refund_numbers(), shares, strict=True)
        if min(share) <= year_of_rule
    )


def _refund_numbers() -> list[str]:
    return sorted({name.split(".")[2] for name in parameters() if name.startswith("refund.share.")})


def _threshold(step: str, year: int) -> float:
    """Return the threshold of a step in `year`, at that year's level."""
    levels = by_year(f"refund.threshold.{step}")
    known = nearest_known(levels, year)
    return on_the_line(levels, known) * price_factor(known, year)


def in_force(series: dict[int, float], year: int) -> float:
    """Return the value that holds in `year`: that of the latest year so far, or else of the first."""
    return series[max((y for y in series if y <= year), default=min(series))]


def discount_rate(s: Scenario, policy: Policy) -> float:
    """Return society's discount rate per year: the scenario's own, or the one at the policy's start."""
    if s.money.discount_rate is not None:
        return s.money.discount_rate
    return in_force(by_year("society.discount_rate"), _first_year(s, policy))


def tax_distortion(s: Scenario, policy: Policy) -> float:
    """Return what each krone of taxes costs society on top, by the guide at the policy's start."""
    return in_force(by_year("society.tax_distortion"), _first_year(s, policy))


def _first_year(s: Scenario, policy: Policy) -> int:
    return (policy.start or s.start).year
