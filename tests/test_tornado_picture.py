"""The picture of what would change the answer: bars are the ends, and every value can be read."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from experiments.estimates import estimate
from experiments.pictures.look import BLUE, ORANGE
from experiments.pictures.tornado import Ends, plot_ends
from experiments.plots import as_png
from experiments.words import LANGUAGES, Language
from simulation.reading import find_scenario

FANO = find_scenario("fano")
BARS = [
    Ends("Hours for an assessment", "11 hours", "33 hours", 10.2e6, -5.9e6),
    Ends("Price per year: residential care", "973,000 DKK", "1.35 m DKK", 7.2e6, 10.9e6),
    Ends("Salary of a caseworker", "503,000 DKK", "610,000 DKK", -4.3e6, -5.2e6),
]
SPREAD = estimate(np.linspace(-14e6, 20e6, 101), None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_bars_reach_from_end_to_end_and_costs_look_otherwise(language: Language) -> None:
    ax = plot_ends(BARS, 9.1e6, SPREAD, FANO, "swedish_model", language=language)
    drawn = [
        (p.get_x(), p.get_x() + p.get_width(), to_hex(p.get_facecolor()).upper())
        for p in ax.patches
        if isinstance(p, Rectangle)
    ]
    for x, y, color in ((-5.9, 0.0, ORANGE), (0.0, 10.2, BLUE), (7.2, 10.9, BLUE), (-5.2, -4.3, ORANGE)):
        assert any((a, b) == pytest.approx((x, y)) and c == color.upper() for a, b, c in drawn)
    [everything] = [(a, b) for a, b, c in drawn if c not in (ORANGE.upper(), BLUE.upper())]
    assert everything == pytest.approx((SPREAD.low / 1e6, SPREAD.high / 1e6))


@pytest.mark.parametrize("bars", [BARS, BARS[2:], BARS[:1], []])
def test_no_value_covers_a_name_or_leaves_the_picture(bars: list[Ends]) -> None:
    spread = SPREAD if len(bars) == 3 else estimate(np.full(10, -4.7e6), None)
    ax = plot_ends(bars, -4.7e6, spread, FANO, "null")
    figure = ax.get_figure(root=True)
    assert figure is not None
    as_png(figure)
    left, right = (ax.transAxes.transform((x, 0.0))[0] for x in (0.0, 1.0))
    for said in ax.texts:
        box = said.get_window_extent()
        assert left <= box.x0 and box.x1 <= right, said.get_text()
    assert [said.get_text() for said in ax.texts] == [
        value for bar in bars
        for _, value in sorted([(bar.at_low, bar.low), (bar.at_high, bar.high)])
    ]  # fmt: skip
