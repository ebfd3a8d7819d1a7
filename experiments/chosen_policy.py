"""The policy that is meant where a command or a page may leave it unsaid: the scenario's first."""

from __future__ import annotations

from simulation.scenario import Scenario


def chosen_policy(scenario: Scenario, policy: str | None = None) -> str:
    """Return the key of the policy that is meant: `policy`, or else the scenario's first.

    Raises KeyError where there is no such policy, ValueError where the scenario has none at all.
    """
    name = policy or next(iter(scenario.policies), None)
    if name is None:
        raise ValueError(f"{scenario.label} has no policy to ask about; write one: [policies.<name>]")
    scenario.policy(name)
    return name
