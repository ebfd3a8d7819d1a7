"""Files: written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


class StoreError(RuntimeError):
    """A results folder that cannot be used; the message says why and what to do."""


def write_whole(path: Path, content: bytes | str) -> None:
    """Write a file aside, then rename it; StoreError where there is no room or no right to."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise StoreError(
            f"{path.name} could not be written to {path.parent} ({error.strerror}); what was "
            "finished before is kept: run the same command again when there is room"
        ) from None


def write_files(folder: Path, files: Mapping[str, bytes | str]) -> None:
    """Write several files into a folder, which is made where it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"the results folder {folder} cannot be written ({error.strerror}); "
            "name another one with --out"
        ) from None
    for name, content in files.items():
        write_whole(folder / name, content)
