"""The report on paper, in a real browser: nothing is wider than an A4 page, no text is too pale."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boards import browser
from reports import BACK, COMMAND, DAY, FORECAST, QUALITY, with_tables

from experiments.report.content import note
from experiments.report.html import page
from experiments.words import LANGUAGES, Language

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-web installs it"
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(browser() is None, reason="no chromium on this machine: apt-get install chromium"),
]

PAPER = 672
"""Pixels across an A4 page within its margins: 178 mm at 96 to the inch."""

TOO_WIDE = """width => [...document.querySelectorAll('main *')]
  .filter(e => e.getBoundingClientRect().right > width + 1)
  .map(e => e.tagName + ': ' + e.textContent.slice(0, 40))"""

TOO_PALE = """() => {
  const part = c => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4 };
  const light = rgb => { const [r, g, b] = rgb.match(/[0-9.]+/g).map(Number);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b) };
  const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (!c.endsWith(', 0)') && c != 'transparent') return c } return 'rgb(255, 255, 255)' };
  return [...document.querySelectorAll('main *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType == 3 && n.textContent.trim()))
    .filter(e => { const [a, b] = [light(getComputedStyle(e).color), light(ground(e))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5 })
    .map(e => e.tagName + ': ' + e.textContent.slice(0, 40)) }"""


@pytest.fixture(scope="module")
def sheet() -> Iterator[Any]:
    """Return a tab of a browser as wide as the paper, that prints."""
    with playwright.sync_playwright() as p:
        found = p.chromium.launch(executable_path=browser(), args=["--no-sandbox", "--disable-gpu"])
        tab = found.new_page(viewport={"width": PAPER, "height": 1000})
        tab.emulate_media(media="print")
        yield tab
        found.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_fits_on_a4_and_can_be_read(sheet: Any, tmp_path: Path, language: Language) -> None:
    found = with_tables(tmp_path, language, quality=QUALITY, forecast=FORECAST, back_test=BACK)
    sheet.set_content(page(note(found, COMMAND, DAY)))
    assert sheet.locator("table").count() >= 9
    assert sheet.evaluate(TOO_WIDE, PAPER) == []
    assert sheet.evaluate(TOO_PALE) == []
    sizes = sheet.evaluate("[...document.images].map(i => [i.naturalWidth, i.height])")
    assert len(sizes) == 5 and all(wide > 600 and high > 100 for wide, high in sizes)
