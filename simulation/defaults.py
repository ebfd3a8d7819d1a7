"""What a scenario leaves out: filled in from the evidence records, before it is checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulation.parameters import parameters, value
from simulation.policy import CAUSES, brings_contact
from simulation.staircase import DEFAULT_STAIRCASE

DEFAULT_BANDS = (0, 4, 12, 15)
SECTIONS = ("children", "work", "reviews", "money", "baseline")
NOT_IN_SCENARIO = {"money.price_growth"}


def filled_in(data: dict[str, Any]) -> dict[str, Any]:
    """Return `data` with evidence values for what it lacks and with each policy's `like` resolved.

    Values per stair are taken only for stairs the scenario has and that can use them; values per age
    band only where the scenario keeps the standard age bands. What is still missing, or of the wrong
    kind, is for the checks to report.
    """
    given_bands = data.get("age_bands", DEFAULT_BANDS)
    bands = tuple(given_bands) if isinstance(given_bands, (list, tuple)) else ()
    year = data.get("price_year")
    evidence = _evidence(_stairs(data), bands, year if isinstance(year, int) else None)
    result = dict(data)
    for section in SECTIONS:
        given = data.get(section, {})
        result[section] = merged(evidence[section], given) if isinstance(given, dict) else given
    if isinstance(data.get("policies"), dict):
        result["policies"] = {name: resolved(name, data["policies"]) for name in data["policies"]}
    return result


def resolved(name: str, policies: dict[str, Any], seen: tuple[str, ...] = ()) -> Any:
    """Return policy `name` with what it takes over from the policy named in its `like`.

    Raises ValueError where `like` names no policy or goes round in a circle.
    """
    policy = policies[name]
    if not isinstance(policy, dict) or policy.get("like") is None:
        return policy
    base = policy["like"]
    if not isinstance(base, str) or base not in policies:
        raise ValueError(
            f"policies.{name}.like = {base!r}: there is no such policy; "
            f"the policies are {', '.join(policies)}"
        )
    if name in seen:
        raise ValueError(f"policies.{name}.like goes round in a circle: {' -> '.join((*seen, name))}")
    inherited = resolved(base, policies, (*seen, name))
    own = {k: v for k, v in policy.items() if k not in ("like", "only")}
    if not isinstance(inherited, dict):
        return own
    inherited = {
        k: v for k, v in inherited.items() if k not in ("label", "english", "about", "like", "only")
    }
    if isinstance(policy.get("only"), (list, tuple)):
        inherited = _keeping(inherited, policy["only"])
    result = merged(inherited, own)
    return {**result, "like": base, **({"only": policy["only"]} if "only" in policy else {})}


def _keeping(policy: dict[str, Any], causes: Sequence[Any]) -> dict[str, Any]:
    """Return what `Policy.keeping` leaves of a policy that is not read yet."""
    kept = {k: v for k, v in policy.items() if k not in CAUSES or k in causes}
    if isinstance(kept.get("world"), dict) and not brings_contact(causes):
        kept["world"] = {k: v for k, v in kept["world"].items() if k != "surveillance"}
    return kept


def _stairs(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the stairs by key, as far as they can be read; the last one marked."""
    given = data.get("staircase")
    if not isinstance(given, (list, tuple)):
        given = DEFAULT_STAIRCASE.model_dump()
    read = [s for s in given if isinstance(s, dict) and isinstance(s.get("key"), str)]
    return {s["key"]: {**s, "last": s is read[-1]} for s in read}


def _evidence(stairs: dict[str, Any], bands: tuple[Any, ...], year: int | None) -> dict[str, Any]:
    tree: dict[str, Any] = {section: {} for section in SECTIONS}
    for name in parameters():
        section, *path = name.split(".")
        if section not in SECTIONS or name in NOT_IN_SCENARIO:
            continue
        if len(path) > 1 and _is_stair(path[1]):
            tree[section].setdefault(path[0], {})  # a table of its own, even where it stays empty
            if not _uses(stairs.get(path[1]), path[0]):
                continue
        if section == "children" and path[-1].isdigit() and bands != DEFAULT_BANDS:
            continue
        node = tree[section]
        for step in path[:-1]:
            node = node.setdefault(step, {})
        node[path[-1]] = value(name, year)
    return {section: _lists(node, bands) for section, node in tree.items()}


def _uses(stair: dict[str, Any] | None, table: str) -> bool:
    """Return whether a stair can use a value of a table; False where there is no such stair."""
    if stair is None:
        return False
    kind = stair.get("kind")
    if table == "entry_share":
        return kind == "care" and not stair.get("family_like")
    if table == "home_share":
        return kind == "care"
    if table == "planned_up":
        return kind in ("home", "care") and not stair["last"]
    if table in ("readiness_rate", "unit_price", "price_spread"):
        return kind in ("home", "care")
    return kind != "hidden"


def _is_stair(key: str) -> bool:
    return key in DEFAULT_STAIRCASE.keys


def _lists(node: Any, bands: tuple[Any, ...]) -> Any:
    """Turn {"0": a, "12": b} into a list over age bands."""
    if not isinstance(node, dict):
        return node
    if node and all(k.isdigit() for k in node):
        return [node.get(str(b), 0.0) for b in bands]
    return {k: _lists(v, bands) for k, v in node.items()}


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return `base` with what `over` says instead: tables key by key, all else (lists too) as a whole."""
    result = dict(base)
    for key, value_ in over.items():
        both = isinstance(value_, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value_) if both else value_
    return result
