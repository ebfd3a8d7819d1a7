"""The documents say what the code does: names exist, nothing is left out, the template is right."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

import simulation
from experiments.assumptions import as_markdown
from experiments.cli import app
from experiments.store import project_version
from simulation import Caseworker, Child, PlacementModel, policy, scenario, sections, staircase
from simulation.kernel import run_replicates
from simulation.layout import CHILDREN, POST
from simulation.parameters import parameters, sources
from simulation.reading import find_scenario, read_scenario, shipped_text
from simulation.scenario import Scenario
from simulation.tables import build_tables

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
ODD = (DOCS / "odd.md").read_text("utf-8")
MODEL_CARD = " ".join((DOCS / "model_card.md").read_text("utf-8").split())
TEMPLATE = ROOT / "simulation" / "data" / "template.toml"

WRITTEN = [DOCS / "odd.md", DOCS / "model_card.md", *sorted(DOCS.glob("decisions/*.md")), TEMPLATE]
CLASSES = {"Child": Child, "Caseworker": Caseworker, "PlacementModel": PlacementModel}
SECTIONS: dict[str, type[BaseModel]] = {
    "children": sections.Children,
    "work": sections.Work,
    "reviews": sections.Reviews,
    "money": sections.Money,
    "baseline": sections.Baseline,
    "capacity": policy.Capacity,
    "practice": policy.Practice,
    "supply": policy.Supply,
    "world": policy.World,
}
EVERY_SECTION = [
    scenario.Scenario,
    sections.District,
    sections.GuaranteedShare,
    policy.Policy,
    policy.FollowUp,
    policy.ReviewRule,
    policy.Programme,
    sections.LaterPost,
    staircase.Stair,
    *SECTIONS.values(),
]


# --- names in the documents exist in the code ----------------------------------------------------


def dotted_names(text: str) -> list[tuple[str, str]]:
    """Return (owner, name) for everything in backticks that looks like `owner.name`."""
    found = re.findall(r"`([A-Za-z]\w*)\.([A-Za-z_]\w*)`", text)
    return sorted({pair for pair in found if pair[1] not in ("py", "toml", "md")})


@cache
def modules() -> dict[str, list[ModuleType]]:
    """Return the modules of the simulation by their last name; a folder stands for all its files."""
    found: dict[str, list[ModuleType]] = {}
    for info in pkgutil.walk_packages(simulation.__path__, "simulation."):
        module = importlib.import_module(info.name)
        _, *path = info.name.split(".")
        for name in path:
            found.setdefault(name, []).append(module)
    return found


def attributes_of_instances(class_: type) -> set[str]:
    """Return the names that the methods of a class set on `self`."""
    source = Path(importlib.import_module(class_.__module__).__file__ or "").read_text("utf-8")
    body = next(
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and node.name == class_.__name__
    )
    return {
        node.attr
        for node in ast.walk(body)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }


def exists(owner: str, name: str) -> bool | None:
    """Return whether owner.name is in the code; None where the owner is nothing of ours."""
    if owner in CLASSES:
        return hasattr(CLASSES[owner], name) or name in attributes_of_instances(CLASSES[owner])
    if owner in modules():
        return any(hasattr(module, name) for module in modules()[owner])
    if owner in SECTIONS:
        return name in SECTIONS[owner].model_fields or f"{owner}.{name}" in parameters()
    return None


@pytest.mark.parametrize("document", WRITTEN, ids=lambda path: path.name)
def test_dotted_names_exist(document: Path) -> None:
    missing = [
        f"{owner}.{name}"
        for owner, name in dotted_names(document.read_text("utf-8"))
        if exists(owner, name) is False
    ]
    assert not missing


def test_the_search_for_names_would_find_a_wrong_one() -> None:
    assert exists("rules", "no_such_rule") is False
    assert exists("kernel", "move_down") is True
    assert exists("kernel", "no_such_function") is False
    assert exists("Child", "on_stair") is True
    assert exists("Child", "no_such_method") is False
    assert callable(run_replicates)


def test_files_named_in_the_documents_are_there() -> None:
    """A path in backticks or a link leads to a file of this project, not of somebody's machine."""
    for document in WRITTEN:
        text = document.read_text("utf-8")
        named = re.findall(r"`([\w./-]+/[\w.-]*|[\w-]+\.(?:md|py|toml|json))`", text)
        linked = re.findall(r"\]\((?!https?:)([^)#]+)", text)
        for path in {*named, *linked}:
            here = (ROOT / path, document.parent / path, ROOT / "simulation" / path)
            assert any(p.exists() for p in here), f"{document.name}: {path}"


