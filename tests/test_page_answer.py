"""The answer of the page is that of `trappe compare`; where nothing works, it is the salaries."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from boards import DRAWS, live, small_board

from experiments import compare
from experiments.draws import at_draw, draws
from experiments.page.answer import Answer
from experiments.page.live import Live, OutdatedError
from experiments.page.saving import as_toml
from experiments.page.state import OWN, Board, board, moved, policy_of, without_effect
from experiments.runner import BLOCK
from simulation.ledger import column_names
from simulation.reading import find_scenario
from simulation.replicates import ledgers
from simulation.tables import build_tables


@pytest.fixture(scope="module")
def of() -> Board:
    return small_board()


@pytest.fixture(scope="module")
def answers(of: Board) -> Live:
    return live(of)


def test_a_saved_position_gives_the_same_kroner_in_compare(tmp_path: Path) -> None:
    fano = Live(sliders := board(find_scenario("fano")), draws_=DRAWS)
    chosen = moved(sliders.start, sliders.slider("extra_fte"), 1)
    chosen = moved(chosen, sliders.slider("months"), 1)
    answer = fano.answer(chosen, whole=True)
    file = tmp_path / "fano-own.toml"
    file.write_text(as_toml(chosen, sliders, "fano", "Eget forslag"), "utf-8")
    study = compare(file, [OWN], replicates=answer.histories, draws=DRAWS)
    total = study.cumulated_saving(OWN)[:, -1]
    assert answer.histories == BLOCK * DRAWS
    assert answer.total == pytest.approx((total.mean(), *np.quantile(total, [0.05, 0.95])), rel=1e-12)
    assert answer.p_paid == 1 - np.isnan(study.break_even_month(OWN)).mean()
    stairs = study.arms[OWN].stairs[:, -12:].mean(axis=(0, 1))
    np.testing.assert_array_equal(answer.after, stairs)


def test_the_quick_answer_is_the_first_history_of_each_draw(of: Board, answers: Live) -> None:
    quick, whole = (answers.as_today(of.start, each) for each in (1, BLOCK))
    np.testing.assert_array_equal(quick.net, whole.net[::BLOCK])
    np.testing.assert_array_equal(quick.stairs, whole.stairs[::BLOCK])
    assert answers.answer(of.start).histories == DRAWS


def test_without_effect_the_curve_is_flat_but_for_salaries(of: Board, answers: Live) -> None:
    null = without_effect(of.start)
    answer = answers.answer(null)
    before, after = (build_tables(of.scenario, p).months for p in (None, policy_of(null, of)))
    paid = np.cumsum(after["staff_cost"] + after["one_off"] - before["staff_cost"])
    assert paid[-1] > 1e5
    for curve in (answer.mean, answer.low, answer.high):
        np.testing.assert_allclose(curve, [0.0, *-paid], rtol=0, atol=1e-3)
    np.testing.assert_array_equal(answer.after, answer.as_today)
    assert answer.is_certain
    assert np.isnan(answer.month) and answer.p_paid == 0.0


def test_with_effect_histories_differ(of: Board, answers: Live) -> None:
    answer = answers.answer(of.start)
    assert not answer.is_certain
    _in_order(answer)
    assert not np.array_equal(answer.after, answer.as_today)


def _in_order(answer: Answer) -> None:
    bands = np.array([answer.low, answer.lower, answer.upper, answer.high])
    assert (np.diff(bands, axis=0) >= 0).all()
    assert bands.shape[1] == answer.chosen.months + 1
    assert not bands[:, 0].any()


def test_a_policy_that_changes_nothing_saves_nothing() -> None:
    sliders = small_board(policies={"proposal": {"capacity": {"extra_fte": [1.0], "start_cost": 0}}})
    answer = live(sliders).answer(moved(sliders.start, sliders.slider("extra_fte"), 0))
    assert answer.total == (0.0, 0.0, 0.0)


def test_another_horizon_is_another_length(of: Board, answers: Live) -> None:
    slider = of.slider("months")
    chosen = moved(of.start, slider, 0)
    answer = answers.answer(chosen)
    assert len(answer.mean) == 13
    np.testing.assert_array_equal(answer.today, answers.answer(of.start).today)


def test_what_nobody_wants_any_more_is_given_up(of: Board) -> None:
    with pytest.raises(OutdatedError):
        live(of).answer(of.start, wanted=lambda: False)


def test_a_shorter_horizon_is_the_beginning_of_a_longer_one(of: Board) -> None:
    """And so it is kept: it can be had when nothing may be worked out any more."""
    longer, shorter = of.start, moved(of.start, of.slider("months"), 0)
    assert shorter.months < longer.months
    after_longer = live(of)
    after_longer.answer(longer)
    _same(after_longer.answer(shorter, wanted=lambda: False), live(of).answer(shorter))


def test_a_step_of_a_slider_is_worked_out_ahead(of: Board) -> None:
    slider = of.slider("orientation")
    next_one = moved(of.start, slider, slider.position(of.start.orientation) + 1)
    ahead = live(of)
    ahead.ahead(of.start, [slider], wanted=lambda: True)
    _same(ahead.answer(next_one, wanted=lambda: False), live(of).answer(next_one))
    with pytest.raises(OutdatedError):
        ahead.answer(moved(of.start, of.slider("interval"), 0), wanted=lambda: False)


def test_districts_that_the_policy_does_not_reach_are_in_the_answer() -> None:
    """Herning's other districts are worked out once, and give the same as all districts together."""
    herning = board(find_scenario("herning"))
    answer = live(herning).answer(herning.start)
    at = [at_draw(herning.scenario, draw) for draw in draws(DRAWS, herning.scenario)]
    for policy, stairs in ((None, answer.as_today), (herning.policy_name, answer.after)):
        books = [
            ledgers(s, s.policy(policy) if policy else None, first=BLOCK * i, replicates=1)[0, -12:]
            for i, s in enumerate(at)
        ]
        first = column_names(herning.scenario.staircase).index("n_" + herning.scenario.staircase.keys[0])
        counted = np.mean(books, axis=(0, 1))[first : first + len(stairs)]
        np.testing.assert_allclose(stairs, counted, rtol=1e-12)


def _same(one: Answer, other: Answer) -> None:
    for field in fields(Answer):
        np.testing.assert_equal(getattr(one, field.name), getattr(other, field.name))
