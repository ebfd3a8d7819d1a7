"""Sentences of the page: what a slider's value means, what the answer says, what else a policy holds."""

from __future__ import annotations

import math

from experiments.page.answer import Answer
from experiments.page.state import Board, Slider
from experiments.page.walk import Frame, World
from experiments.runner import BLOCK
from experiments.words import (
    Language,
    kroner,
    number,
    of_hundred,
    people,
    percent,
    stair_name,
    text,
    texts,
)
from experiments.words.times import duration, month_after
from simulation.scenario import Scenario


def plain(x: float, language: Language) -> str:
    """Return a number with as many decimals as it has, at most three."""
    digits = next(n for n in range(4) if n == 3 or abs(x * 10**n - round(x * 10**n)) < 1e-6)
    return number(x, language, digits)


def slider_label(slider: Slider, board: Board, language: Language) -> str:
    """Return what a slider moves."""
    several = slider.name == "extra_fte" and len(board.scenario.districts) > 1
    return text(f"page_slider.{slider.name}{'_districts' if several else ''}", language)


def slider_value(slider: Slider, value: float, language: Language) -> str:
    """Return the value of a slider in words; the one that holds today is called so."""
    if slider.name == "months":
        return duration(int(value), language)
    if slider.name == "orientation" and value == slider.today:
        return text("page_slider.as_today", language)
    if slider.name == "network_search":
        said = text("page_slider.network_search_value", language, share=of_hundred(value, language))
    elif slider.name == "interval" and value == 1:
        said = text("page_slider.interval_one", language)
    else:
        said = text(f"page_slider.{slider.name}_value", language, number=plain(value, language))
    is_today = slider.today is not None and value == slider.today and slider.name != "extra_fte"
    return f"{said} ({text('page_slider.as_today', language)})" if is_today else said


def answer_lines(answer: Answer, scenario: Scenario, language: Language) -> list[str]:
    """Return what the answer says in a few sentences, the most important first."""
    mean, low, high = answer.total
    time = duration(answer.chosen.months, language)
    kind = "saving" if mean >= 0 else "cost"
    said = [text(f"page_answer.{kind}", language, time=time, amount=kroner(abs(mean), language))]
    if answer.is_certain:
        said.append(text("page_answer.certain", language))
    else:
        ends = {"low": saved(low, language), "high": saved(high, language)}
        said.append(text("page_answer.band", language, **ends))
    said.append(_paid(answer, language))
    said += _residential(answer.residential_change, scenario, language)
    return said


def saved(amount: float, language: Language) -> str:
    """Return an amount as a saving or a cost, so that no sign has to be read."""
    kind = "a_saving" if amount >= 0 else "a_cost"
    return text(f"page_answer.{kind}", language, amount=kroner(abs(amount), language))


def residential_words(scenario: Scenario, language: Language) -> str:
    """Return where those on the residential stairs are, in the words for such people."""
    return text(_of_people("page_residential", scenario), language)


def _of_people(section: str, scenario: Scenario) -> str:
    """Return the key of a text for such people as the scenario is about."""
    own = f"{section}.{scenario.people}"
    return own if own in texts("en") else f"{section}.other"


def about(given: str, language: Language) -> list[str]:
    """Return what must be known of a shipped scenario, if anything."""
    key = f"page_about.{given}"
    return [text(key, language)] if key in texts("en") else []


def _paid(answer: Answer, language: Language) -> str:
    if math.isnan(answer.month):
        return text("page_answer.paid_never", language)
    month, share = number(answer.month, language), of_hundred(answer.p_paid, language)
    return text("page_answer.paid", language, share=share, month=month)


def _residential(change: float, scenario: Scenario, language: Language) -> list[str]:
    if math.isnan(change):
        return []
    who = {"people": people(scenario, language), "where": residential_words(scenario, language)}
    if abs(change) < 0.05:
        return [text("page_answer.as_many", language, **who)]
    kind, shown = "fewer" if change < 0 else "more", number(abs(change), language, 1)
    return [text(f"page_answer.{kind}", language, number=shown, **who)]


