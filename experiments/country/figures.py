"""Pictures of the country: a ranking with intervals, spread by size, key figures side by side."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from experiments.country.key_figures import KEY_FIGURES
from experiments.country.ranks import FEWEST
from experiments.country.rows import Result
from experiments.country.sentences import key_figure_text
from experiments.pictures.look import BLUE, GREY, INK, ORANGE, numbers_across, tidy
from experiments.words import Language, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMN = 49
"""Municipalities in one column of the ranking, at most."""

BANDS = ("#ffffff", "#e9eef3")
"""Behind groups, in turn."""

_NOTE = 7.5
_PAGE = 7.6
"""Inches across: a page of A4 within its margins."""


def ranking(result: Result, language: Language) -> Figure:
    """Return every municipality's saving per child with its interval and its rank's interval."""
    order = np.argsort(result.ranks.middle, kind="stable")
    columns = [order[i : i + COLUMN] for i in range(0, len(order), COLUMN)]
    rows = max(len(column) for column in columns)
    figure = Figure(figsize=(_PAGE, 2.4 + 0.165 * rows), layout="constrained")
    axes = figure.subplots(1, len(columns), sharex=True, squeeze=False)[0]
    for ax, column in zip(axes, columns, strict=True):
        _ranked(ax, result, column, rows, language)
    title = text("denmark.figure.ranking", language) + "\n" + _told_apart(result, language)
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    mark = text("denmark.figure.ranking_mark", language)
    _explained(figure, result, language, 125, [_line(mark, INK, 0.9, marker="o", ms=3)])
    return figure


def _told_apart(result: Result, language: Language) -> str:
    groups = int(result.ranks.group.max())
    if result.country.plan.replicates < FEWEST:
        return text("denmark.figure.ranking_few", language)
    if groups == 1:
        return text("denmark.figure.ranking_one", language)
    return text("denmark.figure.ranking_groups", language, groups=groups)


def _ranked(ax: Axes, result: Result, column: np.ndarray, rows: int, language: Language) -> None:
    c, r = result.country, result.ranks
    low, high = np.quantile(c.per_child[column], [0.05, 0.95], axis=1)
    y = np.arange(len(column))
    for at, i in zip(y, column, strict=True):
        ax.axhspan(at - 0.5, at + 0.5, color=BANDS[int(r.group[i]) % 2], lw=0, zorder=0)
    ax.hlines(y, low, high, color=INK, lw=0.9, zorder=2)
    ax.plot(c.per_child[column].mean(axis=1), y, "o", color=INK, ms=3, zorder=3)
    _reference(ax.axvline, result)
    ax.set_xlabel(fill(_axis(result, "ranking_axis", language), 45), fontsize=8)
    ax.xaxis.set_major_locator(MaxNLocator(5))
    names = [f"{c.plan.municipalities[i].name} ({r.low[i]}\N{EN DASH}{r.high[i]})" for i in column]
    ax.set_yticks(y, names, fontsize=6.5)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize=7)
    ax.set_ylim(rows - 0.4, -0.6)
    tidy(ax, language)
    numbers_across(ax, language)


def _reference(line: object, result: Result) -> None:
    """Draw the line of nothing and the country's, by `line` (axvline or axhline)."""
    assert callable(line)
    line(0.0, color=GREY, lw=0.8, zorder=1)
    line(float(result.country.per_child_of_all.mean()), color=ORANGE, lw=1.0, ls="--", zorder=1)


def _explained(
    figure: Figure,
    result: Result,
    language: Language,
    letters: int,
    own: list[Line2D],
    lines: bool = True,
) -> None:  # fmt: skip
    """Write below a figure what its marks are, what is drawn and what intervals cover."""
    which = "both" if result.country.plan.draws else "chance"
    note = text("denmark.figure.note", language, covers=text(f"denmark.figure.note_{which}", language))
    note = fill(f"{note} {text('denmark.figure.sources', language)}", letters)
    both = [
        _line(text(f"denmark.figure.{result.whole}", language), ORANGE, 1.0, ls="--"),
        _line(text("denmark.figure.nothing", language), GREY, 0.8),
    ]
    handles = [*own, *(both if lines else []), _line(note, INK, 0.0)]
    figure.legend(handles=handles, loc="outside lower left", frameon=False, fontsize=_NOTE)


