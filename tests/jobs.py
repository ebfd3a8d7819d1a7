"""Work for the tests of executors: it stands in a module of its own, so that it can be sent anywhere."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def squared(x: int) -> int:
    """Return x * x."""
    return x * x


def slowly(x: int) -> int:
    """Return x * x, a tenth of a second later."""
    time.sleep(0.1)
    return x * x


def own_number(_: int) -> int:
    """Return the number of the process, a moment later."""
    time.sleep(0.1)
    return os.getpid()


def refused(x: int) -> int:
    """Raise for 3."""
    if x == 3:
        raise ValueError(f"{x} is refused")
    return x * x


def deadly(x: int) -> int:
    """End the process for 3, every time."""
    if x == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return x * x


def deadly_once(folder: str, x: int) -> int:
    """End the process for 3, the first time."""
    mark = Path(folder) / "died"
    if x == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return x * x
