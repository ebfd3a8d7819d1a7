"""The value of information of a scenario: which worlds are drawn, what is run in them, what is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawings import english_words, faults
from support import scenario

from experiments import cli
from experiments.draws import draws, numbers_at, stated_value
from experiments.plots import as_png
from experiments.sweep import run as sweep_run
from experiments.sweep.work import Result, Task, done
from experiments.unknowns import unknowns
from experiments.value_of_information import plots, tables, worth
from experiments.value_of_information.benefits import Luck, benefits, choices
from experiments.value_of_information.joint import Joint, joint, quantities
from experiments.value_of_information.sentences import (
    advice,
    decision_sentence,
    number,
    perfect_sentence,
)
from experiments.value_of_information.study import (
    OUTCOMES,
    Information,
    Question,
    value_of_information,
)
from experiments.value_of_information.worth import Benefits, Perfect, Worth
from experiments.words import LANGUAGES, Language
from simulation.parameters import parameter
from simulation.reading import find_scenario
from simulation.scenario import Scenario
from simulation.values import with_values

PRACTICE = {name: parameter(f"policy.{name}").value for name in ("orientation", "residential_odds")}
TOWN = """
name = "town"
title = "Ærø [/by] :house:"
start = 2016-01-01
months = 15
price_year = 2019

[[districts]]
inflow = 20
caseworkers = [1.0]
places = { foster_care = 8 }
start = { preventive = 10, network_care = 2, foster_care = 6, residential_care = 4 }

[policies.more]
capacity = { extra_fte = [0.5] }
[policies.find]
supply = { network_search = 0.36 }
"""


def town(**changes: Any) -> Scenario:
    """Return a municipality with two policies that share levers, and a bad world."""
    policies = {
        "model": {"practice": PRACTICE, "ramp_months": 12, "capacity": {"extra_fte": [1.0]}},
        "practice": {"practice": PRACTICE, "ramp_months": 12},
        "own": {"world": {"effect": 0.8}, "supply": {"network_search": 0.7}},
        "null": {"capacity": {"extra_fte": [1.0]}, "world": {"effect": 0.0}},
    }
    return scenario(name="lilleby", months=12, policies=policies, **changes)


def small(s: Scenario | None = None, **changes: Any) -> Information:
    """Return the study of few worlds."""
    return value_of_information(s or town(), samples=24, replicates=2, **changes)


@pytest.fixture(scope="module", autouse=True)
def fewer_trials() -> Iterator[None]:
    """How exact errors are is tested in test_worth."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worth, "TRIALS", 20)
        patch.setattr(worth, "NOTHINGS", 9)
        patch.setattr(worth, "NOTHINGS_OF_GROUP", 2)
        yield


@pytest.fixture(scope="module")
def found() -> Information:
    return small()


# --- worlds ------------------------------------------------------------------------------------------


def test_a_lever_has_one_value_in_all_policies_that_state_its_record() -> None:
    worlds = joint(town(), ("model", "practice", "own"), 30, 1)
    together = {q.name: q.stated for q in worlds.quantities}
    for name in ("policy.orientation", "policy.ramp_months"):
        assert [u.name.split(".")[1] for u in together[name]] == ["model", "practice"]
    for values in worlds.values:
        assert values["policies.model.world.effect"] == values["policies.practice.world.effect"]


def test_a_policy_with_a_number_of_its_own_takes_the_same_quantile_of_it() -> None:
    """Effects around 1 and around 0.8 rise and fall together."""
    worlds = joint(town(), ("model", "own"), 50, 1)
    one = [values["policies.model.world.effect"] for values in worlds.values]
    other = [values["policies.own.world.effect"] for values in worlds.values]
    assert np.array_equal(np.argsort(one), np.argsort(other))
    assert not np.allclose(one, other)


def test_what_the_posterior_holds_follows_the_draw() -> None:
    s = town()
    worlds = joint(s, ("model",), 20, 1)
    held = [i for i, q in enumerate(worlds.quantities) if q.is_drawn]
    assert len(held) > 20
    for i in range(20):
        drawn = numbers_at(s, draws(20)[i])
        for k in held:
            name = worlds.quantities[k].name
            whole = name.endswith("_months") or name.startswith("children.age_at")
            assert worlds.x[i, k] == pytest.approx(drawn[name], abs=0.5 if whole else 1e-12)
            assert name not in worlds.values[i]


