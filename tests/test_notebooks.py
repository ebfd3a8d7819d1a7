"""Notebooks: they run, what is committed is what their source gives, no analysis hides in them."""

from __future__ import annotations

import ast
import json
import re
import socket
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from experiments.estimates import Estimate
from experiments.notebooks import (
    exactly,
    is_quick,
    rows_as_table,
    showing,
    spread,
    table,
    unless_quick,
)
from experiments.notebooks.building import (
    OURS,
    as_text,
    notebook_of,
    run,
    source_hash,
    sources,
    title_of,
)

ROOT = Path(__file__).parent.parent
SOURCES = sources(ROOT / "notebooks")
NAMES = [s.stem for s in SOURCES]
FIRST_TWO = ("01_decision_note", "02_how_the_staircase_works")
OWN_CODE = "06_extend_the_model"
MOST_BYTES = 400_000

each = pytest.mark.parametrize("source", SOURCES, ids=NAMES)


@cache
def committed(source: Path) -> dict[str, Any]:
    return json.loads(source.with_suffix(".ipynb").read_text("utf-8"))


def code_of(source: Path) -> list[ast.Module]:
    return [ast.parse(c.source) for c in notebook_of(source).cells if c.cell_type == "code"]


def outputs(notebook: Any) -> list[dict[str, Any]]:
    return [o for cell in notebook["cells"] for o in cell.get("outputs", [])]


def written(notebook: Any) -> list[str]:
    """Return the Markdown below the cells."""
    return ["".join(o["data"]["text/markdown"]) for o in outputs(notebook)
            if "text/markdown" in o.get("data", {})]  # fmt: skip


# --- what is committed ------------------------------------------------------------------------------


def test_there_are_six() -> None:
    assert [name[:2] for name in NAMES] == ["01", "02", "03", "04", "05", "06"]
    assert sorted(p.stem for p in (ROOT / "notebooks").glob("*.ipynb")) == NAMES


@each
def test_the_committed_notebook_was_made_from_the_committed_source(source: Path) -> None:
    notebook, fresh = committed(source), notebook_of(source)
    assert notebook["metadata"][OURS] == {"source": source.name, "sha256": source_hash(source)}, (
        "the source was changed since: make notebooks"
    )
    cells = [(c["cell_type"], "".join(c["source"])) for c in notebook["cells"]]
    assert cells == [(c.cell_type, c.source) for c in fresh.cells]
    assert notebook["metadata"]["title"] == title_of(fresh) != ""


@each
def test_its_cells_were_run_in_order_without_errors_or_noise(source: Path) -> None:
    code = [c for c in committed(source)["cells"] if c["cell_type"] == "code"]
    assert [c["execution_count"] for c in code] == list(range(1, len(code) + 1))
    assert all(c["outputs"] for c in code), "a cell without an output says nothing"
    assert {o["output_type"] for o in outputs(committed(source))} == {"display_data"}


@each
def test_its_answer_comes_first_and_has_an_interval(source: Path) -> None:
    """A heading, then a cell that computes: what it says begins with the answer and covers something."""
    first, second = committed(source)["cells"][:2]
    assert (first["cell_type"], second["cell_type"]) == ("markdown", "code")
    answer = written({"cells": [second]})[0]
    assert answer.startswith(("## The answer", "## Svaret"))
    assert re.search(
        r"\(−?[\d.,]+ (to|til) −?[\d.,]+\)|\d og −?[\d.,]+ mio|and a saving of|, but 90", answer
    )
    assert re.search(r"chance|tilfældigheder", answer)


@each
def test_its_pictures_are_readable_and_have_a_text(source: Path) -> None:
    pictures = [o for o in outputs(committed(source)) if "image/png" in o["data"]]
    assert pictures or source.stem == "00"
    for picture in pictures:
        assert len(picture["metadata"]["image/png"]["alt"]) > 40
        assert len("".join(picture["data"]["image/png"])) > 10_000


@each
def test_it_is_short_and_small(source: Path) -> None:
    assert 8 <= len(committed(source)["cells"]) <= 18
    assert source.with_suffix(".ipynb").stat().st_size < MOST_BYTES


@each
def test_it_names_no_machine_and_no_time(source: Path) -> None:
    text = source.with_suffix(".ipynb").read_text("utf-8")
    plain = re.sub(r'"image/png": "[^"]*"', "", text)
    for secret in (str(Path.home()), str(ROOT), socket.gethostname(), "/tmp", "0x", "\\u001b"):
        assert secret not in plain
    assert "iopub" not in plain
    assert json.loads(text)["metadata"]["language_info"] == {"name": "python"}


