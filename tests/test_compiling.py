"""Compiling is said as such: once, on stderr, and only where something is compiled."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from simulation.compiling import WORDS, Notice

ROOT = Path(__file__).parents[1]

COMPILES = """
import numpy as np
from simulation import compiling
from simulation.expected.places import chance_of_full
compiling.notice.patience = 0.0
print(chance_of_full(np.array([0.0, 0.25, 0.75]), 2))
"""


def told(patience: float = 0.0) -> tuple[Notice, list[str], threading.Event]:
    """Return a notice, what it said, and an event that is set when it has."""
    said: list[str] = []
    spoke = threading.Event()

    def say(text: str) -> None:
        said.append(text)
        spoke.set()

    return Notice(say, patience), said, spoke


def test_it_is_said_once_however_many_functions_are_compiled() -> None:
    notice, said, spoke = told()
    for _ in range(3):
        notice.begin()
        notice.begin()  # a function that the first one calls
        assert spoke.wait(5.0)
        notice.end()
        notice.end()
    assert said == [WORDS]


def test_what_is_compiled_in_no_time_is_not_worth_a_word() -> None:
    notice, said, spoke = told(patience=60.0)
    notice.begin()
    notice.end()
    assert not spoke.wait(0.05)
    assert said == []


def test_many_functions_that_take_long_together_are_said_to_compile() -> None:
    notice, said, spoke = told(patience=0.05)
    for _ in range(100):
        notice.begin()
        spoke.wait(0.01)
        notice.end()
    assert said == [WORDS]


def test_a_progress_bar_says_it_in_its_place() -> None:
    notice, said, spoke = told()
    there: list[str] = []
    with notice.said_by(lambda text: (there.append(text), spoke.set())):  # type: ignore[func-returns-value]
        notice.begin()
        assert spoke.wait(5.0)
    assert (said, there) == ([], [WORDS])


def compiling_in(cache: Path) -> subprocess.CompletedProcess[str]:
    """Call a small compiled function in a process that keeps its machine code in `cache`."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TRAPPE_CACHE": str(cache)}
    return subprocess.run(
        [sys.executable, "-c", COMPILES], env=environment, capture_output=True, text=True, check=True
    )


def test_it_is_said_on_stderr_the_first_time_and_not_when_the_cache_has_it(tmp_path: Path) -> None:
    """What is compiled is a function of some milliseconds; without patience it is said to."""
    first, second = compiling_in(tmp_path), compiling_in(tmp_path)
    assert first.stderr.strip() == WORDS
    assert second.stderr == ""
    assert first.stdout == second.stdout == "0.75\n"
