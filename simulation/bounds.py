"""Bounds: what a scenario may state at all for a number, from its unit or from its record.

The bounds only keep out what has no meaning (a share of 1.5). What the evidence allows is narrower and is
the record's range low to high.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """The lowest and the highest number allowed; an open end is not allowed itself."""

    least: float
    most: float
    least_open: bool = False
    most_open: bool = False

    @property
    def constraints(self) -> dict[str, float]:
        """The bounds by the names that pydantic has for them; whole numbers as int."""
        low, high = ("gt" if self.least_open else "ge"), ("lt" if self.most_open else "le")
        return {low: _plain(self.least), high: _plain(self.most)}

    def __str__(self) -> str:
        """Return the bounds in words, such as "0 to 1" or "more than 0, less than 1"."""
        if not (self.least_open or self.most_open):
            return f"{self.least:.10g} to {self.most:.10g}"
        low = f"{'more than' if self.least_open else 'at least'} {self.least:.10g}"
        return f"{low}, {'less than' if self.most_open else 'at most'} {self.most:.10g}"


BY_UNIT = {
    "share": Bounds(0, 1),
    "per year": Bounds(0, 50),
    "share per month": Bounds(0, 100),
    "factor": Bounds(0, 100),
    "odds ratio": Bounds(0, 100),
    "exponent": Bounds(0, 100),
    "log units": Bounds(0, 3),
    "hours": Bounds(0, 1000),
    "hours per month": Bounds(0, 1000),
    "months": Bounds(0, 1200),
    "years": Bounds(0, 120),
    "DKK per year": Bounds(0, 1e9),
    "DKK, once": Bounds(0, 1e9),
    "cases per FTE": Bounds(0, 1000, least_open=True),
    "FTE": Bounds(0, 1000),
    "cases": Bounds(0, 1e6),
    "children": Bounds(0, 1e6),
    "children per year": Bounds(0, 1e6),
    "people": Bounds(0, 1e6),
    "people per year": Bounds(0, 1e6),
    "places": Bounds(-1e5, 1e5),
}
"""What may be stated in a unit, where the record does not say otherwise."""

ANY = Bounds(float("-inf"), float("inf"))
"""For units that no scenario uses."""


def bounds_in(
    unit: str,
    least: float | None = None,
    most: float | None = None,
    above: float | None = None,
    below: float | None = None,
) -> Bounds:
    """Return the bounds of a unit, changed by what a record says: `above` and `below` are open ends."""
    usual = BY_UNIT.get(unit, ANY)
    low, low_open = _end((above, least), (usual.least, usual.least_open))
    high, high_open = _end((below, most), (usual.most, usual.most_open))
    return Bounds(low, high, low_open, high_open)


def _end(given: tuple[float | None, float | None], usual: tuple[float, bool]) -> tuple[float, bool]:
    open_end, closed_end = given
    if open_end is not None:
        return open_end, True
    return usual if closed_end is None else (closed_end, False)


def _plain(number: float) -> float:
    return int(number) if float(number).is_integer() else number
