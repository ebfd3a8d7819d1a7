"""Own agents: a comparison in which children or caseworkers behave as a class of one's own says.

    class Anchored(Child): ...
    study = compare_agents("fano", ["swedish_model"], child_class=Anchored, replicates=100)

By the agents only, since the kernel knows no other behaviour than the model's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from experiments.results import Study
from experiments.runner import BASELINE, Plan, arm_of
from simulation.agents import Caseworker, Child
from simulation.checks import check_scenario
from simulation.policy import Policy
from simulation.reading import find_scenario
from simulation.replicates import ledgers_by_agents
from simulation.scenario import Scenario


def compare_agents(
    scenario: str | Path | Scenario,
    policies: Sequence[str] | None = None,
    *,
    child_class: type[Child] = Child,
    caseworker_class: type[Caseworker] = Caseworker,
    replicates: int = 100,
    seed: int = 1,
) -> Study:
    """Return a study of policies against the baseline, with agents of these classes in all of them.

    With the model's own classes the histories are those of `compare` for the same seed, to the last bit;
    studies of different classes meet the same luck too, so that their difference is due to the class.
    Parameters stand at their values. Nothing is kept on disk.

    Args:
        scenario: name, path of a TOML file, or Scenario.
        policies: names of policies; None: all.
        child_class: Child, or a subclass.
        caseworker_class: Caseworker, or a subclass.
        replicates: random histories per policy; one of Fanø over five years takes some 0.02 seconds.
        seed: study seed, 0 to 2**32 - 1.

    Raises:
        ScenarioError, KeyError: no such scenario or policy. ValueError: fewer than 1 replicate.
    """
    if replicates < 1:
        raise ValueError(f"replicates = {replicates} must be at least 1")
    found = find_scenario(scenario)
    chosen = tuple(dict.fromkeys(found.policies if policies is None else policies))
    levers = {BASELINE: None, **{name: found.policy(name) for name in chosen}}
    arms = {
        name: arm_of(
            ledgers_by_agents(
                found, policy, seed, replicates=replicates, child_class=child_class,
                caseworker_class=caseworker_class,
            ),
            found,
        )
        for name, policy in levers.items()
    }  # fmt: skip
    return Study(Plan(found, chosen, seed, "agents"), arms)


def with_policy(scenario: Scenario, name: str, policy: Policy) -> Scenario:
    """Return the scenario with one more policy, or another one of that name.

    Raises ValueError where the policy does not fit the scenario, or refers to another (`like`), which is
    resolved only when a file is read.
    """
    if policy.like:
        raise ValueError(
            f"like = {policy.like!r}: change a policy that was read, by model_copy(update=...)"
        )
    if name == BASELINE:
        raise ValueError(f"name = {name!r} is what carrying on as today is called; choose another")
    changed = scenario.model_copy(update={"policies": {**scenario.policies, name: policy}})
    check_scenario(changed)
    return changed
