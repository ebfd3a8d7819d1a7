"""Store: results on disk, chunk by chunk, never half written and never mixed.

A study has a folder. `manifest.json` says what it is a study of; `parts/` holds one Parquet file per
chunk and arm, written under a name that begins with a dot and then renamed, so that a run that was
stopped anywhere goes on from the last whole chunk. A folder of another study is refused.
"""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from experiments.draws import draws_hash
from experiments.files import StoreError, write_whole
from experiments.program import code_hash as code_hash
from experiments.program import library
from experiments.program import project_version as project_version
from experiments.runner import CHUNK, Arm, Plan
from simulation.accounts import MONTHS_IN_YEAR, calendar_years
from simulation.costs import GROUPS
from simulation.law import refund_steps
from simulation.ledger import column_names

LIBRARIES = ("mesa", "numpy", "scipy", "matplotlib", "numba", "pyarrow", "pydantic", "pandas")
IDENTITY = (
    "scenario", "refund", "policies", "seed", "engine", "chunk", "draws", "district", "code",
)  # fmt: skip
"""What two runs must share to be the same study."""
FIELDS = tuple(field.name for field in fields(Arm))


def identity(plan: Plan) -> dict[str, Any]:
    """Return what makes a study: scenario with all parameters, refund, policies, seed, engine, code."""
    scenario = plan.scenario
    years = sorted(set(calendar_years(scenario.start, scenario.months).tolist()))
    return {
        "scenario": scenario.model_dump(mode="json"),
        "refund": {str(year): [list(step) for step in refund_steps(scenario, year)] for year in years},
        "policies": list(plan.policies),
        "seed": plan.seed,
        "engine": plan.engine,
        "chunk": CHUNK,
        "draws": [plan.draws, draws_hash(scenario) if plan.draws else ""],
        "district": plan.district,
        "code": code_hash(),
    }


def short_name(plan: Plan) -> str:
    """Return the folder name of a study: the scenario's name and eight digits of its identity."""
    text = json.dumps(identity(plan), sort_keys=True)
    return f"{plan.scenario.name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def commit() -> str:
    """Return the commit of a checkout, with '+' where files differ from it; '' elsewhere."""
    here = Path(__file__).parent
    try:
        ask = {"cwd": here, "capture_output": True, "text": True, "timeout": 5, "check": True}
        commit = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], **ask).stdout.strip()  # type: ignore[call-overload]
        changed = subprocess.run(["git", "status", "--porcelain", "-uno"], **ask).stdout.strip()  # type: ignore[call-overload]
    except (OSError, subprocess.SubprocessError):
        return ""
    return commit + ("+" if changed else "")


