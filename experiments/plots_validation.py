"""Picture of a validation: one line per target, what was published and what the model gives.

All targets stand on one scale: the published figure is 100. Failing ones differ by shape and weight, not
only by colour. Requirements have a scale of their own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING

from matplotlib import figure as mpl
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.pictures.look import plain_number
from experiments.plots import BLUE, INK, ORANGE, axes_for, with_minus
from experiments.tables_validation import published, shown, unit
from experiments.validation.study import Validation
from experiments.validation.targets import (
    FITTED,
    HELD_OUT,
    REQUIRED,
    REQUIREMENTS,
    label_of,
)
from experiments.validation.verdicts import FAILS, HOLDS, INSIDE, REPORTED_ONLY, Row
from experiments.words import Language, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAND = "#cccccc"
LOOK = {
    INSIDE: ("o", BLUE, BLUE, "inside"),
    FAILS: ("X", ORANGE, ORANGE, "fails"),
    REPORTED_ONLY: ("D", "white", INK, "reported"),
}
"""Marker, its fill, line, and the text of its meaning, by verdict."""


@dataclass(frozen=True)
class Scale:
    """Where numbers stand: in per cent of the published figure, or as they are; and what bands mean."""

    low: float
    high: float
    per_cent: bool
    band: str

    def at(self, row: Row, x: float) -> float:
        """Return where a number of a row stands, perhaps beyond the ends.

        ValueError in per cent for a row without a figure, or with a figure of 0.
        """
        if not self.per_cent:
            return x
        if row.figure is None or row.figure.value == 0.0:
            raise ValueError(f"{row.name} has no published figure other than 0 to be drawn against")
        return float(100.0 * x / row.figure.value)

    def within(self, row: Row, numbers: tuple[float, float]) -> list[float]:
        """Return where two numbers of a row stand, from left to right, cut off at the ends."""
        return sorted(min(max(self.at(row, x), self.low), self.high) for x in numbers)


OF_PUBLISHED = Scale(0.0, 200.0, True, "published")
AS_IT_IS = Scale(-0.5, 1.5, False, "allowed")

ROW, HEAD, TITLE = 0.215, 0.33, 0.75
"""Inches that a target, a group's name and a panel's title with its scale take."""

LABELS, NUMBERS = 3.4, 2.4
"""Inches left and right of a scale for labels and numbers."""

PUBLISHED, MODEL = 92.0, 162.0
"""Points right of a scale at which the numbers end."""


def validation(found: Validation, language: Language = "en") -> mpl.Figure:
    """Return the figure: fitted targets and requirements left, held-out targets right."""
    fitted, held_out = (_on_the_scale(found, status) for status in (FITTED, HELD_OUT))
    required = [row for row in found.rows if row.status == REQUIRED]
    columns = [
        [(rows, title) for rows, title in column if rows]
        for column in (
            [(fitted, _title(found, FITTED, language)), (required, _title(found, REQUIRED, language))],
            [(held_out, _title(found, HELD_OUT, language))],
        )
    ]
    columns = [column for column in columns if column] or [[([], text("validation.nothing", language))]]
    inches = max(sum(_height(rows) + TITLE for rows, _ in column) for column in columns)
    wide, top, foot = 8.8, 0.55, 1.3
    figure = mpl.Figure(figsize=(wide * len(columns), inches + top + foot))
    across, high = figure.get_size_inches()
    for i, column in enumerate(columns):
        y = high - top
        for rows, title in column:
            box = (
                (wide * i + LABELS) / across,
                (y - TITLE / 2.2 - _height(rows)) / high,
                (wide - LABELS - NUMBERS - 0.1) / across,
                _height(rows) / high,
            )
            ax = figure.add_axes(box)
            draw = plot_requirements if rows and rows[0].status == REQUIRED else plot_targets
            draw(rows, ax, language)
            ax.annotate(title, (0.0, 1.0), xycoords="axes fraction", xytext=(-LABELS * 72 + 14, 6),
                        textcoords="offset points", fontsize=12, fontweight="bold",
                        annotation_clip=False)  # fmt: skip
            y -= _height(rows) + TITLE
    head = fill(_head(found, language), 100 * len(columns))
    figure.text(0.2 / across, 1.0 - 0.12 / high, head, fontsize=13, va="top", ha="left")
    figure.legend(handles=_legend(found, language), loc="lower left", bbox_to_anchor=(0.1 / across, 0.02),
                  ncols=1 if len(columns) == 1 else 2, frameon=False, fontsize=9)  # fmt: skip
    return figure


def plot_targets(rows: list[Row], ax: Axes | None = None, language: Language = "en") -> Axes:
    """Draw targets one below the other: the published interval as a band, the model's as a line.

    The scale is per cent of the published figure; an arrow at its end stands for what lies outside.
    ValueError for a row without a figure, or with a figure of 0.
    """
    ax = _lines(rows, ax, OF_PUBLISHED, language)
    ax.axvline(100.0, color=INK, lw=0.8, zorder=2)
    hundred = text("validation.hundred", language)
    ax.set_xticks([0, 50, 100, 150, 200], ["0", "50", hundred, "150", "200"], fontsize=8.5)
    return ax


def plot_requirements(rows: list[Row], ax: Axes | None = None, language: Language = "en") -> Axes:
    """Draw requirements one below the other: the allowed as a band, the model's interval as a line."""
    ax = _lines(rows, ax, AS_IT_IS, language)
    at = [-0.5, 0.0, 0.5, 1.0, 1.5]
    ax.set_xticks(at, [plain_number(x, language) for x in at], fontsize=8.5)
    return ax


