"""The results folder: never mixed with another study, never half written, readable later."""

from __future__ import annotations

import errno
import json
import os
import platform
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support import MINIMAL, scenario

import simulation
from experiments import store as store_module
from experiments.business_case import compare
from experiments.files import StoreError
from experiments.runner import CHUNK, Plan, Runner
from experiments.store import Store, code_hash, differences, identity, short_name
from simulation.scenario import Scenario

POLICIES: dict[str, Any] = {
    "more": {"capacity": {"extra_fte": [1.0]}},
    "reviews": {"reviews": {"first": 2.0, "later": 2.0}},
}
REPLICATES = 200


def town(**overrides: Any) -> Scenario:
    return scenario({"months": 14, "policies": POLICIES}, **overrides)


TOWN = town()


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder by name."""
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def results(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder but the manifest, which holds the time of day."""
    return {name: data for name, data in contents(folder).items() if name != "manifest.json"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a study."""
    folder = tmp_path_factory.mktemp("whole")
    compare(TOWN, ["more"], replicates=REPLICATES, out=folder)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """Return a copy of the study's folder to spoil."""
    return Path(shutil.copytree(whole, tmp_path / "study"))


@pytest.fixture(scope="module")
def manifest(whole: Path) -> dict[str, Any]:
    return json.loads((whole / "manifest.json").read_text("utf-8"))


# --- never mixed ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "key"),
    [
        ({"seed": 2}, "seed: there 1, here 2"),
        ({"policies": ["reviews"]}, "policies: there ['more'], here ['reviews']"),
        ({"policies": ["more", "reviews"]}, "policies: there ['more'], here ['more', 'reviews']"),
        ({"engine": "agents"}, "engine: there 'kernel', here 'agents'"),
        ({"scenario": town(months=15)}, "scenario.months: there 14, here 15"),
        (
            {"scenario": town(children={"recognition": 0.25})},
            "scenario.children.recognition: there ",
        ),
        (
            {"scenario": town(policies={"reviews": {"reviews": {"later": 3.0}}})},
            "scenario.policies.reviews.reviews.later: there 2.0, here 3.0",
        ),
    ],
)
def test_a_folder_of_another_study_is_refused_by_the_key_that_differs(
    folder: Path, other: dict[str, Any], key: str
) -> None:
    before = contents(folder)
    request = {"scenario": TOWN, "policies": ["more"], "replicates": REPLICATES, **other}
    with pytest.raises(StoreError) as refusal:
        compare(**request, out=folder)
    assert key in str(refusal.value)
    assert "holds another study; nothing was mixed" in str(refusal.value)
    assert "--out" in str(refusal.value)
    assert contents(folder) == before


def test_results_under_another_refund_law_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "refund_steps", lambda scenario, year: ((500_000.0, 0.25),))
    with pytest.raises(
        StoreError, match=r"refund\.2016: there \[\[.*\]\], here \[\[500000\.0, 0\.25\]\]"
    ):
        compare(TOWN, ["more"], replicates=REPLICATES, out=folder)


def test_results_of_another_program_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(folder)
    monkeypatch.setattr(store_module, "code_hash", lambda: "0" * 12)
    with pytest.raises(StoreError, match=f"code: there '{code_hash()}', here '000000000000'"):
        compare(TOWN, ["more"], replicates=REPLICATES, out=folder)
    assert contents(folder) == before


def test_the_order_of_keys_in_a_file_does_not_matter(folder: Path) -> None:
    keys = {**MINIMAL, "months": 14, "policies": POLICIES}
    again = Scenario.model_validate(dict(reversed(keys.items())))
    assert short_name(Plan(again, ("more",))) == short_name(Plan(TOWN, ("more",)))
    assert compare(again, ["more"], replicates=REPLICATES, out=folder).replicates == REPLICATES


def test_results_without_a_manifest_are_not_adopted(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    before = contents(folder)
    with pytest.raises(StoreError, match=r"holds results but no manifest\.json"):
        compare(TOWN, ["more"], seed=2, replicates=REPLICATES, out=folder)
    assert contents(folder) == before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"study": 1}', "\udcff"])