def test_what_it_does_not_hold_lies_in_its_range_and_is_independent() -> None:
    worlds = joint(town(), ("model",), 400, 1)
    free = [(q, x) for q, x in zip(worlds.quantities, worlds.x.T, strict=True) if not q.is_drawn]
    for q, x in free:
        assert q.stated[0].low <= x.min() < x.max() <= q.stated[0].high, q.name
    plain = np.array([x for q, x in free if "share" not in q.name])
    apart = np.corrcoef(plain)[np.triu_indices(len(plain), 1)]
    assert np.abs(apart).max() < 5.5 / np.sqrt(400)  # of 1000 pairs, none with chance 1e-4


def test_more_worlds_begin_with_the_same_ones() -> None:
    few, many = joint(town(), ("model",), 5, 3), joint(town(), ("model",), 9, 3)
    assert np.array_equal(few.x, many.x[:5])
    assert few.values == many.values[:5]
    assert not np.array_equal(few.x, joint(town(), ("model",), 5, 4).x)


def test_after_the_last_draw_they_come_again_with_other_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    from experiments import draws as drawing
    from experiments.value_of_information import joint as module

    three = drawing.posterior()[:3]
    monkeypatch.setattr(drawing, "posterior", lambda: three)
    monkeypatch.setattr(module, "posterior", lambda: three)
    worlds = joint(town(), ("model",), 7, 1)
    assert worlds.draw.tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert worlds.values[0] != worlds.values[3]


def test_the_pilot_that_was_fitted_keeps_its_whole_effect() -> None:
    names = {q.name for q in quantities(find_scenario("herning"), ("sverigesprogram",))}
    assert "policy.effect" not in names
    assert "policy.effect" in {q.name for q in quantities(find_scenario("fano"), ("swedish_model",))}


@pytest.mark.parametrize("name", ["fano", "herning", "denmark", "denmark_2023", "adults"])
def test_every_shipped_scenario_has_worlds_in_which_every_unknown_varies(name: str) -> None:
    s = find_scenario(name)
    worlds = joint(s, choices(s), 20, 1)
    assert np.isfinite(worlds.x).all()
    assert (np.ptp(worlds.x, axis=0) > 0).all()


@pytest.mark.parametrize("name", ["fano", "herning", "denmark", "adults"])
def test_every_unknown_of_a_shipped_scenario_can_be_given_a_value(name: str) -> None:
    s = find_scenario(name)
    for policy in (None, *s.policies):
        for unknown in unknowns(s, policy):
            ends = [with_values(s, {unknown.name: end}) for end in (unknown.low, unknown.high)]
            low, high = (stated_value(end, unknown.name) for end in ends)
            assert low is not None and high is not None and low < high, unknown.name


# --- choices and histories ----------------------------------------------------------------------------


def test_bad_worlds_are_no_choices_unless_they_are_named() -> None:
    assert choices(town()) == ("model", "practice", "own")
    assert choices(town(), ["null", "null"]) == ("null",)
    with pytest.raises(ValueError, match="at least one beside 'baseline'"):
        choices(scenario())
    with pytest.raises(KeyError, match="nobody"):
        choices(town(), ["nobody"])


def ran(monkeypatch: pytest.MonkeyPatch, work: Any = done) -> list[Task]:
    """Return the list of tasks that sweeps will run from now on."""
    tasks: list[Task] = []

    def noted(task: Task) -> Result:
        tasks.append(task)
        return work(task)

    monkeypatch.setattr(sweep_run, "done", noted)
    return tasks


def test_policies_share_the_luck_of_a_world_and_worlds_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = ran(monkeypatch)
    small(workers=1)
    assert len(tasks) == 24
    assert {len(task.rows) for task in tasks} == {3}
    seen = [r for task in sorted(tasks, key=lambda t: t.chunk.rows.start) for r in task.chunk.replicates]
    assert seen == list(range(48))


