"""Settling: flows at which today's counts hold, by simulation; what is said where there are none."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from command import Trappe, command_in
from support import changed, district, merged, scenario

from experiments import settle as settling
from experiments.flows import (
    INFLOW,
    ODDS,
    PLACED,
    Flow,
    at_closed_form,
    multiplied,
    nearest_start,
    residential_share,
    rounded,
    unknown_flows,
    with_flows,
)
from experiments.settle import CLOSE, STEPS, Settled, settle
from experiments.tables_settle import as_toml, why_not
from simulation.accounts import Ledger, at_home, in_care, residential
from simulation.reading import find_scenario, read_scenario, shipped_text
from simulation.replicates import ledgers
from simulation.scenario import Scenario
from simulation.sections import LaterPost
from simulation.settling import settled_flows

FANO = find_scenario("fano")


@pytest.fixture(autouse=True, scope="module")
def cheap_trials() -> Iterator[None]:
    """A trial may cost a fifth of what it does otherwise; counts hold in these histories all the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settling, "CHILD_MONTHS", 1_200_000)
        patch.setattr(settling, "ROUGH", 400_000)
        yield


def with_inflow(s: Scenario, inflow: float) -> Scenario:
    d = s.districts[0].model_copy(update={"inflow": inflow})
    return s.model_copy(update={"districts": (d, *s.districts[1:])})


# --- the start of the search ----------------------------------------------------------------------


def test_the_closed_form_start_has_the_flows_of_the_balance() -> None:
    wrong = with_inflow(FANO, 500.0)
    start, flows = at_closed_form(wrong), settled_flows(wrong)
    assert start is not None
    assert 20 < flows.inflow < 60
    assert start.districts[0].inflow == pytest.approx(flows.inflow)
    assert start.children.placed_after_assessment == pytest.approx(flows.placed)


def test_the_closed_form_has_the_odds_of_the_balance_where_all_ages_are_alike() -> None:
    alike = {"own_room": [0.0] * 4, "residential_care": [0.5] * 4}
    s = changed(FANO, children={"entry_share": alike})
    start, flows = at_closed_form(s), settled_flows(s)
    assert start is not None
    share = residential_share(start)
    assert share / (1 - share) == pytest.approx(flows.residential_odds)


def test_the_search_starts_where_counts_are_nearer() -> None:
    wrong = with_inflow(FANO, 500.0)
    near = settled_flows(FANO).inflow
    assert nearest_start(wrong, lambda s: abs(s.districts[0].inflow - near)).districts[0].inflow < 50
    assert nearest_start(wrong, lambda s: abs(s.districts[0].inflow - 500.0)) is wrong


def test_without_a_closed_form_the_search_starts_from_the_scenario() -> None:
    nobody = scenario(districts=district(start={"foster_care": 4}))
    assert at_closed_form(nobody) is None
    assert nearest_start(nobody, lambda s: 0.0) is nobody


def test_each_district_has_its_own_closed_form_inflow() -> None:
    herning = find_scenario("herning")
    start = at_closed_form(herning)
    assert start is not None
    for i, d in enumerate(herning.districts):
        alone = herning.model_copy(update={"districts": (d,)})
        assert start.districts[i].inflow == pytest.approx(settled_flows(alone).inflow)


# --- the unknowns ---------------------------------------------------------------------------------


def test_unknown_are_the_flows_that_a_factor_can_change() -> None:
    unknown = [(f.name, f.district) for f in unknown_flows(FANO)]
    assert unknown == [(INFLOW, "fano"), (PLACED, ""), (ODDS, "")]
    assert [f.name for f in unknown_flows(with_inflow(FANO, 0.0))] == [PLACED, ODDS]
    never = changed(FANO, children={"placed_after_assessment": 0})
    assert [f.name for f in unknown_flows(never)] == [INFLOW, ODDS]


def test_factors_act_on_their_flows_within_what_is_possible() -> None:
    flows = (Flow(INFLOW, -1, 1, "fano"), Flow(PLACED, -1, 9), Flow(ODDS, -1, 1))
    found = multiplied(FANO, flows, np.log([2.0, 1000.0, 0.5]))
    assert found.districts[0].inflow == pytest.approx(2 * FANO.districts[0].inflow)
    c = found.children
    assert c.placed_after_assessment == pytest.approx(1 - c.closed_after_assessment)
    before, after = (np.array(s.children.entry_share["residential_care"]) for s in (FANO, found))
    assert after / (1 - after) == pytest.approx(0.5 * before / (1 - before))


