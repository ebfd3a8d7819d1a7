"""What stands on the figure of a sweep: lines, parameters and units by their names in a language."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.labels import unit
from experiments.pictures.look import plain_number
from experiments.runner import BASELINE
from experiments.sweep.asked import Asked
from experiments.sweep.design import Row
from experiments.sweep.outcomes import KEPT
from experiments.sweep.summary import Line
from experiments.words import Language, place, policy_name, text, texts
from simulation.parameters import parameters


def line_in_words(asked: Asked, line: Line, what: Sequence[str], language: Language) -> str:
    """Return what a line is, by `what` it differs in from others (`words.varying`)."""
    return ", ".join(_said(asked, line.row, name, language) for name in what)


def _said(asked: Asked, row: Row, name: str, language: Language) -> str:
    if name in ("scenario", "policy"):
        return _named(asked, row, name, language)
    if name == "draw":
        return text("sweep.draw", language, number=row.draw)
    value, last = row.values.get(name), name.rpartition(".")[2]
    if value is None:
        return text("sweep.as_it_is", language, name=last)
    return text("sweep.value", language, name=last, value=plain_number(float(f"{value:.4g}"), language))


def _named(asked: Asked, row: Row, what: str, language: Language) -> str:
    """Return the name of a row's scenario or policy; what is not known goes by its key."""
    scenario = asked.design.scenarios.get(row.scenario)
    if what == "scenario":
        return row.scenario if scenario is None else place(scenario, language)
    if scenario is None or (row.policy != BASELINE and row.policy not in scenario.policies):
        return row.policy
    return policy_name(scenario, row.policy, language)


def parameter_in_words(name: str, language: Language) -> str:
    """Return a parameter's key with its unit."""
    record = parameters().get(name)
    if record is None:
        return name
    known = texts(language).get(f"input_unit.{record.unit.replace(' ', '_')}", record.unit)
    return f"{name} ({known})"


def unit_of(asked: Asked, outcome: str, language: Language) -> str:
    """Return the unit that `scale_of` leads to; kroner with their year where it is one for all."""
    plain = KEPT[outcome].unit
    scenarios = list(asked.design.scenarios.values())
    if plain == "share":
        return text("sweep.percent", language)
    if plain == "DKK" and len({s.price_year for s in scenarios}) > 1:
        return text("sweep.millions", language)
    return unit(outcome, scenarios[0], language)


def scale_of(outcome: str) -> float:
    """Return what an outcome is divided by: kroner to millions, shares to per cent."""
    return {"DKK": 1e6, "share": 0.01}.get(KEPT[outcome].unit, 1.0)
