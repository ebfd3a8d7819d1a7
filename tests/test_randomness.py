"""Randomness: the published generator, its uniforms, and that nobody's luck depends on others.

Statistical tests run at fixed counters. Each states its error rate: the chance that it would fail for
a right generator if the counters had been chosen at random.
"""

from __future__ import annotations

from itertools import pairwise, product
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from simulation import randomness as rn

FULL = 0xFFFFFFFF


# --- Philox4x32-10 --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        (
            (0, 0, 0, 0),
            (0, 0),
            (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8),
        ),
        (
            (FULL, FULL, FULL, FULL),
            (FULL, FULL),
            (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
        ),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
    ids=["zeros", "ones", "digits of pi"],
)
def test_philox_gives_the_known_answers_of_random123(counter: Any, key: Any, answer: Any) -> None:
    assert rn.philox(*counter, *key) == answer
    assert tuple(map(int, plain.philox(*counter, *key))) == answer


def test_philox_takes_its_arguments_modulo_two_to_the_32() -> None:
    assert rn.philox(2**32 + 5, 2**40, -1, 0, 7, 2**33) == rn.philox(5, 0, FULL, 0, 7, 0)


def test_every_word_of_counter_and_key_matters() -> None:
    base = (1, 2, 3, 4, 5, 6)
    blocks = {rn.philox(*base)}
    blocks |= {rn.philox(*base[:i], base[i] + 1, *base[i + 1 :]) for i in range(6)}
    assert len(blocks) == 7


# --- what the functions return --------------------------------------------------------------------


def test_philox_returns_whole_numbers_below_two_to_the_32() -> None:
    words = rn.philox(1, 2, 3, 4, 5, 6)
    assert all(type(word) is int and 0 <= word <= FULL for word in words)


def test_uniforms_and_counts_are_plain_numbers() -> None:
    assert [type(u) for u in rn.four_uniforms(1, 2, 3, 4, 5)] == [float] * 4
    assert type(rn.uniform(1, 2, 3, 4, 5)) is float
    assert type(rn.poisson(3.5, 1, 2, 3, 4, 5)) is int
    assert type(rn.normal_quantile(0.3)) is float


def test_the_extreme_words_give_uniforms_inside_the_open_interval() -> None:
    for word in (0, FULL):
        ends = plain_with_words(word, word, word, word)
        assert 0.0 < ends.uniform(1, 2, 3, 4, 5) < 1.0
        assert all(0.0 < u < 1.0 for u in ends.four_uniforms(1, 2, 3, 4, 5))