def rest_of_policy(board: Board, language: Language) -> str:
    """Return what the policy holds that no slider moves."""
    parts = _rest(board, language) or [text("page_rest.none", language)]
    return text("page.rest", language, parts="; ".join(parts))


def _rest(board: Board, language: Language) -> list[str]:
    policy, said = board.policy, []

    def part(name: str, **values: str) -> None:
        said.append(text(f"page_rest.{name}", language, **values))

    if policy.capacity.team_leader:
        part("team_leader", number=plain(policy.capacity.team_leader, language))
    if policy.capacity.leakage:
        part("leakage", number=percent(policy.capacity.leakage, language))
    if policy.practice.residential_odds not in (None, 1.0):
        odds = plain(policy.practice.residential_odds or 1.0, language)
        part("residential_odds", number=odds, where=residential_words(board.scenario, language))
    if policy.supply.outreach not in (None, 1.0):
        part("outreach", number=plain(policy.supply.outreach or 1.0, language))
    stairs = board.scenario.staircase
    for key, places in policy.supply.extra_places.items():
        stair = stair_name(stairs[stairs.index(key)], language)
        part("places", number=number(places, language), stair=stair)
    if policy.world.surveillance:
        part("surveillance", number=percent(policy.world.surveillance, language, 1))
    if policy.reach < 1:
        part("reach", number=percent(policy.reach, language))
    if policy.ramp_months:
        part("ramp", months=duration(policy.ramp_months, language))
    return said


def covers(answer: Answer, draws: int, seconds: float, language: Language) -> str:
    """Return how many histories the answer rests on, how long they took, and what the bands cover.

    Nothing about the time where it was none: they were there already.
    """
    histories = number(answer.histories, language)
    if answer.histories > draws:
        said = text("page.ready_whole", language, histories=histories, draws=number(draws, language))
    else:
        whole = number(BLOCK * draws, language)
        said = text("page.ready_quick", language, histories=histories, all=whole)
    if seconds >= 0.05:
        digits = 1 if seconds >= 1 else 2
        said += ", " + text("page.seconds", language, number=number(seconds, language, digits))
    return f"{said}. {text('page_answer.covers', language)}"


def limits(scenario: Scenario, given: str, language: Language) -> list[str]:
    """Return what the page cannot say, a sentence or two each."""
    return [
        text("page_limits.child", language),
        text("page_limits.effect", language),
        text(
            "page_limits.better",
            language,
            people=people(scenario, language),
            where=residential_words(scenario, language),
        ),
        text("page_limits.more", language, given=given),
    ]


def walk_intro(scenario: Scenario, language: Language) -> str:
    """Return what there is to see of one history."""
    return text("page_walk.intro", language, people=people(scenario, language))


def month_line(frame: Frame, scenario: Scenario, language: Language) -> str:
    """Return which month a history has come to."""
    if frame.month == 0:
        return text("page_walk.start", language, name=month_after(scenario.start, 0, language))
    name = month_after(scenario.start, frame.month - 1, language)
    months = {"month": number(frame.month, language), "months": number(frame.months, language)}
    return text("page_walk.month", language, name=name, **months)


def world_line(world: World, scenario: Scenario, language: Language) -> str:
    """Return what has happened in one world of a history so far."""
    counted = number(world.in_care, language)
    in_care = text(_of_people("page_in_care", scenario), language, number=counted)
    numbers = {"in_care": in_care, "moves": number(world.moves_down, language)}
    return text("page_walk.figures", language, cost=kroner(world.cost, language), **numbers)


def saved_line(frame: Frame, language: Language) -> str:
    """Return what the policy has saved or cost in one history so far."""
    kind = "saved" if frame.saving >= 0 else "spent"
    return text(f"page_walk.{kind}", language, amount=kroner(abs(frame.saving), language))
