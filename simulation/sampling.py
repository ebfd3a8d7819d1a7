"""Drawing from a record: the number at a quantile u of its distribution between low and high.

Each function takes the range, the record's value and u (0 < u < 1, a number or an array), and returns a
number or an array like u. All rise with u and stay within low and high. What sums to one
(shares of a whole) must be rescaled after a draw, by the one who draws.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, ndtri

TAIL = 0.05
"""Share of the lognormal below low, and above high, before it is cut off there."""


def quantile(
    distribution: str, low: float, value: float, high: float, u: ArrayLike
) -> NDArray[np.float64] | float:
    """Return the number at quantile `u` of a distribution on [low, high]; see the functions below.

    "fixed" gives `value` at any u. Raises ValueError where u is not between 0 and 1, or where there is no
    such distribution.
    """
    at = np.asarray(u, np.float64)
    if not np.all((at > 0.0) & (at < 1.0)):
        raise ValueError(f"u = {u!r} must lie between 0 and 1, and be neither")
    if distribution not in _QUANTILES and distribution != "fixed":
        raise ValueError(f"no distribution {distribution!r}; there are fixed, {', '.join(_QUANTILES)}")
    if distribution == "fixed" or low == high:
        drawn = np.full(at.shape, float(value))
    else:
        drawn = np.clip(_QUANTILES[distribution](float(low), float(value), float(high), at), low, high)
    return drawn if at.shape else float(drawn)


def triangular(low: float, mode: float, high: float, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return quantiles of the triangular distribution with its peak at `mode`.

    Mean (low + mode + high) / 3; a share (mode - low) / (high - low) lies below the mode.
    """
    width = high - low
    left = low + np.sqrt(u * width * (mode - low))
    right = high - np.sqrt((1.0 - u) * width * (high - mode))
    return np.where(u * width < mode - low, left, right)


def pert(low: float, mode: float, high: float, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return quantiles of the PERT distribution: a beta distribution on [low, high], peak at `mode`.

    Shape parameters 1 + 4 (mode - low) / (high - low) and 1 + 4 (high - mode) / (high - low); mean
    (low + 4 mode + high) / 6 (Malcolm et al. 1959).
    """
    width = high - low
    a, b = 1.0 + 4.0 * (mode - low) / width, 1.0 + 4.0 * (high - mode) / width
    return np.asarray(low + width * betaincinv(a, b, u))


def lognormal(low: float, median: float, high: float, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return quantiles of a lognormal with this median, cut off at low and high.

    The logarithm is normal around log(median), with one standard deviation below the median and one
    above, such that before the cut 5 % lie below low and 5 % above high (a range is seldom symmetric).
    The cut takes the same share on both sides, so the median stays. With z(u) the standard normal
    quantile of 0.05 + 0.9 u: median x exp(sd z), sd = log(high / median) / 1.645 for z > 0 and
    log(median / low) / 1.645 for z < 0. Where low is 0, the standard deviation above the median holds
    below it too, and the cut lies at median^2 / high. Needs low >= 0 and median > 0.
    """
    bottom = low if low > 0.0 else median * median / high
    z = ndtri(TAIL + (1.0 - 2.0 * TAIL) * u)
    reach = np.where(z > 0.0, np.log(high / median), np.log(median / bottom))
    return np.asarray(median * np.exp(reach * z / -ndtri(TAIL)))


_QUANTILES = {"triangular": triangular, "beta": pert, "lognormal": lognormal}
