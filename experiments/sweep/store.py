"""The folder of a sweep."""

from __future__ import annotations

from pathlib import Path

from experiments.sweep.design import Design
from experiments.sweep.work import Chunk, Result


class SweepStore:
    """The folder of one sweep: manifest, design as a table, a Parquet file per chunk, a summary."""

    def __init__(self, folder: Path, design: Design) -> None:
        self.folder, self.design = folder, design

    def open(self) -> None:
        """Create the folder, or check that it holds this very sweep."""
        raise NotImplementedError

    def save(self, chunk: Chunk, result: Result) -> None:
        """Write one chunk whole or not at all."""
        raise NotImplementedError

    def load(self, chunk: Chunk) -> Result | None:
        """Return one chunk; None where it is not there or damaged, so that it is run again."""
        raise NotImplementedError
