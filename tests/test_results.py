"""Results: estimates of known data, tidy tables, and the main result in words."""

from __future__ import annotations

import io
import locale
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hand_made import hand_made
from pandas.testing import assert_frame_equal
from scipy import stats
from support import ERROR_RATE, MINIMAL, district, scenario

from experiments.business_case import (
    compare,
    millions,
    sentence,
    table_rows,
    two_thirds_sentence,
)
from experiments.results import (
    CHANCE,
    MEAN_ERROR,
    SAVINGS,
    SUMMARY_OUTCOMES,
    Study,
    as_csv,
    estimate,
    year_label,
)
from experiments.runner import BASELINE
from experiments.schema import as_json
from simulation.outcomes import OUTCOMES

COLUMNS = [
    "policy", "outcome", "unit", "year", "mean", "low", "high", "mean_error", "covers", "replicates",
]  # fmt: skip
POLICIES: dict[str, Any] = {
    "more": {"label": "Flere rådgivere", "capacity": {"extra_fte": [1.0]}},
    "find": {"label": "Netværk", "supply": {"network_search": 0.9}},
}
TABLES = ("summary", "by_year", "differences", "break_even", "by_month", "spending")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Return a study of 31 months, the last year of 7."""
    town = scenario(months=31, title="Lilleby", policies=POLICIES)
    return compare(town, replicates=120, out=tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def tables(study: Study) -> dict[str, pd.DataFrame]:
    assert study.folder is not None
    return {name: pd.read_csv(study.folder / f"{name}.csv") for name in TABLES}


def by_hand(
    policies: dict[str, Any] | None = None, months: int = 18, **savings: list[list[float]]
) -> Study:
    """Return a study in which nothing happens but these net savings, [replicate][year], DKK."""
    policies = policies or {name: POLICIES["more"] for name in savings}
    town = scenario(months=months, title="Lilleby", policies=policies)
    arms = {}
    for name, saved in savings.items():
        net = np.zeros((len(saved), months))
        net[:, ::12] = -np.array(saved)
        arms[name] = {"net": net}
    return hand_made(town, arms)


# --- estimates -----------------------------------------------------------------------------------


def test_an_estimate_is_mean_quantiles_and_error_of_the_mean() -> None:
    found = estimate(np.arange(101.0))
    assert (found.mean, found.low, found.high) == pytest.approx((50.0, 5.0, 95.0))
    assert found.error == pytest.approx(1.645 * np.arange(101.0).std(ddof=1) / 101**0.5)


def test_quantiles_between_values_are_interpolated() -> None:
    found = estimate(np.array([0.0, 10.0]))
    assert (found.mean, found.low, found.high) == pytest.approx((5.0, 0.5, 9.5))


def test_values_that_are_not_defined_are_left_out() -> None:
    holes = np.array([np.nan, 1.0, 2.0, np.nan, 3.0])
    assert estimate(holes) == estimate(np.array([1.0, 2.0, 3.0]))


def test_one_value_has_no_error_of_the_mean() -> None:
    found = estimate(np.array([7.0]))
    assert (found.mean, found.low, found.high) == (7.0, 7.0, 7.0)
    assert np.isnan(found.error)


@pytest.mark.parametrize("values", [[], [np.nan, np.nan]])
def test_nothing_known_gives_nothing(values: list[float]) -> None:
    found = estimate(np.array(values))
    assert np.isnan([found.mean, found.low, found.high, found.error]).all()


def test_estimates_are_plain_numbers() -> None:
    """numpy's own would be written as np.float64(...)."""
    found = estimate(np.arange(5.0))
    assert {type(x) for x in vars(found).values()} == {float}


def test_the_interval_of_the_mean_covers_it_in_90_of_100_studies() -> None:
    """A binomial test of 2,000 studies of 100 normal values; wrong by chance 1 time in 10,000."""
    samples = np.random.default_rng(1).normal(size=(2000, 100))
    found = [estimate(sample) for sample in samples]
    covered = sum(abs(e.mean) <= e.error for e in found)
    assert stats.binomtest(covered, 2000, 0.90).pvalue > ERROR_RATE


