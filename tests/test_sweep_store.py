"""The folder of a sweep: resumed to the same bytes, never mixed, never half written."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from support import district
from sweeps import HOURS, POISON, contents, small, some_rows, town

from experiments import program as program_module
from experiments.files import StoreError, remove_leftovers, write_whole
from experiments.sweep.design import Design, Row
from experiments.sweep.identity import Keys, identity
from experiments.sweep.outcomes import NAMES
from experiments.sweep.parts import file_name, from_parquet
from experiments.sweep.run import Sweep
from experiments.sweep.table import as_table, from_table
from experiments.sweep.work import chunks

OUTCOMES = ("net_saving", "caseload")


def run(design: Design, folder: Path | None, **how: Any) -> np.ndarray:
    return Sweep(design, folder, **how).values(OUTCOMES)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the small design."""
    folder = tmp_path_factory.mktemp("sweep")
    run(small(), folder)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """Return a copy of it to spoil."""
    return Path(shutil.copytree(whole, tmp_path / "sweep"))


def parts(folder: Path) -> list[Path]:
    return sorted((folder / "parts").iterdir())


# --- the same bytes ------------------------------------------------------------------------------


def test_a_folder_changes_nothing_about_the_values(whole: Path) -> None:
    with_folder, without = run(small(), whole), run(small(), None)
    assert with_folder.tobytes() == without.tobytes()
    assert with_folder.shape == (6, 10, 2)
    assert np.isfinite(with_folder).all()


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_any_number_of_threads_gives_the_same_files(whole: Path, tmp_path: Path, workers: int) -> None:
    run(small(), tmp_path, workers=workers)
    assert contents(tmp_path) == contents(whole)


def test_what_is_there_is_not_run_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (lost,) = (p for p in parts(folder) if "rows-0000003-replicates-0000005" in p.name)
    lost.unlink()
    asked: list[tuple[int, int]] = []
    run(small(), folder, progress=lambda n, total: asked.append((n, total)))
    assert asked == [(5, 6), (6, 6)]


def test_more_histories_add_parts_and_leave_the_others(whole: Path, folder: Path) -> None:
    before = {p.name: p.stat().st_mtime_ns for p in parts(folder)}
    more = run(small(replicates=20), folder)
    assert more[:, :10].tobytes() == run(small(), whole).tobytes()
    after = {p.name: p.stat().st_mtime_ns for p in parts(folder)}
    assert len(after) == 2 * len(before)
    assert after.items() >= before.items()
    assert json.loads((folder / "manifest.json").read_text())["replicates"] == 20


def test_rows_at_the_end_are_the_same_sweep(whole: Path, folder: Path, tmp_path: Path) -> None:
    """The last chunk was whole, so its parts stay; nine rows are as if they had been there at once."""
    before = {p.name: p.stat().st_mtime_ns for p in parts(folder)}
    run(small(some_rows(9)), folder)
    assert {p.name: p.stat().st_mtime_ns for p in parts(folder)}.items() >= before.items()
    run(small(some_rows(9)), tmp_path / "at-once")
    assert contents(folder) == contents(tmp_path / "at-once")


def test_a_last_chunk_that_was_not_full_is_made_again(tmp_path: Path) -> None:
    run(small(some_rows(3)), tmp_path / "grown")
    run(small(some_rows(4)), tmp_path / "grown")
    run(small(some_rows(4)), tmp_path / "at-once")
    assert contents(tmp_path / "grown") == contents(tmp_path / "at-once")


