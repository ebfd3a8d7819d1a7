"""A scenario with some of its numbers replaced, by the names of their evidence records."""

from __future__ import annotations

from typing import Any

import pytest
from support import MINIMAL, changed, scenario

from simulation.checks import check_scenario
from simulation.parameters import parameter, parameters
from simulation.reading import find_scenario
from simulation.scenario import Scenario
from simulation.values import _WHOLE, LEVER_OF_RECORD, with_values

STAIRS: list[dict[str, Any]] = [
    {"key": "help", "label": "Hjælp", "kind": "home"},
    {"key": "home_for_children", "label": "Børnehjem", "kind": "care"},
]


def tree(s: Scenario) -> dict[str, Any]:
    return s.model_dump(mode="json")


def differences(a: Any, b: Any, path: str = "") -> set[str]:
    """Return the paths at which two trees of a scenario differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        assert a.keys() == b.keys(), path
        return set().union(*(differences(a[k], b[k], f"{path}.{k}".lstrip(".")) for k in a))
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        both = enumerate(zip(a, b, strict=True))
        return set().union(*(differences(x, y, f"{path}.{i}") for i, (x, y) in both))
    return set() if a == b else {path}


def own_stairs() -> Scenario:
    """Return a scenario with two stairs of its own and one age band."""
    one = dict.fromkeys(("help", "home_for_children"), 0.5)
    return Scenario.model_validate(
        {
            **{k: v for k, v in MINIMAL.items() if k != "districts"},
            "staircase": STAIRS,
            "age_bands": [0],
            "districts": [{"inflow": 5.0, "caseworkers": [1.0], "start": {"help": 4}}],
            "children": {
                "age_at_arrival": [1.0],
                "age_at_entry": [1.0],
                "readiness_rate": one,
                "crisis_rate": one,
                "home_share": {"home_for_children": 0.5},
                "entry_share": {"home_for_children": [1.0]},
            },
            "work": {"weight": one},
            "money": {"unit_price": dict.fromkeys(one, 1e5)},
        }
    )


# --- one number ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("children.recognition", 0.41, "children.recognition"),
        ("work.case_hours", 88.0, "work.case_hours"),
        ("reviews.later", 4.0, "reviews.later"),
        ("money.salary", 500_000.0, "money.salary"),
        ("baseline.outreach", 1.1, "baseline.outreach"),
        ("children.readiness_rate.foster_care", 0.09, "children.readiness_rate.foster_care"),
        ("work.weight.preventive", 1.7, "work.weight.preventive"),
        ("money.price_spread.foster_care", 0.05, "money.price_spread.foster_care"),
        ("children.entry_share.own_room.15", 0.21, "children.entry_share.own_room.3"),
        ("children.entry_share.residential_care.0", 0.05, "children.entry_share.residential_care.0"),
    ],
)
def test_one_number_is_replaced_and_no_other(name: str, value: float, path: str) -> None:
    s = scenario()
    new = with_values(s, {name: value})
    assert differences(tree(s), tree(new)) == {path}
    node: Any = tree(new)
    for step in path.split("."):
        node = node[int(step)] if isinstance(node, list) else node[step]
    assert node == value


def test_several_numbers_of_one_table_and_one_list_are_replaced_together() -> None:
    s = scenario()
    new = with_values(
        s,
        {
            "children.crisis_rate.foster_care": 0.01,
            "children.crisis_rate.own_room": 0.02,
            "children.entry_share.residential_care.4": 0.3,
            "children.entry_share.residential_care.12": 0.4,
        },
    )
    c, old = new.children, s.children
    assert c.crisis_rate == {**old.crisis_rate, "foster_care": 0.01, "own_room": 0.02}
    heavy = old.entry_share["residential_care"]
    assert c.entry_share["residential_care"] == (heavy[0], 0.3, 0.4, heavy[3])


def test_no_values_give_the_same_scenario() -> None:
    assert with_values(scenario(), {}) == scenario()


@pytest.mark.parametrize("name", sorted(_WHOLE - set(LEVER_OF_RECORD)))
def test_whole_numbers_stay_whole(name: str) -> None:
    section, field = name.split(".")
    found = getattr(getattr(with_values(scenario(), {name: 3.4}), section), field)
    assert found == 3
    assert isinstance(found, int)


def test_every_whole_number_of_the_sections_is_known_as_whole() -> None:
    s = scenario()
    whole = {
        f"{section}.{name}"
        for section in ("children", "work", "reviews", "money", "baseline")
        for name, field in type(getattr(s, section)).model_fields.items()
        if field.annotation is int
    }
    assert whole == {name for name in _WHOLE if not name.startswith("policy.")}


# --- shares that sum to one ----------------------------------------------------------------------


def test_shares_over_the_age_bands_are_brought_back_to_sum_to_one() -> None:
    s = changed(scenario(), children={"age_at_arrival": [0.2, 0.3, 0.4, 0.1]})
    found = with_values(s, {"children.age_at_arrival.0": 0.7}).children.age_at_arrival
    assert found == pytest.approx([0.7 / 1.5, 0.3 / 1.5, 0.4 / 1.5, 0.1 / 1.5])


def test_shares_that_sum_to_one_stay_as_they_are_given() -> None:
    given = {0: 0.1, 4: 0.2, 12: 0.3, 15: 0.4}
    new = with_values(scenario(), {f"children.age_at_entry.{age}": x for age, x in given.items()})
    assert new.children.age_at_entry == pytest.approx(list(given.values()))


def test_guaranteed_shares_are_brought_back_to_sum_to_one() -> None:
    old = scenario().work.guaranteed_share
    new = with_values(scenario(), {"work.guaranteed_share.reactive": 1.0}).work.guaranteed_share
    total = 1.0 + old.assessments + old.follow_ups
    assert new.reactive == pytest.approx(1.0 / total)
    assert new.follow_ups == pytest.approx(old.follow_ups / total)


# --- levers of policies --------------------------------------------------------------------------


def with_policies() -> Scenario:
    """Return a scenario whose first policy states each record's own value, the second others."""
    own: dict[str, Any] = {"ramp_months": int(parameter("policy.ramp_months").value)}
    for name, path in LEVER_OF_RECORD.items():
        if len(path) == 2:
            own.setdefault(path[0], {})[path[1]] = parameter(name).value
    other = {"practice": {"orientation": 1.5, "without_leader": 0.9}, "ramp_months": 3,
             "supply": {"network_search": 0.9}, "world": {"effect": 0.9}}  # fmt: skip
    return scenario(policies={"own": own, "other": other})


