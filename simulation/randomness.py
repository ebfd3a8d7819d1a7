"""Randomness: one uniform for every (who, month, purpose), from a counter and not from a state.

The generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
1, 2, 3", SC11, 2011). Its key is (study seed, replicate), its counter (who, month, block, draw). One
block of four 32-bit words serves four purposes. Nothing is remembered between calls, so the order of
calls, the number of workers and the policy in force cannot shift anybody else's luck.
"""

from __future__ import annotations

import math

import numpy as np

from simulation.compiled import compiled, inlined

# Purposes. Four consecutive numbers share one block: those usually needed together stand together.
READY, CRISIS = 0, 1
HIDDEN_CRISIS, DETECTED, FADED, REENTRY = 4, 5, 6, 7
ENTRY_TYPE, NETWORK_FOUND, PRICE, HOME_OR_NEXT = 8, 9, 10, 11
BREAKDOWN_UP, ASSESSMENT, ASSESSMENT_WAIT = 12, 13, 14
MOVE_DOWN, MOVE_UP = 36, 37
ARRIVAL_BAND, ARRIVAL_AGE, SEVERITY, HAS_NETWORK = 16, 17, 18, 19
START_AGE, START_STAY, START_READY, START_FOLLOWED = 20, 21, 22, 23
COVERED, START_PRICE, START_PROGRESS = 24, 25, 26
TURNOVER = 28
N_ARRIVALS, N_HIDDEN, N_ASSESSED = 32, 33, 34

UNDATED = 0
"""The month of draws that are numbered instead of dated: the n-th decision of its kind for a child.

What ends a stretch of time (an assessment, a placement) may come earlier in one arm of a comparison
than in the other. Numbered, it is the same decision with the same luck; dated, it would be another.
"""

CASE_MONTH = READY // 4
HIDDEN_MONTH = HIDDEN_CRISIS // 4
PLACEMENT = ENTRY_TYPE // 4
FOLLOW_UP = MOVE_DOWN // 4
ARRIVAL = ARRIVAL_BAND // 4
START = START_AGE // 4

LARGEST_SEED = 2**32 - 1
_TO_UNIT = 2.0**-32
_LARGEST_POISSON_MEAN = 500.0
"""Above this, exp(-mean) nears the smallest double; a larger mean is a sum of smaller ones."""


