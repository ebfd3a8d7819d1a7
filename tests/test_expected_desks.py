"""What waits on caseworkers' desks, in expectation: nothing is lost when caseworkers leave and come."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.expected.desks import (
    EXPERIENCED,
    LOADS,
    NEWCOMER,
    QUARTERS,
    QUEUE,
    first_desks,
    let_come,
    let_leave,
)
from simulation.expected.newest import CASES, UNDONE, undone_among_newest


def desks_of(most: int, in_post: int, assessments: float) -> np.ndarray:
    """Return desks on which so many assessments wait, `in_post` of at most `most` being in post."""
    desks = np.zeros((most + 1, 2, LOADS, QUEUE))
    first_desks(desks, in_post, assessments)
    return desks


def units(desks: np.ndarray) -> float:
    """Return the units on desks [..., units]."""
    return float((desks * np.arange(desks.shape[-1])).sum())


def test_the_first_day_puts_as_many_on_the_desks_as_there_are() -> None:
    desks = desks_of(3, 3, 6.0)
    assert desks[3].sum() == pytest.approx(3.0)
    assert units(desks) / QUARTERS == pytest.approx(6.0, rel=1e-4)


@pytest.mark.parametrize(("n", "leave"), [(3, 1), (3, 2), (2, 2), (1, 1)])
def test_who_leaves_leaves_the_work_to_the_others(n: int, leave: int) -> None:
    desks = desks_of(3, n, 6.0)
    after = np.zeros(desks[n].shape)
    let_leave(desks[n], after, n, leave, 1.0)
    assert after.sum() == pytest.approx(max(1, n - leave))
    assert units(after) == pytest.approx(units(desks))
    assert after[NEWCOMER].sum() == 0.0


@pytest.mark.parametrize(("n", "come", "moved"), [(2, 1, 0.5), (3, 2, 0.8), (0, 1, 1.0), (2, 0, 0.0)])
def test_who_comes_takes_work_over_from_the_others(n: int, come: int, moved: float) -> None:
    desks = desks_of(5, n, 4.0)
    after = np.zeros(desks[n].shape)
    let_come(desks[n], after, n, come, moved, 1.0)
    assert units(after) == pytest.approx(units(desks))
    assert after[NEWCOMER].sum() == pytest.approx(come)
    assert units(after[NEWCOMER]) == pytest.approx(moved * units(desks), rel=1e-6)
    assert after[EXPERIENCED].sum() == pytest.approx(n)


def test_the_newest_cases_are_those_that_came_last() -> None:
    """Ten cases of the first day with 2 assessments, then five cases a month with 3 each month."""
    by_arrival = np.zeros((3, 3))
    by_arrival[CASES] = 10, 5, 5
    by_arrival[UNDONE] = 2, 3, 3
    assert undone_among_newest(by_arrival, 5.0) == pytest.approx(3 / 8)
    assert undone_among_newest(by_arrival, 7.5) == pytest.approx(4.5 / 8)
    assert undone_among_newest(by_arrival, 15.0) == pytest.approx(7 / 8)
    assert undone_among_newest(by_arrival, 99.0) == 1.0
    assert undone_among_newest(np.zeros((3, 3)), 5.0) == 0.0
