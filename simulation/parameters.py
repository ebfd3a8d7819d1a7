"""Every number of the model as a record: value, unit, range, distribution, grade and source.

The records live in the files of `data/evidence/`; `about.toml` there says how they are written. A
scenario takes from here what it does not state itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
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
    `grade` runs from A (randomised or strong quasi-experiment on the same outcome in child welfare)
    to D (assumption, analogy, calibration only). Money is in DKK at the level of `price_year`.
    `least`, `most`, `above` and `below` say what a scenario may state, where that differs from what
    the unit allows. `used_in` names numbers of scenarios that are this one (see `provenance`).
    Targets (`target.`) may carry `n`, the count behind a share or a small number, and carry `weight`:
    fit, validate or input.
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
    n: int | None = None
    weight: str = ""
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

        By `price_factor`. What is no money, and no price year, changes nothing.
        """
        here = self.value if amount is None else amount
        if price_year is None or self.price_year is None:
            return here
        return float(here * price_factor(self.price_year, price_year))


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


def price_factor(from_year: int, to_year: int) -> float:
    """Return what one krone of `from_year` is at the level of `to_year`: municipal wages and prices.

    The index is KL's foster fee (`index.foster_fee`), which follows KL's estimate of municipal wages and
    prices: even growth between the years that were read, `money.price_growth` before and after them.
    """
    return price_level(to_year) / price_level(from_year)


@cache
def price_level(year: int) -> float:
    """Return the price index of a year: KL's foster fee, DKK a month."""
    fees = by_year("index.foster_fee")
    known = nearest_known(fees, year)
    return on_the_line(fees, known) * (1.0 + parameter("money.price_growth").value) ** (year - known)


@cache
def by_year(series: str) -> dict[int, float]:
    """Return the values of the records `series`.<year> by year, in order; KeyError without any."""
    found = {int(n.rpartition(".")[2]): p.value for n, p in parameters().items() if _is_of(series, n)}
    if not found:
        raise KeyError(f"no series {series!r}: no record is called {series}.<year>")
    return dict(sorted(found.items()))


def _is_of(series: str, name: str) -> bool:
    stem, _, year = name.rpartition(".")
    return stem == series and year.isdigit()


def nearest_known(series: Mapping[int, float], year: int) -> int:
    """Return `year`, or where it lies outside a series, its first or last year."""
    return min(max(year, min(series)), max(series))


def on_the_line(series: Mapping[int, float], year: int) -> float:
    """Return the value of a series in `year`, which lies within it: even growth between its years."""
    before = max(y for y in series if y <= year)
    after = min(y for y in series if y >= year)
    if before == after:
        return series[year]
    share = (year - before) / (after - before)
    return float(series[before] ** (1.0 - share) * series[after] ** share)


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


def evidence_files() -> list[Path]:
    """Return the evidence files in the order of their names."""
    folder = Path(str(resources.files("simulation").joinpath("data/evidence")))
    return sorted(folder.glob("*.toml"))


@cache
def _files() -> dict[str, dict[str, Any]]:
    """Return the tables of each evidence file by file name, in the order of the names."""
    return {path.name: tomllib.loads(path.read_text("utf-8")) for path in evidence_files()}
