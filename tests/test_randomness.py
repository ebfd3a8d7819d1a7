"""Randomness: the published generator, its uniforms, and that nobody's luck depends on others.

Statistical tests run at fixed counters. Each states its error rate: the chance that it would fail for
a right generator if the counters had been chosen at random.
"""

from __future__ import annotations

import inspect
import re
from collections import Counter
from functools import cache
from itertools import pairwise, product
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from random_scenarios import random_scenario
from scipy import special, stats
from support import AMPLE, History, district, history, ledger_columns, run_kernel, scenario

from simulation import Policy
from simulation import randomness as rn
from simulation.policy import World

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
    for seam in (0.075, 0.925, np.exp(-25.0)):
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


@pytest.mark.parametrize(("axis", "lag"), list(product(AXES, (1, 2, 4))))
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

BLOCKS = set(re.findall(r"^(\w+) = \w+ // 4$", inspect.getsource(rn), re.MULTILINE))
NOT_PURPOSES = BLOCKS | {"LARGEST_SEED", "UNDATED"}


def purposes() -> dict[str, int]:
    """Return what stands in capitals in the module and is a purpose."""
    names = {n for n in vars(rn) if n.isupper() and not n.startswith("_")} - NOT_PURPOSES
    return {name: vars(rn)[name] for name in names if isinstance(vars(rn)[name], int)}


def test_purposes_have_distinct_numbers() -> None:
    known = {"READY", "CRISIS", "MOVE_DOWN", "COVERED", "TURNOVER", "N_ARRIVALS"}
    assert known <= purposes().keys()
    twice = [n for n, times in Counter(purposes().values()).items() if times > 1]
    assert not twice


def test_blocks_have_distinct_numbers() -> None:
    assert {"CASE_MONTH", "PLACEMENT", "ARRIVAL"} <= BLOCKS
    assert len({vars(rn)[name] for name in BLOCKS}) == len(BLOCKS)


# --- nobody's luck depends on others --------------------------------------------------------------

OPEN_HANDED = scenario(
    AMPLE,
    months=36,
    districts=district(caseworkers=[1.0], places={"foster_care": 10_000}),
    work={"turnover_rate": 1.0, "vacancy_months": 2},
)
"""Hours and places for everybody, one caseworker: no child takes anything from another."""

EVERYTHING = {
    "reviews": {"first": 1.0, "later": 1.0},
    "practice": {"orientation": 3.0, "residential_odds": 0.1},
    "supply": {"network_search": 1.0, "outreach": 4.0},
    "world": {"surveillance": 2.0},
}


@pytest.mark.parametrize("replicate", range(20))
def test_a_policy_for_one_child_leaves_every_other_history_as_it_was(replicate: int) -> None:
    changed, unchanged = covered_and_others(replicate)
    assert len(unchanged) > 60
    assert all(unchanged.values())
    assert len(changed) == 1


def test_a_policy_for_one_child_changes_that_child() -> None:
    same = [same for replicate in range(20) for same in covered_and_others(replicate)[0].values()]
    assert same.count(False) >= 10


@cache
def covered_and_others(replicate: int) -> tuple[dict[int, bool], dict[int, bool]]:
    """Return for the one child a policy covers, and for the others: is the history the same?"""
    baseline = child_histories(history(OPEN_HANDED, seed=4, replicate=replicate))
    luck = {child: rn.uniform(4, replicate, child, 0, rn.COVERED) for child in baseline}
    reach = float(np.nextafter(min(luck.values()), 1.0))
    policy = Policy.model_validate({"reach": reach, **EVERYTHING})
    with_policy = child_histories(history(OPEN_HANDED, policy, seed=4, replicate=replicate))
    covered = {child for child in luck if luck[child] < reach}
    # Whoever leaves in the first month has no month in the trace: only the covered child may.
    assert with_policy.keys() ^ baseline.keys() <= covered
    same = {child: np.array_equal(with_policy.get(child), rows) for child, rows in baseline.items()}
    return (
        {child: same[child] for child in covered},
        {child: yes for child, yes in same.items() if child not in covered},
    )


def child_histories(h: History) -> dict[int, np.ndarray]:
    """Return each child's trace [month on a stair, what]."""
    rows = np.column_stack(list(h.trace.values()))
    return {int(child): rows[h.trace["child"] == child] for child in np.unique(h.trace["child"])}


TWO_DISTRICTS = scenario(
    districts=[
        *district(name="north", inflow=0.0, start={"undetected": 0, "assessment": 0}),
        *district(name="south", caseworkers=[0.5, 0.5]),
    ],
    work={"turnover_rate": 1.5, "vacancy_months": 1, "case_hours": 60.0},
)
"""Children in the south only, with caseworkers who come and go and have too little time."""


@pytest.mark.parametrize(
    "changes",
    [
        {"capacity": {"extra_fte": [1.0, 1.0]}},
        {"reviews": {"order": "most_intrusive"}},
        {"supply": {"extra_places": {"foster_care": -12}}},
        EVERYTHING,
    ],
    ids=["capacity", "order", "places", "everything else"],
)
def test_a_policy_in_one_district_leaves_the_other_as_it_was(changes: dict[str, Any]) -> None:
    policy = Policy.model_validate({"districts": ["north"], **changes})
    for replicate in range(10):
        baseline = history(TWO_DISTRICTS, replicate=replicate).trace
        with_policy = history(TWO_DISTRICTS, policy, replicate=replicate).trace
        for name in baseline.keys() - {"caseworker"}:
            assert np.array_equal(with_policy[name], baseline[name]), f"{name} differs"


@pytest.mark.parametrize("seed", range(120))
def test_a_policy_changes_nothing_before_its_first_month(seed: int) -> None:
    s = random_scenario(seed)
    baseline = history(s, seed=seed).book
    for name, policy in s.policies.items():
        begin = s.month_of(policy.start) if policy.start else 0
        before = history(s, name, seed=seed).book[:begin]
        assert np.array_equal(before, baseline[:begin]), f"policy {name}, which starts in {begin}"


@pytest.mark.parametrize("seed", range(40))
def test_two_identical_arms_differ_by_exactly_zero(seed: int) -> None:
    s = random_scenario(seed)
    policy = s.policies["first"]
    twin = policy.model_copy(update={"label": "the same under another name"})
    first, second = run_kernel(s, policy, replicates=3), run_kernel(s, twin, replicates=3)
    assert np.abs(first - second).max() == 0.0


@pytest.mark.parametrize("seed", range(40))
def test_in_the_null_world_a_policy_changes_costs_only(seed: int) -> None:
    s = random_scenario(seed)
    null = s.policies["first"].model_copy(update={"world": World(effect=0.0)})
    difference = run_kernel(s, null)[0] - run_kernel(s)[0]
    touched = {name for name, i in ledger_columns(s).items() if difference[:, i].any()}
    assert touched <= COSTS | {"new_resignations"}


COSTS = {"n_fte", "dkk_staff", "dkk_one_off", "dkk_programmes", "new_courses", "n_in_course"}
"""Posts and courses, and what they cost: what a policy without effect may change."""
