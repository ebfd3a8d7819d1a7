"""Parts: one chunk of a sweep as a Parquet file that says what it holds."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.sweep.outcomes import NAMES
from experiments.sweep.work import Chunk, Result

if TYPE_CHECKING:
    import pyarrow as pa

KEY = b"chunk"
"""Where the file says what is in it (`identity.Keys`)."""

DIGEST = b"sha256"
"""Where it says the hash of its numbers: not every damage to a file is one to a page."""


def file_name(chunk: Chunk) -> str:
    """Return the name of a chunk's file: its first row and its first replicate."""
    return f"rows-{chunk.rows.start + 1:07d}-replicates-{chunk.replicates.start:07d}.parquet"


def chunk_in(path: Path) -> Chunk | None:
    """Return the rows and replicates that a file says it has; None where it cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, columns=["row", "replicate"])
    except (OSError, ValueError, KeyError, pa.ArrowException):
        return None
    if len(table) == 0:
        return None
    rows, replicates = table["row"].to_numpy(), table["replicate"].to_numpy()
    return Chunk(
        range(int(rows.min()) - 1, int(rows.max())),
        range(int(replicates.min()), int(replicates.max()) + 1),
    )


def as_parquet(chunk: Chunk, result: Result, key: str) -> bytes:
    """Return a chunk as a file: row (from 1), replicate (from 0), the outcomes, and the error of a row.

    The same bytes for the same chunk.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    n, m = len(chunk.rows), len(chunk.replicates)
    rows = np.repeat(np.arange(chunk.rows.start + 1, chunk.rows.stop + 1, dtype=np.int32), m)
    replicates = np.tile(np.arange(chunk.replicates.start, chunk.replicates.stop, dtype=np.int32), n)
    values = np.asarray(result.values, float).reshape(n * m, len(NAMES))
    errors = [result.errors.get(row) for row in chunk.rows for _ in chunk.replicates]
    columns = [rows, replicates, *(np.ascontiguousarray(column) for column in values.T)]
    arrays = [pa.array(c) for c in columns] + [pa.array(errors, pa.string())]
    about = {KEY: key.encode(), DIGEST: _digest(result).encode()}
    table = pa.Table.from_arrays(arrays, schema=schema().with_metadata(about))
    sink = pa.BufferOutputStream()
    pq.write_table(
        table, sink, compression="zstd", write_page_checksum=True, write_statistics=False,
        use_dictionary=["row", "replicate", "error"],
    )  # fmt: skip
    return bytes(sink.getvalue().to_pybytes())


def from_parquet(path: Path, chunk: Chunk, key: str) -> Result | None:
    """Return the chunk that a file holds; None where it is missing, damaged or of something else."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, page_checksum_verification=True, memory_map=False)
        about = table.schema.metadata or {}
        if not table.schema.equals(schema()) or len(table) != len(chunk.rows) * len(chunk.replicates):
            return None
        values = np.column_stack([table[name].to_numpy() for name in NAMES])
        said = table["error"].to_pylist()[:: len(chunk.replicates)]
    except (OSError, ValueError, KeyError, pa.ArrowException):
        return None
    errors = {row: text for row, text in zip(chunk.rows, said, strict=True) if text is not None}
    found = Result(values.reshape(len(chunk.rows), len(chunk.replicates), len(NAMES)), errors)
    is_it = about.get(KEY) == key.encode() and about.get(DIGEST) == _digest(found).encode()
    return found if is_it else None


def _digest(result: Result) -> str:
    digest = hashlib.sha256(np.ascontiguousarray(result.values).tobytes())
    digest.update(json.dumps(sorted(result.errors.items())).encode())
    return digest.hexdigest()


def key_in(path: Path) -> str | None:
    """Return what a file says that it holds; None where it cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found = pq.read_schema(path).metadata or {}
    except (OSError, ValueError, pa.ArrowException):
        return None
    return found[KEY].decode() if KEY in found else None


def schema() -> pa.Schema:
    """Return the columns of every part."""
    import pyarrow as pa

    return pa.schema(
        [("row", pa.int32()), ("replicate", pa.int32())]
        + [(name, pa.float64()) for name in NAMES]
        + [("error", pa.string())]
    )
