"""Table: the posterior as a file of draws, and as values and ranges of the evidence records."""

from __future__ import annotations

import csv
import io
import re
from importlib import resources
from pathlib import Path

import numpy as np

from experiments.calibration.fit import Fit
from experiments.calibration.free import settings
from simulation.parameters import evidence_files, parameters

DIGITS = 5
FILE = "data/posterior.csv"
LOW, HIGH = 0.05, 0.95
"""The range of a calibrated record: the central 90 % of its draws."""


def rows(fit: Fit) -> list[dict[str, float]]:
    """Return the draws as records with their values, one dict per draw, in random order."""
    order = np.random.default_rng(len(fit.draws)).permutation(len(fit.draws))
    return [settings(fit.theta(int(i))) for i in order]


def as_csv(draws: list[dict[str, float]], about: list[str]) -> str:
    """Return the file of draws: lines of explanation that begin with #, then one row per draw."""
    names = list(draws[0])
    text = io.StringIO()
    for line in about:
        text.write(f"# {line}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for row in draws:
        writer.writerow([f"{row[name]:.{DIGITS}g}" for name in names])
    return text.getvalue()


def write(draws: list[dict[str, float]], about: list[str]) -> Path:
    """Write the shipped table of draws; aside, then renamed. Returns where."""
    path = Path(str(resources.files("experiments").joinpath(FILE)))
    aside = path.with_suffix(".tmp")
    aside.write_text(as_csv(draws, about), encoding="utf-8")
    aside.replace(path)
    return path


def summary(draws: list[dict[str, float]]) -> dict[str, tuple[float, float, float]]:
    """Return record -> (median, low, high) of its draws, rounded to three significant digits."""
    found = {}
    for name in draws[0]:
        values = np.array([row[name] for row in draws])
        low, high = np.quantile(values, [LOW, HIGH])
        found[name] = tuple(float(f"{x:.3g}") for x in (np.median(values), low, high))
    return found  # type: ignore[return-value]


def ship(draws: list[dict[str, float]], about: list[str]) -> list[str]:
    """Write the shipped draws and update the calibrated records; return the records' names."""
    write(draws, about)
    return update_records(draws)


def update_records(draws: list[dict[str, float]]) -> list[str]:
    """Write medians and ranges of the draws into the records of kind "calibrated"; return their names.

    Records of another kind keep their value: what a source states is not overwritten by a fit.
    """
    news = {
        name: values
        for name, values in summary(draws).items()
        if name in parameters() and parameters()[name].kind == "calibrated"
    }
    news = _summing_to_one(news)
    for path in evidence_files():
        text = path.read_text("utf-8")
        new = text
        for name, (value, low, high) in news.items():
            new = _with(new, name, value, low, high)
        if new != text:
            aside = path.with_suffix(".tmp")
            aside.write_text(new, encoding="utf-8")
            aside.replace(path)
    return list(news)


Numbers = tuple[float, float, float]


def _summing_to_one(news: dict[str, Numbers]) -> dict[str, Numbers]:
    """Return the records with the largest share of arrivals as what the others leave, for rounding."""
    shares = {name: values[0] for name, values in news.items() if name.startswith(_SHARES)}
    if not shares:
        return news
    largest = max(shares, key=shares.__getitem__)
    rest = 1.0 - sum(x for name, x in shares.items() if name != largest)
    return {**news, largest: (round(rest, 6), *news[largest][1:])}


_SHARES = "children.age_at_arrival."
"""Records that sum to one over the age bands."""


def _with(text: str, name: str, value: float, low: float, high: float) -> str:
    """Return the text of an evidence file with the three numbers of one record replaced."""
    head = re.escape(f'[parameters."{name}"]')
    for key, number in (("value", value), ("low", low), ("high", high)):
        pattern = rf"({head}\n(?:(?!\[).*\n)*?{key} = )[^\s#]+"
        text = re.sub(pattern, rf"\g<1>{number:g}", text, count=1)
    return text