def test_the_interval_of_histories_holds_90_of_100_new_ones() -> None:
    """Normal values: quantiles of 4,000, each within 5 of its standard errors (1 in 10**6)."""
    found = estimate(np.random.default_rng(2).normal(size=4000))
    at = stats.norm.ppf(0.95)
    error = (0.05 * 0.95 / 4000) ** 0.5 / stats.norm.pdf(at)
    assert abs(found.low + at) < 5 * error
    assert abs(found.high - at) < 5 * error


# --- frames --------------------------------------------------------------------------------------


def test_a_summary_has_a_row_per_policy_and_outcome(study: Study) -> None:
    frame = study.summary()
    assert list(frame.columns) == COLUMNS
    assert len(frame) == 3 * len(SUMMARY_OUTCOMES) + 2 * len(SAVINGS)  # but for the baseline
    assert set(frame["year"]) == {"all"}
    assert not frame.duplicated(["policy", "outcome"]).any()
    assert set(frame["policy"]) == {BASELINE, "more", "find"}


def test_a_difference_has_a_row_per_policy_and_year(study: Study) -> None:
    frame = study.difference("n_residential")
    assert list(frame.columns) == COLUMNS
    assert list(zip(frame["policy"], frame["year"], strict=True)) == [
        (policy, year) for policy in ("more", "find") for year in (1, 2, 3)
    ]
    one = study.difference("n_residential", "find")
    assert_frame_equal(one, frame[frame["policy"] == "find"].reset_index(drop=True))


def test_the_net_saving_comes_by_year_cumulated_and_discounted(study: Study) -> None:
    frame = study.difference("net_saving", "more").set_index(["outcome", "year"])["mean"]
    yearly, total = frame["net_saving"], frame["net_saving_cumulated"]
    assert list(yearly.cumsum()) == pytest.approx(list(total))
    assert total[3] == pytest.approx(study.saving("more").sum(axis=1).mean())
    assert list(frame["net_saving_discounted"]) == pytest.approx(
        list(study.cumulated_saving("more", discount=True).mean(axis=0))
    )
    assert abs(frame["net_saving_discounted"][3]) < abs(total[3])


def test_any_outcome_or_stair_can_be_asked_for(study: Study) -> None:
    for name in (*OUTCOMES, "n_foster_care", "dkk_foster_care", "new_in_foster_care"):
        assert study.outcome(name).shape == (120, 3)
        assert len(study.difference(name)) == 6
    with pytest.raises(KeyError, match="did you mean n_residential"):
        study.difference("n_residentiall")


def test_every_row_says_what_its_interval_covers(study: Study, tables: dict[str, pd.DataFrame]) -> None:
    frames = [study.summary(), study.difference("net_cost"), *tables.values()]
    for frame in frames:
        assert set(frame["replicates"]) == {120}
        if "low" in frame:
            assert set(frame["covers"]) == {CHANCE}
    assert "90 of 100" in CHANCE and "parameters" in CHANCE and "90 %" in MEAN_ERROR


def test_every_row_lies_in_its_interval(tables: dict[str, pd.DataFrame]) -> None:
    for name in ("summary", "by_year", "differences", "by_month", "spending"):
        assert (tables[name]["low"] <= tables[name]["high"]).all()


def test_units_are_those_of_the_outcomes(tables: dict[str, pd.DataFrame]) -> None:
    for name in ("summary", "by_year", "differences"):
        units = tables[name].drop_duplicates("outcome").set_index("outcome")["unit"]
        for outcome, unit in units.items():
            if outcome in OUTCOMES:
                assert unit == OUTCOMES[outcome].unit
            else:
                assert unit == ("DKK" if outcome.startswith("net_saving") else "children")


def test_amounts_and_events_add_up_over_the_years_and_counts_are_means(study: Study) -> None:
    summary = study.summary().set_index(["policy", "outcome"])["mean"]
    for name in ("net_cost", "entries", "breakdowns", "residential_months"):
        assert summary["more", name] == pytest.approx(study.outcome(name, "more").sum(axis=1).mean())
    for name in ("n_in_care", "caseload"):
        assert summary["more", name] == pytest.approx(study.outcome(name, "more").mean())