# --- nothing of the code is left out of the ODD --------------------------------------------------


def public_functions(path: Path) -> list[str]:
    return [
        node.name
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


def purposes() -> list[str]:
    """Return the names of the purposes in randomness.py: plain numbers under names in capitals."""
    tree = ast.parse((ROOT / "simulation" / "randomness.py").read_text("utf-8"))
    names: list[str] = []
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        if all(isinstance(v, ast.Constant) and isinstance(v.value, int) for v in values):
            names += [n.id for n in ast.walk(node.targets[0]) if isinstance(n, ast.Name)]
    return [name for name in names if name != "UNDATED"]


def test_every_rule_is_named() -> None:
    rules = public_functions(ROOT / "simulation" / "rules.py")
    assert len(rules) > 25
    assert [name for name in rules if f"`rules.{name}`" not in ODD] == []


def test_every_purpose_of_randomness_is_named() -> None:
    assert {"READY", "MOVE_DOWN", "TURNOVER", "N_ARRIVALS", "START_PRICE"} <= set(purposes())
    assert [name for name in purposes() if f"`{name}`" not in ODD] == []


def test_purposes_are_dated_or_numbered_as_the_table_says() -> None:
    """What the code looks up by a number is 'numbered' in the table, the rest is 'dated'."""
    code = "".join(p.read_text("utf-8") for p in (ROOT / "simulation" / "kernel").glob("*.py"))
    uses = re.findall(r"rn\.(?:four_)?uniforms?\((.*?)\)\n", code, re.DOTALL)
    blocks = {
        "PLACEMENT": {"ENTRY_TYPE", "NETWORK_FOUND", "HOME_OR_NEXT"},
        "FOLLOW_UP": {"MOVE_DOWN", "MOVE_UP"},
    }
    numbered: set[str] = set()
    for use in uses:
        if "rn.UNDATED" in use:
            name = re.findall(r"rn\.(\w+)", use)[-1]
            numbered |= blocks.get(name, {name})
    in_table: dict[str, str] = {}
    for row in re.findall(r"^\| (`[A-Z_`, ]+`) \|(.*)$", ODD, re.MULTILINE):
        for name in re.findall(r"[A-Z_]+", row[0]):
            in_table[name] = "numbered" if "numbered" in row[1] else "dated"
    assert set(in_table) == set(purposes())
    assert {name for name, kind in in_table.items() if kind == "numbered"} == numbered | {"START_PRICE"}


@pytest.mark.parametrize("record", [CHILDREN, POST], ids=["CHILDREN", "POST"])
def test_every_state_variable_is_described(record: np.dtype[Any]) -> None:
    assert [name for name in record.names or () if f"`{name}`" not in ODD] == []


@pytest.mark.parametrize("section", EVERY_SECTION, ids=lambda section: section.__name__)
def test_every_field_of_a_scenario_is_explained(section: type[BaseModel]) -> None:
    silent = [
        name
        for name, field in section.model_fields.items()
        if not field.description and f"`{name}`" not in ODD
    ]
    assert not silent


@pytest.mark.parametrize("name", ["children", "work", "reviews", "money", "baseline"])
def test_every_parameter_is_in_the_odd(name: str) -> None:
    assert [field for field in SECTIONS[name].model_fields if f"`{field}`" not in ODD] == []


def test_the_model_card_counts_the_evidence_right() -> None:
    """Targets are what the model is held against, not what goes into it."""
    records = [p for name, p in parameters().items() if not name.startswith("target.")]
    grades = Counter(p.grade for p in records)
    assert f"of {len(records)} evidence records" in MODEL_CARD
    assert "none is graded A" in MODEL_CARD
    assert grades["A"] == 0
    assert f"{grades['B']} are graded B, {grades['C']} C and {grades['D']} D" in MODEL_CARD
    assumptions = sum(p.kind == "assumption" for p in records)
    assert f"{assumptions} of the {len(records)} records are plain assumptions" in MODEL_CARD


def test_the_page_of_assumptions_is_that_of_the_records() -> None:
    """Written by `make docs`; byte by byte the same."""
    assert (DOCS / "assumptions.md").read_bytes().decode("utf-8") == as_markdown()
    printed = CliRunner().invoke(app, ["parameters", "--markdown"])
    assert printed.stdout == as_markdown()


def test_every_link_in_the_page_of_assumptions_leads_somewhere() -> None:
    page = as_markdown()
    headings = re.findall(r"^## (.*)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^\w-]", "", h.lower().replace(" ", "-")) for h in headings}
    anchors |= set(re.findall(r'<a id="([^"]+)">', page))
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= anchors
    assert {*parameters(), *sources()} <= anchors


