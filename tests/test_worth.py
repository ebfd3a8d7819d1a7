"""The value of information against closed forms: what knowing is worth where it is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats
from support import z_limit

from experiments.estimates import NINETY
from experiments.value_of_information.regression import basis, fit
from experiments.value_of_information.worth import Benefits, Worth, floor_of, perfect, worth_of

SAMPLES = 2000


def normal_gain(mean: float, sd: float) -> float:
    """Return E max(0, N(mean, sd)) - max(0, mean): the unit normal loss integral, scaled."""
    z = mean / sd
    return float(sd * stats.norm.pdf(z) + mean * stats.norm.cdf(z) - max(0.0, mean))


def made(worth: np.ndarray, noise: float = 1.0, replicates: int = 20, seed: int = 0) -> Benefits:
    """Return benefits [sample, policy] seen through histories with noise of their own."""
    rng = np.random.default_rng(seed)
    luck = noise * rng.standard_normal((*worth.shape, replicates))
    return Benefits(worth[:, :, None] + luck, np.arange(len(worth)))


def is_near(found: Any, true: float, comparisons: int = 1) -> bool:
    """Return whether a value lies within its error, widened to the error rate of the tests."""
    return abs(found.value - true) <= z_limit(comparisons) * found.error / NINETY


# --- one unknown, several unknowns -----------------------------------------------------------------

WEIGHTS = np.array([1.0, 0.7, 0.4, 0.0])


@pytest.fixture(scope="module")
def linear() -> tuple[Benefits, np.ndarray]:
    """One policy, worth 0.3 + weights x in a world x of four normal unknowns; much luck."""
    x = np.random.default_rng(1).standard_normal((SAMPLES, len(WEIGHTS)))
    return made((0.3 + x @ WEIGHTS)[:, None], noise=4.0), x


@pytest.mark.parametrize("i", [0, 1, 2])
def test_one_unknown_in_a_linear_problem(linear: tuple[Benefits, np.ndarray], i: int) -> None:
    b, x = linear
    assert is_near(worth_of(b, x[:, [i]]), normal_gain(0.3, WEIGHTS[i]), 3)


def test_all_unknowns_are_worth_what_perfect_information_is(linear: tuple[Benefits, np.ndarray]) -> None:
    b, x = linear
    true = normal_gain(0.3, float(np.hypot(np.hypot(1.0, 0.7), 0.4)))
    assert is_near(worth_of(b, x, range(4)), true, 2)
    assert is_near(perfect(b), true, 2)


def test_what_does_nothing_is_worth_nothing(linear: tuple[Benefits, np.ndarray]) -> None:
    b, x = linear
    found = worth_of(b, x[:, [3]], floor=floor_of(b))
    assert not found.is_something
    assert found.value <= found.error < 0.1


def test_what_does_not_vary_is_worth_exactly_nothing(linear: tuple[Benefits, np.ndarray]) -> None:
    b, _ = linear
    assert worth_of(b, np.full((SAMPLES, 1), 7.0)) == Worth(0.0, pytest.approx(0.0, abs=0.1), 0.0)
    assert worth_of(b, np.full((SAMPLES, 2), 7.0), (0, 1)).value == 0.0


def test_an_unknown_also_tells_about_what_goes_with_it() -> None:
    """Two correlated normals, the second alone matters: the first is worth what it tells of it."""
    rng, rho = np.random.default_rng(2), 0.8
    x = rng.multivariate_normal([0.0, 0.0], [[1.0, rho], [rho, 1.0]], SAMPLES)
    b = made((0.2 + x[:, 1])[:, None], noise=2.0)
    assert is_near(worth_of(b, x[:, [0]]), normal_gain(0.2, rho), 2)
    assert is_near(worth_of(b, x[:, [1]]), normal_gain(0.2, 1.0), 2)


def test_a_group_of_correlated_unknowns() -> None:
    """E[w x | x of the group] is normal with variance w C_g C_gg^-1 C_g w; three of six are in it."""
    rng = np.random.default_rng(3)
    root = rng.standard_normal((6, 6)) * 0.5 + np.eye(6)
    c, w, group = root @ root.T, np.array([1.0, -0.5, 0.3, 0.6, 0.2, -0.4]), [0, 2, 4]
    x = rng.multivariate_normal(np.zeros(6), c, SAMPLES)
    across = c[:, group]
    sd = float(np.sqrt(w @ across @ np.linalg.solve(c[np.ix_(group, group)], across.T) @ w))
    b = made((x @ w - 0.4)[:, None], noise=3.0)
    assert is_near(worth_of(b, x[:, group], range(3)), normal_gain(-0.4, sd))


def test_a_bend_by_quadrature() -> None:
    """Worth x^2 - 1.5, so the sign of x says nothing and a straight line would find nothing."""
    x = np.random.default_rng(4).standard_normal((SAMPLES, 1))
    cut = np.sqrt(1.5)
    true = 2.0 * integrate.quad(lambda z: (z * z - 1.5) * stats.norm.pdf(z), cut, np.inf)[0]
    assert is_near(worth_of(made(x**2 - 1.5, noise=2.0), x), true)


def test_two_unknowns_that_tell_something_only_together() -> None:
    """Worth the product of two standard normals: each alone 0, both E max(0, xy) = 1 / pi."""
    x = np.random.default_rng(5).standard_normal((SAMPLES, 2))
    b = made((x[:, 0] * x[:, 1])[:, None])
    both = worth_of(b, x, (0, 1), floor_of(b, x, (0, 1)))
    assert is_near(both, 1.0 / np.pi)
    assert both.is_something
    assert max(worth_of(b, x[:, [i]]).value for i in (0, 1)) < 0.1


def test_three_decisions_by_quadrature() -> None:
    """Two policies worth x and 0.2 - 0.5 x: E max(0, x, 0.2 - 0.5 x) - 0.2."""
    x = np.random.default_rng(6).standard_normal((SAMPLES, 1))
    worth = np.concatenate([x, 0.2 - 0.5 * x], axis=1)
    points = integrate.quad(
        lambda z: max(0.0, z, 0.2 - 0.5 * z) * stats.norm.pdf(z), -9, 9, points=[0.0, 0.2 / 1.5, 0.4]
    )
    b = made(worth, noise=2.0)
    assert is_near(worth_of(b, x), points[0] - 0.2, 2)
    assert is_near(perfect(b), points[0] - 0.2, 2)


def test_a_decision_that_nothing_can_change() -> None:
    x = np.random.default_rng(7).uniform(size=(300, 1))
    b = made(5.0 + x, noise=0.1)
    assert worth_of(b, x, floor=floor_of(b)) == Worth(0.0, 0.0, 0.0)
    found = perfect(b)
    assert (found.value, found.naive, found.held_out) == pytest.approx((0.0, 0.0, 0.0), abs=1e-12)
    assert b.p_best().tolist() == [0.0, 1.0]


# --- errors and biases -------------------------------------------------------------------------------


def test_half_of_the_histories_take_the_noise_out_of_perfect_information() -> None:
    """Naive is too high, held out too low, each by more than its error; the extrapolation is neither."""
    x = np.random.default_rng(8).standard_normal((SAMPLES, 1))
    b = made(0.1 + x, noise=3.0, replicates=20)
    found, true = perfect(b), normal_gain(0.1, 1.0)
    assert is_near(found, true)
    assert found.held_out < true - 0.02
    assert found.naive > true + 0.02
    assert abs(found.value - true) < min(found.naive - true, true - found.held_out)


@pytest.mark.slow
@pytest.mark.parametrize("weight", [1.0, 0.5])
def test_intervals_hold_what_they_say(weight: float) -> None:
    """Of 200 intervals of 90 %, 180 hold on average; fewer than 163 with chance 1e-4 where they do."""
    true, held = normal_gain(0.3, weight), {"one": 0, "perfect": 0}
    whole = normal_gain(0.3, float(np.hypot(weight, 0.5)))
    for seed in range(200):
        x = np.random.default_rng(seed).standard_normal((500, 2))
        b = made((0.3 + x @ [weight, 0.5])[:, None], noise=2.0, seed=1000 + seed)
        one, all_ = worth_of(b, x[:, [0]], seed=seed), perfect(b)
        held["one"] += abs(one.value - true) <= one.error
        held["perfect"] += abs(all_.value - whole) <= all_.error
    least = int(stats.binom.ppf(1e-4, 200, 0.9))
    assert min(held.values()) >= least, held


@pytest.mark.slow
def test_nine_of_ten_that_do_nothing_stay_below_the_floor() -> None:
    """60 problems; more than 15 above with chance 2e-4 where one in ten is."""
    above = 0
    for seed in range(60):
        x = np.random.default_rng(seed).standard_normal((300, 2))
        b = made((0.02 + x[:, [0]]), noise=2.0, seed=500 + seed)
        floor = floor_of(b, seed=seed)
        above += worth_of(b, x[:, [1]], floor=floor).value > floor
    assert above <= 15


def test_samples_of_one_draw_are_not_independent() -> None:
    """Each draw five times over: errors are those of a fifth of the samples, not of all."""
    x = np.repeat(np.random.default_rng(9).standard_normal((100, 1)), 5, axis=0)
    y = 0.3 + x[:, :, None] + np.zeros((500, 1, 2))
    together = Benefits(y, np.repeat(np.arange(100), 5))
    apart = Benefits(y, np.arange(500))
    for found in (perfect, lambda b: worth_of(b, x)):
        assert found(together).error == pytest.approx(np.sqrt(5) * found(apart).error, rel=0.15)


def test_one_history_cannot_tell_chance_apart() -> None:
    with pytest.raises(ValueError, match="replicates = 1 must be at least 2"):
        Benefits(np.zeros((10, 1, 1)), np.arange(10))


# --- the regression itself ---------------------------------------------------------------------------


def test_a_line_and_a_curve_are_found() -> None:
    x = np.linspace(-1.0, 1.0, 400)[:, None]
    for truth in (2.0 + 3.0 * x[:, 0], np.sin(3.0 * x[:, 0])):
        assert np.abs(fit(basis(x), truth, 1).fitted - truth).max() < 0.01 * np.ptp(truth)


def test_a_number_of_few_values_has_no_more_bends_than_values() -> None:
    two, three = np.array([[0.0], [1.0]] * 10), np.array([[0.0], [1.0], [5.0]] * 10)
    assert basis(two).columns.shape[1] == 1
    assert basis(three).columns.shape[1] == 2
    assert np.linalg.matrix_rank(basis(three).columns) == 2


def test_worth_does_not_depend_on_the_unit_of_an_unknown(linear: tuple[Benefits, np.ndarray]) -> None:
    b, x = linear
    once, again = worth_of(b, x[:, [0]]), worth_of(b, 1e6 * x[:, [0]] - 3e5)
    assert again.value == pytest.approx(once.value, rel=1e-6)
    assert again.error == pytest.approx(once.error, rel=1e-6)