@pytest.mark.parametrize("purpose", [0, 1, 2, 3, 4, 17, 34])
def test_one_uniform_is_its_lane_of_the_four(purpose: int) -> None:
    for seed, replicate, who, month, draw in COUNTERS:
        four = rn.four_uniforms(seed, replicate, who, month, purpose // 4, draw)
        assert rn.uniform(seed, replicate, who, month, purpose, draw) == four[purpose % 4]


def test_the_first_draw_is_the_one_that_is_not_numbered() -> None:
    assert rn.uniform(1, 2, 3, 4, 5) == rn.uniform(1, 2, 3, 4, 5, 0)
    assert rn.uniform(1, 2, 3, 4, 5) != rn.uniform(1, 2, 3, 4, 5, 1)


COUNTERS = [
    (0, 0, 0, 0, 0),
    (1, 0, 2**20 + 3, 7, 1),
    (2**32 - 1, 999, 1_200 << 20, 1_199, 2),
    (20_260, 3, 17, 59, 300),
]
"""Some (seed, replicate, who, month, draw), small and large."""


# --- compiled and not -----------------------------------------------------------------------------


def uncompiled(module: ModuleType, **replaced: Any) -> SimpleNamespace:
    """Return a module's functions as plain Python that calls plain Python."""
    names = dict(vars(module))
    for name, thing in vars(module).items():
        if hasattr(thing, "py_func"):
            f = thing.py_func
            names[name] = FunctionType(f.__code__, names, name, f.__defaults__)
    names.update(replaced)
    return SimpleNamespace(**names)


def plain_with_words(*words: int) -> SimpleNamespace:
    """Return plain functions whose generator always gives these four words."""
    return uncompiled(rn, philox=lambda *_: tuple(map(np.uint64, words)))


plain = uncompiled(rn)


def test_compiled_and_plain_uniforms_are_the_same() -> None:
    for seed, replicate, who, month, draw in COUNTERS:
        luck = (seed, replicate, who, month)
        assert rn.four_uniforms(*luck, 3, draw) == plain.four_uniforms(*luck, 3, draw)
        for purpose in range(37):
            assert rn.uniform(*luck, purpose, draw) == plain.uniform(*luck, purpose, draw)


@pytest.mark.parametrize("mean", [0.0, 0.02, 3.0, 60.5, 499.0, 1_200.0])
def test_compiled_and_plain_counts_are_the_same(mean: float) -> None:
    for seed, replicate, who, month, _ in COUNTERS:
        luck = (seed, replicate, who, month, rn.N_ARRIVALS)
        assert rn.poisson(mean, *luck) == plain.poisson(mean, *luck)


def test_compiled_and_plain_normal_quantiles_agree_to_the_last_digits() -> None:
    for p in probabilities():
        assert rn.normal_quantile(p) == pytest.approx(plain.normal_quantile(p), rel=1e-14)


# --- the normal quantile --------------------------------------------------------------------------


def probabilities() -> np.ndarray:
    """Return probabilities from the smallest uniform there is to the largest."""
    tail = np.geomspace(0.5 * 2.0**-32, 0.5, 400, endpoint=False)
    return np.concatenate([tail, [0.5], 1.0 - tail[::-1]])


def test_the_normal_quantile_is_that_of_scipy() -> None:
    p = probabilities()
    ours = np.array([rn.normal_quantile(x) for x in p])
    assert ours == pytest.approx(special.ndtri(p), rel=1e-13, abs=1e-15)


def test_the_normal_quantile_rises_across_the_seams_of_its_pieces() -> None:
    for seam in (0.075, 0.925, np.exp(-25.0), 1.0 - np.exp(-25.0)):
        around = seam * (1.0 + np.linspace(-1e-9, 1e-9, 21))
        values = [rn.normal_quantile(p) for p in around]
        assert all(a <= b for a, b in pairwise(values))


# --- Poisson counts -------------------------------------------------------------------------------

MEANS = (0.05, 0.7, 6.0, 45.0, 500.0, 500.5, 1_200.0)
N_COUNTS = 8_000
Z_1E4 = float(stats.norm.isf(0.5e-4 / len(MEANS)))
"""|z| that is exceeded with probability 1e-4 in one of the means."""


def counts(mean: float) -> np.ndarray:
    """Return Poisson counts at neighbouring counters."""
    return np.array([rn.poisson(mean, 11, 0, 0, month, rn.N_ARRIVALS) for month in range(N_COUNTS)])


@pytest.mark.parametrize("mean", MEANS)
def test_poisson_counts_have_mean_and_variance_of_a_poisson(mean: float) -> None:
    """Error rate 1e-4 for the means, and 1e-4 for the variances, over all of MEANS."""
    drawn = counts(mean)
    assert abs(drawn.mean() - mean) < Z_1E4 * np.sqrt(mean / N_COUNTS)
    spread = np.sqrt((mean + 2.0 * mean**2) / N_COUNTS)
    assert abs(drawn.var(ddof=1) - mean) < Z_1E4 * spread


@pytest.mark.parametrize("mean", MEANS)
def test_poisson_counts_have_the_distribution_of_a_poisson(mean: float) -> None:
    """Chi-square over cells of at least 20 expected counts; error rate 1e-4 over all of MEANS."""
    edges = stats.poisson.ppf(np.linspace(0.0, 1.0, 26)[1:-1], mean)
    edges = np.unique(edges[(N_COUNTS * stats.poisson.sf(edges, mean) > 20)])
    bounds = np.concatenate([[-np.inf], edges, [np.inf]])
    expected = N_COUNTS * np.diff(stats.poisson.cdf(bounds, mean))
    observed = np.histogram(counts(mean), bins=bounds + 0.5)[0]
    assert stats.chisquare(observed, expected).pvalue > 1e-4 / len(MEANS)


def test_a_larger_mean_never_gives_a_smaller_count() -> None:
    means = [0.0, 0.01, 0.5, 3.0, 80.0, 499.9, 500.0, 500.1, 700.0, 1_000.0, 1_000.1, 1_800.0]
    for month in range(50):
        drawn = [rn.poisson(mean, 5, 1, 0, month, rn.N_ARRIVALS) for mean in means]
        assert drawn == sorted(drawn)


def test_nothing_is_drawn_from_a_mean_of_zero_or_less() -> None:
    assert [rn.poisson(mean, 1, 0, 0, 0, rn.N_ARRIVALS) for mean in (0.0, -3.0)] == [0, 0]


# --- uniforms -------------------------------------------------------------------------------------

N = 20_000
AXES = ("seed", "replicate", "who", "month", "purpose", "draw")


def along(axis: str) -> np.ndarray:
    """Return uniforms at counters that differ in one coordinate only, by one."""
    where = {"seed": 2_026, "replicate": 3, "who": 70, "month": 8, "purpose": 1, "draw": 0}
    start = where.pop(axis)
    return np.array([rn.uniform(**where, **{axis: start + i}) for i in range(N)])


@pytest.mark.parametrize("axis", AXES)
def test_uniforms_along_every_coordinate_are_uniform(axis: str) -> None:
    """Kolmogorov-Smirnov; error rate 1e-4 over all coordinates."""
    u = along(axis)
    assert 0.0 < u.min() < u.max() < 1.0
    assert stats.kstest(u, "uniform").pvalue > 1e-4 / len(AXES)


@pytest.mark.parametrize(("axis", "lag"), product(AXES, (1, 2, 4)))
def test_uniforms_of_neighbouring_counters_are_independent(axis: str, lag: int) -> None:
    """Chi-square over 10 x 10 cells of pairs; error rate 1e-4 over all coordinates and lags."""
    u = along(axis)
    pairs = np.histogram2d(u[:-lag], u[lag:], bins=10, range=[[0.0, 1.0], [0.0, 1.0]])[0]
    assert stats.chi2_contingency(pairs).pvalue > 1e-4 / (3 * len(AXES))


@pytest.mark.parametrize(("first", "second"), [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)])
def test_the_four_uniforms_of_a_block_are_independent(first: int, second: int) -> None:
    """Chi-square over 10 x 10 cells of pairs of lanes; error rate 1e-4 over all pairs."""
    four = np.array([rn.four_uniforms(1, 0, who, 0, rn.CASE_MONTH) for who in range(N)])
    pairs = np.histogram2d(four[:, first], four[:, second], bins=10, range=[[0, 1], [0, 1]])[0]
    assert stats.chi2_contingency(pairs).pvalue > 1e-4 / 6


# --- purposes -------------------------------------------------------------------------------------

NOT_PURPOSES = {"LARGEST_SEED", "UNDATED"}


def numbers_by_name() -> dict[str, int]:
    """Return the purposes: whole numbers in capitals that are not names of blocks."""
    blocks = {"CASE_MONTH", "HIDDEN_MONTH", "PLACEMENT", "FOLLOW_UP", "ARRIVAL", "START"}
    return {
        name: number
        for name, number in vars(rn).items()
        if name.isupper() and isinstance(number, int) and name not in blocks | NOT_PURPOSES
        and not name.startswith("_")
    }  # fmt: skip


def test_purposes_have_distinct_numbers() -> None:
    purposes = numbers_by_name()
    assert {"READY", "CRISIS", "MOVE_DOWN", "COVERED", "TURNOVER", "N_ARRIVALS"} <= set(purposes)
    by_number: dict[int, list[str]] = {}
    for name, number in purposes.items():
        by_number.setdefault(number, []).append(name)
    shared = {number: names for number, names in by_number.items() if len(names) > 1}
    assert not shared
