"""Picture of how means settle: the running mean with its band, per outcome."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from experiments.how_many.study import Settled, Settling
from experiments.how_many.tables import digits_of
from experiments.labels import outcome_label, scale, unit
from experiments.plots import BLUE, GREEN, GREY, INK, SKY, axes_for, tidy
from experiments.words import Language, duration, number, place, policy_name, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOM = 0.75
"""Of the width of the first band, how much is shown above and below the last mean at least."""


def plot_settling(found: Settling, s: Settled, ax: Axes | None = None, language: Language = "en") -> Axes:
    """Draw the running mean of an outcome with its 90 % band, and the precision that was wanted."""
    ax = axes_for(ax, 6.0, 4.2)
    r, by = s.running, scale(s.outcome)
    mean, width, last = r.mean / by, r.half_width / by, float(r.mean[-1]) / by
    wanted = s.tolerance / by
    said = text("settling.wanted", language, number=number(wanted, language, digits_of(s)))
    ax.axhspan(last - wanted, last + wanted, color=GREEN, alpha=0.18, lw=0, label=said)
    for end in (last - wanted, last + wanted):
        ax.axhline(end, color=GREEN, lw=1, ls=":", zorder=1)
    ax.fill_between(r.n, mean - width, mean + width, color=SKY, alpha=0.55, lw=0,
                    label=text("settling.band", language))  # fmt: skip
    ax.plot(r.n, mean, color=BLUE, lw=1.6, label=text("settling.mean", language))
    ax.axhline(last, color=GREY, lw=0.8, zorder=1)
    if s.enough is not None:
        enough = text("settling.enough", language, number=number(s.enough, language))
        ax.axvline(s.enough, color=INK, lw=1.2, ls="--", label=enough)
    reach = max(ROOM * float(np.nanmax(width)), 1.6 * wanted) or 1.0
    ax.set_ylim(last - 1.6 * reach, last + 1.6 * reach)
    ax.set_xscale("log")
    ax.set_xlim(r.n[0], r.n[-1])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: number(x, language)))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel(text("settling.across", language))
    ax.set_ylabel(unit(s.outcome, found.scenario, language))
    ax.set_title(outcome_label(s.outcome, language), loc="left", fontsize=11)
    tidy(ax, language)
    ax.legend(loc="upper right", facecolor="white", edgecolor="none", framealpha=0.9, fontsize=8)
    return ax


def settling(found: Settling, language: Language = "en") -> Figure:
    """Return the figure: one panel per outcome, at most three side by side."""
    n = len(found.outcomes)
    columns = min(3, n)
    rows = -(-n // columns)
    figure = Figure(figsize=(max(6.4, 4.9 * columns), 0.7 + 3.9 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for s, ax in zip(found.outcomes, axes, strict=False):
        plot_settling(found, s, ax, language)
    for ax in axes[n:]:
        ax.set_axis_off()
    whole = found.scenario
    what = {"place": place(whole, language), "policy": policy_name(whole, found.policy, language)}
    title = text("settling.title", language, time=duration(whole.months, language), **what)
    figure.suptitle(fill(title, 36 * columns + 20), x=0.01, ha="left", fontsize=12)
    return figure
