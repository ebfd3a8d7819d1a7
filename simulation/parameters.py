"""Every number of the model as a record: value, unit, range, distribution, grade and source.

The records live in `data/evidence.toml` and the folder `data/evidence`. A scenario takes from here what
it does not state itself.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Source:
    """A document that numbers come from."""

    title: str
    year: int
    link: str = ""


@dataclass(frozen=True)
class Parameter:
    """One number of the model and where it comes from.

    `kind` is published, computed, calibrated or assumption. `grade` runs from A (randomised or strong
    quasi-experiment on the same outcome in child welfare) to D (assumption, analogy, calibration
    only). Money is in DKK at the level of `price_year`. `used_in` names numbers of scenarios that are
    this one (* stands for any name). Targets (`target.`) carry `weight` (fit, validate or input) and may
    carry `n`, the count behind a share or a small number.
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
    used_in: tuple[str, ...] = ()
    n: int | None = None
    weight: str = ""


@cache
def parameters() -> dict[str, Parameter]:
    """Return all records by name, such as `children.recognition`, in the order of the file."""
    records = _evidence()["parameters"]
    return {
        name: Parameter(
            name=name,
            **{**record, **{key: tuple(record.get(key, ())) for key in ("source", "used_in")}},
        )
        for name, record in records.items()
    }


@cache
def sources() -> dict[str, Source]:
    """Return the documents by the key that the records name."""
    return {key: Source(**record) for key, record in _evidence()["sources"].items()}


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
    """Return a record's value; money brought to the level of `price_year` where one is given.

    The price index is `money.price_growth` a year (implied by KL's regulation of foster fees).
    """
    record = parameter(name)
    if price_year is None or record.price_year is None:
        return record.value
    growth = parameter("money.price_growth").value
    return float(record.value * (1.0 + growth) ** (price_year - record.price_year))


@cache
def _evidence() -> dict[str, Any]:
    data = resources.files("simulation").joinpath("data")
    files = sorted(data.joinpath("evidence").iterdir(), key=lambda f: f.name)
    tables = [tomllib.loads(f.read_text("utf-8")) for f in (data.joinpath("evidence.toml"), *files)]
    return {p: {k: v for t in tables for k, v in t.get(p, {}).items()} for p in ("sources", "parameters")}
