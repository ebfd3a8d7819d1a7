"""Pictures: functions of a study, `ax=None` in, `Axes` out. Colour-blind safe, readable in grey."""

from __future__ import annotations

from io import BytesIO
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from experiments.business_case import millions
from experiments.results import Study, year_label
from experiments.runner import BASELINE
from simulation.accounts import MONTHS_IN_YEAR
from simulation.staircase import Staircase

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's palette, dark to light so that grey prints keep the order.
INK, BLUE, ORANGE, GREEN, SKY, GREY = (
    "#222222", "#0072B2", "#D55E00", "#009E73", "#56B4E9", "#8c8c8c",
)  # fmt: skip
BAND = "band: 90 of 100 histories ({covers})"
ON_WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
MOST_TICKS = 12
"""Years that are labelled on an axis, at most."""


def axes_for(ax: Axes | None, width: float = 6.4, height: float = 4.2) -> Axes:
    """Return `ax`, or axes of a new figure of so many inches."""
    if ax is not None:
        return ax
    return Figure(figsize=(width, height), layout="constrained").add_subplot()


def plot_saving(study: Study, policy: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the cumulated net saving of one policy by year: mean, 50 and 90 % of histories."""
    name = policy or study.plan.policies[0]
    ax = axes_for(ax)
    total = study.cumulated_saving(name) / 1e6
    years = np.arange(total.shape[1] + 1)
    bands = np.quantile(total, [0.05, 0.25, 0.75, 0.95], axis=0)
    low, lower, upper, high = (np.append(0.0, band) for band in bands)
    ax.fill_between(years, low, high, color=SKY, alpha=0.35, lw=0, label="90 of 100 histories")
    ax.fill_between(years, lower, upper, color=SKY, alpha=0.75, lw=0, label="50 of 100 histories")
    ax.plot(years, np.append(0.0, total.mean(axis=0)), color=BLUE, lw=2, marker="o", label="mean")
    ax.axhline(0.0, color=INK, lw=1)
    every = -(-study.n_years // MOST_TICKS)
    labelled = years[years % every == study.n_years % every]
    p = study.p_broken_even(name)
    for year in labelled[labelled > 0]:
        ax.annotate(f"{100 * p[year - 1]:.0f}", (year, high[year]), ha="center", va="bottom",
                    xytext=(0, 3), textcoords="offset points", fontsize=9, color=INK)  # fmt: skip
    ax.margins(y=0.1)
    ax.set_xticks(labelled, [_year(study, year) for year in labelled])
    ax.set_xlabel("end of year\n(above: how many of 100 histories have broken even)")
    ax.set_ylabel(f"m DKK, {study.plan.scenario.price_year} prices")
    ax.set_title(f"Cumulated net saving: {_label(study, name)}", loc="left", fontsize=11)
    ax.legend(loc="upper left" if high[-1] >= -low[-1] else "lower left", frameon=False, fontsize=9)
    tidy(ax)
    return ax


def plot_policies(study: Study, ax: Axes | None = None) -> Axes:
    """Draw every policy's net saving over the whole time: mean and 90 % of histories."""
    ax = axes_for(ax)
    names = list(study.plan.policies)
    for y, name in enumerate(reversed(names)):
        e = study.estimate(study.cumulated_saving(name)[:, -1] / 1e6)
        ax.plot([e.low, e.high], [y, y], color=SKY, lw=7, solid_capstyle="butt")
        ax.plot(e.mean, y, "o", color=BLUE, ms=7)
        ax.annotate(with_minus(millions(e.mean * 1e6)), (e.mean, y), ha="center", va="bottom",
                    xytext=(0, 7), textcoords="offset points", fontsize=9, bbox=ON_WHITE)  # fmt: skip
    ax.axvline(0.0, color=INK, lw=1, zorder=0)
    ax.set_yticks(range(len(names)), [_label(study, n) for n in reversed(names)])
    ax.set_ylim(-0.6, len(names) - 0.2)
    band = BAND.format(covers=study.covers_in_short)
    ax.set_xlabel(f"net saving over {year_label(study.plan.scenario.months)}, m DKK\n{band}")
    ax.set_title("Each policy against carrying on as today", loc="left", fontsize=11)
    tidy(ax)
    return ax


def plot_staircase(study: Study, policy: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the staircase: children on each stair today, and expected with and without the policy."""
    name = policy or study.plan.policies[0]
    ax = axes_for(ax, 7.6, 4.4)
    stairs = study.plan.scenario.staircase
    shown = [i for i, s in enumerate(stairs) if s.kind in ("home", "care")]
    today = _today(study)
    last_year = slice(MONTHS_IN_YEAR * (study.n_years - 1), None)
    after = {arm: study.arms[arm].stairs[:, last_year].mean(axis=1) for arm in (BASELINE, name)}
    highest = max(float(today.max()), *(float(a.mean(axis=0)[shown].max()) for a in after.values()))
    rise = 0.32 * highest
    tops = []
    for step, i in enumerate(shown):
        floor = step * rise
        ax.fill_between([step - 0.5, step + 0.5], floor, -0.35 * highest, color="#ececec", lw=0, zorder=0)
        ax.plot([step - 0.5, step + 0.5], [floor, floor], color=INK, lw=1.5)
        if step:
            ax.plot([step - 0.5, step - 0.5], [floor - rise, floor], color=INK, lw=1.5)
        for offset, color, hatch, number in (
            (-0.27, GREY, "", today[i]),
            (0.0, ORANGE, "//", after["baseline"][:, i].mean()),
            (0.27, BLUE, "", after[name][:, i].mean()),
        ):
            ax.bar(step + offset, number, 0.25, bottom=floor, color=color, hatch=hatch,
                   edgecolor="white", lw=0.5)  # fmt: skip
            whole = offset < 0 or number >= 100
            ax.annotate(f"{number:.0f}" if whole else f"{number:.1f}", (step + offset, floor + number),
                        ha="center", va="bottom", fontsize=9)  # fmt: skip
            tops.append(floor + number)
    _staircase_labels(ax, stairs, shown, highest)
    beside_legend = max(tops[: 3 * -(-len(shown) // 3)]) + 0.3 * highest
    ax.set_ylim(-0.35 * highest, max(1.08 * max(tops), beside_legend) or 1.0)
    handles = [(GREY, "", "today"), (ORANGE, "//", f"as today, year {study.n_years}"),
               (BLUE, "", f"{_label(study, name)}, year {study.n_years}")]  # fmt: skip
    for color, hatch, text in handles:
        ax.bar(0, 0, color=color, hatch=hatch, edgecolor="white", label=text)
    ax.legend(loc="upper left", frameon=False, fontsize=9)
    ax.set_title(
        f"{_capital(study.plan.scenario.people)} on the intervention staircase, "
        f"{study.plan.scenario.label}\n"
        f"(today, and means of {study.replicates} histories and all months of the last year)",
        loc="left", fontsize=11,
    )  # fmt: skip
    return ax


def _today(study: Study) -> Any:
    """Return [stair] children as the scenario's file shows them: small counts of a case list rounded."""
    scenario = study.plan.scenario
    return np.array(
        [sum(d.start.get(k, 0) for d in scenario.districts) for k in scenario.staircase.keys], float
    )


def _staircase_labels(ax: Axes, stairs: Staircase, shown: list[int], highest: float) -> None:
    width = max(10, 125 // len(shown))
    names = [fill(stairs[i].name, width) for i in shown]
    danish = [fill(f"({stairs[i].label})", width) if stairs[i].label else "" for i in shown]
    ticks = [f"{name}\n{label}" for name, label in zip(names, danish, strict=True)]
    ax.set_xticks(range(len(shown)), ticks, fontsize=8)
    ax.set_xlim(-0.6, len(shown) - 0.4)
    ax.set_yticks([])
    for side in ("left", "right", "top", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(length=0)
    ax.annotate("more intrusive →", (len(shown) - 0.55, -0.3 * highest), ha="right", fontsize=9,
                color=INK)  # fmt: skip


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def _label(study: Study, policy: str) -> str:
    return study.plan.scenario.policy(policy).label or policy


def _year(study: Study, year: int) -> str:
    rest = study.plan.scenario.months % MONTHS_IN_YEAR
    if rest and year == study.n_years:
        return f"{year}\n({rest} months)"
    return str(year) if year else "start"


def with_minus(number: str) -> str:
    """Return a number in text with the typographic minus sign."""
    return number.replace("-", "\N{MINUS SIGN}")


def tidy(ax: Axes) -> None:
    """Take away the frame's right and upper line, and set minus signs on the vertical axis."""
    for side in ("right", "top"):
        ax.spines[side].set_visible(False)
    if ax.get_ylabel():
        ax.yaxis.set_major_formatter(FuncFormatter(lambda x, _: with_minus(f"{x:g}")))


def comparison(study: Study) -> Figure:
    """Return the figure of a comparison: the first policy by year, and all policies side by side."""
    figure = Figure(figsize=(11.5, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    plot_saving(study, ax=left)
    plot_policies(study, ax=right)
    return figure


def staircase(study: Study) -> Figure:
    """Return the staircase figure of the first policy."""
    figure = Figure(figsize=(8.6, 4.8), layout="constrained")
    plot_staircase(study, ax=figure.subplots())
    return figure


def as_png(figure: Figure, dpi: int = 150) -> bytes:
    """Return a figure as PNG, the same bytes for the same figure; its layout is settled by that."""
    for _ in range(2):
        figure.draw_without_rendering()  # a second look finds the labels where the first put them
    figure.set_layout_engine("none")
    out = BytesIO()
    figure.savefig(out, format="png", dpi=dpi, metadata={"Software": None})
    return out.getvalue()
