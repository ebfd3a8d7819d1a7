"""Scenario files that take over a shipped scenario (`like`) or shipped policies (`include`)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from test_input import assert_plain, message_of

from simulation import Scenario, ScenarioError, find_scenario, parameter, read_scenario, takeover
from simulation.ledger import column_names
from simulation.outcomes import measured
from simulation.parameters import price_factor
from simulation.policy import Supply
from simulation.replicates import ledgers
from simulation.shipped import shipped_policies, shipped_scenarios, shipped_text
from simulation.takeover import with_what_it_takes_over

PROGRAMMES = pytest.mark.skipif(
    "programmes" not in Supply.model_fields, reason="policies know no programmes yet"
)
SHORTER = 'name = "mine"\nlike = "denmark"\nmonths = 12\n'
INCLUDED = tomllib.loads(shipped_text("policies/investments"))["policies"]


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return shipped files by name that a test may write, instead of the real ones."""
    files: dict[str, str] = {}

    def scenarios() -> list[str]:
        return sorted(name for name in files if not name.startswith("policies/"))

    def policies() -> list[str]:
        return sorted(name.removeprefix("policies/") for name in files if name.startswith("policies/"))

    monkeypatch.setattr(takeover, "shipped_scenarios", scenarios)
    monkeypatch.setattr(takeover, "shipped_policies", policies)
    monkeypatch.setattr(takeover, "shipped_text", files.__getitem__)
    return files


def written(folder: Path, text: str) -> Scenario:
    path = folder / "mine.toml"
    path.write_text(text, "utf-8")
    return read_scenario(path)


# --- like -----------------------------------------------------------------------------------------


def test_a_scenario_like_another_differs_only_in_what_it_says(tmp_path: Path) -> None:
    mine, base = written(tmp_path, SHORTER), find_scenario("denmark")
    assert (mine.name, mine.title, mine.english, mine.about) == ("mine", "", "", "")
    assert mine.months == 12
    its_own = {"name", "title", "english", "about", "months"}
    assert mine.model_dump(exclude=its_own) == base.model_dump(exclude=its_own)


def test_tables_are_joined_key_by_key_and_lists_replaced_whole(shelf: dict[str, str]) -> None:
    shelf["base"] = "list = [1, 2]\n[[districts]]\nname = 'a'\nextra = 1\n[t]\nx = 1\n[t.u]\ny = 1\nz = 1"
    data = tomllib.loads("like = 'base'\nlist = [3]\n[[districts]]\nname = 'b'\n[t.u]\ny = 2")
    assert with_what_it_takes_over(data) == {
        "list": [3],
        "districts": [{"name": "b"}],
        "t": {"x": 1, "u": {"y": 2, "z": 1}},
    }


def test_a_scenario_may_be_like_one_that_is_like_another(shelf: dict[str, str]) -> None:
    shelf.update(
        old="name = 'old'\na = 1\nb = 1\nc = 1", newer="name = 'newer'\nlike = 'old'\nb = 2\nc = 2"
    )
    assert with_what_it_takes_over({"like": "newer", "c": 3}) == {"a": 1, "b": 2, "c": 3}


@pytest.mark.parametrize(
    "name", [n for n in shipped_scenarios() if "like" in tomllib.loads(shipped_text(n))]
)
def test_a_shipped_scenario_says_only_what_differs(name: str) -> None:
    """But for districts, which are replaced as a whole, and a title, which is never taken over."""
    said = tomllib.loads(shipped_text(name))
    base = tomllib.loads(shipped_text(said["like"]))
    for key in set(said) - {"districts"}:
        assert said[key] != base.get(key), key


def test_a_policy_may_be_like_one_of_the_scenario_it_takes_over(tmp_path: Path) -> None:
    text = SHORTER + '[policies.half]\nlike = "swedish_model"\nreach = 0.5\n'
    mine = written(tmp_path, text)
    assert mine.policies["half"].capacity == find_scenario("denmark").policies["swedish_model"].capacity


def test_the_baseline_of_what_is_taken_over_is_not_changed_by_reading(tmp_path: Path) -> None:
    before = find_scenario("denmark")
    written(tmp_path, SHORTER + "[children]\nrecognition = 0.1\n")
    assert find_scenario("denmark") == before


