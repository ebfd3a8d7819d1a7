"""Every number is a record: none in a shipped scenario lacks one, and none hides in the rules."""

from __future__ import annotations

import ast
import math
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from support import scenario

from simulation.parameters import evidence, parameter, parameters, sources
from simulation.provenance import (
    choice,
    generic_record,
    numbers,
    outside_evidence,
    parameter_table,
    record_of,
    states,
)
from simulation.reading import find_scenario, shipped_scenarios, shipped_text, stated_in
from simulation.shipped import shipped_policies

ROOT = Path(__file__).parent.parent

# --- every number of a shipped scenario has a record -----------------------------------------------


def without_foundation(tables: dict[str, Any]) -> Iterator[str]:
    """Yield each number of a scenario file that no record states and that is no choice."""
    for path, number in numbers(tables).items():
        if choice(tables["name"], path, number):
            continue
        record = record_of(tables["name"], path)
        if record is None:
            yield f"{path} = {number} has no record"
        elif not states(record, number, tables["price_year"]):
            yield f"{path} = {number} is not {record.name} = {record.value}"


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_number_of_a_shipped_scenario_is_that_of_its_record(name: str) -> None:
    assert list(without_foundation(stated_in(name))) == []
    assert len(numbers(stated_in(name))) > 20


def test_a_number_without_its_record_would_be_found() -> None:
    tables = stated_in("fano")
    tables["children"]["recognition"] = 0.61
    tables["children"]["placed_after_assessment"] = 0.17
    record = parameter("fano.children.placed_after_assessment")
    recognition = parameter("children.recognition")
    tables["districts"][0]["caseworkers"] = [0.5, 0.4]
    tables["districts"][0]["places"] = {"foster_care": 20, "network_care": 3}
    tables["policies"]["null"]["world"]["effect"] = 0.1
    assert list(without_foundation(tables)) == [
        "districts.fano.caseworkers.2 = 0.4 is not fano.districts.fano.caseworkers = 0.5",
        "districts.fano.places.network_care = 3 has no record",
        f"children.placed_after_assessment = 0.17 is not {record.name} = {record.value}",
        f"children.recognition = 0.61 is not children.recognition = {recognition.value}",
        "policies.null.world.effect = 0.1 is not policy.effect = 1.0",
    ]


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_local_record_and_choice_is_used(name: str) -> None:
    """But for those said to be background: no path of the scenario begins as theirs do."""
    paths = numbers(stated_in(name))
    used = {record.name for path in paths if (record := record_of(name, path))}
    tops = {path.split(".")[0] for path in paths}
    local = [r for r in parameters() if r.startswith(f"{name}.") and r.split(".")[1] in tops]
    assert [r for r in local if r not in used] == []
    chosen = {choice(name, path, number) for path, number in paths.items()}
    own = {c["reason"] for key, c in evidence("choices").items() if key.startswith(f"{name}.")}
    assert own <= chosen


def test_the_parts_of_fanos_family_placements_make_their_sum() -> None:
    stairs = ("own_room", "network_care", "foster_care")
    parts = [parameter(f"fano.districts.fano.start.{key}").value for key in stairs]
    assert sum(parts) == parameter("fano.family_placements").value


def test_every_place_that_a_record_says_it_is_used_in_is_there() -> None:
    """In a shipped scenario, taken over by `like` or not, or in the policies that any may include."""
    places = {
        f"{name}.{row.path}"
        for name in shipped_scenarios()
        for row in parameter_table(find_scenario(name))
    }
    for name in shipped_policies():
        places |= {f"any.{path}" for path in numbers(tomllib.loads(shipped_text(f"policies/{name}")))}
    for record in parameters().values():
        for pattern in record.used_in:
            assert any(fnmatchcase(place, pattern) for place in places), record.name


# --- paths -----------------------------------------------------------------------------------------


