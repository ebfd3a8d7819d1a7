"""Comparing at draws of the parameters, for a number of months, and district by district."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support import district, scenario
from typer.testing import CliRunner

from experiments import draws as made
from experiments import plots, plots_attribution, runner
from experiments.attribution import attribute
from experiments.business_case import compare, of_district
from experiments.cli import app
from experiments.estimates import BOTH, CHANCE, NINETY, estimate
from experiments.files import StoreError
from experiments.results import Study
from experiments.runner import BASELINE, BLOCK, Arm
from experiments.schema import as_json
from experiments.shares import error_of_mean, spread
from experiments.tables import print_comparison
from experiments.tables_attribution import small_print
from simulation.accounts import by_year
from simulation.horizon import with_months
from simulation.replicates import ledgers
from simulation.scenario import Scenario

DRAWS, REPLICATES = 4, 200
POLICIES: dict[str, Any] = {
    "find": {"supply": {"network_search": 0.9}, "practice": {"residential_odds": 0.3}}
}
FILES = ("summary.csv", "by_year.csv", "differences.csv", "uncertainty.csv", "spending.csv")


def town(**overrides: Any) -> Scenario:
    """Return a small municipality with one policy."""
    return scenario(**{"months": 14, "policies": POLICIES, **overrides})


def same_arms(one: Study, other: Study) -> bool:
    return one.arms.keys() == other.arms.keys() and all(
        np.array_equal(getattr(arm, f.name), getattr(other.arms[name], f.name))
        for name, arm in one.arms.items()
        for f in fields(Arm)
    )


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("drawn")
    return compare(town(), replicates=REPLICATES, draws=DRAWS, workers=1, out=folder)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return compare(town(), replicates=REPLICATES, out=tmp_path_factory.mktemp("held"))


# --- what intervals cover ------------------------------------------------------------------------


def test_intervals_say_what_they_cover(
    drawn: Study, held: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    for study, covers in ((drawn, BOTH), (held, CHANCE)):
        assert study.folder is not None
        for name in ("summary", "by_year", "differences"):
            assert set(pd.read_csv(study.folder / f"{name}.csv")["covers"]) == {covers}
        told = json.loads(as_json(study))
        assert (told["interval_covers"], told["draws"]) == (covers, study.plan.draws)
        assert bool(told["uncertainty"]) == bool(study.plan.draws)
        print_comparison(study)
        words = " ".join(capsys.readouterr().out.split())
        assert (f"lie between: chance and {DRAWS} draws of the parameters." in words) == bool(
            study.plan.draws
        )
        assert ("chance only" in words) != bool(study.plan.draws)


def test_no_draws_is_the_scenario_at_its_own_values(held: Study, tmp_path: Path) -> None:
    again = compare(town(), replicates=REPLICATES, draws=0, out=tmp_path)
    assert same_arms(again, held)
    assert held.folder is not None
    for name in ("summary.csv", "by_year.csv", "differences.csv", "spending.csv"):
        assert (tmp_path / name).read_bytes() == (held.folder / name).read_bytes()
    assert not (tmp_path / "uncertainty.csv").exists()
    s = town()
    by_hand = by_year(ledgers(s, s.policy("find"), seed=1, replicates=REPLICATES), s.staircase)
    assert np.array_equal(held.arms["find"].years, by_hand)


def test_each_block_of_histories_is_made_at_its_draw(drawn: Study) -> None:
    s, block = town(), 2
    at = made.at_draw(s, made.draws(DRAWS)[block])
    first = block * BLOCK
    by_hand = by_year(
        ledgers(at, at.policy("find"), seed=1, first=first, replicates=BLOCK), s.staircase
    )  # fmt: skip
    assert np.array_equal(drawn.arms["find"].years[first : first + BLOCK], by_hand)
    assert drawn.draw_of is not None
    assert set(drawn.draw_of[first : first + BLOCK]) == {block}


@pytest.mark.parametrize("draws", [0, 2])
def test_pictures_and_attributions_say_it_too(draws: int) -> None:
    study = compare(town(), replicates=20, draws=draws)
    found = attribute(town(), "find", replicates=20, draws=draws)
    axes = plots.plot_policies(study)
    legend = plots_attribution.attribution(found).legends[0]
    texts = [axes.get_xlabel(), *(t.get_text() for t in legend.get_texts())]
    said = [t for t in texts if "90 of 100 histories" in t]
    assert len(said) == 2
    assert all(("(chance and parameters)" if draws else "(chance only)") in t for t in said)
    wanted = f"chance and {draws} draws of the parameters. " if draws else "chance only, parameters at "
    assert f"lie between: {wanted}" in small_print(found)


# --- the same bytes, resumed, not mixed ----------------------------------------------------------


def test_the_bytes_do_not_depend_on_the_workers(drawn: Study, tmp_path: Path) -> None:
    assert drawn.folder is not None
    other = compare(town(), replicates=REPLICATES, draws=DRAWS, workers=2, out=tmp_path)
    assert same_arms(other, drawn)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (drawn.folder / name).read_bytes()


def test_a_study_with_draws_is_resumed(drawn: Study, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    compare(town(), replicates=100, draws=DRAWS, out=tmp_path)
    more = compare(
        town(), replicates=REPLICATES, draws=DRAWS, out=tmp_path, progress=lambda *n: told.append(n)
    )
    assert told == [(3, 4), (4, 4)]
    assert same_arms(more, drawn)


@pytest.mark.parametrize("other", [0, DRAWS + 1])
def test_another_number_of_draws_is_another_study(drawn: Study, other: int) -> None:
    with pytest.raises(StoreError, match="draws"):
        compare(town(), replicates=REPLICATES, draws=other, out=drawn.folder)


@pytest.mark.parametrize("n", [-1, 1_000_000])
def test_more_draws_than_were_made_are_refused(n: int) -> None:
    with pytest.raises(ValueError, match=f"draws = {n} must lie between 0 and {len(made.posterior())}"):
        compare(town(), replicates=10, draws=n)


# --- whose the spread is -------------------------------------------------------------------------


def test_the_share_of_parameters_lies_between_0_and_1(drawn: Study, held: Study) -> None:
    rows = drawn.uncertainty_rows()
    assert [(r["policy"], r["outcome"]) for r in rows] == [
        ("find", name) for name in ("net_saving", "residential_months", "care_months")
    ]
    for row in rows:
        whole = row["sd_chance"] ** 2 + row["sd_parameters"] ** 2
        assert 0.0 <= row["share_of_parameters"] <= 1.0
        assert row["share_of_parameters"] == pytest.approx(row["sd_parameters"] ** 2 / whole)
    assert held.uncertainty_rows() == []
    with pytest.raises(ValueError, match="no draws of the parameters"):
        held.spread(np.arange(REPLICATES, dtype=float))


def test_draws_that_are_all_equal_leave_chance_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks differ by chance alone: the estimate of the parameters' variance is 0 or near it.

    For normal values (F distribution, 19 and 180 degrees of freedom) a share above 0.12 comes up in
    fewer than 2 of 1000 studies for each of the three outcomes; the seed is fixed.
    """
    row = {**made.posterior()[0], made.PLACE: 0.0, made.ROLL_OUT: 1.0}
    monkeypatch.setattr(runner, "draws", lambda n, _: [row] * n)
    study = compare(town(), replicates=REPLICATES, draws=20, workers=1)
    one = compare(town(), replicates=REPLICATES, draws=1, workers=1)
    assert same_arms(study, one)
    assert all(r["share_of_parameters"] < 0.12 for r in study.uncertainty_rows())
    assert all(r["share_of_parameters"] == 0.0 for r in one.uncertainty_rows())