def test_the_summary_is_the_total_of_the_differences(study: Study) -> None:
    summary = study.summary().set_index(["policy", "outcome"])["mean"]
    for policy in ("more", "find"):
        change = study.difference("net_cost", policy)["mean"].sum()
        assert summary[policy, "net_cost"] - summary[BASELINE, "net_cost"] == pytest.approx(change)
        assert summary[policy, "net_saving"] == pytest.approx(-change)


def test_months_give_the_children_on_every_stair(study: Study, tables: dict[str, pd.DataFrame]) -> None:
    frame = tables["by_month"].set_index(["policy", "stair", "month"])
    assert len(frame) == 3 * 7 * 31
    foster = study.plan.scenario.staircase.index("foster_care")
    values = study.arms["find"].stairs[:, 30, foster]
    row = frame.loc[("find", "foster_care", 31)]
    assert row["mean"] == values.mean()
    assert (row["low"], row["high"]) == tuple(np.quantile(values, [0.05, 0.95]))


def test_years_and_months_tell_the_same(tables: dict[str, pd.DataFrame]) -> None:
    month = tables["by_month"].query("policy == 'more' and stair == 'foster_care' and month <= 12")
    year = tables["by_year"].query("policy == 'more' and outcome == 'n_foster_care' and year == 1")
    assert month["mean"].mean() == pytest.approx(year["mean"].item())


# --- break-even ----------------------------------------------------------------------------------


def test_break_even_is_the_share_of_histories_by_year() -> None:
    study = by_hand(more=[[-5.0, 6.0], [-5.0, 4.0], [1.0, 0.0], [1.0, -2.0]])
    rows = study.break_even_rows()
    assert [(r["policy"], r["year"], r["p_broken_even"], r["replicates"]) for r in rows] == [
        ("more", 1, 0.5, 4),
        ("more", 2, 0.5, 4),
    ]


def test_the_month_of_break_even_is_told_of_those_that_have_one() -> None:
    study = by_hand(more=[[-5.0, 6.0], [-5.0, 4.0], [1.0, 0.0], [1.0, -2.0]])
    assert np.array_equal(study.break_even_month("more"), [13, np.nan, 1, np.nan], equal_nan=True)
    for row in study.break_even_rows():
        assert row["p_never"] == 0.5
        assert [row[f"month_{x}"] for x in ("median", "low", "high")] == pytest.approx([7, 1.6, 12.4])


def test_every_policy_has_its_break_even_rows(tables: dict[str, pd.DataFrame]) -> None:
    frame = tables["break_even"]
    assert list(frame.columns) == [
        "policy", "year", "p_broken_even", "p_never", "month_median", "month_low", "month_high",
        "replicates",
    ]  # fmt: skip
    assert list(frame["policy"]) == ["more"] * 3 + ["find"] * 3
    assert frame["p_broken_even"].between(0, 1).all()


# --- csv -----------------------------------------------------------------------------------------


def test_tables_are_read_with_the_right_types(tables: dict[str, pd.DataFrame]) -> None:
    numbers = {
        "mean", "low", "high", "mean_error", "p_broken_even", "p_never", "month_median", "month_low",
        "month_high",
    }  # fmt: skip
    whole = {"month", "months", "replicates"}
    for name, frame in tables.items():
        for column, kind in frame.dtypes.items():
            if column in numbers:
                assert kind == np.float64, (name, column)
            elif column in whole or (column == "year" and name != "summary"):
                assert kind == np.int64, (name, column)
            else:
                assert not pd.api.types.is_numeric_dtype(kind), (name, column)


def test_tables_on_disk_are_the_frames(study: Study, tables: dict[str, pd.DataFrame]) -> None:
    assert_frame_equal(tables["summary"], study.summary(), check_exact=True, check_dtype=False)
    rows = pd.DataFrame(study.difference_rows())
    assert_frame_equal(tables["differences"], rows, check_exact=True, check_dtype=False)


