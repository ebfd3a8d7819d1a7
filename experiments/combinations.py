"""Combinations: a policy with its causes kept apart, and the two bad worlds that stand beside it."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.runner import BASELINE
from experiments.shapley import Coalition, coalitions
from simulation.policy import CAUSES, CONTACT, Cause, Policy, brings_contact
from simulation.scenario import Scenario
from simulation.tables import build_tables

NULL, PERVERSE = "null", "perverse"
"""Policies of these names are the two unfavourable worlds that stand beside the whole."""

EVERYTHING: Coalition = frozenset(CAUSES)


@dataclass(frozen=True)
class Question:
    """A policy with its causes kept apart, and the causes that it really changes.

    `scenario` has a policy for every combination of the causes that differs from the baseline, and for
    the worlds; `arms` names the one that stands for each of the 16 combinations.
    """

    policy: str
    label: str
    english: str
    changed: tuple[Cause, ...]
    scenario: Scenario
    arms: dict[Coalition, str]
    worlds: dict[str, str]


def question(scenario: Scenario, policy: str | None = None) -> Question:
    """Return what has to be run to attribute a policy's effect to its causes.

    `policy` is by default the first one that changes two causes or more. Raises KeyError where there is
    no such policy, ValueError where there is none to choose, or where it finds more need
    (`world.surveillance`) without more contact.
    """
    name = _first_bundle(scenario) if policy is None else policy
    whole = scenario.policy(name)
    changed = changed_causes(scenario, whole)
    _refuse_need_without_contact(scenario, name, whole, changed)
    arms = {kept: name_of(kept & frozenset(changed)) for kept in coalitions(CAUSES)}
    policies = {
        name_of(kept): _told(whole.keeping(kept), f"{name}: {name_of(kept)}")
        for kept in coalitions(changed)
        if kept
    }
    worlds = {}
    for world, what in _worlds(scenario, name).items():
        differs = _differ(scenario, what, None)
        worlds[world] = world if differs else BASELINE
        if differs:
            policies[world] = _told(what, f"{name}: {world}")
    alone = scenario.model_copy(update={"policies": policies})
    return Question(name, whole.label, whole.english, changed, alone, arms, worlds)


def changed_causes(scenario: Scenario, policy: Policy) -> tuple[Cause, ...]:
    """Return the causes without which the policy would not be the same."""
    bare = _without_surveillance(policy)
    return tuple(
        cause
        for cause in CAUSES
        if _differ(scenario, bare, bare.keeping([c for c in CAUSES if c != cause]))
    )


def _first_bundle(scenario: Scenario) -> str:
    for name, policy in scenario.policies.items():
        if len(changed_causes(scenario, policy)) > 1:
            return name
    raise ValueError(
        f"{scenario.label} has no policy that changes two causes or more ({', '.join(CAUSES)}), so there "
        f"is nothing to share out; its policies are: {', '.join(scenario.policies) or 'none'}"
    )


def _refuse_need_without_contact(
    scenario: Scenario, name: str, policy: Policy, changed: tuple[Cause, ...]
) -> None:
    if not brings_contact(changed) and _differ(scenario, policy, _without_surveillance(policy)):
        raise ValueError(
            f"policies.{name}.world.surveillance = {policy.world.surveillance}: more need is found by "
            f"more contact, which comes from {' or '.join(CONTACT)}, and this policy changes neither, so "
            "that it belongs to no cause; leave it out, or change one of the two"
        )


def _without_surveillance(policy: Policy) -> Policy:
    world = policy.world.model_copy(update={"surveillance": None})
    return policy.model_copy(update={"world": world})


def _differ(scenario: Scenario, one: Policy, other: Policy | None) -> bool:
    """Return whether two policies are anything different to the engines, in costs or otherwise."""
    other = other or Policy(reach=one.reach, districts=one.districts)
    pairs = zip(build_tables(scenario, one), build_tables(scenario, other), strict=True)
    return any(a.tobytes() != b.tobytes() for a, b in pairs)


def name_of(kept: Coalition) -> str:
    """Return the name of a combination of causes, such as capacity+reviews."""
    return "+".join(c for c in CAUSES if c in kept) or BASELINE


def _told(policy: Policy, about: str) -> Policy:
    """Return a policy that stands on its own feet and says what it is part of."""
    return policy.model_copy(
        update={"label": "", "english": "", "about": about, "like": None, "only": None}
    )


def _worlds(scenario: Scenario, name: str) -> dict[str, Policy]:
    """Return the null and the perverse world of a policy, as far as there are any.

    A world of the scenario belongs to the policy where it takes over from it, or from none. The null
    world is otherwise the policy with effect 0.
    """
    whole = scenario.policy(name)
    nothing = whole.world.model_copy(update={"effect": 0.0})
    found = {
        world: scenario.policies[world]
        for world in (NULL, PERVERSE)
        if world in scenario.policies and world != name and _belongs(scenario, world, name)
    }
    return {NULL: whole.model_copy(update={"world": nothing}), **found}


def _belongs(scenario: Scenario, world: str, name: str) -> bool:
    taken_over = []
    at: str | None = scenario.policies[world].like
    while at is not None:
        taken_over.append(at)
        at = scenario.policies[at].like
    return not taken_over or name in taken_over
