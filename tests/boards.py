"""Helpers of the tests of the page: a small board, its answers, and pictures read as XML."""

from __future__ import annotations

import importlib.util
import shutil
import xml.etree.ElementTree as ET
from typing import Any

from support import scenario

from experiments.page.live import Live
from experiments.page.state import Board, board
from simulation.scenario import Scenario

POLICY: dict[str, Any] = {
    "label": "Forslaget",
    "ramp_months": 6,
    "capacity": {"extra_fte": [1.0, 0.5]},
    "reviews": {"first": 3, "later": 3},
    "practice": {"orientation": 1.33, "residential_odds": 0.75, "without_leader": 0.8},
    "supply": {"network_search": 0.36, "outreach": 1.25, "extra_places": {"foster_care": 2}},
    "world": {"surveillance": 0.045},
}
"""Like Fanø's: a lever of every cause."""

DRAWS = 10
"""Draws of the answers of the tests."""


def small_board(**overrides: Any) -> Board:
    """Return the sliders over POLICY in a small municipality of two years."""
    return board(small(**overrides))


def small(**overrides: Any) -> Scenario:
    """Return a small municipality with POLICY."""
    return scenario(**{"policies": {"proposal": POLICY}, **overrides})


def live(of: Board) -> Live:
    """Return what works out answers for the tests."""
    return Live(of, draws_=DRAWS, workers=2)


def texts_of(svg: str) -> list[str]:
    """Return the texts in a picture, in order; it must be well-formed XML."""
    return [found.text or "" for found in ET.fromstring(svg).iter("text")]


def alt_of(svg: str) -> str:
    """Return what a picture says to those who do not see it."""
    return ET.fromstring(svg).attrib["aria-label"]


def has_web() -> bool:
    """Return whether the `web` extra is installed."""
    return all(importlib.util.find_spec(name) for name in ("solara", "ipyvuetify"))


def browser() -> str | None:
    """Return the path of a chromium on this machine, if there is one."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next((path for path in found if path), None)
