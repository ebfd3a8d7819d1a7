"""Back-tests know nothing of what came later, and score what came."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from experiments.caselist.backtest import NO_CHANGE, OURS, back_tests
from experiments.caselist.standing import day_after, standing
from experiments.caselist.synthetic import history, typical


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def test_no_change_scores_the_difference_of_two_days() -> None:
    spells = history(1).spells
    tests = [
        t for t in back_tests(spells, typical(), 3.0, generator(0), draws=50) if t.method == NO_CHANGE
    ]
    assert [t.ahead for t in tests] == [1.0, 3.0]
    for t in tests:
        then = standing(spells, day_after(spells.until, -t.ahead)).per_stair(4)
        now = standing(spells, spells.until).per_stair(4)
        assert (t.error[:4] == then - now).all() and t.error[4] == t.error[:4].sum()


@pytest.mark.parametrize("ahead", [1.0, 3.0])
def test_what_came_later_does_not_change_the_forecast(ahead: float) -> None:
    spells = history(1).spells
    day = day_after(spells.until, -ahead)
    kept = spells.start < day  # nobody comes, nobody leaves any more
    stopped = replace(
        spells,
        child=spells.child[kept],
        stair=spells.stair[kept],
        start=spells.start[kept],
        end=np.where(spells.end[kept] >= day, np.datetime64("NaT"), spells.end[kept]),
    )
    a, b = (back_tests(x, typical(), 3.0, generator(5), (ahead,), 50)[0] for x in (spells, stopped))
    assert a.method == OURS and (a.forecast == b.forecast).all() and (a.low == b.low).all()
    assert (a.came != b.came).any()


def test_a_short_list_is_not_tested_from_before_its_window() -> None:
    spells = history(1).spells
    late = spells.start >= day_after(spells.until, -2.5)
    short = replace(
        spells,
        child=spells.child[late],
        stair=spells.stair[late],
        start=spells.start[late],
        end=spells.end[late],
    )
    assert {t.ahead for t in back_tests(short, typical(), 1.0, generator(0), draws=20)} == {1.0}
