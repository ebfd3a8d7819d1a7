"""What is worked out once for an object that never changes, and forgotten with it."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def remembered(function: Callable[[T], R]) -> Callable[[T], R]:
    """Return `function` of one frozen object, worked out once for each object.

    By identity: scenarios and staircases hold dicts and lists, so they have no cheap hash. What is
    returned is shared by all who ask; nobody may change it.
    """
    known: dict[int, tuple[weakref.ref[T], R]] = {}

    @wraps(function)
    def once(thing: T) -> R:
        found = known.get(id(thing))
        if found is not None and found[0]() is thing:
            return found[1]
        result, key = function(thing), id(thing)
        known[key] = (weakref.ref(thing, lambda _: known.pop(key, None)), result)
        return result

    return once
