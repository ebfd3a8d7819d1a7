"""Every number of the model as a record: value, unit, range, distribution, grade and source.

The records live in the files of `data/evidence/`; `about.toml` there says how they are written. A
scenario takes from here what it does not state itself.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from simulation.bounds import Bounds, bounds_in

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Source:
    """A document that numbers come from."""

    title: str
    year: int
    link: str = ""


@dataclass(frozen=True)
class Parameter:
    """One number of the model and where it comes from.

    `low` to `high` is the evidence range. `kind` is published, computed, calibrated or assumption.
    `grade` runs from A (randomised or strong quasi-experiment on the same outcome in child welfare) to D
    (assumption, analogy, calibration only). Money is in DKK at the level of `price_year`. `least`,
    `most`, `above` and `below` say what a scenario may state, where that differs from what the unit
    allows. `used_in` names numbers of scenarios that are this one (see `provenance`).
    """

    name: str
    meaning: str
    unit: str
    value: float
    low: float
    high: float
    distribution: str
    kind: str
    grade: str
    source: tuple[str, ...] = ()
    note: str = ""
    price_year: int | None = None
    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None
    used_in: tuple[str, ...] = ()

    @property
    def bounds(self) -> Bounds:
        """What a scenario may state at all: wider than the evidence range."""
        return bounds_in(self.unit, self.least, self.most, self.above, self.below)

    def sample(self, u: ArrayLike) -> NDArray[np.float64] | float:
        """Return the number at quantile `u` (0 < u < 1, a number or an array) of the distribution.

        `distribution` is taken between low and high: "fixed" gives the value; "triangular" has its
        peak at the value; "beta" is PERT, its peak at the value; "lognormal" has the value as median
        and low and high as its 5 and 95 % points, cut off there. Exactly so: `sampling.quantile`. Money
        is at the level of `price_year`. Raises ValueError where u is not between 0 and 1.
        """
        from simulation.sampling import quantile

        return quantile(self.distribution, self.low, self.value, self.high, u)

    def at_prices_of(self, price_year: int | None, amount: float | None = None) -> float:
        """Return the value (or `amount`: low, high, a draw) of money at another year's price level.

        The price index is `money.price_growth` a year (implied by KL's regulation of foster fees). What
        is no money, and no price year, changes nothing.
        """
        here = self.value if amount is None else amount
        if price_year is None or self.price_year is None:
            return here
        growth = parameter("money.price_growth").value
        return float(here * (1.0 + growth) ** (price_year - self.price_year))


@cache
def parameters() -> dict[str, Parameter]:
    """Return all records by name, such as `children.recognition`, in the order of the files."""
    return {name: _parameter(name, record) for name, record in evidence("parameters").items()}


def _parameter(name: str, record: dict[str, Any]) -> Parameter:
    lists = {key: tuple(record.get(key, ())) for key in ("source", "used_in")}
    return Parameter(name=name, **{**record, **lists})


@cache
def sources() -> dict[str, Source]:
    """Return the documents by the key that the records name."""
    return {key: Source(**record) for key, record in evidence("sources").items()}


def parameter(name: str) -> Parameter:
    """Return one record; KeyError says which names come near."""
    try:
        return parameters()[name]
    except KeyError:
        import difflib

        near = difflib.get_close_matches(name, parameters(), n=3, cutoff=0.5)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise KeyError(f"no parameter {name!r}{hint}") from None


def value(name: str, price_year: int | None = None) -> float:
    """Return a record's value; money brought to the level of `price_year` where one is given."""
    return parameter(name).at_prices_of(price_year)


def evidence(table: str) -> dict[str, Any]:
    """Return one table of the evidence files, such as "sources", joined over the files that have it.

    Raises ValueError where a key stands in two files.
    """
    return joined(table, _files())


def joined(table: str, files: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the entries of `table` over all `files`; ValueError where a key stands in two of them."""
    entries: dict[str, Any] = {}
    home: dict[str, str] = {}
    for file, tables in files.items():
        for key, entry in tables.get(table, {}).items():
            if key in entries:
                raise ValueError(
                    f'[{table}."{key}"] stands in {home[key]} and in {file}; keep one of the two'
                )
            entries[key], home[key] = entry, file
    return entries


@cache
def _files() -> dict[str, dict[str, Any]]:
    """Return the tables of each evidence file by file name, in the order of the names."""
    folder = resources.files("simulation").joinpath("data/evidence")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return {f.name: tomllib.loads(f.read_text("utf-8")) for f in files}
