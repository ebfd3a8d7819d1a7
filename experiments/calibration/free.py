"""Free parameters: what the calibration may choose, and what a choice means for a scenario."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from simulation.parameters import parameters
from simulation.rules import share_at_odds

MUNICIPALITY = ("municipality.readiness_sd", "herning.readiness", "denmark.inflow")
"""Free parameters that are no evidence record of a scenario: they say how municipalities differ."""


@dataclass(frozen=True)
class Free:
    """One free parameter: its prior and the records it sets.

    `shape` is lognormal (low and high are the 5 and 95 % points), uniform, normal (mean 0, `sd`) or
    record (the distribution of the evidence record of that name). With `how` "value" the records take
    the value; with "factor" each takes its base times the value, with "odds" its base at that odds
    ratio; with "weight" the first base counts as many times as the value says, and all are brought back
    to sum to one.
    """

    name: str
    shape: str
    why: str
    low: float = 0.0
    high: float = 0.0
    sd: float = 0.0
    how: str = "value"
    records: tuple[str, ...] = ()
    base: Mapping[str, float] = field(default_factory=dict)

    def settings(self, value: float) -> dict[str, float]:
        """Return the records this parameter sets, with their values."""
        if self.how == "factor":
            return {name: base * value for name, base in self.base.items()}
        if self.how == "odds":
            return {name: float(share_at_odds(base, value)) for name, base in self.base.items()}
        if self.how == "weight":
            first = next(iter(self.base))
            weights = {**self.base, first: self.base[first] * value}
            return {name: weight / sum(weights.values()) for name, weight in weights.items()}
        return {name: value for name in self.records or (self.name,)}


@cache
def free_parameters() -> tuple[Free, ...]:
    """Return the free parameters in the order of `data/priors.toml`."""
    text = resources.files("experiments").joinpath("data/priors.toml").read_text("utf-8")
    return tuple(
        Free(name=name, **{**entry, "records": tuple(entry.get("records", ()))})
        for name, entry in tomllib.loads(text)["free"].items()
    )


def settings(theta: Mapping[str, float]) -> dict[str, float]:
    """Return evidence records with their values for a choice of the free parameters.

    What is no record of a scenario (see MUNICIPALITY) keeps its own name. Own room and residential care
    leave room for families at entry: where they would sum to more than 0.98, both are scaled down. A
    share that a long tail takes above one is one.
    """
    values: dict[str, float] = {}
    for free in free_parameters():
        values.update(free.settings(theta[free.name]))
    values = {name: _allowed(name, x) for name, x in values.items()}
    oldest = [f"children.entry_share.{stair}.15" for stair in ("own_room", "residential_care")]
    total = sum(values[name] for name in oldest)
    if total > _MOST_ENTRIES:
        values.update({name: values[name] * _MOST_ENTRIES / total for name in oldest})
    return values


def _allowed(name: str, x: float) -> float:
    """Return `x` within what a scenario may state for a record at all."""
    if name not in parameters():
        return x
    bounds = parameters()[name].bounds
    return min(max(x, bounds.least), bounds.most)


_MOST_ENTRIES = 0.98
