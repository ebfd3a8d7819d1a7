"""Fields of a scenario made from the evidence records: bounds and meaning stand there, once."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from simulation.bounds import Bounds
from simulation.parameters import evidence, parameter, parameters

_PURE = {"share", "factor", "odds ratio", "exponent", "log units"}
"""Units that need no word beside the meaning."""


def from_record(name: str, meaning: str | None = None) -> Any:
    """Return the field of one number: the bounds of record `name`, and its meaning or another one."""
    record = parameter(name)
    said = meaning or _lower(record.meaning)
    if meaning is None and record.unit not in _PURE and record.unit.split()[0] not in said:
        said += f", {record.unit}"
    return Field(description=said, json_schema_extra={"record": name}, **_constraints(record.bounds))


def from_family(name: str) -> Any:
    """Return the field of a table or list whose numbers have a record each: `name` begins theirs."""
    return Field(description=evidence("families")[name], json_schema_extra={"family": name})


def each(name: str) -> Any:
    """Return the bounds of one number in the table or list of family `name`.

    Raises ValueError where the records of the family have different bounds, or there are none.
    """
    found = {p.bounds for n, p in parameters().items() if n.startswith(f"{name}.")}
    if len(found) != 1:
        said = ", ".join(str(b) for b in found) or "none"
        raise ValueError(f"the records of {name} need one and the same bounds, not {said}")
    return Field(**_constraints(found.pop()))


def _constraints(bounds: Bounds) -> dict[str, Any]:
    return dict(bounds.constraints)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