def test_results_beyond_memory_are_read_from_the_folder(
    whole: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.sweep.run.MEMORY", 1)
    assert run(small(), folder).tobytes() == run(small(), None).tobytes()


# --- never mixed ---------------------------------------------------------------------------------


def first(**changes: Any) -> tuple[Row, ...]:
    """Return the rows with the first one changed."""
    return (replace(some_rows()[0], **changes), *some_rows()[1:])


def edited() -> tuple[Row, ...]:
    """Return the rows with another number in the fourth."""
    rows = list(some_rows())
    rows[3] = replace(rows[3], values={HOURS: 9.0})
    return tuple(rows)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (small(seed=2), "seed: there 1, here 2"),
        (small(engine="agents"), "engine: there 'kernel', here 'agents'"),
        (small(block=10), "block: there 5, here 10"),
        (small(scenarios={"test": town(months=13)}), "scenarios.test.months: there 12, here 13"),
        (
            small(scenarios={"test": town(children={"recognition": 0.25})}),
            "scenarios.test.children.recognition: there ",
        ),
        (
            small(scenarios={"test": town(districts=district(inflow=31.0))}),
            "scenarios.test.districts[0].inflow: there 30.0, here 31.0",
        ),
        (small(edited()), f"row 4, {HOURS}: there 3.75, here 9.0"),
        (small(first(policy="reviews")), "row 1, policy: there 'more', here 'reviews'"),
        (small(first(draw=3)), "row 1, draw: there None, here 3"),
        (small(some_rows(4)), "number of rows: there 6, here 4"),
    ],
)
def test_another_sweep_is_refused_by_what_differs(folder: Path, other: Design, said: str) -> None:
    before = contents(folder)
    with pytest.raises(StoreError) as refusal:
        run(other, folder)
    assert said in str(refusal.value)
    assert "holds another sweep; nothing was mixed" in str(refusal.value)
    assert "--out" in str(refusal.value)
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("what", "key"),
    [("program_hash", "code"), ("evidence_hash", "evidence"), ("project_version", "version")],
)
def test_another_version_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, what: str, key: str
) -> None:
    before = contents(folder)
    monkeypatch.setattr(program_module, what, lambda: "another")
    with pytest.raises(StoreError, match=rf"{key}: there '.+', here 'another'"):
        run(small(), folder)
    assert contents(folder) == before


def test_a_part_of_another_sweep_is_not_believed(whole: Path, folder: Path, tmp_path: Path) -> None:
    """A part that was copied from elsewhere has the right name and shape, and is run again."""
    run(small(seed=2), tmp_path / "other")
    name = parts(folder)[0].name
    shutil.copy(tmp_path / "other" / "parts" / name, folder / "parts" / name)
    run(small(), folder)
    assert contents(folder) == contents(whole)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"sweep": 1}', "\udcff"])
