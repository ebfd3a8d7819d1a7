"""Pictures: functions of a result, `ax=None` in, `Axes` out, in Danish or English.

Colour-blind safe, readable in grey; every axis has its unit and every band says what it is. How they look
is in `experiments.pictures`, what they say in `experiments.words`.
"""

from __future__ import annotations

from matplotlib.figure import Figure

from experiments.pictures.flows import plot_flows
from experiments.pictures.follow_ups import plot_follow_ups
from experiments.pictures.hundred import plot_hundred
from experiments.pictures.in_care import plot_in_care
from experiments.pictures.look import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    SKY,
    WIDTH,
    as_png,
    axes_for,
    tidy,
    with_minus,
)
from experiments.pictures.money import (
    plot_break_even,
    plot_cumulated,
    plot_policies,
    plot_saving,
    plot_yearly,
)
from experiments.pictures.path import plot_path
from experiments.pictures.staircase import plot_staircase
from experiments.results import Study
from experiments.words import Language

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "INK",
    "ORANGE",
    "SKY",
    "WIDTH",
    "as_png",
    "axes_for",
    "comparison",
    "money",
    "plot_break_even",
    "plot_cumulated",
    "plot_flows",
    "plot_follow_ups",
    "plot_hundred",
    "plot_in_care",
    "plot_path",
    "plot_policies",
    "plot_saving",
    "plot_staircase",
    "plot_yearly",
    "staircase",
    "tidy",
    "with_minus",
]


def comparison(study: Study, language: Language = "en") -> Figure:
    """Return the figure of a comparison: the first policy by year, and all policies side by side."""
    figure = Figure(figsize=(11.5, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    plot_saving(study, ax=left, language=language)
    plot_policies(study, ax=right, language=language)
    return figure


def staircase(study: Study, language: Language = "en") -> Figure:
    """Return the staircase figure of the first policy."""
    figure = Figure(figsize=(8.6, 4.8), layout="constrained")
    plot_staircase(study, ax=figure.subplots(), language=language)
    return figure


def money(study: Study, policy: str | None = None, language: Language = "en") -> Figure:
    """Return the figure of a policy's money: net saving of each year, and cumulated with when it pays."""
    figure = Figure(figsize=(WIDTH, 7.4), layout="constrained")
    top, bottom = figure.subplots(2, 1, height_ratios=[0.8, 1.0])
    plot_yearly(study, policy, top, language)
    plot_cumulated(study, policy, bottom, language)
    return figure
