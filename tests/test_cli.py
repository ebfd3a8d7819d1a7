"""The command line: what it prints and writes, what it refuses, and how it says so."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from command import Said, Trappe, command_in
from json_schema import violations

from experiments import business_case, progress, schema, tables
from experiments.business_case import compare
from experiments.schema import Comparison, as_json, schema_text
from experiments.sentences import break_even_sentence, society_sentence
from experiments.store import project_version
from simulation import compiling
from simulation.parameters import parameters
from simulation.reading import find_scenario, read_scenario, shipped_scenarios

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "docs" / "compare.schema.json"
COMMANDS = ("compare", "scenarios", "check", "new", "parameters", "version")
TOWN = """
name = "town"
title = "Ærø [/by] :house:"
start = 2016-01-01
months = 15
price_year = 2019

[[districts]]
inflow = 20
caseworkers = [1.0]
places = { foster_care = 8 }
start = { preventive = 10, network_care = 2, foster_care = 6, residential_care = 4 }

[policies.more]
capacity = { extra_fte = [0.5] }

[policies.find]
label = "Netværk"
supply = { network_search = 0.6 }
"""
FILES = {
    "manifest.json",
    "summary.csv",
    "by_year.csv",
    "differences.csv",
    "break_even.csv",
    "by_month.csv",
    "spending.csv",
    "comparison.png",
    "staircase.png",
}


@pytest.fixture(autouse=True)
def warm_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the kernel has to be compiled first is not the matter here."""
    monkeypatch.setattr(compiling.notice, "speak", lambda: None)


@pytest.fixture
def trappe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Trappe:
    """The command, where town.toml is."""
    return command_in(monkeypatch, capsys, tmp_path, {"town.toml": TOWN}, warm=False)


def installed() -> list[str]:
    """Return the installed command, or what it does where the package is not installed."""
    script = Path(sys.executable).with_name("trappe")
    return [str(script)] if script.exists() else [sys.executable, "-m", "experiments.cli"]


