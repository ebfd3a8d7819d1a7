"""Picture of one made-up child's path on the stairs, month by month, for explanation."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from experiments.pictures.look import BLUE, GREEN, INK, ORANGE, WIDTH, axes_for, below, titled
from experiments.words import Language, month, stair_name, text
from simulation.ledger import Event
from simulation.spells import MOVES
from simulation.staircase import Staircase

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from simulation.model import PlacementModel

MARKS = {
    Event.FOLLOW_UP: ("follow_up", "o", "white", INK, 5.0),
    Event.READY: ("ready", "^", GREEN, "white", 9.0),
    Event.NO_PLACE: ("no_place", "X", ORANGE, "white", 8.0),
    Event.BREAKDOWN: ("breakdown", "*", ORANGE, "white", 13.0),
    Event.NEW_CASEWORKER: ("new_caseworker", "D", "#E69F00", "white", 6.5),
}
"""Text, mark, fill, edge and size of what happens on a stair."""
BESIDE = {Event.NEW_CASEWORKER: -0.22, Event.READY: 0.24, Event.NO_PLACE: 0.24}
"""How far off the line a mark stands, in stairs, so that none covers another."""


def plot_path(
    model: PlacementModel, child: int | None = None, ax: Axes | None = None, language: Language = "en"
) -> Axes:
    """Draw one child's stairs by month, with follow-ups, readiness, changes of caseworker and breakdowns.

    `model` has run, with its event log. `child`: None is the one to whom most happened. Children of a
    case list are real: they are never chosen, and refused (ValueError).
    """
    events = model.datacollector.get_table_dataframe("events")
    number = most_eventful(model) if child is None else child
    own = events[events["child"] == number]
    _check(model, own, number)
    ax = axes_for(ax, WIDTH, 4.3)
    stairs = model.municipality.staircase
    _line(ax, own, stairs, model.month)
    ax.plot([], [], color=BLUE, lw=7.0, label=text("path.thick", language))
    for event, (key, mark, face, edge, size) in MARKS.items():
        at = own[own["event"] == event.name]
        if len(at):
            y = [_height(stairs, key_of) + BESIDE.get(event, 0.0) for key_of in at["to"]]
            ax.plot(at["month"] + 0.5, y, mark, mfc=face, mec=edge, ms=size, lw=0, zorder=4,
                    label=text(f"path.{key}", language))  # fmt: skip
    names = [text("path.nothing", language), *(_short(stair_name(s, language)) for s in stairs)]
    ax.set_yticks(range(-1, len(stairs)), names, fontsize=9)
    ax.set_ylim(-1.5, len(stairs) - 0.5)
    ax.set_xlim(0.0, model.month)
    ax.set_xticks(range(0, model.month + 1, 12 if model.month > 24 else 6))
    ax.grid(axis="y", color="#e6e6e6", lw=0.8, zorder=0)
    ax.set_axisbelow(True)
    which = {"history": model.replicate + 1, "child": number}
    start = month(model.municipality.start, language)
    ax.set_xlabel(text("path.across", language, start=start, **which))
    ax.set_ylabel(text("path.up", language))
    title = "path.title" if model.municipality.person == "child" else "path.title_person"
    titled(ax, text(title, language))
    for side in ("right", "top"):
        ax.spines[side].set_visible(False)
    below(ax, 2, left=1.3)
    return ax


def most_eventful(model: PlacementModel) -> int:
    """Return the child to whom most different things happened, stairs of care counted three times.

    ValueError where there is none who does not stand in a case list.
    """
    events = model.datacollector.get_table_dataframe("events")
    if model.municipality.case_list is not None:
        starters = events.loc[events["event"] == Event.START.name, "child"]
        events = events[~events["child"].isin(set(starters))]
    if events.empty:
        raise ValueError("nobody came after the first day; run the model for more months")
    care = [stair.key for stair in model.municipality.staircase if stair.in_care]
    moved = events[events["event"].isin(MOVES)]
    stairs = moved.groupby("child")["to"].nunique()
    in_care = 3 * moved[moved["to"].isin(care)].groupby("child")["to"].nunique()
    kinds = events.groupby("child")["event"].nunique()
    return int(kinds.add(stairs, fill_value=0).add(in_care, fill_value=0).idxmax())


def _check(model: PlacementModel, own: pd.DataFrame, number: int) -> None:
    if own.empty:
        raise ValueError(f"nothing is known of child {number}; see the model's table 'events'")
    is_real = (own["event"] == Event.START.name).any() and model.municipality.case_list is not None
    if is_real:
        raise ValueError(
            f"child {number} stands in the case list; a path is drawn of children made up by the model"
        )


def _height(stairs: Staircase, key: str) -> int:
    return stairs.index(key) if key in stairs.keys else -1


def _line(ax: Axes, own: pd.DataFrame, stairs: Staircase, months: int) -> None:
    """Draw the stairs as a line, thick where the child is in care."""
    moved = own[own["event"].isin(MOVES)]
    begins = [*moved["month"].astype(float) + 0.5]
    heights = [_height(stairs, key) for key in moved["to"]]
    ends = [*begins[1:], float(months)]
    for begin, end, height in zip(begins, ends, heights, strict=True):
        in_care = height >= 0 and stairs[height].in_care
        ax.plot([begin, end], [height, height], color=BLUE, lw=7.0 if in_care else 3.0,
                solid_capstyle="butt", zorder=3)  # fmt: skip
    for x, pair in zip(begins[1:], np.column_stack([heights[:-1], heights[1:]]), strict=True):
        ax.plot([x, x], pair, color=BLUE, lw=1.2, zorder=2)


def _short(name: str) -> str:
    return fill(name.partition(",")[0], 18)
