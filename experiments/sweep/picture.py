"""The figure of a sweep: an outcome against what was varied."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from experiments.plots import BLUE, GREEN, GREY, INK, ORANGE, SKY, tidy
from experiments.sweep.asked import Asked
from experiments.sweep.outcomes import KEPT
from experiments.sweep.summary import Line
from experiments.sweep.table import parameters_of
from experiments.sweep.words import unit_in_words, varying
from simulation.parameters import parameters

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SERIES = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "^", "-."), (INK, "D", ":"), (SKY, "v", "-"),
          (GREY, "P", "--"))  # fmt: skip
"""Colour, mark and line of a series: told apart in grey too."""
MOST_ROWS = 40
MOST_PANELS = 6
_BAND = "thin: 90 of 100 histories; thick: how exactly the mean is known (90 %)"


def picture(asked: Asked, lines: Sequence[Line]) -> Figure:
    """Return the figure of the first outcomes: curves over a grid, clouds over a hypercube, else dots."""
    good = [line for line in lines if not line.error]
    names = _swept(good)
    series = _series(good, names[0]) if names else {}
    if names and len(series) <= len(SERIES) and all(len(s) >= 3 for s in series.values()):
        return _curves(asked, series, names[0])
    if len(names) >= 2 and len(good) >= 8:
        return _clouds(asked, good, names)
    return _dots(asked, good)


def _swept(lines: Sequence[Line]) -> list[str]:
    """Return the parameters that vary, the one with most values first."""
    rows = [line.row for line in lines]
    levels = {n: len({row.values.get(n) for row in rows}) for n in parameters_of(rows)}
    return sorted((n for n, k in levels.items() if k > 1), key=lambda n: -levels[n])


def _series(lines: Sequence[Line], along: str) -> dict[str, list[Line]]:
    """Return lines that differ in one parameter alone, by what else they are."""
    what = [name for name in varying(lines, most=None) if name != along]
    found: dict[str, list[Line]] = {}
    for line in lines:
        if along in line.row.values:
            found.setdefault(", ".join(_said(line, name) for name in what), []).append(line)
    return {label: sorted(s, key=lambda x: x.row.values[along]) for label, s in found.items()}


def _said(line: Line, name: str) -> str:
    if name in ("scenario", "policy"):
        return str(getattr(line.row, name))
    if name == "draw":
        return f"draw {line.row.draw}"
    value = line.row.values.get(name)
    return f"{name.rpartition('.')[2]} {'as it is' if value is None else f'{value:.4g}'}"


def _curves(asked: Asked, series: dict[str, list[Line]], along: str) -> Figure:
    figure, panels = _panels(asked, 5.4, 4.4)
    for ax, outcome in panels:
        for (color, mark, stroke), (label, lines) in zip(SERIES, series.items(), strict=False):
            x = np.array([line.row.values[along] for line in lines])
            e = [line.estimate(outcome) for line in lines]
            mean, error = (
                np.array([getattr(q, k) for q in e]) / _scale(outcome) for k in ("mean", "error")
            )
            ax.fill_between(x, mean - error, mean + error, color=color, alpha=0.2, lw=0)
            ax.plot(x, mean, color=color, marker=mark, ls=stroke, ms=5, label=label or None)
        _finish(ax, outcome)
        ax.set_xlabel(f"{_named(along)}\n(band: how exactly the mean is known, 90 %)")
    if len(series) > 1:
        panels[0][0].legend(frameon=False, fontsize=9)
    return figure


def _clouds(asked: Asked, lines: Sequence[Line], names: Sequence[str]) -> Figure:
    """Draw one panel per parameter, the parameters that the first outcome follows most closely first."""
    outcome = asked.outcomes[0]
    y = np.array([line.estimate(outcome).mean for line in lines]) / _scale(outcome)
    what = [name for name in varying(lines) if name in ("scenario", "policy")]
    arms = [", ".join(_said(line, name) for name in what) for line in lines]
    picked = sorted(names, key=lambda n: -_follows(lines, n, y))[:MOST_PANELS]
    columns = min(3, len(picked))
    height = -(-len(picked) // columns)
    figure = Figure(figsize=(1.2 + 3.4 * columns, 0.8 + 3.0 * height), layout="constrained")
    for i, (ax, name) in enumerate(zip(figure.subplots(height, columns, sharey=True, squeeze=False).flat,
                                       picked, strict=False)):  # fmt: skip
        for (color, mark, _), arm in zip(cycle(SERIES), dict.fromkeys(arms), strict=False):
            of = [j for j, line in enumerate(lines) if arms[j] == arm and name in line.row.values]
            x = [lines[j].row.values[name] for j in of]
            ax.plot(x, y[of], mark, color=color, ms=4, alpha=0.7, label=arm)
        low, high = ax.get_ylim()
        if low < 0.0 < high:
            ax.axhline(0.0, color=INK, lw=1, zorder=0)
        ax.set_xlabel(_named(name), fontsize=9)
        tidy(ax)
        if i % columns == 0:
            ax.set_ylabel(f"{KEPT[outcome].label}, {unit_in_words(outcome)}")
        if i == 0 and what:
            ax.legend(frameon=False, fontsize=8)
    for ax in list(figure.axes)[len(picked) :]:
        ax.set_visible(False)
    figure.suptitle(
        f"{asked.title}: a dot is a row, its mean over histories", x=0.01, ha="left", fontsize=11
    )
    return figure


def _follows(lines: Sequence[Line], name: str, y: np.ndarray) -> float:
    """Return the absolute rank correlation of an outcome with a parameter, 0 where there is none."""
    from scipy.stats import spearmanr

    of = [j for j, line in enumerate(lines) if name in line.row.values and np.isfinite(y[j])]
    x = [lines[j].row.values[name] for j in of]
    if len(set(x)) < 2 or len(set(y[of])) < 2:
        return 0.0
    return abs(float(spearmanr(x, y[of]).statistic))


def _dots(asked: Asked, lines: Sequence[Line]) -> Figure:
    first = asked.outcomes[0]
    if len(lines) > MOST_ROWS:
        lines = sorted(lines, key=lambda line: line.estimate(first).mean)
    labelled = len(lines) <= MOST_ROWS
    height = 1.6 + (0.3 * len(lines) if labelled else 6.0)
    figure, panels = _panels(asked, 5.6, height)
    what = varying(lines)
    for k, (ax, outcome) in enumerate(panels):
        scale = _scale(outcome)
        for y, line in enumerate(reversed(lines)):
            e = line.estimate(outcome)
            ax.plot([e.low / scale, e.high / scale], [y, y], color=SKY, lw=1.5, zorder=1)
            ax.plot(
                np.array([e.mean - e.error, e.mean + e.error]) / scale, [y, y], color=BLUE, lw=4, zorder=2
            )
            ax.plot(e.mean / scale, y, "o", color=INK, ms=4, zorder=3)
        names = [", ".join(_said(line, n) for n in what) or f"row {line.numbers[0]}" for line in lines]
        ax.set_yticks(
            range(len(lines)), names[::-1] if labelled and k == 0 else [""] * len(lines), fontsize=8
        )
        if not labelled:
            ax.set_yticks([])
        ax.set_ylim(-0.7, len(lines) - 0.3)
        low, high = ax.get_xlim()
        if low < 0.0 < high:
            ax.axvline(0.0, color=INK, lw=1, zorder=0)
        ax.set_xlabel(unit_in_words(outcome))
        ax.set_title(KEPT[outcome].label, loc="left", fontsize=11)
        tidy(ax)
    figure.supxlabel(_BAND, fontsize=9)
    return figure


def _panels(asked: Asked, width: float, height: float) -> tuple[Figure, list[tuple[Axes, str]]]:
    outcomes = asked.outcomes[:3]
    figure = Figure(figsize=(width * len(outcomes), height), layout="constrained")
    axes = figure.subplots(1, len(outcomes), squeeze=False).flat
    figure.suptitle(asked.title, x=0.01, ha="left", fontsize=12)
    return figure, list(zip(axes, outcomes, strict=True))


def _finish(ax: Axes, outcome: str) -> None:
    low, high = ax.get_ylim()
    if low < 0.0 < high:
        ax.axhline(0.0, color=INK, lw=1, zorder=0)
    ax.set_ylabel(unit_in_words(outcome))
    ax.set_title(KEPT[outcome].label, loc="left", fontsize=11)
    tidy(ax)


def _named(parameter: str) -> str:
    """Return the name of a parameter with its unit."""
    record = parameters().get(parameter)
    return f"{parameter} ({record.unit})" if record is not None else parameter


def _scale(outcome: str) -> float:
    return {"DKK": 1e6, "share": 0.01}.get(KEPT[outcome].unit, 1.0)