WRONG = {
    "misspelt": (
        'like = "denmrak"',
        "like = 'denmrak'",
        "no such scenario",
        "did you mean 'denmark'?",
        "fano",
    ),
    "no text": ("like = 5", "like = 5", "no such scenario"),
    "no scenario": ('like = "template"', "like = 'template'", "no such scenario", "herning"),
    "policies instead": ('like = "investments"', "no such scenario"),
    "unknown policies": ('include = ["investment"]', "no policies 'investment'", "'investments'"),
    "a scenario instead": ('include = ["fano"]', "no policies 'fano'", "investments"),
    "no list": ('include = "investments"', "include = 'investments'", "list", "['investments']"),
    "no names": ("include = [5]", "include = [5]", "no policies 5"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_taken_over_is_named(case: str, tmp_path: Path) -> None:
    line, *words = WRONG[case]
    assert_plain(message_of(f'name = "mine"\n{line}\n', tmp_path), *words)


def test_a_circle_is_named(shelf: dict[str, str]) -> None:
    shelf.update(a="like = 'b'", b="like = 'c'", c="like = 'a'")
    with pytest.raises(ValueError, match=r"like = 'a' goes round in a circle: a -> b -> c -> a"):
        with_what_it_takes_over({"like": "a"})
    shelf["d"] = "like = 'd'"
    with pytest.raises(ValueError, match=r"circle: d -> d"):
        with_what_it_takes_over({"like": "d"})


def test_two_ways_to_the_same_scenario_are_no_circle(shelf: dict[str, str]) -> None:
    shelf.update(a="x = 1", b="like = 'a'", c="like = 'a'")
    assert with_what_it_takes_over({"like": "b"}) == with_what_it_takes_over({"like": "c"}) == {"x": 1}


def test_what_is_missing_in_both_is_missing(tmp_path: Path) -> None:
    assert_plain(message_of('like = "denmark"\n', tmp_path), "name is missing")


# --- include --------------------------------------------------------------------------------------


def test_included_policies_come_before_those_of_like_and_after_ones_own(shelf: dict[str, str]) -> None:
    shelf["base"] = "price_year = 2019\n[policies]\na = {x = 1, y = 1}\nb = {x = 1}"
    shelf["policies/one"] = "price_year = 2019\n[policies]\na = {x = 2}\nc = {x = 2}\nd = {x = 2}"
    shelf["policies/two"] = "price_year = 2019\n[policies]\nd = {x = 3}"
    data = {"like": "base", "include": ["one", "two"], "policies": {"c": {"x": 4}}}
    found = with_what_it_takes_over(data)["policies"]
    assert found == {"a": {"x": 2, "y": 1}, "b": {"x": 1}, "c": {"x": 4}, "d": {"x": 3}}


def test_an_included_file_gives_its_policies_and_nothing_else(shelf: dict[str, str]) -> None:
    shelf["policies/one"] = "price_year = 2019\nmonths = 7\n[policies.a]\nreach = 1"
    assert with_what_it_takes_over({"include": ["one"]}) == {"policies": {"a": {"reach": 1}}}


@pytest.mark.parametrize("name", shipped_policies())
def test_a_shipped_file_of_policies_holds_policies_and_their_price_year(name: str) -> None:
    assert set(tomllib.loads(shipped_text(f"policies/{name}"))) == {"price_year", "policies"}


def test_files_of_policies_are_no_scenarios() -> None:
    assert "investments" in shipped_policies()
    assert not set(shipped_policies()) & set(shipped_scenarios())
    with pytest.raises(ScenarioError, match="no scenario 'investments'"):
        find_scenario("investments")


# --- amounts --------------------------------------------------------------------------------------


def test_amounts_taken_over_are_brought_to_the_price_level_of_the_file(shelf: dict[str, str]) -> None:
    shelf["base"] = """
price_year = 2013
[money]
salary = 100
overhead = 0.1
refund_threshold = [10, 20]
unit_price = { foster_care = 5 }
[policies.p]
reach = 0.5
capacity = { extra_fte = [1.0], start_cost = 7 }
supply = { running_cost = 8, programmes = { q = { cost = 9, crisis = 0.9 } } }
"""
    shelf["policies/more"] = "price_year = 2015\n[policies.r.supply]\nrunning_cost = 3\noutreach = 1.25"
    found = with_what_it_takes_over({"like": "base", "include": ["more"], "price_year": 2019})
    six, four = price_factor(2013, 2019), price_factor(2015, 2019)
    assert six > four > 1
    assert found["price_year"] == 2019
    assert found["money"] == {
        "salary": pytest.approx(100 * six),
        "overhead": 0.1,
        "refund_threshold": [pytest.approx(10 * six), pytest.approx(20 * six)],
        "unit_price": {"foster_care": pytest.approx(5 * six)},
    }
    p, r = found["policies"]["p"], found["policies"]["r"]
    assert p["reach"] == 0.5
    assert p["capacity"] == {"extra_fte": [1.0], "start_cost": pytest.approx(7 * six)}
    assert p["supply"]["running_cost"] == pytest.approx(8 * six)
    assert p["supply"]["programmes"]["q"] == {"cost": pytest.approx(9 * six), "crisis": 0.9}
    assert r["supply"] == {"running_cost": pytest.approx(3 * four), "outreach": 1.25}


def test_without_a_price_year_of_its_own_a_scenario_has_that_of_the_other(tmp_path: Path) -> None:
    mine, base = (s.money for s in (written(tmp_path, SHORTER), find_scenario("denmark")))
    assert mine == base


def test_ones_own_amounts_stand_as_they_are(tmp_path: Path) -> None:
    text = 'name = "mine"\nlike = "herning"\nprice_year = 2020\nmoney.unit_price.own_room = 1.0\n'
    prices = written(tmp_path, text).money.unit_price
    assert prices["own_room"] == 1.0
    herning = find_scenario("herning").money.unit_price["foster_care"]
    assert prices["foster_care"] == pytest.approx(herning * price_factor(2013, 2020))


@pytest.mark.parametrize("year", ["2019.5", '"2019"', "2200", "1500"])
def test_an_impossible_price_year_is_for_the_checks(year: str, tmp_path: Path) -> None:
    assert_plain(message_of(SHORTER + f"price_year = {year}\n", tmp_path), "price_year")


# --- the investments ------------------------------------------------------------------------------


def numbers_of(policy: dict[str, Any], path: str) -> dict[str, float]:
    """Return every number of a policy by the name that its record must have."""
    found: dict[str, float] = {}
    for key, here in policy.items():
        if isinstance(here, dict):
            found |= numbers_of(here, path)
        elif isinstance(here, (int, float)) and not isinstance(here, bool):
            found[f"{path}.{key}"] = here
    return found


@pytest.mark.parametrize("name", INCLUDED)
def test_every_number_of_an_investment_has_a_record_with_its_value(name: str) -> None:
    for path, number in numbers_of(INCLUDED[name], f"investment.{name}").items():
        record = parameter("policy.ramp_months" if path.endswith(".ramp_months") else path)
        assert number == record.value, path
        assert record.price_year in (None, 2019)


def test_a_programme_goes_by_the_name_of_its_policy() -> None:
    for name, policy in INCLUDED.items():
        assert set(policy.get("supply", {}).get("programmes", {})) <= {name}


@PROGRAMMES
@pytest.mark.parametrize("base", ["fano", "denmark", "herning"])
def test_any_scenario_can_take_in_the_investments(base: str, tmp_path: Path) -> None:
    mine = written(tmp_path, f'name = "mine"\nlike = "{base}"\ninclude = ["investments"]\n')
    assert set(mine.policies) == set(find_scenario(base).policies) | set(INCLUDED)


@PROGRAMMES
@pytest.mark.parametrize("name", INCLUDED)
def test_an_investment_is_paid_and_a_factor_of_one_changes_no_child(name: str, tmp_path: Path) -> None:
    mine = written(tmp_path, SHORTER + 'include = ["investments"]\n')
    today, invested = (ledgers(mine, p, replicates=20) for p in (None, mine.policies[name]))
    costs = [measured("gross_cost", books, mine.staircase).mean() for books in (today, invested)]
    counts = [column_names(mine.staircase).index(f"n_{key}") for key in mine.staircase.keys]
    assert costs[1] > costs[0]
    factors = [
        number
        for path, number in numbers_of(INCLUDED[name], name).items()
        if path.rpartition(".")[2] in ("crisis", "readiness", "placed", "outreach", "network_search")
    ]
    assert (today == invested)[..., counts].all() == all(factor == 1.0 for factor in factors)
