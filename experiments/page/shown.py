"""Shown: what the page of this process is about; set before it is served, the page only reads it."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.page.live import Live
from experiments.page.state import Board
from experiments.words import Language


@dataclass(frozen=True)
class Shown:
    """A scenario as it was given to the command, what works out its answers, and the language."""

    given: str
    live: Live
    language: Language

    @property
    def board(self) -> Board:
        """The sliders."""
        return self.live.board


_shown: list[Shown] = []


def show(shown: Shown) -> None:
    """Let the page be about `shown`."""
    _shown[:] = [shown]


def what_is_shown() -> Shown:
    """Return what the page is about; RuntimeError where nothing was set."""
    if not _shown:
        raise RuntimeError("nothing is shown yet: start the page with trappe serve SCENARIO")
    return _shown[0]