class Store:
    """The folder of one study."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder = folder
        self.plan = plan
        self._parts = folder / "parts"

    def open(self) -> None:
        """Create the folder, or check that it holds this very study.

        Raises StoreError where it cannot be written or holds another study, naming the difference.
        """
        try:
            self._parts.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the results folder {self.folder} cannot be written ({error.strerror}); "
                "name another one with --out"
            ) from None
        manifest = self.folder / "manifest.json"
        if manifest.exists():
            self._refuse_another_study(self._read(manifest))
        elif any(self._parts.glob("*.parquet")):
            raise StoreError(
                f"{self.folder} holds results but no manifest.json that says of what; "
                "name another folder with --out, or remove this one"
            )
        else:
            self.write_manifest({})

    def _read(self, manifest: Path) -> dict[str, Any]:
        try:
            found = json.loads(manifest.read_text("utf-8"))
        except (OSError, ValueError):
            found = None
        if not isinstance(found, dict) or not isinstance(found.get("study"), dict):
            raise StoreError(
                f"{manifest} cannot be read as the manifest of a study; "
                "name another folder with --out, or remove this one"
            )
        return found

    def _refuse_another_study(self, found: dict[str, Any]) -> None:
        wanted = identity(self.plan)
        for key in IDENTITY:
            if found["study"].get(key) != wanted[key]:
                what = "\n".join(differences(found["study"].get(key), wanted[key], key)[:8])
                raise StoreError(
                    f"{self.folder} holds another study; nothing was mixed. It differs in:\n{what}\n"
                    "Name another folder with --out, or remove this one."
                )

    def write_manifest(self, run: dict[str, Any]) -> None:
        """Write what the study is and how it was made; no paths."""
        self.write_text(
            "manifest.json",
            json.dumps(
                {
                    "project": "Indsatstrappe",
                    "version": project_version(),
                    "commit": commit(),
                    "written": datetime.now(UTC).isoformat(timespec="seconds"),
                    "python": platform.python_version(),
                    "libraries": {name: library(name) for name in LIBRARIES},
                    "run": run,
                    "study": identity(self.plan),
                },
                indent=1,
                ensure_ascii=False,
            )
            + "\n",
        )

    def write_text(self, name: str, text: str) -> None:
        """Write a text file whole or not at all."""
        self.write_bytes(name, text.encode("utf-8"))

    def write_bytes(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all: aside, then rename."""
        write_whole(self.folder / name, content)

    def save(self, chunk: int, arm: str, result: Arm) -> None:
        """Write one chunk of one arm."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = {
            name: pa.FixedSizeListArray.from_arrays(
                pa.array(np.ascontiguousarray(values).reshape(-1)), int(np.prod(values.shape[1:]))
            )
            for name, values in ((name, getattr(result, name)) for name in FIELDS)
        }
        replicates = pa.array(np.arange(chunk * CHUNK, (chunk + 1) * CHUNK, dtype=np.int32))
        table = pa.table({"replicate": replicates, **columns})
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
        self.write_bytes(f"parts/{self._part(chunk, arm).name}", sink.getvalue().to_pybytes())

    def load(self, chunk: int, arm: str) -> Arm | None:
        """Return one chunk of one arm; None where it is not there or damaged, so that it is run again."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            table = pq.read_table(self._part(chunk, arm), page_checksum_verification=True)
            flat = {
                name: table[name].combine_chunks().flatten().to_numpy(zero_copy_only=False)
                for name in FIELDS
            }
            shapes = _shapes(self.plan)
            return Arm(**{name: flat[name].reshape(CHUNK, *shapes[name]) for name in FIELDS})
        except (OSError, ValueError, KeyError, pa.ArrowException):
            return None

    def _part(self, chunk: int, arm: str) -> Path:
        return self._parts / f"{quote(arm, safe='')}-{chunk:05d}.parquet"


def _shapes(plan: Plan) -> dict[str, tuple[int, ...]]:
    """Return the shape of one replicate of each field of an arm."""
    scenario = plan.scenario
    months = scenario.months
    return {
        "years": (-(-months // MONTHS_IN_YEAR), len(column_names(scenario.staircase))),
        "net": (months,),
        "refund": (months,),
        "stairs": (months, len(scenario.staircase)),
        "spending": (len(set(calendar_years(scenario.start, months).tolist())), len(GROUPS)),
    }


def differences(found: Any, wanted: Any, where: str) -> list[str]:
    """Return one line per value that differs, with its dotted path."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        lines: list[str] = []
        for key in sorted({*found, *wanted}):
            if found.get(key) != wanted.get(key):
                lines += differences(found.get(key), wanted.get(key), f"{where}.{key}")
        return lines
    if _are_tables(found) and _are_tables(wanted) and len(found) == len(wanted):
        pairs = enumerate(zip(found, wanted, strict=True))
        return [line for i, (a, b) in pairs if a != b for line in differences(a, b, f"{where}[{i}]")]
    return [f"  {where}: there {found!r}, here {wanted!r}"]


def _are_tables(thing: Any) -> bool:
    return isinstance(thing, list) and bool(thing) and all(isinstance(part, dict) for part in thing)
