"""The folder of a country: begun with what it is of, a file per block of histories, never mixed.

A run that is stopped anywhere goes on from the last whole block, and more histories go on from fewer.
"""

from __future__ import annotations

import hashlib
import json
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.country.facts import facts_hash
from experiments.country.work import BLOCK, KEPT, Plan
from experiments.draws import draws_hash
from experiments.files import StoreError, make_folder, remove_leftovers, write_whole
from experiments.program import code_hash, library, project_version
from experiments.store import LIBRARIES, commit, differences
from simulation.accounts import Floats

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = "trappe-denmark-2"
MANIFEST, PARTS = "manifest.json", "parts"

_DIGEST = b"sha256"
_OTHERWISE = "Name another folder with --out, or remove this one."


def identity(plan: Plan) -> dict[str, Any]:
    """Return all that a result rests on, but for the number of histories: more are more of the same."""
    found = {
        "scenario": plan.average.model_dump(mode="json"),
        "policy": plan.policy,
        "block": BLOCK,
        "seed": plan.seed,
        "draws": [plan.draws, draws_hash(plan.average) if plan.draws else ""],
        "municipalities": [m.code for m in plan.municipalities],
        "caseload_spread": plan.caseload_sd,
        "facts": facts_hash(),
        "drawn": "children placed (but where published) and cases per caseworker",
        "code": code_hash(),
    }
    return dict(json.loads(json.dumps(found)))


def digest(plan: Plan) -> str:
    """Return 64 hex digits that change with `identity`."""
    return hashlib.sha256(json.dumps(identity(plan), sort_keys=True).encode()).hexdigest()


def manifest(plan: Plan) -> str:
    """Return the manifest of a folder: what it is of and how it was made; no paths."""
    told = {
        "project": "Indsatstrappe",
        "format": FORMAT,
        "version": project_version(),
        "commit": commit(),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "libraries": {name: library(name) for name in LIBRARIES},
        "replicates": plan.replicates,
        "study": identity(plan),
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


class CountryStore:
    """The folder of one country: manifest, and a Parquet file per block."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder, self.plan = folder, plan
        self._digest = digest(plan)

    def open(self) -> None:
        """Create the folder, or check that it holds this very country; StoreError says what differs."""
        make_folder(self.folder / PARTS)
        remove_leftovers(self.folder)
        remove_leftovers(self.folder / PARTS)
        path = self.folder / MANIFEST
        if path.exists():
            self._refuse_another(self._read(path))
        elif any((self.folder / PARTS).glob("*.parquet")):
            raise StoreError(f"{self.folder} holds results but no {MANIFEST} of them. {_OTHERWISE}")
        else:
            write_whole(path, manifest(self.plan))

    def save(self, block: int, saved: Floats, kept: Floats) -> None:
        """Write a block, whole or not at all: [municipality, history, year] and [.., .., KEPT]."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        values = np.concatenate([saved, kept], axis=2).reshape(-1, saved.shape[2] + len(KEPT))
        codes = np.repeat([m.code for m in self.plan.municipalities], BLOCK)
        histories = np.tile(np.arange(block * BLOCK, (block + 1) * BLOCK), len(self.plan.towns))
        columns = [codes.astype(np.int32), histories.astype(np.int32), *values.T]
        arrays = [pa.array(np.ascontiguousarray(column)) for column in columns]
        about = {_DIGEST: self._hash_of(block, values).encode()}
        table = pa.Table.from_arrays(arrays, schema=self._schema().with_metadata(about))
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd", write_page_checksum=True, write_statistics=False)
        write_whole(self._part(block), bytes(sink.getvalue().to_pybytes()))

    def load(self, block: int) -> tuple[Floats, Floats] | None:
        """Return a block; None where it is not there, damaged or of something else: it is run again."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not self._part(block).exists():
            return None
        try:
            table = pq.read_table(self._part(block), page_checksum_verification=True, memory_map=False)
            if not table.schema.equals(self._schema()):
                return None
            values = np.column_stack([table[name].to_numpy() for name in table.column_names[2:]])
        except (OSError, ValueError, KeyError, pa.ArrowException):
            return None
        said = (table.schema.metadata or {}).get(_DIGEST)
        if said != self._hash_of(block, values).encode():
            return None
        found = values.reshape(len(self.plan.towns), BLOCK, -1)
        years = self.plan.calendar
        return found[:, :, :years], found[:, :, years:]

    def _part(self, block: int) -> Path:
        return self.folder / PARTS / f"block-{block:05d}.parquet"

    def _hash_of(self, block: int, values: Floats) -> str:
        found = hashlib.sha256(f"{self._digest} {block}".encode())
        found.update(np.ascontiguousarray(values).tobytes())
        return found.hexdigest()

    def _schema(self) -> pa.Schema:
        import pyarrow as pa

        names = [*(f"net_saving_to_year_{y + 1}" for y in range(self.plan.calendar)), *KEPT]
        whole = [("municipality", pa.int32()), ("history", pa.int32())]
        return pa.schema([*whole, *((name, pa.float64()) for name in names)])

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            found = json.loads(path.read_text("utf-8"))["study"]
        except (OSError, ValueError, KeyError, TypeError):
            found = None
        if not isinstance(found, dict):
            raise StoreError(f"{path} cannot be read as the manifest of a country. {_OTHERWISE}")
        return found

    def _refuse_another(self, there: dict[str, Any]) -> None:
        here = identity(self.plan)
        lines = [
            line
            for key in here
            if there.get(key) != here[key]
            for line in differences(there.get(key), here[key], key)
        ]
        if lines:
            raise StoreError(
                f"{self.folder} holds another study; nothing was mixed. It differs in:\n"
                + "\n".join(lines[:8])
                + f"\n{_OTHERWISE}"
            )
