"""Experiment scripts: one file per question, the same five options, nothing analysed in them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import experiments.scripts
from experiments.scripts.asking import QUICK, Options

FOLDER = Path(experiments.scripts.__file__).parent
SCRIPTS = sorted(p for p in FOLDER.glob("*_*.py") if not p.name.startswith("_"))
FIVE = {"--replicates", "--workers", "--seed", "--out", "--quick"}


def trees() -> list[tuple[str, ast.Module]]:
    return [(p.stem, ast.parse(p.read_text("utf-8"))) for p in SCRIPTS]


def run(script: str, *options: str, at: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"experiments.scripts.{script}", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=at)


def test_there_are_scripts() -> None:
    assert len(SCRIPTS) >= 10


@pytest.mark.parametrize("name, tree", trees(), ids=[p.stem for p in SCRIPTS])
def test_a_script_is_a_question_and_nothing_else(name: str, tree: ast.Module) -> None:
    """A docstring that asks, one function that calls one study, and the line that runs it."""
    said = ast.get_docstring(tree)
    assert said is not None
    assert said.endswith("?")
    assert name.split("_")[0] in ("what", "which", "how", "do")
    kinds = [type(node).__name__ for node in tree.body]
    assert kinds == ["Expr", "ImportFrom", "ImportFrom", "FunctionDef", "If"]
    function = tree.body[3]
    assert isinstance(function, ast.FunctionDef)
    assert [type(node).__name__ for node in function.body] == ["Expr", "Expr"]
    used = {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}
    assert {"seed", "workers", "out"} <= used
    assert used & {"histories", "replicates"}


@pytest.mark.parametrize("script", [p.stem for p in SCRIPTS])
def test_all_scripts_take_the_same_five_options(script: str) -> None:
    said = run(script, "--help")
    assert said.returncode == 0
    assert {word for word in said.stdout.split() if word.startswith("--")} == {*FIVE, "--help"}


def test_what_cannot_be_run_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder", "utf-8")
    said = run("what_if_nothing_works", "--quick", "--out", str(tmp_path / "taken"))
    assert said.returncode == 2
    assert said.stderr.splitlines()[-1].startswith("what_if_nothing_works: ")
    assert "Traceback" not in said.stderr


def test_quick_is_few_histories_unless_more_are_asked_for() -> None:
    assert Options().histories(1000) == 1000
    assert Options(quick=True).histories(1000) == QUICK
    assert Options(quick=True).histories(10) == 10
    assert Options(replicates=77, quick=True).histories(1000) == 77


def test_a_script_answers_the_same_with_any_number_of_workers(tmp_path: Path) -> None:
    for workers in ("1", "2"):
        said = run("what_if_nothing_works", "--quick", "--workers", workers, "--out",
                   str(tmp_path / workers))  # fmt: skip
        assert said.returncode == 0, said.stderr
    one, two = (sorted((tmp_path / w).glob("*.csv")) for w in ("1", "2"))
    assert [p.name for p in one] == [p.name for p in two] != []
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]


@pytest.mark.slow
@pytest.mark.parametrize("script", [p.stem for p in SCRIPTS])
def test_every_script_runs(script: str, tmp_path: Path) -> None:
    said = run(script, "--quick", "--out", str(tmp_path / "out"))
    assert said.returncode == 0, said.stderr
    assert list((tmp_path / "out").glob("*.png"))
