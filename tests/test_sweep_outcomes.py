"""What a sweep keeps of a history is what a comparison finds of it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from experiments import compare
from experiments.results import Study
from experiments.sweep.outcomes import KEPT, LEVELS, NAMES, kept
from simulation.accounts import Ledger, in_care, residential
from simulation.outcomes import OUTCOMES
from simulation.reading import find_scenario
from simulation.replicates import ledgers

HISTORIES = 30
POLICIES = {"fano": "swedish_model", "herning": "sverigesprogram", "adults": "recovery_model"}


@cache
def found(name: str) -> dict[str, np.ndarray]:
    """Return outcome -> [history] of a scenario's policy."""
    s = find_scenario(name)
    p = s.policy(POLICIES[name])
    values = kept(ledgers(s, p, replicates=HISTORIES), ledgers(s, replicates=HISTORIES), s, p)
    return dict(zip(NAMES, values.T, strict=True))


@cache
def study(name: str) -> Study:
    return compare(name, [POLICIES[name]], replicates=HISTORIES)


def test_every_name_has_words_and_every_level_is_a_published_measure() -> None:
    assert list(NAMES) == list(KEPT)
    assert set(LEVELS) <= set(OUTCOMES)
    assert all(k.label and k.unit for k in KEPT.values())


@pytest.mark.parametrize("name", POLICIES)
def test_money_is_that_of_a_comparison(name: str) -> None:
    policy = POLICIES[name]
    assert found(name)["net_saving"] == pytest.approx(study(name).cumulated_saving(policy)[:, -1])
    society = study(name).cumulated_saving(policy, view="society")[:, -1]
    assert found(name)["net_saving_society"] == pytest.approx(society)
    month = study(name).break_even_month(policy)
    assert np.array_equal(found(name)["break_even_month"], month, equal_nan=True)


@pytest.mark.parametrize("name", POLICIES)
def test_months_are_counted_month_by_month(name: str) -> None:
    s = find_scenario(name)
    p = s.policy(POLICIES[name])
    before, after = (
        Ledger(ledgers(s, policy, replicates=HISTORIES), s.staircase) for policy in (None, p)
    )
    for outcome, group in (("care_months", in_care), ("residential_months", residential)):
        months = after.over("n_", group).sum(axis=1)
        assert found(name)[outcome] == pytest.approx(months)
        saved = before.over("n_", group).sum(axis=1) - months
        assert found(name)[f"{outcome}_saved"] == pytest.approx(saved)
    assert found(name)["breakdowns"] == pytest.approx(after["new_breakdowns"].sum(axis=1))
    assert found(name)["caseload"] == pytest.approx(
        after["n_cases"].mean(axis=1) / after["n_fte"].mean(axis=1)
    )
    last = after.over("n_", residential)[:, -12:].mean(axis=1)
    assert found(name)["n_residential_end"] == pytest.approx(last)


def test_a_baseline_saves_nothing() -> None:
    s = find_scenario("fano")
    books = ledgers(s, replicates=5)
    values = dict(zip(NAMES, kept(books, books, s, None).T, strict=True))
    for name in NAMES:
        if "saved" in name or "saving" in name:
            assert (values[name] == 0).all(), name
    assert np.isnan(values["break_even_month"]).all()


def test_the_share_in_families_is_none_where_there_are_no_families() -> None:
    assert (found("adults")["share_family_like_end"] == 0).all()
    share = found("fano")["share_family_like_end"]
    assert ((share > 0.3) & (share < 1.0)).all()
