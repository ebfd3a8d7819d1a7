"""Another staircase, as data: the specialised adult area. Nothing in the code knows a stair by name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support import history, scenario
from test_engines_agree import by_agents, first_difference

from experiments import plots
from experiments.attribution import attribute
from experiments.business_case import compare, sentence, two_thirds_sentence
from experiments.draws import at_draw, residential_readiness
from experiments.plots_attribution import plot_attribution
from experiments.results import Study
from experiments.tables import print_comparison
from experiments.tables_attribution import sentences, small_print
from simulation import PlacementModel
from simulation.accounts import Ledger, by_year, residential
from simulation.outcomes import measured
from simulation.parameters import parameters
from simulation.provenance import parameter_table
from simulation.reading import (
    ScenarioError,
    find_scenario,
    read_scenario,
    shipped_scenarios,
    shipped_text,
)
from simulation.replicates import ledgers
from simulation.scenario import Scenario
from simulation.settling import settled, settled_flows
from simulation.staircase import DEFAULT_STAIRCASE, KIND_ORDER, Staircase
from simulation.stationary import fates, stationary_start
from simulation.tables import entry_shares

ROOT = Path(__file__).parent.parent
ADULTS = find_scenario("adults")
KEYS = ADULTS.staircase.keys
INFLOW = ADULTS.districts[0].inflow

# --- no code names a stair -----------------------------------------------------------------------

STAIRS = {key for name in shipped_scenarios() for key in find_scenario(name).staircase.keys}
ALLOWED = {
    "experiments/calibration": "fits the records of the standard staircase to published Danish figures, "
    "and records and figures are named after the stairs",
    "experiments/validation": "holds the simulation against published Danish figures on children, which "
    "are named after the stairs",
    "experiments/caselist/synthetic.py": "made-up histories of English size for a benchmark, on four "
    "stairs with rates of their own",
    "experiments/caselist/national.py": "published figures of the country are by kind of stair",
    "experiments/measures.py": "one measure is called after its published figure; it goes by kind",
}
"""Folders and files in which stairs may be named, each with its reason."""
ALSO_WORDS = {
    "assessment": "is a kind of stair too",
    "undetected": "is what children on a hidden stair are, so it may be part of a name",
}
"""Stairs whose names are words that code may need, each with its reason."""


def names_in(tree: ast.AST) -> Iterator[str]:
    """Yield what code says by name: identifiers, keywords, and texts that are one word or a path."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if re.fullmatch(r"[\w.*-]+", node.value):
                yield node.value
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, (ast.arg, ast.keyword)) and node.arg:
            yield node.arg


def stairs_named(source: str) -> set[str]:
    """Return the stairs named in a source, alone or in a longer name (`n_foster_care`)."""
    return {key for name in names_in(ast.parse(source)) for key in STAIRS if is_named(key, name)}


def is_named(key: str, name: str) -> bool:
    if key in ALSO_WORDS:
        return name == key and key not in KIND_ORDER
    return re.search(rf"(?<![a-z]){key}(?![a-z])", name) is not None


