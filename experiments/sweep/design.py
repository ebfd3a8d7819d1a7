"""Design: what a sweep runs, row by row, written down before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from experiments.runner import BASELINE
from simulation.replicates import Engine
from simulation.scenario import Scenario


@dataclass(frozen=True)
class Row:
    """One line of a design: a scenario under a policy, at parameter values.

    `values` replace numbers named as their evidence records are; `draw` is the number of a draw from the
    posterior, None for the scenario's own numbers.
    """

    scenario: str
    policy: str = BASELINE
    values: Mapping[str, float] = field(default_factory=dict)
    draw: int | None = None


@dataclass(frozen=True)
class Design:
    """Rows, the scenarios they name, and how many histories each row is given.

    Replicate r of every row has the same luck. `rows_per_chunk` rows and `block` replicates make a chunk,
    the unit of work: a chunk is whole or absent. `unusable` are scenarios that cannot be read, with the
    reason: their rows fail, and no others.
    """

    scenarios: Mapping[str, Scenario]
    rows: tuple[Row, ...]
    replicates: int = 100
    seed: int = 1
    engine: Engine = "kernel"
    rows_per_chunk: int = 16
    block: int = 100
    unusable: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse rows that name a scenario which is not there, and numbers below 1."""
        missing = sorted({row.scenario for row in self.rows} - {*self.scenarios, *self.unusable})
        if missing:
            raise ValueError(
                f"the design has rows of {', '.join(missing)}, but its scenarios are: "
                f"{', '.join(self.scenarios) or 'none'}"
            )
        for name in ("replicates", "rows_per_chunk", "block"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)} must be at least 1")

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters that any row sets, in the order of their first appearance."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row.values))
