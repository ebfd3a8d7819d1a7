"""Plain: the records of `layout` as objects of Python, for the agents engine.

The agents read `t.stair[i].youngest` just as the kernel does, at Python's own speed: an attribute in a
slot costs a tenth of the field of a named tuple, and agents read some twenty of them a month.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import make_dataclass, replace
from functools import cache
from typing import Any

import numpy as np


def plain(record: Any) -> Any:
    """Return a record as an object with the same fields, an array of records as a tuple of them.

    Arrays inside become tuples. Nothing of it can be changed; `changed` gives a copy that differs.
    """
    return _reader(record.dtype)(record.tolist())


def plain_rows(records: Any) -> list[Any]:
    """Return `plain` of each record, made once for records that are alike."""
    keys = [row.tobytes() for row in records]
    alike = dict(zip(keys, range(len(records)), strict=True))
    made = {key: plain(records[i]) for key, i in alike.items()}
    return [made[key] for key in keys]


def changed(thing: Any, **fields: Any) -> Any:
    """Return a copy of what `plain` made with other values of some fields."""
    return replace(thing, **fields)


@cache
def _reader(dtype: np.dtype[Any]) -> Callable[[Any], Any]:
    """Return what turns numpy's own `tolist` of such a record or array into plain objects."""
    if dtype.subdtype is not None:
        inner = _reader(dtype.subdtype[0])
        return lambda array: inner(array.tolist())
    if dtype.names is None:
        return _as_tuple
    made = make_dataclass("Plain", dtype.names, slots=True, frozen=True)
    inside = {
        i: _reader(dtype[name]) for i, name in enumerate(dtype.names) if _is_made_of_more(dtype[name])
    }

    def read(value: Any) -> Any:
        if isinstance(value, list):
            return tuple(read(one) for one in value)
        fields = list(value)
        for i, reader in inside.items():
            fields[i] = reader(fields[i])
        return made(*fields)

    return read


def _is_made_of_more(dtype: np.dtype[Any]) -> bool:
    """Return whether a field is an array or a record itself."""
    return dtype.subdtype is not None or dtype.names is not None


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(one) for one in value) if isinstance(value, list) else value