def sources() -> Iterator[tuple[str, str]]:
    for folder in ("simulation", "experiments"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def test_no_code_names_a_stair() -> None:
    assert set(DEFAULT_STAIRCASE.keys) | set(KEYS) <= STAIRS
    found = {
        file: named
        for file, text in sources()
        if not file.startswith(tuple(ALLOWED)) and (named := stairs_named(text))
    }
    assert found == {}


def test_what_is_allowed_to_name_a_stair_does() -> None:
    for place in ALLOWED:
        assert any(stairs_named(text) for file, text in sources() if file.startswith(place))


@pytest.mark.parametrize(
    "line",
    ['x = "foster_care"', 'x = f"children.{y}.own_room.15"', "n_preventive = 3", "f(foster_care=1)",
     "x.residential_care", 'x["bofaellesskab"]', "def network_care(): ..."],
)  # fmt: skip
def test_a_stair_named_in_code_would_be_found(line: str) -> None:
    assert stairs_named(line)
    assert not stairs_named('"""Not for foster_care."""\nx = "a foster family"; t.assessment')


def test_the_standard_staircase_is_that_of_its_file() -> None:
    assert DEFAULT_STAIRCASE.keys == re.findall(
        r'^key = "(\w+)"$', shipped_text("staircases/children"), re.MULTILINE
    )


# --- the scenario --------------------------------------------------------------------------------


def test_every_number_of_the_adults_own_is_a_placeholder_of_grade_d() -> None:
    own = [r for r in parameter_table(ADULTS) if r.record and r.record.name.startswith("adults.")]
    assert len(own) > 80
    for row in own:
        assert row.record is not None
        assert row.record.note.startswith("Placeholder: no source read; replace by local figures.")
        assert (row.grade, row.sources) == ("D", ())
    records = [p for name, p in parameters().items() if name.startswith("adults.")]
    assert {p.kind for p in records} == {"assumption"}


def test_nobody_on_the_adults_stairs_is_a_child() -> None:
    """Not on the first day, and not later: the band below 18 has no share."""
    model = PlacementModel(ADULTS, "recovery_model", rng=3)
    for _ in range(12):
        assert min(child.age for child in model.children) >= 18 * 12
        model.step()
    assert ADULTS.children.age_at_arrival[0] == ADULTS.children.age_at_entry[0] == 0


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("policy", [None, "recovery_model", "perverse"])
def test_both_engines_give_the_same_adults(policy: str | None, seed: int) -> None:
    short = ADULTS.model_copy(update={"months": 18})
    luck = {"seed": 77 * seed, "replicate": seed}
    compiled = history(short, policy, **luck)
    assert first_difference(by_agents(short, policy, **luck), compiled) == ""
    assert compiled.column("new_moves_down").sum() > 0
    assert compiled.column("new_entries").sum() > 0


def test_todays_adults_stay_as_many_on_every_stair() -> None:
    """Fixed seed; the counts hold together (trappe settle), and stair by stair within 10 %."""
    years = Ledger(by_year(ledgers(ADULTS, replicates=100), ADULTS.staircase), ADULTS.staircase)
    for stair in ADULTS.staircase:
        if stair.kind in ("home", "care"):
            today = ADULTS.districts[0].start[stair.key]
            assert years[f"n_{stair.key}"].mean() == pytest.approx(today, rel=0.1), stair.key


# --- outcomes and rules where there is no family and nobody hidden --------------------------------


def test_outcomes_of_a_staircase_without_families_and_hidden_stairs() -> None:
    years = by_year(ledgers(ADULTS, replicates=3), ADULTS.staircase)
    book = Ledger(years, ADULTS.staircase)
    homes = ("midlertidigt_botilbud", "laengerevarende_botilbud")
    assert np.array_equal(
        measured("n_residential", years, ADULTS.staircase), sum(book[f"n_{key}"] for key in homes)
    )
    assert (measured("n_in_care", years, ADULTS.staircase) > book["n_bofaellesskab"]).all()
    assert (measured("share_family_like", years, ADULTS.staircase) == 0).all()
    assert (measured("undetected_months", years, ADULTS.staircase) == 0).all()
    assert (book["new_for_want"] == 0).all()


def test_all_become_known_where_nobody_is_hidden() -> None:
    """So the uncounted under assessment are those who come in a month, over the share done in a month."""
    assert fates(ADULTS) == (1.0, 0.0)
    d = ADULTS.districts[0]
    uncounted = d.model_copy(update={"start": {k: n for k, n in d.start.items() if k != KEYS[0]}})
    start = stationary_start(ADULTS.model_copy(update={"districts": (uncounted,)}))
    assert start.mean[0, 0] == pytest.approx(INFLOW / 12 / -np.expm1(-1 / ADULTS.work.assessment_wait))


def test_residential_is_what_the_staircase_says() -> None:
    assert [key for i, key in enumerate(KEYS) if residential(ADULTS.staircase, i)] == KEYS[-2:]
    unsaid = [{**s.model_dump(), "residential": False} for s in ADULTS.staircase]
    stairs = Staircase.model_validate(unsaid)
    assert [key for i, key in enumerate(KEYS) if residential(stairs, i)] == KEYS[-3:]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "home"}, "residential are for stairs of kind 'care'"),
        ({"family_like": True}, "choose one"),
    ],
)
def test_a_stair_that_cannot_be_residential_is_refused(change: dict[str, object], said: str) -> None:
    stair = {"key": "villa", "label": "", "kind": "care", "residential": True, **change}
    last = {"key": "ward", "label": "", "kind": "care"}
    with pytest.raises(ValueError, match=said):
        Staircase.model_validate([{"key": "help", "label": "", "kind": "home"}, stair, last])


@pytest.mark.parametrize("odds", [0.0, 0.5, 0.9, 3.0])
def test_residential_odds_act_on_residential_stairs_without_families(odds: float) -> None:
    """What the shares leave goes to the last stair and counts as residential."""
    today, then = entry_shares(ADULTS, 1.0), entry_shares(ADULTS, odds)
    assert today[:, 3:] == pytest.approx(np.tile([0.74, 0.19, 0.07], (5, 1)))
    heavy, heavy_then = today[:, 4:].sum(axis=1), then[:, 4:].sum(axis=1)
    assert heavy_then / (1 - heavy_then) == pytest.approx(odds * heavy / (1 - heavy))
    assert then.sum(axis=1) == pytest.approx(1.0)


def test_odds_change_nothing_where_all_care_is_residential() -> None:
    stairs = [s.model_dump() for s in DEFAULT_STAIRCASE if not s.family_like and s.youngest == 0]
    shares = {"entry_share": {"residential_care": [0.3] * 4}}
    d = {"name": "all", "inflow": 9, "caseworkers": [1], "start": {"residential_care": 4}}
    s = scenario(staircase=stairs, children=shares, districts=[d])
    for odds in (0.0, 0.5, 2.0):
        assert entry_shares(s, odds)[:, -1] == pytest.approx(np.ones(4))


