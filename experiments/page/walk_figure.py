"""The figure of a walk: every child of one world as a dot on the staircase."""

from __future__ import annotations

import math
from collections.abc import Iterator

from experiments.page import drawing as d
from experiments.page.walk import Dot, World
from experiments.words import Language, people, stair_name, text
from simulation.scenario import Scenario

WIDTH, _GROUND, _RISE, _TOP = 560.0, 225.0, 13.0, 8.0


def walk_figure(world: World, month: int, name: str, scenario: Scenario, language: Language) -> str:
    """Return one world in one month: known cases as dots, each in its place on its stair.

    A ring marks a move this month (orange up, blue down), a filled dot a child that stands on another
    stair in the other world.
    """
    shown = [i for i, s in enumerate(scenario.staircase) if s.is_case]
    width = WIDTH / len(shown)
    per_row, size = _packing(world, shown, width)
    parts: list[str] = []
    for n, i in enumerate(shown):
        left, level = n * width, _GROUND - _RISE * n
        parts.append(d.box(left, level, width + 0.6, _GROUND + 58 - level, d.PALE))
        parts.append(d.line([(left, level + _RISE * (n > 0)), (left, level), (left + width, level)]))
        parts += _dots(world.stairs[i], left + (width - per_row * size) / 2, level, per_row, size)
        label = stair_name(scenario.staircase[i], language)
        parts.append(d.lines_of_words(left + width / 2, _GROUND + 16, label, max(9, int(width / 6.0))))
    numbers = "; ".join(
        f"{stair_name(scenario.staircase[i], language)} {len(world.stairs[i])}" for i in shown
    )
    who = people(scenario, language)
    alt = text("page_walk.alt", language, world=name, month=month, numbers=numbers, people=who)
    return d.picture(WIDTH, _GROUND + 62, alt, parts)


def _packing(world: World, shown: list[int], width: float) -> tuple[int, float]:
    """Return how many dots stand side by side and how wide each is, so that the fullest stair fits."""
    for per_row in range(5, 60):
        size = min(17.0, (width - 8) / per_row)
        rows = [
            math.ceil((1 + max((dot.place for dot in world.stairs[i]), default=0)) / per_row) * size
            + _RISE * n
            for n, i in enumerate(shown)
        ]
        if max(rows) <= _GROUND - _TOP:
            break
    return per_row, size


def _dots(dots: tuple[Dot, ...], left: float, level: float, per_row: int, size: float) -> Iterator[str]:
    for dot in dots:
        row, column = divmod(dot.place, per_row)
        x, y = left + (column + 0.5) * size, level - (row + 0.55) * size
        fill = d.BLUE if dot.apart else "#c9c9c9"
        ring = d.ORANGE if dot.moved < 0 else d.INK if dot.moved > 0 else "white"
        yield d.dot(x, y, 0.4 * size, fill, ring, 0.16 * size if dot.moved else 0.5)


def legend(language: Language) -> str:
    """Return what the dots mean, as HTML."""
    marks = (
        ("same", "#c9c9c9", "white"), ("apart", d.BLUE, "white"),
        ("up", "#c9c9c9", d.ORANGE), ("down", "#c9c9c9", d.INK),
    )  # fmt: skip
    return "".join(
        d.key(d.dot(11, 9, 6, fill, ring, 2.5), text(f"page_walk.{name}", language))
        for name, fill, ring in marks
    )
