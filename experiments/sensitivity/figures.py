"""Pictures of a sensitivity study: one chart of what matters, a panel for each outcome."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.labels import digits, in_short, percent, scale, timed, unit
from experiments.pictures.look import (
    BLUE,
    INK,
    ORANGE,
    SKY,
    WIDTH,
    axes_for,
    below,
    numbers_across,
    tidy,
    with_minus,
)
from experiments.sensitivity.indices import Index, Morris, Sobol, Tornado
from experiments.sensitivity.points import HIGH, LOW
from experiments.sensitivity.question import labels_of
from experiments.sensitivity.rows import grades
from experiments.sensitivity.study import Sensitivity
from experiments.sensitivity.tables import largest
from experiments.words import Language, place, policy_name, text
from experiments.words import number as in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BARS = 12
"""Factors in a panel, at most: the others move it less."""

LETTERS = 36
"""Letters in a line of a name, where a panel stands alone on a page."""

PER_ROW = 2
"""Panels side by side."""

AT_LOW, AT_HIGH = (ORANGE, "////"), (BLUE, "")
ALONE, WITH_OTHERS = (BLUE, ""), (SKY, "")

Look = tuple[str, str]


def figure(found: Sensitivity, language: Language = "en") -> Figure:
    """Return the figure of a study: a panel for each outcome, what is largest on top."""
    outcomes, asked = found.asked.outcomes, found.asked
    columns = min(PER_ROW, len(outcomes))
    rows = -(-len(outcomes) // columns)
    bars = min(BARS, len(asked.factors))
    height = rows * (0.36 * bars + 1.2) + 1.5
    drawn = Figure(
        figsize=(7.6 * columns, height), layout=ConstrainedLayoutEngine(w_pad=0.15, wspace=0.04)
    )
    panels = drawn.subplots(rows, columns, squeeze=False).ravel()
    for ax, outcome in zip(panels, outcomes, strict=False):
        panel(found, outcome, ax, language, legend=False)
    for ax in panels[len(outcomes) :]:
        ax.remove()
    what = {
        "place": place(asked.scenario, language),
        "what": text(f"sensitivity.{asked.method}", language),
    }
    policy = policy_name(asked.scenario, asked.policy, language)
    title = text("sensitivity.title", language, policy=policy, **what)
    drawn.suptitle(fill(title, 55 * columns), x=0.01, ha="left", fontsize=13)
    drawn.legend(
        handles=_legend(found, language),
        loc="outside lower left",
        ncols=columns,
        frameon=False,
        fontsize=9,
    )
    return drawn


def panel(
    found: Sensitivity,
    outcome: str,
    ax: Axes | None = None,
    language: Language = "en",
    legend: bool = True,
) -> Axes:
    """Draw the largest factors of one outcome as bars with their errors; `legend` explains the looks."""
    alone = ax is None
    ax = axes_for(ax, WIDTH, 7.0)
    one, asked = found.indices[outcome], found.asked
    shown = found.first(outcome, BARS)
    if isinstance(one, Tornado):
        _tornado(ax, found, outcome, one, shown, language)
    else:
        _bars(ax, one, shown, scale(outcome), language)
    of_grade = {
        i: "" if asked.group == "grade" else f"\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}({grades(asked, i)})"
        for i in shown
    }
    labels = labels_of(asked, language)
    names = [labels[i] + of_grade[i] for i in shown]
    if alone:
        names = [fill(name, LETTERS) for name in names]
    ax.set_yticks(range(len(shown)), names, fontsize=9 if alone else 9.5)
    ax.set_ylim(len(shown) - 0.4, -1.1 if isinstance(one, Tornado) else -0.6)
    ax.tick_params(axis="y", length=0)
    ax.set_title(timed(outcome, asked.scenario.months, language), loc="left", fontsize=11.5)
    ax.set_xlabel(_axis(found, outcome, language))
    tidy(ax)
    ax.spines["left"].set_visible(False)
    if legend:
        below(ax, 1, _legend(found, language), left=2.2)
    return ax


def _axis(found: Sensitivity, outcome: str, language: Language) -> str:
    one = found.indices[outcome]
    if isinstance(one, Sobol):
        return text("sensitivity.axis_sobol", language, percent=percent(one.share_of_chance))
    plain = unit(outcome, found.asked.scenario, language)
    return text("sensitivity.axis_morris", language, unit=plain) if isinstance(one, Morris) else plain


def _tornado(
    ax: Axes, found: Sensitivity, outcome: str, one: Tornado, shown: list[int], language: Language
) -> None:
    by = scale(outcome)
    base = float(one.base.values[0]) / by
    ends = [(one.low, AT_LOW, LOW), (one.high, AT_HIGH, HIGH)]
    reach = [_reach(index, i, by) for i in shown for index, _, _ in ends]
    span = max(max(reach), 0.0) - min(min(reach), 0.0) or 1.0
    for y, i in enumerate(shown):
        lengths = [abs(float(index.values[i])) for index, _, _ in ends]
        for k in np.argsort(lengths)[::-1]:
            index, (color, hatch), quantile = ends[k]
            length = float(index.values[i]) / by
            ax.barh(y, length, 0.62, left=base, color=color, hatch=hatch, edgecolor="white", lw=0.5)
            number = found.asked.numbers[i]
            value = in_short(number.at(quantile), number.record.unit, language)
            _end(ax, y, base, length, index.errors[i].both / by, value, span, _side(one, i, int(k)))
    ax.axvline(base, color=INK, lw=1.2)
    decimals = digits(largest(found, outcome))
    said = text("sensitivity.base", language, number=in_words(base, language, decimals))
    ax.annotate(said, (base, -0.62), ha="center", va="bottom", fontsize=9, color=INK,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})  # fmt: skip
    ax.set_xlim(base + min(reach) - 0.19 * span, base + max(reach) + 0.19 * span)
    numbers_across(ax, language)


def _reach(index: Index, i: int, by: float) -> float:
    """Return how far a bar with its error reaches from the base."""
    x, e = float(index.values[i]) / by, index.errors[i].both / by
    return x + e if x > 0 else x - e


def _side(one: Tornado, i: int, end: int) -> float:
    """Return on which side of the base an end's value is written: +1 right, -1 left.

    Where both ends lie on one side, the value of the nearer stands on the other side.
    """
    both = [float(index.values[i]) for index in (one.low, one.high)]
    mine, other = both[end], both[1 - end]
    own = 1.0 if mine > 0 else -1.0
    if mine == 0.0 and other == 0.0:
        return 1.0 if end else -1.0
    nearer = abs(mine) < abs(other) or (mine == other and end == 0)
    return (
        -own if mine * other >= 0 and nearer and mine != 0.0 else (-np.sign(other) if mine == 0 else own)
    )


def _end(
    ax: Axes, y: float, base: float, length: float, error: float, value: str, span: float, side: float
) -> None:
    """Draw the error at a bar's end, and the number's value there beyond it."""
    if error > 0.002 * span:
        ax.errorbar(base + length, y, xerr=error, color=INK, lw=1.1, capsize=2.5, capthick=1.1, zorder=4)
    is_own = side * length > 0
    across = max(0.0, error - abs(length))  # of the error, beyond the base
    x = base + length + side * error if is_own else base + side * across
    ax.annotate(with_minus(value), (x, y), xytext=(4 * side, 0), textcoords="offset points",
                ha="left" if side > 0 else "right", va="center", fontsize=8.5, color=INK)  # fmt: skip


def _bars(ax: Axes, one: Morris | Sobol, shown: list[int], by: float, language: Language) -> None:
    """Draw one bar a factor (Morris: mu*, sigma as a diamond) or two (Sobol: total, alone)."""
    if isinstance(one, Morris):
        for y, i in enumerate(shown):
            _bar(ax, y, one.star, i, by, WITH_OTHERS, 0.6)
            if not np.isnan(one.sigma).any():
                ax.plot(one.sigma[i] / by, y, "D", mfc="white", mec=INK, ms=5.5, zorder=5, clip_on=False)
    else:
        by = 1.0
        for y, i in enumerate(shown):
            _bar(ax, y - 0.18, one.total, i, by, WITH_OTHERS, 0.34)
            _bar(ax, y + 0.18, one.first, i, by, ALONE, 0.34)
    ax.axvline(0.0, color=INK, lw=1)
    numbers_across(ax, language)


def _bar(ax: Axes, y: float, index: Index, i: int, by: float, look: Look, height: float) -> None:
    color, hatch = look
    value = float(index.values[i]) / by
    ax.barh(y, value, height, color=color, hatch=hatch, edgecolor="white", lw=0.5)
    ax.errorbar(value, y, xerr=index.errors[i].both / by, color=INK, lw=1.1, capsize=2.5, zorder=4)


def _legend(found: Sensitivity, language: Language) -> list[Patch | Line2D]:
    asked = found.asked
    tornado = asked.method == "tornado"
    n = {"histories": in_words(asked.replicates, language)}
    if not tornado:
        n["samples"] = in_words(found.samples, language)
    line = text(f"sensitivity.from_{'histories' if tornado else 'samples'}", language, **n)
    handles: list[Patch | Line2D] = [
        _patch(look, text(f"sensitivity.{key}", language)) for key, look in _LOOKS[asked.method]
    ]
    handles.append(Line2D([], [], color=INK, lw=1.1, marker="|", ms=6, label=line))
    if asked.method == "morris" and asked.group is None:
        sigma = text("sensitivity.sigma", language)
        handles.append(Line2D([], [], lw=0, marker="D", mfc="white", mec=INK, ms=5.5, label=sigma))
    if asked.group != "grade":
        handles.append(Line2D([], [], lw=0, label=text("sensitivity.grades", language)))
    if not all(found.ranking(o).is_settled for o in asked.outcomes):
        of = "histories" if tornado else "samples"
        handles.append(Line2D([], [], lw=0, label=text(f"sensitivity.unsettled_{of}", language)))
    return handles


_LOOKS: dict[str, list[tuple[str, Look]]] = {
    "tornado": [("low", AT_LOW), ("high", AT_HIGH)],
    "morris": [("star", WITH_OTHERS)],
    "sobol": [("total", WITH_OTHERS), ("first", ALONE)],
}


def _patch(look: Look, text: str) -> Patch:
    color, hatch = look
    return Patch(facecolor=color, hatch=hatch, edgecolor="white", label=text)
