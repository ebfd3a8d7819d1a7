"""What people write into scenario files and calls: the wrong is explained, the right is read.

Every message must name the key as it stands in the file, the value, and what is allowed or how to
mend it, in plain words: who reads it knows the municipality, not Python.
"""

from __future__ import annotations

import pickle
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from random_scenarios import random_scenario, random_values
from support import district, scenario

from simulation import (
    DEFAULT_STAIRCASE,
    PlacementModel,
    Policy,
    Scenario,
    ScenarioError,
    find_scenario,
    parameter,
    read_scenario,
    shipped_scenarios,
)
from simulation.layout import MOST_BANDS, MOST_PROGRAMMES, MOST_STAIRS, MOST_THRESHOLDS
from simulation.stationary import stationary_start

GOOD = """\
name = "test"
start = 2016-01-01
months = 24
price_year = 2019

[[districts]]
name = "all"
inflow = 30
caseworkers = [1.0, 0.5]
places = { foster_care = 12 }

[districts.start]
preventive = 20
foster_care = 10
residential_care = 6

[policies.more_staff]
start = 2016-07-01

[policies.more_staff.capacity]
extra_fte = [1.0]
"""

COUNTED = """\
[districts.start]
preventive = 20
foster_care = 10
residential_care = 6
"""

OWN_VALUES = """\
[[districts]]
inflow = 3
caseworkers = [1.0]
start = {{ {first} = 4 }}

[children]
home_share = {{}}
entry_share = {{}}
planned_up = {{}}
readiness_rate = {values}
crisis_rate = {values}

[work]
weight = {values}

[money]
unit_price = {values}
price_spread = {{}}
"""

JARGON = (
    "Input should", "should have at least", "should be", "validation error", "after validation",
    "type=", "input_value", "errors.pydantic.dev", "pydantic", "numba", "nopython", "Traceback",
    "valid tuple", "valid dictionary", "instance of", "<class", "object at", "datetime.", "iterable",
    "unhashable", "NoneType", "np.", "array(", "literal for int", "convert float",
)  # fmt: skip
"""What no message may hold: the words of programmers."""


def plus(text: str) -> str:
    """Return the good scenario with lines added."""
    return f"{GOOD}\n{text}\n"


def instead(old: str, new: str) -> str:
    """Return the good scenario with one line (or part of it) put another way."""
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def children(line: str) -> str:
    return plus(f"[children]\n{line}")


def top(line: str) -> str:
    return instead("price_year = 2019", f"price_year = 2019\n{line}")


def policy(text: str) -> str:
    """Return the good scenario with a second policy, p."""
    return plus(f"[policies.p]\n{text}")


def own_stairs(*stairs: tuple[str, str]) -> str:
    """Return a scenario with stairs of its own (key, kind) and, but for care, all values they need."""
    head, _ = GOOD.split("[[districts]]")
    table = '[[staircase]]\nkey = "{0}"\nlabel = "{0}"\nkind = "{1}"\n'
    helped = [key for key, kind in stairs if kind in ("home", "care")]
    values = "{ " + ", ".join(f"{key} = 0.5" for key in helped) + " }"
    rest = OWN_VALUES.format(first=helped[0], values=values)
    return head + "".join(table.format(*stair) for stair in stairs) + rest


def message_of(text: str | bytes, folder: Path) -> str:
    """Return what a reader of this file is told."""
    path = folder / "municipality.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ScenarioError) as told:
        read_scenario(path)
    assert str(path) in str(told.value)
    return str(told.value).replace(str(path), "municipality.toml")


def assert_plain(message: str, *words: str) -> None:
    """Assert that a message holds the words, and no jargon."""
    for word in words:
        assert word in message, f"{word!r} is not in: {message}"
    for word in JARGON:
        assert word not in message, f"{word!r} is in: {message}"


# --- keys -----------------------------------------------------------------------------------------

UNKNOWN_KEYS = {
    "misspelt rate": (children("recogniton = 0.5"), "children.recogniton", "'recognition'"),
    "misspelt table": (
        plus("[children.readines_rate]\npreventive = 0.5"),
        "children.readines_rate",
        "'readiness_rate'",
    ),
    "misspelt section": (plus("[childern]\nrecognition = 0.5"), "childern", "'children'"),
    "section of another world": (plus("[weather]\nrain = 1"), "weather", "children"),
    "misspelt in a district": (
        instead("inflow = 30", "inflow = 30\ncaseworker = 3"),
        "districts",
        "caseworker",
        "'caseworkers'",
    ),
    "misspelt lever": (
        policy("[policies.p.capacity]\nextra_ftes = [1.0]"),
        "policies.p.capacity.extra_ftes",
        "'extra_fte'",
    ),
    "misspelt cause": (
        policy("[policies.p.capacty]\nextra_fte = [1.0]"),
        "policies.p.capacty",
        "'capacity'",
    ),
    "misspelt rule": (
        plus("[reviews.by_stair.foster_care]\nfirst = 3\nlatter = 6"),
        "reviews.by_stair.foster_care.latter",
        "'later'",
    ),
    "a key of the evidence": (plus("[money]\nprice_growth = 0.02"), "money.price_growth"),
}


