"""The figure of a sweep: an outcome against what was varied."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from experiments.labels import outcome_label, unit
from experiments.pictures.look import numbers_across, plain_number
from experiments.plots import BLUE, GREEN, GREY, INK, ORANGE, SKY, tidy
from experiments.runner import BASELINE
from experiments.sweep.asked import Asked
from experiments.sweep.design import Row
from experiments.sweep.outcomes import KEPT
from experiments.sweep.summary import Line
from experiments.sweep.table import parameters_of
from experiments.sweep.words import varying
from experiments.words import Language, place, policy_name, text, texts
from simulation.parameters import parameters

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SERIES = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "^", "-."), (INK, "D", ":"), (SKY, "v", "-"),
          (GREY, "P", "--"))  # fmt: skip
"""Colour, mark and line of a series: told apart in grey too."""
MOST_ROWS = 40
MOST_PANELS = 6


def picture(asked: Asked, lines: Sequence[Line], language: Language = "en") -> Figure:
    """Return the figure of the first outcomes: curves over a grid, clouds over a hypercube, else dots."""
    good = [line for line in lines if not line.error]
    names = _swept(good)
    series = _series(asked, good, names[0], language) if names else {}
    if names and len(series) <= len(SERIES) and all(len(s) >= 3 for s in series.values()):
        return _curves(asked, series, names[0], language)
    if len(names) >= 2 and len(good) >= 8:
        return _clouds(asked, good, names, language)
    return _dots(asked, good, language)


def _swept(lines: Sequence[Line]) -> list[str]:
    """Return the parameters that vary, the one with most values first."""
    rows = [line.row for line in lines]
    levels = {n: len({row.values.get(n) for row in rows}) for n in parameters_of(rows)}
    return sorted((n for n, k in levels.items() if k > 1), key=lambda n: -levels[n])


def _series(asked: Asked, lines: Sequence[Line], along: str, language: Language) -> dict[str, list[Line]]:
    """Return lines that differ in one parameter alone, by what else they are."""
    what = [name for name in varying(lines, most=None) if name != along]
    found: dict[str, list[Line]] = {}
    for line in lines:
        if along in line.row.values:
            found.setdefault(_all_said(asked, line, what, language), []).append(line)
    return {label: sorted(s, key=lambda x: x.row.values[along]) for label, s in found.items()}


def _all_said(asked: Asked, line: Line, what: Sequence[str], language: Language) -> str:
    """Return what a line is, by all that it differs in."""
    return ", ".join(_said(asked, line.row, name, language) for name in what)


def _said(asked: Asked, row: Row, name: str, language: Language) -> str:
    if name in ("scenario", "policy"):
        return _named_there(asked, row, name, language)
    if name == "draw":
        return text("sweep.draw", language, number=row.draw)
    value, last = row.values.get(name), name.rpartition(".")[2]
    if value is None:
        return text("sweep.as_it_is", language, name=last)
    return text("sweep.value", language, name=last, value=plain_number(float(f"{value:.4g}"), language))


def _named_there(asked: Asked, row: Row, what: str, language: Language) -> str:
    """Return the name of a row's scenario or policy; what is not known goes by its key."""
    scenario = asked.design.scenarios.get(row.scenario)
    if what == "scenario":
        return row.scenario if scenario is None else place(scenario, language)
    if scenario is None or (row.policy != BASELINE and row.policy not in scenario.policies):
        return row.policy
    return policy_name(scenario, row.policy, language)


def _curves(asked: Asked, series: dict[str, list[Line]], along: str, language: Language) -> Figure:
    figure, panels = _panels(asked, 5.4, 4.4, language)
    for ax, outcome in panels:
        for (color, mark, stroke), (label, lines) in zip(SERIES, series.items(), strict=False):
            x = np.array([line.row.values[along] for line in lines])
            e = [line.estimate(outcome) for line in lines]
            mean, error = (
                np.array([getattr(q, k) for q in e]) / _scale(outcome) for k in ("mean", "error")
            )
            ax.fill_between(x, mean - error, mean + error, color=color, alpha=0.2, lw=0)
            ax.plot(x, mean, color=color, marker=mark, ls=stroke, ms=5, label=label or None)
        _finish(ax, asked, outcome, language)
        ax.set_xlabel(text("sweep.along", language, name=_named(along, language)))
        numbers_across(ax, language)
    if len(series) > 1:
        panels[0][0].legend(frameon=False, fontsize=9)
    return figure


