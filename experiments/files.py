"""Files: written whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path


class StoreError(RuntimeError):
    """A results folder that cannot be used; the message says why and what to do."""


def write_whole(path: Path, content: bytes | str) -> None:
    """Write a file aside, then rename it; StoreError where there is no room or no right to."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    aside = path.with_name(f".{path.name}.{_writer()}.tmp")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        _forget(aside)
        raise StoreError(
            f"{path.name} could not be written to {path.parent} ({error.strerror}); what was "
            "finished before is kept: run the same command again when there is room"
        ) from None


def write_files(folder: Path, files: Mapping[str, bytes | str]) -> None:
    """Write several files into a folder, which is made where it is not there."""
    make_folder(folder)
    for name, content in files.items():
        write_whole(folder / name, content)


def make_folder(folder: Path) -> None:
    """Make a results folder where there is none; StoreError where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"the results folder {folder} cannot be written ({error.strerror}); "
            "name another one with --out"
        ) from None


def remove_leftovers(folder: Path) -> None:
    """Remove what writers on this machine that are no longer alive left half written in a folder."""
    for path in folder.glob(".*.tmp"):
        found = _LEFTOVER.search(path.name)
        if found and found[1] == _machine() and _is_gone(int(found[2])):
            _forget(path)


_LEFTOVER = re.compile(r"\.([0-9a-f]{8})-(\d+)\.tmp$")


def _writer() -> str:
    """Return what tells this writer from those on other machines that share the folder."""
    return f"{_machine()}-{os.getpid()}"


@cache
def _machine() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def _is_gone(process: int) -> bool:
    if os.name != "posix":  # elsewhere to ask is to end it
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _forget(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
