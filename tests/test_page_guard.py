"""The page answers this machine only, and `trappe serve` says what is wrong in words."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command import Trappe, command_in

from experiments.page import start
from experiments.page.guard import is_ours, only_this_machine

OURS = b"127.0.0.1:8765"


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ([(b"host", OURS)], True),
        ([(b"Host", b"localhost:8765")], True),
        ([(b"host", OURS), (b"origin", b"http://127.0.0.1:8765")], True),
        ([(b"host", OURS), (b"origin", b"http://evil.example")], False),
        ([(b"host", OURS), (b"origin", b"null")], False),
        ([(b"host", b"evil.example:8765")], False),
        ([(b"host", b"127.0.0.1:80")], False),
        ([(b"host", b"192.168.1.7:8765")], False),
        ([], False),
    ],
)
def test_only_its_own_host_and_origin_are_ours(headers: list[tuple[bytes, bytes]], ours: bool) -> None:
    assert is_ours(headers, 8765) is ours


@pytest.mark.parametrize(
    ("kind", "host", "answer"),
    [
        ("http", OURS, "served"),
        ("websocket", OURS, "served"),
        ("http", b"evil.example", 403),
        ("websocket", b"evil.example", 1008),
    ],
)
def test_others_are_refused_before_the_page_sees_them(kind: str, host: bytes, answer: Any) -> None:
    sent: list[Any] = []

    async def page(scope: Any, receive: Any, send: Any) -> None:
        await send({"status": "served"})

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": kind, "headers": [(b"host", host)]}
    asyncio.run(only_this_machine(page, 8765)(scope, None, send))  # type: ignore[arg-type]
    assert sent[0].get("status", sent[0].get("code")) == answer


@pytest.fixture
def trappe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Trappe:
    return command_in(monkeypatch, capsys, tmp_path)


def test_without_the_extra_it_says_how_to_install_it(
    trappe: Trappe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "_is_installed", lambda package: package != "solara")
    said = trappe("serve", "fano", "--no-open")
    assert said.code == 2
    assert "solara" in said.err and "make web" in said.err and "Traceback" not in said.err


def test_a_taken_port_and_wrong_words_are_said(trappe: Trappe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "_is_installed", lambda package: True)
    with socket.socket() as other:
        other.bind((start.HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        said = trappe("serve", "fano", "--no-open", "--port", port)
    assert said.code == 2 and f"--port {port} cannot be used" in said.err
    assert "'da' (Danish) or 'en'" in trappe("serve", "fano", "--language", "sv").err
    assert trappe("serve", "fano", "--host", "0.0.0.0").code == 2
    assert "did you mean 'fano'" in trappe("serve", "fanoe", "--port", 18765).err
    assert "swedish_model" in trappe("serve", "fano", "--port", 18765, "--policy", "x").err


def test_all_but_the_page_itself_works_without_the_extra() -> None:
    """In a process where Solara cannot be imported, as in the main set-up."""
    code = (
        "import sys; sys.modules['solara'] = sys.modules['ipyvuetify'] = None\n"
        "import experiments.cli, experiments.page.start, experiments.page.figures\n"
        "import experiments.page.walk_figure, experiments.page.saving, experiments.page.sentences\n"
    )
    root = Path(__file__).parent.parent
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)
