"""Picture of how means settle: the running mean with its band, per outcome."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from experiments.how_many.study import Settled, Settling
from experiments.how_many.tables import amount, unit
from experiments.plots import BLUE, GREEN, GREY, INK, SKY, axes_for, tidy
from experiments.results import year_label
from experiments.sweep.outcomes import KEPT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOM = 0.75
"""Of the width of the first band, how much is shown above and below the last mean at least."""


def plot_settling(found: Settling, s: Settled, ax: Axes | None = None) -> Axes:
    """Draw the running mean of an outcome with its 90 % band, and the precision that was wanted."""
    ax = axes_for(ax, 6.0, 4.2)
    r, scale = s.running, 1e-6 if KEPT[s.outcome].unit == "DKK" else 1.0
    mean, width, last = scale * r.mean, scale * r.half_width, scale * float(r.mean[-1])
    wanted = scale * s.tolerance
    ax.axhspan(last - wanted, last + wanted, color=GREEN, alpha=0.18, lw=0, label="wanted: mean ± "
               f"{amount(s, s.tolerance)}")  # fmt: skip
    ax.fill_between(r.n, mean - width, mean + width, color=SKY, alpha=0.55, lw=0,
                    label="90 % confidence interval of the mean")  # fmt: skip
    ax.plot(r.n, mean, color=BLUE, lw=1.6, label="mean of so many histories")
    ax.axhline(last, color=GREY, lw=0.8, zorder=1)
    if s.enough is not None:
        ax.axvline(s.enough, color=INK, lw=1.2, ls="--", label=f"enough: {s.enough:,}")
    reach = max(ROOM * float(np.nanmax(width)), 1.6 * wanted) or 1.0
    ax.set_ylim(last - 1.6 * reach, last + 1.6 * reach)
    ax.set_xscale("log")
    ax.set_xlim(r.n[0], r.n[-1])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("histories")
    ax.set_ylabel(unit(found, s))
    ax.set_title(KEPT[s.outcome].label, loc="left", fontsize=11)
    tidy(ax)
    ax.legend(loc="upper right", facecolor="white", edgecolor="none", framealpha=0.9, fontsize=8)
    return ax


def settling(found: Settling) -> Figure:
    """Return the figure: one panel per outcome, at most three side by side."""
    n = len(found.outcomes)
    columns = min(3, n)
    rows = -(-n // columns)
    figure = Figure(figsize=(max(6.4, 4.9 * columns), 0.7 + 3.9 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for s, ax in zip(found.outcomes, axes, strict=False):
        plot_settling(found, s, ax)
    for ax in axes[n:]:
        ax.set_axis_off()
    title = (
        f"{found.scenario.label}, {found.policy}: how means over {year_label(found.scenario.months)} "
        "settle with the number of histories"
    )
    figure.suptitle(fill(title, 36 * columns + 20), x=0.01, ha="left", fontsize=12)
    return figure