def test_paths_name_districts_ages_and_places_in_a_list() -> None:
    tables = {
        "age_bands": [0, 6],
        "districts": [{"name": "nord", "caseworkers": [1.0, 0.5]}, {"inflow": 3}],
        "children": {"age_at_entry": [0.4, 0.6], "entry_share": {"own_room": [0, 1]}},
        "money": {"refund_share": [0.25]},
        "staircase": [{"key": "help", "youngest": 12, "limited": True}],
        "start": "text",
    }
    assert numbers(tables) == {
        "age_bands.1": 0, "age_bands.2": 6,
        "districts.nord.caseworkers.1": 1.0, "districts.nord.caseworkers.2": 0.5,
        "districts.2.inflow": 3,
        "children.age_at_entry.0": 0.4, "children.age_at_entry.6": 0.6,
        "children.entry_share.own_room.0": 0, "children.entry_share.own_room.6": 1,
        "money.refund_share.1": 0.25, "staircase.help.youngest": 12,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("children.recognition", "children.recognition"),
        ("children.entry_share.residential_care.4", "children.entry_share.residential_care.4"),
        ("money.refund_share.2", None),
        ("money.overhead", "money.overhead"),
        ("reviews.first", "reviews.first"),
        ("reviews.by_stair.foster_care.later", "reviews.later"),
        ("reviews.by_stair.foster_care.early", "policy.follow_up_early"),
        ("policies.more.practice.orientation", "policy.orientation"),
        ("policies.more.reach", "policy.reach"),
        ("policies.more.reviews.first", "policy.follow_up_first"),
        ("policies.more.reviews.by_stair.foster_care.early_months", "policy.follow_up_early_months"),
        ("policies.more.capacity.extra_fte.1", None),
        ("districts.all.inflow", None),
    ],
)
def test_the_generic_record_of_a_path(path: str, name: str | None) -> None:
    record = generic_record(path)
    assert (record.name if record else None) == name


def test_a_local_record_goes_before_one_used_there_and_before_the_generic_one() -> None:
    def found(name: str, path: str) -> str:
        record = record_of(name, path)
        return record.name if record else ""

    assert found("fano", "children.placed_after_assessment") == "fano.children.placed_after_assessment"
    assert found("aeroe", "children.placed_after_assessment") == "children.placed_after_assessment"
    assert found("fano", "policies.perverse.world.surveillance") == "policy.perverse_surveillance"
    assert found("fano", "policies.other.world.surveillance") == "policy.surveillance"
    assert found("fano", "districts.fano.caseworkers.2") == "fano.districts.fano.caseworkers"
    assert found("fano", "districts.fano.caseworker") == ""


def test_records_of_age_bands_are_for_the_standard_bands_only() -> None:
    assert generic_record("children.age_at_entry.12", (0, 6, 12)) is None
    assert generic_record("children.age_at_entry.12") is not None
    assert generic_record("children.recognition", (0, 6, 12)) is not None


# --- outside the evidence --------------------------------------------------------------------------


def tables_with(**changes: Any) -> dict[str, Any]:
    return {"name": "town", "price_year": 2019, **changes}


def test_numbers_outside_the_evidence_are_told_with_range_and_grade() -> None:
    told = outside_evidence(
        tables_with(
            children={"recognition": 0.9, "has_network": 0.5, "crisis_rate": {"foster_care": 0.1}},
            policies={"more": {"world": {"effect": 0.1}, "reviews": {"first": 0.5}}},
            reviews={"first": 3, "later": 12},
        )
    )
    records = parameter("children.recognition"), parameter("children.crisis_rate.foster_care")
    recognition, crisis = (f"{record.low} to {record.high}" for record in records)
    assert [str(number) for number in told] == [
        f"children.recognition = 0.9: the evidence has {recognition} (grade D); "
        "give the reason under [sources]",
        f"children.crisis_rate.foster_care = 0.1: the evidence has {crisis} (grade D); "
        "give the reason under [sources]",
        "policies.more.world.effect = 0.1: the evidence has 0.3 to 1 (policy.effect, grade D); "
        "give the reason under [sources]",
        "policies.more.reviews.first = 0.5: the evidence has 1 to 3 (policy.follow_up_first, grade C); "
        "give the reason under [sources]",
        "reviews.later = 12: the evidence has 3 to 6 (grade C); give the reason under [sources]",
    ]


def test_the_ends_of_a_range_lie_in_it() -> None:
    p = parameter("children.recognition")
    for end in (p.low, p.high):
        assert outside_evidence(tables_with(children={"recognition": end})) == []
        beyond = math.nextafter(end, end + (end - p.value))
        assert len(outside_evidence(tables_with(children={"recognition": beyond}))) == 1


def test_money_is_judged_at_the_scenarios_price_level() -> None:
    p = parameter("money.salary")
    high = p.at_prices_of(2030, p.high)
    for salary, n in ((high * 0.999, 0), (high * 1.001, 1), (p.low, 1)):
        assert len(outside_evidence(tables_with(price_year=2030, money={"salary": salary}))) == n