def test_numbers_survive_csv_to_the_last_bit_and_words_too() -> None:
    rows = [
        {"policy": 'a, "b"', "mean": 0.1 + 0.2, "year": 1},
        {"policy": "Fanø", "mean": float("nan"), "year": 2},
        {"policy": "", "mean": -1e-300, "year": 3},
    ]
    text = as_csv(rows)
    frame = pd.read_csv(io.StringIO(text), keep_default_na=False, na_values=["nan"])
    assert frame["mean"].tolist()[::2] == [0.1 + 0.2, -1e-300]
    assert np.isnan(frame["mean"][1])
    assert frame["policy"].tolist() == ['a, "b"', "Fanø", ""]
    assert text.splitlines()[0] == "policy,mean,year"
    assert "\r" not in text


def test_tables_do_not_depend_on_the_locale(study: Study) -> None:
    before, text = locale.setlocale(locale.LC_ALL), as_csv(study.summary_rows())
    try:
        for name in ("da_DK.UTF-8", "de_DE.UTF-8", "Danish_Denmark", "C"):
            try:
                locale.setlocale(locale.LC_ALL, name)
            except locale.Error:
                continue
            assert as_csv(study.summary_rows()) == text
    finally:
        locale.setlocale(locale.LC_ALL, before)


def test_tables_are_utf8_on_any_machine(tmp_path: Path) -> None:
    town = scenario(months=2, policies={"rådgivere": POLICIES["more"]})
    compare(town, replicates=2, out=tmp_path)
    text = (tmp_path / "break_even.csv").read_bytes().decode("utf-8")
    assert text.startswith("policy,year,p_broken_even,p_never,")
    assert "\nrådgivere,1," in text


def test_what_is_not_defined_is_nan_in_tables_and_null_in_json(tmp_path: Path) -> None:
    nobody = scenario(months=3, districts=district(caseworkers=[]), policies=POLICIES)
    study = compare(nobody, ["find"], replicates=20, out=tmp_path)
    frame = pd.read_csv(tmp_path / "by_year.csv").set_index("outcome")
    assert frame.loc["caseload", ["mean", "low", "high", "mean_error"]].isna().all().all()
    assert frame.loc["n_in_care", ["mean", "low", "high"]].notna().all().all()
    assert "NaN" not in as_json(study)


# --- in words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("months", "words"),
    [
        (1, "1 month"),
        (7, "7 months"),
        (12, "1 year"),
        (18, "18 months"),
        (24, "2 years"),
        (60, "5 years"),
    ],
)
def test_a_length_of_time_in_words(months: int, words: str) -> None:
    assert year_label(months) == words


@pytest.mark.parametrize(
    ("dkk", "words"),
    [(1_250_001.0, "1.3"), (-4_800_000.0, "-4.8"), (0.0, "0.0"), (-49_999.0, "0.0")],
)
def test_kroner_in_millions(dkk: float, words: str) -> None:
    assert millions(dkk) == words


def test_a_saving_in_words() -> None:
    study = by_hand(more=[[1e6, 1e6], [-2e6, 4e6], [2e6, 1e6], [0.0, 1e6]])
    assert sentence(study) == (
        "With 1 more caseworker Lilleby can expect a net saving of 2.0 m DKK over 18 months, but 90 "
        "of 100 histories lie between a saving of 1.1 m and a saving of 2.8 m, and as many children "
        "in residential care in the last year; break-even by year 2 in 100 of 100 histories."
    )


def test_a_cost_in_words() -> None:
    study = by_hand(more=[[-3e6, 0.0], [-1e6, 2e6]])
    said = sentence(study)
    assert "can expect a net cost of 1.0 m DKK" in said
    assert "between a cost of 2.8 m and a saving of 0.8 m" in said
    assert "break-even by year 2 in 50 of 100 histories" in said


def test_within_a_year_break_even_is_by_year_1() -> None:
    assert "break-even by year 1 in 100 of 100" in sentence(by_hand(months=7, more=[[1.0]]))


def test_a_policy_without_posts_is_called_by_its_label_or_name() -> None:
    find = {"supply": {"network_search": 0.9}}
    labelled = by_hand({"find": {**find, "label": "Netværk"}}, find=[[1.0, 1.0]])
    assert sentence(labelled).startswith("With Netværk Lilleby can expect")
    assert sentence(by_hand({"find": find}, find=[[1.0, 1.0]])).startswith("With find Lilleby")


