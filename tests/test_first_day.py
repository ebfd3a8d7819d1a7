"""The children of the first day by reference: read, refused with a cure, and never written out."""

from __future__ import annotations

import copy
import json
import math
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Trappe, command_in
from first_days import NO_PRICE, first_day, random_first_day, shuffled, starting_from
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from random_scenarios import random_scenario
from support import FIXED, district, scenario

from experiments.runner import Plan
from experiments.store import identity
from simulation import Scenario, ScenarioError, read_scenario
from simulation.first_day import (
    COLUMNS,
    MOST_CHILDREN,
    UNKNOWN,
    FirstDay,
    as_csv,
    read_first_day,
)
from simulation.horizon import with_months
from simulation.parts import part_of
from simulation.policy import Policy
from simulation.settling import settled, settled_flows
from simulation.stationary import follow_up_stretch, recognition_today, stationary_start
from simulation.values import with_values

HEADER = ",".join(COLUMNS)
TOWN = scenario()
NORTH_AND_SOUTH = scenario(districts=[*district(name="north"), *district(name="south")])
ROWS = (
    "all,foster_care,100,20,3,512345.678\n"
    "all,assessment,0,1,,\n"
    ",residential_care,215,216,216,\n"
    "all,preventive,37,2,0,0\n"
)


@pytest.fixture
def trappe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Trappe:
    return command_in(monkeypatch, capsys, tmp_path)


def read(folder: Path, text: str, s: Scenario = TOWN) -> FirstDay:
    path = folder / "children.csv"
    path.write_text(text, "utf-8", newline="")
    return read_first_day(path, s.staircase, [d.name for d in s.districts], s.leave_age)


TOML = """
name = "ours"
like = "denmark"
[case_list]
children = "mine/children.csv"
draws = "mine/draws.csv"
until = 2026-01-31
"""


def write_scenario(folder: Path, rows: str = ROWS, toml: str = TOML) -> Path:
    """Write a scenario file with its children beside it; return its path."""
    (folder / "mine").mkdir(exist_ok=True)
    (folder / "mine/children.csv").write_text(f"{HEADER}\n{rows}".replace("all,", "average,"), "utf-8")
    (folder / "ours.toml").write_text(toml, "utf-8")
    return folder / "ours.toml"


# --- the file ---------------------------------------------------------------------------------------


def test_a_file_is_read_row_by_row(tmp_path: Path) -> None:
    day = read(tmp_path, f"{HEADER}\n{ROWS}")
    keys = [day.stairs[i] for i in day.stair]
    assert keys == ["foster_care", "assessment", "residential_care", "preventive"]
    assert day.district.tolist() == [0, 0, 0, 0]
    assert day.age.tolist() == [100, 0, 215, 37]
    assert day.on_stair.tolist() == [20, 1, 216, 2]
    assert day.since.tolist() == [3, UNKNOWN, 216, 0]
    assert day.price[[0, 3]].tolist() == [512345.678, 0.0]
    assert np.isnan(day.price[1:3]).all()


@pytest.mark.parametrize("seed", range(20))
def test_what_is_written_reads_back_as_it_was(seed: int, tmp_path: Path) -> None:
    s = random_scenario(seed)
    day = random_first_day(s, seed)
    assert read(tmp_path, as_csv(day), s) == day


def test_what_a_spreadsheet_makes_of_the_file_is_read(tmp_path: Path) -> None:
    """A byte order mark, Windows line ends, empty lines, spaces and quotes."""
    text = f"\ufeff{HEADER}\n{ROWS}".replace("\n", "\r\n\r\n").replace("foster_care", '" foster_care "')
    assert read(tmp_path, text) == read(tmp_path, f"{HEADER}\n{ROWS}")


def test_a_file_of_nobody_is_read(tmp_path: Path) -> None:
    assert len(read(tmp_path, f"{HEADER}\n")) == 0


def test_a_district_named_like_a_formula_is_written_harmless_and_read_back(tmp_path: Path) -> None:
    s = scenario(districts=[*district(name="=HYPERLINK(1)"), *district(name="@b")])
    day = first_day(s, [("preventive", 30, 2, 1, 5.0)] * 2, ["=HYPERLINK(1)", "@b"])
    text = as_csv(day)
    assert not any(line.startswith(("=", "@")) for line in text.splitlines())
    assert read(tmp_path, text, s) == day


