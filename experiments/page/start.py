"""Start: serves the page on this machine only, with no telemetry and no request to any other place."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
import warnings
import webbrowser
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from experiments.page.guard import only_this_machine
from experiments.page.live import Live
from experiments.page.shown import Shown, show
from experiments.page.state import board
from experiments.words import Language
from simulation.reading import find_scenario

HOST = "127.0.0.1"
"""The only address the page is served at: this machine, seen from itself."""

ENVIRONMENT = {
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_ASSETS_PROXY": "True",  # the browser gets everything from this server, which has it on disk,
    "SOLARA_ASSETS_CDN": "http://127.0.0.1:9/",  # and what it lacks it looks for where nothing is
    "SOLARA_MODE": "production",  # otherwise the page looks for a newer version
    "SOLARA_APP": "experiments.page.app",
    "SOLARA_THEME_LOADER": "plain",
    "SOLARA_THEME_SHOW_BANNER": "False",
}
"""What Solara reads when it is imported."""

NEEDED = ("solara", "solara-assets", "ipyvuetify", "uvicorn")
"""Packages of the `web` extra."""


class WebExtraMissingError(ValueError):
    """The page needs packages that are not installed; the message says how to install them."""


def check_installed() -> None:
    """Raise WebExtraMissingError where the packages of the page are not there."""
    missing = [name for name in NEEDED if not _is_installed(name)]
    if missing:
        raise WebExtraMissingError(
            f"the page needs packages that are not installed ({', '.join(missing)}); add them with: "
            "make web, or: pip install --constraint constraints.txt --editable '.[web]'"
        )


def serve(given: str, policy: str | None, language: Language, port: int, open_browser: bool) -> None:
    """Serve the page about a scenario until it is interrupted.

    Raises:
        WebExtraMissingError: the `web` extra is not installed. ScenarioError, KeyError, ValueError: no
            such scenario or policy, or the port is taken.
    """
    check_installed()
    check_port(port)
    live = ready(given, policy)
    show(Shown(given, live, language))
    server = server_at(port)
    address = f"http://{HOST}:{port}"
    threading.Thread(target=_say_when_ready, args=(server, address, open_browser), daemon=True).start()
    try:
        server.run()
    finally:
        live.end()


def ready(given: str, policy: str | None) -> Live:
    """Return what works out the answers, compiled and with its first answer worked out."""
    live = Live(board(find_scenario(given), policy))
    print("Working out the first answer ...", file=sys.stderr)
    live.answer(live.board.start)
    return live


def server_at(port: int) -> Any:
    """Return a server of the page at this machine's own address, not yet running.

    Raises RuntimeError where Solara would still tell its makers that it runs.
    """
    os.environ.update(ENVIRONMENT)
    warnings.filterwarnings("ignore", message="Cookies with samesite")  # this machine needs no https
    import uvicorn
    from solara.server import settings

    if settings.telemetry.mixpanel_enable:
        raise RuntimeError("telemetry is on although it was switched off; the page is not served")
    from solara.server.starlette import app

    guarded = only_this_machine(app, port)
    return uvicorn.Server(uvicorn.Config(guarded, host=HOST, port=port, log_level="error"))


def check_port(port: int) -> None:
    """Raise ValueError where another program has the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise ValueError(
                f"--port {port} cannot be used ({error.strerror}); name another one, such as "
                f"--port {port + 1}"
            ) from None


def _is_installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


def _say_when_ready(server: Any, address: str, open_browser: bool) -> None:
    while not server.started:
        time.sleep(0.1)
    print(f"The page is at {address} (Ctrl+C ends it)", file=sys.stderr, flush=True)
    if open_browser:
        webbrowser.open(address)
