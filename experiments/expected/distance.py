"""How far expected values are from the means of many histories: measured, and recorded."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path

import numpy as np

from experiments.estimates import NINETY
from experiments.expected.study import FIGURES, SAVING, Expected, expect
from experiments.results import Study
from experiments.runner import BASELINE
from experiments.shares import error_of_mean
from simulation.accounts import Floats
from simulation.reading import find_scenario, shipped_scenarios
from simulation.scenario import Scenario

RECORD = Path(__file__).parents[1] / "data" / "expected_distance.csv"
HISTORIES = 1000
SEED = 1


@dataclass(frozen=True)
class Distance:
    """One figure of one arm: expected, the mean of the histories, and that mean's error (90 %)."""

    scenario: str
    policy: str
    figure: str
    expected: float
    simulated: float
    error: float

    @property
    def difference(self) -> float:
        """Return expected - simulated."""
        return self.expected - self.simulated


def distances(expected: Expected, study: Study) -> list[Distance]:
    """Return a row per arm and figure; the saving of the baseline, which is none, is left out."""
    rows = []
    for name in expected.ledgers:
        found = expected.figures(name)
        for figure in FIGURES:
            if figure == SAVING and name == BASELINE:
                continue
            values = simulated(study, name, figure)
            error = NINETY * error_of_mean(values, np.arange(len(values)))
            rows.append(
                Distance(expected.scenario.name, name, figure, found[figure], float(values.mean()), error)
            )
    return rows


def simulated(study: Study, policy: str, figure: str) -> Floats:
    """Return [replicate] of a figure; histories without any follow-up in the last year are left out."""
    if figure == SAVING:
        return np.asarray(study.cumulated_saving(policy)[:, -1])
    values = study.outcome(figure, policy)[:, -1]
    return np.asarray(values[~np.isnan(values)])


def measure(scenario: Scenario, policies: Iterable[str] | None = None) -> list[Distance]:
    """Return the distances of a scenario's policies (None: all) from HISTORIES histories each."""
    from experiments.business_case import compare

    expected = expect(scenario, None if policies is None else tuple(policies))
    study = compare(scenario, expected.policies, replicates=HISTORIES, seed=SEED)
    return distances(expected, study)


# --- the record ---------------------------------------------------------------------------------


def record(path: Path = RECORD) -> list[Distance]:
    """Measure every shipped scenario and write the record; return its rows."""
    rows = [row for name in shipped_scenarios() for row in measure(find_scenario(name))]
    path.write_text(as_text(rows, date.today(), _commit()), encoding="utf-8")
    return rows


def as_text(rows: list[Distance], day: date, commit: str) -> str:
    """Return the record as csv; its first line says when and at which commit it was made."""
    names = [f.name for f in fields(Distance)]
    lines = [
        f"# measured {day.isoformat()}, commit {commit}, {HISTORIES} histories, seed {SEED}: "
        "python -m experiments.expected",
        ",".join(names),
    ]
    for row in rows:
        cells = asdict(row)
        numbers = [f"{cells[name]:.6g}" for name in names[3:]]
        lines.append(",".join([*(cells[name] for name in names[:3]), *numbers]))
    return "\n".join(lines) + "\n"


def recorded(path: Path = RECORD) -> list[Distance]:
    """Return the rows of the record."""
    return list(_read(path))


def _read(path: Path) -> Iterator[Distance]:
    lines = path.read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        numbers = {name: float(row[name]) for name in ("expected", "simulated", "error")}
        yield Distance(row["scenario"], row["policy"], row["figure"], **numbers)


def when_recorded(path: Path = RECORD) -> str:
    """Return the record's first line without its mark: day, commit, histories, command."""
    return path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")


def _commit() -> str:
    """Return the short commit of the working copy, or that it is not known."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "not known"
    return found.stdout.strip()
