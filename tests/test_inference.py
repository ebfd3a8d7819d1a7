"""Inference on problems whose posterior is known (`toys`).

Random numbers have fixed seeds, so every test either passes always or fails always. What is compared is
the posterior mean, in posterior standard deviations, and the ratio of the standard deviations.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import stats
from toys import Counts, Linear, Toy, emulated, in_waves, off

from experiments.inference import (
    FOLDS,
    RIDGES,
    Floats,
    _left_out,
    adjusted,
    emulator,
    features,
)

CLOSE = 0.4
"""Largest error of a posterior mean, in posterior standard deviations."""

NARROWEST, WIDEST = 0.8, 1.25
"""Smallest and largest ratio of a posterior standard deviation to the right one."""

SMALL, LARGE = Linear.of(10, 20), Linear.of(42, 25)
UNEVEN = Counts.of(6, 12)


@cache
def simulated(toy: Toy, n: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Return simulations from the prior (z, summaries), and a truth with its data."""
    rng = np.random.default_rng(1)
    z = rng.standard_normal((n, toy.parameters))
    truth = rng.standard_normal(toy.parameters)
    return z, toy.simulate(z, rng), truth, toy.simulate(truth, rng)


def assert_right(error: Floats, ratio: Floats) -> None:
    assert np.abs(error).max() < CLOSE
    assert ratio.min() > NARROWEST
    assert ratio.max() < WIDEST


# --- the posterior of toys -------------------------------------------------------------------------


@pytest.mark.parametrize(("toy", "n"), [(SMALL, 3000), (LARGE, 5000)], ids=["10 of 20", "42 of 25"])
def test_the_emulator_finds_the_posterior_of_a_linear_problem(toy: Linear, n: int) -> None:
    """The second is as large as the calibration."""
    z, summaries, _, data = simulated(toy, n)
    e = emulator(z, summaries, np.zeros(toy.parameters))
    assert_right(*off(emulated(e, data, np.random.default_rng(2)), toy, data))


def test_all_simulations_adjusted_find_the_posterior_of_a_linear_problem() -> None:
    z, summaries, _, data = simulated(SMALL, 3000)
    draws, weights = adjusted(z, summaries, data, 1.0)
    assert_right(*off(draws, SMALL, data, weights))


def test_waves_find_a_posterior_that_one_emulator_of_the_whole_prior_misses() -> None:
    """Counts whose spread grows with their mean; the reference is a long chain on their likelihood."""
    z, summaries, _, data = simulated(UNEVEN, 3000)
    once = emulated(emulator(z, summaries, np.zeros(6)), data, np.random.default_rng(2))
    error, ratio = off(once, UNEVEN, data)
    assert np.abs(error).max() > CLOSE or ratio.max() > WIDEST
    waves = in_waves(UNEVEN, data, (1000,) * 4, np.random.default_rng(2))
    assert_right(*off(waves, UNEVEN, data))


def test_a_misfit_widens_the_posterior_it_does_not_narrow_it() -> None:
    """What a quadratic cannot follow counts as noise: an emulator too wide, never too sure."""
    z, summaries, _, data = simulated(UNEVEN, 3000)
    _, ratio = off(
        emulated(emulator(z, summaries, np.zeros(6)), data, np.random.default_rng(2)), UNEVEN, data
    )
    assert ratio.min() > 0.95
    assert ratio.mean() > 1.1


@pytest.mark.slow
@pytest.mark.parametrize("toy", [UNEVEN, Counts.of(42, 25)], ids=["6 of 12", "42 of 25"])
def test_waves_are_nearer_than_the_nearest_simulations_adjusted(toy: Counts) -> None:
    """On counts, whatever share is accepted, with 5,000 simulations either way (decision 0010)."""
    z, summaries, _, data = simulated(toy, 5000)
    waves = in_waves(toy, data, (1250,) * 4, np.random.default_rng(2))
    error, ratio = off(waves, toy, data)
    for accept in (0.02, 0.1, 0.5, 1.0):
        draws, weights = adjusted(z, summaries, data, accept)
        other, other_ratio = off(draws, toy, data, weights)
        assert np.mean(error**2) < np.mean(other**2), accept
        assert np.abs(np.log(ratio)).max() < np.abs(np.log(other_ratio)).max(), accept


# --- rejection with regression adjustment ------------------------------------------------------------


def test_the_nearest_are_accepted_and_the_furthest_of_them_weigh_least() -> None:
    z, summaries, _, data = simulated(SMALL, 3000)
    draws, weights = adjusted(z, summaries, data, 0.1)
    assert draws.shape == (300, 10)
    assert weights.sum() == pytest.approx(1.0)
    assert (weights > 0).all()
    x = (summaries - data) / stats.median_abs_deviation(summaries, axis=0)
    distance = np.sqrt((x**2).sum(axis=1))
    nearest = distance[distance <= np.quantile(distance, 0.1)]
    assert np.corrcoef(nearest**2, weights)[0, 1] == pytest.approx(-1.0)


