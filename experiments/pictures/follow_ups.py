"""Picture of what caseworkers have time for: cases per caseworker against months between follow-ups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.pictures.look import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    SKY,
    WIDTH,
    axes_for,
    band_label,
    below,
    numbers_across,
    tidy,
    titled,
)
from experiments.results import Study
from experiments.runner import BASELINE
from experiments.words import Language, place, policy_name, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOOKS = ((INK, "D"), (BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (SKY, "v"), ("#CC79A7", "P"),
         ("#E69F00", "X"), ("#8c8c8c", "<"), ("#999933", ">"), (INK, "*"))  # fmt: skip
MOST_DOTS = 100
"""Histories drawn of each policy."""


def plot_follow_ups(
    study: Study,
    policies: Sequence[str] | None = None,
    ax: Axes | None = None,
    language: Language = "en",
) -> Axes:
    """Draw cases per caseworker against the achieved interval of follow-ups, in the last year.

    The first history of each policy to the hundredth as small dots, the mean as a large mark, its cross
    holds 90 of 100 histories. `policies`: None is the study's first and staff alone, if there is such.
    """
    ax = axes_for(ax, WIDTH, 5.0)
    chosen = list(study.plan.policies[:2] if policies is None else policies)
    scenario = study.plan.scenario
    for k, name in enumerate([BASELINE, *chosen]):
        color, mark = LOOKS[k % len(LOOKS)]
        load, gap = (study.outcome(what, name)[:, -1] for what in ("caseload", "achieved_interval"))
        ax.plot(load[:MOST_DOTS], gap[:MOST_DOTS], mark, color=color, ms=2.5, alpha=0.35, mew=0, zorder=1)
        across, up = study.estimate(load), study.estimate(gap)
        ax.plot([across.low, across.high], [up.mean, up.mean], color=color, lw=1.3, zorder=3)
        ax.plot([across.mean, across.mean], [up.low, up.high], color=color, lw=1.3, zorder=3)
        ax.plot(across.mean, up.mean, mark, color=color, mec="white", ms=9, lw=0, zorder=4,
                label=policy_name(scenario, name, language))  # fmt: skip
    ax.plot([], [], "+", color=INK, ms=9, label=text("follow_ups.band", language,
            band=band_label(study, language)))  # fmt: skip
    ax.plot([], [], "o", color=INK, ms=2.5, alpha=0.5, label=text("follow_ups.history", language))
    ax.set_xlabel(text("follow_ups.across", language))
    ax.set_ylabel(text("follow_ups.up", language))
    _from_zero(ax)
    titled(ax, text("follow_ups.title", language, place=place(scenario, language)))
    below(ax)
    tidy(ax, language)
    numbers_across(ax, language)
    return ax


def _from_zero(ax: Axes) -> None:
    """Let both axes begin at 0: both are counts of something."""
    for low_high, limit in ((ax.get_xlim(), ax.set_xlim), (ax.get_ylim(), ax.set_ylim)):
        high = low_high[1] if np.isfinite(low_high[1]) else 1.0
        limit(0.0, high)
