"""Attribution: what is run, that it is what one would run by hand, and what is kept of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from causes import BUNDLE, COMBINATIONS, LEVERS, NULL, PERVERSE, by_hand, scale, town
from hypothesis import given, settings
from hypothesis import strategies as st
from municipalities import policies, scenarios
from support import FIXED, run_kernel, scenario

from experiments.attribution import GAINS, PAIR, Attribution, attribute, default_folder
from experiments.combinations import EVERYTHING, changed_causes, question
from experiments.files import StoreError
from experiments.results import CHANCE, as_csv
from experiments.runner import BASELINE, Runner
from simulation.accounts import Ledger, in_care
from simulation.costs import net
from simulation.policy import CAUSES, Cause, Policy
from simulation.reading import find_scenario
from simulation.replicates import ledgers
from simulation.scenario import Scenario

# --- which runs ----------------------------------------------------------------------------------

NAMES = ["+".join(kept) for kept in COMBINATIONS[1:]]


def test_every_combination_is_run_under_its_name() -> None:
    asked = question(town())
    assert asked.policy == "bundle" and asked.changed == CAUSES
    assert [asked.arms[frozenset(kept)] for kept in COMBINATIONS] == [BASELINE, *NAMES]
    assert list(asked.scenario.policies) == [*NAMES, "null"]


@pytest.mark.parametrize("kept", COMBINATIONS[1:], ids="+".join)
def test_a_run_is_the_policy_written_by_hand(kept: tuple[Cause, ...]) -> None:
    asked = question(town())
    run = asked.scenario.policies["+".join(kept)]
    assert run.about == f"bundle: {'+'.join(kept)}"
    assert run.model_copy(update={"about": ""}) == Policy.model_validate(by_hand(kept))


def test_what_is_run_can_be_read_back() -> None:
    asked = question(find_scenario("fano"))
    dumped = asked.scenario.model_dump(mode="json")
    assert Scenario.model_validate(dumped) == asked.scenario


def test_other_policies_of_the_scenario_do_not_matter() -> None:
    """So the same attribution is found again, in its own folder, whatever else a file holds."""
    asked = question(town(), "bundle")
    other = question(town(policies={"other": {"capacity": {"extra_fte": [1.0]}}}), "bundle")
    assert other.scenario == asked.scenario
    assert default_folder(other, 1) == default_folder(asked, 1) != default_folder(asked, 2)
    assert default_folder(asked, 1).parent == Path("results")


def test_the_first_policy_with_two_causes_is_taken() -> None:
    one = {"capacity": {"extra_fte": [1.0]}}
    two = {**one, "reviews": {"later": 2.0}}
    s = scenario(policies={"one": one, "two": two, "three": BUNDLE})
    assert question(s).policy == "two"
    assert question(find_scenario("fano")).policy == "swedish_model"


@pytest.mark.parametrize("given_policies", [{}, {"one": {"capacity": {"extra_fte": [1.0]}}}])
def test_nothing_to_share_out_is_said_in_words(given_policies: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no policy that changes two causes or more"):
        question(scenario(policies=given_policies))


def test_an_unknown_policy_names_those_that_come_near() -> None:
    with pytest.raises(KeyError, match=r"no policy 'bundel' \(did you mean 'bundle'\?\)"):
        question(town(), "bundel")


AS_TODAY: dict[str, dict[str, Any]] = {
    "capacity": {"leakage": 0.5},
    "reviews": {"order": "most_overdue"},
    "practice": {"orientation": 1.0, "residential_odds": 1.0, "without_leader": 0.3},
    "supply": {"extra_places": {"foster_care": 0}, "outreach": 1.0},
}
"""Sections that say something and change nothing."""


@pytest.mark.parametrize("cause", CAUSES)
def test_a_cause_that_changes_nothing_is_not_run(cause: Cause) -> None:
    s = scenario(policies={"bundle": {**BUNDLE, cause: AS_TODAY[cause]}})
    asked = question(s)
    assert asked.changed == tuple(c for c in CAUSES if c != cause)
    runs = [name for name in asked.scenario.policies if name != "null"]
    assert len(runs) == 7 and not any(cause in name for name in runs)
    for kept in COMBINATIONS:
        assert asked.arms[frozenset(kept)] == asked.arms[frozenset(kept) - {cause}]


@given(st.data())
@settings(FIXED, max_examples=40)
def test_the_runs_are_those_of_the_combinations_whatever_is_left_out(data: st.DataObject) -> None:
    """Bytes of the tables that both engines read, for any policy and any combination."""
    s = data.draw(scenarios(most_months=6))
    policy = data.draw(policies(s))
    s = s.model_copy(update={"policies": {"p": policy}})
    try:
        asked = question(s, "p")
    except ValueError as refusal:
        assert "belongs to no cause" in str(refusal)
        assert not {"capacity", "reviews"} & set(changed_causes(s, policy))
        return
    kept = data.draw(st.sampled_from([*COMBINATIONS, CAUSES]))
    arm = asked.arms[frozenset(kept)]
    run = None if arm == BASELINE else asked.scenario.policies[arm]
    wanted = policy.keeping([c for c in kept if c in asked.changed])
    assert run_kernel(s, run).tobytes() == run_kernel(s, wanted).tobytes()
    if set(kept) == set(CAUSES):
        assert run_kernel(s, run).tobytes() == run_kernel(s, policy).tobytes()


def test_need_found_without_more_contact_belongs_to_no_cause() -> None:
    bundle = {cause: LEVERS[cause] for cause in ("practice", "supply")}
    s = scenario(policies={"bundle": {**bundle, "world": {"surveillance": 0.3}}})
    with pytest.raises(ValueError, match=r"policies\.bundle\.world\.surveillance = 0\.3: .* no cause"):
        question(s)
    as_today = scenario(policies={"bundle": {**bundle, "world": {"surveillance": 0.0}}})
    assert question(as_today).changed == ("practice", "supply")


# --- null and perverse ---------------------------------------------------------------------------


def test_the_null_world_is_built_where_the_scenario_has_none() -> None:
    built = question(town()).scenario.policies["null"]
    defined = question(town(policies={"null": NULL})).scenario.policies["null"]
    assert built.model_dump() == defined.model_dump()
    assert built.world.effect == 0.0 and built.capacity == town().policy("bundle").capacity


def test_the_perverse_world_is_there_where_the_scenario_defines_it() -> None:
    assert list(question(town()).worlds) == ["null"]
    asked = question(town(policies={"perverse": PERVERSE}))
    assert asked.worlds == {"null": "null", "perverse": "perverse"}
    assert asked.scenario.policies["perverse"].world.surveillance == 1.0


def test_worlds_of_another_policy_are_not_shown() -> None:
    """A null world with the posts of another policy would show another cost."""
    small = {"like": "bundle", "capacity": {"extra_fte": [0.1]}}
    s = town(policies={"null": NULL, "perverse": PERVERSE, "small": small})
    asked = question(s, "small")
    assert list(asked.worlds) == ["null"]
    assert asked.scenario.policies["null"].capacity.extra_fte == (0.1,)


def test_a_world_may_take_over_from_the_policy_by_way_of_another() -> None:
    perverse = {"like": "middle", "world": {"surveillance": 2.0}}
    s = town(policies={"middle": PERVERSE, "perverse": perverse})
    assert question(s, "bundle").scenario.policies["perverse"].world.surveillance == 2.0


def test_a_null_world_without_cost_is_the_baseline() -> None:
    free = {cause: LEVERS[cause] for cause in ("reviews", "practice")}
    asked = question(scenario(policies={"bundle": free}))
    assert asked.worlds == {"null": BASELINE}
    assert "null" not in asked.scenario.policies


# --- a study -------------------------------------------------------------------------------------

REPLICATES = 100


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("attribution")


@pytest.fixture(scope="module")
def found(folder: Path) -> Attribution:
    return attribute(town(policies={"perverse": PERVERSE}), replicates=REPLICATES, workers=2, out=folder)


def results(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder but the manifest, which holds the time of day."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize("kept", COMBINATIONS, ids="+".join)
def test_gains_of_a_combination_are_those_of_the_policy_run_by_hand(
    found: Attribution, kept: tuple[Cause, ...]
) -> None:
    policy = Policy.model_validate(by_hand(kept)) if kept else None
    s = town()
    with_it, without = (Ledger(ledgers(s, p, replicates=REPLICATES), s.staircase) for p in (policy, None))
    arm = found.study.arm(found.question.arms[frozenset(kept)])
    on_stairs = np.stack([with_it["n_" + key] for key in s.staircase.keys], axis=2)
    assert arm.stairs.tobytes() == on_stairs.tobytes()
    wanted = {
        "net_saving": net(without) - net(with_it),
        "care_months_avoided": without.over("n_", in_care) - with_it.over("n_", in_care),
        "residential_months_avoided": without["n_residential_care"] - with_it["n_residential_care"],
    }
    for gain, by_month in wanted.items():
        total = by_month.sum(axis=1)
        assert found.game(gain)[frozenset(kept)] == pytest.approx(total, rel=1e-12, abs=1e-6)


@pytest.mark.parametrize("gain", GAINS)
def test_shares_sum_to_the_whole_in_every_history(found: Attribution, gain: str) -> None:
    total = sum(found.shares(gain).values())
    assert np.abs(total - found.whole(gain)).max() <= 1e-14 * scale(found.game(gain))
    assert np.abs(found.whole(gain)).max() > 0


def test_discounted_is_nearer_to_nothing(found: Attribution) -> None:
    """In the null world the saving is negative in every month."""
    plain, less = (found.world("null", g) for g in ("net_saving", "net_saving_discounted"))
    assert (plain < less).all() and (less < 0).all()


def test_in_the_null_world_only_money_changes(found: Attribution) -> None:
    paid = sum(
        (found.study.outcome(name, "null") - found.study.outcome(name)).sum(axis=1)
        for name in ("staff_cost", "one_off_cost")
    )
    assert np.min(paid) > 0
    assert found.world("null", "net_saving") == pytest.approx(-np.asarray(paid))
    assert (found.world("null", "care_months_avoided") == 0.0).all()


def test_a_cause_that_is_not_changed_gets_exactly_nothing() -> None:
    bundle = {**BUNDLE, "reviews": AS_TODAY["reviews"]}
    some = attribute(scenario(months=6, policies={"bundle": bundle}), replicates=20)
    for gain in GAINS:
        measures = some.measures(gain)
        assert all((measures["reviews", m] == 0.0).all() for m in ("share", "alone", "last"))
        assert (measures[PAIR, "interaction"] == 0.0).all()
        assert np.abs(measures["capacity", "share"]).max() > 0


def test_a_single_cause_is_all_of_the_whole() -> None:
    capacity = {"capacity": {"extra_fte": [1.0]}}
    some = attribute(scenario(months=6, policies={"more": capacity}), "more", replicates=20)
    for gain in GAINS:
        shares = some.shares(gain)
        assert shares["capacity"] == pytest.approx(some.whole(gain), rel=1e-14)
        assert not any(shares[c].any() for c in ("reviews", "practice", "supply"))


# --- tables --------------------------------------------------------------------------------------

COLUMNS = [
    "policy", "cause", "measure", "outcome", "unit", "mean", "low", "high", "mean_error", "covers",
    "replicates",
]  # fmt: skip


def test_the_files_of_an_attribution(found: Attribution, folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert {"attribution.csv", "combinations.csv", "manifest.json", "parts"} <= names
    assert (folder / "attribution.csv").read_text("utf-8") == as_csv(found.rows())
    assert (folder / "combinations.csv").read_text("utf-8") == as_csv(found.combination_rows())


def test_the_table_of_shares_is_tidy(folder: Path) -> None:
    frame = pd.read_csv(folder / "attribution.csv")
    assert list(frame.columns) == COLUMNS
    assert not frame.duplicated(["policy", "cause", "measure", "outcome"]).any()
    assert len(frame) == len(GAINS) * (1 + 3 * 4 + 1 + 2)
    assert set(frame["covers"]) == {CHANCE} and set(frame["replicates"]) == {REPLICATES}
    units = dict(zip(frame["outcome"], frame["unit"], strict=True))
    assert units == {name: gain.unit for name, gain in GAINS.items()}


def test_the_table_of_shares_says_what_was_found(found: Attribution, folder: Path) -> None:
    frame = pd.read_csv(folder / "attribution.csv").set_index(["policy", "cause", "measure", "outcome"])
    wanted = {
        ("bundle", "reviews", "share"): found.shares("net_saving")["reviews"],
        ("bundle", "capacity", "alone"): found.game("net_saving")[frozenset({"capacity"})],
        ("bundle", "supply", "last"): found.whole("net_saving")
        - found.game("net_saving")[EVERYTHING - {"supply"}],
        ("bundle", "all", "whole"): found.whole("net_saving"),
        ("perverse", "all", "whole"): found.world("perverse", "net_saving"),
    }
    for key, values in wanted.items():
        row, e = frame.loc[(*key, "net_saving")], found.study.estimate(values)
        assert [row["mean"], row["low"], row["high"], row["mean_error"]] == pytest.approx(
            [e.mean, e.low, e.high, e.error]
        )
    for gain in GAINS:
        total = sum(frame.loc[("bundle", cause, "share", gain)]["mean"] for cause in CAUSES)
        assert total == pytest.approx(frame.loc[("bundle", "all", "whole", gain)]["mean"])


def test_the_table_of_combinations_has_all_sixteen(found: Attribution, folder: Path) -> None:
    frame = pd.read_csv(folder / "combinations.csv")
    assert list(frame.columns) == ["policy", "combination", *CAUSES, *COLUMNS[3:]]
    assert len(frame) == 16 * len(GAINS)
    assert len(frame[list(CAUSES)].drop_duplicates()) == 16
    for _, row in frame.iterrows():
        kept = [c for c in CAUSES if row[c]]
        assert row["combination"] == ("+".join(kept) or BASELINE)
        assert row["mean"] == pytest.approx(found.game(row["outcome"])[frozenset(kept)].mean())
    nothing = frame[frame["combination"] == BASELINE]
    assert (nothing[["mean", "low", "high", "mean_error"]] == 0.0).all(axis=None)


def test_a_summary_is_the_table_as_a_frame(found: Attribution) -> None:
    assert list(found.summary().columns) == COLUMNS


# --- the same bytes, and resumed -----------------------------------------------------------------


def test_bytes_do_not_depend_on_the_workers(found: Attribution, folder: Path, tmp_path: Path) -> None:
    s = town(policies={"perverse": PERVERSE})
    attribute(s, replicates=REPLICATES, workers=1, out=tmp_path)
    assert results(tmp_path) == results(folder)


def test_a_finished_attribution_runs_nothing_again(
    found: Attribution, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = results(folder)
    monkeypatch.setattr(Runner, "chunk", lambda *_: pytest.fail("a chunk was run again"))
    attribute(town(policies={"perverse": PERVERSE}), replicates=REPLICATES, out=folder)
    assert results(folder) == before


class StoppedError(Exception):
    """Thrown to stop a run."""


def test_a_stopped_attribution_goes_on_where_it_was(
    found: Attribution, folder: Path, tmp_path: Path
) -> None:
    def stop(done: int, _: int) -> None:
        if done == 7:
            raise StoppedError

    s = town(policies={"perverse": PERVERSE})
    with pytest.raises(StoppedError):
        attribute(s, replicates=REPLICATES, out=tmp_path, progress=stop)
    seen: list[tuple[int, int]] = []
    attribute(s, replicates=REPLICATES, out=tmp_path, progress=lambda *at: seen.append(at))
    assert seen == [(done, 18) for done in range(8, 19)]  # 15 combinations, two worlds, the baseline
    assert results(tmp_path) == results(folder)


def test_another_attribution_is_refused(found: Attribution, folder: Path) -> None:
    before = results(folder)
    with pytest.raises(StoreError, match="holds another study; nothing was mixed"):
        attribute(town(policies={"perverse": PERVERSE}), "perverse", replicates=REPLICATES, out=folder)
    assert results(folder) == before
