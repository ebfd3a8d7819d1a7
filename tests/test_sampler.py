"""Sampling from a posterior, and the checks that it is one, where the posterior is known (`toys`).

Random numbers have fixed seeds, so every test either passes always or fails always.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats
from toys import Linear, off

from experiments.inference import (
    Emulator,
    Floats,
    Normal,
    emulator,
    holm_rejects,
    near,
    ranks,
    sampled,
    uniformity,
)

ERROR_RATE = 1e-3
"""Chance that the rank check rejects a right posterior."""

SMALL, LARGE = Linear.of(10, 20), Linear.of(42, 25)


def observed(toy: Linear) -> Floats:
    """Return data simulated at a truth drawn from the prior."""
    rng = np.random.default_rng(1)
    return toy.simulate(rng.standard_normal(toy.parameters), rng)


# --- the sampler -------------------------------------------------------------------------------------


def test_a_normal_prior_and_a_normal_likelihood_have_a_normal_posterior() -> None:
    toy = Linear.of(2, 3)
    data = observed(toy)

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
    data = observed(toy)
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
    data = observed(LARGE)
    exact = LARGE.posterior(data)

    def log_likelihood(z: Floats) -> float:
        return float(-0.5 * ((data - LARGE.matrix @ z) ** 2).sum() / LARGE.sd**2)

    def neighbours(around: Normal | None) -> float:
        draws = sampled(log_likelihood, exact.mean, 300, np.random.default_rng(16), around=around)
        return float(np.mean([np.corrcoef(x[1:], x[:-1])[0, 1] for x in draws.T]))

    assert neighbours(None) > 0.6
    assert abs(neighbours(Normal(exact.mean, exact.root * np.sqrt(1.5)))) < 0.2


def fitted(toy: Linear) -> Emulator:
    """Return an emulator of 3,000 simulations from the prior."""
    rng = np.random.default_rng(2)
    z = rng.standard_normal((3000, toy.parameters))
    return emulator(z, toy.simulate(z, rng), np.zeros(toy.parameters))


def test_the_normal_near_a_linear_posterior_is_that_posterior_widened() -> None:
    data, e = observed(SMALL), fitted(SMALL)
    exact = SMALL.posterior(data)
    found = near(e, data, Normal.standard(10), 1.5)
    error = np.linalg.solve(exact.root, found.mean - exact.mean)
    assert np.abs(error).max() < 0.3
    sd = np.sqrt((found.root**2).sum(axis=1))
    assert sd == pytest.approx(np.sqrt(1.5) * SMALL.moments(data)[1], rel=0.1)


def test_the_normal_near_a_posterior_knows_its_prior() -> None:
    """With a prior a hundred times narrower than what the data say, it is the prior."""
    data, e = observed(SMALL), fitted(SMALL)
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