def test_the_two_variances_have_a_known_answer() -> None:
    """Three groups of two: within (2 + 8 + 2) / 3 = 4, between 2 x (16 + 0 + 16) / 2 = 32."""
    values = np.array([1.0, 3.0, 4.0, 8.0, 9.0, 11.0])
    groups = np.array([0, 0, 1, 1, 2, 2])
    parts = spread(values, groups)
    assert (parts.chance, parts.parameters) == pytest.approx((4.0, (32.0 - 4.0) / 2))
    assert parts.share_of_parameters == pytest.approx(14.0 / 18.0)
    assert spread(values, np.array([0, 1, 2, 2, 1, 0])).parameters == 0.0  # means differ less


def test_the_error_of_a_mean_counts_draws_not_histories() -> None:
    """Means of the groups 2, 6, 10 have sd 4, over the root of 3."""
    values = np.array([1.0, 3.0, 4.0, 8.0, 9.0, 11.0])
    groups = np.array([0, 0, 1, 1, 2, 2])
    assert error_of_mean(values, groups) == pytest.approx(4.0 / 3**0.5)
    assert estimate(values, groups).error == pytest.approx(NINETY * 4.0 / 3**0.5)
    alone = values.std(ddof=1) / 6**0.5
    assert error_of_mean(values, np.arange(6)) == pytest.approx(alone)
    assert error_of_mean(values, np.zeros(6, int)) == pytest.approx(alone)


