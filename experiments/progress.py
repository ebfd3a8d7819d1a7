"""Progress on stderr: a bar where somebody watches, silence elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function of (done, total) that moves a progress bar with a time estimate."""
    from tqdm import tqdm

    shape = "{desc}  {percentage:3.0f} % |{bar:24}| {elapsed} < {remaining}"
    with tqdm(total=0, desc=title, bar_format=shape, file=sys.stderr, disable=None) as line:

        def move(done: int, total: int) -> None:
            if line.total == 0:
                line.initial = done  # what was there before says nothing about the time that is left
            line.total = total
            line.n = done
            line.refresh()

        yield move


def compiling_notice(engine: str) -> None:
    """Say that the first run compiles, where it does."""
    from simulation.compiled import cache_is_cold

    if engine == "kernel" and cache_is_cold():
        print(
            "Compiling the simulation (the first time only, about half a minute) ...",
            file=sys.stderr,
        )
