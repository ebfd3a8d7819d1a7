"""Pictures of money: net saving by year and cumulated, when it has paid, all policies side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.pictures.look import (
    BLUE,
    INK,
    ON_WHITE,
    ORANGE,
    SKY,
    WIDTH,
    axes_for,
    band_label,
    below,
    covers,
    label_years,
    numbers_across,
    tidy,
    titled,
)
from experiments.results import Study
from experiments.words import Language, duration, number, of_hundred, policy_name, text
from simulation.accounts import MONTHS_IN_YEAR
from simulation.costs import cumulated
from simulation.tables import window

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_saving(
    study: Study, policy: str | None = None, ax: Axes | None = None, language: Language = "en"
) -> Axes:
    """Draw the cumulated net saving of one policy by year: mean, 50 and 90 % of histories."""
    name = policy or study.plan.policies[0]
    ax = axes_for(ax)
    total = study.cumulated_saving(name) / 1e6
    years = np.arange(total.shape[1] + 1)
    bands = np.quantile(total, [0.05, 0.25, 0.75, 0.95], axis=0)
    low, lower, upper, high = (np.append(0.0, band) for band in bands)
    for ends, alpha, n in (((low, high), 0.35, 90), ((lower, upper), 0.75, 50)):
        label = text("covers.histories", language, n=n, covers=covers(study, language))
        ax.fill_between(years, *ends, color=SKY, alpha=alpha, lw=0, label=label)
    mean = np.append(0.0, total.mean(axis=0))
    ax.plot(years, mean, color=BLUE, lw=2, marker="o", label=text("axis.mean", language))
    ax.axhline(0.0, color=INK, lw=1)
    p = study.p_broken_even(name)
    for year in label_years(ax, study.plan.scenario.months, language):
        if year:
            _above(ax, number(100 * p[year - 1], language), (year, high[year]))
    ax.margins(y=0.1)
    ax.legend(loc="upper left" if high[-1] >= -low[-1] else "lower left", frameon=False, fontsize=9)
    _finished(ax, study, name, language, "saving.title", "saving.years")
    return ax


def plot_policies(study: Study, ax: Axes | None = None, language: Language = "en") -> Axes:
    """Draw every policy's net saving over the whole time: mean and 90 % of histories."""
    ax = axes_for(ax)
    names = list(study.plan.policies)
    for y, name in enumerate(reversed(names)):
        e = study.estimate(study.cumulated_saving(name)[:, -1] / 1e6)
        ax.plot([e.low, e.high], [y, y], color=SKY, lw=7, solid_capstyle="butt")
        ax.plot(e.mean, y, "o", color=BLUE, ms=7)
        ax.annotate(number(e.mean, language, 1), (e.mean, y), ha="center", va="bottom",
                    xytext=(0, 7), textcoords="offset points", fontsize=9, bbox=ON_WHITE)  # fmt: skip
    ax.axvline(0.0, color=INK, lw=1, zorder=0)
    ax.set_yticks(range(len(names)), [_label(study, n, language) for n in reversed(names)])
    ax.set_ylim(-0.6, len(names) - 0.2)
    scenario = study.plan.scenario
    what = {"time": duration(scenario.months, language), "year": scenario.price_year}
    ax.set_xlabel(text("policies.unit", language, band=band_label(study, language), **what))
    ax.set_title(text("policies.title", language), loc="left", fontsize=11)
    tidy(ax)
    numbers_across(ax, language)
    return ax


def plot_yearly(
    study: Study, policy: str | None = None, ax: Axes | None = None, language: Language = "en"
) -> Axes:
    """Draw the net saving of each year: mean as a bar with its number, 90 % of histories as a line."""
    name = policy or study.plan.policies[0]
    ax = axes_for(ax, WIDTH, 3.6)
    yearly = np.diff(study.cumulated_saving(name) / 1e6, axis=1, prepend=0.0)
    years, mean = np.arange(1, study.n_years + 1), yearly.mean(axis=0)
    low, high = np.quantile(yearly, [0.05, 0.95], axis=0)
    ax.bar(years, mean, 0.55, color=SKY, hatch="///", edgecolor="white", lw=0.5, zorder=2,
           label=text("yearly.bar", language))  # fmt: skip
    ax.vlines(years, low, high, color=INK, lw=1.3, zorder=3,
              label=text("yearly.line", language, band=band_label(study, language)))  # fmt: skip
    ax.axhline(0.0, color=INK, lw=1, zorder=3)
    for year in label_years(ax, study.plan.scenario.months, language, first=1):
        top = max(float(high[year - 1]), float(mean[year - 1]), 0.0)
        _above(ax, number(float(mean[year - 1]), language, 1, signed=True), (year, top))
    _with_room_above(ax, min(float(low.min()), 0.0), max(float(high.max()), 0.0))
    _finished(ax, study, name, language, "yearly.title", "axis.year")
    below(ax)
    return ax