def test_the_page_of_assumptions_counts_and_explains() -> None:
    page = as_markdown()
    assert page.count("\n| [") == len(parameters())
    assert f"| all | {' | '.join(str(n) for n in counts_by_grade())} | {len(parameters())} |" in page
    assert [p.note for p in parameters().values() if p.note not in page] == []
    assert "](docs/assumptions.md)" in (ROOT / "README.md").read_text("utf-8")
    assert "](assumptions.md)" in MODEL_CARD


def counts_by_grade() -> list[int]:
    grades = [p.grade for p in parameters().values()]
    return [grades.count(grade) for grade in "ABCD"]


def test_the_decision_on_fano_states_its_rates() -> None:
    text = (DOCS / "decisions" / "0005-local-rates-for-fano.md").read_text("utf-8")
    fano = find_scenario("fano")
    shares = " / ".join(f"{x:.2f}" for x in fano.children.entry_share["residential_care"])
    assert f"`inflow` {fano.districts[0].inflow:g} children" in text
    assert f"`placed_after_assessment` {fano.children.placed_after_assessment:g} " in text
    assert f"`closed_after_assessment` {fano.children.closed_after_assessment:g} " in text
    assert f"by age band {shares}\n" in text


def test_the_model_card_is_of_this_version() -> None:
    assert f"# Model card: Indsatstrappe {project_version()}" in MODEL_CARD


# --- words ---------------------------------------------------------------------------------------

NOT_OUR_WORDS = ("social worker", "client", "rung", "foster parent's", "kids", "service user")
"""One word for one thing: caseworker, child, stair."""


@pytest.mark.parametrize("document", WRITTEN, ids=lambda path: path.name)
def test_no_word_that_does_not_belong(document: Path) -> None:
    text = document.read_text("utf-8")
    lowered = text.lower()
    assert [w for w in NOT_OUR_WORDS if re.search(rf"\b{re.escape(w)}\b", lowered)] == []
    machine = r"(?<![\w.])/(?:home|work|tmp|root|mnt|usr|Users)/|[A-Z]:\\"
    assert re.findall(machine, text) == []


@pytest.mark.parametrize("document", WRITTEN[2:-1], ids=lambda path: path.name)
def test_a_decision_has_its_parts(document: Path) -> None:
    text = document.read_text("utf-8")
    assert text.startswith(f"# {document.name[:4]} ")
    parts = [text.find(f"**{part}.**") for part in ("Context", "Decision", "Consequences")]
    assert -1 not in parts
    assert parts == sorted(parts)