def test_a_world_without_uncertainty_gives_what_compare_gives() -> None:
    """One world at the scenario's own numbers: savings are those of `trappe compare`."""
    from experiments.business_case import compare

    s = town()
    nothing = Joint((), np.zeros((1, 0)), np.array([0]), ({},))
    study = compare(s, ["model"], replicates=6, draws=1)
    values, failed = benefits(s, ("model",), nothing, 6, ("net_saving",), Luck())
    assert not failed
    assert values[0, 0, :, 0] == pytest.approx(study.cumulated_saving("model")[:, -1])


def test_same_bytes_for_any_number_of_workers(found: Information) -> None:
    again = small(workers=1)
    assert tables.files(again) == tables.files(found)
    assert as_png(plots.information(again)) == as_png(plots.information(small(workers=3)))


def test_worlds_that_fail_are_left_out_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(task: Task) -> Result:
        result = done(task)
        if task.chunk.rows.start == 3:
            result.values[1] = np.nan
            return Result(result.values, {4: "no balance"})
        return result

    ran(monkeypatch, failing)
    left = small()
    assert left.failed == {1: "no balance"}
    assert len(left.benefits.mean) == len(left.worlds.x) == len(left.worlds.values) == 23
    assert np.isfinite(left.benefits.mean).all()
    assert "1 of the worlds could not be run" in tables.small_print(left)


def test_where_most_fail_the_reason_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(task: Task) -> Result:
        result = done(task)
        return Result(np.full_like(result.values, np.nan), {task.chunk.rows.start: "no balance"})

    ran(monkeypatch, failing)
    with pytest.raises(ValueError, match="24 of 24 possible worlds could not be run: no balance"):
        small()


def test_any_difference_to_today_can_be_decided_by() -> None:
    assert {"net_saving", "net_saving_society", "care_months_saved", "breakdowns_saved"} < set(OUTCOMES)
    result = small(outcome="breakdowns_saved")
    assert np.isfinite(result.perfect.value)
    assert "breakdowns (give or take" in perfect_sentence(result)


def test_a_care_month_may_have_a_price(found: Information) -> None:
    months = small(outcome="care_months_saved").benefits.mean
    both = small(care_month=1000.0).benefits.mean
    assert both == pytest.approx(found.benefits.mean + 1000.0 * months)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"outcome": "caseload"}, "outcome = 'caseload' must be one of: net_saving"),
        ({"group": "colour"}, "group = 'colour' must be one of: cause, grade, section"),
        ({"samples": 5}, "samples = 5 must be at least 20"),
        ({"replicates": 1}, "replicates = 1 must be at least 2"),
        ({"care_month": -1.0}, "care_month = -1 DKK must be 0 or more"),
        ({"care_month": 1.0, "outcome": "care_months_saved"}, "goes with an outcome in kroner"),
    ],
)
def test_what_cannot_be_asked_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Question(town(), ("model",), **changes)


# --- what is said -------------------------------------------------------------------------------------


def made(found: Information, worths: list[Worth], mean: float = 2e6) -> Information:
    """Return a study in which the first unknowns have these worths, the best policy this benefit."""
    y = np.zeros((24, 3, 2))
    y[:, 0] = mean
    pairs = [(q, w) for (q, _), w in zip(found.unknowns, worths, strict=False)]
    return replace(found, benefits=Benefits(y, np.arange(24)), unknowns=tuple(pairs))


def test_the_unknown_worth_most_is_named_with_its_price(found: Information) -> None:
    first, second = (number(found.question, quantity) for quantity, _ in found.unknowns[:2])
    name = found.unknowns[0][0].name
    one = made(found, [Worth(123_456.0, 45_678.0, 1_000.0)])
    assert advice(one).startswith(
        f'Measure "{first}" ({name}) before deciding if that costs less than 120,000 ± 46,000 kr. That'
    )
    assert "Next:" not in advice(one)
    two = made(found, [Worth(9e5, 1e5, 0.0), Worth(3e5, 1e5, 0.0)])
    assert f'Next: "{second}", 300,000 ± 100,000 kr.' in advice(two)


