"""Says, once, that functions are being compiled: the first run takes its time, and is no hang.

Numba tells when it begins and ends to compile a function that is not in the cache; so whatever compiles,
and nothing else, is said to. One line on stderr, however many functions there are.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 0.5
"""Seconds of compiling before it is worth a word."""

WORDS = "Compiling the simulation (the first time only, up to a minute) ..."


def _on_stderr(text: str) -> None:
    if sys.stderr is not None:  # a program without a console has none
        print(text, file=sys.stderr, flush=True)


class Notice:
    """What says that functions are being compiled, once `patience` seconds were spent on it in all.

    `say` is called at most once, in a thread of its own where the compiling goes on meanwhile.
    """

    def __init__(self, say: Callable[[str], None] = _on_stderr, patience: float = PATIENCE) -> None:
        self.say, self.patience = say, patience
        self._spent = 0.0
        self._under_way = 0
        self._began = 0.0
        self._later: threading.Timer | None = None
        self._said = threading.Lock()

    def begin(self) -> None:
        """Note that a function is being compiled; others that it calls may be meanwhile."""
        self._under_way += 1
        if self._under_way > 1 or self._said.locked():
            return
        self._began = time.perf_counter()
        self._later = threading.Timer(max(0.0, self.patience - self._spent), self.speak)
        self._later.daemon = True
        self._later.start()

    def end(self) -> None:
        """Note that a function is compiled."""
        self._under_way = max(0, self._under_way - 1)
        if self._under_way == 0 and self._later is not None:
            self._later.cancel()
            self._later = None
            self._spent += time.perf_counter() - self._began

    def speak(self) -> None:
        """Say it, unless it was said before."""
        if self._said.acquire(blocking=False):  # and never released: once
            self.say(WORDS)

    @contextmanager
    def said_by(self, say: Callable[[str], None]) -> Iterator[None]:
        """Let something else say it meanwhile."""
        before, self.say = self.say, say
        try:
            yield
        finally:
            self.say = before


notice = Notice()
"""The one of this process."""
