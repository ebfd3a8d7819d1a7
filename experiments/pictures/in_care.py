"""Picture of those in care by stair, month by month, with the band of their sum."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patheffects import withStroke

from experiments.pictures.look import (
    BLUE,
    INK,
    WIDTH,
    axes_for,
    band_label,
    below,
    label_years,
    spread_out,
    stair_looks,
    tidy,
    titled,
)
from experiments.results import Study
from experiments.runner import BASELINE
from experiments.small_counts import stairs_left_out
from experiments.words import Language, number, people, place, policy_name, stair_name, text
from simulation.accounts import MONTHS_IN_YEAR, Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HALO = [withStroke(linewidth=3.2, foreground="white", dashes={"dash_offset": 0, "dash_list": None})]
"""A white line without gaps below a dotted or dashed one, so that it stands out on any stair."""
NEAREST = 0.1
"""How near to one another the names beside the areas may stand, as a share of the height."""


def plot_in_care(
    study: Study, policy: str | None = None, ax: Axes | None = None, language: Language = "en"
) -> Axes:
    """Draw who is in care by stair and month under a policy: means, one on top of the other.

    The dotted lines hold the sum in 90 of 100 histories; the dashed one is its mean as today. Where
    small counts of a case list must not be shown, the stairs are drawn as one. ValueError where the
    staircase has no care.
    """
    name = policy or study.plan.policies[0]
    ax = axes_for(ax, WIDTH, 4.6)
    scenario = study.plan.scenario
    care = [i for i, stair in enumerate(scenario.staircase) if stair.in_care]
    if not care:
        raise ValueError(f"scenario {scenario.name!r} has no stairs of care, so nobody is in care")
    months = np.arange(1, scenario.months + 1) / MONTHS_IN_YEAR
    counts = study.arm(name).stairs[:, :, care]
    total = counts.sum(axis=2)
    parts = _parts(study, counts, care, language)
    low, high = np.quantile(total, [0.05, 0.95], axis=0)
    as_today = study.arm(BASELINE).stairs[:, :, care].sum(axis=2).mean(axis=0)
    ax.set_ylim(0.0, 1.05 * max(float(high.max()), float(as_today.max()), 1.0))
    _areas(ax, months, parts, language)
    for ends, label in (
        (low, text("in_care.band", language, band=band_label(study, language))),
        (high, ""),
    ):
        ax.plot(months, ends, color=INK, lw=1.5, ls=":", label=label or None, path_effects=HALO)
    ax.plot(months, as_today, color=BLUE, lw=1.8, ls="--", path_effects=HALO,
            label=text("in_care.as_today", language))  # fmt: skip
    label_years(ax, scenario.months, language, at_end=True)
    ax.set_xlim(0.0, 1.42 * months[-1])
    ax.spines["bottom"].set_bounds(0.0, months[-1])
    who = people(scenario, language, capital=True)
    ax.set_xlabel(text("axis.end_of_year", language), loc="left")
    ax.set_ylabel(
        text("in_care.unit", language, people=who.lower(), n=number(study.replicates, language))
    )
    label = policy_name(scenario, name, language)
    title = "in_care.title" if scenario.person == "child" else "in_care.title_person"
    titled(ax, text(title, language, people=who, place=place(scenario, language), policy=label))
    below(ax)
    tidy(ax, language)
    return ax


def _parts(study: Study, counts: Floats, care: list[int], language: Language) -> list[tuple[str, Floats]]:
    """Return (name, [month] mean) of each stair, or of all together where single ones must not show."""
    stairs = study.plan.scenario.staircase
    left_out = stairs_left_out(study.plan.scenario, study.plan.district)
    if any(stairs[i].key in left_out for i in care):
        return [(text("in_care.together", language), counts.sum(axis=2).mean(axis=0))]
    means = counts.mean(axis=0)
    return [(stair_name(stairs[i], language).partition(",")[0], means[:, k]) for k, i in enumerate(care)]


def _areas(ax: Axes, months: Floats, parts: list[tuple[str, Floats]], language: Language) -> None:
    """Draw the areas, and beside each its name with the number at the end."""
    floor = np.zeros(len(months))
    middles, said = [], []
    for (label, mean), (color, hatch, on) in zip(parts, stair_looks(len(parts)), strict=True):
        ax.fill_between(months, floor, floor + mean, facecolor=color, hatch=hatch, edgecolor=on, lw=0.0)
        middles.append(float(floor[-1] + mean[-1] / 2.0))
        floor = floor + mean
        said.append(_wrapped(text("moves.count", language, name=label, number=_one(mean[-1], language))))
    gap = NEAREST * ax.get_ylim()[1]
    for y, middle, label in zip(
        spread_out(np.array(middles), gap, 0.35 * gap), middles, said, strict=True
    ):
        ax.annotate(label, (months[-1], middle), (1.03 * months[-1], y), va="center", fontsize=8.5,
                    color=INK, arrowprops={"arrowstyle": "-", "color": "#777777", "lw": 0.6,
                                           "shrinkA": 0.0, "shrinkB": 0.0})  # fmt: skip


def _one(x: float, language: Language) -> str:
    return number(float(x), language, 0 if x >= 100 else 1)


def _wrapped(label: str) -> str:
    """Return a label on as many lines as the room beside the picture asks for."""
    return fill(label, 24)
