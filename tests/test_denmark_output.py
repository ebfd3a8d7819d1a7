"""The country in ranks, groups, tables, files, words and pictures, on made-up numbers."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command import command_in
from json_schema import violations
from rich.console import Console

from experiments.country.facts import municipalities, places_of
from experiments.country.figures import benchmark, by_size, ranking
from experiments.country.key_figures import COMPARABLE, KEY_FIGURES, KeyFigures, neighbours
from experiments.country.output import files
from experiments.country.ranks import ahead, groups, ranks
from experiments.country.rows import Result, shown
from experiments.country.run import KEPT, Country, Plan
from experiments.country.schema import CountryResult, as_json, schema_text
from experiments.country.sentences import sentences, small_print
from experiments.country.tables import (
    class_table,
    danish_order,
    key_figure_table,
    municipality_table,
    size_table,
)
from experiments.country.who_gains import class_rows
from experiments.plots import as_png
from experiments.tables import PLAIN_WIDTH
from experiments.words import LANGUAGES, Language
from simulation.accounts import Floats
from simulation.reading import find_scenario

N = 100
SCHEMA = Path(__file__).parents[1] / "docs" / "denmark.schema.json"


def made_up(saving_per_child: Floats, towns: tuple[int, ...] | None = None, draws: int = 0) -> Country:
    """Return a country whose savings per child and year are given, [municipality, history]."""
    places = tuple(range(len(saving_per_child))) if towns is None else towns
    plan = Plan(find_scenario("denmark"), "swedish_model", saving_per_child.shape[1], 1, draws, places)
    children = np.array([m.children for m in plan.municipalities], float)
    total = saving_per_child * children[:, None] * plan.years
    saved = total[:, :, None] * np.linspace(0.2, 1.0, 5)
    kept = np.ones((*saving_per_child.shape, len(KEPT)))
    size = children / 12_000.0
    of_average = {
        "cases": 561, "fte": 17, "extra_fte": 11, "in_care_start": 117, "in_care_end": 139,
        "placement_cost": 8e7, "policy_cost": 4e7,
    }  # fmt: skip
    for name, amount in of_average.items():
        kept[:, :, KEPT.index(name)] = amount * size[:, None]
    return Country(plan, saved, kept)


def luck(sd: float, n: int = 98) -> Floats:
    rng = np.random.Generator(np.random.PCG64(2))
    return sd * rng.standard_normal((n, N))


def read(text: str | bytes) -> list[dict[str, str]]:
    assert isinstance(text, str)
    return list(csv.DictReader(io.StringIO(text)))


# --- ranks ----------------------------------------------------------------------------------------


def test_what_never_changes_has_one_rank() -> None:
    values = np.array([[3.0], [1.0], [2.0]]) + np.zeros((3, N))
    found = ranks(values, np.full(N, 2.0))
    assert found.low.tolist() == found.high.tolist() == [1, 3, 2]
    assert found.group.tolist() == [1, 3, 2]
    assert found.against.tolist() == [1, -1, 0]


def test_noise_is_one_group_with_ranks_from_end_to_end() -> None:
    """All alike: 98 ranks are even, so 90 of 100 span 88 of them, give or take; fixed luck, no chance."""
    values = luck(1.0)
    found = ranks(values, values.mean(axis=0))
    assert set(found.group) == {1}
    assert not found.against.any()
    width = found.high - found.low + 1
    assert width.min() > 70
    assert np.median(width) == pytest.approx(0.9 * 98, abs=4)


def test_an_interval_holds_ninety_of_a_hundred_ranks() -> None:
    values = luck(1.0) + np.linspace(0, 3, 98)[:, None]
    found = ranks(values, values.mean(axis=0))
    rank = (-values).argsort(axis=0).argsort(axis=0) + 1
    inside = ((rank >= found.low[:, None]) & (rank <= found.high[:, None])).mean(axis=1)
    assert inside.min() >= 0.90


def test_in_a_group_nobody_is_told_apart() -> None:
    values = luck(1.0, 40) + np.repeat([0.0, 6.0], 20)[:, None]
    found = ranks(values, values.mean(axis=0))
    assert found.group.tolist() == [2] * 20 + [1] * 20
    for group in (1, 2):
        members = values[found.group == group]
        assert not any(ahead(a, b) for a in members for b in members)


def test_one_ahead_in_94_of_100_is_not_told_apart() -> None:
    a, b = np.ones(N), np.zeros(N)
    b[:5] = 2.0
    assert ahead(a, b) == 1 and ahead(b, a) == -1
    b[5] = 2.0
    assert ahead(a, b) == 0


def test_few_histories_tell_nobody_apart() -> None:
    values = np.array([[5.0], [1.0]]) + np.zeros((2, N - 1))
    assert groups(values, np.array([0, 1])).tolist() == [1, 1]
    assert Result(made_up(values + 1.0)).verdicts == ["open", "open"]


def test_ties_share_their_rank() -> None:
    found = ranks(np.zeros((4, N)), np.zeros(N))
    assert found.middle.tolist() == [2.5] * 4
    assert found.low.tolist() == [2] * 4 and found.high.tolist() == [3] * 4


# --- rows and files -------------------------------------------------------------------------------


def test_who_gains_is_who_has_paid_in_95_of_100_histories() -> None:
    values = np.ones((3, N))
    values[1, :50] = -1.0
    values[2] = -1.0
    result = Result(made_up(values))
    assert result.verdicts == ["gains", "open", "loses"]
    assert result.p_paid.tolist() == [1.0, 0.5, 0.0]


def test_the_country_is_the_sum_of_its_municipalities() -> None:
    country = made_up(luck(100.0) + 500.0)
    rows = {row["outcome"]: row for row in Result(country).sum_rows()}
    assert rows["net_saving"]["sum"] == pytest.approx(country.saving.mean(axis=1).sum())
    assert rows["net_saving_to_year_5"]["sum"] == pytest.approx(rows["net_saving"]["sum"])
    assert rows["cases"]["sum"] == pytest.approx(561 * country.children.sum() / 12_000)


def test_sizes_hold_every_municipality_once() -> None:
    result = Result(made_up(luck(100.0)))
    rows = result.size_rows()
    assert sum(row["municipalities"] for row in rows) == 98
    assert sum(row["children_2014"] for row in rows) == result.country.children.sum()
    assert all(row["gains"] + row["open"] + row["loses"] == row["municipalities"] for row in rows)


@pytest.mark.parametrize(("count", "said"), [(0.0, 0), (0.2, ""), (4.6, ""), (5.0, 5), (12.4, 12)])
def test_counts_under_five_are_not_shown(count: float, said: int | str) -> None:
    assert shown(count) == said


def test_files_say_what_is_drawn_and_hide_small_counts() -> None:
    found = files(Result(made_up(luck(100.0))))
    rows = {row["name"]: row for row in read(found["municipalities.csv"])}
    assert rows["Lolland"]["placed_is"] == "published" and rows["Herning"]["placed_is"] == "drawn"
    assert rows["Læsø"]["placed"] == ""
    assert "drawn" in rows["Herning"]["covers"]
    told = json.loads(str(found["manifest.json"]))
    assert told["project"] == "Indsatstrappe" and len(told["study"]["municipalities"]) == 98
    assert told["study"]["drawn"].startswith("children placed")


def test_json_has_null_for_what_is_not_shown() -> None:
    told = json.loads(as_json(Result(made_up(luck(100.0)))))
    rows = {row["name"]: row for row in told["municipalities"]}
    assert rows["Læsø"]["placed"] is None and rows["Herning"]["placed"] > 100


def test_json_follows_the_schema_and_says_what_the_tables_say() -> None:
    result = Result(made_up(luck(100.0), draws=10))
    told = json.loads(as_json(result))
    CountryResult.model_validate_json(as_json(result))
    assert list(violations(told, json.loads(SCHEMA.read_text("utf-8")))) == []
    assert told["sentences"] == sentences(result, "en")
    parts = {
        "sums": result.sum_rows(), "municipalities": result.municipality_rows(),
        "by_size": result.size_rows(), "benchmark": result.key_figure_rows(),
        "who_gains": class_rows(result.country),
    }  # fmt: skip
    for name, rows in parts.items():
        assert len(told[name]) == len(rows) > 0
        for one, row in zip(told[name], rows, strict=True):
            assert one.keys() == row.keys(), name
            assert all(one[key] == x for key, x in row.items() if x not in ("", None) and x == x), name


def test_the_schema_in_the_documents_is_current() -> None:
    """python -c 'from experiments.country.schema import *; print(schema_text(), end="")'."""
    assert SCHEMA.read_text("utf-8") == schema_text()


# --- small counts ---------------------------------------------------------------------------------


def with_placed(counts: list[int]) -> Country:
    """Return a country of so many municipalities, Fanø first, with these children in care."""
    names = ["Fanø", "Læsø", "Samsø", "Herning", "Aarhus"][: len(counts)]
    order = {name: i for i, name in enumerate(names)}
    places = tuple(sorted(places_of(names), key=lambda i: order[municipalities()[i].name]))
    country = made_up(luck(100.0, len(counts)), places)
    for name in ("in_care_start", "in_care_mean", "in_care_end", "residential_start", "residential_end"):
        country.kept[:, :, KEPT.index(name)] = np.array(counts, float)[:, None]
    return country


def test_no_output_shows_a_count_under_five_nor_lets_it_be_worked_out() -> None:
    """Neither the count, nor the rate per 1,000 children, nor a sum less the others that are shown."""
    result = Result(with_placed([3, 8, 12, 150]))
    assert [row["placed"] for row in result.municipality_rows()] == ["", "", 12, 150]
    rates = {
        (row["name"], row["key_figure"]): (row["value"], row["low"], row["high"])
        for row in result.key_figure_rows()
    }
    assert np.isnan(rates["Fanø", "placed_per_1000"]).all()
    assert np.isnan(rates["Læsø", "placed_per_1000"]).all()
    assert rates["Herning", "placed_per_1000"][0] == pytest.approx(1000 * 150 / 19_562)
    sums = {row["outcome"]: row["sum"] for row in result.sum_rows()}
    assert sums["in_care_start"] == 173  # of two that are hidden, 11 together


def test_a_sum_that_would_give_a_count_away_is_not_shown() -> None:
    alone = Result(with_placed([3]))
    sums = {row["outcome"]: row for row in alone.sum_rows()}
    for name in ("in_care_start", "in_care_mean", "in_care_end", "residential_end"):
        assert {sums[name][key] for key in ("sum", "sum_low", "sum_high")} == {""}, name
    assert alone.key_figure_rows()[2]["country"] != alone.key_figure_rows()[2]["country"]  # NaN
    two = Result(with_placed([1, 1]))
    assert {row["sum"] for row in two.sum_rows() if row["outcome"] == "in_care_start"} == {""}
    for language in LANGUAGES:
        shown = small_print(Result(with_placed([8])), language)
        assert len(small_print(alone, language)) == len(shown) - 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_and_pictures_say_that_a_count_is_not_shown(language: Language) -> None:
    result = Result(with_placed([3, 8, 12, 150]))
    console = Console(width=PLAIN_WIDTH, record=True, file=io.StringIO())
    console.print(municipality_table(result, language))
    console.print(key_figure_table(result, 0, language))
    text = console.export_text()
    assert {"da": "ikke vist*", "en": "not shown*"}[language] in text
    assert "under 5*" in text and " 8*" not in text
    strip = benchmark(result, 0, language).axes[2]
    assert {"da": "vises ikke", "en": "not shown"}[language] in strip.get_title(loc="left")
    drawn = [line.get_xdata() for line in strip.lines if line.get_marker() == "|"]
    assert np.isnan(np.asarray(drawn[0], float)).tolist() == [True, True, False, False]


# --- key figures ----------------------------------------------------------------------------------


def test_nobody_is_compared_with_itself_and_the_like_with_the_like() -> None:
    near = neighbours(municipalities(), 2019)
    assert near.shape == (98, COMPARABLE)
    assert not any(i in row for i, row in enumerate(near))
    names = [m.name for m in municipalities()]
    assert {names[j] for j in near[names.index("København")]} & {"Aarhus", "Odense", "Aalborg"}
    assert {names[j] for j in near[names.index("Samsø")]} & {"Læsø", "Ærø", "Fanø", "Langeland"}


def test_neighbours_of_made_up_municipalities() -> None:
    base = municipalities()[0]
    towns = tuple(
        replace(base, code=i, children=n, population=5 * n) for i, n in enumerate((100, 110, 9000))
    )
    assert neighbours(towns, 2019)[:, 0].tolist() == [1, 0, 1]


def test_the_country_s_key_figures_are_weighted() -> None:
    k = KeyFigures(made_up(luck(1.0)))
    assert k.of_country("placed_per_1000") == pytest.approx(1000 * 117 / 12_000)
    # Statistics Denmark's municipal shares of 2019, weighted with residents of 0-22 years of 2014
    assert float(k.of_country("supported_per_100")[0]) == pytest.approx(3.06, abs=0.01)


# --- words, tables, pictures ----------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("draws", [0, 10])
def test_output_says_what_is_drawn_and_what_intervals_cover(language: Language, draws: int) -> None:
    result = Result(made_up(luck(300.0) + 200.0, draws=draws))
    said = " ".join([*sentences(result, language), *small_print(result, language)])
    assert {"da": "trukket", "en": "drawn"}[language] in said
    assert "Danmarks Statistik" in said or "Statistics Denmark" in said
    assert {"da": "ikke en rangliste", "en": "no ranking"}[language] in said
    assert (f"{draws}" in said) == bool(draws) or not draws


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_fit_a_plain_page(language: Language) -> None:
    result = Result(made_up(luck(1e4)))
    console = Console(width=PLAIN_WIDTH, record=True, file=io.StringIO())
    tables = (municipality_table, size_table, class_table)
    for table in (make(result, language) for make in tables):
        console.print(table)
    longest = max(range(98), key=lambda i: len(municipalities()[i].name))
    console.print(key_figure_table(result, longest, language))
    text = console.export_text()
    assert "…" not in text
    assert all(m.name in text for m in municipalities())


@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_are_drawn_with_units_in_both_languages(language: Language) -> None:
    result = Result(made_up(luck(200.0) + 100.0))
    ranked, sizes = ranking(result, language), by_size(result, language)
    strips = benchmark(result, 3, language)
    labels = [label.get_text() for ax in ranked.axes for label in ax.get_yticklabels()]
    assert len(labels) == 98
    kroner = {"da": "kr. pr.", "en": "DKK per"}[language]
    assert kroner in sizes.axes[0].get_ylabel()
    assert kroner in strips.axes[-1].get_title(loc="left")
    assert len(strips.axes) == len(KEY_FIGURES)
    assert as_png(strips, dpi=40).startswith(b"\x89PNG")


def test_the_command_writes_a_folder(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    trappe = command_in(monkeypatch, capsys, tmp_path)
    few = ("--only", "Fanø", "--only", "Læsø", "--only", "Samsø")
    said = trappe(
        "denmark", *few, "--replicates", 6, "--years", 1, "--municipality", "fanø", "--out", "found",
        "--language", "en", "--policy", "null",
    )  # fmt: skip
    assert said.code == 0, said.err
    assert "saving in 3 municipalities together is" in " ".join(said.out.split())
    assert "Key figures: Fanø and comparable municipalities" in said.out
    names = {path.name for path in Path("found").iterdir()}
    assert names == {
        "manifest.json", "parts", "municipalities.csv", "by_size.csv", "summary.csv", "benchmark.csv",
        "ranking.png", "by_size.png", "benchmark_563.png",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fano",), "not an average municipality"),
        (("Herning",), "show it by --municipality Herning"),
        (("--only", "Atlantis"), "no municipality 'Atlantis'"),
        (("--only", "Fanø,Ærø"), "name one at a time"),
        (("--policy", "nul"), "did you mean 'null'"),
        (("--language", "de"), "must be 'da'"),
        (("--executor", "treads"), "must be threads, processes"),
        (("--draws", "100000"), "must lie between 1 and"),
        (("--only", "Fanø", "--municipality", "Herning"), "--only leaves out"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    arguments: tuple[str, ...], message: str,
) -> None:  # fmt: skip
    said = command_in(monkeypatch, capsys, tmp_path)("denmark", *arguments)
    assert said.code == 2
    assert message in said.err
    assert not list(tmp_path.iterdir())


def test_who_gains_is_sorted_by_what_was_drawn() -> None:
    country = made_up(np.where(np.arange(98)[:, None] < 49, 100.0, -100.0) + np.zeros((98, N)))
    caseload = np.where(np.arange(98) < 49, 50.0, 20.0)[:, None]
    country.kept[:, :, KEPT.index("fte")] = country.of("cases") / caseload
    rows = {row["from"]: row for row in class_rows(country) if row["by"] == "cases_per_fte"}
    assert set(rows) == {0.0, 45.0}
    assert rows[45.0]["p_paid"] == 1.0 and rows[0.0]["p_paid"] == 0.0
    assert rows[0.0]["net_saving_per_child_year"] == pytest.approx(-100.0)
    said = " ".join(sentences(Result(country), "en"))
    assert "under 25 cases per caseworker the model has paid for itself in 0 of 100" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chosen_spread_is_said(language: Language) -> None:
    country = made_up(luck(100.0) + 300.0)
    chosen = Result(replace(country, plan=replace(country.plan, caseload_sd=0.0)))
    told = {"da": "er valgt til 0,00", "en": "was chosen as 0.00"}[language]
    assert told in " ".join(sentences(chosen, language))
    assert told not in " ".join(sentences(Result(country), language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_few_histories_claim_nothing(language: Language) -> None:
    """Neither the picture nor the words say that municipalities are alike: it cannot be seen yet."""
    few = made_up(luck(100.0)[:, : N - 1])
    title = ranking(Result(few), language).get_suptitle()
    claimed = {"da": "Alle kommuner er én gruppe", "en": "All municipalities are one group"}[language]
    assert (
        claimed not in title and claimed in ranking(Result(made_up(luck(1.0))), language).get_suptitle()
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_country_takes_is_said(language: Language) -> None:
    """A country of one average municipality per 12,000 children: 11 posts more for each."""
    country = made_up(luck(100.0))
    posts = f"{11 * country.children.sum() / 12_000:,.0f}"
    said = " ".join(sentences(Result(country), language))
    assert (posts if language == "en" else posts.replace(",", ".")) in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_policy_neither_takes_nor_changes_is_not_said(language: Language) -> None:
    """One that costs nothing, moves nobody and pays alike at every caseload."""
    country = made_up(np.full((98, N), -1.0))
    before = sentences(Result(country), language)
    for name in ("extra_fte", "policy_cost", "residential_months_saved", "care_months_saved"):
        country.kept[:, :, KEPT.index(name)] = 0.0
    after = sentences(Result(country), language)
    assert len(before) - len(after) == 2
    lever = {"da": "afgør mest", "en": "decides most"}[language]
    assert lever not in " ".join(before)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_share_of_the_saving_above_the_whole_is_said_in_words(language: Language) -> None:
    """Half of the municipalities save 300 DKK per child and year, the others cost 100."""
    country = made_up(np.where(np.arange(98)[:, None] < 49, 300.0, -100.0) + np.zeros((98, N)))
    caseload = np.where(np.arange(98) < 49, 50.0, 20.0)[:, None]
    country.kept[:, :, KEPT.index("fte")] = country.of("cases") / caseload
    said = " ".join(sentences(Result(country), language))
    assert {"da": "Hele besparelsen", "en": "All of the saving"}[language] in said


def test_names_are_sorted_as_danish_sorts_them() -> None:
    names = ["Aarhus", "Ærø", "Vejle", "Ølstykke", "Albertslund", "Århus"]
    assert sorted(names, key=danish_order) == [
        "Albertslund",
        "Vejle",
        "Ærø",
        "Ølstykke",
        "Aarhus",
        "Århus",
    ]


def test_places_of_all_is_the_order_of_the_file() -> None:
    assert places_of(None) == tuple(range(98))
