"""Picture of the staircase: children on each stair today, and expected with and without a policy."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from experiments.pictures.look import BLUE, GREY, INK, ORANGE, WIDTH, axes_for, figure_of, inches, titled
from experiments.results import Study
from experiments.runner import BASELINE
from experiments.words import Language, number, people, place, policy_name, stair_name, text
from simulation.accounts import MONTHS_IN_YEAR, Floats
from simulation.staircase import Stair, Staircase

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LETTER = 0.067
"""Inches that a letter of a stair's name takes."""
LEGEND = 0.86
"""Inches that the legend and a number below it take."""


def plot_staircase(
    study: Study, policy: str | None = None, ax: Axes | None = None, language: Language = "en"
) -> Axes:
    """Draw the staircase: children on each stair today, and expected with and without the policy."""
    name = policy or study.plan.policies[0]
    ax = axes_for(ax, WIDTH, 4.2)
    stairs = study.plan.scenario.staircase
    shown = [i for i, s in enumerate(stairs) if s.kind in ("home", "care")]
    today = _today(study)
    last_year = slice(MONTHS_IN_YEAR * (study.n_years - 1), None)
    after = {arm: study.arms[arm].stairs[:, last_year].mean(axis=(0, 1)) for arm in (BASELINE, name)}
    highest = max(float(today.max()), *(float(a[shown].max()) for a in after.values()))
    tops = []
    size = _size(ax, len(shown), max(highest, 10.0), language)
    for step, i in enumerate(shown):
        floor = 0.32 * highest * step
        _step(ax, step, highest)
        for offset, color, hatch, count in (
            (-0.27, GREY, "", today[i]),
            (0.0, ORANGE, "//", after[BASELINE][i]),
            (0.27, BLUE, "", after[name][i]),
        ):
            ax.bar(step + offset, count, 0.25, bottom=floor, color=color, hatch=hatch,
                   edgecolor="white", lw=0.5)  # fmt: skip
            digits = 0 if offset < 0 or count >= 100 else 1
            ax.annotate(number(float(count), language, digits), (step + offset, floor + count),
                        ha="center", va="bottom", fontsize=size)  # fmt: skip
            tops.append(floor + count)
    _staircase_labels(ax, stairs, shown, highest, language)
    left = max(tops[: 3 * -(-len(shown) // 2)])  # the legend stands above the left half
    legend = LEGEND / (0.72 * figure_of(ax).get_figheight())
    beside_legend = (left + 0.35 * highest * legend) / (1.0 - legend)
    ax.set_ylim(-0.35 * highest, max(1.08 * max(tops), beside_legend) or 1.0)
    _legend(ax, study, name, language)
    scenario = study.plan.scenario
    said = text(
        "staircase.title", language, people=people(scenario, language, capital=True),
        place=place(scenario, language), n=number(study.replicates, language),
    )  # fmt: skip
    titled(ax, said, letters=70)
    return ax


def _size(ax: Axes, stairs: int, highest: float, language: Language) -> float:
    """Return the size of the numbers above the bars, in points, at which three stand side by side."""
    letters = len(number(highest, language, 0 if highest >= 100 else 1))
    return min(9.0, 72.0 * 0.27 * 0.93 * inches(ax) / stairs / (0.64 * letters))


def _step(ax: Axes, step: int, highest: float) -> None:
    """Draw one stair as a step, and what is below it."""
    rise = 0.32 * highest
    floor = step * rise
    ax.fill_between([step - 0.5, step + 0.5], floor, -0.35 * highest, color="#ececec", lw=0, zorder=0)
    ax.plot([step - 0.5, step + 0.5], [floor, floor], color=INK, lw=1.5)
    if step:
        ax.plot([step - 0.5, step - 0.5], [floor - rise, floor], color=INK, lw=1.5)


def _legend(ax: Axes, study: Study, name: str, language: Language) -> None:
    policy = policy_name(study.plan.scenario, name, language)
    as_today = policy_name(study.plan.scenario, BASELINE, language)
    handles = [
        (GREY, "", text("staircase.today", language)),
        (ORANGE, "//", text("staircase.in_year", language, policy=as_today, year=study.n_years)),
        (BLUE, "", text("staircase.in_year", language, policy=policy, year=study.n_years)),
    ]
    for color, hatch, said in handles:
        ax.bar(0, 0, color=color, hatch=hatch, edgecolor="white", label=said)
    ax.legend(loc="upper left", frameon=False, fontsize=9)


def _today(study: Study) -> Floats:
    """Return [stair] children as the scenario's file shows them: small counts of a case list rounded."""
    scenario = study.plan.scenario
    return np.array(
        [sum(d.start.get(k, 0) for d in scenario.districts) for k in scenario.staircase.keys], float
    )


def _staircase_labels(
    ax: Axes, stairs: Staircase, shown: list[int], highest: float, language: Language
) -> None:
    width = max(10, int(inches(ax) / len(shown) / LETTER))
    ax.set_xticks(range(len(shown)), [_names(stairs[i], width, language) for i in shown], fontsize=8)
    ax.set_xlim(-0.6, len(shown) - 0.4)
    ax.set_yticks([])
    for side in ("left", "right", "top", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(length=0)
    ax.annotate(text("staircase.more", language), (len(shown) - 0.55, -0.3 * highest), ha="right",
                fontsize=9, color=INK)  # fmt: skip


def _names(stair: Stair, width: int, language: Language) -> str:
    """Return a stair's name, in English with the Danish one below it."""
    names = [stair_name(stair, language)]
    if language == "en" and stair.label:
        names.append(f"({stair.label})")
    return "\n".join(fill(name, width) for name in names)