def _clouds(asked: Asked, lines: Sequence[Line], names: Sequence[str], language: Language) -> Figure:
    """Draw one panel per parameter, the parameters that the first outcome follows most closely first."""
    outcome = asked.outcomes[0]
    y = np.array([line.estimate(outcome).mean for line in lines]) / _scale(outcome)
    what = [name for name in varying(lines) if name in ("scenario", "policy")]
    arms = [_all_said(asked, line, what, language) for line in lines]
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
        ax.set_xlabel(_named(name, language), fontsize=9)
        if i % columns == 0:
            ax.set_ylabel(f"{outcome_label(outcome, language)}, {_unit(asked, outcome, language)}")
        tidy(ax, language)
        numbers_across(ax, language)
        if i == 0 and what:
            ax.legend(frameon=False, fontsize=8)
    for ax in list(figure.axes)[len(picked) :]:
        ax.set_visible(False)
    said = text("sweep.clouds", language, title=asked.title_in(language))
    figure.suptitle(said, x=0.01, ha="left", fontsize=11)
    return figure


def _follows(lines: Sequence[Line], name: str, y: np.ndarray) -> float:
    """Return the absolute rank correlation of an outcome with a parameter, 0 where there is none."""
    from scipy.stats import spearmanr

    of = [j for j, line in enumerate(lines) if name in line.row.values and np.isfinite(y[j])]
    x = [lines[j].row.values[name] for j in of]
    if len(set(x)) < 2 or len(set(y[of])) < 2:
        return 0.0
    return abs(float(spearmanr(x, y[of]).statistic))


def _dots(asked: Asked, lines: Sequence[Line], language: Language) -> Figure:
    first = asked.outcomes[0]
    if len(lines) > MOST_ROWS:
        lines = sorted(lines, key=lambda line: line.estimate(first).mean)
    labelled = len(lines) <= MOST_ROWS
    height = 1.6 + (0.3 * len(lines) if labelled else 6.0)
    figure, panels = _panels(asked, 5.6, height, language)
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
        names = [
            _all_said(asked, line, what, language) or text("sweep.row", language, number=line.numbers[0])
            for line in lines
        ]
        ax.set_yticks(
            range(len(lines)), names[::-1] if labelled and k == 0 else [""] * len(lines), fontsize=8
        )
        if not labelled:
            ax.set_yticks([])
        ax.set_ylim(-0.7, len(lines) - 0.3)
        low, high = ax.get_xlim()
        if low < 0.0 < high:
            ax.axvline(0.0, color=INK, lw=1, zorder=0)
        ax.set_xlabel(_unit(asked, outcome, language))
        ax.set_title(outcome_label(outcome, language), loc="left", fontsize=11)
        tidy(ax)
        numbers_across(ax, language)
    figure.supxlabel(text("sweep.band", language), fontsize=9)
    return figure


def _panels(
    asked: Asked, width: float, height: float, language: Language
) -> tuple[Figure, list[tuple[Axes, str]]]:
    outcomes = asked.outcomes[:3]
    figure = Figure(figsize=(width * len(outcomes), height), layout="constrained")
    axes = figure.subplots(1, len(outcomes), squeeze=False).flat
    figure.suptitle(asked.title_in(language), x=0.01, ha="left", fontsize=12)
    return figure, list(zip(axes, outcomes, strict=True))


def _finish(ax: Axes, asked: Asked, outcome: str, language: Language) -> None:
    low, high = ax.get_ylim()
    if low < 0.0 < high:
        ax.axhline(0.0, color=INK, lw=1, zorder=0)
    ax.set_ylabel(_unit(asked, outcome, language))
    ax.set_title(outcome_label(outcome, language), loc="left", fontsize=11)
    tidy(ax, language)


def _named(parameter: str, language: Language) -> str:
    """Return the name of a parameter with its unit."""
    record = parameters().get(parameter)
    if record is None:
        return parameter
    known = texts(language).get(f"input_unit.{record.unit.replace(' ', '_')}", record.unit)
    return f"{parameter} ({known})"


def _unit(asked: Asked, outcome: str, language: Language) -> str:
    """Return the unit that `_scale` leads to."""
    plain = KEPT[outcome].unit
    scenarios = list(asked.design.scenarios.values())
    if plain == "share":
        return text("sweep.percent", language)
    if plain == "DKK" and len({s.price_year for s in scenarios}) > 1:
        return text("sweep.millions", language)
    return unit(outcome, scenarios[0], language)


def _scale(outcome: str) -> float:
    return {"DKK": 1e6, "share": 0.01}.get(KEPT[outcome].unit, 1.0)
