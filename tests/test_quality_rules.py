"""The rules of cleaning, each alone, and what holds of all of them together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from caselists import BIRTH, DAY_0, HOME, KNOWN, RESIDENTIAL, clean, row, times
from hypothesis import given
from hypothesis import strategies as st
from support import FIXED

from experiments.caselist import quality_rules as rules
from experiments.caselist.quality import Quality, hidden, total_hidden
from experiments.caselist.quality_cleaning import ORDER
from experiments.caselist.quality_page import account
from experiments.caselist.rows import LEFT_OUT, MISSING, OPEN_END, UNKNOWN, Known, Row
from experiments.csv_cells import neutral

GROWN_UP_WITHIN = DAY_0 - 6275
"""A birth whose 18th birthday lies among the days made up."""
EIGHTEEN = KNOWN.birthday(BIRTH) - DAY_0


def done(rule: rules.Rule, *rows: Row, known: Known = KNOWN) -> tuple[list, list[tuple[int, str]]]:
    """Return the times of the rows that a rule leaves, and its notes as row and reason."""
    left, notes = rule(list(rows), known)
    return times(left), [(note.row, note.reason.key) for note in notes]


def test_a_row_without_child_or_start_goes() -> None:
    assert done(rules.without_child, row(0, 0, child=-1), row(1, 0)) == (
        [(1, 0, None)],
        [(0, "no_child")],
    )
    assert done(rules.without_start, replace(row(0, 0), start=MISSING), row(1, 0)) == (
        [(1, 0, None)],
        [(0, "no_start")],
    )


def test_a_stair_that_is_none_goes_and_one_left_out_says_so() -> None:
    left, notes = done(
        rules.unknown_stairs, row(0, 0, stair=UNKNOWN), row(1, 0, stair=LEFT_OUT), row(2, 0)
    )
    assert left == [(2, 0, None)]
    assert notes == [(0, "unknown_stair"), (1, "stair_left_out")]


def test_a_child_has_the_birth_date_of_most_of_its_rows() -> None:
    rows = [row(0, 0, birth=BIRTH + 9), row(1, 10), row(2, 20), row(3, 30, birth=MISSING)]
    left, notes = rules.one_birth_date(rows, KNOWN)
    assert {r.birth for r in left} == {BIRTH}
    assert [(n.row, n.reason.key) for n in notes] == [(0, "birth_differs"), (3, "birth_added")]


def test_a_child_without_any_birth_date_goes_and_another_child_does_not_lend_it() -> None:
    left, notes = done(rules.one_birth_date, row(0, 0, birth=MISSING), row(1, 0, child=1))
    assert left == [(1, 0, None)]
    assert notes == [(0, "no_birth")]


def test_ends_before_starts() -> None:
    left, notes = done(rules.ends_before_starts, row(0, 5, 4), row(1, 5, 5), row(2, 5, 6), row(3, 5))
    assert left == [(2, 5, 6), (3, 5, None)]
    assert notes == [(0, "end_before_start"), (1, "lasts_no_day")]


def test_future_dates() -> None:
    until = KNOWN.until - DAY_0
    rows = [row(0, until), row(1, until - 1), row(2, 0, until + 1), row(3, 0, until)]
    left, notes = done(rules.future_dates, *rows)
    assert left == [(2, 0, None), (3, 0, until), (1, until - 1, None)]
    assert notes == [(0, "starts_later"), (2, "ends_later")]


def test_births_after_starts() -> None:
    rows = [
        row(0, -100, 50, birth=DAY_0),
        row(1, -281, 50, birth=DAY_0),
        row(2, -100, 0, birth=DAY_0),
        row(3, 0, 50, birth=DAY_0),
    ]
    left, notes = done(rules.births_after_starts, *rows)
    assert left == [(0, 0, 50), (3, 0, 50)]
    assert notes == [(0, "born_later"), (1, "born_far_later"), (2, "born_far_later")]


def test_a_birth_that_has_not_come_leaves_no_spell() -> None:
    until = KNOWN.until - DAY_0
    left, notes = done(rules.births_after_starts, row(0, until - 5, birth=KNOWN.until))
    assert (left, notes) == ([], [(0, "born_far_later")])


def test_over_the_leaving_age() -> None:
    known = replace(KNOWN, until=DAY_0 + EIGHTEEN + 500)
    rows = [row(0, 0), row(1, EIGHTEEN), row(2, 0, EIGHTEEN), row(3, 0, EIGHTEEN + 1)]
    left, notes = done(rules.over_the_leaving_age, *rows, known=known)
    assert left == [(0, 0, EIGHTEEN), (2, 0, EIGHTEEN), (3, 0, EIGHTEEN)]
    assert notes == [(1, "too_old"), (0, "grows_up"), (3, "grows_up")]


def test_a_birthday_that_has_not_come_cuts_nothing() -> None:
    assert done(rules.over_the_leaving_age, row(0, 0)) == ([(0, 0, None)], [])


def test_born_on_a_leap_day_is_grown_up_on_the_first_of_march() -> None:
    from datetime import date

    from experiments.caselist.rows import as_day

    assert KNOWN.birthday(as_day(date(2004, 2, 29))) == as_day(date(2022, 3, 1))


def test_duplicates_merge_into_the_first() -> None:
    rows = [row(0, 0, 9), row(1, 0, 9), row(2, 0, 9, place="b"), row(3, 0, 9, child=1)]
    left, notes = done(rules.duplicates, *rows)
    assert [x[0] for x in left] == [0, 2, 3]
    assert notes == [(1, "duplicate")]


def test_an_open_row_repeated_by_a_later_return_goes_into_the_one_that_ended() -> None:
    rows = [row(0, 0), row(1, 0, return_no=1), row(2, 0, 500, return_no=2)]
    left, notes = done(rules.repeated_by_later_returns, *rows)
    assert left == [(2, 0, 500)]
    assert notes == [(0, "repeated_open"), (1, "repeated_open")]


def test_an_open_row_and_an_ended_one_of_the_same_file_are_one() -> None:
    assert done(rules.repeated_by_later_returns, row(0, 0, 9), row(1, 0)) == (
        [(0, 0, 9)], [(1, "repeated_open")],
    )  # fmt: skip


def test_the_latest_return_has_the_last_word() -> None:
    left, notes = done(rules.repeated_by_later_returns, row(0, 0, 90), row(1, 0, 80, return_no=1))
    assert (left, notes) == ([(1, 0, 80)], [(0, "earlier_return")])


def test_different_ends_within_one_return_are_left_to_the_overlaps() -> None:
    assert done(rules.repeated_by_later_returns, row(0, 0, 90), row(1, 0, 80))[1] == []


@pytest.mark.parametrize(
    ("second", "one"),
    [
        (row(1, 10, 20, place="a"), True),
        (row(1, 10, 20, place="b"), False),
        (row(1, 10, 20, place="b", goes_on=True), True),
        (row(1, 11, 20, place="a"), False),
        (row(1, 10, 20, place="a", stair=RESIDENTIAL), False),
        (row(1, 5, 20, place=""), True),
        (row(1, 5, 20, place="b"), False),
    ],
)
def test_one_stay_in_several_rows(second: Row, one: bool) -> None:
    left, notes = done(rules.same_stay, row(0, 0, 10, place="a"), second)
    assert (len(left) == 1) is one
    assert notes == ([(1, "same_stay")] if one else [])
    if one:
        assert left == [(0, 0, 20)]


def test_a_row_within_a_longer_one_of_the_same_stay_does_not_shorten_it() -> None:
    left, notes = done(rules.same_stay, row(0, 0, 100), row(1, 30, 50))
    assert (left, notes) == ([(0, 0, 100)], [(1, "same_stay")])


def test_touching_rows_of_no_named_place_are_a_move() -> None:
    assert done(rules.same_stay, row(0, 0, 10), row(1, 10, 20)) == ([(0, 0, 10), (1, 10, 20)], [])


def test_a_row_nobody_ended_ends_where_the_next_of_its_kind_starts() -> None:
    rows = [row(0, 0), row(1, 30, 50, RESIDENTIAL), row(2, 50, 80)]
    left, notes = done(rules.not_closed, *rows)
    assert left == [(0, 0, 30), (1, 30, 50), (2, 50, 80)]
    assert notes == [(0, "not_closed")]


def test_help_at_home_does_not_end_an_open_placement() -> None:
    assert done(rules.not_closed, row(0, 0), row(1, 30, 50, HOME))[1] == []


def test_overlaps_cut_split_and_cover() -> None:
    care_within_help = [row(0, 0, 100, HOME), row(1, 30, 50)]
    left, notes = done(rules.overlaps, *care_within_help)
    assert left == [(0, 0, 30), (1, 30, 50), (0, 50, 100)]
    assert notes == [(0, "overlap_split")]
    help_within_care = [row(0, 0, 100), row(1, 30, 50, HOME), row(2, 90, 120, HOME)]
    left, notes = done(rules.overlaps, *help_within_care)
    assert left == [(0, 0, 100), (2, 100, 120)]
    assert sorted(notes) == [(1, "overlap_covered"), (2, "overlap_cut")]


def test_of_two_placements_the_later_start_has_the_days() -> None:
    left, notes = done(rules.overlaps, row(0, 0, 100), row(1, 60, 150, RESIDENTIAL))
    assert left == [(0, 0, 60), (1, 60, 150)]
    assert notes == [(0, "overlap_cut")]


def test_rows_of_other_children_do_not_overlap() -> None:
    assert done(rules.overlaps, row(0, 0, 100), row(1, 0, 100, child=1))[1] == []


days = st.one_of(st.integers(-3500, 1200), st.just(MISSING - DAY_0))
made_up = st.lists(
    st.builds(
        lambda child, stair, start, length, birth, place, goes_on, return_no: Row(
            0, child, stair, DAY_0 + start, OPEN_END if length is None else DAY_0 + start + length,
            birth, place, goes_on, return_no,
        ),
        child=st.integers(-1, 2),
        stair=st.integers(-2, 6),
        start=days,
        length=st.one_of(st.none(), st.integers(-5, 400)),
        birth=st.sampled_from([BIRTH, GROWN_UP_WITHIN, DAY_0 + 20, MISSING, BIRTH - 7000]),
        place=st.sampled_from(["", "a", "b"]),
        goes_on=st.booleans(),
        return_no=st.integers(0, 2),
    ),
    max_size=14,
).map(lambda rows: [replace(r, id=i) for i, r in enumerate(rows)])  # fmt: skip


@given(made_up)
@FIXED
def test_rows_in_are_rows_used_and_rows_explained(rows: list[Row]) -> None:
    cleaning = clean(*rows)
    q = cleaning.quality
    used = set(cleaning.row.tolist())
    gone = {i for i, reason in q.verdicts.items() if reason.fate in ("merged", "dropped")}
    assert used | gone == set(range(len(rows)))
    assert not used & gone
    assert q.used() == len(used)
    assert q.rows_in == q.rows_as_they_stand + sum(len(x) for x in q.by_reason.values())


@given(made_up)
@FIXED
def test_rows_used_as_they_stand_are_spells_as_they_stand(rows: list[Row]) -> None:
    cleaning = clean(*rows)
    merged_into = any(r.fate == "merged" for r in cleaning.quality.verdicts.values())
    for i, spell in enumerate(cleaning.row.tolist()):
        if spell in cleaning.quality.verdicts or merged_into:
            continue
        s = cleaning.spells
        end = OPEN_END if np.isnat(s.end[i]) else int(s.end[i].astype(int))
        assert (int(s.start[i].astype(int)), end) == (rows[spell].start, rows[spell].end)


@given(made_up)
@FIXED
def test_spells_are_clean(rows: list[Row]) -> None:
    s = clean(*rows).spells
    same = s.child[1:] == s.child[:-1]
    assert np.all(s.last > s.start)
    assert np.all((s.start[1:] >= s.last[:-1])[same])
    assert np.all(~np.isnat(s.end[:-1][same]))
    assert np.all(np.diff(s.child) >= 0)
    assert np.all(s.start < s.until)
    assert np.all(s.start >= s.birth[s.child])
    assert np.all((s.stair >= 0) & (s.stair < len(s.stairs)))
    assert sorted(set(s.child.tolist())) == list(range(len(s.birth)))
    grown = np.array([KNOWN.birthday(int(b)) for b in s.birth.astype(int)], dtype=np.int64)
    assert np.all(s.last.astype(np.int64) <= grown[s.child]) or not len(s)


@given(made_up)
@FIXED
def test_cleaning_invents_no_day_on_a_stair(rows: list[Row]) -> None:
    cleaning = clean(*rows)
    s = cleaning.spells
    for child, stair, start, last in zip(
        s.child, s.stair, s.start.astype(int), s.last.astype(int), strict=True
    ):
        told: set[int] = set()
        for r in rows:
            if r.child == cleaning.number[child] and r.stair == stair and r.start != MISSING:
                told |= set(range(max(r.start, start), min(r.end, last)))
        assert len(told) == last - start


@given(made_up, st.sampled_from([rules.same_stay, rules.overlaps, rules.duplicates]))
@FIXED
def test_merging_and_sharing_out_lose_no_day_of_a_child(rows: list[Row], rule: rules.Rule) -> None:
    rows = [r for r in rows if r.stair >= 0 and r.start != MISSING and r.end > r.start]

    def covered(some: list[Row]) -> set[tuple[int, int]]:
        return {(r.child, day) for r in some for day in range(r.start, min(r.end, KNOWN.until + 9))}

    assert covered(rule(rows, KNOWN)[0]) == covered(rows)


@given(made_up)
@FIXED
def test_cleaning_twice_changes_nothing(rows: list[Row]) -> None:
    first = clean(*rows)
    s = first.spells
    again = clean(*(
        Row(i, int(c), int(k), int(a), OPEN_END if np.isnat(e) else int(e.astype(int)),
            int(s.birth[c].astype(int)), str(i))
        for i, (c, k, a, e) in enumerate(zip(s.child, s.stair, s.start.astype(int), s.end, strict=True))
    ))  # fmt: skip
    assert again.quality.rows_explained == 0
    assert np.array_equal(again.spells.start, s.start)


@given(made_up, st.randoms(use_true_random=False))
@FIXED
def test_every_rule_accounts_for_what_it_removes(rows: list[Row], random: object) -> None:
    for rule in ORDER:
        left, notes = rule(rows, KNOWN)
        gone = {r.id for r in rows} - {r.id for r in left}
        assert gone == {n.row for n in notes if n.reason.fate in ("merged", "dropped")}
        rows = left


@given(st.lists(st.integers(0, 12), min_size=1, max_size=6))
@FIXED
def test_hidden_counts_cannot_be_worked_out_from_the_total(counts: list[int]) -> None:
    hide = hidden(counts)
    assert all(h for n, h in zip(counts, hide, strict=True) if 0 < n < 5)
    if not any(hide) or total_hidden(counts):
        return
    behind = [n for n, h in zip(counts, hide, strict=True) if h]
    small = [n for n in behind if n < 5]
    # Whoever knows the total knows the sum of the hidden ones; a small one must not follow from it.
    assert len(behind) > 1
    assert sum(behind) not in (len(behind), 4 * len(behind))
    assert small


def test_a_page_without_internal_shows_no_small_count() -> None:
    rows = [row(i, 0, child=i) for i in range(40)] + [row(40, 5, 4, child=40)]
    quality = clean(*rows).quality
    lines, total = account(quality, internal=False)
    assert total == 41
    assert [line.rows for line in lines] == [None, None]
    assert [line.examples for line in lines] == [(), ("42",)]
    assert [line.rows for line in account(quality, internal=True)[0]] == [40, 1]


def test_the_gravest_fate_decides() -> None:
    rows = [row(0, 5, 4, birth=BIRTH + 1), row(1, 0, 9), row(2, 20, 30)]
    verdicts = clean(*rows).quality.verdicts
    assert [(i, r.key) for i, r in verdicts.items()] == [(0, "end_before_start")]


@pytest.mark.parametrize("cell", ["=1+1", "+45", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert neutral(cell) == "'" + cell
    assert neutral(-2) == -2
    assert neutral("a=1") == "a=1"


def test_nothing_read_is_nothing_explained() -> None:
    assert Quality("spells", [], []).rows_explained == 0


def test_a_row_split_around_the_leaving_age_is_used_and_counted_as_cut() -> None:
    known = replace(KNOWN, until=DAY_0 + EIGHTEEN + 500)
    around = row(0, 0, EIGHTEEN + 100, HOME)
    cleaning = clean(around, row(1, EIGHTEEN - 50, EIGHTEEN + 10), known=known)
    assert cleaning.row.tolist() == [0, 1]
    assert {i: reason.fate for i, reason in cleaning.quality.verdicts.items()} == {0: "cut", 1: "cut"}
