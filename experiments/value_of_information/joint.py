"""Joint: samples of all that is not known about a scenario and its policies, each one possible world.

A sample takes one draw from the posterior, with its correlations. What the posterior does not hold is
drawn from its own record, independently. A record is one fact about the world: where several policies
state it (what a change of practice does), all take the same quantile of it in the same sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.draws import ROLL_OUT, draws, numbers_at, posterior, stated_value, was_fitted
from experiments.points import FLOWS
from experiments.unknowns import Group, Unknown, unknowns
from simulation.accounts import Floats
from simulation.parameters import parameters
from simulation.scenario import Scenario
from simulation.tables import Ints
from simulation.values import LEVER_OF_RECORD, with_values

LEAST_U = 1e-12
"""Quantiles lie between this and 1 less this."""


@dataclass(frozen=True)
class Quantity:
    """One fact about the world that is not known exactly, and all unknowns that state it.

    `name` is that of a number of today ("work.follow_up_hours"), or of the record that one or more
    policies state ("policy.orientation"). `is_drawn`: the posterior holds it.
    """

    name: str
    stated: tuple[Unknown, ...]
    is_drawn: bool

    @property
    def meaning(self) -> str:
        """What it is, in words."""
        return self.stated[0].meaning

    @property
    def grade(self) -> str:
        """Grade of its record."""
        return self.stated[0].record.grade

    @property
    def group(self) -> dict[Group, str]:
        """What it belongs to, by each way of grouping."""
        return self.stated[0].group


@dataclass(frozen=True)
class Joint:
    """Samples of all quantities: possible worlds, all as likely.

    `x` [sample, quantity] are the numbers that stand in the scenario, `draw` [sample] the numbers of the
    draws, `values` what each sample sets beside its draw (as `points.at_point` takes it).
    """

    quantities: tuple[Quantity, ...]
    x: Floats
    draw: Ints
    values: tuple[Mapping[str, float], ...]


def joint(scenario: Scenario, policies: Sequence[str], samples: int, seed: int) -> Joint:
    """Return `samples` possible worlds. The first n are the same however many there are.

    Sample i stands at draw i from the posterior, from the first again where they are used up.
    """
    found = quantities(scenario, policies)
    free = [q for q in found if not q.is_drawn]
    rng = np.random.Generator(np.random.PCG64(seed))
    u = np.clip(rng.random((samples, len(free))), LEAST_U, 1.0 - LEAST_U)
    table = draws(min(samples, len(posterior())), scenario)
    draw = np.arange(samples) % len(table)
    values, x = [], np.empty((samples, len(found)))
    for i in range(samples):
        row = table[draw[i]]
        values.append({**_followed(found, row), **_at(free, u[i])})
        world = with_values(scenario, {**numbers_at(scenario, row), **values[i]})
        x[i] = [_number(world, q) for q in found]
    return Joint(found, x, draw, tuple(values))


def quantities(scenario: Scenario, policies: Sequence[str]) -> tuple[Quantity, ...]:
    """Return what is not known about a scenario and these policies, in the order of the evidence.

    The unknowns of `experiments.unknowns`, those of one record together, and what else a draw changes:
    ages of the children who come. Counts hold, so flows follow and are none of them.
    """
    first = draws(1, scenario)[0]
    drawn = numbers_at(scenario, first)
    together: dict[str, dict[str, Unknown]] = {}
    for policy in (None, *policies):
        for unknown in unknowns(scenario, policy):
            if unknown.record.name == ROLL_OUT and was_fitted(scenario, first):
                continue
            together.setdefault(_fact(unknown), {})[unknown.name] = unknown
    for name in drawn:
        if name in together or name in LEVER_OF_RECORD or name.startswith(FLOWS):
            continue
        if (now := stated_value(scenario, name)) is not None:
            record = parameters()[name]
            together[name] = {name: Unknown(name, now, record.low, record.high, record)}
    return tuple(
        Quantity(name, tuple(stated.values()), name in drawn and name != ROLL_OUT)
        for name, stated in together.items()
    )


def _fact(unknown: Unknown) -> str:
    """Return the name of the fact that an unknown states: its own, for a lever that of its record."""
    return unknown.record.name if unknown.name.startswith("policies.") else unknown.name


def _at(free: Sequence[Quantity], u: Floats) -> dict[str, float]:
    """Return the numbers of what the posterior does not hold, at quantiles u [quantity]."""
    pairs = zip(free, u, strict=True)
    return {unknown.name: unknown.at(float(at)) for q, at in pairs for unknown in q.stated}


def _followed(found: Sequence[Quantity], row: Mapping[str, float]) -> dict[str, float]:
    """Return numbers of policies that the draw does not set by itself: those that repeat today's."""
    return {
        unknown.name: row[q.name]
        for q in found
        if q.is_drawn and q.name not in LEVER_OF_RECORD
        for unknown in q.stated
        if unknown.name.startswith("policies.")
    }


def _number(world: Scenario, q: Quantity) -> float:
    found = stated_value(world, q.stated[0].name)
    if found is None:
        raise KeyError(f"no scenario has a number {q.stated[0].name!r}")
    return found
