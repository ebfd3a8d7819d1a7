"""The command `trappe` as the installed one runs, in this process and in a folder of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from experiments import cli
from simulation import compiling


class Said(NamedTuple):
    """What a command did: exit code, results, messages."""

    code: int
    out: str
    err: str


Trappe = Callable[..., Said]


def command_in(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    folder: Path,
    files: Mapping[str, str] | None = None,
    warm: bool = True,
) -> Trappe:
    """Return a function that runs `trappe` with arguments in `folder`, where `files` are written first.

    `warm`: as if the kernel had been compiled before.
    """
    monkeypatch.chdir(folder)
    for name, text in (files or {}).items():
        (folder / name).write_text(text, "utf-8")
    if warm:
        monkeypatch.setattr(compiling.notice, "speak", lambda: None)

    def run(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["trappe", *map(str, arguments)])
        capsys.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        return Said(code, *capsys.readouterr())

    return run
