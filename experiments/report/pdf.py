"""A page as PDF, printed by a browser where there is one: Chromium or Chrome, without a window."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SECONDS = 120


def browser() -> str | None:
    """Return the program that can print, None where there is none on the path."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def printed(page: bytes, program: str) -> bytes | None:
    """Return a page as the bytes of a PDF; None where the browser did not make one."""
    with tempfile.TemporaryDirectory(prefix="trappe-") as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_bytes(page)
        command = [
            program, "--headless=new", "--disable-gpu", "--no-pdf-header-footer", "--disable-extensions",
            "--disable-background-networking", f"--user-data-dir={Path(folder, 'profile')}",
            f"--print-to-pdf={target}", source.as_uri(),
        ]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # a browser refuses to run as root with one
        try:
            subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)
            made = target.read_bytes()
        except (OSError, subprocess.SubprocessError):
            return None
    return made if made.startswith(b"%PDF") else None
