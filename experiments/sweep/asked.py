"""What a sweep is asked to run: a design file (TOML), or a table of rows that may have been edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from experiments.sweep.design import Design, Row
from experiments.sweep.file import OUTCOMES, REPLICATES, DesignFile, design_file, rows_of
from experiments.sweep.identity import hash_of, identity, rows_hash
from experiments.sweep.store import DESIGN, manifest_in, rows_in
from experiments.words import Language
from simulation.horizon import with_months
from simulation.reading import find_scenario
from simulation.replicates import Engine
from simulation.scenario import Scenario
from simulation.shipped import shipped_scenarios

QUICK = 10
"""Histories per row where somebody only wants to see that it runs, and at most 4 x as many rows."""

_BLOCK = 100
_ROWS_PER_CHUNK = 16


@dataclass(frozen=True)
class Asked:
    """A design with what its result is called and shown by; `folder`: where its table stands."""

    name: str
    design: Design
    outcomes: tuple[str, ...] = OUTCOMES
    folder: Path | None = None
    about: str = ""
    danish: str = ""

    @property
    def title(self) -> str:
        """What stands above table and figure."""
        return self.about or self.name

    def title_in(self, language: Language) -> str:
        """Return what stands above a figure; in Danish where the design says it in Danish too."""
        return (self.danish if language == "da" else "") or self.title

    @property
    def default_folder(self) -> Path:
        """Return the folder of the table that was asked for, or one named by all that is asked."""
        if self.folder is not None:
            return self.folder
        what = hash_of([identity(self.design), rows_hash(self.design.rows)])
        return Path("results") / f"sweep-{self.name}-{what[:8]}"


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
    file = design_file(where)
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


def _of_file(file: DesignFile, base: Path, name: str) -> Asked:
    names = [*file.scenarios, *(str(p["scenario"]) for p in file.points or () if "scenario" in p)]
    scenarios, unusable = _scenarios(dict.fromkeys(names), base, file.months)
    rows = rows_of(file, scenarios)
    chunk, block = _chunk(rows, file.replicates, file.engine)
    used = {row.scenario for row in rows}
    design = Design(
        {n: s for n, s in scenarios.items() if n in used}, rows, file.replicates, file.seed, file.engine,
        chunk, block, {n: why for n, why in unusable.items() if n in used},
    )  # fmt: skip
    return Asked(name, design, file.outcomes, about=file.about, danish=file.danish)


# --- a table -------------------------------------------------------------------------------------


def _of_table(table: Path, changes: dict[str, Any], months: int | None) -> Asked:
    """Return what a table asks for; beside a manifest, with its scenarios, seed and engine."""
    rows = rows_in(table)
    if not rows:
        raise ValueError(f"{table} has no rows")
    manifest = manifest_in(table.parent) if table.name == DESIGN else None
    names = dict.fromkeys(row.scenario for row in rows)
    known: dict[str, Any] = manifest["sweep"]["scenarios"] if manifest else {}
    there = {n: _kept(n, known[n]) for n in names if n in known and "unusable" not in known[n]}
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


def _kept(name: str, dumped: dict[str, Any]) -> Scenario:
    """Return a scenario from a manifest; ValueError where it rests on files that are not kept with it."""
    if any((dumped.get("case_list") or {}).get(key) for key in ("children", "draws", "back_test")):
        raise ValueError(
            f"the scenario {name} rests on a case list, of which nothing is kept with results: run the "
            "design file again with --out and this folder, or copy design.csv to another name beside the "
            "scenario, edit it and run that"
        )
    return Scenario.model_validate(dumped)


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
