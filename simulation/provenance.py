"""Provenance: the record behind each number of a scenario, and numbers outside their evidence range.

A number has a path: its keys joined by dots. A table in a list goes by its name
(`districts.fano.inflow`), an item per age band by the band's youngest age (`children.age_at_entry.12`),
any other item by its place from 1 (`policies.more.capacity.extra_fte.2`). The record of a number is the
first there is of

1. the local one: the scenario's name before the path, `fano.districts.fano.inflow`; without the last step
   it stands for every item of a list (`fano.districts.fano.caseworkers`);
2. one that names the local path in its `used_in` (* stands for any name);
3. the generic one: the path itself (`children.recognition`), in a policy `policy.` and the lever
   (`policy.orientation`, `policy.follow_up_later`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from simulation.defaults import DEFAULT_BANDS
from simulation.parameters import Parameter, evidence, parameters, sources
from simulation.scenario import Scenario

_BANDED = ("children.age_at_arrival", "children.age_at_entry", "children.entry_share.*")
_EARLY = {"early": "policy.follow_up_early", "early_months": "policy.follow_up_early_months"}


def numbers(tables: dict[str, Any]) -> dict[str, float]:
    """Return every number in the tables of a scenario file by its path, in the order of the file."""
    return dict(_numbers(tables, "", tuple(tables.get("age_bands", DEFAULT_BANDS))))


def _numbers(here: Any, path: str, bands: tuple[Any, ...]) -> Iterator[tuple[str, float]]:
    if isinstance(here, (int, float)) and not isinstance(here, bool):
        yield path, here
    elif isinstance(here, dict):
        for key, inner in here.items():
            yield from _numbers(inner, f"{path}.{key}" if path else str(key), bands)
    elif isinstance(here, (list, tuple)):
        banded = any(fnmatchcase(path, pattern) for pattern in _BANDED)
        for place, inner in enumerate(here):
            step = bands[place] if banded and place < len(bands) else place + 1
            yield from _numbers(inner, f"{path}.{_name(inner, step)}", bands)


def _name(item: Any, step: Any) -> Any:
    """Return what a list's item goes by: its name or key, else `step`."""
    if not isinstance(item, dict):
        return step
    return item.get("name") or item.get("key") or step


def generic_record(path: str, bands: tuple[int, ...] = DEFAULT_BANDS) -> Parameter | None:
    """Return the record of a path in any scenario; None where there is none, or for other age bands."""
    if bands != DEFAULT_BANDS and any(fnmatchcase(path, f"{pattern}.*") for pattern in _BANDED):
        return None
    steps = path.split(".")
    if steps[0] == "policies" and len(steps) > 2:
        return parameters().get(_lever_record(steps[2:]))
    if path.startswith("reviews.by_stair."):
        return parameters().get(_EARLY.get(steps[-1], f"reviews.{steps[-1]}"))
    return parameters().get(path)


def _lever_record(steps: list[str]) -> str:
    """Return the name of the record for a lever, given the steps after the policy's name."""
    if steps[0] == "reviews":
        return f"policy.follow_up_{steps[-1]}"
    return ".".join(["policy", *(steps[1:] or steps)])


def local_record(scenario: str, path: str) -> Parameter | None:
    """Return the record of a path in the scenario of that name, by its own name or by `used_in`."""
    place = f"{scenario}.{path}"
    whole, _, last = place.rpartition(".")
    for name in (place, whole if last.isdigit() else place):
        if name in parameters():
            return parameters()[name]
    found = (p for p in parameters().values() if any(fnmatchcase(place, use) for use in p.used_in))
    return next(found, None)


def record_of(scenario: str, path: str, bands: tuple[int, ...] = DEFAULT_BANDS) -> Parameter | None:
    """Return the record of a number: local, else generic; None where there is none."""
    return local_record(scenario, path) or generic_record(path, bands)


def states(record: Parameter, number: float, price_year: int | None) -> bool:
    """Return whether `number` is the record's value; money may be rounded at the tenth digit."""
    wanted = record.at_prices_of(price_year)
    if record.price_year is None:
        return wanted == number
    return math.isclose(wanted, number, rel_tol=1e-9)


