"""Loading: a results folder back as tables, in a notebook or a script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.files import StoreError
from experiments.sweep.identity import Keys
from experiments.sweep.outcomes import NAMES
from experiments.sweep.parts import chunk_in, from_parquet
from experiments.sweep.store import DESIGN, PARTS, manifest_in, rows_in
from experiments.sweep.summary import row_summary
from experiments.sweep.work import Chunk, Result

if TYPE_CHECKING:
    import pandas as pd

RUNS = "runs"
"""The folder in which a question keeps the sweep that it rests on."""


class Tables:
    """The tables of a results folder as pandas frames, by the names of their files: `tables["by_year"]`.

    Every folder has `names`; most have a `summary`. A sweep has `design`, one line per row, and `values`,
    one line per row and history; a question that rests on a sweep has it as `runs`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = tuple(sorted(path.stem for path in folder.glob("*.csv")))

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return one table; KeyError names those there are."""
        import pandas as pd

        if name not in self.names:
            raise KeyError(f"{self.folder} has no table {name!r}; it has: {self._listed}")
        return pd.read_csv(self.folder / f"{name}.csv")

    def __repr__(self) -> str:
        return f"Tables({str(self.folder)!r}: {self._listed})"

    @property
    def _listed(self) -> str:
        return ", ".join(self.names) or "none"

    @cached_property
    def design(self) -> pd.DataFrame:
        """One line per row of a sweep: its number (from 1), scenario, policy, draw, parameters."""
        return self["design"]

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Mean and interval per outcome, of each row or policy; of a sweep as far as it has been run."""
        import pandas as pd

        if "summary" in self.names or not self._is_sweep:
            return self["summary"]
        rows = rows_in(self.folder / DESIGN)
        lines = []
        for number, of_row in self.values.groupby("row"):
            error = of_row["error"].iloc[0] if of_row["error"].notna().any() else ""
            values = of_row[list(NAMES)].to_numpy()
            lines += row_summary(int(number), rows[int(number) - 1], rows, values, str(error))
        return pd.DataFrame(lines)

    @cached_property
    def values(self) -> pd.DataFrame:
        """One line per row (from 1) and history (from 0) of a sweep: `error`, and a column per outcome.

        What has not been run yet is missing; so is what was run for a row that has been edited since.
        StoreError where the folder is not that of a sweep.
        """
        if not self._is_sweep:
            raise StoreError(
                f"{self.folder} is not the folder of a sweep, which alone keeps every outcome of every "
                f"history in one table; it has the tables: {self._listed}"
            )
        import numpy as np
        import pandas as pd

        columns = ["row", "replicate", "error", *NAMES]
        frames = [pd.DataFrame(columns=columns)]
        for chunk, result in self._whole_parts():
            n, m = len(chunk.rows), len(chunk.replicates)
            frame = pd.DataFrame(result.values.reshape(n * m, len(NAMES)), columns=list(NAMES))
            errors = [result.errors.get(row) for row in chunk.rows]
            frame.insert(0, "error", pd.Series(np.repeat(np.array(errors, object), m), dtype="str"))
            frame.insert(0, "replicate", np.tile(chunk.replicates, n))
            frame.insert(0, "row", np.repeat([row + 1 for row in chunk.rows], m))
            frames.append(frame)
        whole = pd.concat(frames[1:] or frames, ignore_index=True)
        return whole.sort_values(["row", "replicate"], ignore_index=True)

    @cached_property
    def runs(self) -> Tables:
        """The sweep that a question rests on; StoreError where there is none."""
        return load(self.folder / RUNS)

    @property
    def _is_sweep(self) -> bool:
        return (self.folder / PARTS).is_dir() and (self.folder / DESIGN).is_file()

    def _whole_parts(self) -> Iterator[tuple[Chunk, Result]]:
        """Yield the parts that hold what manifest and table say, whichever version made them."""
        manifest = manifest_in(self.folder)
        if manifest is None:
            raise StoreError(f"{self.folder} has no manifest.json that says what its results are of")
        keys = Keys(manifest["sweep"], rows_in(self.folder / DESIGN))
        for path in sorted((self.folder / PARTS).glob("*.parquet")):
            chunk = chunk_in(path)
            if chunk is not None and chunk.rows.stop <= keys.rows:
                found = from_parquet(path, chunk, keys.of(chunk))
                if found is not None:
                    yield chunk, found


def load(folder: str | Path) -> Tables:
    """Return the tables of a results folder that any command of `trappe` has written.

    Raises StoreError where there is no such folder, or nothing in it that this project has written.
    """
    path = Path(folder)
    if not path.is_dir():
        raise StoreError(f"there is no results folder {path}; trappe prints its name when it has run")
    if not _is_ours(path):
        raise StoreError(
            f"{path} is not a results folder: it has neither a manifest.json of Indsatstrappe nor a "
            "table (.csv) that one of its commands writes"
        )
    return Tables(path)


_WITHOUT_MANIFEST = ("validation.json", RUNS)
"""What stands in folders of this project that have no manifest of their own."""


def _is_ours(folder: Path) -> bool:
    try:
        found = json.loads((folder / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        return any((folder / name).exists() for name in _WITHOUT_MANIFEST)
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("project") == "Indsatstrappe"