def test_a_reason_under_sources_is_told() -> None:
    said = {"children": "A guess.", "children.recognition": "Own count, 2015.", "child": "no"}
    told = outside_evidence(tables_with(children={"recognition": 0.9, "premature": 0.5}, sources=said))
    assert [number.reason for number in told] == [
        "[sources] says why: Own count, 2015.",
        "[sources] says why: A guess.",
    ]


# --- the table for reports -------------------------------------------------------------------------


def test_the_table_tells_what_is_the_scenarios_own() -> None:
    rows = {row.path: row for row in parameter_table(find_scenario("fano"))}
    own = rows["children.placed_after_assessment"]
    local = parameter("fano.children.placed_after_assessment")
    assert local.value != parameter("children.placed_after_assessment").value
    assert own.record is local
    assert (own.value, own.stated, own.grade) == (local.value, True, local.grade)
    assert (own.low, own.high) == (local.low, local.high)
    common = rows["children.recognition"]
    assert not common.stated
    assert common.record is parameter("children.recognition")
    assert common.sources[0] == sources()[common.record.source[0]].title
    assert rows["policies.perverse.world.surveillance"].record is parameter(
        "policy.perverse_surveillance"
    )


def test_what_a_policy_takes_over_has_the_record_of_that_policy() -> None:
    rows = {row.path: row for row in parameter_table(find_scenario("fano"))}
    here = rows["policies.staff_only.capacity.extra_fte.2"]
    assert here.record is parameter("fano.policies.swedish_model.capacity.extra_fte.2")
    assert rows["policies.quarter_of_children.capacity.extra_fte.1"].value == 0.375


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_row_of_a_shipped_scenario_has_a_record_or_a_reason(name: str) -> None:
    rows = parameter_table(find_scenario(name))
    assert [row.path for row in rows if row.record is None and not row.sources] == []
    assert {row.path for row in rows} >= set(numbers(stated_in(name)))


def test_a_scenario_of_ones_own_has_its_own_sources() -> None:
    s = scenario(
        children={"recognition": 0.2}, sources={"children": "Own count.", "districts.inflow": "Mine."}
    )
    rows = {row.path: row for row in parameter_table(s)}
    assert rows["children.recognition"].sources == ("Own count.",)
    assert (rows["children.recognition"].grade, rows["children.recognition"].record) == ("", None)
    inflow = next(row for path, row in rows.items() if path.endswith(".inflow"))
    assert inflow.sources == ("Mine.",)


def test_money_in_the_table_is_at_the_scenarios_price_level() -> None:
    rows = {row.path: row for row in parameter_table(scenario(price_year=2030))}
    salary, p = rows["money.salary"], parameter("money.salary")
    assert (salary.value, salary.low) == (p.at_prices_of(2030), p.at_prices_of(2030, p.low))
    assert not salary.stated


# --- no number hides in the rules ------------------------------------------------------------------

LITERALS: dict[str, dict[float, str]] = {
    "every file": {
        0: "nothing, never, the first index",
        1: "certain, one child, the next month or index",
        12: "months in a year",
    },
    "rules": {
        2: "a code: what a follow-up decides, what a move means",
        3: "a code: what a follow-up decides",
        0.5: "half: mean of a lognormal, mean wait between two follow-ups",
        1e-9: "rounding of sums of hours and months",
        1e6: "ordering: the stair before the lateness",
        4194304.0: "rounding: the parts of a krone (2**22) in which prices are counted",
        4294967296.0: "rounding: the parts of an hour (2**32) in which work asked for is counted",
        1.000001: "rounding: by so much a bound lies above what it bounds",
    },
    "stationary": {
        24: "bound: follow-ups on the first day are stretched at most so far",
        1e-6: "rounding: hours too few to divide by",
        0.25: "bound: a wait of 0 is taken as a week on the first day, as a stay has a length",
    },
    "newcomers": {20: "numbering: children per month, as a power of two"},
}
"""Numbers that may stand in the rules, each with its reason. All others belong into a record."""


@pytest.mark.parametrize("name", ["rules", "stationary", "newcomers"])
def test_no_number_hides_in_the_rules(name: str) -> None:
    tree = ast.parse((ROOT / "simulation" / f"{name}.py").read_text("utf-8"))
    found = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, (int, float))
        and not isinstance(node.value, bool)
    }
    allowed = LITERALS["every file"].keys() | LITERALS[name].keys()
    assert sorted(found - allowed) == []
    assert sorted(LITERALS[name].keys() - found) == []
