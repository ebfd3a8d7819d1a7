"""The report's sentences that hold for some findings only: each is told where it is so, only there."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from reports import DAY, in_language, small_findings

from experiments.report import doubt, proposal, sentences
from experiments.report.doubt import Bar
from experiments.report.note import Column, Number, Table
from experiments.report.rounding import differ_as_shown, rounded_apart
from experiments.report.saying import Saying
from experiments.unknowns import unknowns
from simulation.parameters import sources
from simulation.reading import find_scenario


def saying(name: str = "fano", policy: str = "swedish_model") -> Saying:
    return Saying(find_scenario(name), policy, "en")


@pytest.mark.parametrize(
    ("null", "perverse", "explained"),
    [(-5.0, -3.0, True), (-5.0, -7.0, False), (-5.0, 1.0, False), (0.0, -3.0, False)],
)
def test_a_bad_world_that_costs_less_than_nothing_working_is_explained(
    null: float, perverse: float, explained: bool
) -> None:
    worlds = {"null": null * 1e6, "perverse": perverse * 1e6}
    causes = SimpleNamespace(
        world=lambda world, _: np.array([worlds[world]]), question=SimpleNamespace(worlds=tuple(worlds))
    )
    say = saying()
    told = sentences._bad_worlds(SimpleNamespace(causes=causes), say)  # type: ignore[arg-type]
    assert (say("causes.perverse_less") in told) is explained


@pytest.mark.parametrize(
    ("placement_cost", "care", "residential", "told"),
    [
        (-1e6, 2.0, -9.0, True),
        (1e6, 2.0, -9.0, False),
        (-1e6, -2.0, -9.0, False),
        (-1e6, 2.0, 9.0, False),
    ],
)
def test_placements_that_save_though_months_in_care_rise_are_explained(
    placement_cost: float, care: float, residential: float, told: bool
) -> None:
    more = {"placement_cost": placement_cost, "care_months": care, "residential_months": residential}

    def outcome(name: str, arm: str) -> Any:
        return np.array([[100.0 + (more[name] if arm == "swedish_model" else 0.0)]])

    say = saying()
    found: Any = SimpleNamespace(
        study=SimpleNamespace(outcome=outcome), policy="swedish_model", scenario=say.scenario
    )
    assert sentences.cheaper_stairs(found, say) == (say("money.cheaper") if told else "")


def bar(name: str, at_low: float, at_high: float) -> Bar:
    [of] = [u for u in unknowns(find_scenario("fano"), "swedish_model") if u.name == name]
    return Bar(of, of.low, of.high, at_low, at_high, 0.0)


@pytest.mark.parametrize(
    ("name", "at_low", "at_high", "told"),
    [
        ("work.assessment_hours", 1e6, -1e6, True), ("work.follow_up_hours", 1e6, -1e6, True),
        ("work.reactive_hours", 1e6, -1e6, True), ("work.assessment_hours", 2e6, 1e6, False),
        ("work.assessment_hours", -1e6, 1e6, False), ("children.detection_rate", 1e6, -1e6, False),
    ],
)  # fmt: skip
def test_hours_that_turn_the_saving_are_explained(
    name: str, at_low: float, at_high: float, told: bool
) -> None:
    say = saying()
    first = bar(name, at_low, at_high)
    second = bar("work.assessment_hours", 1e6, -1e6)
    assert doubt.hours([first, second], say) == (say("doubt.hours") if told else "")


@pytest.mark.parametrize(
    ("name", "load", "told"),
    [
        ("work.assessment_hours", 68.0, True), ("work.assessment_hours", 47.0, False),
        ("children.detection_rate", 68.0, False),
    ],
)  # fmt: skip
def test_a_caseload_beyond_all_figures_is_said_beside_the_hours(
    name: str, load: float, told: bool
) -> None:
    found: Any = SimpleNamespace(study=SimpleNamespace(outcome=lambda _: np.array([[load, 1.0]])))
    said = doubt._beyond(found, [bar(name, 1e6, -1e6)], saying())
    assert said == (saying()("doubt.caseload", limit="47", caseload="68") if told else "")


def test_without_a_number_shown_nothing_is_said_of_hours() -> None:
    assert doubt.hours([], saying()) == ""


@pytest.mark.parametrize(
    ("written", "told"),
    [(date(2016, 1, 31), False), (date(2016, 2, 1), True), (date(2015, 12, 31), True), (DAY, True)],
)
def test_another_month_than_the_notes_is_said(written: date, told: bool) -> None:
    assert ("January 2016" in proposal.begins(saying(), written)) is told


def test_the_municipalitys_numbers_have_their_published_source_and_placeholders_none() -> None:
    assert sources()["fano_note_2015"].title in proposal.own_numbers(saying())
    adults = find_scenario("adults")
    assert proposal.own_numbers(Saying(adults, next(iter(adults.policies)), "en")) == ""


def test_the_box_says_both_directions_and_what_nothing_costs() -> None:
    from experiments.report.content import _in_short

    found = in_language(small_findings(), "en")
    say = Saying(found.scenario, found.policy, "en")
    pairs = dict(_in_short(found, say).pairs)
    ends = [found.study.outcome("n_in_care", arm)[:, -1].mean() for arm in ("swedish_model", "baseline")]
    assert pairs["Placed in all, last year"] == "{} instead of {}".format(
        *(say.plain(x, 1) for x in ends)
    )
    cost = -float(found.causes.world("null", "net_saving").mean())
    assert say.money(cost) in pairs["If nothing works"]


@pytest.mark.parametrize(
    ("parts", "whole", "told"), [((0.14, 0.14), 0.28, True), ((0.1, 0.2), 0.3, False)]
)
def test_parts_that_do_not_sum_as_shown_are_said_to_be_rounded(
    parts: tuple[float, ...], whole: float, told: bool
) -> None:
    rows = tuple(("x", "y", Number(1e6 * x, digits=1, scale=1e6)) for x in (*parts, whole, 9.0))
    table = Table("t", "t", (Column("a"), Column("b"), Column("c")), rows)
    assert bool(rounded_apart(table, saying(), len(parts))) is told


@pytest.mark.parametrize(
    ("before", "after", "told"), [(504.6, 399.4, True), (505.4, 399.4, False), (505.0, 399.0, False)]
)
def test_a_difference_that_is_not_that_of_the_numbers_shown_is_said_to_be_rounded(
    before: float, after: float, told: bool
) -> None:
    numbers = (Number(before), Number(after), Number(after - before))
    table = Table("t", "t", tuple(Column(x) for x in "abcd"), (("x", *numbers),))
    assert bool(differ_as_shown(table, saying())) is told


def test_a_scenarios_own_sources_are_told_as_they_stand() -> None:
    own = {"name": "my_own", "sources": {"districts.start": "the case list of January"}}
    scenario = find_scenario("fano").model_copy(update=own)
    told = proposal.own_numbers(Saying(scenario, "swedish_model", "en"))
    assert told.endswith("are from: the case list of January.")
