"""Sensitivity of scenarios: bars that are known, and the command from end to end."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from causes import town
from command import Trappe, command_in
from matplotlib.figure import Figure

from experiments.labels import in_short, label, outcome_label, plain_name, timed, unit
from experiments.plots import as_png
from experiments.sensitivity.figures import figure
from experiments.sensitivity.indices import Sobol, Tornado
from experiments.sensitivity.question import Question, question
from experiments.sensitivity.rows import as_json, files
from experiments.sensitivity.runs import Setup
from experiments.sensitivity.study import Sensitivity, points_of, study, widest
from experiments.sensitivity.tables import sentences
from experiments.sweep.outcomes import KEPT
from experiments.sweep.run import Sweep
from experiments.unknowns import unknowns
from experiments.words import LANGUAGES, texts
from simulation.reading import find_scenario, shipped_scenarios

SALARY, HOURS, UNREAD = "money.salary", "work.follow_up_hours", "money.leader_factor"
BUNDLES = {"bundle": {"capacity": {"team_leader": 0.0}}}
"""No team leader, so that nobody asks what one costs."""


def asked(method: str = "tornado", **options: object) -> Question:
    return question(town(policies=BUNDLES), method, **{"replicates": 8, "seed": 3, **options})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def bars() -> Sensitivity:
    return study(asked(parameters=[SALARY, HOURS, UNREAD, "children.recognition"]))


def of(found: Sensitivity, name: str) -> int:
    return found.asked.factors.index(name)


# --- known bars ----------------------------------------------------------------------------------


def test_the_bars_of_a_salary_are_proportional_to_it(bars: Sensitivity) -> None:
    """Each krone more for the same posts costs the same, whatever happens to children."""
    one, i = bars.indices["net_saving"], of(bars, SALARY)
    assert isinstance(one, Tornado)
    number = bars.asked.numbers[i]
    down, up = number.at(0.05) - number.value, number.at(0.95) - number.value
    assert one.low.values[i] > 0.0 > one.high.values[i]
    assert one.low.values[i] / one.high.values[i] == pytest.approx(down / up, rel=1e-9)
    assert one.swing.errors[i].both < 1e-6 * abs(one.swing.values[i])
    care = bars.indices["care_months_saved"]
    assert isinstance(care, Tornado) and care.swing.values[i] == 0.0


def test_what_no_rule_reads_does_exactly_nothing(bars: Sensitivity) -> None:
    for one in bars.indices.values():
        assert isinstance(one, Tornado)
        i = of(bars, UNREAD)
        assert one.low.values[i] == one.high.values[i] == one.swing.errors[i].both == 0.0
    assert of(bars, UNREAD) == bars.ranking("net_saving").order[-1]


def test_bars_are_paired_differences_of_the_same_histories(bars: Sensitivity) -> None:
    one, i = bars.indices["net_saving"], of(bars, HOURS)
    assert isinstance(one, Tornado)
    swing = one.swing.cells[i, 0]
    assert swing == pytest.approx(one.high.cells[i, 0] - one.low.cells[i, 0])
    assert one.swing.errors[i].both == pytest.approx(
        1.8946 * swing.std(ddof=1) / np.sqrt(8), rel=1e-4
    )  # Student's t with 7 degrees of freedom


def test_what_is_not_read_has_no_index_in_any_method() -> None:
    for method in ("sobol", "morris"):
        found = study(asked(method, parameters=[SALARY, HOURS, UNREAD], samples=4))
        index = found.main("net_saving")
        i = of(found, UNREAD)
        assert index.values[i] == 0.0 and index.errors[i].both < 1e-12


def test_a_lone_salary_answers_for_all_variance() -> None:
    found = study(asked("sobol", parameters=[SALARY], samples=32)).indices["net_saving"]
    assert isinstance(found, Sobol)
    assert found.total.values[0] == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("method", ["tornado", "morris", "sobol"])
def test_workers_do_not_change_a_byte(method: str) -> None:
    samples = None if method == "tornado" else 4
    few = ["work.sickness", "money.salary", "work.case_hours", "children.recognition"]
    q = asked(method, parameters=few, samples=samples, outcomes=["net_saving", "entries"])
    one, two = (study(q, Setup(workers=n)) for n in (1, 2))
    assert files(one) == files(two) and as_json(one) == as_json(two)
    assert as_png(figure(one)) == as_png(figure(two))


def test_numpys_own_random_state_is_left_alone() -> None:
    before = np.random.get_state()[1].tobytes()  # noqa: NPY002
    study(asked("morris", parameters=["work.sickness", HOURS], samples=2, replicates=2))
    assert np.random.get_state()[1].tobytes() == before  # noqa: NPY002


# --- questions -----------------------------------------------------------------------------------


def test_names_may_be_beginnings_and_levers_go_without_their_policy() -> None:
    found = asked(parameters=["money.unit_price,work.sickness", "world.effect"])
    names = [u.name for u in found.numbers]
    assert names[0] == "work.sickness" and names[-1] == "policies.bundle.world.effect"
    assert all(n.startswith("money.unit_price.") for n in names[1:-1]) and len(names) > 4
    assert found.policy == "bundle" and found.outcomes == ("net_saving", "care_months_saved")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "oat"}, "--method 'oat' must be tornado, morris or sobol"),
        ({"group": "cause"}, "one number at a time"),
        ({"samples": 8}, "--samples is for morris and sobol"),
        ({"top": 3}, "--top is for morris and sobol"),
        ({"method": "sobol", "top": 99}, "--top 99 must lie between 1 and"),
        ({"method": "sobol", "group": "colour"}, "--group 'colour' must be cause, grade or section"),
        ({"outcomes": ["net_savings"]}, "did you mean net_saving"),
        ({"parameters": ["work.sicknes"]}, "did you mean work.sickness"),
        ({"engine": "oxen"}, "must be kernel or agents"),
        ({"replicates": 1}, "at least 2"),
    ],
)
def test_questions_that_cannot_be_asked(options: dict[str, object], said: str) -> None:
    with pytest.raises((ValueError, KeyError), match=said):
        asked(**options)  # type: ignore[arg-type]


def test_samples_that_are_no_power_of_two() -> None:
    with pytest.raises(ValueError, match="power of two"):
        points_of(asked("sobol", samples=100))


def test_another_question_has_another_folder() -> None:
    first = asked("sobol", samples=4)
    assert first.default_folder() == asked("sobol", samples=4).default_folder()
    others = [
        asked("sobol", samples=8),
        asked("sobol", samples=4, seed=4),
        asked("sobol", samples=4, top=2),
    ]
    for other in [*others, replace(first, scenario=town(months=12))]:
        assert other.default_folder() != first.default_folder()


def test_the_widest_bars_are_kept() -> None:
    whole = asked("sobol", parameters=[SALARY, HOURS, UNREAD], samples=4, top=2)
    kept = widest(whole, Setup())
    assert [u.name for u in kept.numbers] == [HOURS, SALARY]
    assert kept.method == "sobol" and kept.samples == 4


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_number_of_every_scenario_has_a_short_name_of_its_own(name: str) -> None:
    s = find_scenario(name)
    for policy in s.policies:
        for language in LANGUAGES:
            names = [label(u, s, language) for u in unknowns(s, policy)]
            assert len(set(names)) == len(names)
            assert not [n for n in names if n.endswith("…") or "{" in n]


def test_every_number_has_a_danish_name() -> None:
    known = {key.removeprefix("unknown.") for key in texts("da") if key.startswith("unknown.")}
    s = find_scenario("fano")
    for u in unknowns(s, "swedish_model"):
        name = plain_name(u.name)
        assert name in known or name.rpartition(".")[0] in known


def test_outcomes_and_their_units_have_danish_names() -> None:
    s = find_scenario("fano")
    for name in KEPT:
        assert outcome_label(name, "en") == KEPT[name].label
        assert outcome_label(name, "da") != KEPT[name].label
        assert unit(name, s, "da") and "{" not in timed(name, 60, "da")
    assert unit("care_months_saved", s, "en") == "child-months"
    assert unit("net_saving", s, "da") == "mio. kr., 2019-priser"


def test_values_in_short() -> None:
    said = [in_short(*x) for x in ((0.2696, "share"), (1.354e6, "DKK per year"), (33.24, "hours"))]
    assert said == ["27 %", "1.35 m kr.", "33.2 h"]
    danish = [in_short(x, unit, "da") for x, unit in ((1.354e6, "DKK per year"), (33.24, "hours"))]
    assert danish == ["1,35 mio. kr.", "33,2 t."]
    assert in_short(12345.6) == "12,300" and in_short(0.012345) == "0.0123"


# --- outcomes that are not always defined ----------------------------------------------------------


def test_never_breaking_even_counts_as_the_last_month() -> None:
    found = study(asked(parameters=[SALARY], outcomes=["break_even_month"]))
    assert np.isfinite(found.main("break_even_month").cells).all()
    assert found.notes and "count as month 18" in found.notes[0]


def test_an_outcome_that_is_nowhere_defined() -> None:
    nobody = {"undetected": 0, "assessment": 0, "preventive": 0, "own_room": 0, "network_care": 0,
              "foster_care": 0, "residential_care": 0}  # fmt: skip
    district = {**town().districts[0].model_dump(), "inflow": 0.0, "start": nobody}
    q = question(town(districts=[district]), parameters=[SALARY], outcomes=["share_family_like"],
                 replicates=4)  # fmt: skip
    with pytest.raises(ValueError, match="share_family_like is not defined"):
        study(q)


def test_carrying_on_as_today_has_its_own_outcomes() -> None:
    found = study(asked(policy="baseline", parameters=[HOURS, SALARY]))
    assert found.asked.outcomes == ("net_cost", "care_months")
    assert found.asked.policy == "baseline" and not any("policies" in f for f in found.asked.factors)
    assert isinstance(figure(found), Figure)


def test_rows_that_fail_leave_the_others_unharmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a tornado a bar is missing, of a sample of points the points it belongs to; both are said."""
    real = Sweep.values

    def failing(sweep: Sweep, *arguments: object) -> object:
        values = real(sweep, *arguments)  # type: ignore[arg-type]
        values[3] = np.nan
        sweep.errors[3] = "the world ended"
        return values

    monkeypatch.setattr(Sweep, "values", failing)
    bars = study(asked(parameters=[SALARY, HOURS]))
    lost = HOURS if bars.asked.factors[1] == HOURS else SALARY
    assert bars.first("net_saving", 9) == [1 - of(bars, lost)]
    assert np.isnan(bars.main("net_saving").values[of(bars, lost)])
    assert "1 of 5 rows failed (the world ended)" in bars.notes[0]
    assert as_png(figure(bars)).startswith(b"\x89PNG")
    found = study(asked("sobol", parameters=[SALARY, HOURS], samples=8))
    assert found.samples == 7 and np.isfinite(found.main("net_saving").values).all()
    assert "1 samples are left out" in found.notes[0]


