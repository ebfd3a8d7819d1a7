"""How pictures look: colours that all can tell apart and that print in grey, axes, labels, bytes."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from matplotlib.transforms import ScaledTranslation

from experiments.histories import Histories
from experiments.words import Language, text
from simulation.accounts import MONTHS_IN_YEAR, Floats

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

# Okabe and Ito's palette, dark to light so that grey prints keep the order.
INK, BLUE, ORANGE, GREEN, SKY, GREY = (
    "#222222", "#0072B2", "#D55E00", "#009E73", "#56B4E9", "#8c8c8c",
)  # fmt: skip
ON_WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
MOST_TICKS = 12
"""Years that are labelled on an axis, at most."""
TITLE_WIDTH = 60
"""Letters in a line of a title: 16 cm of paper, without the numbers of a vertical axis."""
WIDTH = 6.3
"""Inches across a page of a report: 16 cm."""
HATCHES = ("", "///", "...", "\\\\\\", "xxx", "---", "ooo", "+++")


def axes_for(ax: Axes | None, width: float = 6.4, height: float = 4.2) -> Axes:
    """Return `ax`, or axes of a new figure of so many inches."""
    if ax is not None:
        return ax
    return Figure(figsize=(width, height), layout="constrained").add_subplot()


def titled(ax: Axes, title: str, letters: int = TITLE_WIDTH) -> None:
    """Write a title at the left, on as many lines as it takes; its own line breaks are kept."""
    lines = [fill(line, letters) for line in title.splitlines()]
    ax.set_title("\n".join(lines), loc="left", fontsize=11)


def below(ax: Axes, columns: int = 1, handles: Sequence[Artist] | None = None, left: float = 0.5) -> None:
    """Write the legend below the axes, where it can cover nothing, from so many inches left of them."""
    lines = ax.get_xlabel().count("\n") + 1 if ax.get_xlabel() else 0
    ticks = max((t.get_text().count("\n") + 1 for t in ax.get_xticklabels()), default=0)
    inch = figure_of(ax).dpi_scale_trans
    down = ScaledTranslation(-left, -(12.0 + 13.5 * (lines + ticks)) / 72.0, inch)
    shown = handles if handles is not None else ax.get_legend_handles_labels()[0]
    letters = int(13.5 * inches(ax) / columns) - 4
    labels = ["\n".join(fill(x, letters) for x in str(h.get_label()).splitlines()) for h in shown]
    ax.legend(list(shown), labels, loc="upper left", bbox_to_anchor=(0.0, 0.0),
              bbox_transform=ax.transAxes + down, borderaxespad=0.0, frameon=False, fontsize=9,
              ncols=columns)  # fmt: skip


def inches(ax: Axes) -> float:
    """Return how wide the axes' part of its figure is."""
    spec = ax.get_subplotspec()
    parts = spec.get_gridspec().ncols if spec is not None else 1
    return figure_of(ax).get_figwidth() / parts


def figure_of(ax: Axes) -> Figure:
    """Return the figure that axes stand in; ValueError where they stand in none."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("the axes were taken out of their figure; make a new picture")
    return figure


def tidy(ax: Axes, language: Language = "en") -> None:
    """Take away the frame's right and upper line; write the vertical numbers as `language` does."""
    for side in ("right", "top"):
        ax.spines[side].set_visible(False)
    if ax.get_ylabel():
        ax.yaxis.set_major_formatter(FuncFormatter(lambda x, _: plain_number(x, language)))


def numbers_across(ax: Axes, language: Language) -> None:
    """Write the horizontal axis' numbers as `language` does."""
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: plain_number(x, language)))


def plain_number(x: float, language: Language) -> str:
    """Return a number of an axis with the decimals it has: 1.250, 0,5 or 1,250, 0.5."""
    said = f"{0.0 if abs(x) < 1e-12 else x:,.6g}"
    if language == "da":
        said = said.translate(str.maketrans(",.", ".,"))
    return with_minus(said)


def with_minus(number: str) -> str:
    """Return a number in text with the typographic minus sign."""
    return number.replace("-", "\N{MINUS SIGN}")


def covers(study: Histories, language: Language) -> str:
    """Return in a few words what the intervals of a study cover."""
    return text(f"covers.{'both' if study.plan.draws else 'chance'}", language)


def band_label(study: Histories, language: Language) -> str:
    """Return what a band is: "90 of 100 histories (chance only)"."""
    return text("covers.band", language, covers=covers(study, language))


def year_tick(months: int, year: int, language: Language) -> str:
    """Return a year's label on an axis; a last year of fewer than 12 months says so."""
    rest = months % MONTHS_IN_YEAR
    if rest and year == -(-months // MONTHS_IN_YEAR):
        return text("axis.short_year", language, year=year, months=rest)
    return str(year) if year else text("axis.start", language)


def labelled_years(n_years: int) -> Floats:
    """Return the years to label, the last one among them; 0 is the start."""
    years = np.arange(n_years + 1)
    every = -(-n_years // MOST_TICKS)
    return years[years % every == n_years % every]


def label_years(
    ax: Axes, months: int, language: Language, first: int = 0, at_end: bool = False
) -> list[int]:
    """Label the years of so many months on the horizontal axis; return those labelled, from `first`.

    `at_end`: a last year of fewer than 12 months stands where it ends, not where it would.
    """
    years = [int(y) for y in labelled_years(-(-months // MONTHS_IN_YEAR)) if y >= first]
    at = [min(year, months / MONTHS_IN_YEAR) for year in years] if at_end else years
    ax.set_xticks(at, [year_tick(months, year, language) for year in years])
    return years


def stair_looks(n: int) -> list[tuple[str, str, str]]:
    """Return (colour, hatch, its colour) for n stairs, light to dark, told apart in grey too."""
    shades = np.linspace(0.95, 0.15, n) if n > 1 else np.array([0.5])
    looks = []
    for i, shade in enumerate(shades):
        on = "white" if shade < 0.6 else "#555555"
        looks.append((to_hex(colormaps["cividis"](shade)), HATCHES[i % len(HATCHES)], on))
    return looks


def spread_out(at: Floats, gap: float, lowest: float = -np.inf) -> Floats:
    """Return heights as near to `at` as labels `gap` apart can stand, in order, from `lowest` up."""
    order = np.argsort(at, kind="stable")
    y = np.asarray(at, float)[order]
    blocks: list[list[float]] = []  # mean of wanted first labels, how many
    for i, height in enumerate(y):
        blocks.append([height - gap * i, 1.0])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (a, n), (b, m) = blocks[-2:]
            blocks[-2:] = [[(a * n + b * m) / (n + m), n + m]]
    placed = np.concatenate([np.full(int(n), mean) for mean, n in blocks]) + gap * np.arange(len(y))
    placed = np.maximum(placed, lowest + gap * np.arange(len(y)))
    found = np.empty(len(y))
    found[order] = placed
    return found


def as_png(figure: Figure, dpi: int = 150) -> bytes:
    """Return a figure as PNG, the same bytes for the same figure; its layout is settled by that."""
    figure.set_dpi(dpi)  # letters are not quite as wide at every resolution
    for _ in range(2):
        figure.draw_without_rendering()  # a second look finds the labels where the first put them
    figure.set_layout_engine("none")
    out = BytesIO()
    figure.savefig(out, format="png", dpi=dpi, metadata={"Software": None})
    return out.getvalue()
