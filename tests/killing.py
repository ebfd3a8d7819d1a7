"""Runs a sweep in processes that are killed at random moments, until it has lost so many of them.

Called as a program with a folder and a seed. It forks for every attempt, so that no attempt begins with
half a minute of imports. Prints how many attempts were killed while they worked, how many sweeps that
took, and how many whole parts there were after each kill.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

from sweeps import small, some_rows

from experiments.sweep.identity import Keys, identity
from experiments.sweep.parts import chunk_in, from_parquet
from experiments.sweep.run import Sweep

DESIGN = small(some_rows(24), replicates=40, rows_per_chunk=1, block=20)
KILLS = 20
MOST_PARTS = 6
"""Parts that an attempt is let to finish before it may be killed: fewer than so many, at random.

By the clock alone, a busy machine would have them all killed before the first part.
"""


def attempt(folder: Path) -> int:
    """Start the sweep in a process of its own; return its number."""
    child = os.fork()
    if child == 0:
        Sweep(DESIGN, folder, workers=2).values(["caseload"])
        os._exit(0)
    return child


def parts_in(place: Path) -> list[Path]:
    """Return the parts that a folder holds."""
    return list((place / "parts").glob("*.parquet"))


def is_at_work(child: int) -> bool:
    """Return whether a process has not ended."""
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def is_whole(part: Path, keys: Keys) -> bool:
    """Return whether a part can be read and is what its name says."""
    chunk = chunk_in(part)
    return chunk is not None and from_parquet(part, chunk, keys.of(chunk)) is not None


def main() -> None:
    """Kill, look, start again."""
    folder, rng = Path(sys.argv[1]), random.Random(int(sys.argv[2]))
    keys = Keys(identity(DESIGN), DESIGN.rows)
    Sweep(small(some_rows(1), replicates=1)).values(["caseload"])  # everything is loaded from here on
    began = time.monotonic()
    os.waitpid(attempt(folder / "0"), 0)
    whole = time.monotonic() - began
    killed, sweeps = 0, 0
    while killed < KILLS:
        sweeps += 1
        place = folder / str(sweeps)
        while killed < KILLS:
            more = rng.randrange(MOST_PARTS)
            goal = len(parts_in(place)) + more
            child = attempt(place)
            while len(parts_in(place)) < goal and is_at_work(child):
                time.sleep(0.0005)
            time.sleep(rng.uniform(0.0, 0.1 if more else 0.5) * whole)
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            if not os.WIFSIGNALED(status):
                break
            killed += 1
            parts = parts_in(place)
            assert all(is_whole(part, keys) for part in parts)
            print("parts", len(parts), flush=True)
    for i in range(sweeps + 1):
        os.waitpid(attempt(folder / str(i)), 0)
    print("killed", killed, "sweeps", sweeps, flush=True)


if __name__ == "__main__":
    main()
