"""The cache of compiled code never serves a stale rule, and does without a folder where it must."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import simulation
from simulation import rules
from simulation.compiled import compiled, how_many_bits, lowest_bit, plain_twin
from simulation.layout import MONTH
from simulation.plain import plain

# A compiled function of one file that calls a rule of another.
CALLER = """
import numpy as np
from simulation.layout import TABLE
from simulation.newcomers import arrival
t = np.zeros(1, TABLE)[0]
t["n_bands"], t["severity_sd"] = 1, 0.0
t["band"]["width"] = 12
print(arrival(t, 1, 0, 5, 3)[1])
"""


def run(package: Path, cache: Path | str, code: str = CALLER) -> str:
    """Run code against a copy of the package with a cache folder of its own."""
    environment = {**os.environ, "PYTHONPATH": str(package.parent), "TRAPPE_CACHE": str(cache)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env=environment, cwd=package.parent, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the simulation that may be edited."""
    source = Path(simulation.__file__).parent
    copy = tmp_path / "copy" / "simulation"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def edit(package: Path, old: str, new: str) -> None:
    path = package / "rules.py"
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def test_an_edited_rule_is_seen_through_the_cache_by_callers_in_other_files(
    package: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    assert run(package, cache) == "1.0"
    assert run(package, cache) == "1.0"
    edit(
        package, "    if sd_log <= 0.0:\n        return 1.0", "    if sd_log <= 0.0:\n        return 2.0"
    )
    assert run(package, cache) == "2.0"


def test_a_second_start_compiles_nothing(package: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    run(package, cache)
    before = {p: p.stat().st_mtime_ns for p in cache.rglob("*.nb?")}
    assert before
    run(package, cache)
    assert {p: p.stat().st_mtime_ns for p in cache.rglob("*.nb?")} == before


def test_only_caches_of_earlier_versions_are_forgotten(package: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    mine = [cache / name for name in ("Documents", "photos-2026", "0123456789abcdeg")]
    old = [cache / f"{n:016x}" for n in range(9)]
    for folder in (*mine, *old):
        folder.mkdir(parents=True)
    run(package, cache)
    assert all(folder.is_dir() for folder in mine)
    assert sum(folder.is_dir() for folder in old) == 6


def test_without_a_writable_cache_folder_all_works(package: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    assert run(package, in_the_way / "cache") == "1.0"


def test_plain_twins_give_what_compiled_rules_give() -> None:
    import numpy as np

    record = np.zeros(1, MONTH)[0]
    record["n_refunds"] = 2
    record["refund"]["threshold"][:2] = [100.0, 200.0]
    record["refund"]["share"][:2] = [0.25, 0.5]
    twin = plain_twin(rules)
    for cost in (0.0, 100.0, 123.4, 250.0):
        assert twin.refund(plain(record), cost) == rules.refund(record, cost)
    assert twin.refund is not rules.refund
    assert twin.chance is rules.chance, "what needs an exponential stays compiled in both engines"


@compiled
def positions(bits):
    return lowest_bit(bits), how_many_bits(bits)


@pytest.mark.parametrize("bits", [0, 1, 2, 0b1011000, 1 << 31, (1 << 32) - 1, 1 << 62])
def test_bits_are_found_and_counted(bits: int) -> None:
    lowest = next((i for i in range(64) if bits >> i & 1), 64)
    assert positions(bits) == (lowest, bits.bit_count())