@pytest.mark.parametrize("method", ["tornado", "morris", "sobol"])
def test_an_outcome_that_nothing_moves(method: str) -> None:
    samples = None if method == "tornado" else 2
    found = study(asked(method, parameters=["money.salary"], samples=samples, outcomes=["entries"]))
    said = " ".join(sentences(found, "entries"))
    assert "WARNING" not in said
    assert "1 of 1 cannot be told from doing nothing" in said
    assert as_png(figure(found)).startswith(b"\x89PNG")
    json.loads(as_json(found), parse_constant=pytest.fail)


def test_few_histories_make_a_warning_in_words() -> None:
    found = study(asked(parameters=["work."], replicates=2))
    assert any(said.startswith("WARNING") for said in sentences(found, "net_saving"))


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def trappe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Trappe:
    """The command, in an empty folder."""
    return command_in(monkeypatch, capsys, tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [
        ("fano", "--parameters", "work.follow_up_hours,money.salary", "--replicates", 4),
        ("fano", "--method", "morris", "--group", "cause", "--replicates", 2, "--samples", 2),
        ("adults", "--method", "sobol", "--group", "section", "--replicates", 2, "--samples", 4),
        ("adults", "--method", "sobol", "--top", 2, "--parameters", "work.", "--replicates", 2,
         "--samples", 4),
    ],
)  # fmt: skip
def test_the_command(trappe: Trappe, tmp_path: Path, arguments: tuple[object, ...]) -> None:
    said = trappe("sensitivity", *arguments, "--out", "there", "--months", 24)
    assert said.code == 0, said.err
    assert said.err.endswith("Results: there\n") and "histories" in said.err
    assert "over 2 years" in said.out and "not which value is right" in " ".join(said.out.split())
    there = tmp_path / "there"
    assert (there / "sensitivity.png").read_bytes().startswith(b"\x89PNG")
    with (there / "indices.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {r["outcome"] for r in rows} == {"net_saving", "care_months_saved"}
    kept = {p.name: p.read_bytes() for p in there.iterdir() if p.is_file()}
    again = trappe("sensitivity", *arguments, "--out", "there", "--months", 24, "--workers", 1, "--json")
    assert {p.name: p.read_bytes() for p in there.iterdir() if p.is_file()} == kept
    assert len(json.loads(again.out)["indices"]) == len(rows)


def test_a_wrong_command_is_refused_in_words(trappe: Trappe) -> None:
    said = trappe("sensitivity", "fano", "--method", "sobol", "--samples", 100, "--quick")
    assert said.code == 2
    assert said.err.startswith("trappe: --samples 100 must be a power of two")
    assert "such as 64 or 128" in said.err


def test_what_was_interrupted_is_taken_up_again(tmp_path: Path) -> None:
    q = asked("morris", parameters=["work.sickness", HOURS], samples=64, replicates=2)
    seen: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study(q, Setup(tmp_path / "runs", workers=1, progress=stop))
    found = study(q, Setup(tmp_path / "runs", progress=lambda done, total: seen.append((done, total))))
    assert seen[0][0] >= 4 and seen[-1] == (8, 8)
    study(q, Setup(tmp_path / "runs", progress=lambda done, total: seen.append((done, total))))
    assert seen[-1] == (8, 8) and seen.count((8, 8)) == 2
    assert files(found) == files(study(q))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fano", "adults"])
@pytest.mark.parametrize("method", ["tornado", "morris", "sobol"])
def test_quick_with_every_number(trappe: Trappe, name: str, method: str) -> None:
    said = trappe("sensitivity", name, "--method", method, "--quick")
    assert said.code == 0, said.err
    assert f"Results: results/{method}-{name}-" in said.err
