"""What a sweep is asked to run: a design file (TOML), or a table of rows that may have been edited."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from experiments.runner import BASELINE
from experiments.sweep.design import Design, Row
from experiments.sweep.identity import hash_of, identity, rows_hash
from experiments.sweep.outcomes import NAMES
from experiments.sweep.points import Grid, LatinHypercube, Point, grid_points, latin_points
from experiments.sweep.store import DESIGN, manifest_in, rows_in
from experiments.sweep.table import parameters_of
from simulation.horizon import with_months
from simulation.messages import explained
from simulation.parameters import parameters
from simulation.randomness import LARGEST_SEED
from simulation.reading import find_scenario
from simulation.replicates import Engine
from simulation.scenario import Scenario
from simulation.shipped import shipped_scenarios
from simulation.values import with_values

OUTCOMES = ("net_saving", "care_months_saved")
REPLICATES = 100
QUICK = 10
"""Histories per row where somebody only wants to see that it runs, and at most 4 x as many rows."""

_BLOCK = 100
_ROWS_PER_CHUNK = 16


class DesignFile(BaseModel):
    """A design as its file states it: scenarios x points x draws x policies."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str = Field("", description="names the results folder")
    about: str = ""
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


@dataclass(frozen=True)
class Asked:
    """A design with what its result is called and shown by; `folder`: where its table stands."""

    name: str
    design: Design
    outcomes: tuple[str, ...] = OUTCOMES
    folder: Path | None = None

    @property
    def default_folder(self) -> Path:
        """Return the folder of the table that was asked for, or one named by all that is asked."""
        if self.folder is not None:
            return self.folder
        what = hash_of([identity(self.design), rows_hash(self.design.rows)])
        return Path("results") / f"sweep-{self.name}-{what[:8]}"


def shipped_designs() -> list[str]:
    """Return the names of the designs that come with the package."""
    files = resources.files("experiments").joinpath("designs").iterdir()
    return sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml"))


def find_design(
    where: str,
    *,
    replicates: int | None = None,
    seed: int | None = None,
    months: int | None = None,
    engine: Engine | None = None,
) -> Asked:
    """Return what is asked by a design file, a shipped design, a table or a sweep's folder.

    What is given here replaces what stands there. ValueError where it cannot be read; a scenario that
    cannot be read makes its rows fail only.
    """
    path = Path(where)
    table = path / DESIGN if path.is_dir() else path
    given = {"replicates": replicates, "seed": seed, "engine": engine}
    changes = {key: x for key, x in given.items() if x is not None}
    if table.suffix == ".csv":
        return _of_table(table, changes, months)
    file = _design_file(where)
    base = path.parent if path.suffix == ".toml" else Path()
    asked = file.model_copy(update={**changes, **({} if months is None else {"months": months})})
    return _of_file(asked, base, asked.name or path.stem)


def quick(asked: Asked) -> Asked:
    """Return the same with few histories and rows, the rows spread over the whole design."""
    rows = asked.design.rows
    step = -(-len(rows) // (4 * QUICK))
    few = replace(asked.design, rows=rows[::step], replicates=QUICK, block=QUICK, rows_per_chunk=1)
    return replace(asked, design=few, folder=None)


def adopted(asked: Asked, folder: Path) -> Asked:
    """Return the same cut into the chunks of a folder that has begun: how is not what is asked."""
    found = manifest_in(folder)
    if found is None:
        return asked
    sizes = {key: found["sweep"].get(key) for key in ("rows_per_chunk", "block")}
    return replace(asked, design=replace(asked.design, **sizes))


def check_outcomes(names: Sequence[str]) -> None:
    """Raise ValueError where an outcome is not kept."""
    for name in names:
        if name not in NAMES:
            raise ValueError(f"no outcome {name!r}; the outcomes are: {', '.join(NAMES)}")


# --- a file --------------------------------------------------------------------------------------


def _design_file(where: str) -> DesignFile:
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


def _of_file(file: DesignFile, base: Path, name: str) -> Asked:
    names = [*file.scenarios, *(str(p["scenario"]) for p in file.points or () if "scenario" in p)]
    scenarios, unusable = _scenarios(dict.fromkeys(names), base, file.months)
    rows = tuple(
        row
        for scenario in (file.scenarios if not _all_say(file, "scenario") else file.scenarios[:1])
        for row in _rows(file, scenario, scenarios.get(scenario))
    )
    if not rows:
        raise ValueError("the design has no rows")
    if file.points is None:
        check_names(rows, scenarios)
    chunk, block = _chunk(rows, file.replicates, file.engine)
    used = {row.scenario for row in rows}
    design = Design(
        {n: s for n, s in scenarios.items() if n in used}, rows, file.replicates, file.seed, file.engine,
        chunk, block, {n: why for n, why in unusable.items() if n in used},
    )  # fmt: skip
    return Asked(name, design, file.outcomes)


def check_names(rows: Sequence[Row], scenarios: Mapping[str, Scenario]) -> None:
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


# --- a table -------------------------------------------------------------------------------------


def _of_table(table: Path, changes: dict[str, Any], months: int | None) -> Asked:
    """Return what a table asks for; beside a manifest, with its scenarios, seed and engine."""
    rows = rows_in(table)
    if not rows:
        raise ValueError(f"{table} has no rows")
    manifest = manifest_in(table.parent) if table.name == DESIGN else None
    names = dict.fromkeys(row.scenario for row in rows)
    known: dict[str, Any] = manifest["sweep"]["scenarios"] if manifest else {}
    there = {
        n: Scenario.model_validate(known[n]) for n in names if n in known and "unusable" not in known[n]
    }
    scenarios, unusable = _scenarios([n for n in names if n not in there], table.parent, months)
    if months is not None:
        there = {n: with_months(s, months) for n, s in there.items()}
    kept = {key: manifest["sweep"][key] for key in ("seed", "engine")} if manifest else {}
    kept |= {"replicates": manifest["replicates"] if manifest else REPLICATES}
    of = {**kept, **changes}
    chunk, block = _chunk(rows, of["replicates"], of.get("engine", "kernel"))
    if manifest:
        chunk, block = manifest["sweep"]["rows_per_chunk"], manifest["sweep"]["block"]
    design = Design(
        {**there, **scenarios}, rows, rows_per_chunk=chunk, block=block, unusable=unusable, **of
    )
    return Asked(table.resolve().parent.name if manifest else table.stem, design,
                 folder=table.parent if manifest else None)  # fmt: skip


# --- both ----------------------------------------------------------------------------------------


def _scenarios(
    names: Sequence[str] | dict[str, None], base: Path, months: int | None
) -> tuple[dict[str, Scenario], dict[str, str]]:
    """Return the scenarios by name, and of those that cannot be read why."""
    found, unusable = {}, {}
    for name in names:
        where = name if name in shipped_scenarios() else str(base / name)
        try:
            scenario = find_scenario(where)
            found[name] = scenario if months is None else with_months(scenario, months)
        except ValueError as error:
            unusable[name] = str(error)
    if not found and unusable and len(unusable) == len(list(names)):
        raise ValueError(next(iter(unusable.values())))
    return found, unusable


def _chunk(rows: Sequence[Row], replicates: int, engine: Engine) -> tuple[int, int]:
    """Return rows and histories of a chunk: some seconds' work at most, and enough chunks to share out.

    Policies of one point stand beside each other and share a baseline, so a chunk has all of them.
    """
    if engine == "agents":
        return 1, min(replicates, 10)
    policies = len({row.policy for row in rows})
    return min(_ROWS_PER_CHUNK, max(policies, len(rows) // 32)), min(replicates, _BLOCK)
