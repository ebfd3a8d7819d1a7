"""Pictures for reports, in both languages: what they show, that they say it, that nothing is cut."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from drawings import FIND, MORE, STUDIES, english_words, faults, study_of, texts, words
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from support import scenario

from experiments import plots
from experiments.attribution import attribute
from experiments.moves import moves
from experiments.pictures.flows import kinds
from experiments.pictures.look import spread_out, stair_looks
from experiments.plots_attribution import plot_attribution
from experiments.results import Study
from experiments.sensitivity.figures import panel
from experiments.sensitivity.question import question
from experiments.sensitivity.study import study as sensitivity
from experiments.words import LANGUAGES, Language, number
from simulation.costs import cumulated
from simulation.model import PlacementModel
from simulation.reading import find_scenario

CAUSES: dict[str, Any] = {**MORE, "reviews": {"later": 3}, "supply": {"network_search": 0.9}}


ODD = [name for name in STUDIES if name != "a long staircase"]


@dataclass(frozen=True)
class Picture:
    """A picture, what it is drawn of, the units on its axes, and whether it has a band."""

    plot: Callable[..., Axes]
    of: str
    units: dict[Language, tuple[str, ...]]
    band: bool = True


MONEY: dict[Language, tuple[str, ...]] = {
    "da": ("mio. kr., 2019-priser", "år"),
    "en": ("m DKK, 2019 prices", "year"),
}
PICTURES = {
    "saving": Picture(plots.plot_saving, "study", MONEY),
    "yearly": Picture(plots.plot_yearly, "study", MONEY),
    "cumulated": Picture(plots.plot_cumulated, "study", MONEY),
    "policies": Picture(plots.plot_policies, "study", {"da": ("mio. kr.",), "en": ("m DKK",)}),
    "hundred": Picture(
        plots.plot_hundred, "study", {"da": MONEY["da"][:1], "en": MONEY["en"][:1]}, band=False
    ),
    "break even": Picture(
        plots.plot_break_even,
        "study",
        {"da": ("forløb, af 100", "år"), "en": ("histories, of 100", "year")},
        band=False,
    ),
    "staircase": Picture(plots.plot_staircase, "study", {"da": (), "en": ()}, band=False),
    "in care": Picture(plots.plot_in_care, "study", {"da": ("børn", "år"), "en": ("children", "year")}),
    "follow-ups": Picture(
        plots.plot_follow_ups,
        "study",
        {"da": ("sager pr. rådgiver", "måneder"), "en": ("cases per full-time", "months")},
    ),
    "flows": Picture(plots.plot_flows, "moves", {"da": ("børn",), "en": ("children",)}, band=False),
    "path": Picture(
        plots.plot_path, "model", {"da": ("måned", "trin"), "en": ("month", "stair")}, band=False
    ),
    "attribution": Picture(
        plot_attribution, "attribution", {"da": MONEY["da"][:1], "en": MONEY["en"][:1]}
    ),
    "tornado": Picture(panel, "sensitivity", {"da": MONEY["da"][:1], "en": MONEY["en"][:1]}, band=False),
}


@pytest.fixture(scope="module")
def drawn_of() -> dict[str, Any]:
    """Return what each picture is drawn of: a small town over 31 months, and Fanø for the tornado."""
    town = scenario(months=31, title="Lilleby", policies={"more": CAUSES, "find": FIND})
    model = PlacementModel(town, "more", rng=3)
    model.run_for(31)
    parameters = ["money.salary", "work.case_hours", "money.unit_price"]
    asked = question(find_scenario("fano"), "tornado", parameters=parameters, replicates=4)
    tornado = sensitivity(asked)
    return {
        "study": study_of(town), "moves": moves(town, "more", histories=4), "model": model,
        "attribution": attribute(town, "more", replicates=20), "sensitivity": tornado,
    }  # fmt: skip


def draw(name: str, drawn_of: dict[str, Any], language: Language, ax: Axes | None = None) -> Axes:
    """Draw a picture; a warning on the way is an error."""
    picture = PICTURES[name]
    more = ("net_saving",) if name == "tornado" else ()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return picture.plot(drawn_of[picture.of], *more, ax=ax, language=language)


def figure_of(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    return figure


@dataclass(frozen=True)
class Drawn:
    """A picture as it was drawn once, for the checks that only look."""

    name: str
    language: Language
    ax: Axes
    png: bytes


@pytest.fixture(scope="module", params=[(name, language) for name in PICTURES for language in LANGUAGES],
                ids=lambda p: f"{p[0]}-{p[1]}")  # fmt: skip
def one(request: pytest.FixtureRequest, drawn_of: dict[str, Any]) -> Drawn:
    name, language = request.param
    ax = draw(name, drawn_of, language)
    return Drawn(name, language, ax, plots.as_png(figure_of(ax), dpi=100))


# --- every picture in every language -------------------------------------------------------------


def test_a_picture_draws_into_the_axes_it_is_given(one: Drawn, drawn_of: dict[str, Any]) -> None:
    ax = Figure(figsize=(6.3, 5.0), layout="constrained").add_subplot()
    assert draw(one.name, drawn_of, one.language, ax) is ax


def test_a_picture_is_the_same_bytes_every_time(one: Drawn, drawn_of: dict[str, Any]) -> None:
    again = plots.as_png(figure_of(draw(one.name, drawn_of, one.language)), dpi=100)
    assert one.png == again and again.startswith(b"\x89PNG")


def test_a_picture_has_its_units(one: Drawn) -> None:
    labels = f"{one.ax.get_xlabel()} {one.ax.get_ylabel()}"
    for unit in PICTURES[one.name].units[one.language]:
        assert unit in labels


def test_a_picture_says_what_its_band_is(one: Drawn) -> None:
    said = " ".join(words(one.ax).split())
    if PICTURES[one.name].band:
        assert {"da": "90 af 100 forløb", "en": "90 of 100 histories"}[one.language] in said
        assert {"da": "(kun tilfældighed)", "en": "(chance only)"}[one.language] in said


def test_a_danish_picture_has_no_english_words(one: Drawn) -> None:
    if one.language == "da":
        assert english_words(figure_of(one.ax)) == []
        assert len(texts(one.ax)) > 3


def test_nothing_is_cut_or_covered(one: Drawn) -> None:
    figure = figure_of(one.ax)
    assert figure.get_figwidth() <= 6.4
    assert faults(figure) == ([], [])


@pytest.mark.parametrize(
    "study_name", ["a long staircase", *(pytest.param(x, marks=pytest.mark.slow) for x in ODD)]
)
def test_odd_studies_can_be_drawn(study_name: str) -> None:
    """In Danish, whose texts are longer."""
    study = STUDIES[study_name]()
    found = {}
    for name, picture in PICTURES.items():
        if picture.of == "study" and (name, study_name) != ("in care", "no care"):
            figure = figure_of(picture.plot(study, language="da"))
            plots.as_png(figure, dpi=100)
            found[name] = faults(figure)
    assert {name: bad for name, bad in found.items() if any(bad)} == {}


def test_nobody_in_care_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="has no stairs of care"):
        plots.plot_in_care(STUDIES["no care"]())


# --- what they show ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def town(drawn_of: dict[str, Any]) -> Study:
    study: Study = drawn_of["study"]
    return study


def test_the_years_savings_add_up_to_the_cumulated_one(town: Study) -> None:
    bars = plots.plot_yearly(town, "find").patches
    total = town.cumulated_saving("find")[:, -1].mean() / 1e6
    assert sum(bar.get_height() for bar in bars) == pytest.approx(total)
    line = plots.plot_cumulated(town, "find").lines[0]
    assert line.get_ydata() == pytest.approx([0.0, *cumulated(town.saving("find")).mean(axis=0) / 1e6])
    assert np.asarray(line.get_xdata())[-1] == pytest.approx(31 / 12)


def test_the_diamond_is_the_median_month_from_which_it_has_paid(town: Study) -> None:
    months = town.break_even_month("find")
    known = months[~np.isnan(months)]
    assert len(known) > 0
    ax = plots.plot_cumulated(town, "find")
    (diamond,) = [line for line in ax.lines if line.get_marker() == "D"]
    assert np.asarray(diamond.get_xdata())[0] == pytest.approx(np.median(known) / 12)
    assert f"{100 * len(known) / len(months):.0f} of 100" in str(diamond.get_label())


def test_a_policy_that_never_pays_says_so() -> None:
    costly = {"capacity": {"extra_fte": [1.0] * 3}, "world": {"effect": 0}}
    ax = plots.plot_cumulated(study_of(scenario(months=12, policies={"costly": costly})), language="da")
    assert "ikke varigt tjent ind i noget forløb" in words(ax)


def test_of_100_so_many_save_as_the_share_of_histories(town: Study) -> None:
    for policy in ("more", "find"):
        share = (town.cumulated_saving(policy)[:, -1] >= 0).mean()
        saves, costs = plots.plot_hundred(town, policy).lines[:2]
        n = len(np.asarray(saves.get_xdata()))
        assert n + len(np.asarray(costs.get_xdata())) == 100
        assert n == pytest.approx(100 * share, abs=0.5)
        assert (np.asarray(saves.get_xdata()) > 0).all() and (np.asarray(costs.get_xdata()) < 0).all()


def test_100_histories_that_are_all_the_same_are_a_block() -> None:
    nothing = {"capacity": {"extra_fte": [1.0]}, "world": {"effect": 0}}
    study = study_of(scenario(months=12, policies={"nothing": nothing}), 20)
    saving = study.cumulated_saving("nothing")[:, -1].mean() / 1e6
    ax = plots.plot_hundred(study)
    x = np.asarray(ax.lines[1].get_xdata())
    assert len(x) == 100 and x.mean() == pytest.approx(saving) and (x < 0).all()


def test_break_even_is_that_of_the_study(town: Study) -> None:
    bars = plots.plot_break_even(town, "find").patches[:3]
    assert [bar.get_height() for bar in bars] == pytest.approx(list(100 * town.p_broken_even("find")))


def test_the_areas_are_those_in_care(town: Study) -> None:
    ax = plots.plot_in_care(town, "find")
    care = [i for i, stair in enumerate(town.plan.scenario.staircase) if stair.in_care]
    total = town.arms["find"].stairs[:, :, care].sum(axis=2)
    tops = [area.get_paths()[0].vertices[:, 1].max() for area in ax.collections]
    assert len(tops) == len(care) and max(tops) == pytest.approx(total.mean(axis=0).max())
    low, high, as_today = (np.asarray(line.get_ydata()) for line in ax.lines)
    assert (np.quantile(total, [0.05, 0.95], axis=0) == [low, high]).all()
    assert as_today == pytest.approx(
        town.arms["baseline"].stairs[:, :, care].sum(axis=2).mean(axis=0)
    )  # fmt: skip


def test_small_counts_of_a_case_list_are_not_shown_apart(
    town: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.pictures.in_care.stairs_left_out", lambda *_: {"own_room"})
    assert len(plots.plot_in_care(town).collections) == 1
    monkeypatch.setattr("experiments.moves.stairs_left_out", lambda *_: {"own_room"})
    with pytest.raises(ValueError, match="would show small counts of the case list"):
        moves(town.plan.scenario)


def test_caseloads_and_intervals_are_those_of_the_last_year(town: Study) -> None:
    ax = plots.plot_follow_ups(town, ["find"])
    marks = [line for line in ax.lines if line.get_markersize() == 9 and len(line.get_xdata())]  # type: ignore[arg-type]
    for mark, policy in zip(marks, ("baseline", "find"), strict=True):
        load, gap = (town.outcome(x, policy)[:, -1] for x in ("caseload", "achieved_interval"))
        assert mark.get_xdata() == pytest.approx([np.nanmean(load)])
        assert mark.get_ydata() == pytest.approx([np.nanmean(gap)])


# --- moves ---------------------------------------------------------------------------------------


def test_a_year_begins_where_the_last_one_ended() -> None:
    town = scenario(months=36)
    first, second = (moves(town, year=year, histories=3) for year in (1, 2))
    assert first.table[:, :-1].sum(axis=0) == pytest.approx(second.table[:-1].sum(axis=1))


def test_the_first_year_begins_with_the_children_of_the_first_day() -> None:
    town = scenario(months=12)
    found = moves(town, histories=3)
    start = town.districts[0].start
    began = dict(zip([s.key for s in found.stairs], found.table.sum(axis=1), strict=False))
    assert {key: began[key] for key in start if key in began} == pytest.approx(
        {key: n for key, n in start.items() if key in began}
    )


def test_a_year_ends_with_the_ledgers_count() -> None:
    """The ledger counts at the end of a month, the last of the year."""
    town = scenario(months=12)
    found = moves(town, histories=1, seed=5)
    model = PlacementModel(town, rng=5)
    model.run_for(12)
    last = model.datacollector.get_model_vars_dataframe().iloc[-1]
    assert found.table[:, :-1].sum(axis=0).tolist() == [last[f"n_{s.key}"] for s in found.stairs]


def test_the_flows_drawn_are_all_there_are(drawn_of: dict[str, Any]) -> None:
    found = drawn_of["moves"]
    ax = plots.plot_flows(found)
    assert sum(kinds(found).values()) == pytest.approx(found.table.sum())
    places = int((found.table.sum(axis=1) > 0).sum() + (found.table.sum(axis=0) > 0).sum())
    assert len(ax.patches) == int((found.table > 0).sum()) + places
    for said in (number(float(x), "en", 1) for x in kinds(found).values()):
        assert f"({said})" in words(ax)


@pytest.mark.parametrize(("asked", "match"), [({"year": 3}, "year = 3 must lie between 1 and 2"),
                                              ({"histories": 0}, "must be at least 1")])  # fmt: skip
def test_moves_that_cannot_be_counted(asked: dict[str, int], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        moves(scenario(months=31), **asked)  # type: ignore[arg-type]


# --- a child's path ------------------------------------------------------------------------------


def test_the_path_is_that_of_the_event_log(drawn_of: dict[str, Any]) -> None:
    model: PlacementModel = drawn_of["model"]
    spells = model.spells()
    child = int(spells["child"].value_counts().idxmax())
    ax = plots.plot_path(model, child)
    keys = model.municipality.staircase.keys
    stays = [line for line in ax.lines if line.get_linewidth() in (3.0, 7.0) and len(line.get_xdata())]  # type: ignore[arg-type]
    heights = [int(np.asarray(line.get_ydata())[0]) for line in stays]
    assert [h for h in heights if h >= 0] == [
        keys.index(key) for key in spells.loc[spells["child"] == child, "stair"]
    ]
    assert f"no. {child} in the model" in ax.get_xlabel()


def test_an_unknown_child_is_refused(drawn_of: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="nothing is known of child 999999999"):
        plots.plot_path(drawn_of["model"], 999_999_999)


# --- the look ------------------------------------------------------------------------------------


def test_labels_are_spread_out_no_more_than_they_must_be() -> None:
    at = np.array([5.0, 0.0, 0.1, 0.2])
    found = spread_out(at, 1.0)
    assert found[0] == 5.0
    assert np.sort(found[1:]) == pytest.approx([-0.9, 0.1, 1.1])
    assert (np.diff(found[[1, 2, 3]]) > 0).all()


@pytest.mark.parametrize("n", [1, 2, 4, 8])
def test_neighbouring_stairs_differ_in_grey_or_in_hatch(n: int) -> None:
    """Relative luminance of the fills, 0 to 1."""
    looks = stair_looks(n)
    shades = [float(np.dot(to_rgb(color), [0.2126, 0.7152, 0.0722])) for color, _, _ in looks]
    for (_, hatch, _), (_, other, _), a, b in zip(looks, looks[1:], shades, shades[1:], strict=False):
        assert hatch != other and a - b > 0.02
