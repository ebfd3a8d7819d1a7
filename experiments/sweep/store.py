"""The folder of a sweep: resumed after any interruption, and never mixed with another one.

`manifest.json` says what the results rest on, `design.csv` which rows there are, `parts/` holds one file
per chunk. Every part carries the hash of what is in it, so that a row that was edited is run again and
the others are kept. All files but leftovers of killed writers are whole; several processes may write.
"""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

from experiments.files import StoreError, make_folder, remove_leftovers, write_whole
from experiments.program import library
from experiments.store import LIBRARIES, commit, differences
from experiments.sweep.design import Design, Row
from experiments.sweep.identity import Keys, identity, rows_hash
from experiments.sweep.parts import as_parquet, file_name, from_parquet, key_in
from experiments.sweep.table import as_table, differences_of_rows, from_table
from experiments.sweep.work import Chunk, Result, chunks

MANIFEST, DESIGN, PARTS = "manifest.json", "design.csv", "parts"
SUMMED_UP = ("summary.csv", "over_draws.csv", "sweep.png")
"""What is written into the folder when all is finished."""

_MOST_LINES = 8
_OTHERWISE = "Name another folder with --out, or remove this one."


class SweepStore:
    """The folder of one sweep: manifest, design as a table, a Parquet file per chunk."""

    def __init__(self, folder: Path, design: Design) -> None:
        self.folder, self.design = folder, design
        self._identity = identity(design)
        self._keys = Keys(self._identity, design.rows)

    def open(self) -> None:
        """Create the folder, or check that it holds this very sweep.

        More replicates, and more rows at the end, are the same sweep; so is what `design.csv` says now
        where that is what is asked for. StoreError says in which numbers any other one differs.
        """
        make_folder(self.folder / PARTS)
        remove_leftovers(self.folder)
        remove_leftovers(self.folder / PARTS)
        has_parts = any(
            (self.folder / PARTS).glob("*.parquet")
        )  # asked first: writers begin with the manifest
        found = manifest_in(self.folder)
        if found is None and has_parts:
            raise StoreError(
                f"{self.folder} holds results but no {MANIFEST} that says of what; "
                "name another folder with --out, or remove this one"
            )
        if found is not None:
            self._refuse_other_numbers(found["sweep"], self._identity)
        self._refuse_other_rows()
        self._settle(found)

    def save(self, chunk: Chunk, result: Result) -> None:
        """Write one chunk whole or not at all; StoreError where it cannot be written."""
        write_whole(self._part(chunk), as_parquet(chunk, result, self._keys.of(chunk)))

    def load(self, chunk: Chunk) -> Result | None:
        """Return one chunk; None where it is not there or damaged, so that it is run again."""
        return from_parquet(self._part(chunk), chunk, self._keys.of(chunk))

    def _part(self, chunk: Chunk) -> Path:
        return self.folder / PARTS / file_name(chunk)

    def _refuse_other_numbers(self, there: dict[str, Any], here: dict[str, Any]) -> None:
        """Refuse a folder whose seed, program or scenarios differ; a scenario on one side only may."""
        both = set(there.get("scenarios", {})) & set(here["scenarios"])
        lines = []
        for key in (k for k in here if k != "scenarios"):
            if there.get(key) != here[key]:
                lines += differences(there.get(key), here[key], key)
        for name in sorted(both):
            lines += differences(there["scenarios"][name], here["scenarios"][name], f"scenarios.{name}")
        if lines:
            self._refuse(lines)

    def _refuse_other_rows(self) -> None:
        path = self.folder / DESIGN
        if not path.exists():
            return
        there = rows_in(path)
        here = tuple(_plain(row) for row in self.design.rows)
        if there != here[: len(there)]:
            self._refuse(
                differences_of_rows(there, here),
                f"To run the table as it stands there: trappe sweep {path}\n",
            )

    def _refuse(self, lines: list[str], cure: str = "") -> None:
        more = f"\n  and {len(lines) - _MOST_LINES} more" if len(lines) > _MOST_LINES else ""
        raise StoreError(
            f"{self.folder} holds another sweep; nothing was mixed. It differs in:\n"
            + "\n".join(lines[:_MOST_LINES])
            + f"{more}\n{cure}{_OTHERWISE}"
        )

    def _settle(self, found: dict[str, Any] | None) -> None:
        """Write table and manifest where they do not say what is asked for yet."""
        table = self.folder / DESIGN
        if not table.exists() or table.read_bytes() != as_table(self.design.rows).encode():
            write_whole(table, as_table(self.design.rows))
        wanted = self._asked()
        if found is not None and found.get("rows") != wanted["rows"]:
            self._remove_parts_of_other_rows()
        if found is None or {key: found.get(key) for key in wanted} != wanted:
            for name in SUMMED_UP:  # of other rows, or of fewer histories
                (self.folder / name).unlink(missing_ok=True)
            manifest = {**_made_by(), **wanted}
            write_whole(self.folder / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")

    def _remove_parts_of_other_rows(self) -> None:
        """Remove parts that hold rows which have been edited or taken away."""
        kept = {
            path.name: self._keys.of(chunk)
            for path, chunk in self._parts_that_are_there()
        }  # fmt: skip
        for path in (self.folder / PARTS).glob("*.parquet"):
            if path.name not in kept or key_in(path) != kept[path.name]:
                path.unlink(missing_ok=True)

    def _parts_that_are_there(self) -> list[tuple[Path, Chunk]]:
        """Return the parts that rows of the design may have, however many replicates there are."""
        names = [path.stem for path in (self.folder / PARTS).glob("*.parquet")]
        last = max((int(name.rpartition("-")[2]) for name in names if name[-1].isdigit()), default=-1)
        every = chunks(self.design, range(len(self.design.rows)), range(last + 1))
        return [(self._part(chunk), chunk) for chunk in every if self._part(chunk).exists()]

    def _asked(self) -> dict[str, Any]:
        return {
            "replicates": self.design.replicates,
            "rows": rows_hash(self.design.rows),
            "sweep": self._identity,
        }


def _made_by() -> dict[str, Any]:
    """Return by what a sweep is begun; no paths, and no time of day, so that files can be compared."""
    return {
        "project": "Indsatstrappe",
        "kind": "sweep",
        "commit": commit(),
        "python": platform.python_version(),
        "libraries": {name: library(name) for name in LIBRARIES},
    }


def manifest_in(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of a sweep's folder, None where there is none; StoreError for any other."""
    path = folder / MANIFEST
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("sweep"), dict):
        raise StoreError(
            f"{path} cannot be read as the manifest of a sweep; "
            "name another folder with --out, or remove this one"
        )
    return found


def rows_in(path: Path) -> tuple[Row, ...]:
    """Return the rows of a table; ValueError where it cannot be read."""
    try:
        return from_table(path.read_text("utf-8-sig"), path.name)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8 text; save it as CSV UTF-8") from None


def _plain(row: Row) -> Row:
    """Return a row as the table gives it back."""
    return Row(row.scenario, row.policy, {n: float(x) for n, x in row.values.items()}, row.draw)
