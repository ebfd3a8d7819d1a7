"""Drawing: small pieces of SVG. Text is escaped; colours are Okabe and Ito's, told apart in grey too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from math import floor, log10
from textwrap import wrap

INK, BLUE, ORANGE, SKY, GREY, PALE = "#222222", "#0072B2", "#D55E00", "#56B4E9", "#8c8c8c", "#ececec"
SMALL, TEXT, LARGE = 11, 13, 15

Point = tuple[float, float]


def picture(width: float, height: float, alt: str, parts: Iterable[str]) -> str:
    """Return an SVG picture that fits its place; `alt` is read to those who do not see it."""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(alt, quote=True)}" '
        f'style="width:100%;height:auto;display:block;font-family:inherit" fill="{INK}">'
        f"<title>{escape(alt)}</title>{''.join(parts)}</svg>"
    )


def hatch(name: str) -> str:
    """Return what the fill `hatched(name)` needs: orange with white lines, told apart from plain in grey.

    Each picture needs one of its own, since a browser draws none that stands in a hidden picture.
    """
    return (
        f'<defs><pattern id="{name}" width="6" height="6" patternTransform="rotate(45)" '
        f'patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="{ORANGE}"/>'
        '<line x1="0" y1="0" x2="0" y2="6" stroke="white" stroke-width="2"/></pattern></defs>'
    )


def hatched(name: str) -> str:
    """Return the fill that `hatch(name)` defines."""
    return f"url(#{name})"


def key(mark: str, said: str) -> str:
    """Return one entry of a legend, as HTML, so that entries break into lines where there is little room.

    `mark`: SVG in a field of 22 by 18.
    """
    return f'<span><svg width="22" height="18" aria-hidden="true">{mark}</svg>{escape(said)}</span>'


def words(
    x: float, y: float, said: str, size: float = TEXT, anchor: str = "middle", fill: str = INK,
    weight: str = "normal",
) -> str:  # fmt: skip
    """Return one line of text."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}" fill="{fill}" '
        f'font-weight="{weight}">{escape(said)}</text>'
    )


def lines_of_words(x: float, y: float, said: str, letters: int, size: float = SMALL) -> str:
    """Return text in lines of at most so many letters, below each other."""
    rows = wrap(said, letters, break_long_words=False)
    return "".join(words(x, y + 1.15 * size * i, row, size) for i, row in enumerate(rows))


def box(x: float, y: float, width: float, height: float, fill: str, extra: str = "") -> str:
    """Return a rectangle."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}" {extra}/>'
    )


def line(points: Sequence[Point], stroke: str = INK, width: float = 1.5, extra: str = "") -> str:
    """Return a line through points."""
    return (
        f'<polyline points="{_listed(points)}" fill="none" stroke="{stroke}" '
        f'stroke-width="{width:g}" {extra}/>'
    )


def area(points: Sequence[Point], fill: str, opacity: float) -> str:
    """Return a filled outline."""
    return f'<polygon points="{_listed(points)}" fill="{fill}" fill-opacity="{opacity:g}"/>'


def dot(x: float, y: float, radius: float, fill: str, stroke: str, width: float) -> str:
    """Return a circle."""
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.2f}" fill="{fill}" stroke="{stroke}" '
        f'stroke-width="{width:g}"/>'
    )


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round numbers from below `low` to above `high`, at most about `most` steps apart."""
    if not high > low:
        high = low + 1.0
    rough = (high - low) / most
    size = 10.0 ** floor(log10(rough))
    step = next(m * size for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * size >= rough * (1 - 1e-9))
    first, last = floor(low / step + 1e-9), -floor(-high / step + 1e-9)
    return [n * step for n in range(first, last + 1)]


def decimals(steps: Sequence[float]) -> int:
    """Return how many decimals tell round numbers apart."""
    gap = abs(steps[1] - steps[0])
    return next(n for n in range(9) if abs(gap * 10**n - round(gap * 10**n)) < 1e-6)


def _listed(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
