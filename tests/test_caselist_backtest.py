"""Back-tests know nothing of what came later, score what came, and show no single child."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.caselist import table
from experiments.caselist.backtest import MARKOV, NO_CHANGE, OURS, back_tests, first_complete
from experiments.caselist.backtest_page import HIDDEN, TOTAL, backtest_lines, backtest_rows
from experiments.caselist.counts import Cells
from experiments.caselist.national import in_care, listed, national_rates
from experiments.caselist.spells import OPEN, Spells
from experiments.caselist.standing import day_after, standing
from experiments.caselist.synthetic import history, typical
from simulation.staircase import DEFAULT_STAIRCASE


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def chosen(spells: Spells, kept: np.ndarray) -> Spells:
    """Return some of the spells."""
    return replace(
        spells,
        child=spells.child[kept],
        stair=spells.stair[kept],
        start=spells.start[kept],
        end=spells.end[kept],
    )


def test_no_change_scores_the_difference_of_two_days() -> None:
    spells = history(1).spells
    made = back_tests(spells, typical(), 3.0, generator(0), draws=50).made
    wanted = [(a, m) for a in (1.0, 3.0) for m in (OURS, MARKOV, NO_CHANGE)]
    assert [(t.ahead, t.method) for t in made] == wanted
    for t in (t for t in made if t.method == NO_CHANGE):
        then = standing(spells, day_after(spells.until, -t.ahead)).per_stair(4)
        now = standing(spells, spells.until).per_stair(4)
        assert (t.error[:4] == then - now).all() and t.error[4] == t.error[:4].sum()


@pytest.mark.parametrize("ahead", [1.0, 3.0])
def test_what_came_later_does_not_change_the_forecast(ahead: float) -> None:
    spells = history(1).spells
    day = day_after(spells.until, -ahead)
    stopped = chosen(spells, spells.start < day)  # nobody comes, nobody leaves any more
    stopped = replace(stopped, end=np.where(stopped.end >= day, OPEN, stopped.end))
    begin = spells.start.min()
    a, b = (
        back_tests(x, typical(), 3.0, generator(5), (ahead,), 50, complete_from=begin).made[0]
        for x in (spells, stopped)
    )
    assert a.method == OURS and (a.forecast == b.forecast).all() and (a.low == b.low).all()
    assert (a.came != b.came).any()


def test_a_list_that_is_too_short_says_so() -> None:
    """Exits of the last 2.5 years, with old starts: a window of 1 year reaches 1 year back, not 3."""
    spells = history(1).spells
    since = day_after(spells.until, -2.5)
    short = chosen(spells, np.isnat(spells.end) | (spells.end >= since))
    assert short.start.min() < day_after(spells.until, -7.0)
    assert abs(first_complete(short) - since) < np.timedelta64(30, "D")
    found = back_tests(short, typical(), 1.0, generator(0), draws=20)
    assert {t.ahead for t in found.made} == {1.0}
    assert [s.ahead for s in found.skipped] == [3.0]
    assert "too short" in found.skipped[0].why and str(first_complete(short)) in found.skipped[0].why
    told = back_tests(short, typical(), 1.0, generator(0), draws=20, complete_from=short.until)
    assert not told.made and len(told.skipped) == 2
    assert backtest_lines(told) == [s.why for s in told.skipped]


def test_nothing_has_ended() -> None:
    spells = history(1).spells
    still = chosen(spells, np.isnat(spells.end))
    assert first_complete(still) == still.until
    empty = chosen(spells, np.zeros(len(spells), bool))
    assert not back_tests(empty, typical(), 1.0, generator(0)).made


@pytest.mark.slow
def test_the_benchmark_runs() -> None:
    shown = table("trend", range(1))
    assert [c for c in shown.columns[0].cells][:2] == ["floor", "no change"]
    assert len(shown.columns) == 10


def with_help() -> Spells:
    """Return a history whose list also has help at home: 200 children, and a few in a rare stair."""
    spells = history(1, children=60.0).spells
    keys = [k for k in DEFAULT_STAIRCASE.keys if k != "undetected"]
    stair = np.array([keys.index(k) for k in spells.stairs])[spells.stair]
    n, first = 200, spells.child.max() + 1
    start = np.repeat(spells.until - 3650, n)
    return Spells(
        tuple(keys), np.append(spells.child, first + np.arange(n)),
        np.append(stair, np.full(n, keys.index("preventive"))), np.append(spells.start, start),
        np.append(spells.end, np.full(n, OPEN)), np.append(spells.birth, start - 100), spells.until,
    )  # fmt: skip


def test_the_total_is_of_children_in_care() -> None:
    spells = listed(with_help(), DEFAULT_STAIRCASE)
    assert spells.stairs[0] == "preventive"
    prior = national_rates(DEFAULT_STAIRCASE, Cells(), spells.stairs, 60.0)
    care = in_care(DEFAULT_STAIRCASE, spells.stairs)
    found = back_tests(spells, prior, 3.0, generator(2), draws=50, in_care=care)
    now = standing(spells, spells.until).per_stair(5)
    for t in found.made:
        assert t.came[-1] == now[1:].sum() < now.sum()
        assert t.forecast[-1] == pytest.approx(t.forecast[1:-1].sum())


def test_small_counts_are_hidden_with_one_that_gives_them_away() -> None:
    """With one stair under 5 two are hidden at least; all is shown inside the municipality."""
    spells = listed(with_help(), DEFAULT_STAIRCASE)
    prior = national_rates(DEFAULT_STAIRCASE, Cells(), spells.stairs, 60.0)
    care = in_care(DEFAULT_STAIRCASE, spells.stairs)
    few = np.flatnonzero(spells.stair == 1)
    spells = chosen(spells, np.setdiff1d(np.arange(len(spells)), few))  # nobody in own rooms ...
    lone = np.flatnonzero(np.isnat(spells.end) & (spells.stair == 2))[0]
    spells.stair[lone] = 1  # ... but one child
    found = back_tests(spells, prior, 3.0, generator(2), draws=50, in_care=care)
    rows = backtest_rows(found)
    assert len(rows) == len(found.made) * 6
    blank = {r["stair"] for r in rows if r["came"] == "" and r["years_ahead"] == 1.0}
    assert "own_room" in blank and len(blank) >= 2
    for r in rows:
        assert r["came"] == "" or not 0 < r["came"] < 5
        if r["came"] == "":
            assert {r[k] for k in ("forecast", "low", "high", "error", "covered")} == {""}
    assert all(r["came"] != "" for r in backtest_rows(found, internal=True))
    text = backtest_lines(found, labels={"own_room": "Eget værelse"})
    hidden_line = next(line for line in text if "Eget" in line)
    assert hidden_line.split()[2:] == [HIDDEN] * 4
    assert any(TOTAL in line for line in text)
    assert not any(HIDDEN in line for line in backtest_lines(found, internal=True))
