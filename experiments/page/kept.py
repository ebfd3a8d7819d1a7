"""Kept: histories that another position of the sliders can use again, the latest ones."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from experiments.page.answer import Arm


class Kept:
    """The latest `most` arms by key, each as long as it was last worked out."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._arms: OrderedDict[Hashable, Arm] = OrderedDict()
        self._alone = Lock()

    def get(self, key: Hashable, months: int, make: Callable[[], Arm]) -> Arm:
        """Return the first months of an arm; `make` works it out where it is not kept, or not so long.

        Two threads that ask for the same may both work it out, and get the same.
        """
        arm = self._arms.get(key)
        if arm is None or arm.net.shape[1] < months:
            arm = make()
        with self._alone:
            self._arms[key] = arm
            self._arms.move_to_end(key)
            while len(self._arms) > self._most:
                self._arms.popitem(last=False)
        return arm.until(months)
