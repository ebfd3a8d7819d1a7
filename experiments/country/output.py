"""A country's results as files and as JSON: the tables, and a manifest of how they were made."""

from __future__ import annotations

import json
import platform
from datetime import UTC, datetime
from typing import Any

import numpy as np

from experiments.country.facts import facts_hash
from experiments.country.rows import Result
from experiments.country.run import BLOCK
from experiments.country.who_gains import class_rows
from experiments.draws import draws_hash
from experiments.program import code_hash, library, project_version
from experiments.results import as_csv
from experiments.store import LIBRARIES, commit

FORMAT = "trappe-denmark-1"


def identity(result: Result) -> dict[str, Any]:
    """Return what makes a result: the average municipality, policy, seed, facts, draws, code."""
    plan = result.country.plan
    return {
        "scenario": plan.average.model_dump(mode="json"),
        "policy": plan.policy,
        "replicates": plan.replicates,
        "block": BLOCK,
        "seed": plan.seed,
        "draws": [plan.draws, draws_hash(plan.average) if plan.draws else ""],
        "municipalities": [m.code for m in plan.municipalities],
        "caseload_spread": plan.caseload_sd,
        "facts": facts_hash(),
        "drawn": "children placed (but where published) and cases per caseworker",
        "code": code_hash(),
    }


def manifest(result: Result) -> str:
    """Return the manifest of a results folder: what it is of and how it was made; no paths."""
    told = {
        "project": "Indsatstrappe",
        "format": FORMAT,
        "version": project_version(),
        "commit": commit(),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "libraries": {name: library(name) for name in LIBRARIES},
        "study": identity(result),
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def files(result: Result) -> dict[str, bytes | str]:
    """Return the tables of a results folder, by file name, and the manifest."""
    return {
        "manifest.json": manifest(result),
        "municipalities.csv": as_csv(result.municipality_rows()),
        "by_size.csv": as_csv(result.size_rows()),
        "summary.csv": as_csv(result.sum_rows()),
        "benchmark.csv": as_csv(result.key_figure_rows()),
        **({"who_gains.csv": as_csv(classes)} if (classes := class_rows(result.country)) else {}),
    }


def as_json(result: Result) -> str:
    """Return a result as JSON text; null where a number is not defined or not shown."""
    plan = result.country.plan
    told = {
        "format": FORMAT,
        "version": project_version(),
        "scenario": plan.average.name,
        "policy": plan.policy,
        "price_year": plan.average.price_year,
        "months": plan.average.months,
        "seed": plan.seed,
        "replicates": plan.replicates,
        "draws": plan.draws,
        "covers": result.covers,
        "sums": result.sum_rows(),
        "municipalities": result.municipality_rows(),
        "by_size": result.size_rows(),
        "benchmark": result.key_figure_rows(),
        "who_gains": class_rows(result.country),
    }
    return json.dumps(_plain(told), indent=1, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return None if value == "" or (isinstance(value, float) and np.isnan(value)) else value