@pytest.mark.parametrize(
    "small_one", [Worth(0.0, 0.0, 0.0), Worth(1e5, 2e5, 0.0), Worth(1e5, 5e4, 1.5e5)]
)
def test_where_no_unknown_is_worth_measuring_that_is_said(found: Information, small_one: Worth) -> None:
    none = replace(made(found, [small_one]), perfect=Perfect(1e5, 2e5, 0.0, 2e5))
    assert advice(none) == (
        "No unknown here is worth measuring before deciding: the decision would not change."
    )
    unsure = replace(none, perfect=Perfect(3e6, 2e5, 2e6, 4e6))
    assert advice(unsure).startswith("No single unknown can be told from worthless in 24 possible worlds")
    assert "would be worth 3.00 m DKK: look at the groups" in advice(unsure)


def test_what_to_do_today(found: Information) -> None:
    assert "does best by choosing model (model): 2.0 m DKK better than carrying on" in decision_sentence(
        made(found, [])
    )
    worse = made(found, [], -2e6)
    assert "does best by carrying on as today: no policy is expected to be better" in decision_sentence(
        worse
    )


def test_worths_are_sorted_and_groups_hold_all_unknowns(found: Information) -> None:
    for sorted_ in ([w.value for _, w in found.unknowns], [w.value for _, _, w in found.groups]):
        assert sorted_ == sorted(sorted_, reverse=True)
    assert sum(size for _, size, _ in found.groups) == len(found.unknowns) == len(found.worlds.quantities)
    assert {name for name, _, _ in found.groups} == {q.group["cause"] for q in found.worlds.quantities}


def test_the_files_hold_every_decision_unknown_and_world(found: Information) -> None:
    files = {name: text.splitlines() for name, text in tables.files(found).items()}
    lengths = {name: len(lines) - 1 for name, lines in files.items()}
    n = len(found.unknowns)
    assert lengths == {"decisions.csv": 4, "unknowns.csv": n, "groups.csv": len(found.groups),
                       "perfect.csv": 1, "samples.csv": 24}  # fmt: skip
    assert json.loads(tables.as_json(found))["perfect"]["samples"] == 24


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figure_keeps_its_text_inside_and_apart(found: Information, language: Language) -> None:
    """Even where the unknowns at the top are those that take most words."""
    wordy = sorted(found.unknowns, key=lambda pair: -len(pair[0].meaning))
    figure = plots.information(replace(found, unknowns=tuple(wordy)), language)
    as_png(figure, dpi=100)  # settles the layout
    names = [label for ax in figure.axes for label in ax.get_yticklabels()]
    assert len(names) == len(found.unknowns[: tables.SHOWN]) + len(found.groups) + 1
    assert faults(figure) == ([], [])
    if language == "da":
        assert english_words(figure) == []


# --- the command --------------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.app(["value-of-information", *args], prog_name="trappe")
    assert ended.value.code == 0
    said = capsys.readouterr()
    return said.out, said.err


def test_the_command_prints_writes_and_resumes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "town.toml").write_text(TOWN, encoding="utf-8")
    asked = (str(tmp_path / "town.toml"), "--samples", "20", "--replicates", "2", "--out",
             str(tmp_path / "results"))  # fmt: skip
    tasks = ran(monkeypatch)
    out, err = run(capsys, *asked)
    assert "Ærø [/by] :house:: what may be chosen" in out
    assert err.strip().endswith(f"Results: {tmp_path / 'results'}")
    assert len(tasks) == 20
    files = {p.name: p.read_bytes() for p in (tmp_path / "results").iterdir() if p.is_file()}
    assert set(files) == {"decisions.csv", "unknowns.csv", "groups.csv", "perfect.csv", "samples.csv",
                          "information.png"}  # fmt: skip
    parts = sorted((tmp_path / "results" / "runs" / "parts").iterdir())
    parts[3].unlink()
    tasks.clear()
    assert run(capsys, *asked, "--workers", "1")[0] == out
    assert len(tasks) == 1
    assert {p.name: p.read_bytes() for p in (tmp_path / "results").iterdir() if p.is_file()} == files


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fano", "herning", "denmark", "adults"])
def test_the_command_on_the_shipped_scenarios(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, _ = run(capsys, name, "--quick", "--samples", "20", "--out", str(tmp_path))
    assert "everything but luck" in out
    assert json.loads(
        run(capsys, name, "--quick", "--samples", "20", "--out", str(tmp_path), "--json")[0]
    )
