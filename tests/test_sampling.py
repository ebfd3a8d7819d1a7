"""Draws from the records: within the range, rising, with the means and medians of the closed forms."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad
from support import FIXED

from simulation.parameters import Parameter, parameters, price_factor

DRAWN = [p for p in parameters().values() if p.distribution != "fixed"]
every_drawn_record = pytest.mark.parametrize("p", DRAWN, ids=[p.name for p in DRAWN])
EVEN = (np.arange(4000) + 0.5) / 4000


def record(distribution: str, low: float, value: float, high: float) -> Parameter:
    """Return a record with this distribution."""
    found = parameters()["children.detection_rate"]
    return replace(found, distribution=distribution, low=low, value=value, high=high)


ranges = st.tuples(*[st.floats(0.001, 100)] * 3).map(sorted)
wide_ranges = ranges.filter(lambda ends: ends[2] - ends[0] > 0.01)
quantiles = st.floats(1e-9, 1 - 1e-9)
shapes = st.sampled_from(["fixed", "triangular", "beta", "lognormal"])


# --- bounds and order ------------------------------------------------------------------------------


@FIXED
@given(shapes, ranges, quantiles, quantiles)
def test_draws_stay_in_the_range_and_rise(shape: str, ends: Any, u: float, v: float) -> None:
    p = record(shape, *ends)
    first, second = (p.sample(x) for x in sorted((u, v)))
    assert p.low <= first <= second <= p.high


@every_drawn_record
def test_a_records_draws_fill_its_range(p: Parameter) -> None:
    drawn = p.sample(EVEN)
    assert np.all(np.diff(drawn) >= 0)
    assert p.low <= drawn[0] < drawn[-1] <= p.high
    assert p.sample(1e-12) == pytest.approx(p.low, abs=0.02 * (p.high - p.low))
    assert p.sample(1 - 1e-12) == pytest.approx(p.high, abs=0.02 * (p.high - p.low))


def test_a_number_gives_a_number_and_an_array_an_array_of_its_shape() -> None:
    p = parameters()["children.recognition"]
    assert isinstance(p.sample(0.3), float)
    drawn = p.sample(np.full((2, 3), 0.3))
    assert isinstance(drawn, np.ndarray)
    assert drawn.shape == (2, 3)
    assert np.all(drawn == p.sample(0.3))


@pytest.mark.parametrize("u", [0.0, 1.0, -0.1, 1.1, float("nan"), [0.5, 1.0]])
def test_a_quantile_outside_is_refused(u: Any) -> None:
    with pytest.raises(ValueError, match="must lie between 0 and 1"):
        parameters()["children.recognition"].sample(u)


def test_a_distribution_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no distribution 'normal'; there are fixed, triangular"):
        record("normal", 0, 1, 2).sample(0.5)


# --- closed forms ----------------------------------------------------------------------------------


def mean_of(p: Parameter) -> float:
    """Return the mean by integrating the quantiles."""
    breaks = [0.5, (p.value - p.low) / (p.high - p.low)]
    points = [x for x in breaks if 0 < x < 1]
    return quad(lambda u: p.sample(u), 0, 1, points=points, limit=200)[0]


@FIXED
@given(wide_ranges)
def test_the_mean_of_a_triangular(ends: Any) -> None:
    assert mean_of(record("triangular", *ends)) == pytest.approx(sum(ends) / 3, rel=1e-6)


@FIXED
@given(wide_ranges)
def test_the_mean_of_a_pert(ends: Any) -> None:
    low, mode, high = ends
    expected = (low + 4 * mode + high) / 6
    assert mean_of(record("beta", *ends)) == pytest.approx(expected, rel=1e-6)


@FIXED
@given(ranges)
def test_the_median_of_a_lognormal_is_the_value(ends: Any) -> None:
    assert record("lognormal", *ends).sample(0.5) == pytest.approx(ends[1], rel=1e-12)


Z95 = float(stats.norm.ppf(0.95))


def half_mean(sd: float) -> float:
    """Return E exp(sd z) over a standard normal z between 0 and its 95 % point, times one half."""
    return math.exp(sd * sd / 2) * (stats.norm.cdf(Z95 - sd) - stats.norm.cdf(-sd)) / 0.9


@FIXED
@given(wide_ranges)
def test_the_mean_of_a_lognormal(ends: Any) -> None:
    low, median, high = ends
    above, below = math.log(high / median) / Z95, math.log(median / low) / Z95
    expected = median * (half_mean(above) + half_mean(-below))
    assert mean_of(record("lognormal", *ends)) == pytest.approx(expected, rel=1e-5)


def test_fixed_is_the_value() -> None:
    assert record("fixed", 1.0, 2.0, 5.0).sample(0.9) == 2.0
    assert np.all(record("fixed", 1.0, 2.0, 5.0).sample(EVEN) == 2.0)


# --- beside scipy ----------------------------------------------------------------------------------


@FIXED
@given(wide_ranges, quantiles)
def test_triangular_and_pert_agree_with_scipy(ends: Any, u: float) -> None:
    low, mode, high = ends
    width, peak = high - low, (mode - low) / (high - low)
    triangular = stats.triang(peak, low, width).ppf(u)
    pert = stats.beta(1 + 4 * peak, 1 + 4 * (1 - peak), low, width).ppf(u)
    assert record("triangular", *ends).sample(u) == pytest.approx(triangular, abs=1e-9 * width)
    assert record("beta", *ends).sample(u) == pytest.approx(pert, abs=1e-7 * width)


@FIXED
@given(st.floats(0.01, 100), st.floats(1.01, 20), quantiles)
def test_an_even_lognormal_is_scipys_cut_at_5_and_95_per_cent(
    median: float, ratio: float, u: float
) -> None:
    p = record("lognormal", median / ratio, median, median * ratio)
    whole = stats.lognorm(math.log(ratio) / Z95, scale=median)
    low, high = whole.cdf([p.low, p.high])
    assert (low, high) == pytest.approx((0.05, 0.95))
    assert p.sample(u) == pytest.approx(whole.ppf(low + u * (high - low)), rel=1e-9)


def test_a_lognormal_from_zero_is_as_wide_below_its_median_as_above() -> None:
    from_zero = record("lognormal", 0.0, 2.0, 8.0)
    even = record("lognormal", 0.5, 2.0, 8.0)
    assert from_zero.sample(EVEN) == pytest.approx(even.sample(EVEN))


# --- money -----------------------------------------------------------------------------------------


def test_a_draw_is_brought_to_another_price_level_like_the_value() -> None:
    p = parameters()["money.salary"]
    later = p.price_year + 2
    drawn = p.sample(0.7)
    assert p.at_prices_of(later, drawn) == pytest.approx(drawn * price_factor(p.price_year, later))
    assert p.at_prices_of(later, drawn) > drawn
    assert p.at_prices_of(None, drawn) == drawn
    assert parameters()["children.recognition"].at_prices_of(2030, 0.4) == 0.4
