"""Verdicts: a published figure, what the model gives, and whether the two agree.

**The rule.** A target is *inside* where the model's mean lies no further from the published figure than
their two 90 % half-widths put together (the root of the sum of their squares). The model's half-width is
that of its interval (5 to 95 % of draws) on the side of the published figure; the published one is 1.645
standard deviations. Of a published range no point is better than another: the distance is that to its
nearer end, nothing within it, and the range has no half-width of its own. An exact figure must be met in
every draw. Everything else *fails*. So inside means: not contradicted; the wider an interval, the easier.

A requirement (`targets.REQUIREMENTS`) *holds* where 9 of 10 draws keep to it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache

import numpy as np

from experiments.calibration.runs import AIMS, READING
from experiments.validation.settings import group_of
from experiments.validation.targets import (
    IN_NINE_OF_TEN,
    REPORTED,
    REQUIRED,
    REQUIREMENTS,
    all_experiments,
    label_of,
)
from simulation.accounts import Floats
from simulation.parameters import Parameter, parameter

WIDTH = 1.645
"""Half of a 90 % interval, in standard deviations."""

INSIDE, FAILS, HOLDS, REPORTED_ONLY = "inside", "fails", "holds", "reported"


@dataclass(frozen=True)
class Figure:
    """A published figure: a value with a standard deviation, a range, or an exact value.

    `half` is the half-width of what is uncertain about it as far as that is normal: 1.645 standard
    deviations; of a range only what other definitions may make of it.
    """

    value: float
    low: float
    high: float
    kind: str  # "one standard deviation", "a range", "exact"
    half: float

    @property
    def interval(self) -> tuple[float, float]:
        """The published 90 % interval; of a range its ends, moved out by `half`."""
        if self.kind == "a range":
            return self.low - self.half, self.high + self.half
        return self.value - self.half, self.value + self.half

    def distance(self, x: float) -> float:
        """Return how far `x` lies from the figure; from a range: from its nearer end, 0 within."""
        if self.kind == "a range":
            return max(self.low - x, x - self.high, 0.0)
        return abs(x - self.value)


_KIND = re.compile(r"Low and high: (one standard deviation|a range|exact)\.\s*$")


def figure(target: str) -> Figure:
    """Return the published figure of a target record.

    The count behind a share (`n`) widens what is stated where its binomial spread is wider. Where the
    model's values are single histories of the same size, the chance of a count is in them; what is left
    is reading, the share READING of what is stated. A further spread is added where
    the published figure counts otherwise than the model (`calibration.runs.Aim.definition`). ValueError
    where the note does not end by saying what low and high are.
    """
    p = parameter(target)
    found = _KIND.search(p.note)
    if found is None:
        raise ValueError(
            f"{target}: the note must end with 'Low and high: one standard deviation.', '... a range.' "
            "or '... exact.'"
        )
    otherwise = next((aim.definition for aim in AIMS if aim.target == target), 0.0)
    sd = _stated_sd(p) if found[1] == "one standard deviation" else 0.0
    return Figure(p.value, p.low, p.high, found[1], WIDTH * math.hypot(sd, otherwise))


def _stated_sd(p: Parameter) -> float:
    stated = (p.high - p.low) / 2.0
    if p.n and p.name in _single():
        return READING * stated
    if p.n and p.unit == "share":
        return max(stated, math.sqrt(p.value * (1.0 - p.value) / p.n))
    return stated


@cache
def _single() -> frozenset[str]:
    """Return the targets of which each value of the model is one history."""
    return frozenset(name for e in all_experiments() for name in e.single)


@dataclass(frozen=True)
class Row:
    """One target or requirement: what was published, what the model gives, and the verdict.

    `values` has one entry per draw (or history that counts as one). `p` is, for an expectation, the
    share of values that reach it; for a requirement, the share that keep to it.
    """

    name: str
    status: str
    unit: str
    figure: Figure | None
    values: Floats

    @property
    def group(self) -> str:
        """The group of targets it belongs to."""
        return group_of(self.name)

    @property
    def label(self) -> str:
        """What it is called."""
        return label_of(self.name)

    @property
    def known(self) -> Floats:
        """The values that are defined."""
        return self.values[~np.isnan(self.values)]

    @property
    def mean(self) -> float:
        """The model's mean; NaN where it is defined in no draw."""
        return float(self.known.mean()) if len(self.known) else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """5 and 95 % of the model's values."""
        if not len(self.known):
            return math.nan, math.nan
        low, high = np.quantile(self.known, [0.05, 0.95])
        return float(low), float(high)

    @property
    def p(self) -> float:
        """See the class."""
        if self.status == REQUIRED:
            return float((self.values <= REQUIREMENTS[self.name].most).mean())
        return float((self.known >= self.figure.value).mean()) if self.figure else math.nan

    @property
    def grade(self) -> str:
        """How well the published figure is known; '' for a requirement."""
        return parameter(self.name).grade if self.figure else ""

    @property
    def verdict(self) -> str:
        """By the rule at the top of this file."""
        if self.status == REQUIRED:
            return HOLDS if self.p >= IN_NINE_OF_TEN else FAILS
        if self.group in REPORTED:
            return REPORTED_ONLY
        assert self.figure is not None
        return INSIDE if is_inside(self.figure, self.values) else FAILS


def is_inside(published: Figure, values: Floats) -> bool:
    """Return whether the model does not contradict a published figure (the rule of this file)."""
    known = values[~np.isnan(values)]
    if not len(known):
        return False
    if published.kind == "exact":
        return bool((known == published.value).all())
    mean, (low, high) = float(known.mean()), np.quantile(known, [0.05, 0.95])
    half = max(0.0, mean - float(low) if mean > published.value else float(high) - mean)
    return published.distance(mean) <= math.hypot(half, published.half)
