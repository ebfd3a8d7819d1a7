"""Scenario: a municipality as numbers, checked. A scenario holds its policies (see `policy.py`).

What a scenario does not state comes from the evidence records (`parameters.py`).
"""

from __future__ import annotations

from typing import Any

from pydantic import model_validator

from simulation import checks, defaults
from simulation.sections import District, ScenarioFields

__all__ = ["District", "Scenario"]


class Scenario(ScenarioFields):
    """A municipality with its policies. Read one with `simulation.reading.read_scenario`."""

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: Any) -> Any:
        return defaults.filled_in(data) if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _holds_together(self) -> Scenario:
        checks.check_scenario(self)
        return self
