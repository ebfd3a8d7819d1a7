"""Names: what a scenario may be called."""

from __future__ import annotations

import re


def short_name(name: str) -> str:
    """Return the nearest name that a scenario may have."""
    plain = name.lower().replace("æ", "ae").replace("ø", "oe").replace("å", "aa")
    return re.sub("[^a-z0-9_-]+", "-", plain).strip("-").lstrip("0123456789_-") or "my-municipality"
