"""A design as a file: what may stand in it, and the rows that it means."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from experiments.runner import BASELINE
from experiments.sweep.design import Row
from experiments.sweep.outcomes import NAMES
from experiments.sweep.points import Grid, LatinHypercube, Point, grid_points, latin_points
from experiments.sweep.table import parameters_of
from simulation.messages import explained
from simulation.parameters import parameters
from simulation.randomness import LARGEST_SEED
from simulation.replicates import Engine
from simulation.scenario import Scenario
from simulation.values import with_values

OUTCOMES = ("net_saving", "care_months_saved")
REPLICATES = 100


class DesignFile(BaseModel):
    """A design as its file states it: scenarios x points x draws x policies."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str = Field("", description="names the results folder")
    about: str = ""
    danish: str = Field("", description="the same in Danish, above the figure")
    scenarios: tuple[str, ...] = Field(min_length=1, description="names, or paths from this file")
    policies: tuple[str, ...] = Field((), description="default: the first of each scenario")
    draws: int = Field(0, ge=0, description="how many draws of the parameters; 0: none")
    replicates: int = Field(REPLICATES, ge=2, le=1_000_000)
    seed: int = Field(1, ge=0, le=LARGEST_SEED)
    months: int | None = Field(None, ge=1, le=1200)
    engine: Engine = "kernel"
    outcomes: tuple[str, ...] = OUTCOMES
    grid: Grid | None = None
    latin_hypercube: LatinHypercube | None = None
    points: tuple[dict[str, float | str], ...] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> DesignFile:
        given = [k for k in ("grid", "latin_hypercube", "points") if getattr(self, k) is not None]
        if len(given) > 1:
            raise ValueError(f"a design has one of grid, latin_hypercube and points, not {len(given)}")
        check_outcomes(self.outcomes)
        return self


def check_outcomes(names: Sequence[str]) -> None:
    """Raise ValueError where an outcome is not kept."""
    for name in names:
        if name not in NAMES:
            raise ValueError(f"no outcome {name!r}; the outcomes are: {', '.join(NAMES)}")


def shipped_designs() -> list[str]:
    """Return the names of the designs that come with the package."""
    files = resources.files("experiments").joinpath("designs").iterdir()
    return sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml"))


def design_file(where: str) -> DesignFile:
    """Return a design from a TOML file, or one that comes with the package; ValueError says why not."""
    shipped = shipped_designs()
    if where in shipped:
        text = resources.files("experiments").joinpath(f"designs/{where}.toml").read_text("utf-8")
    elif where.endswith(".toml"):
        text = _text(Path(where))
    else:
        raise ValueError(
            f"no design {where!r}: name a .toml file, a design.csv, a sweep's folder, or one that comes "
            f"with the package: {', '.join(shipped)}"
        )
    try:
        return DesignFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{where} is not TOML: {error}") from None
    except ValidationError as error:
        raise ValueError(f"{where}:\n  {explained(error, DesignFile)}") from None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such file") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8 text; save it as UTF-8") from None


def rows_of(file: DesignFile, scenarios: Mapping[str, Scenario]) -> tuple[Row, ...]:
    """Return the rows that a file means, given the scenarios that can be read.

    By scenario, then point, then draw, then policy, so that rows which share a baseline stand together.
    ValueError where a parameter of a grid or a hypercube is a number of no scenario.
    """
    names = file.scenarios[:1] if _all_say(file, "scenario") else file.scenarios
    rows = tuple(row for name in names for row in _rows(file, name, scenarios.get(name)))
    if not rows:
        raise ValueError("the design has no rows")
    if file.points is None:
        _check_names(rows, scenarios)
    return rows


def _check_names(rows: Sequence[Row], scenarios: Mapping[str, Scenario]) -> None:
    """Raise ValueError where a parameter of the rows is a number of no scenario."""
    for name in parameters_of(rows):
        value = next(row.values[name] for row in rows if name in row.values)
        if scenarios and not any(_has(scenario, name, value) for scenario in scenarios.values()):
            raise ValueError(
                f"no scenario of the design has a number {name!r}; "
                f"{_did_you_mean(name)}trappe parameters lists them"
            )


def _has(scenario: Scenario, name: str, value: float) -> bool:
    try:
        with_values(scenario, {name: value})
    except KeyError:
        return False
    return True


def _did_you_mean(name: str) -> str:
    match = difflib.get_close_matches(name, list(parameters()), n=1, cutoff=0.6)
    return f"did you mean {match[0]!r}? " if match else ""


def _all_say(file: DesignFile, key: str) -> bool:
    return bool(file.points) and all(key in point for point in file.points or ())


def _rows(file: DesignFile, scenario: str, found: Scenario | None) -> list[Row]:
    """Return the rows of one scenario: points x draws x policies, policies innermost."""
    policies = file.policies or (next(iter(found.policies), BASELINE) if found else BASELINE,)
    draws: Sequence[int | None] = range(file.draws) if file.draws else (None,)
    return [
        Row(point.scenario or scenario, policy, point.values, draw)
        for point in _points(file, found, policies)
        for draw in ((point.draw,) if point.draw is not None else draws)
        for policy in ((point.policy,) if point.policy else policies)
    ]


def _points(file: DesignFile, found: Scenario | None, policies: Sequence[str]) -> list[Point]:
    if file.grid is not None:
        return grid_points(file.grid)
    if file.latin_hypercube is not None:
        return latin_points(file.latin_hypercube, found, policies, file.seed)
    return [Point.of(p) for p in file.points] if file.points is not None else [Point()]
