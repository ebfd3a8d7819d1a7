"""The README is right: its commands come first, its code runs, its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def test_the_two_commands_open_it() -> None:
    first = README.index("make fano")
    assert first < README.index("make test") < README.index("## ")


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_its_code_runs(block: str) -> None:
    names: dict[str, Any] = {}
    exec(block.replace("replicates=1000", "replicates=100"), names)


def test_its_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_it_says_what_it_must_not_be_used_for() -> None:
    for words in ("individual child", "inputs with grades, not findings", "Fewer institutions"):
        assert words in README
