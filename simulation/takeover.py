"""Taking over: a scenario file that starts from a shipped scenario, or takes in shipped policies.

`like = "denmark"` starts from that scenario, all but its name, title and about. `include =
["investments"]` adds the policies of that file in `data/policies`. What the file says itself goes before
what it includes, and that before what it is like; tables are joined key by key, all else (lists too) is
replaced as a whole.
"""

from __future__ import annotations

import tomllib
from typing import Any

from simulation.defaults import merged
from simulation.shipped import nearest, shipped_policies, shipped_scenarios, shipped_text

_NEVER_TAKEN = ("name", "title", "about")


def with_what_it_takes_over(data: dict[str, Any], seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the tables of a scenario file with those it takes over by `like` and `include`.

    `seen` are the shipped scenarios on the way here. Raises ValueError where there is no such file or
    `like` goes round in a circle.
    """
    taken = _scenario(data["like"], seen) if "like" in data else {}
    for policies in _policies(data.get("include", [])):
        taken = merged(taken, policies)
    return merged(taken, {k: v for k, v in data.items() if k not in ("like", "include")})


def _scenario(name: Any, seen: tuple[str, ...]) -> dict[str, Any]:
    if name not in shipped_scenarios():
        raise ValueError(f"like = {name!r}: no such scenario; {nearest(name, shipped_scenarios())}")
    if name in seen:
        raise ValueError(f"like = {name!r} goes round in a circle: {' -> '.join((*seen, name))}")
    whole = with_what_it_takes_over(tomllib.loads(shipped_text(name)), (*seen, name))
    return {key: value for key, value in whole.items() if key not in _NEVER_TAKEN}


def _policies(names: Any) -> list[dict[str, Any]]:
    known = shipped_policies()
    if not isinstance(names, list):
        raise ValueError(
            f"include = {names!r} must be a list in square brackets, such as include = {known[:1]}"
        )
    for name in names:
        if name not in known:
            raise ValueError(f"include = {names!r}: no policies {name!r}; {nearest(name, known)}")
    return [tomllib.loads(shipped_text(f"policies/{name}")) for name in names]
