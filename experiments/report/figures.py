"""The note's figures: pictures of the studies as PNG, each with what it shows in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.pictures.tornado import plot_ends
from experiments.plots import as_png, axes_for, plot_cumulated, plot_hundred, plot_staircase
from experiments.plots_attribution import plot_attribution
from experiments.report import doubt
from experiments.report.asked import Findings
from experiments.report.note import Figure
from experiments.report.own_data import rounded
from experiments.report.saying import Saying
from experiments.report.sentences import lost_of_hundred, saving_or_cost, total
from experiments.words import number, of_hundred

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DPI = 170
"""Dots per inch: sharp on paper."""


def staircase(found: Findings, say: Saying, rows: list[tuple[str, float, float, float]]) -> Figure:
    """Return the staircase today and after; `rows`: stair, today, as today and with the policy."""
    told = "; ".join(
        say(
            "picture.alt_one", stair=stair, today=say.plain(today),
            before=number(before, say.language, 1), after=number(after, say.language, 1),
            year=say.plain(found.study.n_years),
        )
        for stair, today, before, after in rows
    )  # fmt: skip
    ax = plot_staircase(found.study, found.policy, axes_for(None, 7.6, 4.8), say.language)
    n = number(found.study.replicates, say.language)
    caption = say(
        "picture.caption_rounded" if rounded(found.scenario.case_list) else "picture.caption",
        year=say.plain(found.study.n_years),
        histories=n,
    )
    return _figure("staircase", ax, say("picture.alt", told=told), caption)


def hundred(found: Findings, say: Saying) -> Figure:
    """Return 100 histories as dots where their net saving lies: how many pay, and how far they spread."""
    ax = plot_hundred(found.study, found.policy, language=say.language)
    e, paid = total(found), float(found.study.p_broken_even(found.policy)[-1])
    ends = {"low": saving_or_cost(e.low, say), "high": saving_or_cost(e.high, say)}
    counts = {"paid": of_hundred(paid, say.language), "lost": lost_of_hundred(paid, say)}
    return _figure("hundred", ax, say("answer.alt", **counts, **ends), say("answer.caption"))


def causes(found: Findings, say: Saying) -> Figure:
    """Return the share of each cause in the net saving, and the whole, as it is and in bad worlds."""
    shares = found.causes.shares("net_saving")
    told = "; ".join(
        say("causes.alt_one", cause=say(f"cause.{c}"), amount=say.money(float(x.mean()), signed=True))
        for c, x in shares.items()
    )
    ax = plot_attribution(found.causes, language=say.language)
    return _figure("causes", ax, say("causes.alt", told=told), say("causes.caption"))


def money(found: Findings, say: Saying) -> Figure:
    """Return the net saving cumulated by month, with the break-even month."""
    e = total(found)
    ends = {"low": saving_or_cost(e.low, say), "high": saving_or_cost(e.high, say)}
    year = say.plain(found.study.n_years)
    alt = say("money.alt", year=year, mean=saving_or_cost(e.mean, say), **ends)
    ax = plot_cumulated(found.study, found.policy, language=say.language)
    return _figure("money", ax, alt, say("money.caption"))


def tornado(found: Findings, say: Saying) -> Figure:
    """Return the net saving with one number at a time at both ends of its evidence."""
    bars = doubt.ends(found, say)
    told = "; ".join(
        say("doubt.alt_one", number=bar.name, low=bar.low, high=bar.high,
            at_low=saving_or_cost(bar.at_low, say), at_high=saving_or_cost(bar.at_high, say))
        for bar in bars
    )  # fmt: skip
    ax = plot_ends(bars, doubt.base(found), total(found), found.scenario, found.policy,
                   language=say.language)  # fmt: skip
    return _figure("tornado", ax, say("doubt.alt", told=told), say("doubt.caption"))


def _figure(name: str, ax: Axes, alt: str, caption: str) -> Figure:
    drawn = ax.get_figure(root=True)
    assert drawn is not None
    return Figure(name, as_png(drawn, DPI), alt, caption)


def last_year(found: Findings, arm: str) -> np.ndarray:
    """Return [stair]: mean children on each stair over all histories and months of the last year."""
    last = slice(12 * (found.study.n_years - 1), None)
    return np.asarray(found.study.arms[arm].stairs[:, last].mean(axis=(0, 1)))