@inlined
def philox(
    c0: int, c1: int, c2: int, c3: int, k0: int, k1: int
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Return the four 32-bit words (as uint64) of counter (c0..c3) under key (k0, k1).

    All arguments are taken modulo 2**32. Checked against the known answers of Random123.
    """
    m0, m1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
    w0, w1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
    low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    x0, x1 = np.uint64(c0) & low, np.uint64(c1) & low
    x2, x3 = np.uint64(c2) & low, np.uint64(c3) & low
    y0, y1 = np.uint64(k0) & low, np.uint64(k1) & low
    for _ in range(10):
        p0 = m0 * x0
        p1 = m1 * x2
        x0 = (p1 >> half) ^ x1 ^ y0
        x2 = (p0 >> half) ^ x3 ^ y1
        x1 = p1 & low
        x3 = p0 & low
        y0 = (y0 + w0) & low
        y1 = (y1 + w1) & low
    return x0, x1, x2, x3


@inlined
def unit(word: np.uint64) -> float:
    """Return the uniform in (0, 1) of one 32-bit word."""
    return (float(np.int64(word)) + 0.5) * _TO_UNIT


@compiled
def four_uniforms(
    seed: int, replicate: int, who: int, month: int, block: int, draw: int = 0
) -> tuple[float, float, float, float]:
    """Return the four uniforms in (0, 1) of one block: purposes 4*block .. 4*block + 3."""
    a, b, c, d = philox(who, month, block, draw, seed, replicate)
    return unit(a), unit(b), unit(c), unit(d)


@compiled
def uniform(seed: int, replicate: int, who: int, month: int, purpose: int, draw: int = 0) -> float:
    """Return the uniform in (0, 1) of one purpose; `draw` numbers repeated draws for it."""
    a, b, c, d = philox(who, month, purpose // 4, draw, seed, replicate)
    lane = purpose % 4
    word = a if lane == 0 else b if lane == 1 else c if lane == 2 else d
    return unit(word)


@compiled
def poisson(mean: float, seed: int, replicate: int, who: int, month: int, purpose: int) -> int:
    """Return a Poisson count by inversion; larger for a larger mean at the same counter."""
    count = 0
    draw = 0
    while mean > 0.0:
        part = min(mean, _LARGEST_POISSON_MEAN)
        count += _poisson_from(uniform(seed, replicate, who, month, purpose, draw), part)
        mean -= part
        draw += 1
    return count


@compiled
def _poisson_from(u: float, mean: float) -> int:
    count = 0
    p = math.exp(-mean)
    cumulated = p
    while u > cumulated and p > 0.0:
        count += 1
        p *= mean / count
        cumulated += p
    return count


@compiled
def normal_quantile(p: float) -> float:
    """Return the standard normal quantile of p in (0, 1), to about 1e-15 relative.

    Algorithm AS 241, PPND16 (Wichura 1988, Applied Statistics 37, 477-484).
    """
    q = p - 0.5
    if abs(q) <= 0.425:
        return q * _central(0.180625 - q * q)
    tail = p if q < 0.0 else 1.0 - p
    r = math.sqrt(-math.log(tail))
    z = _shoulder(r - 1.6) if r <= 5.0 else _far_tail(r - 5.0)
    return -z if q < 0.0 else z


@compiled
def _central(r: float) -> float:
    top = 2.5090809287301226727e3
    for c in (
        3.3430575583588128105e4,
        6.7265770927008700853e4,
        4.5921953931549871457e4,
        1.3731693765509461125e4,
        1.9715909503065514427e3,
        1.3314166789178437745e2,
        3.3871328727963666080,
    ):
        top = top * r + c
    bottom = 5.2264952788528545610e3
    for c in (
        2.8729085735721942674e4,
        3.9307895800092710610e4,
        2.1213794301586595867e4,
        5.3941960214247511077e3,
        6.8718700749205790830e2,
        4.2313330701600911252e1,
        1.0,
    ):
        bottom = bottom * r + c
    return top / bottom


@compiled
def _shoulder(r: float) -> float:
    top = 7.74545014278341407640e-4
    for c in (
        2.27238449892691845833e-2,
        2.41780725177450611770e-1,
        1.27045825245236838258,
        3.64784832476320460504,
        5.76949722146069140550,
        4.63033784615654529590,
        1.42343711074968357734,
    ):
        top = top * r + c
    bottom = 1.05075007164441684324e-9
    for c in (
        5.47593808499534494600e-4,
        1.51986665636164571966e-2,
        1.48103976427480074590e-1,
        6.89767334985100004550e-1,
        1.67638483018380384940,
        2.05319162663775882187,
        1.0,
    ):
        bottom = bottom * r + c
    return top / bottom


@compiled
def _far_tail(r: float) -> float:
    top = 2.01033439929228813265e-7
    for c in (
        2.71155556874348757815e-5,
        1.24266094738807843860e-3,
        2.65321895265761230930e-2,
        2.96560571828504891230e-1,
        1.78482653991729133580,
        5.46378491116411436990,
        6.65790464350110377720,
    ):
        top = top * r + c
    bottom = 2.04426310338993978564e-15
    for c in (
        1.42151175831644588870e-7,
        1.84631831751005468180e-5,
        7.86869131145613259100e-4,
        1.48753612908506148525e-2,
        1.36929880922735805310e-1,
        5.99832206555887937690e-1,
        1.0,
    ):
        bottom = bottom * r + c
    return top / bottom
