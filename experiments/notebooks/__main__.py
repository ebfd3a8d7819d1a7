"""`python -m experiments.notebooks [NAME ...]`: run the notebooks in notebooks/ and rewrite them."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from experiments.notebooks.building import build, sources

FOLDER = Path("notebooks")


def main(names: list[str]) -> int:
    """Build the notebooks whose names begin with one of `names`, or all; return the exit code."""
    chosen = [s for s in sources(FOLDER) if not names or s.name.startswith(tuple(names))]
    if not chosen:
        print(f"No notebook of that name; there are {', '.join(s.stem for s in sources(FOLDER))}.")
        return 2
    for source in chosen:
        began = time.perf_counter()
        path = build(source)
        size, seconds = path.stat().st_size // 1000, time.perf_counter() - began
        print(f"{path}: {size} kB, {seconds:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
