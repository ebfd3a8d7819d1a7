"""Pictures: what they show, that they say it, and that nothing is cut or covered."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from municipalities import LONG, SHORT
from support import MINIMAL, district, scenario

from experiments import plots
from experiments.business_case import compare
from experiments.results import Study
from simulation.scenario import Scenario

MORE: dict[str, Any] = {"label": "Flere rådgivere", "capacity": {"extra_fte": [1.0]}}
FIND: dict[str, Any] = {"supply": {"network_search": 0.9}}


def study_of(town: Scenario, replicates: int = 50) -> Study:
    return compare(town, replicates=replicates)


def short_staircase() -> Scenario:
    """Return two stairs: help at home, and an institution."""
    entries = {"entry_share": {"residential_care": [1.0] * 4}}
    start = {"preventive": 40, "residential_care": 3}
    return Scenario.model_validate(
        {
            **MINIMAL,
            "staircase": SHORT,
            "children": entries,
            "districts": district(places={}, start=start),
            "policies": {"more": MORE},
        }
    )


def long_staircase() -> Scenario:
    """Return seven stairs of a large town with a long name."""
    helped = [x["key"] for x in LONG if x["kind"] != "hidden"]
    care = [x["key"] for x in LONG if x["kind"] == "care"]
    start = {
        "advice": 1200,
        "family_help": 400,
        "kin": 60,
        "foster": 1100,
        "school": 40,
        "institution": 160,
    }
    places = {"foster": 1200, "school": 60}
    return Scenario.model_validate(
        {
            **MINIMAL,
            "title": "Københavns Kommune, Socialforvaltningens distrikt Nord",
            "months": 13,
            "staircase": LONG,
            "districts": district(inflow=1200.0, caseworkers=[1.0] * 30, places=places, start=start),
            "children": {
                "readiness_rate": dict.fromkeys(helped, 0.5),
                "crisis_rate": dict.fromkeys(helped, 0.1),
                "planned_up": dict.fromkeys(helped[:-1], 0.01),
                "home_share": dict.fromkeys(care, 0.3),
                "entry_share": {"school": [0, 0, 0.1, 0.1], "institution": [0.1, 0.2, 0.3, 0.4]},
            },
            "work": {"weight": dict.fromkeys(helped, 1.0)},
            "money": {"unit_price": dict.fromkeys(helped, 3e5), "price_spread": {}},
            "policies": {"more": MORE},
        }
    )


def without_care() -> Scenario:
    """Return one stair: advice at home."""
    rates = {"readiness_rate": {"advice": 1.0}, "crisis_rate": {"advice": 0.1}, "planned_up": {}}
    return Scenario.model_validate(
        {
            **MINIMAL,
            "staircase": [{"key": "advice", "label": "Rådgivning", "kind": "home"}],
            "children": {**rates, "home_share": {}, "entry_share": {}},
            "work": {"weight": {"advice": 1.0}},
            "money": {"unit_price": {"advice": 3e4}, "price_spread": {}},
            "districts": district(places={}, start={"advice": 20}),
            "policies": {"more": MORE},
        }
    )


STUDIES = {
    "one policy": lambda: study_of(scenario(months=24, policies={"more": MORE})),
    "nine policies": lambda: compare("fano", replicates=50),
    "one year": lambda: study_of(scenario(months=12, policies={"more": MORE, "find": FIND})),
    "seven months": lambda: study_of(scenario(months=7, policies={"more": MORE})),
    "thirty years": lambda: study_of(scenario(months=360, policies={"more": MORE}), 20),
    "one history": lambda: study_of(scenario(months=24, policies={"more": MORE}), 1),
    "a short staircase": lambda: study_of(short_staircase()),
    "a long staircase": lambda: study_of(long_staircase(), 5),
    "no care": lambda: study_of(without_care()),
}


@pytest.fixture(scope="module", params=STUDIES)
def study(request: pytest.FixtureRequest) -> Study:
    return STUDIES[request.param]()


@pytest.fixture(scope="module")
def town() -> Study:
    """Return a study of 31 months, the last year of 7."""
    return study_of(scenario(months=31, title="Lilleby", policies={"more": MORE, "find": FIND}))


def texts(ax: Axes) -> list[Text]:
    """Return every text on an axes that can be seen."""
    return [t for t in ax.findobj(Text) if t.get_text().strip() and t.get_visible()]


def words(ax: Axes) -> str:
    return "\n".join(t.get_text() for t in texts(ax))


def drawn(figure: Figure) -> Any:
    FigureCanvasAgg(figure).draw()
    return figure.canvas.get_renderer()  # type: ignore[attr-defined]


# --- what is returned ----------------------------------------------------------------------------


@pytest.mark.parametrize("plot", [plots.plot_saving, plots.plot_policies, plots.plot_staircase])
def test_a_plot_makes_its_own_axes_or_draws_into_those_it_is_given(plot: Any, town: Study) -> None:
    own = plot(town)
    assert isinstance(own, Axes)
    ax = Figure().add_subplot()
    assert plot(town, ax=ax) is ax
    assert words(ax) == words(own)


def test_figures_hold_their_plots(town: Study) -> None:
    comparison, staircase = plots.comparison(town), plots.staircase(town)
    assert isinstance(comparison, Figure) and isinstance(staircase, Figure)
    assert [len(comparison.axes), len(staircase.axes)] == [2, 1]


def test_plots_leave_no_figure_open(town: Study) -> None:
    from matplotlib import pyplot

    plots.comparison(town)
    plots.plot_saving(town)
    assert pyplot.get_fignums() == []


# --- what they say -------------------------------------------------------------------------------


def test_the_saving_has_its_unit_prices_and_bands(town: Study) -> None:
    ax = plots.plot_saving(town, "find")
    assert ax.get_ylabel() == "m DKK, 2019 prices"
    assert "end of year" in ax.get_xlabel()
    assert "how many of 100 histories have broken even" in ax.get_xlabel()
    assert ax.get_title(loc="left") == "Cumulated net saving: find"
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [
        "90 of 100 histories",
        "50 of 100 histories",
        "mean",
    ]


def test_the_saving_is_that_of_the_study(town: Study) -> None:
    ax = plots.plot_saving(town, "more")
    total = town.cumulated_saving("more") / 1e6
    assert ax.lines[0].get_ydata() == pytest.approx([0.0, *total.mean(axis=0)])
    band = ax.collections[0].get_paths()[0].vertices
    assert band[:, 1].min() == pytest.approx(min(0.0, np.quantile(total, 0.05, axis=0).min()))
    assert band[:, 1].max() == pytest.approx(max(0.0, np.quantile(total, 0.95, axis=0).max()))
    shown = [t.get_text() for t in ax.texts]
    assert shown == [f"{100 * p:.0f}" for p in town.p_broken_even("more")]


def test_a_short_last_year_is_marked(town: Study) -> None:
    ticks = [t.get_text() for t in plots.plot_saving(town).get_xticklabels()]
    assert ticks == ["start", "1", "2", "3\n(7 months)"]


def test_the_policies_have_their_unit_and_band(town: Study) -> None:
    ax = plots.plot_policies(town)
    assert ax.get_xlabel() == (
        "net saving over 31 months, m DKK\nband: 90 of 100 histories (chance only)"
    )
    assert [t.get_text() for t in ax.get_yticklabels()] == ["find", "Flere rådgivere"]


def test_the_policies_are_those_of_the_study(town: Study) -> None:
    lines = plots.plot_policies(town).lines
    for band, mean, policy in zip(lines[:4:2], lines[1:4:2], ("find", "more"), strict=True):
        total = town.cumulated_saving(policy)[:, -1] / 1e6
        assert band.get_xdata() == pytest.approx(list(np.quantile(total, [0.05, 0.95])))
        assert mean.get_xdata() == pytest.approx([total.mean()])


def test_the_staircase_says_whose_how_many_and_when(town: Study) -> None:
    ax = plots.plot_staircase(town)
    said = words(ax)
    assert "Children on the intervention staircase, Lilleby" in said
    assert "means of 50 histories and all months of the last year" in said
    assert "more intrusive" in said
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [
        "today",
        "as today, year 3",
        "Flere rådgivere, year 3",
    ]


def test_the_staircase_shows_today_and_the_last_year(town: Study) -> None:
    ax = plots.plot_staircase(town, "find")
    start = town.plan.scenario.districts[0].start
    shown = [s.key for s in town.plan.scenario.staircase if s.kind in ("home", "care")]
    heights = [bar.get_height() for bar in ax.patches][: 3 * len(shown)]
    assert heights[::3] == [start[key] for key in shown]
    for offset, arm in ((1, "baseline"), (2, "find")):
        last_year = [town.outcome(f"n_{key}", arm)[:, -1].mean() for key in shown]
        assert heights[offset::3] == pytest.approx(last_year)


def test_stairs_have_both_their_names(town: Study) -> None:
    ticks = [t.get_text() for t in plots.plot_staircase(town).get_xticklabels()]
    assert " ".join(ticks[3].split()) == "Foster family (Plejefamilie)"


def test_minus_is_written_the_same_everywhere(town: Study) -> None:
    figure = plots.comparison(town)
    drawn(figure)
    assert not any(t.get_text().startswith("-") for ax in figure.axes for t in texts(ax))


# --- how it looks --------------------------------------------------------------------------------


def test_pictures_can_be_drawn_of_any_study(study: Study) -> None:
    for figure in (plots.comparison(study), plots.staircase(study)):
        png = plots.as_png(figure, dpi=50)
        assert png.startswith(b"\x89PNG")


def test_pictures_are_the_same_bytes_every_time(town: Study) -> None:
    for picture in (plots.comparison, plots.staircase):
        figure = picture(town)
        first = plots.as_png(figure)
        assert plots.as_png(figure) == first
        assert plots.as_png(picture(town)) == first


def test_pictures_do_not_name_the_program_that_drew_them(town: Study) -> None:
    png = plots.as_png(plots.staircase(town), dpi=50)
    assert b"tEXt" not in png
    assert matplotlib.__version__.encode() not in png


def test_nothing_is_cut(study: Study) -> None:
    for figure in (plots.comparison(study), plots.staircase(study)):
        renderer = drawn(figure)
        page = figure.bbox
        for ax in figure.axes:
            for text in [t for t in texts(ax) if within_limits(t, ax)]:
                box = text.get_window_extent(renderer)
                inside = box.x0 >= page.x0 - 1 and box.x1 <= page.x1 + 1
                assert inside and box.y0 >= page.y0 - 1 and box.y1 <= page.y1 + 1, text


def test_labels_do_not_cover_one_another(study: Study) -> None:
    for figure in (plots.comparison(study), plots.staircase(study)):
        renderer = drawn(figure)
        for ax in figure.axes:
            shown = [t for t in texts(ax) if within_limits(t, ax)]
            for one, other in combinations(shown, 2):
                boxes = [shrunk(t.get_window_extent(renderer)) for t in (one, other)]
                assert not boxes[0].overlaps(boxes[1]), (one, other)


def test_the_legend_covers_no_bar_and_no_number(study: Study) -> None:
    figure = plots.staircase(study)
    renderer = drawn(figure)
    (ax,) = figure.axes
    legend = shrunk(ax.get_legend().get_window_extent(renderer))
    bars = [bar for bar in ax.patches if bar.get_height() > 0]
    things = [*bars, *ax.texts]
    assert not any(legend.overlaps(thing.get_window_extent(renderer)) for thing in things)


def test_the_legend_covers_no_saving_and_no_number(study: Study) -> None:
    for policy in study.plan.policies:
        ax = plots.plot_saving(study, policy)
        renderer = drawn(ax.get_figure())
        legend = shrunk(ax.get_legend().get_window_extent(renderer))
        years, mean = ax.lines[0].get_data()
        close = np.linspace(0, len(years) - 1, 500)
        line = np.column_stack([close, np.interp(close, years, mean)])
        assert not legend.count_contains(ax.transData.transform(line)), policy
        assert not any(legend.overlaps(t.get_window_extent(renderer)) for t in ax.texts), policy


def within_limits(text: Text, ax: Axes) -> bool:
    """Return whether a text is no tick label that matplotlib keeps beyond the end of its axis."""
    for axis, limits, i in ((ax.xaxis, ax.get_xlim(), 0), (ax.yaxis, ax.get_ylim(), 1)):
        if any(text is label for label in axis.get_ticklabels()):
            return limits[0] <= text.get_position()[i] <= limits[1]
    return True


def shrunk(box: Bbox) -> Bbox:
    """Return a box without the pixel around it that fonts leave empty."""
    return Bbox.from_extents(box.x0 + 1, box.y0 + 1, box.x1 - 1, box.y1 - 1)
