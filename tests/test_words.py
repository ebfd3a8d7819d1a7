"""Words: both languages are complete, and numbers, kroner and months are written as each writes them."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import scenario

from experiments.words import (
    LANGUAGES,
    Language,
    UnknownTextError,
    between,
    duration,
    kroner,
    month_after,
    number,
    of_hundred,
    people,
    percent,
    person,
    place,
    policy_name,
    stair_name,
    text,
    texts,
    whole_kroner,
)
from experiments.words.texts import places
from simulation.reading import find_scenario
from simulation.shipped import shipped_policies, shipped_scenarios, shipped_text
from simulation.staircase import DEFAULT_STAIRCASE

KEYS = sorted(texts("da"))


def test_both_languages_have_the_same_keys() -> None:
    assert sorted(texts("en")) == KEYS


@pytest.mark.parametrize("key", KEYS)
def test_both_languages_have_the_same_places(key: str) -> None:
    assert places(texts("da")[key]) == places(texts("en")[key])


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_texts_and_not_empty(language: Language) -> None:
    for key, found in texts(language).items():
        assert isinstance(found, str) and found.strip() == found and found, key
        assert "  " not in found, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_can_be_filled_in(language: Language) -> None:
    for key, found in texts(language).items():
        assert "{" not in text(key, language, **dict.fromkeys(places(found), "x")), key


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(
        UnknownTextError, match=r"no text 'number.milions'; did you mean 'number.millions'\?"
    ):
        text("number.milions", "da")


def test_an_unknown_language_says_which_there_are() -> None:
    with pytest.raises(ValueError, match=r"language 'sv' must be 'da' \(Danish\) or 'en' \(English\)"):
        text("policy.as_today", "sv")  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [{}, {"n": 1}, {"number": 1, "n": 1}])
def test_values_that_do_not_fit_are_refused(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"'number\.millions' has the places number, but was given"):
        text("number.millions", "en", **values)


@pytest.mark.parametrize(
    ("x", "digits", "danish", "english"),
    [
        (1234.5, 1, "1.234,5", "1,234.5"),
        (1234567.0, 0, "1.234.567", "1,234,567"),
        (-0.04, 1, "0,0", "0.0"),
        (-3.0, 0, "\N{MINUS SIGN}3", "\N{MINUS SIGN}3"),
        (float("nan"), 1, "ikke opgjort", "not defined"),
    ],
)
def test_numbers(x: float, digits: int, danish: str, english: str) -> None:
    assert (number(x, "da", digits), number(x, "en", digits)) == (danish, english)


@given(st.floats(-1e12, 1e12), st.integers(0, 3))
def test_a_danish_number_reads_back_as_the_english_one(x: float, digits: int) -> None:
    back = number(x, "da", digits).replace(".", "").replace(",", ".").replace("\N{MINUS SIGN}", "-")
    assert float(back) == pytest.approx(round(x, digits), abs=10.0**-digits * 0.51)
    english = number(x, "en", digits).replace(",", "").replace("\N{MINUS SIGN}", "-")
    assert float(back) == float(english)


def test_signs_are_shown_where_they_are_asked_for() -> None:
    assert [number(x, "da", 1, signed=True) for x in (2.0, 0.0, -2.0)] == [
        "+2,0",
        "0,0",
        "\N{MINUS SIGN}2,0",
    ]


def test_kroner_have_their_unit() -> None:
    assert (kroner(4.49e6, "da"), kroner(4.49e6, "en")) == ("4,5 mio. kr.", "4.5 m DKK")
    assert (whole_kroner(350_000, "da"), whole_kroner(350_000, "en")) == ("350.000 kr.", "350,000 DKK")


def test_shares_and_intervals() -> None:
    assert (percent(0.125, "da", 1), percent(0.125, "en", 1)) == ("12,5\xa0%", "12.5\xa0%")
    assert (between(-2.1, 8.4, "da", 1), between(-2.1, 8.4, "en", 1)) == (
        "\N{MINUS SIGN}2,1 til 8,4",
        "\N{MINUS SIGN}2.1 to 8.4",
    )


def test_neither_none_nor_all_is_said_of_what_is_not() -> None:
    said = [of_hundred(x, "en") for x in (0.0, 0.001, 0.46, 0.999, 1.0)]
    assert said == ["0 of 100", "under 1 of 100", "46 of 100", "over 99 of 100", "100 of 100"]


def test_months_and_lengths_of_time() -> None:
    start = date(2016, 1, 1)
    assert [month_after(start, n, "da") for n in (0, 11, 12)] == [
        "januar 2016",
        "december 2016",
        "januar 2017",
    ]
    assert month_after(date(2016, 11, 15), 3, "en") == "February 2017"
    assert [duration(n, "en") for n in (1, 12, 18, 60, 0)] == [
        "1 month", "1 year", "18 months", "5 years", "0 months",
    ]  # fmt: skip
    assert [duration(n, "da") for n in (1, 12, 18, 60)] == ["1 måned", "1 år", "18 måneder", "5 år"]


def test_names_of_a_scenarios_own_things() -> None:
    fano, adults = find_scenario("fano"), find_scenario("adults")
    assert [people(s, "da", capital=True) for s in (fano, adults)] == ["Børn", "Borgere"]
    assert [person(s, "en") for s in (fano, adults)] == ["child", "adult"]
    own = fano.model_copy(update={"person": "pupil", "people": "pupils"})
    assert (person(own, "da"), people(own, "da")) == ("pupil", "pupils")
    foster = DEFAULT_STAIRCASE[DEFAULT_STAIRCASE.index("foster_care")]
    assert [stair_name(foster, x) for x in LANGUAGES] == ["Plejefamilie", "Foster family"]
    assert [policy_name(fano, "swedish_model", x) for x in LANGUAGES] == [
        "Sverigesmodellen",
        "Swedish model",
    ]
    assert [policy_name(fano, "baseline", x) for x in LANGUAGES] == ["som i dag", "as today"]


# --- names that a scenario's file gives ----------------------------------------------------------

HIRE = {"capacity": {"extra_fte": [1.0]}}


@pytest.mark.parametrize(
    ("local", "english", "found"),
    [("Nyt", "New", ("Nyt", "New")), ("Nyt", "", ("Nyt", "Nyt")), ("", "New", ("New", "New"))],
)
def test_a_name_that_a_language_lacks_is_the_other_ones(
    local: str, english: str, found: tuple[str, str]
) -> None:
    names = {"english": english}
    town = scenario(names, title=local, policies={"new": {**HIRE, "label": local, **names}})
    assert tuple(policy_name(town, "new", x) for x in ("da", "en")) == found
    assert tuple(place(town, x) for x in ("da", "en")) == found


def test_what_has_no_name_goes_by_its_key() -> None:
    town = scenario(policies={"new": HIRE})
    assert [policy_name(town, "new", x) for x in LANGUAGES] == ["new", "new"]
    assert [place(town, x) for x in LANGUAGES] == ["test", "test"]


def test_a_name_is_not_taken_over_from_a_policy_that_another_is_like() -> None:
    policies = {"old": {**HIRE, "label": "Gammelt", "english": "Old"}, "new": {"like": "old"}}
    assert policy_name(scenario(policies=policies), "new", "en") == "new"


@pytest.mark.parametrize("name", shipped_scenarios())
def test_what_is_shipped_has_a_name_in_both_languages(name: str) -> None:
    found = find_scenario(name)
    named = [*found.policies.values()]
    for policy in found.policies.values():
        named += policy.supply.programmes.values()
    assert all(x.label and x.english for x in named)


@pytest.mark.parametrize("name", shipped_policies())
def test_policies_to_take_in_have_a_name_in_both_languages(name: str) -> None:
    for policy in tomllib.loads(shipped_text(f"policies/{name}"))["policies"].values():
        for x in (policy, *policy.get("supply", {}).get("programmes", {}).values()):
            assert x["label"] and x["english"]