def _lines(rows: list[Row], ax: Axes | None, scale: Scale, language: Language) -> Axes:
    """Draw a line for each row, and the names of groups above theirs."""
    ax = axes_for(ax, 8.8, _height(rows) + TITLE)
    y, group = 0.0, ""
    for key, x in ((scale.band, PUBLISHED), ("model", MODEL)):
        _beside(ax, text(f"validation.{key}", language), -0.6 * HEAD, x, "right", "normal", end=1.0)
    for row in rows:
        if row.group != group:
            group = row.group
            y -= HEAD
            name = text(f"target_group.{group}", language)
            _beside(ax, name, y + 0.4 * HEAD, -LABELS * 72 + 14, "left", "bold")
        y -= ROW
        _numbers(ax, row, y + ROW / 2.0, language)
        _marks(ax, row, y + ROW / 2.0, scale)
    ax.set_xlim(scale.low, scale.high)
    ax.set_ylim(-max(_height(rows), ROW), 0.0)
    ax.set_yticks([])
    for side in ("left", "right", "top"):
        ax.spines[side].set_visible(False)
    return ax


def _numbers(ax: Axes, row: Row, y: float, language: Language) -> None:
    """Write a row's label, what was published, and the model's mean."""
    weight = "bold" if row.verdict == FAILS else "normal"
    mean = text("validation.undefined", language)
    if not math.isnan(row.mean):
        mean = shown(row, (row.mean,), language=language)[0] + unit(row, language)
    _beside(ax, label_of(row.name, language), y, -LABELS * 72 + 22, "left", weight)
    _beside(ax, with_minus(published(row, language)), y, PUBLISHED, "right", "normal", end=1.0)
    _beside(ax, with_minus(mean), y, MODEL, "right", weight, end=1.0)


def _marks(ax: Axes, row: Row, y: float, scale: Scale) -> None:
    """Draw a row's band, line and marker; an arrow at the end of the scale where the mean is beyond."""
    marker, face, edge, _ = LOOK[_look(row)]
    low, high = scale.within(row, _band(row))
    thin = 0.006 * (scale.high - scale.low)
    left = min(low, scale.high - thin)
    ax.barh(y, max(high - low, thin), 0.62 * ROW, left=left, color=BAND, lw=0, zorder=1)
    if math.isnan(row.mean):
        return
    ax.plot(scale.within(row, row.interval), [y, y], color=edge, lw=1.7, solid_capstyle="butt", zorder=3)
    x = scale.at(row, row.mean)
    outside = "<" if x < scale.low else ">" if x > scale.high else ""
    mec = edge if face == "white" or outside else "white"
    ax.plot(min(max(x, scale.low), scale.high), y, outside or marker, ms=6.0, mfc=face, mec=mec, mew=0.8,
            zorder=4, clip_on=False)  # fmt: skip


def _look(row: Row) -> str:
    return INSIDE if row.verdict == HOLDS else row.verdict


def _beside(
    ax: Axes, said: str, y: float, points: float, align: str, weight: str, end: float = 0.0
) -> None:
    """Write beside the scale, so many points from its left end (or its right one)."""
    ax.annotate(said, (end, y), xycoords=("axes fraction", "data"), xytext=(points, 0),
                textcoords="offset points", ha=align, va="center", fontsize=8.5, fontweight=weight,
                color=INK, annotation_clip=False)  # fmt: skip


def _band(row: Row) -> tuple[float, float]:
    """Return the ends of a row's band: the published interval, or all that a requirement allows."""
    if row.figure is None:
        return AS_IT_IS.low, REQUIREMENTS[row.name].most
    return row.figure.interval


def _height(rows: list[Row]) -> float:
    """Return the inches that rows and the names of their groups take."""
    return ROW * len(rows) + HEAD * len({row.group for row in rows})


def _on_the_scale(found: Validation, status: str) -> list[Row]:
    """Return the rows that can be drawn against their figure: all but those of which it is 0."""
    return [r for r in found.rows if r.status == status and r.figure and r.figure.value != 0.0]


def _title(found: Validation, status: str, language: Language) -> str:
    rows = found.with_status(status)
    good = sum(row.verdict != FAILS for row in rows)
    key = {FITTED: "fitted", HELD_OUT: "held_out", REQUIRED: "required"}[status]
    return text(f"validation.{key}", language, good=good, all=len(rows))


def _head(found: Validation, language: Language) -> str:
    return text(f"validation.title_{'draws' if found.drawn else 'recorded'}", language)


def _legend(found: Validation, language: Language) -> list[Patch | Line2D]:
    seen = {_look(row) for row in found.rows}
    marks = [
        Line2D([], [], marker=marker, color=edge, mfc=face, mec=edge if face == "white" else "white",
               ms=7, lw=1.7, label=text(f"validation.{key}", language))
        for verdict, (marker, face, edge, key) in LOOK.items()
        if verdict in seen
    ]  # fmt: skip
    band = Patch(color=BAND, label=text("validation.band", language))
    covered = text(f"validation.line_{'draws' if found.drawn else 'recorded'}", language, n=found.n)
    line = Line2D([], [], color=INK, lw=1.7, label=fill(covered, 90))
    return [band, line, *marks]