def start(*arguments: str, folder: Path, **options: Any) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    return subprocess.Popen(
        [*installed(), *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def finished(run: subprocess.Popen[bytes]) -> Said:
    out, err = run.communicate(timeout=300)
    return Said(run.returncode, out.decode("utf-8"), err.decode("utf-8"))


def is_plain(text: str) -> bool:
    """Return whether a text has no control characters, colours or carriage returns."""
    return all(c == "\n" or c.isprintable() for c in text)


# --- compare -------------------------------------------------------------------------------------


def test_compare_prints_the_table_and_the_sentence(trappe: Trappe) -> None:
    said = trappe("compare", "town.toml", "--replicates", 100, "--out", "study")
    assert said.code == 0
    rows = re.findall(r"^(baseline|more|find) ", said.out, re.MULTILINE)
    assert rows == ["baseline", "more", "find"]
    text = " ".join(said.out.split())
    study = compare("town.toml", replicates=100)
    assert business_case.sentence(study) in text
    assert "what 90 of 100 histories lie between: chance only" in text
    assert "100 histories per policy" in text
    assert "prices of 2019" in text
    assert said.err == "Results: study\n"


def test_compare_shows_names_as_they_are(trappe: Trappe) -> None:
    """Neither brackets nor colons in a title are instructions to the terminal."""
    said = trappe("compare", "town.toml", "--replicates", 2)
    assert said.out.startswith("Ærø [/by] :house:: policies against carrying on as today")


def test_numbers_in_the_table_are_those_of_the_study(trappe: Trappe) -> None:
    said = trappe("compare", "town.toml", "--replicates", 100, "--policy", "find")
    row = next(line for line in said.out.splitlines() if line.startswith("find"))
    study = compare("town.toml", ["find"], replicates=100)
    saving = study.difference("net_saving", "find").set_index(["outcome", "year"])
    total = saving.loc[("net_saving_cumulated", 2)]
    p = study.p_broken_even("find")
    money = " to ".join(f"{total[key] / 1e6:.1f}" for key in ("low", "high")).replace("-0.0", "0.0")
    assert f"({money})" in row
    assert row.split()[-3:] == [f"{100 * p[1]:.0f}", "/", f"{100 * p[1]:.0f}"]


def test_compare_says_when_it_pays_and_what_society_sees(trappe: Trappe) -> None:
    said = trappe("compare", "town.toml", "--replicates", 100, "--discount-rate", 0.1, "--tax-distortion")
    study = compare("town.toml", replicates=100, discount_rate=0.1, tax_distortion=True)
    text = " ".join(said.out.split())
    assert break_even_sentence(study) in text
    assert society_sentence(study) in text
    assert "lost by taxation, discounted at 10 % a year" in text


@pytest.mark.parametrize("prices", ["fixed", "current"])
def test_compare_prints_spending_where_it_is_asked_for(trappe: Trappe, prices: str) -> None:
    said = trappe("compare", "town.toml", "--replicates", 100, "--spending", "--prices", prices)
    assert said.code == 0
    titles = re.findall(r"what (\w+) spends", said.out)
    assert titles == ["baseline", "more"]
    assert said.out.count("Nettoudgift") == 2 * 2  # years
    assert ("prices of 2019; in brackets" in said.out) == (prices == "fixed")
    assert is_plain(said.out)
    assert "Nettoudgift" not in trappe("compare", "town.toml", "--replicates", 100).out


def test_compare_writes_its_files(trappe: Trappe, tmp_path: Path) -> None:
    trappe("compare", "town.toml", "--replicates", 100, "--out", "study")
    found = {path.name for path in (tmp_path / "study").iterdir()}
    assert found == FILES | {"parts"}
    assert (tmp_path / "study" / "comparison.png").read_bytes().startswith(b"\x89PNG")
    assert len(pd.read_csv(tmp_path / "study" / "break_even.csv")) == 4
    assert len(list((tmp_path / "study" / "parts").iterdir())) == 3


def test_compare_has_a_folder_of_its_own_for_every_study(trappe: Trappe, tmp_path: Path) -> None:
    first = trappe("compare", "town.toml", "--replicates", 2)
    second = trappe("compare", "town.toml", "--replicates", 2, "--seed", 2)
    again = trappe("compare", "town.toml", "--replicates", 2)
    assert first == again
    assert second.code == 0
    folders = {path.name for path in (tmp_path / "results").iterdir()}
    assert len(folders) == 2
    assert all(re.fullmatch("town-[0-9a-f]{8}", name) for name in folders)


def test_compare_takes_policies_in_the_order_given(trappe: Trappe) -> None:
    options = ("--policy", "find", "--policy", "more", "--replicates", 2)
    said = trappe("compare", "town.toml", *options)
    assert said.out.index("\nfind") < said.out.index("\nmore")
    assert "With Netværk Ærø" in " ".join(said.out.split())


def test_compare_resumes_and_prints_the_same(trappe: Trappe, tmp_path: Path) -> None:
    first = trappe("compare", "town.toml", "--replicates", 300, "--out", "a")
    trappe("compare", "town.toml", "--replicates", 100, "--out", "b")
    (tmp_path / "b" / "parts" / "find-00000.parquet").unlink()
    second = trappe("compare", "town.toml", "--replicates", 300, "--out", "b", "--workers", 3)
    assert second.out == first.out
    for path in (tmp_path / "a").glob("*.[cp][sn][vg]"):
        assert (tmp_path / "b" / path.name).read_bytes() == path.read_bytes(), path.name


def test_compare_to_a_precision(trappe: Trappe) -> None:
    said = trappe("compare", "town.toml", "--precision", 0.05, "--json")
    assert json.loads(said.out)["replicates"] >= 200


def test_compare_with_agents_gives_what_the_kernel_gives(trappe: Trappe, tmp_path: Path) -> None:
    few = TOWN.replace("months = 15", "months = 2").replace("inflow = 20", "inflow = 3")
    (tmp_path / "town.toml").write_text(few, "utf-8")
    options = ("compare", "town.toml", "--policy", "find", "--replicates", 10)
    assert trappe(*options, "--engine", "agents").out == trappe(*options).out


def test_compare_without_policies_says_so(trappe: Trappe, tmp_path: Path) -> None:
    (tmp_path / "town.toml").write_text(TOWN.split("[policies")[0], "utf-8")
    said = trappe("compare", "town.toml", "--replicates", 2, "--out", "study")
    assert said.code == 0
    assert "No policies were compared" in said.out
    json_said = trappe("compare", "town.toml", "--replicates", 2, "--out", "study", "--json")
    assert Comparison.model_validate_json(json_said.out).differences == []


@pytest.mark.parametrize("width", [80, 100, 118, 200])
def test_no_number_is_cut_on_a_narrow_terminal(width: int, trappe: Trappe, tmp_path: Path) -> None:
    study = compare(tmp_path / "town.toml", replicates=2)
    console = tables.Console(width=width, file=io.StringIO(), highlight=False)
    console.print(tables.comparison_table(study, narrow=width < tables.PLAIN_WIDTH))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width


# --- for machines --------------------------------------------------------------------------------


def test_json_is_all_that_is_on_stdout(trappe: Trappe) -> None:
    said = trappe("compare", "town.toml", "--replicates", 100, "--json")
    assert said.code == 0
    study = compare("town.toml", replicates=100)
    assert said.out == as_json(study) + "\n"
    assert said.err == ""


def test_json_follows_the_schema(trappe: Trappe) -> None:
    said = trappe("compare", "town.toml", "--replicates", 100, "--json")
    Comparison.model_validate_json(said.out)
    problems = list(violations(json.loads(said.out), json.loads(SCHEMA.read_text("utf-8"))))
    assert problems == []


def test_json_says_what_the_tables_say(trappe: Trappe) -> None:
    found = json.loads(trappe("compare", "town.toml", "--replicates", 100, "--json").out)
    study = compare("town.toml", replicates=100)
    assert found["sentence"] == business_case.sentence(study)
    assert found["title"] == "Ærø [/by] :house:"
    assert len(found["summary"]) == len(study.summary_rows())
    for row, known in zip(found["differences"], study.difference_rows(), strict=True):
        assert row == {key: known[key] for key in row}


def test_the_schema_in_the_documents_is_current() -> None:
    """python -c 'from experiments.sentences import break_even_sentence, society_sentence
    from experiments.schema import schema_text; print(schema_text(), end="")'."""
    assert SCHEMA.read_text("utf-8") == schema_text()


def test_the_schema_refuses_what_is_wrong(trappe: Trappe) -> None:
    good = json.loads(trappe("compare", "town.toml", "--replicates", 2, "--json").out)
    known = json.loads(SCHEMA.read_text("utf-8"))
    for spoil in (
        {"months": "15"},
        {"months": None},
        {"surplus": 1},
        {"summary": [{"policy": "more"}]},
        {"break_even": [{"policy": "more", "year": 1, "p_broken_even": 1.5}]},
    ):
        assert list(violations({**good, **spoil}, known)), spoil
    del good["seed"]
    assert list(violations(good, known)) == ["$: seed is missing"]


def test_the_format_has_a_name_of_its_own() -> None:
    properties = json.loads(SCHEMA.read_text("utf-8"))["properties"]
    assert properties["format"]["default"] == schema.FORMAT


# --- refusals ------------------------------------------------------------------------------------

REFUSALS: dict[str, tuple[tuple[object, ...], str]] = {
    "no such scenario": (("compare", "fanoo"), "no scenario 'fanoo'; did you mean 'fano'?"),
    "no such file": (("compare", "nowhere.toml"), "nowhere.toml: there is no such file"),
    "a folder": (("compare", "folder.toml"), "folder.toml is a folder"),
    "not TOML": (("compare", "broken.toml"), "broken.toml is not TOML"),
    "not UTF-8": (("check", "latin.toml"), "latin.toml is not UTF-8 text"),
    "a wrong key": (("compare", "wrong.toml"), "unknown key 'inflw'; did you mean 'inflow'?"),
    "a wrong value": (("check", "percent.toml"), "if you mean 40 %, write 0.4"),
    "prices of no kind": (
        ("compare", "town.toml", "--spending", "--prices", "real"),
        "--prices 'real' must be fixed or current",
    ),
    "a misspelt policy": (
        ("compare", "town.toml", "--policy", "mor"),
        "no policy 'mor' (did you mean 'more'?); it has: more, find",
    ),
    "a policy called baseline": (("compare", "baseline.toml"), "give the policy another name"),
    "a wrong engine": (("compare", "town.toml", "--engine", "mesa"), "must be kernel or agents"),
    "a seed too large": (("compare", "town.toml", "--seed", 2**32), "'--seed'"),
    "a seed below 0": (("compare", "town.toml", "--seed", -1), "'--seed'"),
    "no replicates": (("compare", "town.toml", "--replicates", 0), "'--replicates'"),
    "too many replicates": (("compare", "town.toml", "--replicates", 10**9), "'--replicates'"),
    "no precision": (("compare", "town.toml", "--precision", 0), "'--precision'"),
    "no workers": (("compare", "town.toml", "--workers", 0), "'--workers'"),
    "not a number": (("compare", "town.toml", "--replicates", "many"), "'--replicates'"),
    "another study": (
        ("compare", "town.toml", "--out", "other", "--replicates", 2),
        "other holds another study; nothing was mixed. It differs in:\n  seed: there 9, here 1",
    ),
    "a file in the way": (("compare", "town.toml", "--out", "town.toml"), "cannot be written"),
    "no such parameter": (("parameters", "nonsense"), "no parameter 'nonsense'"),
    "a misspelt parameter": (
        ("parameters", "children.recognitoin"),
        "no parameter 'children.recognitoin'; did you mean children.recognition",
    ),
    "a misspelt command": (("comapre", "town.toml"), "No such command 'comapre'"),
    "a misspelt option": (("compare", "town.toml", "--replicate", 5), "--replicate"),
    "no scenario at all": (("compare",), "Missing argument"),
    "an existing file": (("new", "town"), "town.toml exists; choose another name"),
    "a folder to replace": (("new", "folder", "--force"), "folder.toml cannot be used"),
    "a bad name": (("new", "My Town"), "try 'my-town'"),
}


@pytest.fixture
def bad_files(trappe: Trappe, tmp_path: Path) -> Trappe:
    """Lay out files and folders that cannot be used."""
    wrong = TOWN.replace("inflow", "inflw")
    percent = TOWN + "\n[children]\nhas_network = 40\n"
    baseline = TOWN.replace("policies.more", "policies.baseline")
    for name, text in {"wrong": wrong, "percent": percent, "baseline": baseline}.items():
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    (tmp_path / "broken.toml").write_text("name = ", "utf-8")
    (tmp_path / "latin.toml").write_bytes("name = 'Fanø'".encode("latin-1"))
    (tmp_path / "folder.toml").mkdir()
    compare(tmp_path / "town.toml", seed=9, replicates=2, out=tmp_path / "other")
    return trappe


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_done_is_said_in_words_on_stderr(case: str, bad_files: Trappe) -> None:
    arguments, words = REFUSALS[case]
    said = bad_files(*arguments)
    assert said.code == 2
    assert said.out == ""
    assert words in unboxed(said.err)
    assert "Traceback" not in said.err
    assert len(said.err.splitlines()) <= 8
    assert said.err.startswith(("trappe: ", "Usage: trappe"))


def unboxed(text: str) -> str:
    """Return a message without the frame that typer draws around it."""
    return "\n".join(line.strip("│╭╮╰╯─ ") if "│" in line else line for line in text.splitlines())


def test_a_refused_comparison_leaves_nothing_behind(trappe: Trappe, tmp_path: Path) -> None:
    trappe("compare", "town.toml", "--policy", "mor")
    trappe("compare", "town.toml", "--policy", "mor", "--out", "study")
    assert [path.name for path in tmp_path.iterdir()] == ["town.toml"]


def test_a_full_disk_is_said_in_words(trappe: Trappe, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    said = trappe("compare", "town.toml", "--replicates", 2)
    assert (said.code, said.out) == (2, "")
    assert "(No space left on device); what was finished before is kept" in said.err


def test_a_mistake_of_the_program_is_not_hidden(trappe: Trappe, monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(business_case, "compare", mistaken)
    with pytest.raises(RuntimeError, match="a bug"):
        trappe("compare", "town.toml")


# --- new and check -------------------------------------------------------------------------------


def test_a_new_scenario_is_one_that_check_accepts(trappe: Trappe, tmp_path: Path) -> None:
    said = trappe("new", "my-town")
    assert said.code == 0
    assert "my-town.toml" in said.out
    checked = trappe("check", "my-town.toml")
    assert checked.code == 0, checked.err
    assert "nothing is wrong" in checked.out
    assert read_scenario(tmp_path / "my-town.toml").name == "my-town"


def test_a_new_scenario_can_be_compared(trappe: Trappe) -> None:
    trappe("new", "my-town")
    assert trappe("compare", "my-town.toml", "--replicates", 2).code == 0


def test_an_existing_scenario_is_replaced_only_by_force(trappe: Trappe, tmp_path: Path) -> None:
    assert trappe("new", "town").code == 2
    assert (tmp_path / "town.toml").read_text("utf-8") == TOWN
    assert trappe("new", "town", "--force").code == 0
    assert read_scenario(tmp_path / "town.toml").name == "town"


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("My Town", "my-town"),
        ("Ærø", "aeroe"),
        ("Århus Kommune", "aarhus-kommune"),
        ("12", "my-municipality"),
        ("2nd_town", "nd_town"),
        ("_x", "x"),
        ("../town", "town"),
        ("a/b", "a-b"),
        ("town-", "town"),
        ("", "my-municipality"),
        ("!?", "my-municipality"),
    ],
)
def test_a_bad_name_is_answered_with_one_that_works(
    trappe: Trappe, tmp_path: Path, name: str, better: str
) -> None:
    said = trappe("new", name)
    assert said.code == 2
    assert said.err.rstrip().endswith(f"try {better!r}")
    assert [path.name for path in tmp_path.iterdir()] == ["town.toml"]
    assert trappe("new", "--force", better).code == 0


def test_check_tells_what_it_read(trappe: Trappe) -> None:
    said = trappe("check", "town.toml")
    assert said.code == 0
    assert said.out == (
        "town.toml: nothing is wrong. Ærø [/by] :house:: 22 cases, 1 FTE, 1 district, 2 policies, "
        "15 months from 2016-01-01.\n"
    )


def test_check_lists_what_lies_outside_the_evidence(trappe: Trappe, tmp_path: Path) -> None:
    text = TOWN + "\n[children]\npremature = 0.5\nhas_network = 0.9\n[sources]\nchildren = 'Own count.'\n"
    (tmp_path / "odd.toml").write_text(text.replace("'", '"'), "utf-8")
    said = trappe("check", "odd.toml")
    assert said.code == 0
    first, head, *lines = said.out.splitlines()
    assert "nothing is wrong" in first
    assert head == "Outside the evidence range, which is allowed:"
    assert lines == [
        "  children.premature = 0.5: the evidence has 0 to 0.02 (grade D); "
        "[sources] says why: Own count.",
        "  children.has_network = 0.9: the evidence has 0.2 to 0.7 (grade D); "
        "[sources] says why: Own count.",
    ]


def test_check_takes_a_shipped_scenario_by_its_name(trappe: Trappe) -> None:
    said = trappe("check", "fano")
    assert said.code == 0
    assert said.out.startswith("fano: nothing is wrong. ")
    place = "children.placed_after_assessment"
    stated, evidence = find_scenario("fano").children.placed_after_assessment, parameters()[place]
    assert stated > evidence.high
    assert f"  {place} = {stated:g}: the evidence has {evidence.low:g} to {evidence.high:g} " in said.out
    assert f"the record fano.{place} says why" in said.out


def test_check_tells_every_problem_at_once(trappe: Trappe, tmp_path: Path) -> None:
    bad = TOWN.replace("months = 15", "months = 0").replace("inflow = 20", "inflow = -1")
    (tmp_path / "bad.toml").write_text(bad, "utf-8")
    said = trappe("check", "bad.toml")
    assert said.code == 2
    assert "months = 0: must be at least 1" in said.err
    assert "inflow = -1: must be at least 0" in said.err


# --- lists ---------------------------------------------------------------------------------------


def test_scenarios_are_listed_with_their_policies(trappe: Trappe) -> None:
    said = trappe("scenarios")
    assert said.code == 0
    for name in shipped_scenarios():
        assert f"{name}: " in said.out
        for policy in find_scenario(name).policies:
            assert re.search(rf"^    {policy} +\S", said.out, re.MULTILINE)


def test_all_parameters_are_listed_in_full(trappe: Trappe) -> None:
    said = trappe("parameters")
    assert said.code == 0
    listed = [line.split()[0] for line in said.out.splitlines()[1:]]
    assert listed == list(parameters())
    assert "…" not in said.out
    assert "e+0" not in said.out  # kroner are written out


def test_parameters_of_one_section(trappe: Trappe) -> None:
    said = trappe("parameters", "money.unit_price.")
    listed = [line.split()[0] for line in said.out.splitlines()[1:]]
    assert listed == [name for name in parameters() if name.startswith("money.unit_price.")]


@pytest.mark.parametrize("name", ["children.recognition", "money.unit_price.residential_care"])
def test_a_parameter_is_shown_with_range_grade_and_source(trappe: Trappe, name: str) -> None:
    said = trappe("parameters", name)
    p = parameters()[name]
    assert said.code == 0
    text = " ".join(said.out.split())
    assert text.startswith(f"{name} = {p.value:.10g} {p.unit}")
    assert f"(range {p.low:.10g} to {p.high:.10g}, {p.distribution})" in text
    assert f"{p.kind}, grade {p.grade}; a scenario may state {p.bounds}" in text
    assert p.meaning in text
    assert said.out.count("\n  - ") == len(p.source)


def test_every_parameter_can_be_shown(trappe: Trappe) -> None:
    assert all(trappe("parameters", name).code == 0 for name in parameters())


def test_the_version(trappe: Trappe) -> None:
    assert trappe("version") == Said(0, project_version() + "\n", "")


def test_without_arguments_there_is_help(trappe: Trappe) -> None:
    said = trappe()
    assert said.err == ""
    assert "Usage: trappe" in said.out
    assert all(command in said.out for command in COMMANDS)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_help(trappe: Trappe, command: str) -> None:
    said = trappe(*([command] if command else []), "--help")
    assert said.code == 0
    assert f"Usage: trappe {command}".strip() in said.out


# --- progress ------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """Somebody watches."""

    def isatty(self) -> bool:
        return True


def test_progress_is_shown_where_somebody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with progress.bar("Fanø: 100 histories per policy") as move:
        move(1, 4)
        move(4, 4)
    assert "Fanø: 100 histories per policy   25 %" in screen.getvalue()
    assert "100 %" in screen.getvalue()


def test_progress_is_silent_where_nobody_does(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.bar("Fanø") as move:
        move(1, 4)
    assert capsys.readouterr() == ("", "")


# --- the installed command -----------------------------------------------------------------------


def test_the_installed_command_compares_through_pipes(tmp_path: Path) -> None:
    """Without control characters, even where colours are on offer and the locale is not UTF-8."""
    (tmp_path / "town.toml").write_text(TOWN, "utf-8")
    colours = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C", "LANG": "C"}
    options = ("compare", "town.toml", "--replicates", "100", "--out", "study")
    said = finished(start(*options, folder=tmp_path, env=colours))
    assert said.code == 0, said.err
    assert said.out.startswith("Ærø")
    assert "With 0.5 more caseworkers Ærø [/by] :house: can expect" in " ".join(said.out.split())
    assert is_plain(said.out)
    assert is_plain(said.err)
    assert {path.name for path in (tmp_path / "study").iterdir()} == FILES | {"parts"}


def test_the_installed_command_gives_json(tmp_path: Path) -> None:
    (tmp_path / "town.toml").write_text(TOWN, "utf-8")
    said = finished(start("compare", "town.toml", "--replicates", "2", "--json", folder=tmp_path))
    assert said.code == 0, said.err
    Comparison.model_validate_json(said.out)


def test_the_installed_command_refuses_in_words(tmp_path: Path) -> None:
    said = finished(start("compare", "fanoo", folder=tmp_path))
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("trappe: no scenario 'fanoo'; did you mean 'fano'?")
    assert len(said.err.splitlines()) == 1


def test_a_reader_who_has_seen_enough_is_not_shouted_at(tmp_path: Path) -> None:
    """As in `trappe parameters | head -1`."""
    run = start("parameters", folder=tmp_path)
    assert run.stdout is not None and run.stderr is not None
    run.stdout.close()
    assert run.stderr.read() == b""
    assert run.wait() == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another thing on Windows")
def test_ctrl_c_stops_quietly_and_keeps_what_was_finished(tmp_path: Path) -> None:
    (tmp_path / "town.toml").write_text(TOWN.replace("months = 15", "months = 300"), "utf-8")
    options = ("compare", "town.toml", "--replicates", "100000", "--out", "study", "--workers", "1")
    run = start(
        *options,
        folder=tmp_path,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    parts = tmp_path / "study" / "parts"
    deadline = time.monotonic() + 120
    while not list(parts.glob("[!.]*")):
        assert time.monotonic() < deadline and run.poll() is None
        time.sleep(0.01)
    run.send_signal(signal.SIGINT)
    said = finished(run)
    assert said.code == 130
    assert said.out == ""
    assert "Traceback" not in said.err
    assert list(parts.glob("[!.]*")) and not list(parts.glob(".*"))


def test_python_dash_m_runs_the_same_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "experiments.cli", "version"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == project_version() + "\n"


# --- the language of pictures ---------------------------------------------------------------------

DRAWING = {
    "compare": ("town.toml",), "attribute": ("town.toml",), "sensitivity": ("town.toml",),
    "staffing": ("town.toml",), "value-of-information": ("town.toml",), "replicates": ("town.toml",),
    "sweep": ("fano-follow-ups",), "validate": (),
}  # fmt: skip


@pytest.mark.parametrize("command", DRAWING)
def test_an_unknown_language_is_refused_before_anything_runs(
    command: str, trappe: Trappe, tmp_path: Path
) -> None:
    said = trappe(command, *DRAWING[command], "--language", "fr")
    assert said.code == 2
    assert "language 'fr' must be 'da' (Danish) or 'en' (English)" in said.err
    assert not (tmp_path / "results").exists()


def test_pictures_are_drawn_in_the_language_asked_for(trappe: Trappe, tmp_path: Path) -> None:
    """What was run before is not run again: only its picture is drawn once more."""
    drawn = {}
    for language in ("en", "da", "en"):
        asked = ("--replicates", 20, "--out", "found", "--language", language)
        assert trappe("compare", "town.toml", *asked).code == 0
        drawn.setdefault(language, []).append((tmp_path / "found" / "comparison.png").read_bytes())
    assert drawn["en"][0] == drawn["en"][1] != drawn["da"][0]