def test_rounded_flows_are_a_sound_scenario() -> None:
    """Shares of entries are rounded down, so that they do not sum to more than 1."""
    thirds = {"own_room": [0, 0, 0, 2 / 3], "residential_care": [0.1, 0.1, 0.1, 1 / 3]}
    s = rounded(with_flows(changed(FANO, children={"entry_share": thirds}), [12.3456], 0.123456, 1.0))
    assert (s.districts[0].inflow, s.children.placed_after_assessment) == (12.3, 0.123)
    assert s.children.entry_share["own_room"][3] == 0.6666
    assert Scenario.model_validate(s.model_dump()) == s


# --- counts hold ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fano() -> Settled:
    """Fanø, settled from an inflow some three times too high."""
    return settle(with_inflow(FANO, 120.0))


def test_counts_hold_after_settling_fano_from_a_wrong_inflow(fano: Settled) -> None:
    """Counted here from the ledgers: same seed and as many histories, so the means are the same."""
    assert fano.holds
    assert why_not(fano) == ""
    longer = fano.scenario.model_copy(update={"months": 60})
    book = Ledger(ledgers(longer, seed=1, replicates=fano.replicates)[:, 12:], FANO.staircase)
    for group, today in ((at_home, 25), (in_care, 32), (residential, 9)):
        assert book.over("n_", group).mean() == pytest.approx(today, rel=CLOSE)


def test_counts_hold_for_other_luck_as_far_as_chance_allows(fano: Settled) -> None:
    """Error rate 2e-4: 4 standard errors of the difference between 800 other histories and those that
    the counts hold in, beside what counts as held.
    """
    longer = fano.scenario.model_copy(update={"months": 60})
    book = Ledger(ledgers(longer, seed=2, replicates=800)[:, 12:], FANO.staircase)
    for group, today in ((at_home, 25), (in_care, 32), (residential, 9)):
        each = book.over("n_", group).mean(axis=1)
        error = each.std(ddof=1) * np.sqrt(1 / 800 + 1 / fano.replicates)
        assert abs(each.mean() - today) < CLOSE * today + 4 * error


def test_settling_is_the_same_every_time(fano: Settled) -> None:
    assert settle(with_inflow(FANO, 120.0)).scenario == fano.scenario


def test_flows_that_hold_are_kept(fano: Settled) -> None:
    again = settle(fano.scenario)
    if max(map(abs, fano.off.values())) <= CLOSE / 2:
        assert again.started_right
        assert again.scenario == fano.scenario
    assert again.holds


def test_what_holds_is_told_by_count_and_by_stair(fano: Settled) -> None:
    assert fano.today == {"helped at home, fano": 25, "in care": 32, "in residential care": 9}
    assert fano.stairs["foster_care"][0] == 18
    stairs = ("own_room", "network_care", "foster_care", "residential_care")
    assert sum(fano.stairs[key][1] for key in stairs) == pytest.approx(fano.mean["in care"])


def test_all_care_residential_is_one_count() -> None:
    """Adults without the word residential on a stair: in care and in residential care are the same."""
    adults = find_scenario("adults")
    unsaid = [{**s.model_dump(), "residential": False} for s in adults.staircase]
    found = settle(Scenario.model_validate({**adults.model_dump(), "staircase": unsaid}))
    assert set(found.today) == {"helped at home, all", "in care"}
    assert found.holds


def test_posts_that_open_later_do_not_change_the_flows() -> None:
    """The counts are today's; what a post of next year does to them is its effect, no flow of today."""
    later = LaterPost(fte=1.0, begins=date(2016, 6, 1))
    posts = FANO.districts[0].model_copy(update={"later_posts": (later,)})
    found, without = settle(FANO.model_copy(update={"districts": (posts,)})), settle(FANO)
    assert found.scenario.districts[0].inflow == without.scenario.districts[0].inflow
    assert found.scenario.children == without.scenario.children
    assert found.mean == without.mean


def test_progress_is_told(fano: Settled) -> None:
    seen: list[tuple[int, int]] = []
    settle(with_inflow(FANO, 60.0), progress=lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, STEPS)
    assert seen[-1] == (STEPS, STEPS)
    assert seen == sorted(seen)