# --- districts and months ------------------------------------------------------------------------

TWO = [*district(name="pilot"), *district(name="others", inflow=50.0)]


@pytest.mark.parametrize("draws", [0, 2])
def test_the_districts_sum_to_the_whole(draws: int) -> None:
    """Children exactly; kroner to rounding, as sums are taken in another order."""
    whole = compare(town(districts=TWO), replicates=20, draws=draws)
    pilot, others = (of_district(whole, name) for name in ("pilot", "others"))
    for arm in (BASELINE, "find"):
        one, two, both = pilot.arms[arm], others.arms[arm], whole.arms[arm]
        assert one.stairs.sum() > 0 and two.stairs.sum() > 0
        assert np.array_equal(one.stairs + two.stairs, both.stairs)
        for name in ("net", "refund", "spending"):
            summed = getattr(one, name) + getattr(two, name)
            assert np.allclose(summed, getattr(both, name), rtol=1e-12, atol=1e-6), name


def test_shorter_drops_the_posts_that_would_open_later() -> None:
    later = [{"fte": 0.5, "begins": "2016-06-01"}, {"fte": 1.0, "begins": "2017-01-01"}]
    s = town(districts=district(later_posts=later))
    start = s.start
    begins = [s.month_of(p.begins) for p in s.districts[0].later_posts]
    short = with_months(s, max(begins))
    assert (short.months, short.start) == (max(begins), start)
    assert [p.fte for p in short.districts[0].later_posts] == [0.5]
    assert len(with_months(s, max(begins) + 1).districts[0].later_posts) == 2
    assert with_months(s, s.months) == s


@pytest.mark.parametrize("months", [0, 1201])
def test_a_length_must_be_possible(months: int) -> None:
    with pytest.raises(ValueError, match=f"months = {months} must lie between 1 and 1200"):
        with_months(town(), months)


def test_a_policy_cannot_start_after_the_end() -> None:
    late = {"find": {**POLICIES["find"], "start": "2016-12-01"}}
    s = town(policies=late)
    with pytest.raises(
        ValueError, match="start = 2016-12-01 lies outside the simulation, which runs for 11"
    ):
        with_months(s, s.month_of(s.policy("find").start))


def test_the_options_of_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    options = ["compare", "fano", "--policy", "staff_only", "--replicates", "20", "--json"]
    run = CliRunner().invoke(app, [*options, "--draws", "2", "--months", "6", "--out", "a"])
    assert run.exit_code == 0, run.output
    told = json.loads(run.stdout)
    assert (told["draws"], told["months"], told["interval_covers"]) == (2, 6, BOTH)
    alone = CliRunner().invoke(app, [*options, "--months", "6", "--district", "fano", "--out", "b"])
    assert json.loads(alone.stdout)["interval_covers"] == CHANCE
    wrong = CliRunner().invoke(app, [*options, "--months", "6", "--district", "nowhere", "--out", "c"])
    assert wrong.exit_code != 0 and "nowhere" in str(wrong.exception)
