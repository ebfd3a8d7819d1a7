"""Building: a notebook from its source, run from top to bottom, the same bytes at every run.

The source is a Python file in jupytext's percent format; the notebook beside it holds the outputs and the
hash of the source it was made from. The kernel is this Python's own, it listens on this machine only, and
it leaves no history behind. What libraries warn of on stderr depends on the machine (a first use of
fonts, a processor): it goes to this process's stderr, not into the notebook.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

OURS = "indsatstrappe"
"""Where a notebook's metadata says what it was made from."""

SECONDS = 1800
"""How long a cell may take."""

LOOPBACK = "127.0.0.1"


def sources(folder: Path) -> list[Path]:
    """Return the sources of the notebooks in a folder, in their order."""
    return sorted(folder.glob("[0-9][0-9]_*.py"))


def source_hash(source: Path) -> str:
    """Return the SHA-256 of a source as text, whatever the ends of its lines."""
    return hashlib.sha256(source.read_text("utf-8").encode()).hexdigest()


def notebook_of(source: Path) -> Any:
    """Return the notebook of a source, not run: its cells numbered, its metadata what is needed."""
    import jupytext

    notebook = jupytext.reads(source.read_text("utf-8"), fmt="py:percent")
    for i, cell in enumerate(notebook.cells, 1):
        cell["id"] = f"cell-{i:02d}"
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "title": title_of(notebook),
        OURS: {"source": source.name, "sha256": source_hash(source)},
    }
    notebook.nbformat_minor = 5
    return notebook


def title_of(notebook: Any) -> str:
    """Return the notebook's first heading."""
    lines = (line for cell in notebook.cells for line in cell.source.splitlines())
    return next((line[2:] for line in lines if line.startswith("# ")), "")


def run(notebook: Any, folder: Path) -> Any:
    """Return the notebook with the outputs of its cells, run in `folder`.

    What the cells wrote to stderr is written to this process's instead. Raises nbclient's
    CellExecutionError where a cell fails; its text holds the traceback.
    """
    from nbclient import NotebookClient
    from traitlets.config import Config

    with _no_trace() as traces:
        NotebookClient(
            notebook, kernel_name="python3", timeout=SECONDS, record_timing=False,
            resources={"metadata": {"path": str(folder)}},
            config=Config({"KernelManager": _wire(traces)}),
        ).execute()  # fmt: skip
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        _pass_on_warnings(cell)
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def _pass_on_warnings(cell: Any) -> None:
    """Write what a cell wrote to stderr to this process's stderr, and take it out of the cell."""
    noise = [o for o in cell.get("outputs", []) if o.get("name") == "stderr"]
    for output in noise:
        sys.stderr.write(output.text)
    if noise:
        cell.outputs = [o for o in cell.outputs if o not in noise]


def _wire(folder: str) -> dict[str, str]:
    """Return how the kernel is spoken to: by sockets in a folder, or else on this machine only."""
    if sys.platform == "linux":
        return {"transport": "ipc", "ip": str(Path(folder) / "kernel")}
    return {"ip": LOOPBACK}


@contextmanager
def _no_trace() -> Iterator[str]:
    """Yield a folder that keeps what Jupyter and IPython write, and goes; nobody's settings are read."""
    names = (
        "IPYTHONDIR",
        "JUPYTER_PATH",
        "JUPYTER_RUNTIME_DIR",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
    )
    before = {name: os.environ.get(name) for name in names}
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(dict.fromkeys(names, folder))
        try:
            yield folder
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value


def as_text(notebook: Any) -> str:
    """Return a notebook as the text of its file."""
    import nbformat

    nbformat.validate(notebook)
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return text.rstrip("\n") + "\n"


def build(source: Path) -> Path:
    """Run a source and write the notebook beside it, if no cell fails; return the notebook's path."""
    notebook = run(notebook_of(source), source.parent.parent)
    path = source.with_suffix(".ipynb")
    path.write_text(as_text(notebook), "utf-8")
    return path
