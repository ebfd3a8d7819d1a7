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


def attempt(folder: Path) -> int:
    """Start the sweep in a process of its own; return its number."""
    child = os.fork()
    if child == 0:
        Sweep(DESIGN, folder, workers=2).values(["caseload"])
        os._exit(0)
    return child


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
            child = attempt(place)
            time.sleep(rng.uniform(0.0, 0.4) * whole)
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            if not os.WIFSIGNALED(status):
                break
            killed += 1
            parts = list((place / "parts").glob("*.parquet"))
            assert all(is_whole(part, keys) for part in parts)
            print("parts", len(parts), flush=True)
    for i in range(sweeps + 1):
        os.waitpid(attempt(folder / str(i)), 0)
    print("killed", killed, "sweeps", sweeps, flush=True)


if __name__ == "__main__":
    main()
