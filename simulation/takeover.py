"""Taking over: a scenario file that starts from a shipped scenario, or takes in shipped policies.

`like = "denmark"` starts from that scenario, all but its names and about. `include =
["investments"]` adds the policies of that file in `data/policies`. What the file says itself goes before
what it includes, and that before what it is like; tables are joined key by key, all else (lists too) is
replaced as a whole. Amounts that are taken over are brought to the price level of the file.
"""

from __future__ import annotations

import tomllib
from fnmatch import fnmatchcase
from typing import Any

from simulation.defaults import merged
from simulation.parameters import price_factor
from simulation.shipped import nearest, shipped_policies, shipped_scenarios, shipped_text

_NEVER_TAKEN = ("name", "title", "english", "about")
_AMOUNTS = (
    "money.unit_price.*",
    "money.salary",
    "money.start_cost_per_fte",
    "money.refund_threshold",
    "policies.*.capacity.start_cost",
    "policies.*.supply.running_cost",
    "policies.*.supply.programmes.*.cost",
)
"""What is in DKK at the price level of its file."""


def with_what_it_takes_over(data: dict[str, Any], seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the tables of a scenario file with those it takes over by `like` and `include`.

    `seen` are the shipped scenarios on the way here. Raises ValueError where there is no such file or
    `like` goes round in a circle.
    """
    base = _scenario(data["like"], seen) if "like" in data else {}
    year = data.get("price_year", base.get("price_year"))
    taken = _at_prices_of(year, base) if base else {}
    for file in _files_of_policies(data.get("include", [])):
        taken = merged(taken, {"policies": _at_prices_of(year, file)["policies"]})
    return merged(taken, {k: v for k, v in data.items() if k not in ("like", "include")})


def _scenario(name: Any, seen: tuple[str, ...]) -> dict[str, Any]:
    if name not in shipped_scenarios():
        raise ValueError(f"like = {name!r}: no such scenario; {nearest(name, shipped_scenarios())}")
    if name in seen:
        raise ValueError(f"like = {name!r} goes round in a circle: {' -> '.join((*seen, name))}")
    whole = with_what_it_takes_over(tomllib.loads(shipped_text(name)), (*seen, name))
    return {key: value for key, value in whole.items() if key not in _NEVER_TAKEN}


def _files_of_policies(names: Any) -> list[dict[str, Any]]:
    known = shipped_policies()
    if not isinstance(names, list):
        raise ValueError(
            f"include = {names!r} must be a list in square brackets, such as include = {known[:1]}"
        )
    for name in names:
        if name not in known:
            raise ValueError(f"include = {names!r}: no policies {name!r}; {nearest(name, known)}")
    return [tomllib.loads(shipped_text(f"policies/{name}")) for name in names]


def _at_prices_of(year: Any, tables: dict[str, Any]) -> dict[str, Any]:
    """Return the tables of a file with its amounts at the price level of `year`.

    What is no price year is left to the checks of the scenario.
    """
    if not isinstance(year, int) or not 2000 <= year <= 2100:
        return tables
    factor = price_factor(tables["price_year"], year)
    return {**_repriced(tables, factor), "price_year": year}


def _repriced(here: Any, factor: float, path: str = "") -> Any:
    """Return `here` with every amount in it times `factor`."""
    if isinstance(here, dict):
        return {k: _repriced(v, factor, f"{path}.{k}" if path else k) for k, v in here.items()}
    if not any(fnmatchcase(path, amount) for amount in _AMOUNTS):
        return here
    return [x * factor for x in here] if isinstance(here, list) else here * factor