def test_an_unreadable_manifest_is_said_so(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(StoreError, match="cannot be read as the manifest of a sweep"):
        run(small(), folder)


def test_results_without_a_manifest_are_not_adopted(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    before = contents(folder)
    with pytest.raises(StoreError, match=r"holds results but no manifest\.json"):
        run(small(), folder)
    assert contents(folder) == before


# --- the table is edited -------------------------------------------------------------------------


def test_an_edited_table_is_run_where_it_stands(folder: Path, tmp_path: Path) -> None:
    """What was not edited is kept; the whole is as if the edited rows had been asked for at once."""
    (folder / "design.csv").write_text(as_table(edited()), "utf-8")
    told: list[tuple[int, int]] = []
    run(small(edited()), folder, progress=lambda n, total: told.append((n, total)))
    assert told[0] == (4, 6)  # two of six parts hold row 4
    run(small(edited()), tmp_path / "at-once")
    assert contents(folder) == contents(tmp_path / "at-once")


def test_rows_taken_away_leave_no_parts_behind(folder: Path, tmp_path: Path) -> None:
    fewer = some_rows()[:1] + some_rows()[4:]
    (folder / "design.csv").write_text(as_table(fewer), "utf-8")
    run(small(fewer), folder)
    run(small(fewer), tmp_path / "at-once")
    assert contents(folder) == contents(tmp_path / "at-once")


def test_an_edited_table_is_not_overwritten_by_the_old_design(folder: Path) -> None:
    (folder / "design.csv").write_text(as_table(edited()), "utf-8")
    before = contents(folder)
    with pytest.raises(StoreError, match=f"row 4, {HOURS}: there 9.0, here 3.75"):
        run(small(), folder)
    assert contents(folder) == before


# --- rows that fail ------------------------------------------------------------------------------


def test_a_poisoned_row_in_the_middle_harms_no_other(whole: Path, tmp_path: Path) -> None:
    rows = list(some_rows())
    rows[3] = replace(rows[3], values={POISON: 1.0})
    sweep = Sweep(small(tuple(rows)), tmp_path)
    values = sweep.values(OUTCOMES)
    assert list(sweep.errors) == [3]
    assert POISON in sweep.errors[3]
    assert np.isnan(values[3]).all()
    others = [0, 1, 2, 4, 5]
    assert values[others].tobytes() == run(small(), whole)[others].tobytes()
    again = Sweep(small(tuple(rows)), tmp_path)
    again.values(OUTCOMES)
    assert again.errors == sweep.errors


# --- damaged parts -------------------------------------------------------------------------------


def cut_short(part: Path) -> None:
    part.write_bytes(part.read_bytes()[:-100])


def emptied(part: Path) -> None:
    part.write_bytes(b"")


def overwritten(part: Path) -> None:
    part.write_bytes(b"PAR1" + b"\0" * 5000 + b"PAR1")


def rows_lost(part: Path) -> None:
    pq.write_table(pq.read_table(part).slice(0, 7), part)


def a_column_lost(part: Path) -> None:
    pq.write_table(pq.read_table(part).drop_columns(["caseload"]), part)


@pytest.mark.parametrize(
    "damage",
    [cut_short, emptied, overwritten, rows_lost, a_column_lost, Path.unlink],
)
def test_a_damaged_part_is_run_again(whole: Path, folder: Path, damage: Callable[[Path], None]) -> None:
    damage(parts(folder)[2])
    run(small(), folder)
    assert contents(folder) == contents(whole)


def test_a_flipped_bit_is_noticed_or_changes_no_number(whole: Path, tmp_path: Path) -> None:
    """300 bits all over a part, one at a time; nearly all of them stand in numbers."""
    design = small()
    chunk = chunks(design, range(6), range(10))[0]
    key = Keys(identity(design), design.rows).of(chunk)
    part = whole / "parts" / file_name(chunk)
    right = from_parquet(part, chunk, key)
    assert right is not None
    noticed = 0
    for bit in np.random.default_rng(1).choice(8 * part.stat().st_size, 300, replace=False):
        data = bytearray(part.read_bytes())
        data[bit // 8] ^= 1 << (bit % 8)
        (tmp_path / "part").write_bytes(data)
        found = from_parquet(tmp_path / "part", chunk, key)
        noticed += found is None
        assert found is None or found.values.tobytes() == right.values.tobytes()
    assert noticed > 150


def test_parts_can_be_read_without_this_program(whole: Path) -> None:
    table = pq.read_table(whole / "parts")
    assert table.column_names == ["row", "replicate", *NAMES, "error"]
    pairs = sorted(zip(table["row"].to_pylist(), table["replicate"].to_pylist(), strict=True))
    assert pairs == [(row, replicate) for row in range(1, 7) for replicate in range(10)]


# --- what cannot be written ----------------------------------------------------------------------


@pytest.mark.parametrize("taken", ["sweep", "sweep/parts"])
def test_a_file_in_the_way_is_said_in_plain_words(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).parent.mkdir(exist_ok=True)
    (tmp_path / taken).write_text("", "utf-8")
    with pytest.raises(StoreError, match=r"cannot be written \(.+\); name another one with --out"):
        run(small(), tmp_path / "sweep")


@pytest.mark.parametrize("written", [0, 1, 2, 5])
def test_a_full_disk_keeps_what_was_finished(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    calls = iter(range(10**9))

    def fsync(_: int) -> None:
        if next(calls) >= written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", fsync)
        with pytest.raises(StoreError, match=os.strerror(errno.ENOSPC)) as trouble:
            run(small(), tmp_path, workers=1)
    assert "run the same command again" in str(trouble.value)
    assert contents(tmp_path).items() <= contents(whole).items()
    assert len(contents(tmp_path)) == written
    run(small(), tmp_path)
    assert contents(tmp_path) == contents(whole)


@pytest.mark.skipif(sys.platform != "linux", reason="file size limits as on Linux")
def test_a_real_limit_on_files_keeps_what_was_finished(tmp_path: Path) -> None:
    """The design and the manifest fit, no part does: a true failure of a true write."""
    import resource

    design = small(replicates=300, block=300)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, before[1]))
    try:
        with pytest.raises(StoreError, match=r"parquet could not be written to .*parts"):
            run(design, tmp_path / "full")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert contents(tmp_path / "full").keys() == {"design.csv", "manifest.json"}
    run(design, tmp_path / "full")
    run(design, tmp_path / "room")
    assert contents(tmp_path / "full") == contents(tmp_path / "room")


def test_leftovers_of_a_killed_writer_go_and_those_of_others_stay(tmp_path: Path) -> None:
    """A child process dies between writing and renaming; the next writer on this machine clears up."""
    died = (
        "import os, sys; from pathlib import Path; from experiments.files import write_whole\n"
        "os.fsync = lambda _: os._exit(9)\n"
        "write_whole(Path(sys.argv[1]) / 'a.parquet', b'x')\n"
    )
    assert subprocess.run([sys.executable, "-c", died, str(tmp_path)], check=False).returncode == 9
    (left,) = tmp_path.iterdir()
    assert not left.name.endswith(".parquet")
    assert left.name.startswith(".")
    elsewhere = tmp_path / ".a.parquet.00000000-1.tmp"
    elsewhere.touch()
    remove_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == [elsewhere]
    write_whole(tmp_path / "a.parquet", b"x")
    assert (tmp_path / "a.parquet").read_bytes() == b"x"


# --- the table -----------------------------------------------------------------------------------


ODD = (
    Row("test"),
    Row("å, b.toml", 'quo"ted', {HOURS: 1 / 3, "money.x": -0.0}, draw=0),
    Row("test", "more", {"money.x": 1e-300}, draw=999),
)


def test_a_table_gives_its_rows_back() -> None:
    assert from_table(as_table(ODD)) == ODD
    assert as_table(from_table(as_table(ODD))) == as_table(ODD)


def test_a_spreadsheet_may_have_saved_the_table() -> None:
    """As a Danish spreadsheet does it: a byte order mark, semicolons, decimal commas, empty lines."""
    text = "\ufeffscenario;policy;work.follow_up_hours\r\nfano;;4,5\r\n;;\r\nfano;staff_only;\r\n"
    assert from_table(text) == (Row("fano", "baseline", {HOURS: 4.5}), Row("fano", "staff_only"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("policy,draw\nmore,1\n", "has no column scenario"),
        ("scenario,a,a\nfano,1,1\n", "the column 'a' twice"),
        ("scenario,,a\nfano,1,1\n", "a column without a name"),
        ("scenario,a\nfano,1,1\n", "row 1 has more or fewer cells"),
        ("scenario,policy,a\nfano,more\n", "row 1 has more or fewer cells"),
        ("scenario,a\nfano,1\nfano,one\n", "row 2: a = 'one' must be a number"),
        ("scenario,a\nfano,inf\n", "row 1: a = 'inf' must be a number"),
        ("scenario,draw\nfano,-1\n", "row 1: draw = '-1' must be a whole number"),
        ("scenario,draw\nfano,1.5\n", "row 1: draw = '1.5' must be a whole number"),
        ("scenario,draw\n,1\n", "row 1: scenario is empty"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(text: str, said: str) -> None:
    with pytest.raises(ValueError) as trouble:
        from_table(text)
    assert said in str(trouble.value)


# --- shards --------------------------------------------------------------------------------------


def test_shards_into_one_folder_make_the_whole(whole: Path, tmp_path: Path) -> None:
    every = chunks(small(), range(6), range(10))
    for i in (2, 0, 1):
        shard = Sweep(small(), tmp_path, shard=(i, 3))
        shard.run(every)
        left = len(shard.missing(every))
    assert left == 0
    assert contents(tmp_path) == contents(whole)


def test_a_shard_says_that_others_are_missing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="3 of 6 chunks are left to other shards"):
        run(small(), tmp_path, shard=(0, 2))


@pytest.mark.parametrize("shard", [(2, 2), (-1, 2), (0, 0)])
def test_a_shard_that_is_not_there_is_refused(shard: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="shard"):
        Sweep(small(), shard=shard)
