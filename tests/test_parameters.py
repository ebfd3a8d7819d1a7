"""The evidence records: each complete and in order, and each scenario filled from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from typing import Any

import pytest
from support import scenario

from simulation.defaults import SECTIONS
from simulation.parameters import Parameter, parameter, parameters, sources, value
from simulation.reading import shipped_scenarios
from simulation.scenario import Scenario
from simulation.staircase import DEFAULT_STAIRCASE

RECORDS = parameters()
HEADER = resources.files("simulation").joinpath("data/evidence.toml").read_text("utf-8").split("\n\n")[0]
DISTRIBUTIONS = {"fixed", "beta", "lognormal", "triangular"}
SHARES_OF_A_WHOLE = ("children.age_at_arrival.", "children.age_at_entry.", "work.guaranteed_share.")
BANDS = ("0", "4", "12", "15")


def by_name(names: Any) -> Any:
    """Return a decorator that runs a test for each of these records."""
    return pytest.mark.parametrize("p", [RECORDS[n] for n in names], ids=list(names))


every_record = by_name(RECORDS)


def listed(start: str, end: str) -> set[str]:
    """Return the words that the file's header explains between two of its lines."""
    block = HEADER[HEADER.index(f"# {start} ") : HEADER.index(end)]
    return set(re.findall(rf"^# +(?:{start} +)?(\w+)  ", block, re.MULTILINE))


# --- each record -------------------------------------------------------------------------------


def problems_of(p: Parameter) -> Iterator[str]:
    """Yield what is wrong with a record."""
    if not (p.meaning and p.unit and p.note):
        yield "meaning, unit or note is empty"
    if not p.low <= p.value <= p.high:
        yield f"value {p.value} lies outside {p.low} to {p.high}"
    if p.kind not in listed("kind", "# grade"):
        yield f"kind {p.kind} is not explained in the header"
    if p.grade not in listed("grade", "# No record"):
        yield f"grade {p.grade} is not explained in the header"
    if p.distribution not in DISTRIBUTIONS:
        yield f"no distribution {p.distribution}"
    if p.distribution != "fixed" and p.low == p.high:
        yield "nothing to draw between low and high"
    if p.distribution == "lognormal" and p.low <= 0:
        yield "a lognormal draw is above 0"
    if p.distribution == "beta" and not 0 <= p.low < p.value < p.high <= 1:
        yield "a beta draw lies between 0 and 1, its value inside the range"
    if p.kind in ("published", "computed") and not p.source:
        yield f"{p.kind} without a source"
    if p.kind == "assumption" and p.grade != "D":
        yield "an assumption has grade D"
    if p.kind == "calibrated" and p.grade not in "CD":
        yield "a calibrated value has no better grade than C"
    if not set(p.source) <= set(sources()):
        yield f"no source {set(p.source) - set(sources())}"
    if ("DKK" in p.unit) != (p.price_year is not None):
        yield "money has a price year, and nothing else has"
    if p.unit == "share" and not 0 <= p.low <= p.high <= 1:
        yield "a share lies between 0 and 1"
    if p.low < 0 and p.unit not in ("exponent", "places"):
        yield "only an exponent, or places lost, may be negative"


@every_record
def test_a_record_is_complete_and_in_order(p: Parameter) -> None:
    assert list(problems_of(p)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"meaning": ""},
        {"note": ""},
        {"value": 1e9},
        {"low": 0.99},
        {"kind": "guess"},
        {"grade": "E"},
        {"distribution": "normal"},
        {"low": 0.25, "high": 0.25, "value": 0.25},
        {"kind": "published", "source": ()},
        {"source": ("nobody",)},
        {"unit": "DKK per year"},
        {"price_year": 2019},
        {"unit": "share", "high": 3.0},
    ],
)
def test_a_record_out_of_order_would_be_found(wrong: dict[str, Any]) -> None:
    sound = RECORDS["children.recognition"]
    assert not list(problems_of(sound))
    assert list(problems_of(replace(sound, **wrong)))


def test_kinds_and_grades_are_those_of_the_header() -> None:
    assert listed("kind", "# grade") == {"published", "computed", "calibrated", "assumption"}
    assert listed("grade", "# No record") == set("ABCD")
    assert {p.kind for p in RECORDS.values()} == listed("kind", "# grade")


