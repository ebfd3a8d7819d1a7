"""The page in a real browser: nothing from elsewhere, and what is pressed is what happens."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from boards import browser, has_web

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make test-web installs it"
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not has_web(), reason="the extra `web` is not installed: make web"),
    pytest.mark.skipif(browser() is None, reason="no chromium on this machine: apt-get install chromium"),
]
ROOT = Path(__file__).parent.parent
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
"""Without its sandbox chromium runs as root too; without /dev/shm it runs in a small container."""
PATIENCE = 120_000
"""Milliseconds that a busy machine may take to show what was asked for."""


@pytest.fixture(scope="module", params=["da", "en"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """Serve the page as a user does, and end it afterwards with Ctrl+C."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "experiments.cli", "serve", "fano", "--no-open", "--port", str(port),
        "--language", request.param,
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    try:
        _wait_for(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGINT)
        said = server.communicate(timeout=60)[1].decode()
    assert "Traceback" not in said, said


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(1500):
        if server.poll() is not None:
            pytest.fail((server.stderr.read() if server.stderr else b"").decode())
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    pytest.fail("the page was not served within five minutes")


@pytest.fixture(scope="module")
def requests() -> list[str]:
    return []


@pytest.fixture(scope="module")
def page(address: str, requests: list[str]) -> Iterator[Any]:
    requests.clear()
    with playwright.sync_playwright() as running:
        try:
            chromium = running.chromium.launch(
                executable_path=browser(), args=ARGUMENTS, timeout=PATIENCE
            )
        except playwright.Error as error:
            pytest.skip(f"chromium does not start on this machine: {error.message.splitlines()[0]}")
        shown = chromium.new_page(viewport={"width": 1280, "height": 1800})
        shown.set_default_timeout(PATIENCE)
        shown.on("request", lambda request: requests.append(request.url))
        shown.goto(address)
        shown.wait_for_selector(".saving-figure svg")
        yield shown
        chromium.close()


def _figure(page: Any) -> str:
    return str(page.locator(".saving-figure").inner_html())


def _settled(page: Any) -> str:
    """Return the figure once all histories are in it, so that nothing but a press changes it."""
    page.wait_for_selector(".histories.is-whole")
    return _figure(page)


def _after(page: Any, figure: str) -> None:
    """Wait for another figure."""
    page.wait_for_function(
        "before => ![before, undefined].includes(document.querySelector('.saving-figure')?.innerHTML)",
        arg=figure,
    )  # fmt: skip


def test_every_request_goes_to_this_machine(page: Any, address: str, requests: list[str]) -> None:
    assert len(requests) > 5
    assert [url for url in requests if not url.startswith((address, "data:", "blob:"))] == []


def test_it_is_not_blank(page: Any) -> None:
    from matplotlib.image import imread

    pixels = imread(io.BytesIO(page.screenshot()))
    is_ink = (np.abs(pixels[..., :3] - 1.0) > 0.1).any(axis=2)
    assert 0.02 < is_ink.mean() < 0.6
    assert is_ink.any(axis=1).mean() > 0.5


def test_a_slider_changes_the_figure(page: Any) -> None:
    before = _settled(page)
    page.locator(".slider-extra_fte [role=slider]").press("ArrowLeft")
    _after(page, before)


def test_the_null_button_flattens_it(page: Any) -> None:
    """Without effect the widest band is a line: its upper and lower outline are the same."""
    before = _settled(page)
    page.locator(".null-button").click()
    _after(page, before)
    outline = page.locator(".saving-figure polygon").first.get_attribute("points").split()
    points = np.array([[float(x) for x in point.split(",")] for point in outline])
    half = len(points) // 2
    np.testing.assert_allclose(points[:half], points[half:][::-1], atol=0.11)
    before = _settled(page)
    page.locator(".back-button").click()
    _after(page, before)


def test_the_language_changes_and_the_sliders_stay(page: Any) -> None:
    slider = page.locator(".slider-extra_fte [role=slider]")
    stood, was = slider.get_attribute("aria-valuenow"), page.locator("h1").inner_text()
    before = _settled(page)
    page.locator(".language-button").click()
    _after(page, before)
    assert page.locator("h1").inner_text() != was
    assert slider.get_attribute("aria-valuenow") == stood
    other = _settled(page)
    page.locator(".language-button").click()
    _after(page, other)
    assert (_figure(page), page.locator("h1").inner_text()) == (before, was)


def test_children_move(page: Any) -> None:
    dots = page.locator(".walk-after svg")
    start = dots.inner_html()
    page.locator(".play-button").click()
    page.wait_for_function(
        "before => document.querySelector('.walk-after svg').innerHTML !== before", arg=start
    )  # fmt: skip
    page.locator(".play-button").click()
    assert dots.locator("circle").count() > 40


def test_the_proposal_can_be_saved(page: Any) -> None:
    with page.expect_download() as download:
        page.locator(".save-button").click()
    text = Path(download.value.path()).read_text("utf-8")
    assert download.value.suggested_filename == "fano-own.toml"
    assert tomllib.loads(text)["policies"]["own"]["capacity"]["extra_fte"] == [1.0, 0.5]


def test_another_name_for_this_machine_is_refused(address: str) -> None:
    request = urllib.request.Request(address, headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)
