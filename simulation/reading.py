"""Reading scenarios: from the shipped ones by name, or from a TOML file; problems as one message."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simulation.first_day import FirstDay, read_first_day
from simulation.messages import explained
from simulation.scenario import Scenario
from simulation.sections import CaseListFiles
from simulation.shipped import nearest, shipped_scenarios, shipped_text
from simulation.takeover import with_what_it_takes_over

__all__ = ["ScenarioError", "find_scenario", "read_scenario", "shipped_scenarios", "shipped_text"]


class ScenarioError(ValueError):
    """A scenario that cannot be used; the message names key, value, allowed range and cure."""


def find_scenario(scenario: str | Path | Scenario) -> Scenario:
    """Return a scenario given by itself, by name or by the path of its TOML file.

    A shipped one is read once and shared by all who ask; nobody may change it. Raises ScenarioError where
    there is none or it is not as it must be.
    """
    if isinstance(scenario, Scenario):
        return scenario
    return _shipped(str(scenario)) if _is_shipped(str(scenario)) else _scenario(*_found(scenario))


def read_scenario(path: Path) -> Scenario:
    """Return the scenario in a TOML file; ScenarioError says what is wrong with it."""
    return _scenario(_file_text(path), str(path))


def scenario_in(text: str, where: str, children: FirstDay | None = None) -> Scenario:
    """Return the scenario in the text of a file called `where`, starting from given children if any.

    Raises ScenarioError where the text is not as it must be.
    """
    scenario = _scenario(text, where)
    if children is None:
        return scenario
    files = (scenario.case_list or CaseListFiles()).model_copy(update={"children": children})
    return scenario.model_copy(update={"case_list": files})


def stated_in(scenario: str | Path) -> dict[str, Any]:
    """Return the tables of a scenario as they stand in its file, nothing filled in and nothing checked.

    Only the price year and the age bands are there too where the file takes them over by `like`. Raises
    ScenarioError where there is no such scenario, its file is not TOML or `like` names none.
    """
    stated = _tables(*_found(scenario))
    try:
        whole = with_what_it_takes_over(stated)
    except ValueError as error:
        raise ScenarioError(f"{scenario}: {error}") from None
    return {**{key: whole[key] for key in ("price_year", "age_bands") if key in whole}, **stated}


@cache
def _is_shipped(name: str) -> bool:
    return name in shipped_scenarios()


@cache
def _shipped(name: str) -> Scenario:
    return _scenario(shipped_text(name), name)


def _found(scenario: str | Path) -> tuple[str, str]:
    """Return the text of a shipped scenario or a file, and what to call it."""
    text = str(scenario)
    if text in shipped_scenarios():
        return shipped_text(text), text
    if text.endswith(".toml") or Path(text).is_file():
        return _file_text(Path(text)), text
    raise ScenarioError(
        f"no scenario {text!r}; {nearest(text, shipped_scenarios())}; "
        "a file of your own must end in .toml"
    )


def _file_text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise ScenarioError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise ScenarioError(f"{path} is a folder; name the .toml file in it") from None
    except UnicodeDecodeError:
        raise ScenarioError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise ScenarioError(f"{path} cannot be read: {error.strerror}") from None


def _tables(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{where} is not TOML: {error}{_comma_hint(text)}") from None


def _scenario(text: str, where: str) -> Scenario:
    try:
        tables, children = _paths_from(Path(where).parent, _tables(text, where))
        scenario = Scenario.model_validate(with_what_it_takes_over(tables))
        return scenario if children is None else with_children(scenario, children)
    except ValidationError as error:
        raise ScenarioError(f"{where}:\n" + _indented(explained(error, Scenario))) from None
    except ValueError as error:
        raise ScenarioError(f"{where}: {error}") from None


def with_children(scenario: Scenario, path: Path) -> Scenario:
    """Return a scenario that starts from the children in a file (`simulation.first_day`).

    Raises ValueError where the file does not fit the scenario.
    """
    names = [d.name for d in scenario.districts]
    day = read_first_day(path, scenario.staircase, names, scenario.leave_age)
    files = scenario.case_list or CaseListFiles()
    return scenario.model_copy(update={"case_list": files.model_copy(update={"children": day})})


def _paths_from(folder: Path, tables: dict[str, Any]) -> tuple[dict[str, Any], Path | None]:
    """Return the tables with the paths of the case list seen from a folder, and that of its children.

    The children are read when stairs and districts are known.
    """
    given = tables.get("case_list")
    if not isinstance(given, dict):
        return tables, None
    paths = {
        key: str((folder / path).resolve())
        for key, path in given.items()
        if key in ("children", "draws", "back_test") and isinstance(path, str)
    }
    children = paths.pop("children", None)
    others = {key: x for key, x in given.items() if key != "children" or children is None}
    return {**tables, "case_list": others | paths}, None if children is None else Path(children)


def _comma_hint(text: str) -> str:
    """Return a hint where a bare number stands with a decimal comma."""
    if re.search(r"=\s*\d+,\d+\s*(#.*)?$", text, flags=re.MULTILINE):
        return "; numbers take a decimal point: 0.5"
    return ""


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