def test_every_source_is_used() -> None:
    assert set(sources()) == {key for p in RECORDS.values() for key in p.source}


@pytest.mark.parametrize("key", sources())
def test_a_source_says_what_it_is(key: str) -> None:
    source = sources()[key]
    assert source.title
    assert source.year == 0 or 1980 <= source.year <= 2030
    assert source.link == "" or re.fullmatch(r"https?://\S+", source.link)


@pytest.mark.parametrize("prefix", SHARES_OF_A_WHOLE)
def test_shares_of_a_whole_sum_to_one(prefix: str) -> None:
    parts = [p.value for name, p in RECORDS.items() if name.startswith(prefix)]
    assert len(parts) in (3, 4)
    assert sum(parts) == pytest.approx(1.0)


@pytest.mark.parametrize("band", BANDS)
def test_shares_of_entries_leave_something_for_families(band: str) -> None:
    parts = [p for n, p in RECORDS.items() if re.fullmatch(rf"children\.entry_share\.\w+\.{band}", n)]
    assert 0 < sum(p.value for p in parts) < 1


def test_shares_of_assessments_leave_something_for_help_at_home() -> None:
    ends = [parameter(f"children.{end}_after_assessment") for end in ("closed", "placed")]
    assert sum(p.value for p in ends) < 1


def test_refund_thresholds_and_shares_rise() -> None:
    for what in ("threshold", "share"):
        steps = [parameter(f"money.refund_{what}.{i}").value for i in (1, 2, 3)]
        assert steps == sorted(set(steps))


# --- targets -----------------------------------------------------------------------------------

TARGETS = [name for name in RECORDS if name.startswith("target.")]
SPREADS = ("one standard deviation.", "a range.", "exact.")


@by_name(TARGETS)
def test_a_target_says_what_it_is_for_and_what_its_spread_means(p: Parameter) -> None:
    assert len(p.name.split(".")) == 3
    assert p.weight in ("fit", "validate", "input")
    assert p.distribution == "fixed"
    assert p.note.endswith(tuple(f"Low and high: {spread}" for spread in SPREADS))
    assert p.note.endswith("exact.") == (p.low == p.high)
    assert p.n is None or p.n > 0


@by_name([name for name in TARGETS if name.endswith("_own_room") and ".mix_" in name])
def test_the_mix_of_a_year_sums_to_one_but_for_rounding(p: Parameter) -> None:
    year = p.name.removesuffix("own_room")
    total = sum(RECORDS[year + part].value for part in ("own_room", "family", "residential"))
    assert total == pytest.approx(1.0, abs=0.011)


@pytest.mark.parametrize(
    "parts",
    [
        ("stock_family_2018", "stock_residential_2018", "stock_other_2018"),
        ("stock_family_2011", "stock_residential_2011", "stock_other_2011"),
        ("entry_age_0_3", "entry_age_4_11", "entry_age_12_17"),
        ("first_family", "first_own_room", "first_residential"),
        ("placements_one", "placements_two", "placements_three", "placements_four_or_more"),
    ],
    ids=lambda parts: parts[0],
)
def test_danish_shares_of_a_whole_sum_to_one_but_for_rounding(parts: tuple[str, ...]) -> None:
    total = sum(RECORDS[f"target.denmark.{part}"].value for part in parts)
    assert total == pytest.approx(1.0, abs=0.011)


def test_a_count_behind_a_target_is_not_for_other_records() -> None:
    assert all(p.n is None and p.weight == "" for p in RECORDS.values() if p.name not in TARGETS)


# --- a scenario filled from them ---------------------------------------------------------------

FILLED = [name for name in RECORDS if name.split(".")[0] in SECTIONS and name != "money.price_growth"]
"""Records that a scenario takes over where it is silent."""


def in_scenario(s: Scenario, name: str) -> float:
    """Return the number that stands in a scenario where a record belongs."""
    section, field, *rest = name.split(".")
    here: Any = getattr(getattr(s, section), field)
    for step in rest:
        if isinstance(here, tuple):
            here = here[BANDS.index(step) if section == "children" else int(step) - 1]
        else:
            here = here[step] if isinstance(here, dict) else getattr(here, step)
    return float(here)


