"""Values: a scenario with some of its numbers replaced, named as their evidence records are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulation.parameters import parameter
from simulation.policy import Policy
from simulation.scenario import Scenario

_SAME = 1e-9
"""Two numbers closer than this (relative) are the same."""

LEVER_OF_RECORD: dict[str, tuple[str, ...]] = {
    "policy.orientation": ("practice", "orientation"),
    "policy.residential_odds": ("practice", "residential_odds"),
    "policy.without_leader": ("practice", "without_leader"),
    "policy.network_search": ("supply", "network_search"),
    "policy.outreach": ("supply", "outreach"),
    "policy.surveillance": ("world", "surveillance"),
    "policy.ramp_months": ("ramp_months",),
}
"""Where a policy states the value of a record."""

_WHOLE = {"children.early_months", "children.handover_months", "children.reentry_months",
          "work.new_worker_months", "work.vacancy_months", "policy.ramp_months"}  # fmt: skip
_SUM_TO_ONE = ("age_at_arrival", "age_at_entry", "guaranteed_share")


def with_values(scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    """Return `scenario` with numbers replaced, such as {"children.recognition": 0.5}.

    Names are those of evidence records; values per age band and shares that sum to one are brought back
    to sum to one. A name of a policy lever ("policy.orientation") replaces that lever in every policy
    that states the record's own value, and in no other. A stair that the scenario does not have is passed
    over. Raises KeyError where no scenario has such a number.
    """
    sections: dict[str, dict[str, Any]] = {}
    levers: dict[str, float] = {}
    for name, value in values.items():
        section, _, path = name.partition(".")
        number = round(value) if name in _WHOLE else float(value)
        if name in LEVER_OF_RECORD:
            levers[name] = number
        elif section in ("children", "work", "reviews", "money", "baseline"):
            changes = sections.setdefault(section, {})
            _put(scenario, getattr(scenario, section), changes, path.split("."), number)
        else:
            raise KeyError(f"no scenario has a number {name!r}")
    update: dict[str, Any] = {
        section: _updated(getattr(scenario, section), changes) for section, changes in sections.items()
    }
    if levers:
        update["policies"] = {k: _with_levers(p, levers) for k, p in scenario.policies.items()}
    return scenario.model_copy(update=update)


def _put(s: Scenario, section: Any, changes: dict[str, Any], path: list[str], value: float) -> None:
    """Note one change of a section: a number, one of a table per stair, one of a list per age band."""
    name = path[0]
    if not hasattr(section, name):
        raise KeyError(f"no scenario has a number {name!r}")
    now = changes.get(name, getattr(section, name))
    if len(path) == 1:
        changes[name] = value
    elif isinstance(now, tuple):
        changes[name] = _with_item(s, now, path[1], value)
    elif isinstance(now, dict):
        if path[1] in now:
            item = now[path[1]]
            new = value if len(path) == 2 else _with_item(s, item, path[2], value)
            changes[name] = {**now, path[1]: new}
    else:
        changes[name] = now.model_copy(update={path[1]: value})


def _with_item(s: Scenario, items: tuple[float, ...], key: str, value: float) -> tuple[float, ...]:
    """Return a list per age band with the value of the band that begins at age `key` replaced."""
    if int(key) not in s.age_bands:
        return items
    i = s.age_bands.index(int(key))
    return (*items[:i], value, *items[i + 1 :])


def _updated(section: Any, changes: dict[str, Any]) -> Any:
    for name in _SUM_TO_ONE:
        if name in changes:
            changes[name] = _summing_to_one(changes[name])
    return section.model_copy(update=changes)


def _summing_to_one(shares: Any) -> Any:
    if isinstance(shares, tuple):
        return tuple(x / sum(shares) for x in shares)
    fields = shares.model_dump()
    return shares.model_copy(update={k: v / sum(fields.values()) for k, v in fields.items()})


def _with_levers(policy: Policy, levers: Mapping[str, float]) -> Policy:
    for name, value in levers.items():
        *section, field = LEVER_OF_RECORD[name]
        holder = getattr(policy, section[0]) if section else policy
        stated = getattr(holder, field)
        if stated is None or abs(stated - parameter(name).value) > _SAME * abs(parameter(name).value):
            continue
        new = holder.model_copy(update={field: value})
        policy = policy.model_copy(update={section[0]: new}) if section else new
    return policy
