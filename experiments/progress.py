"""Progress on stderr: a bar where somebody watches, silence elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function of (done, total) that moves a progress bar with a time estimate."""
    from tqdm import tqdm

    from simulation.compiling import notice

    shape = "{desc}  {percentage:3.0f} % |{bar:24}| {elapsed} < {remaining}"
    with (
        tqdm(total=0, desc=title, bar_format=shape, file=sys.stderr, disable=None) as line,
        notice.said_by(lambda text: tqdm.write(text, file=sys.stderr)),
    ):

        def move(done: int, total: int) -> None:
            if line.total == 0:
                line.initial = done  # what was there before says nothing about the time that is left
            line.total = total
            line.n = done
            line.refresh()

        yield move
