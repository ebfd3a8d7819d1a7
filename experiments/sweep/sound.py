"""Sound values: what a scenario could state; anything else fails its row and no other."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from simulation.messages import explained
from simulation.parameters import parameters
from simulation.scenario import Scenario
from simulation.values import LEVER_OF_RECORD, with_values

_RECORD_OF_LEVER = {path: name for name, path in LEVER_OF_RECORD.items()}


def check_values(scenario: Scenario, values: Mapping[str, float]) -> None:
    """Raise ValueError where a scenario could not state these values, such as a share of 1.5.

    Values within the range of their evidence need no look: it is narrower than what may be stated.
    """
    doubtful = {name: x for name, x in values.items() if not _is_within_evidence(name, x)}
    if not doubtful:
        return
    try:
        Scenario.model_validate(with_values(scenario, doubtful).model_dump())
    except ValidationError as error:
        raise ValueError(explained(error, Scenario)) from None


def _is_within_evidence(name: str, value: float) -> bool:
    record = parameters().get(_record_of(name))
    if record is None or record.low is None or record.high is None:
        return False
    return record.low <= value <= record.high


def _record_of(name: str) -> str:
    """Return the record of a number; of policies.NAME.practice.orientation that of the lever."""
    if not name.startswith("policies."):
        return name
    return _RECORD_OF_LEVER.get(tuple(name.split(".")[2:]), name)
