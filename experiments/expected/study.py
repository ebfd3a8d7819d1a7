"""Expected values of a scenario's policies: the short table of a comparison, without any history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.business_case import chosen_policies
from experiments.runner import BASELINE
from simulation import costs
from simulation.accounts import Floats, Ledger, by_year, months_covered
from simulation.expected import expected_ledger
from simulation.outcomes import measured
from simulation.scenario import Scenario

SAVING = "net_saving"
LAST_YEAR = ("n_in_care", "n_residential", "caseload", "achieved_interval")
FIGURES = (SAVING, *LAST_YEAR)
"""The short table: net saving over the whole time in DKK, and outcomes of the last year."""


@dataclass(frozen=True)
class Expected:
    """Expected ledgers [month, column] of the baseline and of policies, by name."""

    scenario: Scenario
    ledgers: dict[str, Floats]

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies, without the baseline."""
        return tuple(name for name in self.ledgers if name != BASELINE)

    def figures(self, name: str) -> dict[str, float]:
        """Return FIGURES of one arm; the net saving of the baseline is 0."""
        found = figures(self.ledgers[name], self.scenario)
        found[SAVING] = self.net_cost(BASELINE) - self.net_cost(name)
        return found

    def net_cost(self, name: str) -> float:
        """Return the municipality's net cost over the whole time, DKK."""
        return float(costs.net(Ledger(self.ledgers[name], self.scenario.staircase)).sum())

    def saving_by_year(self, name: str) -> Floats:
        """Return [year]: the net saving, DKK."""
        stairs = self.scenario.staircase
        before, after = (
            measured("net_cost", by_year(self.ledgers[arm], stairs), stairs) for arm in (BASELINE, name)
        )
        return before - after


def figures(ledger: Floats, scenario: Scenario) -> dict[str, float]:
    """Return LAST_YEAR of a ledger [month, column]."""
    stairs = scenario.staircase
    years, covered = by_year(ledger, stairs), months_covered(scenario.months)
    return {name: float(measured(name, years, stairs, covered)[-1]) for name in LAST_YEAR}


def expect(
    scenario: Scenario, policies: Sequence[str] | None = None, district: str | None = None
) -> Expected:
    """Return expected values of the baseline and of policies (None: all).

    Raises KeyError where there is no such policy or district, ValueError where a policy has programmes.
    """
    names = chosen_policies(scenario, policies)
    ledgers = {BASELINE: expected_ledger(scenario, None, district)}
    for name in names:
        ledgers[name] = expected_ledger(scenario, scenario.policy(name), district)
    return Expected(scenario, ledgers)
