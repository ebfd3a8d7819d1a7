"""Work done by hand: follow-up intervals, caseload, turnover, changes of caseworker."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import FIXED
from test_caselist_readiness import DAY, case_list, days

from experiments.caselist.reading_extras import Cases, FollowUps, Workers
from experiments.caselist.work_done import (
    Counted,
    caseloads,
    changes_of_worker,
    intervals,
    median,
    quarter_ends,
    spell_of,
    turnover,
    work_done,
)

EARLY = DAY - np.timedelta64(5000, "D")


def workers(*rows: tuple[int, float, int, int | None]) -> Workers:
    number, fte, start, end = zip(*rows, strict=True)
    return Workers(np.array(number), np.array(fte), days(list(start)), days(list(end)))


# --- intervals -----------------------------------------------------------------------------------------


def test_the_median_without_cuts_is_the_middle() -> None:
    months = np.array([1.0, 2.0, 3.0, 4.0, 9.0])
    assert median(months, np.ones(5, bool)) == 3.0


def test_what_was_cut_short_counts_as_longer() -> None:
    """Kaplan and Meier by hand: 6 at risk, one ends at 2, one cut at 3, of 4 two end at 5: 5/6 x 1/2."""
    months = np.array([2.0, 3.0, 5.0, 5.0, 7.0, 7.0])
    ended = np.array([True, False, True, True, True, False])
    assert median(months, ended) == 5.0
    assert median(months, np.array([True, False, True, False, True, False])) == 7.0
    assert np.isnan(median(months, np.array([True, False, False, False, False, False])))
    assert np.isnan(median(months, np.zeros(6, bool)))


@FIXED
@given(st.lists(st.tuples(st.integers(1, 20), st.booleans()), min_size=1, max_size=30))
def test_cutting_a_gap_never_shortens_the_median(gaps: list[tuple[int, bool]]) -> None:
    months = np.array([float(m) for m, _ in gaps])
    ended = np.array([e for _, e in gaps])
    whole, cut = median(months, np.ones(len(gaps), bool)), median(months, ended)
    assert np.isnan(cut) or cut >= whole


def test_intervals_by_hand() -> None:
    """First ones 91 days (twice) and one still open; later ones 61 and 122 days, two open, one cut."""
    rows: list[tuple[int, str, int, int | None]] = [
        (0, "foster_care", 0, None), (1, "foster_care", 10, None), (2, "foster_care", 300, None),
    ]  # fmt: skip
    held = [(0, 91), (0, 152), (1, 101), (1, 223)]
    cases = case_list([*rows, (3, "foster_care", -400, -290)], [*held, (3, -300)], until=360)
    assert cases.follow_ups is not None
    first, later = intervals(cases.spells, cases.follow_ups, EARLY)
    assert (first.stair, first.first, later.first) == ("foster_care", True, False)
    assert (first.held, first.cut, later.held, later.cut) == (2, 1, 2, 3)
    assert first.median == pytest.approx(91 * 12 / 365.25)
    assert later.median == pytest.approx(122 * 12 / 365.25)


def test_due_dates_kept_and_missed() -> None:
    cases = case_list([(0, "foster_care", 0, None)], [], until=400)
    held = FollowUps(
        np.zeros(4, np.int64), days([90, 180, 270, 420]), days([88, 200, None, None])
    )  # in time, late, missed, not due yet
    found = intervals(cases.spells, held, EARLY)
    first, later = found
    assert (first.due, first.in_time) == (0, 0)  # came before the first one that was recorded
    assert (later.due, later.in_time) == (3, 1) or (first.due + later.due) == 3
    assert first.in_time + later.in_time == 1


def test_a_follow_up_on_the_day_of_a_move_belongs_to_the_stair_that_was_left() -> None:
    rows: list[tuple[int, str, int, int | None]] = [
        (0, "residential_care", 0, 50), (0, "foster_care", 50, 90), (1, "foster_care", 0, None)
    ]  # fmt: skip
    spells = case_list(rows, []).spells
    at = days([0, 1, 50, 51, 90, 91, 1999, None])
    assert spell_of(spells, np.zeros(8, np.int64), at).tolist() == [-1, 0, 0, 1, 1, -1, -1, -1]
    assert spell_of(spells, np.array([1, 1]), days([0, 1999])).tolist() == [-1, 2]


def test_stairs_without_follow_ups_have_no_intervals() -> None:
    cases = case_list([(0, "foster_care", 0, None), (1, "preventive", 0, None)], [(0, 90), (0, 180)])
    assert {x.stair for x in work_done(replace(cases), 10.0).intervals or ()} <= {"foster_care"}


# --- caseworkers ---------------------------------------------------------------------------------------


def test_quarters_end_on_the_first_of_the_next_one() -> None:
    found = quarter_ends(np.datetime64("2021-02-10", "D"), 1.0)
    assert found.astype(str).tolist() == ["2020-04-01", "2020-07-01", "2020-10-01", "2021-01-01"]


def test_caseload_by_hand() -> None:
    rows: list[tuple[int, str, int, int | None]] = [(i, "foster_care", -900, None) for i in range(30)]
    cases = case_list(rows, [], until=200)
    staff = workers((1, 1.0, -900, None), (2, 0.5, 50, None))
    found = caseloads(cases, staff, 0.5)
    assert [(str(c.day), c.cases, c.fte) for c in found] == [
        ("2020-04-01", 30, 1.5), ("2020-07-01", 30, 1.5)
    ]  # fmt: skip
    assert found[-1].per_fte == 20.0
    listed = Cases(np.array([0, 0, 1]), np.array([1, 2, 1]), days([0, 50, 0]), days([50, None, None]))
    assert [c.cases for c in caseloads(replace(cases, cases=listed), staff, 0.5)] == [2, 2]


def test_before_caseworkers_were_recorded_there_is_no_caseload() -> None:
    cases = case_list([(0, "foster_care", -900, None)], [], until=400)
    assert len(caseloads(cases, workers((1, 1.0, 300, None)), 3.0)) == 1


def test_who_goes_on_with_another_share_did_not_leave() -> None:
    staff = workers((1, 1.0, 0, 100), (1, 0.5, 110, None), (2, 1.0, 0, 200), (3, 1.0, 0, None),
                    (4, 1.0, 0, 90), (4, 1.0, 300, None))  # fmt: skip
    found = turnover(staff, DAY, DAY + np.timedelta64(365, "D"))
    assert found.events == 2  # 2, and 4 who came back much later
    assert found.years == pytest.approx((100 + 255 + 200 + 365 + 90 + 65) / 365.25)


def test_changes_of_caseworker() -> None:
    listed = Cases(
        np.array([0, 0, 0, 1, 1]), np.array([1, 2, 2, 1, 3]), days([0, 100, 200, 0, 400]),
        days([100, 200, None, 100, None]),
    )  # fmt: skip
    child, day = changes_of_worker(listed, DAY + np.timedelta64(700, "D"))
    assert child.tolist() == [0] and day.tolist() == days([100]).tolist()  # 300 days on: a new case


def test_the_interval_of_a_rate_is_jeffreys() -> None:
    low, high = Counted(4, 10.0).interval
    assert low < 0.4 < high and Counted(0, 10.0).interval[0] > 0.0
    assert np.isnan(Counted(0, 0.0).rate) and Counted(0, 0.0).interval == (0.0, float("inf"))


def test_missing_files_are_none() -> None:
    cases = replace(case_list([(0, "foster_care", 0, None)], []), follow_ups=None)
    found = work_done(cases)
    assert found.intervals is found.caseload is found.turnover is found.handovers is None
    assert found.cases_per_fte is None
    with pytest.raises(ValueError, match="window = -1 years"):
        work_done(cases, -1.0)
