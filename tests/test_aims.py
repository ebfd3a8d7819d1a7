"""What the calibration is fitted to, and how exactly it was published.

A statistical test fails on a right model with chance ERROR_RATE at most; seeds are fixed.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from support import z_limit

from experiments.calibration import runs
from experiments.calibration.runs import (
    AIMS,
    COUNTRY_REPLICATES,
    PILOT,
    READING,
    observed,
    published_error,
)
from simulation.parameters import parameter, parameters

# --- what is fitted ----------------------------------------------------------------------------------

GIVEN_BY = {
    "target.denmark.stock_residential_2018": {"stock_family_2018", "stock_other_2018"},
    "target.denmark.first_residential": {"first_family", "first_own_room"},
    "target.denmark.entry_age_4_11": {"entry_age_0_3", "entry_age_12_17"},
    "target.herning.mix_2014_family": {"mix_2014_own_room", "mix_2014_residential"},
    "target.herning.spending_2014": {"accounts_total"},
    "target.herning.spending_fall": {"accounts_total"},
}
"""Targets that say nothing more than others: shares that are left, and spending beside its ratio."""

TARGETS = {name: p for name, p in parameters().items() if name.startswith("target.")}


def test_every_aim_is_a_target_to_fit_and_every_target_to_fit_is_an_aim_or_given_by_one() -> None:
    aims = [aim.target for aim in AIMS]
    assert len(set(aims)) == len(aims)
    to_fit = {name for name, p in TARGETS.items() if p.weight == "fit"}
    assert to_fit == {*aims, *GIVEN_BY}
    for name, others in GIVEN_BY.items():
        stem = name.rpartition(".")[0]
        assert name not in aims
        assert {f"{stem}.{other}" for other in others} <= set(aims)


@pytest.mark.parametrize("name", [name for name, others in GIVEN_BY.items() if len(others) == 2])
def test_shares_that_are_left_are_what_the_others_leave(name: str) -> None:
    """To two points, as published."""
    stem = name.rpartition(".")[0]
    rest = 1.0 - sum(parameter(f"{stem}.{other}").value for other in GIVEN_BY[name])
    assert parameter(name).value == pytest.approx(rest, abs=0.02)


def test_herning_s_spending_is_the_ratio_of_its_accounts() -> None:
    before, after, fall, ratio = (
        parameter(f"target.herning.{name}").value
        for name in ("spending_2013", "spending_2014", "spending_fall", "accounts_total")
    )
    assert after / before == pytest.approx(ratio, abs=0.005)
    assert before - after == pytest.approx(fall)


def test_what_is_observed_is_what_was_published_in_the_order_of_the_aims() -> None:
    assert observed().tolist() == [parameter(aim.target).value for aim in AIMS]


def test_the_error_is_that_of_the_mean_of_histories_that_tell() -> None:
    x = np.array([1.0, 3.0, np.nan, 5.0])
    assert runs._error(runs._known(x)) == pytest.approx(2.0 / math.sqrt(3))
    assert runs._error(np.array([7.0])) == runs._error(np.array([])) == 0.0
    assert COUNTRY_REPLICATES > 1


# --- published errors ----------------------------------------------------------------------------------

DRAWN = 4000


@cache
def errors_drawn(simulation_error: float) -> np.ndarray:
    """Return [draw, aim]; `simulation_error` as a share of each aim's stated spread."""
    rng = np.random.default_rng(2)
    spread = np.array([(aim.record.high - aim.record.low) / 2.0 for aim in AIMS])
    return np.array([published_error(rng, simulation_error * spread) for _ in range(DRAWN)])


def is_range(i: int) -> bool:
    return "Low and high: a range" in AIMS[i].record.note


def stated(i: int) -> float:
    """Return the standard deviation that the record of aim i states, with what it counts otherwise."""
    record, aim = AIMS[i].record, AIMS[i]
    assert "Low and high: one standard deviation" in record.note
    own = (record.high - record.low) / 2.0 * (READING if aim.run == PILOT and record.n else 1.0)
    return math.hypot(own, aim.definition)


@pytest.mark.parametrize("i", range(len(AIMS)), ids=[aim.target for aim in AIMS])
def test_a_published_error_is_as_wide_as_the_record_states(i: int) -> None:
    record, errors = AIMS[i].record, errors_drawn(0.0)[:, i]
    if not is_range(i):
        sd = errors.std()
        assert abs(sd / stated(i) - 1.0) < z_limit(len(AIMS)) / math.sqrt(2 * DRAWN)
        assert abs(errors.mean()) < z_limit(len(AIMS)) * sd / math.sqrt(DRAWN)
        return
    truth = record.value - errors
    middle, width = (record.low + record.high) / 2.0, record.high - record.low
    variance = width**2 / 12.0 + AIMS[i].definition ** 2
    assert truth.mean() == pytest.approx(middle, abs=z_limit(len(AIMS)) * math.sqrt(variance / DRAWN))
    assert truth.std() == pytest.approx(math.sqrt(variance), rel=0.05)
    if AIMS[i].definition == 0.0:
        assert record.low <= truth.min() < record.low + 0.01 * width
        assert record.high - 0.01 * width < truth.max() <= record.high


def test_a_figure_at_the_low_end_of_its_range_stands_for_more_never_for_less() -> None:
    i = [aim.target for aim in AIMS].index("target.time.interval_at_23")
    assert AIMS[i].record.value == AIMS[i].record.low
    assert errors_drawn(0.0)[:, i].max() <= 0.0


def test_the_simulation_s_own_error_is_taken_off() -> None:
    """Both together are as wide as stated; a range keeps its width."""
    full, less = errors_drawn(0.0), errors_drawn(0.6)
    for i, aim in enumerate(AIMS):
        own = 0.6 * (aim.record.high - aim.record.low) / 2.0
        if is_range(i):
            assert less[:, i].std() == pytest.approx(full[:, i].std(), rel=0.05)
        else:
            expected = math.sqrt(max(0.0, stated(i) ** 2 - own**2))
            assert less[:, i].std() == pytest.approx(expected, rel=0.06)


def test_a_simulation_noisier_than_the_figure_is_given_no_more_noise() -> None:
    normal = [i for i in range(len(AIMS)) if not is_range(i)]
    assert (errors_drawn(50.0)[:, normal] == 0.0).all()