def choice(scenario: str, path: str, number: float) -> str:
    """Return why a number needs no record, "" where it does: the evidence's table `choices`."""
    for pattern, entry in evidence("choices").items():
        if fnmatchcase(f"{scenario}.{path}", pattern) and entry.get("value", number) == number:
            return str(entry["reason"])
    return ""


@dataclass(frozen=True)
class Outside:
    """A number stated in a scenario that lies outside the evidence range of its record."""

    path: str
    value: float
    low: float
    high: float
    record: Parameter
    reason: str
    """Why, as far as the scenario, a local record or a choice says; else ""."""

    def __str__(self) -> str:
        """Return it as one line, such as `trappe check` prints it."""
        name = "" if self.record.name == self.path else f"{self.record.name}, "
        return (
            f"{self.path} = {self.value:.10g}: the evidence has {self.low:.10g} to {self.high:.10g} "
            f"({name}grade {self.record.grade}); {self.reason or 'give the reason under [sources]'}"
        )


def outside_evidence(tables: dict[str, Any]) -> list[Outside]:
    """Return what a scenario file states outside the evidence ranges, at the file's price year.

    `tables` are those of a file that holds a sound scenario. A number without a generic record is not
    judged.
    """
    bands = tuple(tables.get("age_bands", DEFAULT_BANDS))
    found = []
    for path, number in numbers(tables).items():
        record = generic_record(path, bands)
        if record is None:
            continue
        low, high = (record.at_prices_of(tables["price_year"], x) for x in (record.low, record.high))
        if not low <= number <= high:
            found.append(Outside(path, number, low, high, record, _reason(tables, path, number)))
    return found


def _reason(tables: dict[str, Any], path: str, number: float) -> str:
    name = tables["name"]
    if own := _own_words(tables.get("sources", {}), path):
        return f"[sources] says why: {own}"
    if local := local_record(name, path):
        return f"the record {local.name} says why"
    return choice(name, path, number)


def _own_words(said: dict[str, str], path: str) -> str:
    """Return what a scenario's own [sources] say about a path, or about a table that it lies in."""
    steps = path.split(".")
    paths = [path, ".".join([steps[0], *steps[2:]])] if steps[0] == "districts" else [path]
    about = [key for key in said if any(p == key or p.startswith(f"{key}.") for p in paths)]
    return said[max(about, key=len)] if about else ""


@dataclass(frozen=True)
class Row:
    """One number in use in a scenario, for reports. Money is at the scenario's price year."""

    path: str
    value: float
    stated: bool
    """Whether the scenario's own number stands, not that of the evidence."""
    record: Parameter | None
    low: float | None
    high: float | None
    grade: str
    sources: tuple[str, ...]


def parameter_table(scenario: Scenario) -> list[Row]:
    """Return a row for every number in use in a scenario, with its range, grade and sources.

    Today's numbers first, then what each policy states or takes over by `like`. A number equal to the
    evidence's counts as the evidence's. Range and grade of a number that the scenario states are those of
    its local record; where there is none they are None and "", and `sources` holds the scenario's own
    [sources] or the reason why the number needs no record.
    """
    tables = scenario.model_dump(exclude={"policies", "staircase"}, exclude_none=True)
    tables["policies"] = {
        name: policy.model_dump(exclude_unset=True, exclude_none=True)
        for name, policy in scenario.policies.items()
    }
    return [_row(scenario, path, number) for path, number in numbers(tables).items()]


def _row(s: Scenario, path: str, number: float) -> Row:
    record = generic_record(path, s.age_bands)
    stated = record is None or not states(record, number, s.price_year)
    if stated:
        record = _local_record(s, path, number)
    if record is None:
        said = _own_words(s.sources, path) or choice(s.name, path, number)
        return Row(path, number, stated, None, None, None, "", (said,) if said else ())
    low, high = (record.at_prices_of(s.price_year, x) for x in (record.low, record.high))
    titles = tuple(sources()[key].title for key in record.source)
    return Row(path, number, stated, record, low, high, record.grade, titles)


def _local_record(s: Scenario, path: str, number: float) -> Parameter | None:
    """Return the local record that states this number, of the policy or of those that it is like."""
    record = local_record(s.name, path)
    if record is not None and states(record, number, s.price_year):
        return record
    steps = path.split(".")
    base = s.policies[steps[1]].like if steps[0] == "policies" else None
    return _local_record(s, ".".join([steps[0], base, *steps[2:]]), number) if base else None