def test_what_summaries_explain_without_error_is_found_without_error() -> None:
    rng = np.random.default_rng(3)
    z = rng.standard_normal((400, 2))
    draws, _ = adjusted(z, z @ np.array([[2.0, 1.0], [0.5, -1.0]]).T, np.array([1.0, 2.0]), 1.0)
    assert draws == pytest.approx(np.tile([1.2, -1.4], (400, 1)), abs=1e-3)


# --- the emulator ------------------------------------------------------------------------------------


def test_features_are_one_each_number_and_each_product_of_two() -> None:
    found = features(np.array([[2.0, 3.0, 5.0]]))
    assert found.tolist() == [[1.0, 2.0, 3.0, 5.0, 4.0, 6.0, 10.0, 9.0, 15.0, 25.0]]
    assert features(np.zeros((7, 4, 3))).shape == (7, 4, 10)


def quadratic(z: Floats) -> Floats:
    """Return two summaries of two parameters, quadratic in them."""
    a, b = z[..., 0], z[..., 1]
    return np.stack([3.0 + a - 2.0 * b + a * b, 100.0 * b**2 - 50.0], axis=-1)


def test_a_quadratic_is_followed_exactly_whatever_the_centre() -> None:
    z = np.random.default_rng(4).standard_normal((300, 2))
    e = emulator(z, quadratic(z), np.array([0.5, -1.0]))
    there = np.random.default_rng(5).uniform(-2, 2, (50, 2))
    assert e.mean(there) == pytest.approx(quadratic(there), rel=0.01, abs=0.1)
    assert e.mean(there[0]) == pytest.approx(e.mean(there)[0])


def test_the_covariance_is_that_of_the_noise() -> None:
    """Also where the two summaries' noise is correlated and of different size."""
    rng = np.random.default_rng(6)
    z = rng.standard_normal((4000, 2))
    root = np.array([[1.0, 0.0], [30.0, 40.0]])
    e = emulator(z, quadratic(z) + rng.standard_normal((4000, 2)) @ root.T, np.zeros(2))
    covariance = e.covariance * np.outer(e.scale, e.scale)
    assert covariance == pytest.approx(root @ root.T, rel=0.08)
    assert e.precision @ e.covariance == pytest.approx(np.eye(2), abs=1e-6)


def test_the_likelihood_is_that_of_a_normal_around_the_mean() -> None:
    z, summaries, truth, data = simulated(SMALL, 3000)
    e = emulator(z, summaries, np.zeros(10))
    covariance = e.covariance * np.outer(e.scale, e.scale)
    exact = stats.multivariate_normal(np.zeros(20), covariance).logpdf
    other = truth + 0.3
    expected = exact(data - e.mean(truth)) - exact(data - e.mean(other))
    assert e.log_likelihood(truth, data) - e.log_likelihood(other, data) == pytest.approx(expected)


def test_a_fold_s_residuals_are_those_of_a_fit_without_it() -> None:
    rng = np.random.default_rng(7)
    x, y = features(rng.standard_normal((60, 3))), rng.standard_normal((60, 2))
    penalty, fold = np.r_[np.zeros(4), np.full(6, 5.0)], np.arange(60) % FOLDS
    found = _left_out(x, y, x.T @ x, x.T @ y, penalty, fold)
    for f in range(FOLDS):
        kept, out = x[fold != f], fold == f
        beta = np.linalg.solve(kept.T @ kept + np.diag(penalty), kept.T @ y[fold != f])
        assert found[out] == pytest.approx(y[out] - x[out] @ beta, abs=1e-6)


def test_curvature_that_is_not_there_is_shrunk_away() -> None:
    """With 20 parameters and 150 simulations, 210 curvatures are fitted to noise alone."""
    toy = Linear.of(20, 5)
    z, summaries, _, _ = simulated(toy, 150)
    e = emulator(z, summaries, np.zeros(20))
    there = np.random.default_rng(8).standard_normal((500, 20))
    error = (e.mean(there) - there @ toy.matrix.T).std()
    assert error < 0.5 * (there @ toy.matrix.T).std()
    assert max(RIDGES) >= 100 * min(RIDGES)


def test_too_few_simulations_are_refused() -> None:
    z, summaries, _, _ = simulated(SMALL, 3000)
    with pytest.raises(
        ValueError, match="19 simulations are too few for 10 parameters; make at least 20"
    ):
        emulator(z[:19], summaries[:19], np.zeros(10))
