"""Saving: the sliders as a scenario file that `trappe compare` reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from experiments.page.state import OWN, Board, Chosen, policy_of
from simulation.reading import find_scenario
from simulation.shipped import shipped_scenarios

_HEADER = re.compile(r"^\s*\[", re.MULTILINE)
_MONTHS = re.compile(r"^[ \t]*months[ \t]*=[^#\n]*", re.MULTILINE)


def own_key(board: Board) -> str:
    """Return a key for the policy of the sliders that the scenario does not have yet."""
    names = (OWN if n == 1 else f"{OWN}_{n}" for n in range(1, len(board.scenario.policies) + 2))
    return next(name for name in names if name not in board.scenario.policies)


def file_name(given: str) -> str:
    """Return what to call the file saved from a scenario given by name or path."""
    return f"{Path(given).stem}-own.toml"


def as_toml(chosen: Chosen, board: Board, given: str, label: str) -> str:
    """Return the scenario with the policy of the sliders as TOML text.

    Args:
        chosen: where the sliders stand.
        board: the sliders.
        given: the scenario as it was given to the command: a shipped name, or the path of a file. The
            saved file belongs beside that file, since a case list is found from there.
        label: the policy's name for people.

    Raises:
        ScenarioError: the scenario's file is gone.
    """
    key = own_key(board)
    policy = policy_of(chosen, board).model_copy(update={"label": label, "english": ""})
    stated = policy.model_dump(exclude_none=True, exclude_defaults=True)
    stated["about"] = f"Set with the sliders of trappe serve; began from {board.policy_name}."
    section = "\n".join(_lines(f"policies.{key}", stated))
    return f"{_before(chosen, board, given)}{section}\n"


def _before(chosen: Chosen, board: Board, given: str) -> str:
    """Return the file up to the new policy: what was given, at the chosen horizon."""
    scenario = board.scenario
    if given in shipped_scenarios():
        named = {"like": given, "name": scenario.name, "title": scenario.title, "about": scenario.about}
        english = {"english": scenario.english} if scenario.english else {}
        stated = {**named, **english, "months": chosen.months}
        return "\n".join(f"{k} = {_value(v)}" for k, v in stated.items()) + "\n"
    text = Path(given).read_text("utf-8-sig").rstrip() + "\n"
    if chosen.months == find_scenario(given).months:
        return text
    first = _HEADER.search(text)
    head, tables = (text[: first.start()], text[first.start() :]) if first else (text, "")
    line = f"months = {chosen.months}"
    if _MONTHS.search(head):
        return _MONTHS.sub(f"{line} ", head, count=1) + tables
    return f"{line}\n{head}{tables}"


def _lines(path: str, table: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a table and of the tables in it."""
    yield f"\n[{path}]"
    for key, value in table.items():
        if not isinstance(value, dict):
            yield f"{key} = {_value(value)}"
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _lines(f"{path}.{key}", value)


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_value(x) for x in value)}]"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)  # strings, numbers, true and false are the same in TOML
