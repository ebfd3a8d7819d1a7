"""What happens: children and caseworkers on the intervention staircase, month by month.

    from simulation import PlacementModel
    model = PlacementModel(scenario="fano", rng=42)
    model.run_for(60)

Names are loaded when first used, so that a command which needs no Mesa does not wait for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulation.agents import Caseworker, Child
    from simulation.model import PlacementModel
    from simulation.parameters import Parameter, parameter, parameters
    from simulation.policy import Policy
    from simulation.reading import ScenarioError, find_scenario, read_scenario, shipped_scenarios
    from simulation.scenario import Scenario
    from simulation.staircase import DEFAULT_STAIRCASE, Stair, Staircase

_HOME = {
    "Caseworker": "agents",
    "Child": "agents",
    "DEFAULT_STAIRCASE": "staircase",
    "Parameter": "parameters",
    "PlacementModel": "model",
    "Policy": "policy",
    "Scenario": "scenario",
    "ScenarioError": "reading",
    "Stair": "staircase",
    "Staircase": "staircase",
    "find_scenario": "reading",
    "parameter": "parameters",
    "parameters": "parameters",
    "read_scenario": "reading",
    "shipped_scenarios": "reading",
}

__all__ = [
    "DEFAULT_STAIRCASE",
    "Caseworker",
    "Child",
    "Parameter",
    "PlacementModel",
    "Policy",
    "Scenario",
    "ScenarioError",
    "Stair",
    "Staircase",
    "find_scenario",
    "parameter",
    "parameters",
    "read_scenario",
    "shipped_scenarios",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'simulation' has no attribute {name!r}")
    return getattr(import_module(f"simulation.{_HOME[name]}"), name)