# --- the template --------------------------------------------------------------------------------

SWITCHED_OFF = re.compile(r"^#(?=[^\s#])", re.MULTILINE)
MONEY = {"unit_price", "salary", "start_cost", "threshold", "staff_cost", "one_off"}


def switched_on() -> str:
    """Return the template with every setting switched on that is switched off."""
    return SWITCHED_OFF.sub("", TEMPLATE.read_text("utf-8"))


def parsed(text: str) -> Scenario:
    return Scenario.model_validate(tomllib.loads(text))


def examples() -> str:
    """Return what the template shows indented, as one text."""
    return "\n".join(re.findall(r"^#(?: {5}(.*))?$", TEMPLATE.read_text("utf-8"), re.MULTILINE))


def test_the_template_is_named_once() -> None:
    assert shipped_text("template").count('name = "my-municipality"') == 1


def test_nothing_is_wrong_with_the_template() -> None:
    result = CliRunner().invoke(app, ["check", str(TEMPLATE)])
    assert result.exit_code == 0
    assert "nothing is wrong" in result.output


def test_the_template_reads_back_as_itself() -> None:
    read = read_scenario(TEMPLATE)
    dumped = read.model_dump(mode="json", exclude_none=True)
    assert Scenario.model_validate(dumped) == read


def test_a_new_scenario_carries_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["new", "lille-kommune"])
    assert result.exit_code == 0
    assert "my-municipality" not in (tmp_path / "lille-kommune.toml").read_text("utf-8")
    assert read_scenario(tmp_path / "lille-kommune.toml").name == "lille-kommune"


def test_switched_off_settings_show_what_is_used_anyway() -> None:
    """Switching everything on changes no number, but for amounts of money, which are rounded."""
    before, after = build_tables(read_scenario(TEMPLATE)), build_tables(parsed(switched_on()))
    for name, a, b in zip(before._fields, before, after, strict=True):
        if a.dtype.names is None:
            assert a == pytest.approx(b), name
            continue
        for field in set(a.dtype.names) - {"start_count"}:
            same_records(a[field], b[field], f"{name}.{field}")


def test_uncounted_children_are_about_as_many_as_the_template_shows() -> None:
    before, after = build_tables(read_scenario(TEMPLATE)), build_tables(parsed(switched_on()))
    counted = before.districts["start_count"] >= 0
    drawn = ~counted & (before.districts["start_mean"] > 0)
    shown = after.districts["start_count"]
    assert (shown[counted] == before.districts["start_count"][counted]).all()
    assert shown[drawn] == pytest.approx(before.districts["start_mean"][drawn], rel=0.01)


def same_records(a: Any, b: Any, where: str) -> None:
    if a.dtype.names is not None:
        for field in a.dtype.names:
            same_records(a[field], b[field], f"{where}.{field}")
        return
    money = any(word in where for word in MONEY)
    assert a.astype(float) == pytest.approx(b.astype(float), rel=2e-3 if money else 1e-9), where


def test_switched_off_settings_of_policies_change_no_policy() -> None:
    before, after = read_scenario(TEMPLATE), parsed(switched_on())
    assert set(after.policies) - set(before.policies) == {"no_effect"}
    for name in before.policies:
        a, b = (build_tables(s, s.policy(name)) for s in (before, after))
        same_records(a.months, b.months, name)
        for posts in (a.posts, b.posts):
            posts["ends"] = np.minimum(posts["ends"], before.months)
        same_records(a.posts, b.posts, name)
        assert (a.places == b.places).all()


def test_the_template_shows_every_parameter() -> None:
    keys = set(re.findall(r"^#? *([a-z_]+) *=", TEMPLATE.read_text("utf-8"), re.MULTILINE))
    text = TEMPLATE.read_text("utf-8")
    for name in ("children", "work", "reviews", "money", "baseline"):
        fields = SECTIONS[name].model_fields
        assert [f for f in fields if f not in keys and f"[{name}.{f}]" not in text] == []