@pytest.mark.parametrize(("where", "fte"), [(None, "3 more"), (["b"], "1.5 more")])
def test_posts_are_counted_in_every_district_of_the_policy(where: list[str] | None, fte: str) -> None:
    """Posts are given per district."""
    one = MINIMAL["districts"][0]
    policy = {"capacity": {"extra_fte": [1.0, 0.5]}, "districts": where}
    town = scenario(months=2, districts=[one | {"name": n} for n in "ab"], policies={"more": policy})
    assert sentence(compare(town, replicates=2)).startswith(f"With {fte} caseworkers ")


def test_the_sentence_is_of_the_first_policy_or_of_the_one_asked_for() -> None:
    study = by_hand(more=[[1e6, 0.0]], less=[[-1e6, 0.0]])
    assert "net saving" in sentence(study)
    assert "net cost" in sentence(study, "less")
    with pytest.raises(KeyError, match="no policy 'lesss'; it has: baseline, more, less"):
        sentence(study, "lesss")


def test_a_policy_that_was_not_compared_is_named() -> None:
    study = by_hand(more=[[1.0, 0.0]])
    for ask in (study.outcome, study.difference):
        with pytest.raises(KeyError, match="no policy 'mor'; it has: baseline, more"):
            ask("net_cost", "mor")
    with pytest.raises(KeyError, match="no policy 'mor'"):
        study.saving("mor")


def residents(*at_the_end_of_year_2: int, months: int = 25, today: int = 9) -> Study:
    """Return a study of one policy that ends with these children in residential care."""
    start = {"preventive": 20, "foster_care": 10, "residential_care": today}
    more = {"more": POLICIES["more"]}
    town = scenario(months=months, districts=district(start=start), policies=more)
    stairs = np.full((len(at_the_end_of_year_2), months, len(town.staircase)), 99.0)
    as_today = stairs.copy()
    stairs[:, 23:24, -1] = np.array(at_the_end_of_year_2)[:, None]
    study = hand_made(town, {"more": {"stairs": stairs}})
    return replace(study, arms={**study.arms, BASELINE: replace(study.arms[BASELINE], stairs=as_today)})


def test_a_fall_by_two_thirds_is_counted_at_the_end_of_year_2() -> None:
    assert two_thirds_sentence(residents(2, 3, 4, 9)) == (
        "From 9 to 3 children in residential care by the end of year 2, the fall that Herning "
        "reported: in 50 of 100 histories, and in 0 of 100 as things are today."
    )


def test_a_fall_by_two_thirds_of_what_is_no_multiple_of_3_is_at_least_that() -> None:
    assert two_thirds_sentence(residents(3, 4, today=11)).startswith("From 11 to 3 children")


@pytest.mark.parametrize("case", [{"today": 2}, {"months": 23}])
def test_where_there_can_be_no_such_fall_nothing_is_said(case: dict[str, int]) -> None:
    assert two_thirds_sentence(residents(0, **case)) == ""


def test_the_short_table_has_a_row_per_arm(study: Study) -> None:
    rows = table_rows(study)
    assert [r["policy"] for r in rows] == [BASELINE, "more", "find"]
    assert [r["label"] for r in rows] == ["Som i dag", "Flere rådgivere", "Netværk"]
    assert "net_saving" not in rows[0]
    assert rows[1]["net_saving"] == estimate(study.cumulated_saving("more")[:, -1])
    assert rows[1]["n_in_care"] == estimate(study.outcome("n_in_care", "more")[:, -1])
    assert (rows[2]["p_year_2"], rows[2]["p_last"]) == tuple(study.p_broken_even("find")[1:])


# --- the package ---------------------------------------------------------------------------------


def test_the_package_gives_what_a_notebook_needs() -> None:
    import experiments

    assert experiments.compare is compare
    assert experiments.Study is Study
    assert set(experiments.__all__) == {"Attribution", "Study", "Tables", "attribute", "compare", "load"}
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = experiments.nothing