def plot_cumulated(
    study: Study, policy: str | None = None, ax: Axes | None = None, language: Language = "en"
) -> Axes:
    """Draw the net saving cumulated by month, and the month from which the policy has paid.

    The diamond is the median month from which a policy has paid for good, of the histories in which it
    does; the line through it holds 90 of 100 of these.
    """
    name = policy or study.plan.policies[0]
    ax = axes_for(ax, WIDTH, 4.3)
    monthly = cumulated(study.saving(name)) / 1e6
    at = np.arange(monthly.shape[1] + 1) / MONTHS_IN_YEAR
    low, high = (np.append(0.0, q) for q in np.quantile(monthly, [0.05, 0.95], axis=0))
    label = text("cumulated.band", language, band=band_label(study, language))
    ax.fill_between(at, low, high, color=SKY, alpha=0.35, lw=0, zorder=1, label=label)
    mean = np.append(0.0, monthly.mean(axis=0))
    ax.plot(at, mean, color=BLUE, lw=2, zorder=4, label=text("cumulated.mean", language))
    ax.annotate(number(mean[-1], language, 1, signed=True), (at[-1], mean[-1]), xytext=(5, 0),
                textcoords="offset points", va="center", fontsize=9, color=INK)  # fmt: skip
    ax.axhline(0.0, color=INK, lw=1, zorder=3)
    _break_even_mark(ax, study, name, language)
    label_years(ax, study.plan.scenario.months, language, at_end=True)
    ax.set_xlim(-0.02 * at[-1], 1.08 * at[-1])
    _finished(ax, study, name, language, "cumulated.title", "axis.end_of_year")
    below(ax)
    return ax


def _break_even_mark(ax: Axes, study: Study, policy: str, language: Language) -> None:
    """Draw where on the axis a policy has paid: median and 90 % of those histories in which it has."""
    months = study.break_even_month(policy)
    known = months[~np.isnan(months)]
    if len(known) == 0:
        ax.plot([], [], " ", label=text("cumulated.never", language))
        return
    begin = window(study.plan.scenario, study.plan.scenario.policy(policy))[0]
    low, median, high = np.quantile(known, [0.05, 0.5, 0.95])
    share = of_hundred(len(known) / len(months), language)
    label = text("cumulated.paid", language, share=share, month=number(float(median), language))
    x = (begin + np.array([low, high])) / MONTHS_IN_YEAR
    ax.plot(x, [0.0, 0.0], color=ORANGE, lw=3, solid_capstyle="butt", zorder=6)
    ax.plot((begin + median) / MONTHS_IN_YEAR, 0.0, "D", color=ORANGE, mec="white", ms=8, zorder=7,
            label=label)  # fmt: skip


def plot_break_even(
    study: Study, policy: str | None = None, ax: Axes | None = None, language: Language = "en"
) -> Axes:
    """Draw by year in how many of 100 histories the net saving since the start is not negative."""
    name = policy or study.plan.policies[0]
    ax = axes_for(ax, WIDTH, 3.4)
    p = 100.0 * study.p_broken_even(name)
    years = np.arange(1, study.n_years + 1)
    ax.bar(years, p, 0.6, color=BLUE, zorder=2)
    ax.bar(years, 100.0 - p, 0.6, bottom=p, color="white", hatch="///", edgecolor="#c4c4c4", lw=0.8)
    for year in label_years(ax, study.plan.scenario.months, language, first=1):
        _above(ax, _count(p[year - 1]), (year, p[year - 1]))
    ax.set_ylim(0.0, 112.0)
    ax.set_yticks([0, 25, 50, 75, 100])
    ax.set_xlabel(text("break_even.years", language))
    ax.set_ylabel(text("break_even.unit", language))
    what = {"policy": _label(study, name, language), "n": number(study.replicates, language)}
    titled(ax, text("break_even.title", language, **what))
    tidy(ax, language)
    return ax


def _count(p: float) -> str:
    """Return a share in whole per cent; what is neither none nor all is never rounded to it."""
    return "<1" if 0.0 < p < 0.5 else ">99" if 99.5 <= p < 100.0 else f"{p:.0f}"


def _above(ax: Axes, said: str, at: tuple[float, float]) -> None:
    ax.annotate(said, at, ha="center", va="bottom", xytext=(0, 3), textcoords="offset points",
                fontsize=9, color=INK, bbox=ON_WHITE)  # fmt: skip


def _with_room_above(ax: Axes, low: float, high: float) -> None:
    """Set the ends of the vertical axis, with room for a number above the highest."""
    span = (high - low) or 1.0
    ax.set_ylim(low - 0.06 * span, high + 0.16 * span)


def _finished(ax: Axes, study: Study, policy: str, language: Language, title: str, across: str) -> None:
    """Give a picture of kroner over years its title and units: the keys of its texts."""
    titled(ax, text(title, language, policy=_label(study, policy, language)))
    ax.set_xlabel(text(across, language))
    ax.set_ylabel(text("axis.millions", language, year=study.plan.scenario.price_year))
    tidy(ax, language)


def _label(study: Study, policy: str, language: Language) -> str:
    return policy_name(study.plan.scenario, policy, language)
