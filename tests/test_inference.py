"""Inference on problems whose posterior is known (`toys`).

Random numbers have fixed seeds, so every test either passes always or fails always. What is compared is
the posterior mean, in posterior standard deviations, and the ratio of the standard deviations.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import integrate, stats
from toys import Counts, Linear, Toy, emulated, in_waves, off

from experiments.inference import (
    FOLDS,
    RIDGES,
    Floats,
    Normal,
    _left_out,
    adjusted,
    emulator,
    features,
    holm_rejects,
    near,
    ranks,
    sampled,
    uniformity,
)

CLOSE = 0.4
"""Largest error of a posterior mean, in posterior standard deviations."""

NARROWEST, WIDEST = 0.8, 1.25
"""Smallest and largest ratio of a posterior standard deviation to the right one."""

ERROR_RATE = 1e-3
"""Chance that the rank check rejects a right posterior."""

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
    """The second is as large as the calibration: 42 parameters, 25 summaries."""
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
@pytest.mark.parametrize(("toy", "n"), [(LARGE, 5000), (UNEVEN, 5000)], ids=["42 of 25", "counts"])
def test_waves_are_nearer_than_the_nearest_simulations_adjusted(toy: Toy, n: int) -> None:
    """On either toy, whatever share is accepted, at the same number of simulations (decision 0010)."""
    z, summaries, _, data = simulated(toy, n)
    waves = in_waves(toy, data, (n // 4,) * 4, np.random.default_rng(2))
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


# --- the sampler -------------------------------------------------------------------------------------


def test_a_normal_prior_and_a_normal_likelihood_have_a_normal_posterior() -> None:
    toy = Linear.of(2, 3)
    _, _, _, data = simulated(toy, 10)

    def log_likelihood(z: Floats) -> float:
        return float(-0.5 * ((data - toy.matrix @ z) ** 2).sum() / toy.sd**2)

    draws = sampled(log_likelihood, np.zeros(2), 4000, np.random.default_rng(9))
    exact = toy.posterior(data)
    error, ratio = off(draws, toy, data)
    assert np.abs(error).max() < 0.1
    assert ratio == pytest.approx(np.ones(2), rel=0.06)
    correlation = (exact.root @ exact.root.T)[0, 1] / np.prod(toy.moments(data)[1])
    assert np.corrcoef(draws.T)[0, 1] == pytest.approx(correlation, abs=0.06)


def test_a_correlated_prior_with_a_mean_of_its_own() -> None:
    """One observation of the difference of two numbers that go together."""
    covariance = np.array([[4.0, 1.8], [1.8, 1.0]])
    prior = Normal(np.array([10.0, -3.0]), np.linalg.cholesky(covariance))
    a, sd, seen = np.array([1.0, -1.0]), 0.5, 15.0
    gain = covariance @ a / (a @ covariance @ a + sd**2)
    mean = prior.mean + gain * (seen - a @ prior.mean)
    exact = covariance - np.outer(gain, a @ covariance)

    def log_likelihood(z: Floats) -> float:
        return float(-0.5 * ((seen - a @ z) / sd) ** 2)

    draws = sampled(log_likelihood, prior.mean, 4000, np.random.default_rng(10), prior)
    assert draws.mean(axis=0) == pytest.approx(mean, abs=0.1 * np.sqrt(exact.diagonal().min()))
    assert np.cov(draws.T) == pytest.approx(exact, rel=0.1)


@pytest.mark.parametrize("count", [0, 4, 90])
def test_a_count_s_posterior_is_that_of_quadrature(count: int) -> None:
    """One parameter, a Poisson count of mean 20 exp(z): far from normal where the count is 0."""

    def log_likelihood(z: Floats) -> float:
        return float(count * (np.log(20.0) + z[0]) - 20.0 * np.exp(z[0]))

    top = max(log_likelihood(np.array([x])) for x in np.linspace(-6, 6, 2001))

    def weight(x: float) -> float:
        return float(np.exp(log_likelihood(np.array([x])) - top - 0.5 * x * x))

    total, mean, square = (
        integrate.quad(lambda x, p=p: x**p * weight(x), -8, 8, limit=400)[0] for p in range(3)
    )
    mean, sd = mean / total, np.sqrt(square / total - (mean / total) ** 2)
    draws = sampled(log_likelihood, np.zeros(1), 4000, np.random.default_rng(11))[:, 0]
    assert draws.mean() == pytest.approx(mean, abs=0.1 * sd)
    assert draws.std() == pytest.approx(sd, rel=0.06)
    below = integrate.quad(weight, -8, mean, limit=400)[0] / total
    assert (draws < mean).mean() == pytest.approx(below, abs=0.03)


@pytest.mark.parametrize("widened", [0.7, 3.0])
def test_ellipses_around_the_posterior_change_the_steps_not_the_posterior(widened: float) -> None:
    """Though they lie beside it and are too narrow or too wide; with a prior that is not standard."""
    toy = Linear.of(3, 5)
    _, _, _, data = simulated(toy, 10)
    prior = Normal(np.array([1.0, 0.0, -1.0]), np.diag([0.5, 1.0, 2.0]))
    inside = Linear(toy.matrix @ prior.root, toy.sd)  # the same problem in the prior's own units
    whitened = inside.posterior(data - toy.matrix @ prior.mean)
    exact = Normal(prior.mean + prior.root @ whitened.mean, prior.root @ whitened.root)
    sd = np.sqrt((exact.root**2).sum(axis=1))
    around = Normal(exact.mean + 0.5 * sd, exact.root * np.sqrt(widened))

    def log_likelihood(z: Floats) -> float:
        return float(-0.5 * ((data - toy.matrix @ z) ** 2).sum() / toy.sd**2)

    rng = np.random.default_rng(15)
    draws = sampled(log_likelihood, prior.mean, 3000, rng, prior, around=around)
    assert (draws.mean(axis=0) - exact.mean) / sd == pytest.approx(np.zeros(3), abs=0.1)
    assert draws.std(axis=0) / sd == pytest.approx(np.ones(3), rel=0.06)


def test_draws_around_the_posterior_are_nearly_independent_where_others_are_not() -> None:
    """42 parameters, 25 summaries: the correlation of neighbours, ten steps apart."""
    _, _, _, data = simulated(LARGE, 10)
    exact = LARGE.posterior(data)

    def log_likelihood(z: Floats) -> float:
        return float(-0.5 * ((data - LARGE.matrix @ z) ** 2).sum() / LARGE.sd**2)

    def neighbours(around: Normal | None) -> float:
        draws = sampled(log_likelihood, exact.mean, 300, np.random.default_rng(16), around=around)
        return float(np.mean([np.corrcoef(x[1:], x[:-1])[0, 1] for x in draws.T]))

    assert neighbours(None) > 0.6
    assert abs(neighbours(Normal(exact.mean, exact.root * np.sqrt(1.5)))) < 0.2


def test_the_normal_near_a_linear_posterior_is_that_posterior_widened() -> None:
    z, summaries, _, data = simulated(SMALL, 3000)
    e = emulator(z, summaries, np.zeros(10))
    exact = SMALL.posterior(data)
    found = near(e, data, Normal.standard(10), 1.5)
    error = np.linalg.solve(exact.root, found.mean - exact.mean)
    assert np.abs(error).max() < 0.3
    sd = np.sqrt((found.root**2).sum(axis=1))
    assert sd == pytest.approx(np.sqrt(1.5) * SMALL.moments(data)[1], rel=0.1)


def test_the_normal_near_a_posterior_knows_its_prior() -> None:
    """With a prior a hundred times narrower than what the data say, it is the prior."""
    z, summaries, _, data = simulated(SMALL, 3000)
    e = emulator(z, summaries, np.zeros(10))
    prior = Normal(np.full(10, 0.2), 1e-3 * np.eye(10))
    found = near(e, data, prior, 1.0)
    assert found.mean == pytest.approx(prior.mean, abs=1e-3)
    assert found.root @ found.root.T == pytest.approx(1e-6 * np.eye(10), abs=2e-8)


def test_without_data_the_draws_are_the_prior() -> None:
    prior = Normal(np.array([5.0]), np.array([[2.0]]))
    draws = sampled(lambda z: 0.0, np.array([5.0]), 4000, np.random.default_rng(12), prior, thin=3)
    assert stats.kstest(draws[::4, 0], stats.norm(5.0, 2.0).cdf).pvalue > ERROR_RATE


# --- normal distributions ------------------------------------------------------------------------------


def test_the_normal_around_draws_has_their_mean_and_their_covariance_widened() -> None:
    rng = np.random.default_rng(13)
    draws = rng.standard_normal((500, 3)) @ np.diag([1.0, 2.0, 0.1]) + np.array([1.0, 0.0, -5.0])
    g = Normal.around(draws, 1.5)
    assert g.mean == pytest.approx(draws.mean(axis=0))
    assert g.root @ g.root.T == pytest.approx(1.5 * np.cov(draws, rowvar=False), abs=1e-5)
    more = g.draw(20_000, rng)
    assert more.mean(axis=0) == pytest.approx(g.mean, abs=0.06)
    assert np.cov(more.T) == pytest.approx(g.root @ g.root.T, abs=0.2)


# --- checks --------------------------------------------------------------------------------------


def test_ranks_count_the_draws_below_the_truth() -> None:
    draws = np.array([[1.0, 5.0], [2.0, 6.0], [3.0, 7.0]])
    assert ranks(np.array([2.5, 4.0]), draws).tolist() == [2, 0]


def ranks_of(trials: int, narrowed: float = 1.0, shifted: float = 0.0) -> np.ndarray:
    """Return [trial, parameter]: ranks of truths among 99 draws of their posterior, or of a wrong one."""
    rng = np.random.default_rng(14)
    found = []
    for _ in range(trials):
        truth = rng.standard_normal(SMALL.parameters)
        exact = SMALL.posterior(SMALL.simulate(truth, rng))
        wrong = Normal(exact.mean + shifted * SMALL.sd, exact.root * narrowed)
        found.append(ranks(truth, wrong.draw(99, rng)))
    return np.array(found)


def test_the_rank_check_passes_the_right_posterior() -> None:
    """Over 10 parameters together, with chance ERROR_RATE of a false alarm."""
    assert not holm_rejects(uniformity(ranks_of(600), 99), ERROR_RATE).any()


def test_the_rank_check_rejects_a_posterior_too_narrow_by_a_third() -> None:
    assert holm_rejects(uniformity(ranks_of(600, narrowed=2 / 3), 99), ERROR_RATE).all()


def test_the_rank_check_rejects_a_posterior_beside_the_truth() -> None:
    assert holm_rejects(uniformity(ranks_of(600, shifted=0.5), 99), ERROR_RATE).any()


@pytest.mark.parametrize(("draws", "bins"), [(99, 10), (10, 10), (24, 7), (9, 10)])
def test_ranks_that_all_occur_equally_often_are_uniform(draws: int, bins: int) -> None:
    """Also where the bins cannot all hold equally many ranks."""
    even = np.repeat(np.arange(draws + 1), 20)[:, None]
    assert uniformity(even, draws, bins) == pytest.approx([1.0])


def test_ranks_at_both_ends_are_not_uniform() -> None:
    """Beside them a parameter that is: each has a p-value of its own."""
    even = np.tile(np.arange(100), 10)
    ends = np.where(even < 50, even // 2, 99 - (99 - even) // 2)
    p = uniformity(np.column_stack([even, ends]), 99)
    assert p[0] == pytest.approx(1.0)
    assert p[1] < 1e-10


def test_the_p_value_is_that_of_the_chi_square_distribution() -> None:
    counts = np.array([8, 12, 10, 10, 10, 10, 10, 10, 10, 10])
    found = uniformity(np.repeat(np.arange(10), counts)[:, None], 9)
    assert found == pytest.approx([stats.chi2.sf(((counts - 10.0) ** 2 / 10.0).sum(), 9)])


@pytest.mark.parametrize(
    ("p", "rejected"),
    [
        ([0.01, 0.04, 0.03, 0.005], [True, False, False, True]),
        ([0.04, 0.03, 0.02, 0.01], [False, False, False, True]),
        ([0.02, 0.01], [True, True]),
        ([0.2, 0.001, 0.9], [False, True, False]),
        ([0.051], [False]),
        ([0.05], [True]),
    ],
)
def test_holm_s_steps(p: list[float], rejected: list[bool]) -> None:
    """At 5 %; the first line is Holm's example of a step that stops the later ones."""
    assert holm_rejects(np.array(p), 0.05).tolist() == rejected
