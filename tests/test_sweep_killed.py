"""A sweep that is killed at any moment goes on from there, to the same bytes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from killing import DESIGN, KILLS
from sweeps import contents

from experiments.sweep.run import Sweep

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
KILLER = Path(__file__).with_name("killing.py")


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_twenty_kills_at_random_moments_leave_the_same_files(tmp_path: Path) -> None:
    """The moments come from a seeded generator; where they fall in the work depends on the machine."""
    Sweep(DESIGN, tmp_path / "whole").values(["caseload"])
    run = subprocess.run([sys.executable, str(KILLER), str(tmp_path / "killed"), "20"], env=ENVIRONMENT,
                         capture_output=True, text=True, timeout=240, check=False)  # fmt: skip
    assert run.returncode == 0, run.stderr
    said = run.stdout.split()
    assert int(said[said.index("killed") + 1]) == KILLS
    sweeps = int(said[said.index("sweeps") + 1])
    for i in range(sweeps + 1):
        assert contents(tmp_path / "killed" / str(i)) == contents(tmp_path / "whole")
    in_the_middle = {int(n) for n in said[1 : said.index("killed") : 2]}
    assert len(in_the_middle) >= 5  # kills fell between different parts, not all before the first


DESIGN_FILE = """
scenarios = ["fano"]
policies = ["staff_only"]
replicates = 200
months = 12
[grid]
"work.follow_up_hours" = { from = 4.0, to = 12.0, steps = 24 }
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_the_command_is_killed_and_goes_on(tmp_path: Path, executor: str) -> None:
    """The whole command with all its processes, killed six times at moments from a seeded generator."""
    (tmp_path / "design.toml").write_text(DESIGN_FILE, "utf-8")
    command = [sys.executable, "-m", "experiments.cli", "sweep", "design.toml", "--workers", "2"]
    options = {"cwd": tmp_path, "env": ENVIRONMENT, "stdout": subprocess.DEVNULL,
               "stderr": subprocess.DEVNULL}  # fmt: skip
    began = time.monotonic()
    subprocess.run([*command, "--out", "whole"], **options, check=True)
    whole = time.monotonic() - began
    rng = random.Random(1)
    for _ in range(6):
        run = subprocess.Popen([*command, "--executor", executor, "--out", "killed"], **options)
        time.sleep(rng.uniform(0.5, 1.0) * whole)
        run.send_signal(signal.SIGKILL)
        run.wait(10)
    subprocess.run([*command, "--executor", executor, "--out", "killed"], **options, check=True)
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
