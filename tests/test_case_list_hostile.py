"""`trappe import` of hostile folders by the hundred: read, or refused in words that name the file.

The folders come from seeds, so that a failure can be repeated: `hostile_lists` has the ways to spoil one.
"""

from __future__ import annotations

import csv
import os
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Said, Trappe, command_in
from hostile_lists import (
    SECRET,
    SPOILS,
    cells,
    columns,
    long_lines,
    loop_of_folders,
    no_file,
    ours,
    sound,
    unreadable,
)
from hostile_lists import as_csv as table

from simulation.reading import read_scenario

EACH = 16
"""Folders of each kind in the fast run; the slow one has ten times as many."""


@pytest.fixture
def trappe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Trappe:
    return command_in(monkeypatch, capsys, tmp_path)


def imported(trappe: Trappe, folder: Path, files: dict[str, bytes], *more: object) -> Said:
    """Import a folder with `files`, see that the answer is one for people, and return it."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return answered(trappe, folder, *more)


def answered(trappe: Trappe, folder: Path, *more: object) -> Said:
    fixed = ("--out", "out.toml", "--until", "2022-01-01", "--force", "--no-settle")
    said = trappe("import", folder, *fixed, *more)
    text = said.out + said.err
    assert said.code in (0, 2)
    assert "Traceback" not in text and "Error" not in text
    if said.code == 0:
        text += "".join(path.read_text("utf-8") for path in written(folder))
        assert not any(live_cells(path) for path in written(folder))
        read_scenario(Path("out.toml"))
        assert "rows read" in said.out
    else:
        assert len(said.err.strip().splitlines()) <= 3 and len(said.err) < 1000
        assert said.err.startswith("trappe: ") and said.out == ""
    assert SECRET not in text
    return said


def live_cells(path: Path) -> list[str]:
    """Return the cells of a csv file that a spreadsheet would run: none, if it is not csv."""
    if path.suffix != ".csv":
        return []
    with path.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    return [c for c in cells if c.lstrip().startswith(("=", "+", "@", "-")) and not is_number(c)]


def is_number(cell: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", cell) is not None


def written(folder: Path) -> list[Path]:
    """Return what the import wrote: the scenario, the tables beside it, the children in the folder."""
    in_folder = [folder / "first_day.csv", folder / "import_log.csv"]
    return [Path("out.toml"), *Path().glob("out-*.csv"), *in_folder]


def spoilt(trappe: Trappe, tmp_path: Path, kind: str, seeds: range) -> None:
    for seed in seeds:
        chance = random.Random(f"{kind} {seed}")
        folder = tmp_path / str(seed)
        folder.mkdir()
        files = sound(chance)
        names = {name.rsplit(".", 1)[0] for name in files}
        SPOILS[kind](files, chance)
        if seed % 4 == 3:  # another thing wrong besides
            SPOILS[chance.choice(["quotes", "cut", "noise", "strange_characters"])](files, chance)
        said = imported(trappe, folder, files, *(["--internal"] if seed % 2 else []))
        if said.code == 2:
            assert any(name in said.err for name in (*names, "rows below the header")), said.err


@pytest.mark.parametrize("kind", SPOILS)
def test_a_spoilt_folder_is_read_or_refused_in_words(trappe: Trappe, tmp_path: Path, kind: str) -> None:
    spoilt(trappe, tmp_path, kind, range(EACH))


@pytest.mark.slow
@pytest.mark.parametrize("kind", SPOILS)
def test_many_more_spoilt_folders(trappe: Trappe, tmp_path: Path, kind: str) -> None:
    spoilt(trappe, tmp_path, kind, range(EACH, 10 * EACH))


def test_sound_folders_are_read(trappe: Trappe, tmp_path: Path) -> None:
    """Without this, a program that refuses everything would pass the others."""
    for seed in range(12):
        folder = tmp_path / str(seed)
        folder.mkdir()
        assert imported(trappe, folder, sound(random.Random(seed))).code == 0


@pytest.mark.parametrize("seed", range(4))
def test_lines_of_ten_megabytes(trappe: Trappe, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    folder = tmp_path / "list"
    folder.mkdir()
    files = sound(chance)
    long_lines(files, chance)
    imported(trappe, folder, files)


@pytest.mark.parametrize("spoil", [no_file, loop_of_folders])
@pytest.mark.parametrize("seed", range(8))
def test_what_is_no_file(
    trappe: Trappe, tmp_path: Path, spoil: Callable[[Path, random.Random], None], seed: int
) -> None:
    chance = random.Random(seed)
    folder = tmp_path / "list"
    folder.mkdir()
    for name, data in sound(chance).items():
        (folder / name).write_bytes(data)
    spoil(folder, chance)
    answered(trappe, folder)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("seed", range(8))
def test_what_may_not_be_read(trappe: Trappe, tmp_path: Path, seed: int) -> None:
    folder = tmp_path / "list"
    folder.mkdir()
    for name, data in sound(random.Random(seed)).items():
        (folder / name).write_bytes(data)
    unreadable(folder, random.Random(seed))
    try:
        assert answered(trappe, folder).code == 2
    finally:
        folder.chmod(0o700)


@pytest.mark.parametrize(
    "name",
    ['x"]', "x\\", "x\\u0000", "=1+1", "@SUM(A1)", "'''", "#", "😀", "e\u0301", "漢字", "%s", "{0}",
     "]] [evil]", "a = 1", "x" * 100, "true", "all", "\u00a0Nord"],
)  # fmt: skip
def test_a_district_may_have_any_name(trappe: Trappe, tmp_path: Path, name: str) -> None:
    """What is read from the scenario is what stood in the list."""
    folder = tmp_path / "list"
    folder.mkdir()
    spells = [[cell.replace("Nord", name) for cell in row] for row in ours()["spells"]]
    assert imported(trappe, folder, {"spells.csv": table(spells)}).code == 0
    assert name.strip() in [d.name for d in read_scenario(Path("out.toml")).districts]
    assert trappe("check", "out.toml").code == 0


@pytest.mark.parametrize("name", ["\u202eNord", "No\u200brd", "Nord\u2028", "\ufeffNord", "Nord\u00a0"])
def test_districts_differ_by_what_can_be_seen(trappe: Trappe, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "list"
    folder.mkdir()
    spells = [[cell.replace("Nord", name) for cell in row] for row in ours()["spells"]]
    assert imported(trappe, folder, {"spells.csv": table(spells)}).code == 0
    names = [d.name for d in read_scenario(Path("out.toml")).districts]
    assert set(names) <= {"Nord", "No rd", "Syd"} and len(names) == 2


def test_identifiers_are_no_districts(trappe: Trappe, tmp_path: Path) -> None:
    folder = tmp_path / "list"
    folder.mkdir()
    spells = [[row[0] if cell == "Nord" else cell for cell in row] for row in ours()["spells"]]
    said = imported(trappe, folder, {"spells.csv": table(spells)})
    assert said.code == 2 and "right column" in said.err


@pytest.mark.parametrize("seed", range(20))
def test_hostile_names_files(trappe: Trappe, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    folder = tmp_path / "list"
    folder.mkdir()
    text = '[columns]\nchild_id = "Nr."\n[stairs]\n"Plejefamilie" = "foster_care"\n"Aflastning" = "-"\n'
    at = chance.randrange(len(text))
    sign = chance.choice(['"', "[", "=", "\0", "\\", "\n", "😀", "[[", "3", "''", "]"])
    (tmp_path / "names.toml").write_text(text[:at] + sign + text[at + chance.choice([0, 3]) :], "utf-8")
    files = sound(chance)
    chance.choice([cells, columns])(files, chance)
    imported(trappe, folder, files, "--names", tmp_path / "names.toml")


def test_hundreds_of_folders_are_tried() -> None:
    assert len(SPOILS) * EACH >= 300