@pytest.mark.parametrize("case", UNKNOWN_KEYS)
def test_an_unknown_key_is_answered_with_the_nearest(case: str, tmp_path: Path) -> None:
    text, *words = UNKNOWN_KEYS[case]
    assert_plain(message_of(text, tmp_path), *words)


MISSING = {
    "start": (instead("start = 2016-01-01", ""), "start is missing", "2016-01-01"),
    "inflow": (instead("inflow = 30", ""), "inflow is missing", "per year"),
    "the children": (GOOD.replace(COUNTED, ""), "start is missing", "children on each stair"),
    "districts": (GOOD.split("[[districts]]")[0], "districts", "[[districts]]"),
    "everything": ("", "name is missing", "months is missing"),
    "one half of a rule": (
        plus("[reviews.by_stair.foster_care]\nfirst = 3"),
        "reviews.by_stair.foster_care.later is missing",
    ),
}


@pytest.mark.parametrize("case", MISSING)
def test_a_missing_key_is_named(case: str, tmp_path: Path) -> None:
    text, *words = MISSING[case]
    assert_plain(message_of(text, tmp_path), *words)


# --- values ---------------------------------------------------------------------------------------

IMPOSSIBLE = {
    "share in per cent": (
        children("has_network = 17"),
        "children.has_network = 17",
        "at most 1",
        "17 %",
        "0.17",
    ),
    "share above 1": (children("has_network = 1.7"), "children.has_network = 1.7", "at most 1"),
    "share above 100 per cent": (children("premature = 170"), "children.premature = 170", "most 1"),
    "share of a stair": (
        plus("[children.home_share]\nfoster_care = 46"),
        "children.home_share.foster_care = 46",
        "0.46",
    ),
    "share in a list": (
        children("age_at_arrival = [25, 25, 25, 25]"),
        "children.age_at_arrival[0] = 25",
        "0.25",
    ),
    "certain recognition": (children("recognition = 1"), "children.recognition = 1", "less than 1"),
    "negative rate": (
        children("detection_rate = -0.5"),
        "children.detection_rate = -0.5",
        "at least 0",
        "per",
    ),
    "negative rate of a stair": (
        plus("[children.crisis_rate]\nfoster_care = -0.5"),
        "children.crisis_rate.foster_care = -0.5",
        "at least 0",
    ),
    "impossible rate": (
        plus("[children.crisis_rate]\nfoster_care = 365"),
        "children.crisis_rate.foster_care = 365",
        "at most 50",
    ),
    "negative wait": (plus("[work]\nassessment_wait = -1"), "work.assessment_wait = -1", "at least 0"),
    "endless wait": (plus("[work]\nassessment_wait = 61"), "work.assessment_wait = 61", "at most 60"),
    "nan": (children("detection_rate = nan"), "children.detection_rate = nan", "finite"),
    "inf": (children("detection_rate = inf"), "children.detection_rate = inf", "finite"),
    "minus inf": (children("severity_sd = -inf"), "children.severity_sd = -inf", "finite"),
    "nan in a list": (children("age_at_entry = [nan, 0, 0, 1]"), "children.age_at_entry[0] = nan"),
    "nan inflow": (instead("inflow = 30", "inflow = nan"), "inflow = nan", "finite"),
    "negative inflow": (instead("inflow = 30", "inflow = -30"), "inflow = -30", "at least 0"),
    "no months": (instead("months = 24", "months = 0"), "months = 0", "at least 1"),
    "endless": (instead("months = 24", "months = 100000"), "months = 100000", "at most 1200"),
    "half a month": (instead("months = 24", "months = 24.5"), "months = 24.5", "whole number"),
    "half a child": (
        instead("preventive = 20", "preventive = 20.5"),
        "start.preventive = 20.5",
        "whole number",
    ),
    "fewer than no children": (
        instead("preventive = 20", "preventive = -20"),
        "start.preventive = -20",
        "at least 0",
    ),
    "more than one person in a post": (
        instead("[1.0, 0.5]", "[1.5]"),
        "caseworkers[0] = 1.5",
        "at most 1",
        "one number per post",
    ),
    "posts as one number": (
        instead("caseworkers = [1.0, 0.5]", "caseworkers = 1.5"),
        "caseworkers = 1.5",
        "list",
    ),
    "new posts as one number": (
        policy("[policies.p.capacity]\nextra_fte = 1.5"),
        "policies.p.capacity.extra_fte = 1.5",
        "list",
    ),
    "follow-up at once": (plus("[reviews]\nfirst = 0"), "reviews.first = 0", "more than 0"),
    "order nobody knows": (
        plus('[reviews]\norder = "oldest"'),
        "reviews.order = 'oldest'",
        "'most_overdue'",
        "'most_intrusive'",
    ),
    "effect in per cent": (
        policy("[policies.p.world]\neffect = 50"),
        "policies.p.world.effect = 50",
        "0.5",
    ),
    "price level of another time": (
        instead("price_year = 2019", "price_year = 19"),
        "price_year = 19",
        "at least 2000",
    ),
    "name with spaces": (
        instead('"test"', '"Fanø Kommune"'),
        "name = 'Fanø Kommune'",
        "small letters",
    ),
    "date as year": (instead("2016-01-01", "2016"), "start = 2016", "year-month-day"),
    "Danish date": (instead("2016-01-01", '"01-01-2016"'), "start = '01-01-2016'", "2016-01-01"),
    "date with a time": (instead("2016-01-01", "2016-01-01T12:00:00"), "start", "year-month-day"),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_an_impossible_value_is_named_with_its_range(case: str, tmp_path: Path) -> None:
    text, *words = IMPOSSIBLE[case]
    assert_plain(message_of(text, tmp_path), *words)


NOT_NUMBERS = {
    "a word": (children('detection_rate = "often"'), "children.detection_rate = 'often'"),
    "decimal comma": (
        children('detection_rate = "0,5"'),
        "children.detection_rate = '0,5'",
        "write 0.5",
        "decimal point",
    ),
    "decimal comma of a stair": (
        plus('[money.unit_price]\nfoster_care = "0,5"'),
        "money.unit_price.foster_care = '0,5'",
        "write 0.5",
    ),
    "quotation marks": (
        children('detection_rate = "0.5"'),
        "children.detection_rate = '0.5'",
        "without quotation marks",
    ),
    "quoted whole number": (instead("months = 24", 'months = "24"'), "months = '24'", "quotation"),
    "Danish thousands": (plus('[money]\nsalary = "500.000"'), "money.salary = '500.000'"),
    "with its unit": (plus('[money]\nsalary = "500000 kr"'), "money.salary = '500000 kr'", "number"),
    "yes": (children("detection_rate = true"), "children.detection_rate = True", "number"),
    "a list": (children("detection_rate = [0.5]"), "children.detection_rate = [0.5]", "number"),
    "a table": (children("recognition = { foster_care = 0.5 }"), "children.recognition", "number"),
    "years in words": (instead("months = 24", 'months = "2 years"'), "months = '2 years'", "number"),
}


@pytest.mark.parametrize("case", NOT_NUMBERS)
def test_what_is_no_number_is_not_taken_for_one(case: str, tmp_path: Path) -> None:
    text, *words = NOT_NUMBERS[case]
    assert_plain(message_of(text, tmp_path), *words)


NOT_TABLES = {
    "section as number": (top("children = 3"), "children = 3"),
    "policies as text": (
        top('policies = "none"').split("[policies")[0],
        "policies = 'none'",
    ),
    "policy as text": (top('policies = { a = "none" }').split("[policies")[0], "policies.a = 'none'"),
    "districts as one table": (GOOD.replace("[[districts]]", "[districts]"), "[[districts]]"),
    "staircase as text": (top('staircase = "default"'), "staircase = 'default'"),
    "stairs as names": (top('staircase = ["home", "care"]'), "staircase[0] = 'home'"),
    "bands as number": (top("age_bands = 4"), "age_bands = 4", "list"),
    "bands as text": (top('age_bands = "0-4"'), "age_bands = '0-4'", "list"),
    "like as list": (policy('like = ["more_staff"]'), "policies.p.like", "more_staff"),
    "only as number": (policy('like = "more_staff"\nonly = 3'), "policies.p.only = 3", "list"),
    "only as text": (policy('like = "more_staff"\nonly = "capacity"'), "policies.p.only", "list"),
}


@pytest.mark.parametrize("case", NOT_TABLES)
def test_a_value_where_a_table_or_list_belongs_is_explained(case: str, tmp_path: Path) -> None:
    text, *words = NOT_TABLES[case]
    assert_plain(message_of(text, tmp_path), *words)


# --- what must fit together -----------------------------------------------------------------------

NO_SUCH_STAIR = {
    "rate": (
        plus("[children.readiness_rate]\nfoster = 0.5"),
        "children.readiness_rate.foster",
        "'foster_care'",
    ),
    "price": (
        plus("[money.unit_price]\nfostr_care = 5"),
        "money.unit_price.fostr_care",
        "'foster_care'",
    ),
    "weight": (plus("[work.weight]\nresidential = 1"), "work.weight.residential", "'residential_care'"),
    "start": (instead("preventive = 20", "preventve = 20"), "start.preventve", "'preventive'"),
    "places": (instead("{ foster_care", "{ foster"), "places.foster", "'foster_care'"),
    "rule": (
        plus("[reviews.by_stair.foster]\nfirst = 3\nlater = 6"),
        "reviews.by_stair.foster",
        "'foster_care'",
    ),
    "rule of a policy": (
        policy("[policies.p.reviews.by_stair.foster]\nfirst = 3\nlater = 6"),
        "policies.p.reviews.by_stair.foster",
        "'foster_care'",
    ),
    "entries": (
        plus("[children.entry_share]\nhostel = [0, 0, 0, 0.1]"),
        "children.entry_share.hostel",
        "residential_care",
    ),
    "places of a policy": (
        policy("[policies.p.supply]\nextra_places = { foster = 3 }"),
        "policies.p.supply.extra_places.foster",
        "foster_care",
    ),
}


@pytest.mark.parametrize("case", NO_SUCH_STAIR)
def test_a_stair_that_does_not_exist_is_named(case: str, tmp_path: Path) -> None:
    text, *words = NO_SUCH_STAIR[case]
    assert_plain(message_of(text, tmp_path), *words)


SHARES = {
    "ages at arrival": (
        children("age_at_arrival = [0.25, 0.25, 0.25, 0.3]"),
        "children.age_at_arrival",
        "1.05",
        "not 1",
    ),
    "ages at entry": (
        children("age_at_entry = [0.25, 0.25, 0.25, 0.2]"),
        "children.age_at_entry",
        "0.95",
        "not 1",
    ),
    "entries": (
        plus("[children.entry_share]\nown_room = [0, 0, 0, 0.8]\nresidential_care = [0, 0, 0, 0.4]"),
        "children.entry_share",
        "1.2",
        "at most 1",
        "15",
    ),
    "guaranteed": (
        plus("[work.guaranteed_share]\nreactive = 0.5\nassessments = 0.5\nfollow_ups = 0.5"),
        "work.guaranteed_share",
        "1.5",
        "not 1",
    ),
    "assessments": (
        children("closed_after_assessment = 0.8\nplaced_after_assessment = 0.5"),
        "closed_after_assessment",
        "placed_after_assessment",
        "1.3",
        "at most 1",
    ),
    "too few values": (
        children("age_at_arrival = [0.5, 0.5]"),
        "children.age_at_arrival",
        "2 values",
        "4 age bands",
    ),
    "too many values": (
        plus("[children.entry_share]\nresidential_care = [0, 0, 0, 0, 0.1]"),
        "children.entry_share.residential_care",
        "5 values",
        "4 age bands",
    ),
    "entries into a family": (
        plus("[children.entry_share]\nfoster_care = [0, 0, 0, 0.1]"),
        "children.entry_share.foster_care",
        "family",
    ),
    "entries into help at home": (
        plus("[children.entry_share]\npreventive = [0, 0, 0, 0.1]"),
        "children.entry_share.preventive",
        "care",
    ),
}


@pytest.mark.parametrize("case", SHARES)
def test_shares_that_do_not_fit_are_summed_up(case: str, tmp_path: Path) -> None:
    text, *words = SHARES[case]
    assert_plain(message_of(text, tmp_path), *words)


BANDS = """\
age_bands = {bands}

[children]
age_at_arrival = {shares}
age_at_entry = {shares}
entry_share = {{ own_room = {zeros}, residential_care = {zeros} }}
"""


def bands(*starts: int) -> str:
    """Return the good scenario with age bands of its own, and values for each."""
    n = len(starts)
    lists = {"shares": [1.0 / n] * n, "zeros": [0.0] * n}
    head, tables = BANDS.format(bands=list(starts), **lists).split("\n\n")
    return top(head) + "\n" + tables


AGES = {
    "bands above 0": (bands(1, 4, 12), "age_bands = [1, 4, 12]", "begin with 0"),
    "bands in disorder": (bands(0, 12, 4), "age_bands = [0, 12, 4]", "rise"),
    "a band twice": (bands(0, 4, 4), "age_bands = [0, 4, 4]", "rise"),
    "too many bands": (
        bands(*range(MOST_BANDS + 1)),
        "age_bands",
        str(MOST_BANDS + 1),
        f"at most {MOST_BANDS}",
    ),
    "leaving before the last band": (top("leave_age = 14"), "leave_age = 14", "15", "age_bands"),
    "leaving as the last band begins": (top("leave_age = 15"), "leave_age = 15", "age_bands"),
    "stair for those who have left": (
        own_stairs(("help", "home"), ("late", "care"), ("ward", "care"))
        .replace("home_share = {}", "home_share = { late = 0.5, ward = 0.5 }")
        .replace('key = "late"', 'key = "late"\nyoungest = 18'),
        "late",
        "18",
        "leave_age",
    ),
}


@pytest.mark.parametrize("case", AGES)
def test_ages_that_do_not_fit_are_explained(case: str, tmp_path: Path) -> None:
    text, *words = AGES[case]
    assert_plain(message_of(text, tmp_path), *words)


HELP, CARE = ("help", "home"), ("ward", "care")
TOO_MANY = [(f"help{i}", "home") for i in range(MOST_STAIRS + 1)]
STAIRS = {
    "care before help": (own_stairs(CARE, HELP), "order", "hidden, assessment, home, care"),
    "two hidden": (own_stairs(("a", "hidden"), ("b", "hidden"), HELP), "at most one", "hidden"),
    "two assessments": (
        own_stairs(("a", "assessment"), ("b", "assessment"), HELP),
        "at most one",
        "assessment",
    ),
    "the same stair twice": (own_stairs(HELP).replace(
        "[[districts]]", '[[staircase]]\nkey = "help"\nlabel = "h"\nkind = "home"\n[[districts]]'
    ), "'help'", "twice"),
    "no help at home": (own_stairs(CARE), "at least one stair", "home"),
    "too many": (own_stairs(*TOO_MANY), str(MOST_STAIRS + 1), f"at most {MOST_STAIRS}"),
    "kind nobody knows": (
        own_stairs(HELP, ("ward", "placement")),
        "staircase[1].kind = 'placement'",
        "'care'",
    ),
    "capital letters": (own_stairs(("Help", "home")), "staircase[0].key = 'Help'", "small letters"),
    "limited last stair": (
        own_stairs(HELP, CARE).replace('key = "ward"', 'key = "ward"\nlimited = true'),
        "'ward'",
        "limited",
    ),
    "limited help": (
        own_stairs(HELP, CARE).replace('key = "help"', 'key = "help"\nlimited = true'),
        "'help'",
        "limited",
    ),
    "no crisis rate": (
        own_stairs(HELP).replace("crisis_rate = { help = 0.5 }", "crisis_rate = {}"),
        "children.crisis_rate",
        "'help'",
    ),
    "no price": (
        own_stairs(HELP).replace("unit_price = { help = 0.5 }", "unit_price = {}"),
        "money.unit_price",
        "'help'",
    ),
    "no home share": (own_stairs(HELP, CARE), "children.home_share", "'ward'"),
    "called closed": (
        own_stairs(HELP, ("closed", "care")).replace("home_share = {}", "home_share = {closed = 1}"),
        "closed",
    ),
    "called gone": (
        own_stairs(HELP, ("gone", "care")).replace("home_share = {}", "home_share = {gone = 1}"),
        "gone",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STAIRS)
def test_a_staircase_nobody_could_climb_is_explained(case: str, tmp_path: Path) -> None:
    text, *words = STAIRS[case]
    assert_plain(message_of(text, tmp_path), *words)


N_TOO_MANY = MOST_THRESHOLDS + 1
PLACES_AND_MONEY = {
    "limited without places": (
        instead("{ foster_care = 12 }", "{}"),
        "places.foster_care is missing",
        "how many places",
    ),
    "places without limit": (
        instead("foster_care = 12", "foster_care = 12, residential_care = 3"),
        "places.residential_care",
        "limited = true",
    ),
    "a district twice": (
        plus('[[districts]]\nname = "all"\ninflow = 3\ncaseworkers = []\nstart = {}\n'
             "places = { foster_care = 0 }"),
        "districts",
        "'all'",
        "name of its own",
    ),
    "thresholds that fall": (
        plus("[money]\nrefund_threshold = [800000, 600000]\nrefund_share = [0.25, 0.5]"),
        "refund_threshold",
        "800000",
        "rise",
    ),
    "a threshold without share": (
        plus("[money]\nrefund_threshold = [800000, 900000]\nrefund_share = [0.25]"),
        "refund_threshold",
        "refund_share",
        "one share per threshold",
    ),
    "too many thresholds": (
        plus(f"[money]\nrefund_threshold = {list(range(N_TOO_MANY))}\n"
             f"refund_share = {[0.1] * N_TOO_MANY}"),
        "money.refund_threshold",
        str(N_TOO_MANY),
        f"at most {MOST_THRESHOLDS}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PLACES_AND_MONEY)
def test_places_and_money_that_do_not_fit_are_explained(case: str, tmp_path: Path) -> None:
    text, *words = PLACES_AND_MONEY[case]
    assert_plain(message_of(text, tmp_path), *words)


LEVER = "[policies.p.practice]\norientation = 2"
POLICIES = {
    "nothing": (policy('label = "nothing"'), "policies.p changes nothing", "capacity, reviews"),
    "no effect": (policy(f"{LEVER}\n[policies.p.world]\neffect = 0"), "policies.p changes nothing"),
    "nobody": (policy(f"reach = 0\n{LEVER}"), "policies.p changes nothing"),
    "as today": (
        policy("[policies.p.reviews]\nfirst = 3\n") + "[reviews]\nfirst = 3",
        "policies.p changes nothing",
    ),
    "before the start": (
        policy(f"start = 2015-12-01\n{LEVER}"),
        "policies.p.start = 2015-12-01",
        "24 months from 2016-01-01",
    ),
    "after the end": (
        policy(f"start = 2018-01-01\n{LEVER}"),
        "policies.p.start = 2018-01-01",
        "24 months from 2016-01-01",
    ),
    "stop before start": (
        policy(f"start = 2017-01-01\nstop = 2016-06-01\n{LEVER}"),
        "policies.p.stop = 2016-06-01",
        "2017-01-01",
    ),
    "stop at start": (
        policy(f"start = 2017-01-01\nstop = 2017-01-01\n{LEVER}"),
        "policies.p.stop = 2017-01-01",
        "not after",
    ),
    "like nobody": (
        policy('like = "more_stuff"'),
        "policies.p.like = 'more_stuff'",
        "no such policy",
        "more_staff",
    ),
    "like itself": (policy('like = "p"'), "policies.p.like", "circle", "p -> p"),
    "in a circle": (
        policy('like = "q"\n[policies.q]\nlike = "p"'),
        "like goes round in a circle",
        "p -> q -> p",
    ),
    "only of nothing": (
        policy('like = "more_staff"\nonly = ["staff"]'),
        "policies.p.only[0] = 'staff'",
        "'capacity'",
    ),
    "elsewhere": (
        policy(f'districts = ["nord"]\n{LEVER}'),
        "policies.p.districts",
        "'nord'",
        "the districts are all",
    ),
    "places without limit": (
        policy("[policies.p.supply]\nextra_places = { residential_care = 3 }"),
        "policies.p.supply.extra_places.residential_care",
        "foster_care",
    ),
}


COURSE = """\
[policies.p.supply.programmes.family]
stair = "preventive"
places = 3
months = 4
cost = 30000
"""


def programme(old: str, new: str) -> str:
    """Return the file with a policy of one programme, a line of it replaced."""
    assert old in COURSE
    return policy(COURSE.replace(old, new))


FAMILY = "policies.p.supply.programmes.family"
PROGRAMMES = {
    "misspelt": (programme("cost", "plaecs = 3\ncost"), f"{FAMILY}.plaecs", "'places'"),
    "no places": (programme("places = 3\n", ""), f"{FAMILY}.places", "is missing", "per district"),
    "no cost": (programme("cost = 30000\n", ""), f"{FAMILY}.cost", "is missing", "DKK"),
    "misspelt stair": (
        programme('"preventive"', '"preventiv"'),
        f"{FAMILY}.stair = 'preventiv'",
        "did you mean 'preventive'?",
    ),
    "nobody knows them": (
        programme('"preventive"', '"undetected"'),
        f"{FAMILY}.stair = 'undetected'",
        "no stair whose children are known",
        "assessment, preventive",
    ),
    "ages": (
        programme("cost", "from_age = 12\nto_age = 4\ncost"),
        FAMILY,
        "to_age = 4",
        "from_age = 12",
    ),
    "too old": (
        programme("cost", "from_age = 18\ncost"),
        f"{FAMILY}.from_age = 18",
        "leave_age = 18",
    ),
    "placed from home": (
        programme("cost", "placed = 0.5\ncost"),
        f"{FAMILY}.placed = 0.5",
        "under assessment",
        "leave the line out",
    ),
    "no length": (programme("months = 4", "months = 0"), f"{FAMILY}.months = 0", "at least 1"),
    "half a place": (programme("= 3", "= 2.5"), f"{FAMILY}.places = 2.5", "whole number"),
    "negative": (programme("= 30000", "= -30000"), f"{FAMILY}.cost = -30000", "did you mean 30000?"),
    "a number": (policy("[policies.p.supply]\nprogrammes = 3"), "p.supply.programmes = 3", "section"),
    "seven": (
        policy("".join(COURSE.replace("family", f"course_{i}") for i in range(7))),
        "policies.p.supply.programmes has 7 programmes",
        "at most 6",
        "join some",
    ),
    "no seats": (programme("places = 3", "places = 0"), "policies.p changes nothing"),
    "running cost": (
        policy("[policies.p.supply]\nrunning_cost = -5"),
        "policies.p.supply.running_cost = -5",
        "at least 0",
    ),
    "nowhere": (
        policy(f"districts = []\n{LEVER}"),
        "policies.p.districts = []",
        "name at least one",
    ),
}


@pytest.mark.parametrize("case", PROGRAMMES)
def test_a_programme_that_cannot_be_is_explained(case: str, tmp_path: Path) -> None:
    text, *words = PROGRAMMES[case]
    assert_plain(message_of(text, tmp_path), *words)


def test_six_programmes_and_a_running_cost_alone_are_read(tmp_path: Path) -> None:
    file = tmp_path / "six.toml"
    six = "".join(COURSE.replace("family", f"course_{i}") for i in range(MOST_PROGRAMMES))
    file.write_text(policy(six), "utf-8")
    assert len(read_scenario(file).policy("p").supply.programmes) == 6
    file.write_text(policy("reach = 0\n[policies.p.supply]\nrunning_cost = 5"), "utf-8")
    assert read_scenario(file).policy("p").supply.running_cost == 5


def later(post: str) -> str:
    """Return the file with a post that opens later."""
    return instead("places = {", f"later_posts = [{post}]\nplaces = {{")


LATER_POSTS = {
    "before the start": (
        later("{ fte = 1, begins = 2015-12-01 }"),
        "districts.all.later_posts: begins = 2015-12-01",
        "24 months from 2016-01-01",
        "stands under caseworkers",
    ),
    "after the end": (
        later("{ fte = 1, begins = 2018-01-01 }"),
        "districts.all.later_posts: begins = 2018-01-01",
        "left out",
    ),
    "more than one": (
        later("{ fte = 1.5, begins = 2016-06-01 }"),
        "districts[0].later_posts[0].fte = 1.5",
        "at most 1",
        "several posts: [1.0, 0.5]",
    ),
    "none": (
        later("{ fte = 0, begins = 2016-06-01 }"),
        "districts[0].later_posts[0].fte = 0",
        "more than 0",
    ),
    "no month": (later("{ fte = 1 }"), "later_posts[0].begins", "is missing", "2014-01-01"),
    "no date": (
        later('{ fte = 1, begins = "june" }'),
        "later_posts[0].begins = 'june'",
        "year-month-day",
    ),
    "a bare share": (later("1.0"), "later_posts[0] = 1.0", "{ fte = 1.0, begins = 2014-01-01 }"),
}


@pytest.mark.parametrize("case", LATER_POSTS)
def test_a_later_post_that_cannot_be_is_explained(case: str, tmp_path: Path) -> None:
    text, *words = LATER_POSTS[case]
    assert_plain(message_of(text, tmp_path), *words)


@pytest.mark.parametrize("case", POLICIES)
def test_a_policy_that_cannot_be_is_explained(case: str, tmp_path: Path) -> None:
    text, *words = POLICIES[case]
    assert_plain(message_of(text, tmp_path), *words)


def test_several_problems_are_told_at_once(tmp_path: Path) -> None:
    text = children("has_network = 17\nrecogniton = 0.5\ndetection_rate = -1")
    told = message_of(text, tmp_path)
    assert_plain(told, "children.has_network", "children.recogniton", "children.detection_rate")
    assert len(told.splitlines()) == 4


# --- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a municipality by the sea", ("not TOML", "line 1")),
        (GOOD.replace("inflow = 30", "inflow = 30,5"), ("not TOML", "line 8")),
        (plus("[children]\n[children]"), ("not TOML", "children")),
        (GOOD.replace("Test", "").encode("utf-16"), ("UTF-8",)),
        (b'name = "Fan\xf8"', ("UTF-8", "save")),
    ],
    ids=["prose", "decimal comma", "section twice", "UTF-16", "Latin-1"],
)
def test_a_file_that_is_no_scenario_is_explained(text: Any, words: Any, tmp_path: Path) -> None:
    assert_plain(message_of(text, tmp_path), *words)


def test_a_folder_or_a_missing_file_is_named(tmp_path: Path) -> None:
    for path, words in ((tmp_path, "is a folder"), (tmp_path / "no.toml", "no such file")):
        with pytest.raises(ScenarioError) as told:
            read_scenario(path)
        assert_plain(str(told.value), str(path), words)


@pytest.mark.parametrize(("wrong", "right"), [("fanoe", "fano"), ("Fano", "fano"), ("fanø", "fano")])
def test_an_unknown_scenario_is_answered_with_the_nearest(wrong: str, right: str) -> None:
    with pytest.raises(ScenarioError) as told:
        find_scenario(wrong)
    assert_plain(str(told.value), repr(wrong), f"did you mean {right!r}", "shipped", ".toml")


def test_an_unknown_scenario_far_from_any_is_answered_with_all() -> None:
    with pytest.raises(ScenarioError) as told:
        PlacementModel("København", rng=1)
    assert_plain(str(told.value), "'København'", *shipped_scenarios())


# --- calls ----------------------------------------------------------------------------------------


def refusal(**arguments: Any) -> str:
    """Return what PlacementModel says to arguments it cannot take."""
    with pytest.raises((ValueError, KeyError)) as told:
        PlacementModel(**{"scenario": scenario(), "rng": 1, **arguments})
    return str(told.value)


def test_an_unknown_policy_is_answered_with_the_nearest() -> None:
    told = refusal(scenario=random_scenario(7), policy="frist")
    assert_plain(told, "random_7", "'frist'", "did you mean 'first'")
    assert_plain(refusal(policy="swedish"), "'swedish'", "none")


def test_an_unknown_evidence_record_is_answered_with_the_nearest() -> None:
    with pytest.raises(KeyError) as told:
        parameter("children.recogniton")
    assert_plain(str(told.value), "'children.recogniton'", "did you mean children.recognition")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"orientaton": 1.3}, ("'orientaton'", "did you mean 'orientation'")),
        ({"extra_ftes": 1}, ("'extra_ftes'", "did you mean 'extra_fte'")),
        ({"polcy": "null"}, ("'polcy'", "did you mean 'policy'")),
        ({"weather": 1}, ("'weather'", "orientation", "network_search")),
        ({"seed": 3}, ("seed", "rng=")),
    ],
)
def test_an_unknown_keyword_is_answered_with_the_nearest(arguments: Any, words: Any) -> None:
    assert_plain(refusal(**arguments), *words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"leakage": 17}, ("leakage = 17", "at most 1", "0.17")),
        ({"orientation": -1}, ("orientation = -1", "at least 0")),
        ({"orientation": "1,3"}, ("orientation = '1,3'", "1.3", "decimal point")),
        ({"orientation": float("nan")}, ("orientation = nan", "finite")),
        ({"effect": 2}, ("effect = 2", "at most 1")),
        ({"reach": -0.5}, ("reach = -0.5", "at least 0")),
        ({"ramp_months": 1.5}, ("ramp_months = 1.5", "whole number")),
        ({"follow_up_first": 0}, ("first = 0", "more than 0")),
        ({"follow_up_order": "oldest"}, ("order = 'oldest'", "'most_overdue'")),
        ({"extra_fte": [1.5]}, ("extra_fte", "1.5", "at most 1")),
        ({"extra_fte": -1}, ("extra_fte", "-1")),
        ({"extra_fte": "1.5"}, ("extra_fte", "'1.5'")),
        ({"extra_fte": float("nan")}, ("extra_fte", "nan")),
        ({"extra_fte": float("inf")}, ("extra_fte", "inf")),
        ({"extra_places": 3}, ("extra_places = 3",)),
        ({"extra_places": {"foster": 3}}, ("extra_places.foster", "foster_care")),
        ({"extra_places": {"residential_care": 3}}, ("extra_places.residential_care", "limited")),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_an_impossible_lever_is_named_with_its_range(arguments: Any, words: Any) -> None:
    assert_plain(refusal(**arguments), *words)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"start": date(2015, 12, 1)}, ("start", "2015-12-01", "24 months")),
        ({"start": date(2018, 1, 1)}, ("start", "2018-01-01", "24 months")),
        ({"stop": date(2015, 12, 1)}, ("stop", "2015-12-01")),
        ({"districts": ("nord",)}, ("districts", "'nord'", "all")),
        ({"like": "swedish_model"}, ("like", "swedish_model")),
        (
            {"reviews": {"by_stair": {"foster": {"first": 3, "later": 6}}}},
            ("by_stair.foster", "'foster_care'"),
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_policy_given_as_an_object_is_checked_too(changes: Any, words: Any) -> None:
    given = Policy.model_validate({"practice": {"orientation": 2.0}, **changes})
    assert_plain(refusal(policy=given), *words)


@pytest.mark.parametrize(
    "rng",
    [-1, 2**32, 10**30, 1.5, "abc", "-1", "", "1.5", "²", " 42 ", True, [1, 2]],
    ids=repr,
)
def test_a_seed_that_is_no_seed_is_refused(rng: Any) -> None:
    assert_plain(refusal(rng=rng), "rng", repr(rng), "whole number from 0 to 4294967295")


@pytest.mark.parametrize("replicate", [-1, 2**32, 1.5, "a"], ids=repr)
def test_a_replicate_that_is_no_number_is_refused(replicate: Any) -> None:
    assert_plain(refusal(replicate=replicate), "replicate", repr(replicate), "whole number")


# --- good input -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_shipped_scenario_reads(name: str) -> None:
    assert find_scenario(name).name == name


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_shipped_policy_runs(name: str) -> None:
    for policy_name in (None, *find_scenario(name).policies):
        model = PlacementModel(name, policy_name, rng=1)
        model.run_for(2)
        assert model.month == 2


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        "# Fanø, 2016\n" + GOOD.replace("inflow = 30", "inflow = 30  # som i 2015"),
        GOOD.replace("inflow = 30", "inflow = 30.0"),
    ],
    ids=["plain", "byte order mark", "Windows lines", "comments", "decimals"],
)
def test_the_same_scenario_reads_however_it_was_saved(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(text.encode())
    plain = tmp_path / "plain.toml"
    plain.write_bytes(GOOD.encode())
    assert read_scenario(path) == read_scenario(plain)


def test_a_file_is_found_by_text_or_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD)
    assert find_scenario(str(path)) == find_scenario(path) == read_scenario(path)
    assert PlacementModel(path, rng=1).municipality == read_scenario(path)


