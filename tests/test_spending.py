"""Spending by group of accounts and calendar year: sums, differences, prices, views."""

from __future__ import annotations

import io
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from municipalities import scenarios
from rich.console import Console
from support import FIXED, run_kernel, scenario

from experiments.business_case import compare
from experiments.results import Study
from experiments.spending import Prices, spending
from experiments.spending_table import spending_table
from simulation.accounts import Ledger
from simulation.costs import GROUPS, by_group, net
from simulation.ledger import column_names
from simulation.parameters import price_factor
from simulation.scenario import Scenario
from simulation.staircase import Staircase


def town(months: int = 32) -> Scenario:
    """Return a town from May 2016, with a policy of more caseworkers and kin search."""
    more = {"capacity": {"extra_fte": [1.0]}, "supply": {"network_search": 0.8}}
    return scenario(start="2016-05-01", months=months, title="Lilleby", policies={"more": more})


@pytest.fixture(scope="module")
def study() -> Study:
    """Return a study from May 2016 to December 2018."""
    return compare(town(), replicates=100)


def frame(study: Study, prices: Prices = "fixed") -> pd.Series:
    """Return the means by view, comparison, policy, year and group."""
    rows = pd.DataFrame(study.spending_rows(prices))
    return rows.set_index(["view", "compared", "policy", "year", "group"]).sort_index()["mean"]


def test_groups_add_up_to_the_net_cost_of_every_month() -> None:
    s = town()
    book = Ledger(run_kernel(s, "more", replicates=3), s.staircase)
    assert by_group(book).sum(axis=-1) == pytest.approx(net(book), abs=1e-6)


@settings(FIXED, max_examples=25)
@given(st.data())
def test_groups_add_up_on_any_staircase(data: st.DataObject) -> None:
    s = data.draw(scenarios(most_months=14))
    book = Ledger(run_kernel(s), s.staircase)
    assert by_group(book).sum(axis=-1) == pytest.approx(net(book), abs=1e-3)


def test_groups_go_by_what_stairs_are_not_by_their_names() -> None:
    stairs = Staircase.model_validate(
        [
            {"key": "visits", "label": "Støtte", "kind": "home"},
            {"key": "flat", "label": "Lejlighed", "kind": "care"},
            {"key": "kin", "label": "Slægt", "kind": "care", "family_like": True, "needs_network": True},
            {"key": "shared", "label": "Bofællesskab", "kind": "care"},
            {"key": "home", "label": "Botilbud", "kind": "care"},
        ]
    )
    names = column_names(stairs)
    values = np.zeros(len(names))
    for i, key in enumerate(stairs.keys):
        values[names.index(f"dkk_{key}")] = 10.0**i
    values[names.index("dkk_refund")] = 0.5
    found = dict(zip(GROUPS, by_group(Ledger(values, stairs)), strict=True))
    assert found == {
        "residential": 11_000.0, "family": 100.0, "home_based": 10.0, "at_home": 1.0,
        "staff": 0.0, "one_off": 0.0, "refund": -0.5,
    }  # fmt: skip


def test_calendar_years_are_those_of_the_calendar(study: Study) -> None:
    found = frame(study)
    assert sorted(set(found.index.get_level_values("year"))) == [2016, 2017, 2018]
    rows = {row["year"]: row["months"] for row in study.spending_rows()}
    assert rows == {2016: 8, 2017: 12, 2018: 12}
    monthly = study.arms["more"].net.mean(axis=0)
    for year, first, end in ((2016, 0, 8), (2017, 8, 20), (2018, 20, 32)):
        level = found["municipality", "level", "more", year]
        assert level["net"] == pytest.approx(monthly[first:end].sum())
        assert level.drop("net").sum() == pytest.approx(level["net"])


def test_spending_is_compared_with_the_baseline_and_with_the_first_whole_year(study: Study) -> None:
    found = frame(study)["municipality"]
    for group in (*GROUPS, "net"):
        level = found["level"]
        for year in (2016, 2017, 2018):
            against = found["baseline", "more", year, group]
            assert against == pytest.approx(level["more", year, group] - level["baseline", year, group])
        grown = found["first_year", "baseline", 2018, group]
        assert grown == pytest.approx(level["baseline", 2018, group] - level["baseline", 2017, group])
    assert set(found["first_year"].index.get_level_values("year")) == {2018}
    assert "baseline" not in found["baseline"].index.get_level_values("policy")


def test_in_societys_view_there_is_no_refund(study: Study) -> None:
    found = frame(study)
    levels = found["society", "level", "more", 2018]
    assert "refund" not in levels
    budget = found["municipality", "level", "more", 2018]
    assert levels["net"] == pytest.approx(budget["net"] - budget["refund"])
    assert budget["refund"] < 0 < levels["net"]


def test_current_prices_are_those_of_each_year(study: Study) -> None:
    fixed, current = (frame(study, p)["municipality", "level", "baseline"] for p in ("fixed", "current"))
    for year in (2016, 2017, 2018):
        factor = price_factor(2019, year)
        assert list(current[year]) == pytest.approx(list(fixed[year] * factor))
        assert factor < 1
    with pytest.raises(ValueError, match="prices = 'real' must be 'fixed' or 'current'"):
        study.spending_rows("real")  # type: ignore[arg-type]


def test_a_difference_is_paired_history_by_history(study: Study) -> None:
    """The interval is that of the differences, not the difference of intervals."""
    before, after = (spending(study.plan, study.arms[name]) for name in ("baseline", "more"))
    low, high = np.quantile((after - before)[:, 1, -1], [0.05, 0.95])
    row = next(
        r for r in study.spending_rows()
        if (r["policy"], r["compared"], r["view"], r["year"], r["group"])
        == ("more", "baseline", "municipality", 2017, "net")
    )  # fmt: skip
    assert (row["low"], row["high"]) == pytest.approx((low, high))


def test_a_study_without_a_whole_year_compares_no_years() -> None:
    short = compare(town(months=10), ["more"], replicates=2)
    assert {row["compared"] for row in short.spending_rows()} == {"level", "baseline"}


def test_a_table_for_people_shows_each_year_and_group(study: Study) -> None:
    console = Console(width=118, file=io.StringIO(), highlight=False)
    console.print(spending_table(study, "more"))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Lilleby: what more spends" in text
    assert "2016 (8 months)" in text
    assert re.search(r"Amount +2017 +baseline", text)
    rows = {(r["year"], r["group"]): r for r in study.spending_rows() if r["policy"] == "more"
            and r["view"] == "municipality" and r["compared"] == "level"}  # fmt: skip
    for line in (line for line in text.splitlines() if "Nettoudgift" in line):
        assert any(f" {r['mean'] / 1e6:.1f} (" in line for (_, g), r in rows.items() if g == "net")
    for group in GROUPS.values():
        assert text.count(f" {group.danish} ") == 3