@pytest.mark.parametrize("year", [2013, 2019, 2026])
@pytest.mark.parametrize("name", FILLED)
def test_a_silent_scenario_has_the_values_of_the_records(name: str, year: int) -> None:
    """Money at the scenario's price level, 2 % a year from the record's; all else as it is."""
    p = RECORDS[name]
    growth = parameter("money.price_growth").value
    expected = p.value if p.price_year is None else p.value * (1 + growth) ** (year - p.price_year)
    assert in_scenario(silent_in(year), name) == pytest.approx(expected, rel=1e-12)


_SILENT: dict[int, Scenario] = {}


def silent_in(year: int) -> Scenario:
    if year not in _SILENT:
        _SILENT[year] = scenario(price_year=year)
    return _SILENT[year]


def numbers_in(here: Any, path: str) -> Iterator[tuple[str, float]]:
    """Yield every number in a section with its path."""
    if isinstance(here, dict):
        for key, inner in here.items():
            yield from numbers_in(inner, f"{path}.{key}")
    elif isinstance(here, (list, tuple)):
        steps = BANDS if path.startswith("children") else "123"
        for key, inner in zip(steps, here, strict=True):
            yield from numbers_in(inner, f"{path}.{key}")
    elif isinstance(here, (int, float)):
        yield path, float(here)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_number_of_a_silent_scenario_has_its_record(section: str) -> None:
    """But for ages at which a stair is closed to children anyway, and stairs above the last."""
    numbers = dict(numbers_in(getattr(silent_in(2019), section).model_dump(), section))
    without = {path for path, number in numbers.items() if path not in RECORDS and number != 0}
    assert not without
    assert len(numbers) >= len([name for name in FILLED if name.startswith(section + ".")])


def test_what_a_scenario_states_stands() -> None:
    s = scenario(children={"crisis_rate": {"foster_care": 0.123}}, money={"salary": 1.0})
    assert in_scenario(s, "children.crisis_rate.foster_care") == 0.123
    assert in_scenario(s, "money.salary") == 1.0
    assert in_scenario(s, "children.crisis_rate.preventive") == value("children.crisis_rate.preventive")


@every_record
def test_a_record_belongs_to_a_field_of_the_scenario_or_is_for_policies(p: Parameter) -> None:
    section, field, *rest = p.name.split(".")
    if section in SECTIONS and p.name != "money.price_growth":
        assert field in type(getattr(silent_in(2019), section)).model_fields
        if field in ("readiness_rate", "crisis_rate", "home_share", "planned_up", "unit_price"):
            assert rest[0] in DEFAULT_STAIRCASE.keys
    else:
        assert section in ("policy", "fano", "money", "target", "investment", *shipped_scenarios())


# --- asking for one ----------------------------------------------------------------------------


def test_a_record_is_found_by_its_name() -> None:
    p = parameter("children.recognition")
    assert p.name == "children.recognition"
    assert p.low <= p.value <= p.high


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("children.recogniton", "children.recognition"), ("money.sallary", "money.salary")],
)
def test_a_misspelt_name_is_answered_with_those_that_come_near(wrong: str, right: str) -> None:
    with pytest.raises(KeyError, match=f"did you mean .*{re.escape(right)}"):
        parameter(wrong)
    with pytest.raises(KeyError, match="did you mean"):
        value(wrong, 2019)


def test_a_name_like_no_other_is_answered_without_a_guess() -> None:
    with pytest.raises(KeyError, match="no parameter 'xyzzy'") as error:
        parameter("xyzzy")
    assert "did you mean" not in str(error.value)


@every_record
def test_only_money_is_indexed(p: Parameter) -> None:
    assert value(p.name) == p.value
    if p.price_year is None:
        assert value(p.name, 2040) == value(p.name, 1990) == p.value
    else:
        assert value(p.name, p.price_year) == p.value
        growth = parameter("money.price_growth").value
        assert value(p.name, p.price_year + 1) == pytest.approx(p.value * (1 + growth))
        assert value(p.name, p.price_year - 1) == pytest.approx(p.value / (1 + growth))
