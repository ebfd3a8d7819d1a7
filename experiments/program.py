"""The program: what tells one version from another, here and on other machines."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import experiments
from experiments.draws import posterior_hash
from simulation.parameters import evidence_files

MADE_BY = (
    "runner.py",
    "points.py",
    "draws.py",
    *(f"sweep/{x}.py" for x in ("outcomes", "sound", "work")),
)
"""What makes outcomes, beside the simulation itself."""


def project_version() -> str:
    """Return the version of this package."""
    return library("indsatstrappe") or "unknown"


def library(name: str) -> str:
    """Return the version of an installed library, "" where there is none."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


@cache
def code_hash() -> str:
    """Return 12 hex digits that change with the source of the simulation."""
    import simulation

    digest = hashlib.sha256()
    for path in sorted(Path(simulation.__file__).parent.rglob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def program_hash() -> str:
    """Return 12 hex digits that change with the source of the simulation and of what sums it up."""
    digest = hashlib.sha256(code_hash().encode())
    for name in MADE_BY:
        digest.update(name.encode() + b"\0" + (Path(experiments.__file__).parent / name).read_bytes())
    return digest.hexdigest()[:12]


@cache
def evidence_hash() -> str:
    """Return 12 hex digits that change with the evidence records."""
    digest = hashlib.sha256()
    for path in sorted(evidence_files()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def program() -> dict[str, str]:
    """Return what must be the same wherever a part of one sweep or study is made."""
    return {
        "version": project_version(),
        "code": program_hash(),
        "evidence": evidence_hash(),
        "draws": posterior_hash(),
    }
