"""Points of a design: values of parameters on a grid, in a Latin hypercube, or one by one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, RootModel

from experiments.unknowns import unknowns
from simulation.scenario import Scenario

OF_A_ROW = ("scenario", "policy", "draw")
"""What a point may also say, in place of what the design says."""


@dataclass(frozen=True)
class Point:
    """Values of parameters, and what else a point says of its own."""

    values: Mapping[str, float] = field(default_factory=dict)
    scenario: str = ""
    policy: str = ""
    draw: int | None = None

    @classmethod
    def of(cls, table: Mapping[str, float | str]) -> Point:
        """Return a point from its table in a file; ValueError where a value is no number."""
        values = {name: x for name, x in table.items() if name not in OF_A_ROW}
        for name, x in values.items():
            if isinstance(x, str):
                raise ValueError(f"points: {name} = {x!r} must be a number, without quotation marks")
        draw = table.get("draw")
        if draw is not None and (isinstance(draw, str) or draw < 0 or draw != int(draw)):
            raise ValueError(f"points: draw = {draw!r} must be a whole number from 0")
        return cls(
            {name: float(x) for name, x in values.items()},
            str(table.get("scenario", "")),
            str(table.get("policy", "")),
            None if draw is None else int(draw),
        )


class Steps(BaseModel):
    """Values from one end to the other, both included, equally far apart."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    begin: float = Field(alias="from")
    end: float = Field(alias="to")
    steps: int = Field(ge=2, le=100_000)

    @property
    def values(self) -> tuple[float, ...]:
        """Return the values."""
        return tuple(float(x) for x in np.linspace(self.begin, self.end, self.steps))


class Grid(RootModel[dict[str, tuple[float, ...] | Steps]]):
    """Every combination of the values of each parameter."""


class LatinHypercube(BaseModel):
    """So many points that fill the space between the ends evenly in every parameter."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    points: int = Field(ge=1, le=1_000_000)
    seed: int | None = Field(None, ge=0, description="of the points; default: the study's")
    between: dict[str, tuple[float, float] | str] = Field(
        min_length=1, description='ends, uniform between them; or "evidence": as its record says'
    )


def grid_points(grid: Grid) -> list[Point]:
    """Return all combinations, the last parameter running fastest."""
    of = {name: x.values if isinstance(x, Steps) else x for name, x in grid.root.items()}
    for name, values in of.items():
        if not values:
            raise ValueError(f"grid: {name} has no values; give some, such as [4.0, 6.0]")
    return [Point(dict(zip(of, values, strict=True))) for values in itertools.product(*of.values())]


def latin_points(
    asked: LatinHypercube, scenario: Scenario | None, policies: Sequence[str], seed: int
) -> list[Point]:
    """Return the points of a Latin hypercube, the same for the same seed and names.

    McKay, Beckman and Conover, A comparison of three methods for selecting values of input variables
    (1979), by scipy. A parameter that is "evidence" has the distribution of its record, around the
    scenario's own number.
    """
    from scipy.stats import qmc

    rng = np.random.Generator(np.random.PCG64(seed if asked.seed is None else asked.seed))
    unit = qmc.LatinHypercube(len(asked.between), rng=rng).random(asked.points)
    at = {name: _quantile(name, ends, scenario, policies) for name, ends in asked.between.items()}
    rows = [{n: at[n](float(u)) for n, u in zip(at, row, strict=True)} for row in unit]
    return [Point({n: x for n, x in row.items() if x is not None}) for row in rows]


def _quantile(
    name: str, ends: tuple[float, float] | str, scenario: Scenario | None, policies: Sequence[str]
) -> Callable[[float], float | None]:
    """Return the function from 0 .. 1 to the values of a parameter."""
    if not isinstance(ends, str):
        low, high = ends
        if not low < high:
            raise ValueError(
                f"latin_hypercube: {name} = [{low:g}, {high:g}]: the first must be the lower"
            )
        return lambda u: low + (high - low) * u
    if ends != "evidence":
        raise ValueError(f'latin_hypercube: {name} = {ends!r} must be two ends or "evidence"')
    if scenario is None:
        return lambda _: None  # its rows fail anyway
    for policy in (None, *(p for p in policies if p in scenario.policies)):
        for unknown in unknowns(scenario, policy):
            if unknown.name == name:
                return unknown.at
    raise ValueError(
        f"latin_hypercube: {name} has no evidence range in {scenario.name}; give two ends, such as "
        "[4.0, 8.0], or see: trappe parameters"
    )
