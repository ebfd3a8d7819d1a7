"""The numeric fields of a scenario: bounds and meaning of each come from its evidence record."""

from __future__ import annotations

import math
from typing import Annotated, Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from simulation import policy, sections
from simulation.bounds import BY_UNIT, bounds_in
from simulation.fields import each
from simulation.parameters import parameter, parameters

RECORDED = (
    sections.Children, sections.Work, sections.GuaranteedShare, sections.Reviews, sections.Money,
    sections.Baseline, policy.FollowUp, policy.Capacity, policy.ReviewRule, policy.Practice,
    policy.Supply, policy.World, policy.Policy,
)  # fmt: skip

OWN_CHOICE = {
    ("Capacity", "extra_fte"): "how many posts is what a policy decides",
    ("Supply", "extra_places"): "how many places is what a policy decides",
    ("Supply", "running_cost"): "what else supply needs is what a policy decides",
}
"""Numbers that no evidence can know: the policy itself."""


def holds_numbers(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return False
    return annotation in (int, float) or any(holds_numbers(inner) for inner in get_args(annotation))


NUMERIC = [
    (section, name, field)
    for section in RECORDED
    for name, field in section.model_fields.items()
    if holds_numbers(field.annotation) and (section.__name__, name) not in OWN_CHOICE
]
numeric_fields = pytest.mark.parametrize(
    ("section", "name", "field"), NUMERIC, ids=[f"{s.__name__}.{name}" for s, name, _ in NUMERIC]
)


def test_all_numeric_fields_are_looked_at() -> None:
    assert len(NUMERIC) > 60
    for section, name in OWN_CHOICE:
        assert any(s.__name__ == section and name in s.model_fields for s in RECORDED)


@numeric_fields
def test_a_numeric_field_has_a_record_or_a_family_of_them(
    section: type[BaseModel], name: str, field: FieldInfo
) -> None:
    extra = field.json_schema_extra
    assert isinstance(extra, dict)
    if "family" in extra:
        assert any(record.startswith(f"{extra['family']}.") for record in parameters())
    else:
        assert extra["record"] in parameters()
    assert field.description


def accepted(field: FieldInfo, number: float) -> bool:
    adapter = TypeAdapter(Annotated[(field.annotation, "", *field.metadata)])
    for value in (number, [number], {"k": number}, {"k": [number]}):
        try:
            adapter.validate_python(value)
        except ValidationError:
            continue
        return True
    return False


@numeric_fields
def test_a_field_takes_what_its_record_allows_and_no_more(
    section: type[BaseModel], name: str, field: FieldInfo
) -> None:
    extra: Any = field.json_schema_extra
    members = [p for n, p in parameters().items() if n.startswith(f"{extra.get('family')}.")]
    for record in members or [parameter(extra["record"])]:
        bounds = record.bounds
        assert accepted(field, bounds.least) is not bounds.least_open
        assert accepted(field, bounds.most) is not bounds.most_open
        assert not accepted(field, bounds.least - 1)
        assert not accepted(field, bounds.most + 1)
        assert accepted(field, record.value)


INVESTMENTS = [
    (p, section.model_fields[last])
    for p in parameters().values()
    for section in (policy.Programme, policy.Supply)
    if p.name.startswith("investment.") and (last := p.name.rpartition(".")[2]) in section.model_fields
]


@pytest.mark.parametrize(("p", "field"), INVESTMENTS, ids=[p.name for p, _ in INVESTMENTS])
def test_a_field_of_a_programme_takes_the_range_of_the_investments(p: Any, field: FieldInfo) -> None:
    """Its bounds stand in the code, as its records are one for each investment."""
    assert all(accepted(field, number) for number in (p.low, p.value, p.high))
    assert not accepted(field, -1)


def test_every_numeric_field_of_a_programme_has_a_record() -> None:
    fields = {name: f for name, f in policy.Programme.model_fields.items() if holds_numbers(f.annotation)}
    fields["running_cost"] = policy.Supply.model_fields["running_cost"]
    assert set(fields) <= {p.name.rpartition(".")[2] for p, _ in INVESTMENTS}


INPUTS = [p for name, p in parameters().items() if not name.startswith("target.")]
"""All but the targets: what the model is held against may be stated by no scenario."""


@pytest.mark.parametrize("p", INPUTS, ids=[p.name for p in INPUTS])
def test_the_evidence_range_lies_within_the_bounds(p: Any) -> None:
    bounds = p.bounds
    assert bounds.least < p.low if bounds.least_open else bounds.least <= p.low
    assert p.high < bounds.most if bounds.most_open else p.high <= bounds.most


def test_a_record_changes_what_its_unit_allows() -> None:
    assert bounds_in("share") == BY_UNIT["share"]
    assert str(bounds_in("share")) == "0 to 1"
    assert str(bounds_in("share", below=1)) == "at least 0, less than 1"
    assert str(bounds_in("months", above=0, most=60)) == "more than 0, at most 60"
    assert bounds_in("share", below=1).constraints == {"ge": 0, "lt": 1}
    assert bounds_in("parsecs").constraints == {"ge": -math.inf, "le": math.inf}


def test_a_family_without_common_bounds_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the records of children\.no_such need one and the same"):
        each("children.no_such")
    with pytest.raises(ValueError, match=r"need one and the same bounds, not .* to "):
        each("money")