@pytest.mark.parametrize(("name", "path"), LEVER_OF_RECORD.items())
def test_a_lever_is_replaced_where_a_policy_states_the_record_s_value(name: str, path: tuple) -> None:
    s = with_policies()
    new = with_values(s, {name: 2.0})
    assert differences(tree(s), tree(new)) == {".".join(("policies", "own", *path))}
    node: Any = new.policies["own"]
    for step in path:
        node = getattr(node, step)
    assert node == 2.0


def test_levers_are_replaced_together_and_months_stay_whole() -> None:
    values = {"policy.orientation": 1.1, "policy.residential_odds": 0.3, "policy.ramp_months": 7.6}
    own = with_values(with_policies(), values).policies["own"]
    assert (own.practice.orientation, own.practice.residential_odds) == (1.1, 0.3)
    assert own.ramp_months == 8
    assert isinstance(own.ramp_months, int)


def test_shipped_policies_of_one_cause_and_worlds_of_their_own_keep_theirs() -> None:
    s = find_scenario("fano")
    new = with_values(s, {"policy.orientation": 1.2, "policy.surveillance": 0.1})
    assert new.policies["swedish_model"].practice.orientation == 1.2
    assert new.policies["practice_only"].practice.orientation == 1.2
    assert new.policies["swedish_model"].world.surveillance == 0.1
    unchanged = ("perverse", "staff_only", "supply_only")
    assert all(new.policies[name].practice == s.policies[name].practice for name in unchanged)
    assert new.policies["perverse"].world == s.policies["perverse"].world


# --- what is not there ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "children.readiness_rate.foster_care",
        "children.entry_share.own_room.15",
        "children.age_at_arrival.12",
    ],
)
def test_records_of_stairs_and_ages_that_are_not_there_are_passed_over(name: str) -> None:
    assert name in parameters()
    assert with_values(own_stairs(), {name: 0.3}) == own_stairs()


def test_stairs_of_a_scenario_s_own_are_named_like_others() -> None:
    new = with_values(own_stairs(), {"children.crisis_rate.help": 0.07})
    assert new.children.crisis_rate == {"help": 0.07, "home_for_children": 0.5}


@pytest.mark.parametrize(
    "name",
    [
        "recognition",
        "children",
        "children.",
        "children.recogniton",
        "children.recognition.foster_care",
        "children.readiness_rate",
        "children.readiness_rate.foster_cares",
        "children.age_at_arrival",
        "children.age_at_arrival.5",
        "children.age_at_arrival.young",
        "children.entry_share.own_room",
        "work.guaranteed_share",
        "work.guaranteed_share.sleep",
        "money.price_growth",
        "money.refund_threshold",
        "reviews.order",
        "children.model_fields",
        "municipality.readiness_sd",
        "target.denmark.exits_0_17",
        "districts.all.inflow",
    ],
)
def test_a_name_of_no_number_is_refused(name: str) -> None:
    with pytest.raises(KeyError, match=f"no scenario has a number '{name}'"):
        with_values(scenario(), {name: 0.5})


# --- what comes out ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fano", "herning", "denmark"])
def test_a_scenario_with_every_record_at_its_low_or_high_end_is_still_one(name: str) -> None:
    """Every number but those that hang together as shares of one whole, which are halved."""
    s = find_scenario(name)
    for end in ("low", "high"):
        values = {}
        for record in parameters().values():
            if record.distribution == "fixed" or not record.name.startswith(("children.", "work.")):
                continue
            together = "entry_share" in record.name or record.name.endswith("after_assessment")
            values[record.name] = getattr(record, end) * (0.5 if together else 1.0)
        new = with_values(s, values)
        check_scenario(new)
        assert Scenario.model_validate(new.model_dump(mode="json")) == new
        assert len(differences(tree(s), tree(new))) > 50