@each
def test_no_analysis_hides_in_it(source: Path) -> None:
    """No function and no loop that computes; classes and methods in the notebook that is about them."""
    banned: tuple[type[ast.AST], ...] = (
        ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If,
        ast.Try, ast.With,
    )  # fmt: skip
    if source.stem == OWN_CODE:
        banned = (ast.AsyncFunctionDef, ast.Lambda, ast.For, ast.While, ast.Try)
    for cell in code_of(source):
        assert not [type(n).__name__ for n in ast.walk(cell) if isinstance(n, banned)]
        imported = {
            (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
            for node in ast.walk(cell) if isinstance(node, ast.Import | ast.ImportFrom)
        }  # fmt: skip
        assert {name.split(".")[0] for name in imported} <= {
            "experiments",
            "simulation",
            "tempfile",
            "pathlib",
        }


# --- running ----------------------------------------------------------------------------------------


def run_quickly(source: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv(showing.QUICK, "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return run(notebook_of(source), ROOT)


def assert_same_kinds(notebook: Any, source: Path) -> None:
    """The same cells show the same kinds of output as in what is committed."""
    kinds = [[sorted(o["data"]) for o in c.get("outputs", [])] for c in notebook["cells"]]
    assert kinds == [
        [sorted(o["data"]) for o in c.get("outputs", [])] for c in committed(source)["cells"]
    ]


@pytest.mark.parametrize("source", [s for s in SOURCES if s.stem in FIRST_TWO], ids=FIRST_TWO)
def test_it_runs(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_same_kinds(run_quickly(source, monkeypatch), source)


@pytest.mark.slow
@pytest.mark.parametrize("source", [s for s in SOURCES if s.stem not in FIRST_TWO],
                         ids=[n for n in NAMES if n not in FIRST_TWO])  # fmt: skip
def test_it_runs_too(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_same_kinds(run_quickly(source, monkeypatch), source)


def small_source(tmp_path: Path, code: str) -> Path:
    source = tmp_path / "notebooks" / "09_small.py"
    source.parent.mkdir()
    source.write_text(f"# %% [markdown]\n# # Small\n#\n# It is.\n\n# %%\n{code}\n", "utf-8")
    return source


def test_two_runs_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    source = small_source(
        tmp_path,
        "from experiments.notebooks import say, show\nfrom experiments.plots import axes_for\n"
        "say('one', 'two')\nshow(axes_for(None), 'An empty pair of axes.')",
    )
    one, two = (as_text(run(notebook_of(source), tmp_path)) for _ in range(2))
    assert one == two
    first, second = outputs(json.loads(one))
    assert "".join(first["data"]["text/markdown"]) == "one\n\ntwo"
    assert second["metadata"]["image/png"]["alt"] == "An empty pair of axes."
    assert json.loads(one)["metadata"]["title"] == "Small"


def test_a_librarys_warning_is_passed_on_and_not_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A font cache built for the first time, a processor unknown: no two machines warn of the same."""
    source = small_source(tmp_path, "import sys\nprint('no fonts', file=sys.stderr)\nprint('kept')")
    (kept,) = outputs(run(notebook_of(source), tmp_path))
    assert (kept["name"], kept["text"]) == ("stdout", "kept\n")
    assert "no fonts" in capsys.readouterr().err


def test_a_cell_that_fails_stops_the_run(tmp_path: Path) -> None:
    from nbclient.exceptions import CellExecutionError

    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        run(notebook_of(small_source(tmp_path, "1 / 0")), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("source", SOURCES[:2], ids=NAMES[:2])
def test_the_committed_outputs_are_what_comes_out_today(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In full: the same text; pictures may differ by the fonts of a machine."""
    monkeypatch.delenv(showing.QUICK, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    assert written(run(notebook_of(source), ROOT)) == written(committed(source))


def test_a_hash_does_not_depend_on_the_ends_of_lines(tmp_path: Path) -> None:
    unix, other = tmp_path / "a.py", tmp_path / "b.py"
    unix.write_bytes(b"a\nb\n")
    other.write_bytes(b"a\r\nb\r\n")
    assert source_hash(unix) == source_hash(other)


# --- saying and showing -----------------------------------------------------------------------------


def test_quick_is_asked_for_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for said, quick in (("1", True), ("0", False), ("", False)):
        monkeypatch.setenv(showing.QUICK, said)
        assert is_quick() is quick
        assert unless_quick(1000, 40) == (40 if quick else 1000)
    monkeypatch.setenv(showing.QUICK, "1")
    assert unless_quick(10, 40) == 10


def test_an_estimate_is_said_with_its_interval_in_either_language() -> None:
    e = Estimate(3.94e6, -13.9e6, 1200e6, 1.2e6)
    assert spread(e, 1e6) == "3.9 (−13.9 to 1,200.0)"
    assert spread(e, 1e6, language="da") == "3,9 (−13,9 til 1.200,0)"
    assert exactly(e, 1e6) == "3.9 ± 1.2"


def test_a_table_is_markdown_and_no_cell_breaks_it() -> None:
    assert table(["a", "b"], [["x|y", "1"]]) == "| a | b |\n| :-- | --: |\n| x y | 1 |"
    said = rows_as_table([{"a": 1, "b": None, "c": 3}], {"b": "B", "a": "A"})
    assert said.splitlines()[-1] == "|  | 1 |"


def test_a_picture_needs_a_text() -> None:
    from experiments.plots import axes_for

    with pytest.raises(ValueError, match="alt is empty"):
        showing.show(axes_for(None), " ")
