"""The page rendered without a browser: its sliders and buttons do what they say."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from boards import has_web, live, small_board

from experiments.page.shown import Shown, show
from experiments.words import LANGUAGES, Language, text

pytestmark = pytest.mark.skipif(not has_web(), reason="the extra `web` is not installed: make web")

if has_web():
    import ipyvuetify
    import solara

    from experiments.page import walk_page
    from experiments.page.app import Page
    from experiments.page.walk_page import PAUSE


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    return request.param


@pytest.fixture
def page(language: Language) -> Any:
    show(Shown("fano", live(small_board()), language))
    _, rendered = solara.render(Page(), handle_error=False)
    yield rendered
    rendered.close()


def _until(holds: Callable[[], bool]) -> None:
    """Wait for the page to show what its tasks have worked out."""
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.05)
    pytest.fail("the page did not come to show it within a minute")


def _html(page: Any, class_: str) -> str:
    found = [w for w in page.find(solara.widgets.HTML).widgets if class_ in _classes(w)]
    return found[0].unsafe_innerHTML if found else ""


def _classes(widget: Any) -> str:
    return str((widget.attributes or {}).get("class", ""))


def _press(page: Any, class_: str) -> None:
    buttons = page.find(ipyvuetify.Btn).widgets
    next(b for b in buttons if class_ in (b.class_ or "")).click()


def test_a_slider_and_the_null_button_change_the_figure(page: Any, language: Language) -> None:
    _until(lambda: "<svg" in _html(page, "saving-figure"))
    sliders = page.find(ipyvuetify.Slider).widgets
    assert len(sliders) == 5
    before = _html(page, "saving-figure")
    sliders[0].v_model = 0
    _until(lambda: _html(page, "saving-figure") != before)
    _press(page, "null-button")
    said = text("page_answer.certain", language)
    _until(lambda: said in _html(page, "trappe-answer"))
    _press(page, "back-button")
    _until(lambda: said not in _html(page, "trappe-answer"))
    assert sliders[0].v_model == 3


def test_the_language_changes_and_the_sliders_stay(page: Any, language: Language) -> None:
    """Also the figures and the history, which stays at its month."""
    other: Language = "en" if language == "da" else "da"
    slider = page.find(ipyvuetify.Slider).widgets[0]
    slider.v_model = 0
    _until(lambda: "<svg" in _html(page, "saving-figure"))
    _press(page, "step-button")
    _until(lambda: "2" in _html(page, "walk-month"))
    for now in (other, language):
        _press(page, "language-button")
        _until(lambda now=now: text("page_saving.mean", now) in _html(page, "saving-figure"))  # type: ignore[misc]
        assert text("page_walk.apart", now) in _html(page, "walk-legend")
        said = [w.unsafe_innerHTML for w in page.find(solara.widgets.HTML).widgets]
        assert text("page_limits.child", now) in " ".join(said)
        assert slider.v_model == 0


def test_the_history_goes_on_month_by_month_and_back(page: Any, language: Language) -> None:
    first = _html(page, "walk-month")
    start = _html(page, "walk-after")
    _press(page, "step-button")
    _until(lambda: _html(page, "walk-month") != first)
    assert "2016" in _html(page, "walk-month")
    for _ in range(5):
        month = _html(page, "walk-month")
        _press(page, "step-button")
        _until(lambda month=month: _html(page, "walk-month") != month)  # type: ignore[misc]
    assert _html(page, "walk-after") != start
    _press(page, "reset-button")
    _until(lambda: _html(page, "walk-month") == first)
    assert _html(page, "walk-after") == start


def test_it_plays_by_itself_and_pauses(page: Any) -> None:
    first = _html(page, "walk-month")
    _press(page, "play-button")
    _until(lambda: _html(page, "walk-month") != first)
    _press(page, "play-button")
    _until(lambda: _rests(page))


def _rests(page: Any) -> bool:
    """Return whether no month comes for as long as three would take."""
    month = _html(page, "walk-month")
    time.sleep(3 * PAUSE)
    return _html(page, "walk-month") == month


def test_the_server_is_this_machine_s_own_and_tells_nobody() -> None:
    """In a process of its own, since Solara reads its settings when it is imported."""
    code = (
        "from experiments.page.start import server_at\n"
        "config = server_at(18766).config\n"
        "assert config.host == '127.0.0.1', config.host\n"
        "import solara.settings\n"
        "from solara.server import settings, telemetry\n"
        "assert not settings.telemetry.mixpanel_enable\n"
        "assert settings.main.mode == 'production'\n"
        "assert solara.settings.assets.proxy\n"
        "assert solara.settings.assets.cdn.startswith('http://127.0.0.1:')\n"
    )
    root = Path(__file__).parent.parent
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=root, check=True)


def test_where_no_history_may_be_shown_there_are_no_buttons_for_it(
    language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk_page, "may_be_walked", lambda scenario: False)
    show(Shown("fano", live(small_board()), language))
    _, rendered = solara.render(Page(), handle_error=False)
    said = " ".join(w.unsafe_innerHTML for w in rendered.find(solara.widgets.HTML).widgets)
    assert text("page_walk.hidden", language) in said
    assert not any("play-button" in (b.class_ or "") for b in rendered.find(ipyvuetify.Btn).widgets)
    assert not _html(rendered, "walk-after")
    rendered.close()