def test_many_children_are_read_and_more_than_the_most_are_refused(tmp_path: Path) -> None:
    text = f"{HEADER}\n" + "all,preventive,100,20,3,\n" * 20_000
    assert len(read(tmp_path, text)) == 20_000
    column = np.zeros(MOST_CHILDREN + 1, np.int8)
    with pytest.raises(ValueError, match="900001 children; at most 900000"):
        FirstDay(districts=["all"], stairs=["help"], district=column, stair=column, age=column,
                 on_stair=column + 1, since=column, price=column)  # fmt: skip


@pytest.mark.slow
def test_a_file_of_too_many_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="more than 900000 children"):
        read(tmp_path, f"{HEADER}\n" + "all,preventive,100,20,3,\n" * (MOST_CHILDREN + 1))


GOOD = "all,preventive,37,2,0,0"
HOSTILE: dict[str, tuple[str, ...]] = {
    "empty": ("", "begins with ''", HEADER),
    "no header": (GOOD, "begins with 'all,preventive", HEADER),
    "semicolons": (f"{HEADER}\n{GOOD}".replace(",", ";"), "separated by commas"),
    "a column too many": (f"{HEADER},name\n{GOOD},Ida", "must begin with"),
    "a value too many": (f"{HEADER}\n{GOOD},Ida", "row 2", "7 values for the 6 columns"),
    "a decimal comma": (f"{HEADER}\n{GOOD},5", "row 2", "7 values"),
    "a value too few": (f"{HEADER}\n{GOOD}\nall,preventive", "row 3", "2 values"),
    "an unknown stair": (f"{HEADER}\nall,fostercare,9,2,,", "stair = 'fostercare'", "'foster_care'?"),
    "no stair": (f"{HEADER}\nall,,9,2,,", "stair = ''", "assessment, preventive"),
    "an undetected child": (f"{HEADER}\nall,undetected,9,2,,", "stair = 'undetected'", "one of: assess"),
    "a closed case": (f"{HEADER}\nall,closed,9,2,,", "stair = 'closed'"),
    "an unknown district": (f"{HEADER}\nnord,preventive,9,2,,", "district = 'nord'", "one of: all"),
    "no age": (f"{HEADER}\nall,preventive,,2,,", "age_months = ''", "whole number of months"),
    "an age with decimals": (f"{HEADER}\nall,preventive,9.5,2,,", "age_months = '9.5'", "whole number"),
    "a date": (f"{HEADER}\nall,preventive,2019-01-31,2,,", "age_months = '2019-01-31'"),
    "before birth": (f"{HEADER}\nall,preventive,-3,2,,", "age_months = '-3'"),
    "grown up": (f"{HEADER}\nall,preventive,216,2,,", "age_months = 216", "0 and 215", "leave_age = 18"),
    "an age beyond reason": (f"{HEADER}\nall,preventive,999999999999999999999,2,,", "age_months"),
    "Arabic digits": (f"{HEADER}\nall,preventive,٣٤,2,,", "age_months = '٣٤'"),
    "a formula": (f"{HEADER}\nall,preventive,=1+1,2,,", "age_months = '=1+1'"),
    "not there yet": (f"{HEADER}\nall,preventive,37,0,,", "months_on_stair = 0", "between 1 and 38"),
    "there before birth": (f"{HEADER}\nall,preventive,37,39,,", "months_on_stair = 39", "1 and 38"),
    "followed up before the stay": (
        f"{HEADER}\n{GOOD}\n\nall,preventive,37,5,6,", "row 4", "months_since_follow_up = 6", "0 and 5",
    ),
    "the sign of unknown": (f"{HEADER}\nall,preventive,37,5,-1,", "months_since_follow_up = '-1'"),
    "a price in words": (f"{HEADER}\nall,preventive,37,5,,gratis", "price = 'gratis'", "decimal point"),
    "a price below nothing": (f"{HEADER}\nall,preventive,37,5,,-5", "price = '-5'"),
    "a price that is no number": (f"{HEADER}\nall,preventive,37,5,,nan", "price = 'nan'"),
    "an endless price": (f"{HEADER}\nall,preventive,37,5,,1e400", "price"),
    "a price beyond reason": (f"{HEADER}\nall,preventive,37,5,,2e9", "price = 2000000000", "1000000000"),
    "an open quote": (f'{HEADER}\nall,"preventive,37,5,,', "is not CSV"),
    "a zero byte": (f"{HEADER}\nall,prev\0entive,37,5,,", "children.csv"),
    "an endless cell": (f"{HEADER}\nall,{'x' * 200_000},37,5,,", "is not CSV", "limit"),
    "a long cell": (f"{HEADER}\nall,{'x' * 500},37,5,,", "stair = 'xxx", "..."),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_answered_in_words(case: str, tmp_path: Path) -> None:
    text, *words = HOSTILE[case]
    with pytest.raises(ValueError) as error:
        read(tmp_path, text)
    said = str(error.value)
    assert [word for word in ("children.csv", "trappe import", *words) if word not in said] == []
    assert len(said) < 700 and "\n" not in said


BYTES: dict[str, bytes] = {
    "Latin-1": f"{HEADER}\nSønder,preventive,37,5,,\n".encode("latin-1"),
    "a spreadsheet": b"PK\x03\x04\x14\x00\x08\x08\x08\x00\xd5\xff\xfe",
    "UTF-16": f"{HEADER}\n{GOOD}".encode("utf-16"),
    "noise": bytes(range(256)) * 40,
}


@pytest.mark.parametrize("case", BYTES)
def test_what_is_no_text_is_answered_in_words(case: str, tmp_path: Path) -> None:
    (tmp_path / "children.csv").write_bytes(BYTES[case])
    with pytest.raises(ValueError, match=r"it is not UTF-8 text; .*trappe import"):
        read_first_day(tmp_path / "children.csv", TOWN.staircase, ["all"], 18)


@FIXED
@given(st.text(max_size=60), st.text("0123456789,.-\n\"' ", max_size=60))
def test_any_text_is_read_or_refused_in_words(anything: str, numbers: str) -> None:
    from tempfile import TemporaryDirectory

    rest = (anything + numbers).encode("utf-8", "replace").decode("utf-8")
    with TemporaryDirectory() as folder:
        try:
            day = read(Path(folder), f"{HEADER}\nall,preventive,{rest}")
        except ValueError as error:
            assert "children.csv" in str(error)
        else:
            assert len(day) > 0


# --- the scenario -----------------------------------------------------------------------------------


def test_paths_are_relative_to_the_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_scenario(tmp_path)
    s = read_scenario(path)
    assert s.first_day is not None and len(s.first_day) == 4
    assert s.case_list is not None
    assert s.case_list.draws == str((tmp_path / "mine/draws.csv").resolve())
    assert s.case_list.back_test is None and str(s.case_list.until) == "2026-01-31"
    monkeypatch.chdir(tmp_path / "mine")
    assert read_scenario(Path("../ours.toml")) == s


def refused(path: Path) -> str:
    with pytest.raises(ScenarioError) as error:
        read_scenario(path)
    return str(error.value)


def test_a_missing_file_says_how_to_go_on(tmp_path: Path) -> None:
    path = write_scenario(tmp_path)
    (tmp_path / "mine/children.csv").unlink()
    said = refused(path)
    for words in ("ours.toml", "mine/children.csv", "there is no such file", "trappe import",
                  "line `children` out of [case_list]", "[districts.start]"):  # fmt: skip
        assert words in said
    (tmp_path / "mine/children.csv").mkdir()
    assert "is a folder" in refused(path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read anything")
def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = write_scenario(tmp_path)
    (tmp_path / "mine/children.csv").chmod(0)
    assert "cannot be read" in refused(path)


WRONG_SECTIONS = {
    'children = "mine/children.csv"': ("children = 5", "case_list.children = 5", "in quotation marks"),
    'draws = "mine/draws.csv"': ("draws = 5", "case_list.draws = 5", "text in quotation marks"),
    "until = 2026-01-31": ('until = "soon"', "case_list.until = 'soon'", "must be a date"),
    "[case_list]": ("case_lists = 1\n[case_list]", "case_lists", "did you mean 'case_list'?"),
    "draws =": ("drows =", "case_list.drows", "did you mean 'draws'?"),
}


@pytest.mark.parametrize("old", WRONG_SECTIONS)
def test_a_wrong_section_is_explained(old: str, tmp_path: Path) -> None:
    new, *words = WRONG_SECTIONS[old]
    said = refused(write_scenario(tmp_path, toml=TOML.replace(old, new)))
    assert [word for word in words if word not in said] == []


def test_a_section_that_is_none_is_explained(tmp_path: Path) -> None:
    toml = 'name = "ours"\nlike = "denmark"\ncase_list = "mine"\n'
    assert "begun by a line [case_list]" in refused(write_scenario(tmp_path, toml=toml))


def test_a_row_that_fits_no_scenario_is_a_scenario_error(tmp_path: Path, trappe: Trappe) -> None:
    write_scenario(tmp_path, ROWS.replace("100,20", "300,20"))
    said = trappe("check", "ours.toml")
    assert said.code == 2 and "children.csv, row 2: age_months = 300" in said.err
    assert "Traceback" not in said.err


def test_check_says_whose_children_they_are(tmp_path: Path, trappe: Trappe) -> None:
    write_scenario(tmp_path)
    said = trappe("check", "ours.toml")
    assert said.code == 0 and "4 cases" in said.out
    assert "the 4 children of [case_list], one by one" in said.out
    assert "of [districts.start] only undetected is used." in said.out
    write_scenario(
        tmp_path, ROWS.replace("average,assessment,0,1,,\n", "").replace("assessment", "own_room")
    )
    assert "only undetected and assessment are used." in trappe("check", "ours.toml").out


def test_without_a_list_nothing_is_said_of_it(trappe: Trappe) -> None:
    assert "case_list" not in trappe("check", "fano").out


# --- what is written out, and what is not -----------------------------------------------------------

AGE, STAY, SINCE, PRICE = 173, 139, 127, 876543.25
SIX = first_day(TOWN, [("residential_care", AGE, STAY, SINCE, PRICE)] * 6)
SECRET = starting_from(scenario(months=3), SIX)


def test_a_dump_in_json_holds_number_and_hash_only() -> None:
    dumped = json.loads(SECRET.model_dump_json())
    assert dumped == SECRET.model_dump(mode="json")
    files = dumped.pop("case_list")
    assert files.pop("children") == {"number": 6, "sha256": SIX.digest}
    assert files.pop("internal") is False
    assert set(files.values()) == {None}
    rest = scenario(months=3).model_dump(mode="json")
    assert dumped == {key: x for key, x in rest.items() if key != "case_list"}


def test_what_is_printed_holds_number_and_hash_only() -> None:
    shown = f"FirstDay(6 children, {SIX.digest[:12]})"
    assert repr(SIX) == str(SIX) == shown
    for everything in (repr(SECRET), str(SECRET), repr(SECRET.model_dump())):
        assert shown in everything and "876543" not in everything and "array" not in everything


def test_a_dump_names_no_folder(tmp_path: Path) -> None:
    text = read_scenario(write_scenario(tmp_path)).model_dump_json()
    assert '"draws.csv"' in text and "mine" not in text and tmp_path.name not in text


def test_a_dump_in_json_cannot_be_read_back_and_says_why() -> None:
    with pytest.raises(ValidationError, match="read it from its own file"):
        Scenario.model_validate_json(SECRET.model_dump_json())
    with pytest.raises(ValidationError, match="is a path that was not followed"):
        scenario(case_list={"children": "children.csv"})


def test_a_dump_in_python_and_a_pickle_are_the_scenario_again() -> None:
    assert Scenario.model_validate(SECRET.model_dump()) == SECRET
    for again in (pickle.loads(pickle.dumps(SECRET)), copy.deepcopy(SECRET)):
        assert again == SECRET
        assert again.first_day.age.tolist() == [AGE] * 6
        assert not again.first_day.age.flags.writeable


def test_no_results_folder_holds_a_row(tmp_path: Path, trappe: Trappe) -> None:
    toml = TOML + "[policies.more.capacity]\nextra_fte = [1.0]\n"
    rows = f"average,residential_care,{AGE},{STAY},{SINCE},{PRICE}\n" * 6
    write_scenario(tmp_path, rows, toml)
    said = trappe("compare", "ours.toml", "--policy", "more", "--replicates", 2, "--months", 12,
                  "--out", "results", "--workers", 1)  # fmt: skip
    assert said.code == 0, said.err
    manifest = json.loads((tmp_path / "results/manifest.json").read_text("utf-8"))
    assert manifest["study"]["scenario"]["case_list"]["children"]["number"] == 6
    written = [path for path in (tmp_path / "results").rglob("*") if path.is_file()]
    assert len(written) > 5
    for path in written:
        assert b"876543" not in path.read_bytes() and b"months_on_stair" not in path.read_bytes()


def test_a_sweep_from_a_list_goes_on_by_its_design_and_notices_another_child(
    tmp_path: Path, trappe: Trappe
) -> None:
    toml = TOML + "[policies.more.capacity]\nextra_fte = [1.0]\n"
    rows = "average,residential_care,99,9,2,1e6\n" * 6
    toml = toml.replace('draws = "mine/draws.csv"\n', "")
    write_scenario(tmp_path, rows, toml.replace("[case_list]", "months = 12\n[case_list]"))
    (tmp_path / "grid.toml").write_text(
        'scenarios = ["ours.toml"]\nreplicates = 4\n[grid]\n"children.recognition" = [0.3, 0.6]\n'
    )
    assert trappe("sweep", "grid.toml", "--out", "swept", "--workers", 1).code == 0
    assert trappe("sweep", "grid.toml", "--out", "swept", "--workers", 1).code == 0
    alone = trappe("sweep", "swept")
    assert alone.code == 2 and "ours.toml rests on a case list" in alone.err and "--out" in alone.err
    write_scenario(tmp_path, rows + "average,residential_care,99,9,3,1e6\n", toml)
    other = trappe("sweep", "grid.toml", "--out", "swept", "--workers", 1)
    assert other.code == 2 and "case_list.children.number: there 6, here 7" in other.err


def test_a_study_is_another_one_when_a_child_is_another_one() -> None:
    older = first_day(TOWN, [("residential_care", AGE, STAY, SINCE, PRICE)] * 5
                      + [("residential_care", AGE + 1, STAY, SINCE, PRICE)])  # fmt: skip
    plans = [Plan(s, ()) for s in (SECRET, starting_from(SECRET, older))]
    assert identity(plans[0]) != identity(plans[1])
    assert identity(plans[0]) == identity(Plan(pickle.loads(pickle.dumps(SECRET)), ()))


def test_equality_and_hash_go_by_every_child() -> None:
    day = random_first_day(TOWN, 3)
    other = shuffled(day, np.random.default_rng(1))
    assert len(day) > 1 and day != other and day != "children"
    assert day == shuffled(shuffled(day, _Identity()), _Identity())
    assert len({day, other, copy.copy(day)}) == 2


class _Identity:
    """An order that changes nothing."""

    def permutation(self, n: int) -> Any:
        return np.arange(n)


def test_the_children_cannot_be_changed() -> None:
    day = random_first_day(TOWN, 3)
    with pytest.raises(ValueError, match="read-only"):
        day.age[0] = 5
    with pytest.raises(AttributeError, match="does not change"):
        day.age = np.zeros(3, np.int64)


def test_numbers_that_make_no_sense_are_refused_without_a_file() -> None:
    for row, words in (
        (("preventive", 10, 0, 0, 1.0), "child 1: months_on_stair = 0"),
        (("preventive", 10, 5, 6, 1.0), "child 1: months_since_follow_up = 6"),
        (("preventive", 10, 5, -2, 1.0), "child 1: months_since_follow_up = -2"),
        (("preventive", 10, 5, 2, -1.0), "child 1: price = -1"),
        (("preventive", 10, 5, 2, math.inf), "child 1: price = inf"),
        (("preventive", -1, 1, 0, 1.0), "child 1: age_months = -1"),
    ):
        with pytest.raises(ValueError, match=words):
            first_day(TOWN, [row])
    with pytest.raises(ValueError, match="age must have one number per child"):
        FirstDay(districts=["all"], stairs=["help"], district=[0], stair=[0], age=[1, 2], on_stair=[1],
                 since=[0], price=[1.0])  # fmt: skip


# --- a scenario changed in memory keeps its children --------------------------------------------------

CHANGES: dict[str, Callable[[Scenario], Scenario]] = {
    "with values": lambda s: with_values(s, {"children.recognition": 0.5}),
    "settled": lambda s: settled(with_values(s, {"children.recognition": 0.5}), s),
    "longer": lambda s: with_months(s, 60),
    "a part": lambda s: part_of(s, Policy(), s.districts[0].name)[0],
    "a copy": lambda s: s.model_copy(update={"title": "ours"}),
}
LISTED = starting_from(TOWN, first_day(TOWN, [("preventive", 30, 3, UNKNOWN, NO_PRICE)] * 12
                                       + [("residential_care", 99, 9, 2, 1e6)] * 5))  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_scenario_keeps_its_children(change: str) -> None:
    assert CHANGES[change](LISTED).case_list == LISTED.case_list


ONE: dict[str, Any] = {
    "districts": ["all"], "stairs": TOWN.staircase.keys, "district": [0], "stair": [2], "age": [30],
    "on_stair": [3], "since": [1], "price": [1.0],
}  # fmt: skip
MISFITS: dict[str, tuple[dict[str, Any], str]] = {
    "another district": ({"districts": ["north"]}, "there is no district 'north'; the districts are all"),
    "another staircase": ({"stairs": TOWN.staircase.keys[1:]}, "were read for the stairs assessment, "),
    "grown up": ({"age": [216]}, "age_months = 216 must lie between 0 and 215, .* leave_age = 18"),
    "undetected": ({"stair": [0]}, "some stand on 'undetected', where nobody is known"),
}


@pytest.mark.parametrize("case", MISFITS)
def test_children_of_another_scenario_are_refused(case: str) -> None:
    change, words = MISFITS[case]
    assert Scenario.model_validate(starting_from(TOWN, FirstDay(**ONE)).model_dump())
    with pytest.raises(ValidationError, match=words):
        Scenario.model_validate(starting_from(TOWN, FirstDay(**ONE | change)).model_dump())


# --- counts -------------------------------------------------------------------------------------------


def test_the_first_day_is_counted_from_the_children() -> None:
    rows = [("preventive", 30, 3, UNKNOWN, NO_PRICE), ("foster_care", 99, 9, 2, 1e6)]
    s = starting_from(NORTH_AND_SOUTH, first_day(NORTH_AND_SOUTH, rows * 2, ["north", "south"] * 2))
    north, south = (s.counted(d) for d in s.districts)
    assert north["preventive"] == 2 and north["foster_care"] == 0
    assert south["foster_care"] == 2 and south["preventive"] == south["residential_care"] == 0
    assert north["undetected"] == 20 and north["assessment"] == 3, "as the scenario says"
    assert s.not_listed == ["undetected", "assessment"]


def test_one_child_under_assessment_makes_the_list_count_there() -> None:
    day = first_day(NORTH_AND_SOUTH, [("assessment", 30, 3, UNKNOWN, NO_PRICE)], ["south"])
    s = starting_from(NORTH_AND_SOUTH, day)
    assert s.not_listed == ["undetected", "preventive"]
    assert [s.counted(d)["assessment"] for d in s.districts] == [0, 1]
    assert [
        s.counted(part_of(s, Policy(), d.name)[0].districts[0])["assessment"] for d in s.districts
    ] == [
        0,
        1,
    ]


def test_the_stationary_start_goes_by_the_children() -> None:
    """All that depends on counts is as in a scenario that states those counts."""
    stated = scenario(districts=district(start=LISTED.counted(LISTED.districts[0])))
    a, b = stationary_start(LISTED), stationary_start(stated)
    for name in ("count", "mean", "age", "hazard", "unready", "ready_hazard", "first", "later"):
        assert np.array_equal(getattr(a, name), getattr(b, name)), name
    assert recognition_today(LISTED) == recognition_today(stated) != recognition_today(TOWN)
    assert follow_up_stretch(LISTED) == follow_up_stretch(stated)
    assert settled_flows(LISTED) == settled_flows(stated) != settled_flows(TOWN)