# --- the closed form of settling ------------------------------------------------------------------


def test_settled_flows_of_the_adults_are_near_those_that_hold() -> None:
    """The scenario's own flows hold its counts. The balance takes means and does not know that places are
    full, which sends more adults to residential care than its odds say.
    """
    flows = settled_flows(ADULTS)
    assert flows.inflow == pytest.approx(INFLOW, rel=0.1)
    assert flows.placed == pytest.approx(ADULTS.children.placed_after_assessment, rel=0.25)
    assert 1.0 < flows.residential_odds / (0.26 / 0.74) < 2.0


def test_settling_adults_with_other_rates_changes_their_flows() -> None:
    quicker = ADULTS.children.model_copy(
        update={"readiness_rate": {k: 1.3 * v for k, v in ADULTS.children.readiness_rate.items()}}
    )
    found = settled(ADULTS.model_copy(update={"children": quicker}), ADULTS)
    assert found.districts[0].inflow > 1.1 * INFLOW
    assert settled(ADULTS, ADULTS).districts[0].inflow == pytest.approx(INFLOW)


def test_settling_says_why_it_cannot_without_assessments() -> None:
    stairs = [s.model_dump() for s in ADULTS.staircase if s.kind != "assessment"]
    data = ADULTS.model_dump(mode="json")
    data["staircase"], key = stairs, KEYS[0]
    for table in (data["children"]["crisis_rate"], data["work"]["weight"], data["districts"][0]["start"]):
        del table[key]
    with pytest.raises(ValueError, match=r"no stair of kind 'assessment'.*cannot be settled"):
        settled_flows(Scenario.model_validate(data))


def test_the_place_of_a_municipality_moves_its_residential_stairs() -> None:
    assert residential_readiness(ADULTS) == [f"children.readiness_rate.{key}" for key in KEYS[-2:]]
    assert residential_readiness(scenario()) == ["children.readiness_rate.residential_care"]


def test_a_draw_replaces_what_the_adults_take_from_the_evidence_and_nothing_else() -> None:
    place = {"municipality.readiness_sd": 0.5, "municipality.readiness": 1.0, "herning.readiness": 1.0}
    stairs = {f"children.readiness_rate.{key}": 9.0 for key in DEFAULT_STAIRCASE.keys[2:]}
    draw = {"children.recognition": 0.3, "children.reentry_rate": 0.9, **stairs, **place}
    drawn = at_draw(ADULTS, draw)
    assert (drawn.children.recognition, drawn.children.reentry_rate) == (0.3, 0.10)
    assert drawn.children.readiness_rate == ADULTS.children.readiness_rate
    assert drawn.districts[0].inflow != ADULTS.districts[0].inflow  # settled anew


# --- words: adults where adults are meant ---------------------------------------------------------

CHILD = re.compile(r"\b(child|children|foster|family|families|plejefamilie\w*|børn\w*)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def study() -> Study:
    return compare(ADULTS, ["recovery_model", "perverse"], replicates=10)


def test_a_comparison_speaks_of_adults(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    print_comparison(study)
    out = capsys.readouterr().out
    assert "the same adults with the same luck" in " ".join(out.split())
    assert "adults in residential care in the last year" in sentence(study)
    assert CHILD.findall(out) == []
    units = {row["unit"] for row in study.summary_rows() + study.outcome_rows()}
    assert {"adults", "adult-months"} <= units
    assert CHILD.findall(" ".join(units)) == []


def test_herning_is_no_measure_for_adults(study: Study) -> None:
    assert two_thirds_sentence(study) == ""


def test_the_picture_shows_the_adults_stairs(study: Study) -> None:
    ax = plots.plot_staircase(study)
    assert ax.get_title(loc="left").startswith("Adults on the intervention staircase, Voksenby (made up)")
    labels = [" ".join(tick.get_text().split()) for tick in ax.get_xticklabels()]
    assert labels[-1] == "Long-term residential home (Længerevarende botilbud, § 108)"
    assert len(labels) == 5


def test_an_attribution_speaks_of_adults() -> None:
    found = attribute(ADULTS, "recovery_model", replicates=4)
    said = " ".join([*sentences(found), small_print(found)])
    assert "changes nothing for any adult" in said
    assert "the same adults" in said
    assert CHILD.findall(said) == []
    assert {row["unit"] for row in found.rows()} == {"DKK", "adult-months"}
    ax = plot_attribution(found, "care_months_avoided")
    assert ax.get_xlabel().startswith("adult-months")
    assert CHILD.findall(" ".join(tick.get_text() for tick in ax.get_yticklabels())) == []


def test_a_word_for_one_needs_the_word_for_several(tmp_path: Path) -> None:
    path = tmp_path / "half.toml"
    path.write_text(shipped_text("adults").replace('people = "adults"\n', ""), "utf-8")
    with pytest.raises(ScenarioError, match=r"person = 'adult' and people = 'children'.*give both"):
        read_scenario(path)
