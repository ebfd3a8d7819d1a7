"""A country's results as files: the tables, and a manifest of how they were made."""

from __future__ import annotations

from experiments.country.rows import Result
from experiments.country.store import manifest
from experiments.country.who_gains import class_rows
from experiments.results import as_csv


def files(result: Result) -> dict[str, bytes | str]:
    """Return the tables of a results folder, by file name, and the manifest."""
    return {
        "manifest.json": manifest(result.country.plan),
        "municipalities.csv": as_csv(result.municipality_rows()),
        "by_size.csv": as_csv(result.size_rows()),
        "summary.csv": as_csv(result.sum_rows()),
        "benchmark.csv": as_csv(result.key_figure_rows()),
        **({"who_gains.csv": as_csv(classes)} if (classes := class_rows(result.country)) else {}),
    }
