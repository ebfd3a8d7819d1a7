"""Pictures: what they show, that they say it, and that nothing is cut or covered."""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
import pytest
from drawings import FIND, MORE, STUDIES, covered, cut_off, drawn, shrunk, study_of, texts, words
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from support import scenario

from experiments import plots
from experiments.results import Study


@pytest.fixture(scope="module", params=STUDIES)
def study(request: pytest.FixtureRequest) -> Study:
    return STUDIES[request.param]()


@pytest.fixture(scope="module")
def town() -> Study:
    """Return a study of 31 months, the last year of 7."""
    return study_of(scenario(months=31, title="Lilleby", policies={"more": MORE, "find": FIND}))


# --- what is returned ----------------------------------------------------------------------------


@pytest.mark.parametrize("plot", [plots.plot_saving, plots.plot_policies, plots.plot_staircase])
def test_a_plot_makes_its_own_axes_or_draws_into_those_it_is_given(plot: Any, town: Study) -> None:
    own = plot(town)
    assert isinstance(own, Axes)
    ax = Figure().add_subplot()
    assert plot(town, ax=ax) is ax
    assert words(ax).split() == words(own).split()  # names may break their lines elsewhere


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
        "90 of 100 histories (chance only)",
        "50 of 100 histories (chance only)",
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
    assert ax.get_xlabel().splitlines() == [
        "net saving over 31 months, m DKK, 2019 prices",
        "dot and number: mean",
        "band: 90 of 100 histories (chance only)",
    ]
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
        assert cut_off(figure) == []


def test_labels_do_not_cover_one_another(study: Study) -> None:
    for figure in (plots.comparison(study), plots.staircase(study)):
        assert covered(figure) == []


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