def test_own_stairs_with_their_values_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(own_stairs(HELP, CARE).replace("home_share = {}", "home_share = { ward = 0.5 }"))
    assert read_scenario(path).staircase.keys == ["help", "ward"]


@pytest.mark.parametrize(
    "keys",
    [
        ("preventive",),
        ("preventive", "foster_care"),
        ("preventive", "residential_care"),
        ("assessment", "preventive", "own_room", "residential_care"),
        ("undetected", "preventive", "network_care", "foster_care", "residential_care"),
    ],
    ids=" ".join,
)
def test_standard_stairs_need_no_values_of_their_own(keys: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(standard_stairs(*keys))
    assert read_scenario(path).staircase.keys == list(keys)


def standard_stairs(*keys: str) -> str:
    """Return a scenario with some of the standard stairs and no values but the counts."""
    start = instead("places = { foster_care = 12 }", "places = {}").replace(COUNTED, "start = {}\n")
    table = '[[staircase]]\nkey = "{0}"\nlabel = "{0}"\nkind = "{1}"\nfamily_like = {2}\n'
    kinds = {stair.key: stair.kind for stair in DEFAULT_STAIRCASE}
    families = {"network_care", "foster_care"}
    return start + "".join(table.format(key, kinds[key], str(key in families).lower()) for key in keys)


@pytest.mark.parametrize("name", shipped_scenarios())
def test_a_shipped_scenario_survives_being_written_and_read(name: str) -> None:
    s = find_scenario(name)
    assert Scenario.model_validate(s.model_dump()) == s
    assert Scenario.model_validate_json(s.model_dump_json()) == s
    assert pickle.loads(pickle.dumps(s)) == s


@pytest.mark.parametrize("seed", range(30))
def test_a_random_scenario_survives_being_written_and_read(seed: int) -> None:
    s = random_scenario(seed)
    assert s == Scenario.model_validate(random_values(seed))
    assert Scenario.model_validate(s.model_dump()) == s
    assert Scenario.model_validate_json(s.model_dump_json()) == s


def test_what_a_scenario_leaves_out_comes_from_the_evidence() -> None:
    assert scenario().children.recognition == parameter("children.recognition").value
    assert scenario(children={"recognition": 0.123}).children.recognition == 0.123


def test_a_policy_like_another_takes_over_all_or_only_some_causes(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        plus(f"""[policies.both]\nlike = "more_staff"\n{LEVER.replace(".p.", ".both.")}
[policies.p]\nlike = "both"\nonly = ["practice"]""")
    )
    policies = read_scenario(path).policies
    assert policies["both"].capacity == policies["more_staff"].capacity
    assert policies["both"].start == date(2016, 7, 1)
    assert policies["p"].capacity.extra_fte == ()
    assert policies["p"].practice == policies["both"].practice


def test_undetected_children_at_the_start_are_no_more_than_could_have_arrived() -> None:
    nobody_leaves = {"detection_rate": 0.0, "hidden_crisis_rate": 0.0, "hidden_recovery_rate": 0.0}
    uncounted = district(inflow=30.0, start={"preventive": 10})
    s = scenario(districts=uncounted, children=nobody_leaves)
    assert np.all(stationary_start(s).mean <= 30.0 * s.leave_age)
