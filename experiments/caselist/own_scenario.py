"""The scenario of a case list in memory: the template, own numbers and the children of the last day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from experiments.caselist.first_day_rows import first_day_of
from experiments.caselist.outlook import SHORTEST, window_of
from experiments.caselist.own_numbers import OwnNumbers, own_numbers
from experiments.caselist.prices import prices_of
from experiments.caselist.reading import LEAVE_AGE, CaseList
from experiments.caselist.start_file import Own, as_scenario
from experiments.caselist.template_lines import Value
from simulation.reading import scenario_in
from simulation.scenario import Scenario

SEED = 1
NAME = "case-list"

PRICES = "money.unit_price"
_PRICES_FROM = "Case list: mean price of the last year, weighted by days."
_NUMBERS_FROM = (
    "Case list, drawn towards the country's where it says little; its doubt: [case_list] draws."
)
_FLOWS_FROM = "Found by trappe settle: at this inflow the counts hold."


def priced(cases: CaseList, internal: bool = False) -> Own:
    """Return what a case list gives without rates: the mean price of each stair with enough children."""
    found = prices_of(cases, internal).last_year
    values = {f"{PRICES}.{key}": price for key, price in found.items() if price is not None}
    return _with(Own(), values, {PRICES: _PRICES_FROM} if values else {})


def with_numbers(own: Own, numbers: OwnNumbers) -> Own:
    """Return own settings with the medians of own numbers."""
    values = _as_settings(numbers.middle)
    return _with(own, values, dict.fromkeys(_tables(values), _NUMBERS_FROM))


def numbers_then(cases: CaseList, own: Own) -> OwnNumbers:
    """Return the own numbers that a case list gives, with as many years as it has up to three."""
    window = max(SHORTEST, window_of(cases.spells, cases.spells.until))
    return own_numbers(cases, scenario_of(cases, own), luck(), window=window)


def luck() -> np.random.Generator:
    """Return the generator of all draws from a case list: the same list gives the same draws."""
    return np.random.Generator(np.random.PCG64(SEED))


def scenario_of(cases: CaseList, own: Own) -> Scenario:
    """Return the scenario that starts from the children of a case list, in memory only."""
    text = as_scenario(cases, NAME, replace(own, files={}), internal=True)
    return scenario_in(text, NAME, first_day_of(cases, LEAVE_AGE))


def with_flows(own: Own, settled: Scenario) -> Own:
    """Return the own numbers with the flows of a settled scenario."""
    c = settled.children
    flows: dict[str, Value] = {
        "children.placed_after_assessment": c.placed_after_assessment,
        **{f"children.entry_share.{key}": shares for key, shares in c.entry_share.items()},
    }
    names = ("children.placed_after_assessment", "children.entry_share")
    changed = _with(own, flows, dict.fromkeys(names, _FLOWS_FROM))
    return replace(changed, inflow=[d.inflow for d in settled.districts], inflow_from=_FLOWS_FROM)


def _with(own: Own, values: Mapping[str, Value], sources: Mapping[str, str]) -> Own:
    return replace(own, values={**own.values, **values}, sources={**own.sources, **sources})


def _as_settings(middle: Mapping[str, float]) -> dict[str, Value]:
    """Return numbers by record as settings: those of age bands as one list that sums to 1."""
    settings: dict[str, Value] = {}
    bands: dict[str, list[float]] = {}
    for name, x in middle.items():
        family, _, last = name.rpartition(".")
        if last.isdigit():
            bands.setdefault(family, []).append(x)
        else:
            settings[name] = x
    for family, shares in bands.items():
        settings[family] = _whole([x / sum(shares) for x in shares])
    return settings


def _whole(shares: list[float]) -> list[float]:
    """Return shares with four digits behind the point that still sum to 1."""
    near = [round(x, 4) for x in shares]
    largest = near.index(max(near))
    near[largest] = round(1.0 - sum(near[:largest] + near[largest + 1 :]), 4)
    return near


def _tables(values: Mapping[str, Value]) -> list[str]:
    """Return what [sources] calls the settings: a group by stair, or a number by its name."""
    return list(dict.fromkeys(n.rpartition(".")[0] if n.count(".") > 1 else n for n in values))
