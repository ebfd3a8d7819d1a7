"""Arguments: what is given to `PlacementModel`, made sure of."""

from __future__ import annotations

import difflib
from typing import Any

import numpy as np

from simulation.levers import LEVERS, with_levers
from simulation.policy import Policy
from simulation.randomness import LARGEST_SEED
from simulation.scenario import Scenario


def study_seed(rng: Any) -> int:
    """Return a study seed from what Mesa users give as `rng`; None: a fresh one.

    Raises ValueError where it is neither a whole number from 0 to 2**32 - 1 nor a numpy source of one.
    """
    if rng is None:
        rng = np.random.SeedSequence()
    if isinstance(rng, np.random.SeedSequence):
        return int(rng.generate_state(1)[0])
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(LARGEST_SEED + 1))
    return whole("rng", rng)


def whole(name: str, value: Any) -> int:
    """Return the whole number from 0 to 2**32 - 1 that an argument is; ValueError where it is none."""
    text = str(value)
    if isinstance(value, bool) or not text.isdecimal() or int(text) > LARGEST_SEED:
        raise ValueError(f"{name} = {value!r} must be a whole number from 0 to {LARGEST_SEED}")
    return int(text)


def policy_in_force(scenario: Scenario, policy: str | Policy | None, levers: dict[str, Any]) -> Policy:
    """Return a policy by name or as given (None: as today), with the levers among `levers` that are set.

    Raises ValueError where it is neither, or refers to another policy by `like`; KeyError where the
    scenario has none of that name.
    """
    if not (policy is None or isinstance(policy, (str, Policy))):
        raise ValueError(f"policy = {policy!r} must be the name of a policy, or a Policy")
    named = scenario.policy(policy) if isinstance(policy, str) else policy
    if named is not None and named.like and named not in scenario.policies.values():
        raise ValueError(
            f"like = {named.like!r} is resolved when a file is read; change a policy that was read "
            "instead: scenario.policies[...].model_copy(update=...)"
        )
    return with_levers(named, {name: levers[name] for name in LEVERS})


def refuse_unknown(kwargs: dict[str, Any]) -> None:
    """Raise ValueError for a keyword that the model does not take, naming the nearest one."""
    if "seed" in kwargs:
        raise ValueError("give the seed as rng=..., not seed=... (Mesa drops seed in its next version)")
    known = [*LEVERS, "scenario", "policy", "rng", "replicate", "events", "district"]
    for name in kwargs:
        match = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {match[0]!r}?" if match else f"the keywords are {', '.join(known)}"
        raise ValueError(f"PlacementModel takes no keyword {name!r}; {hint}")