# --- where they cannot ----------------------------------------------------------------------------


def test_too_many_crises_for_the_counts_are_named_as_the_reason() -> None:
    """With crises ten times as frequent at home, far more enter care than leave it."""
    stormy = changed(FANO, children={"crisis_rate": {"preventive": 0.5}})
    found = settle(stormy)
    assert not found.holds
    said = why_not(found)
    assert said.startswith("Fanø: today's counts cannot all be held: ")
    assert "above today's" in said
    assert "Hardly any children enter care after an assessment" in said


def test_nobody_counted_leaves_nothing_to_settle() -> None:
    with pytest.raises(ValueError, match=r"nobody helped at home or in care.*\[districts.start\]"):
        settle(scenario(districts=district(start={"assessment": 3})))


def test_nobody_helped_at_home_is_no_reason_not_to_hold_care() -> None:
    """The closed form has no balance; the search goes on from the scenario's own flows."""
    s = scenario(districts=district(inflow=6.0, start={"foster_care": 10, "residential_care": 6}))
    found = settle(s)
    assert set(found.today) == {"in care", "in residential care"}
    assert [f.name for f in unknown_flows(s)] == [PLACED, ODDS]
    assert found.holds or why_not(found)


# --- in words and as TOML -------------------------------------------------------------------------


def test_the_lines_are_toml_and_carry_the_flows(fano: Settled) -> None:
    tables = tomllib.loads(as_toml(fano))
    s = fano.scenario
    assert tables["districts"] == [{"name": "fano", "inflow": s.districts[0].inflow}]
    assert tables["children"]["placed_after_assessment"] == s.children.placed_after_assessment
    assert {k: tuple(v) for k, v in tables["children"]["entry_share"].items()} == s.children.entry_share


def test_pasted_into_the_file_the_lines_give_the_settled_scenario(fano: Settled, tmp_path: Path) -> None:
    tables = tomllib.loads(as_toml(fano))
    path = tmp_path / "fano.toml"
    text = shipped_text("fano").replace("inflow = ", f"inflow = {tables['districts'][0]['inflow']} # ", 1)
    path.write_text(text, "utf-8")
    read = read_scenario(path).model_dump()
    pasted = Scenario.model_validate(merged(read, {"children": tables["children"]}))
    assert pasted == fano.scenario


def test_the_lines_say_how_far_each_count_is_off(fano: Settled) -> None:
    said = as_toml(fano)
    assert f"# Today -> mean of months 13 to 60 without a policy, {fano.replicates} histories" in said
    for name, off in fano.off.items():
        line = next(x for x in said.splitlines() if x.startswith(f"#   {name}"))
        assert line.endswith(f"{100 * off:+.1f} %")
    assert "#   foster_care" in said


@pytest.fixture
def trappe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Trappe:
    """The command, in an empty folder."""
    return command_in(monkeypatch, capsys, tmp_path)


def test_the_command_prints_lines_to_paste(trappe: Trappe, fano: Settled) -> None:
    Path("mine.toml").write_text(shipped_text("fano").replace("inflow = 31 ", "inflow = 120 "), "utf-8")
    code, out, err = trappe("settle", "mine.toml")
    assert (code, out) == (0, as_toml(fano))
    assert "cannot" not in err


def test_the_command_says_where_nobody_is_helped(trappe: Trappe) -> None:
    start = "start = { assessment = 2 }"
    Path("empty.toml").write_text(
        'name = "empty"\nstart = 2016-01-01\nmonths = 12\nprice_year = 2019\n[[districts]]\n'
        f"inflow = 5\ncaseworkers = [1.0]\nplaces = {{ foster_care = 1 }}\n{start}\n",
        "utf-8",
    )
    code, out, err = trappe("settle", "empty.toml")
    assert (code, out) == (2, "")
    assert "nobody helped at home or in care" in err
    assert "Traceback" not in err


def test_the_command_ends_with_1_where_counts_cannot_be_held(trappe: Trappe) -> None:
    text = shipped_text("fano") + "\n[children.crisis_rate]\npreventive = 0.5\n"
    Path("stormy.toml").write_text(text, "utf-8")
    code, out, err = trappe("settle", "stormy.toml")
    assert code == 1
    assert "cannot all be held" in out.splitlines()[0]
    assert "Hardly any children" in err
    assert tomllib.loads(out)["districts"][0]["name"] == "fano"
