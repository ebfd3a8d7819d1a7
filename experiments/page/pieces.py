"""Pieces of the page: text and pictures as HTML, always escaped."""

from __future__ import annotations

from html import escape
from typing import Any

import reacton.ipyvuetify as v
import solara

from experiments.page.shown import Shown

SHOWN = solara.create_context(None)
"""What one tab of the browser shows: as the command said, in the language that its reader chose."""


def use_shown() -> Shown:
    """Return what this tab shows."""
    shown: Shown = solara.use_context(SHOWN)
    return shown


def escaped(said: str) -> str:
    """Return text that HTML shows as it is."""
    return escape(said)


def part(class_: str, **attributes: str) -> Any:
    """Return a part of the page, to be filled by `with`."""
    return v.Html(tag="div", class_=class_, attributes=attributes)


def html(content: str, class_: str = "") -> None:
    """Show HTML that this package made."""
    solara.HTML(tag="div", unsafe_innerHTML=content, classes=class_.split())


def paragraph(said: str, class_: str = "") -> None:
    """Show a paragraph of text."""
    solara.HTML(tag="p", unsafe_innerHTML=escape(said), classes=class_.split())
