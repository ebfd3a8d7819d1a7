"""Values: a scenario with some of its numbers replaced, named as their evidence records are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from simulation.defaults import SECTIONS
from simulation.parameters import parameter, parameters
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
    "policy.effect": ("world", "effect"),
    "policy.ramp_months": ("ramp_months",),
}
"""Where a policy states the value of a record."""

_WHOLE = {"children.early_months", "children.handover_months", "children.reentry_months",
          "children.teen_age", "work.new_worker_months", "work.vacancy_months",
          "work.assessment_deadline", "policy.ramp_months"}  # fmt: skip
_WHOLE_LEVER = ".ramp_months"
_SUM_TO_ONE = ("age_at_arrival", "age_at_entry", "guaranteed_share")


def with_values(scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    """Return `scenario` with numbers replaced, such as {"children.recognition": 0.5}.

    Names are those of evidence records; values per age band and shares that sum to one are brought back
    to sum to one. A name of a policy lever ("policy.orientation") replaces that lever in every policy
    that states the record's own value, and in no other; "policies.NAME.practice.orientation" replaces it
    in one policy, whatever it states. A record of a stair or age band that the scenario does not have is
    passed over. Raises KeyError where no scenario has such a number.
    """
    sections: dict[str, dict[str, Any]] = {}
    levers: dict[str, float] = {}
    policies: dict[str, Policy] = {}
    for name, value in values.items():
        number = round(value) if name in _WHOLE or name.endswith(_WHOLE_LEVER) else float(value)
        if name in LEVER_OF_RECORD:
            levers[name] = number
        elif name.startswith("policies."):
            _put_lever(scenario, policies, name, number)
        else:
            _put(scenario, sections, name, number)
    update: dict[str, Any] = {
        section: _updated(getattr(scenario, section), changes) for section, changes in sections.items()
    }
    if levers or policies:
        changed = {**scenario.policies, **policies}
        update["policies"] = {k: _with_levers(p, levers) for k, p in changed.items()}
    return scenario.model_copy(update=update)


def _put_lever(s: Scenario, policies: dict[str, Policy], name: str, value: float) -> None:
    """Note a policy with a lever replaced: policies.NAME.field or policies.NAME.section.field."""
    _, key, *path = name.split(".")
    policy = policies.get(key, s.policies.get(key))
    if policy is None:
        raise KeyError(f"no scenario has a number {name!r}: {s.name} has no policy {key!r}")
    *section, field = path or [""]
    holder = getattr(policy, section[0], None) if len(section) == 1 else policy
    is_number = (
        len(section) <= 1
        and isinstance(holder, BaseModel)
        and field in type(holder).model_fields
        and not isinstance(getattr(holder, field), (tuple, dict, str, BaseModel))
    )
    if not is_number:
        raise KeyError(f"no scenario has a number {name!r}")
    new = holder.model_copy(update={field: value})  # type: ignore[union-attr]
    policies[key] = policy.model_copy(update={section[0]: new}) if section else new


def _put(s: Scenario, sections: dict[str, dict[str, Any]], name: str, value: float) -> None:
    """Note one change among the changes of its section."""
    section, _, path = name.partition(".")
    field, *keys = path.split(".")
    holder = getattr(s, section) if section in SECTIONS else None
    if holder is None or field not in type(holder).model_fields:
        raise KeyError(f"no scenario has a number {name!r}")
    changes = sections.setdefault(section, {})
    new = _replaced(s, changes.get(field, getattr(holder, field)), keys, value)
    if new is not None:
        changes[field] = new
    elif not keys or name not in parameters():
        raise KeyError(f"no scenario has a number {name!r}")


def _replaced(s: Scenario, now: Any, keys: list[str], value: float) -> Any:
    """Return `now` with the number that `keys` lead to replaced; None where they lead to no number.

    `now` is a number, a list per age band, a table per stair, or a section of its own.
    """
    if not keys:
        return value if isinstance(now, (int, float)) else None
    key, *further = keys
    if isinstance(now, tuple) and not further and key in map(str, s.age_bands):
        return tuple(value if str(age) == key else x for age, x in zip(s.age_bands, now, strict=True))
    if isinstance(now, dict) and key in now:
        item = _replaced(s, now[key], further, value)
        return None if item is None else {**now, key: item}
    if isinstance(now, BaseModel) and not further and key in type(now).model_fields:
        return now.model_copy(update={key: value})
    return None


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
