"""What a study of staffing says, in plain sentences, and what it does not say."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from experiments.business_case import millions
from experiments.results import year_label
from experiments.staffing.study import Staffing

MOST_NAMED = 6
"""Choices that a sentence names, at most."""


def sentences(found: Staffing) -> list[str]:
    """Return the answer, how sure it is, the goal, the frontier, the null world, and the race."""
    said = [_cheapest(found), _not_told_apart(found), _how_often(found), _goal(found), _frontier(found),
            _for_nothing(found), _edge(found), _race(found)]  # fmt: skip
    return [text for text in said if text]


def _cheapest(found: Staffing) -> str:
    i = found.race.leader
    over = f"over {year_label(found.scenario.months)}"
    cost = f"{millions(found.level('net_cost', i))} m DKK net {over}"
    if i == 0:
        return f"Cheapest: as today, {cost}."
    saving = found.estimate("net_saving", i)
    return (
        f"Cheapest: {found.choices[i].label}, {cost}, {_less(saving.mean)} than as today (give or take "
        f"{millions(saving.error)} m; 90 of 100 histories: {millions(saving.low)} to "
        f"{millions(saving.high)} m saved)."
    )


def _less(dkk: float) -> str:
    return f"{millions(abs(dkk))} m {'less' if dkk >= 0 else 'more'}"


def _not_told_apart(found: Staffing) -> str:
    r, zone = found.race, millions_finely(found.plan.rules.same_cost)
    others = [int(i) for i in np.flatnonzero(r.cheapest) if i != r.leader]
    clear = f"(an error of {100 * found.plan.rules.error:g} in 100, all comparisons together)"
    if not others:
        return f"Every other choice is clearly dearer on average {clear}."
    named = _named(found, others)
    if r.told_apart:
        return f"It costs at most {zone} m DKK more than any other choice {clear}; as good: {named}."
    return (
        f"It cannot be told apart from {named}: more histories would be needed "
        f"(--replicates). All others are clearly dearer on average {clear}."
    )


def millions_finely(dkk: float) -> str:
    """Return kroner in millions with two decimals."""
    return f"{dkk / 1e6:.2f}"


def _named(found: Staffing, choices: Iterable[int]) -> str:
    labels = [found.choices[i].label for i in choices]
    if len(labels) > MOST_NAMED:
        return "; ".join(labels[:MOST_NAMED]) + f"; and {len(labels) - MOST_NAMED} others"
    return "; ".join(labels)


def _how_often(found: Staffing) -> str:
    i = found.race.leader
    draws, histories = 100 * found.best_of_draws, 100 * found.best_of_histories
    said = (
        f"It is the cheapest in {draws[i]:.0f} of 100 draws of the parameters, luck taken out, and in "
        f"{histories[i]:.0f} of 100 single histories"
    )
    often = int(np.argmax(draws))
    if often != i:
        said += f"; most often it is {found.choices[often].label} ({draws[often]:.0f} of 100 draws)"
    return f"{said}. As today is the cheapest in {draws[0]:.0f} of 100 draws." if i else f"{said}."


def _goal(found: Staffing) -> str:
    if found.goal is None:
        return ""
    r, words = found.race, found.goal.words
    words = f"{words[0].lower()}{words[1:]}"
    left = np.flatnonzero(r.cheapest_to_goal)
    if not len(left):
        return f"No choice meets the goal ({words}) on average."
    if r.goal_leader is None:
        return (
            f"The goal ({words}, on average): no choice clearly meets it. It cannot be ruled out for "
            f"{_named(found, left)}{_nearest(found, left)}."
        )
    i = r.goal_leader
    said = (
        f"Cheapest that clearly meets the goal ({words}, on average): {found.choices[i].label}, at "
        f"{millions(found.level('net_cost', i))} m DKK; single histories meet it in "
        f"{found.meets_of_100(i):.0f} of 100"
    )
    others = [int(j) for j in left if j != i]
    return f"{said}. Not to be ruled out: {_named(found, others)}." if others else f"{said}."


def _nearest(found: Staffing, left: Iterable[int]) -> str:
    """Return which of the choices comes nearest to the goal, or goes furthest beyond it."""
    if found.goal is None:
        return ""
    means = {int(i): found.estimate(found.goal.outcome, int(i)) for i in left}
    i = max(means, key=lambda j: float(found.goal.margin(np.array(means[j].mean))))  # type: ignore[union-attr]
    e = means[i]
    return f"; nearest: {found.choices[i].label}, {e.mean:.3g} (give or take {round(e.error, 9):.2g})"


def _frontier(found: Staffing) -> str:
    r = found.race
    on, unclear = np.flatnonzero(r.on_frontier), np.flatnonzero(~r.dominated & ~r.on_frontier)
    where = f"both cheaper and with fewer {found.scenario.person}-months in residential care"
    said = [f"No choice is {where} than {_named(found, on)}."] if len(on) else []
    if len(unclear):
        said.append(
            f"Whether one is {where} is open, or too close to matter, for {_named(found, unclear)}."
        )
    return " ".join([*said, f"{int(r.dominated.sum())} of {len(r.draws)} choices are clearly beaten."])


def _for_nothing(found: Staffing) -> str:
    i = found.race.leader
    if i == 0:
        return ""
    cost = float(found.for_nothing[i])
    more = "no more" if abs(cost) < 1.0 else _less(-cost)
    person = found.scenario.person
    return f"Where nothing works, it costs {more} than as today, and no {person} is better off."


def _edge(found: Staffing) -> str:
    i = found.race.leader
    tried = found.choices
    edges = []
    if i and tried[i].fte == max(c.fte for c in tried):
        edges.append("the most posts (--fte tries others)")
    if i and tried[i].interval == min(c.interval for c in tried):
        edges.append("the shortest interval")
    if not edges:
        return ""
    held = found.level("achieved_interval", i)
    return (
        f"It has {' and '.join(edges)} of those that were tried. A rule is not what is held: under it "
        f"follow-ups are held every {held:.1f} months on average."
    )


def _race(found: Staffing) -> str:
    spent, blind = found.race.spent * found.block, found.race.blind * found.block
    most = int(found.race.draws.max()) * found.block
    return (
        f"The race took {spent} histories, from {int(found.race.draws.min()) * found.block} to {most} "
        f"per choice; {most} for every choice would be {blind}, {blind / spent:.1f} times as many."
    )


def small_print(found: Staffing) -> str:
    """Return what the intervals cover, and what the numbers rest on."""
    s, along = found.scenario, found.plan.question.along
    levers = (
        f"with practice, supply and team leader of {along}" if along else
        "caseworkers and review rule only: practice and supply as today"
    )  # fmt: skip
    return (
        f"Choices are {levers}. In brackets what 90 of 100 histories lie between: chance and draws of "
        f"the parameters. The same {s.people} with the same luck in all choices; {s.price_year} prices. "
        "Effect sizes are inputs with grades, not findings: trappe parameters."
    )
