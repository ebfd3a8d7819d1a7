"""Picture of how histories differ: of 100 Fanøs, so many save and so many pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from experiments.pictures.look import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    WIDTH,
    axes_for,
    below,
    covers,
    numbers_across,
    titled,
)
from experiments.results import Study
from experiments.words import Language, duration, number, place, policy_name, text
from simulation.accounts import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DOTS = 100
BINS = 25
"""Columns of dots, about."""
SAME = 1e-3
"""m DKK that histories differ by at most where they are drawn as all the same."""
ROUNDING = 1e-9
"""m DKK that are no cost: a thousandth of a krone."""


def plot_hundred(
    study: Study, policy: str | None = None, ax: Axes | None = None, language: Language = "en"
) -> Axes:
    """Draw 100 dots, each for 1 of 100 histories, where its net saving over the whole time lies.

    Open squares are net costs, filled dots net savings; each kind lies as its histories do.
    """
    name = policy or study.plan.policies[0]
    ax = axes_for(ax, WIDTH, 3.9)
    total = study.cumulated_saving(name)[:, -1] / 1e6
    x, y, saves = _dots(total)
    size = 5.6 if y.max() <= 14 else 5.6 * 14.0 / y.max()
    ax.plot(x[saves], y[saves], "o", color=BLUE, mew=0, ms=size)
    ax.plot(x[~saves], y[~saves], "s", mfc="white", mec=ORANGE, mew=1.3, ms=0.85 * size)
    ax.axvline(0.0, color=INK, lw=1)
    median = float(np.median(total)) if np.ptp(total) >= SAME else None
    if median is not None:
        ax.axvline(median, color=GREY, lw=1.2, ls="--", zorder=0)
    ax.set_ylim(0.0, max(1.12 * float(y.max()), 6.0))
    ax.set_yticks([])
    for side in ("left", "right", "top"):
        ax.spines[side].set_visible(False)
    scenario = study.plan.scenario
    time = duration(scenario.months, language)
    unit = {"time": time, "year": scenario.price_year, "covers": covers(study, language)}
    ax.set_xlabel(text("hundred.unit", language, **unit))
    what = {
        "place": place(scenario, language),
        "policy": policy_name(scenario, name, language),
        "time": time,
    }
    n = {"saves": int(saves.sum()), "costs": int((~saves).sum())}
    titled(ax, text("hundred.title", language, **what, **n))
    _legend(ax, median, language)
    numbers_across(ax, language)
    return ax


def _dots(total: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return where 100 dots stand, [dot] across and upwards, and whether each is a saving.

    Savings and costs never share a column, so the line at 0 parts them. So many are savings as the share
    of histories says, rounded; where there is one of either kind at all, it has a dot.
    """
    saved = total >= -ROUNDING
    n = int(np.clip(round(DOTS * float(saved.mean())), saved.any(), DOTS - (~saved).any()))
    at = np.concatenate([_spread(total[~saved], DOTS - n), _spread(np.maximum(total[saved], 0.0), n)])
    span = float(at[-1] - at[0])
    if span < SAME:
        return *_block(float(at[0])), np.arange(DOTS) >= DOTS - n
    width = span / BINS
    column = np.floor(at / width)
    y = np.array([float((column[:i] == column[i]).sum()) for i in range(DOTS)]) + 0.6
    return (column + 0.5) * width, y, np.arange(DOTS) >= DOTS - n


def _block(value: float) -> tuple[Floats, Floats]:
    """Return where 100 dots of one and the same value stand: ten by ten about it."""
    row, column = np.divmod(np.arange(DOTS), 10)
    return value + (column - 4.5) * 0.015 * max(abs(value), 1.0), row + 0.6


def _spread(values: Floats, n: int) -> Floats:
    """Return n numbers that lie as the values do: the quantiles in the middle of n equal shares."""
    return np.quantile(values, (np.arange(n) + 0.5) / n) if n else np.zeros(0)


def _legend(ax: Axes, median: float | None, language: Language) -> None:
    handles = [
        Line2D([], [], lw=0, marker="o", color=BLUE, mew=0, label=text("hundred.saves", language)),
        Line2D([], [], lw=0, marker="s", mfc="white", mec=ORANGE, mew=1.3, ms=5,
               label=text("hundred.costs", language)),
    ]  # fmt: skip
    if median is not None:
        said = text("hundred.median", language, number=number(median, language, 1))
        handles.append(Line2D([], [], color=GREY, lw=1.2, ls="--", label=said))
    below(ax, 3, handles)