def test_the_examples_of_a_programme_and_of_a_later_post_work() -> None:
    """Moved to where they belong, with every field there is; the effect of `placed` is none at home."""
    course = examples()
    course = course[course.index("[policies.") : course.index("gravest_first = false") + 21]
    shown = tomllib.loads(course)["policies"]["closer_follow_up"]["supply"]
    assert set(shown["programmes"]["family_course"]) == set(policy.Programme.model_fields)
    later = tomllib.loads(re.findall(r"^later_posts = .*$", examples(), re.MULTILINE)[0])
    assert set(later["later_posts"][0]) == set(sections.LaterPost.model_fields)
    data = tomllib.loads(TEMPLATE.read_text("utf-8"))
    data["districts"][0] |= later
    data["policies"]["closer_follow_up"]["supply"] |= shown
    s = Scenario.model_validate(data)
    assert s.policy("closer_follow_up").supply.programmes["family_course"].places == 10
    assert build_tables(s, s.policy("closer_follow_up")).table[0]["n_programmes"] == 1


def lines_with_ranges() -> list[tuple[str, float, float, float]]:
    """Return (parameter, value, low, high) for each setting whose comment begins with a range."""
    section, rows = "", []
    for line in TEMPLATE.read_text("utf-8").splitlines():
        header = re.match(r"#?\[([a-z_.]+)\]|# For \[([a-z]+)\]:", line)
        if header:
            section = header[1] or header[2]
        number = r"(-?[\d.]+)"
        setting = re.match(rf"#? *([a-z_]+) = {number} +# {number} to {number}\b", line)
        if setting:
            key, *numbers = setting.groups()
            rows.append((f"{section}.{key}", *map(float, numbers)))
    return rows  # type: ignore[return-value]


def test_ranges_in_the_template_are_those_of_the_evidence() -> None:
    checked = 0
    for name, shown, low, high in lines_with_ranges():
        cause = name.startswith("policies.")
        record = parameters().get(f"policy.{name.rsplit('.', 1)[1]}" if cause else name)
        if record is None:
            continue
        checked += 1
        assert (low, high) == (record.low, record.high), name
        assert shown == pytest.approx(record.value), name
    assert checked > 60


def test_examples_in_the_template_are_what_is_used_anyway() -> None:
    shown: dict[str, dict[str, Any]] = {}
    section = ""
    for line in TEMPLATE.read_text("utf-8").splitlines():
        header = re.match(r"# For \[([a-z]+)\]:", line)
        if header:
            section = header[1]
        elif section and line.startswith("#     "):
            shown.setdefault(section, {}).update(tomllib.loads(line.removeprefix("#     ")))
        elif line.strip() != "#":
            section = ""
    used = read_scenario(TEMPLATE)
    assert set(shown) == {"children", "work"}
    for name, settings in shown.items():
        for key, value in settings.items():
            wanted = getattr(getattr(used, name), key)
            assert value == pytest.approx(wanted, rel=1e-9), f"{name}.{key}"


def test_the_example_of_a_stair_of_its_own_works() -> None:
    stairs = examples()
    block = stairs[stairs.index("[[staircase]]") : stairs.index("children.readiness_rate.")]
    settings = re.findall(r"^[a-z]+\.[a-z_]+\.[a-z_]+ = .*$", stairs, re.MULTILINE)
    data = tomllib.loads(switched_on())
    data["staircase"].insert(-1, tomllib.loads(block)["staircase"][0])
    assert len(settings) > 6
    for line in settings:
        for section, tables in tomllib.loads(line).items():
            for table, values in tables.items():
                data.setdefault(section, {}).setdefault(table, {}).update(values)
    data["districts"][0]["start"]["opholdssted"] = 12
    assert Scenario.model_validate(data).staircase.keys[-2:] == ["opholdssted", "residential_care"]