def _line(label: str, color: str, width: float, **look: Any) -> Line2D:
    return Line2D([], [], color=color, lw=width, label=label, **look)


def by_size(result: Result, language: Language) -> Figure:
    """Return saving per child against the number of children: small numbers make wide intervals."""
    c = result.country
    figure = Figure(figsize=(6.3, 5.0), layout="constrained")
    ax = figure.subplots()
    low, high = np.quantile(c.per_child, [0.05, 0.95], axis=1)
    ax.vlines(c.children, low, high, color=BLUE, lw=0.8, alpha=0.6)
    ax.plot(c.children, c.per_child.mean(axis=1), "o", color=INK, ms=3)
    _reference(ax.axhline, result)
    ax.set_xscale("log")
    ax.set_xlabel(text("denmark.figure.size_across", language), fontsize=9)
    ax.set_ylabel(_axis(result, "size_up", language), fontsize=9)
    figure.suptitle(text("denmark.figure.size", language), x=0.01, ha="left", fontsize=11)
    tidy(ax, language)
    numbers_across(ax, language)
    mark = text("denmark.figure.size_mark", language)
    _explained(
        figure, result, language, 105, [_line(mark, BLUE, 0.8, marker="o", ms=3, mec=INK, mfc=INK)]
    )
    return figure


def benchmark(result: Result, town: int | None, language: Language) -> Figure:
    """Return key figures as strips of all municipalities; one of them, by position in the run, marked."""
    figure = Figure(figsize=(6.3, 1.9 + 0.8 * len(KEY_FIGURES)), layout="constrained")
    axes = figure.subplots(len(KEY_FIGURES), 1)
    for ax, name in zip(axes, KEY_FIGURES, strict=True):
        _strip(ax, result, name, town, language)
    k, towns = result.key_figures, result.country.plan.municipalities
    own = towns[town].name if town is not None else ""
    title = text("denmark.figure.bench", language, name=own) if own else text(
        "denmark.figure.bench_all", language
    )  # fmt: skip
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    handles = [
        _line(text("denmark.figure.bench_each", language, n=len(towns)), GREY, 0.0, marker="|", ms=8),
        _line(text(f"denmark.figure.{result.whole}", language), ORANGE, 1.6),
    ]
    if town is not None:
        names = ", ".join(towns[j].name for j in k.comparable[town])
        near = fill(text("denmark.figure.bench_comparable", language, names=names), 95)
        handles += [
            _line(text("denmark.figure.bench_own", language, name=own), INK, 1.6, marker="o", ms=6),
            _line(near, BLUE, 0.0, marker="^", ms=5),
        ]
    _explained(figure, result, language, 105, handles, lines=False)
    return figure


def _strip(ax: Axes, result: Result, name: str, town: int | None, language: Language) -> None:
    k = result.key_figures
    mean = np.array([result.key_figure(name, i)["value"] for i in range(len(k.country.plan.towns))])
    ax.plot(mean, np.zeros(len(mean)), "|", color=GREY, ms=12, mew=0.8)
    ax.axvline(result.key_figure_of(name, range(len(mean))), color=ORANGE, lw=1.6)
    basis = k.basis(name, town) if town is not None else KEY_FIGURES[name]
    said = f"{text(f'denmark.key.{name}', language)} ({text(f'denmark.basis.{basis}', language)})"
    if town is not None:
        _, low, high = result.key_figure(name, town).values()
        ax.plot(mean[k.comparable[town]], np.full(len(k.comparable[town]), -0.45), "^", color=BLUE, ms=5)
        ax.hlines(0.45, low, high, color=INK, lw=1.6)
        ax.plot(mean[town], 0.45, "o", color=INK, ms=6)
        own = key_figure_text(name, float(mean[town]), language)
        said += f": {own or text('denmark.figure.not_shown', language)}"
    ax.set_title(said, loc="left", fontsize=8.5, pad=2)
    ax.set_ylim(-1, 1)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="x", labelsize=7.5)
    tidy(ax, language)
    numbers_across(ax, language)


def _axis(result: Result, key: str, language: Language) -> str:
    return text(f"denmark.figure.{key}", language, year=result.country.plan.average.price_year)