def test_an_unreadable_manifest_is_said_so(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(StoreError, match="cannot be read as the manifest of a study"):
        compare(TOWN, ["more"], replicates=REPLICATES, out=folder)


def test_a_folder_with_other_things_in_it_may_be_used(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    compare(TOWN, ["more"], replicates=REPLICATES, out=tmp_path)
    assert results(tmp_path) == {**results(whole), "notes.txt": b"mine"}


def test_policies_with_odd_names_stay_in_the_folder_and_apart(tmp_path: Path) -> None:
    policies = {"../../x": POLICIES["more"], "a/x": POLICIES["reviews"], "Å 1": POLICIES["more"]}
    town = scenario(months=14, policies=policies)
    study = compare(town, replicates=CHUNK, out=tmp_path / "study")
    parts = [p.name for p in (tmp_path / "study" / "parts").iterdir()]
    assert len(parts) == len(study.plan.arms)
    assert [p.name for p in tmp_path.iterdir()] == ["study"]
    again = compare(town, replicates=CHUNK, out=tmp_path / "study")
    assert again.summary_rows() == study.summary_rows()


# --- what cannot be written ----------------------------------------------------------------------


@pytest.mark.parametrize("taken", ["study", "study/parts"])
def test_a_file_in_the_way_is_said_in_plain_words(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).parent.mkdir(exist_ok=True)
    (tmp_path / taken).write_text("", "utf-8")
    with pytest.raises(StoreError, match=r"cannot be written \(.+\); name another one with --out"):
        compare(TOWN, ["more"], replicates=CHUNK, out=tmp_path / "study")


def full_disk_after(n: int) -> Callable[[int], None]:
    """Return an os.fsync that finds the disk full from its n-th call on."""
    calls = iter(range(10**9))

    def fsync(_: int) -> None:
        if next(calls) >= n:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return fsync


@pytest.mark.parametrize("written", [0, 1, 3, 6])
def test_a_full_disk_is_said_in_plain_words_and_keeps_what_was_finished(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", full_disk_after(written))
        with pytest.raises(StoreError) as trouble:
            compare(TOWN, ["more"], replicates=REPLICATES, out=tmp_path, workers=1)
    said = str(trouble.value)
    assert "could not be written" in said
    assert os.strerror(errno.ENOSPC) in said
    assert "run the same command again" in said
    left = results(tmp_path)
    assert left.items() <= results(whole).items()  # whole files, and no leftovers
    assert len(contents(tmp_path)) == written
    compare(TOWN, ["more"], replicates=REPLICATES, out=tmp_path)
    assert results(tmp_path) == results(whole)


@pytest.mark.skipif(sys.platform != "linux", reason="file size limits as on Linux")
def test_a_real_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    import resource

    store = Store(tmp_path, Plan(TOWN, ("more",)))
    store.write_text("a.txt", "old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(StoreError, match=r"a\.txt could not be written"):
            store.write_bytes("a.txt", b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert contents(tmp_path) == {"a.txt": b"old"}


def test_every_file_is_synced_before_it_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(os, "fsync", lambda _: seen.append([p.name for p in tmp_path.iterdir()]))
    Store(tmp_path, Plan(TOWN, ())).write_text("a.txt", "new")
    assert len(seen) == 1
    assert re.fullmatch(rf"\.a\.txt\.[0-9a-f]{{8}}-{os.getpid()}\.tmp", *seen[0])
    assert contents(tmp_path) == {"a.txt": b"new"}


# --- damaged parts -------------------------------------------------------------------------------


def cut_short(part: Path) -> None:
    part.write_bytes(part.read_bytes()[:-100])


def cut_in_the_middle(part: Path) -> None:
    data = part.read_bytes()
    part.write_bytes(data[: len(data) // 2])


def emptied(part: Path) -> None:
    part.write_bytes(b"")


def overwritten(part: Path) -> None:
    part.write_bytes(b"PAR1" + b"\0" * 5000 + b"PAR1")


def one_bit_flipped(part: Path) -> None:
    data = bytearray(part.read_bytes())
    data[len(data) // 3] ^= 1
    part.write_bytes(data)


def of_another_shape(part: Path) -> None:
    pq.write_table(pq.read_table(part).slice(0, 7), part)


def of_other_columns(part: Path) -> None:
    pq.write_table(pa.table({"replicate": range(CHUNK)}), part)


@pytest.mark.parametrize(
    "damage",
    [
        cut_short,
        cut_in_the_middle,
        emptied,
        overwritten,
        one_bit_flipped,
        of_another_shape,
        of_other_columns,
        Path.unlink,
    ],
)
def test_a_damaged_part_is_run_again(whole: Path, folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder / "parts" / "more-00001.parquet")
    compare(TOWN, ["more"], replicates=REPLICATES, out=folder)
    assert results(folder) == results(whole)


def test_parts_read_back_are_what_was_saved(tmp_path: Path) -> None:
    plan = Plan(TOWN, ("more",))
    store = Store(tmp_path, plan)
    store.open()
    saved = Runner(plan, 1).chunk(3, "more")
    store.save(3, "more", saved)
    read = store.load(3, "more")
    assert read is not None
    for field in ("years", "net", "refund", "stairs", "spending"):
        assert getattr(read, field).tobytes() == getattr(saved, field).tobytes()
    assert store.load(2, "more") is None
    assert store.load(3, "baseline") is None


def test_not_a_number_survives_the_disk(tmp_path: Path) -> None:
    plan = Plan(TOWN, ("more",))
    store = Store(tmp_path, plan)
    store.open()
    like = Runner(plan, 1).chunk(0, "more")
    net = np.where(like.net > like.net.mean(), np.nan, -0.0)
    store.save(0, "more", replace(like, net=net))
    read = store.load(0, "more")
    assert read is not None
    assert read.net.tobytes() == net.tobytes()


def test_parts_can_be_read_without_this_program(whole: Path) -> None:
    table = pq.read_table(whole / "parts" / "more-00001.parquet")
    assert table.column_names == ["replicate", "years", "net", "stairs", "refund", "spending"]
    assert table["replicate"].to_pylist() == list(range(CHUNK, 2 * CHUNK))
    assert len(table["net"][0].as_py()) == TOWN.months


# --- the manifest --------------------------------------------------------------------------------


def test_the_manifest_says_what_was_run(manifest: dict[str, Any]) -> None:
    study = manifest["study"]
    assert study["seed"] == 1
    assert study["engine"] == "kernel"
    assert study["policies"] == ["more"]
    assert study["code"] == code_hash()
    assert manifest["run"]["replicates"] == REPLICATES
    assert manifest["run"]["seconds"] >= 0


def test_the_manifest_holds_every_parameter(manifest: dict[str, Any]) -> None:
    found = manifest["study"]["scenario"]
    assert found == json.loads(TOWN.model_dump_json())
    assert found["children"]["recognition"] == TOWN.children.recognition
    assert found["money"]["unit_price"] == TOWN.money.unit_price


def test_the_manifest_is_enough_to_run_the_study_again(manifest: dict[str, Any], folder: Path) -> None:
    study = manifest["study"]
    again = Scenario.model_validate(study["scenario"])
    compare(again, study["policies"], seed=study["seed"], replicates=REPLICATES, out=folder)


def test_the_manifest_says_by_what_it_was_run(manifest: dict[str, Any]) -> None:
    assert manifest["project"] == "Indsatstrappe"
    assert manifest["version"] == version("indsatstrappe")
    assert isinstance(manifest["commit"], str)
    assert manifest["python"] == platform.python_version()
    assert manifest["libraries"]["numpy"] == version("numpy")
    assert all(manifest["libraries"].values())
    assert {"mesa", "numpy", "numba", "pyarrow", "pandas"} <= set(manifest["libraries"])


def test_the_manifest_says_when_it_was_run(manifest: dict[str, Any]) -> None:
    written = datetime.fromisoformat(manifest["written"])
    assert abs(datetime.now(UTC) - written) < timedelta(hours=1)


def test_no_file_of_a_study_tells_about_this_machine(whole: Path) -> None:
    here = (whole, Path.home(), Path.cwd(), Path(simulation.__file__).parents[1], Path(sys.prefix))
    secrets = [str(path).encode() for path in here] + [platform.node().encode()]
    for name, data in contents(whole).items():
        for secret in secrets:
            assert len(secret) < 3 or secret not in data, f"{name} names {secret!r}"


def test_a_manifest_outside_a_checkout_has_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no git there
    store = Store(tmp_path, Plan(TOWN, ("more",)))
    store.open()
    assert json.loads((tmp_path / "manifest.json").read_text("utf-8"))["commit"] == ""


# --- names and differences -----------------------------------------------------------------------


def test_the_default_name_changes_with_the_study_and_with_nothing_else() -> None:
    plan = Plan(TOWN, ("more",))
    others = [
        Plan(TOWN, ("more",), seed=2),
        Plan(TOWN, ("reviews",)),
        Plan(TOWN, ("more",), engine="agents"),
        Plan(town(children={"recognition": 0.25}), ("more",)),
    ]
    names = {short_name(p) for p in (plan, *others)}
    assert len(names) == 5
    assert short_name(Plan(TOWN, ("more",))) == short_name(plan)
    assert all(name.startswith("test-") and len(name) == 13 for name in names)


def test_the_code_hash_changes_with_the_source(tmp_path: Path) -> None:
    copy = tmp_path / "simulation"
    shutil.copytree(Path(simulation.__file__).parent, copy)
    (copy / "rules.py").write_text((copy / "rules.py").read_text("utf-8") + "\n# new\n", "utf-8")
    original = simulation.__file__
    try:
        simulation.__file__ = str(copy / "__init__.py")
        assert code_hash.__wrapped__() != code_hash()
    finally:
        simulation.__file__ = original
    assert code_hash.__wrapped__() == code_hash()


def test_an_identity_is_plain_json() -> None:
    found = identity(Plan(TOWN, ("more",)))
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize(
    ("found", "wanted", "lines"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["  s.a: there 1, here 2"]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, ["  s.a.c: there 2, here 3"]),
        ({"a": 1}, {"b": 2}, ["  s.a: there 1, here None", "  s.b: there None, here 2"]),
        ({"a": [1]}, {"a": [1, 2]}, ["  s.a: there [1], here [1, 2]"]),
        (None, {"a": 1}, ["  s: there None, here {'a': 1}"]),
    ],
)
def test_differences_are_lines_with_dotted_keys(found: Any, wanted: Any, lines: list[str]) -> None:
    assert differences(found, wanted, "s") == lines
