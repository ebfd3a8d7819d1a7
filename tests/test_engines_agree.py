"""The two engines tell the same story, to the last bit, over random scenarios and policies."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest
from first_days import random_listed_scenario
from random_scenarios import random_arm
from support import History, history, run_kernel

from simulation import PlacementModel, Scenario, kernel
from simulation.layout import WORLD
from simulation.ledger import Event, column_names
from simulation.tables import Tables, build_tables

SEEDS = range(240)
MORE_SEEDS = range(1_000, 2_000)
LISTED_SEEDS = range(2_000, 2_060)

LEAST = 6
"""How many of the scenarios must show each hard situation."""


# --- the same story, twice ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_both_engines_give_the_same_history(seed: int) -> None:
    difference, _ = compared(seed)
    assert not difference, difference


@pytest.mark.slow
@pytest.mark.parametrize("seed", MORE_SEEDS)
def test_both_engines_give_the_same_history_over_many_more(seed: int) -> None:
    difference, _ = compared(seed)
    assert not difference, difference


@cache
def compared(seed: int) -> tuple[str, frozenset[str]]:
    """Return what differs between the engines ("" for nothing), and the situations that arose."""
    scenario, policy = random_arm(seed)
    difference, by_kernel = compared_arm(scenario, policy, seed)
    where = f"random_arm({seed}), policy {policy}: " if difference else ""
    return where + difference, situations(by_kernel, policy)


def compared_arm(scenario: Scenario, policy: str | None, seed: int) -> tuple[str, History]:
    """Return what differs between the engines in one arm, and the kernel's history."""
    luck = {"seed": study_seed(seed), "replicate": seed % 5}
    by_kernel = history(scenario, policy, **luck)
    return first_difference(by_agents(scenario, policy, **luck), by_kernel), by_kernel


@pytest.mark.parametrize("seed", LISTED_SEEDS)
def test_both_engines_give_the_same_history_from_the_children_of_a_case_list(seed: int) -> None:
    difference, _ = compared_from_a_list(seed)
    assert not difference, difference


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3_000, 3_400))
def test_both_engines_give_the_same_history_from_many_more_case_lists(seed: int) -> None:
    difference, _ = compared_from_a_list(seed)
    assert not difference, difference


@cache
def compared_from_a_list(seed: int) -> tuple[str, frozenset[str]]:
    """Return what differs between the engines, and what the list of children was like."""
    scenario = random_listed_scenario(seed)
    arms = [None, *scenario.policies]
    difference, h = compared_arm(scenario, policy := arms[seed % len(arms)], seed)
    where = f"random_listed_scenario({seed}), policy {policy}: " if difference else ""
    return where + difference, kinds_of_lists(h)


def kinds_of_lists(h: History) -> frozenset[str]:
    """Return what a history's list of children was like."""
    s, given = h.scenario, h.tables.given
    gone = h.of(Event.LEFT) & (h.events[:, 0] == 0)
    kinds = {
        "nobody listed": not len(given),
        "several districts": len(given) > 1 and len(s.districts) > 1,
        "assessments listed": any(s.staircase[i].kind == "assessment" for i in s.first_day.stair),
        "assessments drawn": any(stair.key in s.not_listed for stair in s.staircase
                                 if stair.kind == "assessment"),
        "follow-up known": (given["since"] >= 0).any(),
        "follow-up unknown": (given["since"] < 0).any(),
        "price known": (~np.isnan(given["price"])).any(),
        "price unknown": np.isnan(given["price"]).any(),
        "left in the first month": gone.any(),
        "under a policy": bool((h.tables.districts["reach"] > 0).any()),
    }  # fmt: skip
    return frozenset(name for name, yes in kinds.items() if yes)


@pytest.mark.parametrize(
    "kind",
    ["nobody listed", "several districts", "assessments listed", "assessments drawn", "follow-up known",
     "follow-up unknown", "price known", "price unknown", "left in the first month", "under a policy"],
)  # fmt: skip
def test_the_comparison_has_met_lists_of_every_kind(kind: str) -> None:
    met = [seed for seed in LISTED_SEEDS if kind in compared_from_a_list(seed)[1]]
    assert len(met) >= LEAST, f"{kind!r} in {len(met)} of {len(LISTED_SEEDS)} lists"


def study_seed(seed: int) -> int:
    """Return a study seed for a scenario, the largest possible one included."""
    return 2**32 - 1 - 99_991 * seed


def by_agents(scenario: Scenario, policy: str | None, *, seed: int, replicate: int) -> History:
    """Return one replicate of the agents engine, written down as the kernel writes it."""
    model = PlacementModel(scenario, policy, rng=seed, replicate=replicate)
    model.traced = []
    model.run_for(scenario.months)
    names = (*kernel.TRACE_INTS, *kernel.TRACE_FLOATS)
    rows = np.array(model.traced, float).reshape(-1, len(names))
    return History(
        scenario,
        build_tables(scenario, model.policy),
        model.datacollector.get_model_vars_dataframe()[model.columns].to_numpy()[1:],
        events_as_numbers(model),
        {name: rows[:, i] for i, name in enumerate(names)},
    )


def events_as_numbers(model: PlacementModel) -> np.ndarray:
    """Return the event log [event, (month, child, event, from, to)] with stairs as positions."""
    stairs = [*model.municipality.staircase.keys, "closed", "gone"]
    log = model.datacollector.get_table_dataframe("events")
    columns = [
        log["month"],
        log["child"],
        [Event[name] for name in log["event"]],
        [stairs.index(key) for key in log["from"]],
        [stairs.index(key) for key in log["to"]],
    ]
    return np.array(columns, np.int64).T


def first_difference(agents: History, compiled: History) -> str:
    """Return the first child-month, ledger entry and event that differ; "" where none does."""
    parts = (
        trace_difference(agents.trace, compiled.trace),
        ledger_difference(agents, compiled),
        event_difference(agents.events, compiled.events),
    )
    return "; ".join(part for part in parts if part)


def trace_difference(agents: dict[str, np.ndarray], compiled: dict[str, np.ndarray]) -> str:
    n = min(len(agents["month"]), len(compiled["month"]))
    unequal = np.array([agents[name][:n] != compiled[name][:n] for name in agents])
    if unequal.any():
        row = int(np.argmax(unequal.any(axis=0)))
        what = [
            f"{name} {float(agents[name][row])!r} (agents) {float(compiled[name][row])!r} (kernel)"
            for name, differs in zip(agents, unequal[:, row], strict=True)
            if differs
        ]
        month, child = agents["month"][row], agents["child"][row]
        return f"month {month:.0f}, child {child:.0f}: {', '.join(what)}"
    if len(agents["month"]) != len(compiled["month"]):
        return f"child-months: {len(agents['month'])} (agents), {len(compiled['month'])} (kernel)"
    return ""


def ledger_difference(agents: History, compiled: History) -> str:
    if np.array_equal(agents.book, compiled.book):
        return ""
    month, column = np.argwhere(agents.book != compiled.book)[0]
    return (
        f"month {month}, column {list(agents.columns)[column]}: "
        f"{float(agents.book[month, column])!r} (agents) "
        f"{float(compiled.book[month, column])!r} (kernel)"
    )


def event_difference(agents: np.ndarray, compiled: np.ndarray) -> str:
    for a, k in zip(by_child(agents), by_child(compiled), strict=False):
        if (a != k).any():
            return f"event (month, child, event, from, to): {a} (agents) {k} (kernel)"
    if len(agents) != len(compiled):
        return f"events: {len(agents)} (agents), {len(compiled)} (kernel)"
    return ""


def by_child(events: np.ndarray) -> np.ndarray:
    """Return events month by month and child by child, each child's in the order they happened.

    The order across children within a month is the engine's own and means nothing.
    """
    return events[np.lexsort((events[:, 1], events[:, 0]))]


# --- no blind spots -------------------------------------------------------------------------------


def situations(h: History, policy: str | None) -> frozenset[str]:
    """Return which of the hard situations arose in a history."""
    arose = in_the_ledger(h) | in_the_scenario(h) | in_the_policy(h, policy)
    return frozenset(name for name, yes in arose.items() if yes) | event_names(h)


def event_names(h: History) -> set[str]:
    return {f"event {Event(kind).name}" for kind in np.unique(h.events[:, 2])}


def in_the_ledger(h: History) -> dict[str, bool]:
    col = h.column
    spent = col("hours_reactive") + col("hours_assessment") + col("hours_follow_up")
    left = (col("n_fte_filled") < col("n_fte") - 1e-9) & (col("new_resignations").cumsum() > 0)
    refunded = col("dkk_refund") > 0
    calendar_year = np.cumsum(h.tables.months["year_begins"])
    n, places = h.stair_columns("n_"), h.tables.places.sum(axis=1)[:, : len(h.scenario.staircase)]
    return {
        "nobody at all": not len(h.trace["month"]) and not len(h.events),
        "overload": ((col("n_overdue") > 0) & (col("n_unallocated") == 0)).any(),
        "ample hours": col("new_follow_ups").sum() > 20 and col("n_overdue").sum() == 0,
        "hours overdrawn": (spent > col("hours_available") + 1e-6).any(),
        "vacancy": left.any(),
        "newcomer takes over": ((col("new_handovers") > 0) & (col("new_resignations") == 0)).any(),
        "cases without a caseworker": (col("n_unallocated") > 0).any(),
        "limited stair full": ((n == places) & (places > 0)).any(),
        "limited stair overfull": (n > places).any(),
        "placed higher for want": col("new_for_want").sum() > 0,
        "several wait for a place": col("new_waits").sum() > 4,
        "left care at the leaving age": col("new_aged_out").sum() > 0,
        "refund of the scenario's own": refunded.any() and h.scenario.money.refund_share is not None,
        "refund by law": refunded.any() and h.scenario.money.refund_share is None,
        "refund in two calendar years": len(set(calendar_year[refunded])) > 1,
        "refund by three steps": bool((h.tables.months["n_refunds"][refunded] == 3).any()),
        "assessment too late": (col("new_assessed") > col("new_assessed_in_time")).any(),
        "children in a course": (col("n_in_course") > 1).any(),
        "assessments wait for others": h.scenario.work.assessment_wait > 0
        and col("new_assessed").sum() > 0,
        "several move in one month": (col("new_moves_down") + col("new_moves_up") > 4).any(),
    }


def in_the_scenario(h: History) -> dict[str, bool]:
    s = h.scenario
    kinds = Counter(stair.kind for stair in s.staircase)
    care = [stair for stair in s.staircase if stair.in_care]
    rules = s.reviews.by_stair.values()
    resigned = h.column("new_resignations").sum() > 0
    return {
        "no hidden stair": not kinds["hidden"],
        "no assessment stair": not kinds["assessment"],
        "several home stairs": kinds["home"] > 1,
        "no care": not care,
        "no family-like care": bool(care) and not any(x.family_like for x in care),
        "all care family-like": bool(care) and all(x.family_like for x in care),
        "several limited stairs": sum(x.limited for x in care) > 1,
        "a youngest age": any(x.youngest for x in care),
        "one stair": len(s.staircase) == 1,
        "no caseworker": len(h.tables.posts) == 0,
        "a post without hours": bool((h.tables.posts["fte"] == 0).any()),
        "three districts": len(s.districts) == 3,
        "other age bands": s.age_bands != (0, 4, 12, 15),
        "other leaving age": s.leave_age != 18,
        "an early interval": any(rule.early and rule.early_months for rule in rules),
        "fractions of months": s.reviews.first % 1 > 0 or s.reviews.later % 1 > 0,
        "most intrusive first": bool(h.tables.months["intrusive_first"].any()),
        "post filled at once": resigned and s.work.vacancy_months == 0,
        "does not begin in January": s.start.month > 1,
        "posts that open later": any(d.later_posts for d in s.districts),
        "prices spread": any(s.money.price_spread.values()),
        "crises while overdue": s.children.overdue_effect > 0 and h.of(Event.CRISIS_ENTRY).any(),
    }


def in_the_policy(h: History, name: str | None) -> dict[str, bool]:
    if name is None:
        return {"baseline": True}
    s, p = h.scenario, h.scenario.policies[name]
    stops = p.stop is not None and s.month_of(p.stop) < s.months
    reached = h.tables.districts["reach"]
    taught = h.column("new_courses").sum() > 0
    courses = p.supply.programmes.values()
    return {
        "a course with effect": taught and any(x.crisis != 1 or x.readiness != 1 for x in courses),
        "the gravest first": taught and any(x.gravest_first for x in courses),
        "new posts": bool(p.capacity.extra_fte),
        "leakage": bool(p.capacity.extra_fte) and p.capacity.leakage > 0,
        "posts that end": bool(p.capacity.extra_fte) and stops,
        "policy starts later": p.start is not None and s.month_of(p.start) > 0,
        "policy stops": stops,
        "ramp": p.ramp_months > 1,
        "reach is partial": bool(((reached > 0) & (reached < 1)).any()),
        "some districts only": len(set(reached)) > 1,
        "no effect": p.world.effect == 0,
        "partial effect": 0 < p.world.effect < 1,
        "places closed": min(p.supply.extra_places.values(), default=0) < 0,
        "places opened": max(p.supply.extra_places.values(), default=0) > 0,
        "like another": p.like is not None,
        "follow-up rules by stair": bool(p.reviews.by_stair),
        "another order": bool(np.ptp(h.tables.months["intrusive_first"], axis=1).any()),
        "surveillance": (p.world.surveillance or 0) > 0 and h.of(Event.MOVE_UP).any(),
    }


SITUATIONS = (
    *(f"event {event.name}" for event in Event),
    "nobody at all", "overload", "ample hours", "hours overdrawn", "vacancy",
    "newcomer takes over", "cases without a caseworker", "limited stair full",
    "limited stair overfull", "placed higher for want", "several wait for a place",
    "left care at the leaving age", "refund of the scenario's own", "refund by law",
    "refund in two calendar years", "refund by three steps", "assessment too late",
    "several move in one month",
    "no hidden stair", "no assessment stair", "several home stairs", "no care",
    "no family-like care", "all care family-like", "several limited stairs", "a youngest age",
    "one stair", "no caseworker", "a post without hours", "three districts", "other age bands",
    "other leaving age", "an early interval", "fractions of months", "most intrusive first",
    "post filled at once", "does not begin in January", "prices spread", "crises while overdue",
    "baseline", "new posts", "leakage", "posts that end", "policy starts later", "policy stops",
    "ramp", "reach is partial", "some districts only", "no effect", "partial effect",
    "places closed", "places opened", "like another", "follow-up rules by stair", "another order",
    "surveillance", "children in a course", "a course with effect", "the gravest first",
    "assessments wait for others", "posts that open later",
)  # fmt: skip
"""What the comparison must have met, each in at least LEAST of the scenarios."""


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_comparison_has_met(situation: str) -> None:
    met = [seed for seed in SEEDS if situation in compared(seed)[1]]
    assert len(met) >= LEAST, f"{situation!r} arose in {len(met)} of {len(SEEDS)} scenarios: {met}"


# --- the kernel alone -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS[:60])
def test_writing_a_record_changes_nothing(seed: int) -> None:
    scenario, policy = random_arm(seed)
    unrecorded = run_kernel(scenario, policy, seed=study_seed(seed))[0]
    assert np.array_equal(unrecorded, history(scenario, policy, seed=study_seed(seed)).book)


@pytest.mark.parametrize("seed", SEEDS[:60])
def test_a_used_working_space_gives_the_same_bytes(seed: int) -> None:
    scenario, policy = random_arm(seed)
    tables = build_tables(scenario, scenario.policy(policy) if policy else None)
    space = kernel.work_space(tables, 1_000)
    first, _ = run(scenario, tables, space, replicate=3)
    run(scenario, tables, space, replicate=4)
    again, _ = run(scenario, tables, space, replicate=3)
    assert again.tobytes() == first.tobytes()


@pytest.mark.parametrize("seed", [2, 3, 14])
def test_too_little_room_is_reported_and_just_enough_changes_nothing(seed: int) -> None:
    scenario, _ = random_arm(seed)
    tables = build_tables(scenario)
    expected, overflow = run(scenario, tables, kernel.work_space(tables, 1_000))
    assert not overflow
    enough = least_room(scenario, tables)
    assert enough > 10
    for room in (1, enough // 2, enough - 1):
        assert run(scenario, tables, fenced_space(tables, room)[0])[1], f"room for {room}"
    assert np.array_equal(run(scenario, tables, fenced_space(tables, enough)[0])[0], expected)


@pytest.mark.parametrize("seed", [2, 3, 14])
def test_too_little_room_never_writes_outside_its_room(seed: int) -> None:
    scenario, _ = random_arm(seed)
    tables = build_tables(scenario)
    for room in range(1, 60, 3):
        space, fences = fenced_space(tables, room)
        run(scenario, tables, space)
        for name, fence in zip(space._fields, fences, strict=True):
            assert (fence == FENCE).all(), f"written beyond {name}, which has room for {room}"


def least_room(scenario: Scenario, tables: Tables) -> int:
    """Return the least number of children for which the kernel reports no overflow."""
    low, high = 0, 1_000
    while high - low > 1:
        middle = (low + high) // 2
        if run(scenario, tables, fenced_space(tables, middle)[0])[1]:
            low = middle
        else:
            high = middle
    return high


FENCE = 0xA5


def fenced_space(tables: Tables, room: int) -> tuple[kernel.Space, list[np.ndarray]]:
    """Return a working space, and the bytes that follow each of its arrays in memory."""
    pairs = [fenced(array) for array in kernel.work_space(tables, room)]
    return kernel.Space(*(inside for inside, _ in pairs)), [fence for _, fence in pairs]


def fenced(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a copy of an array, and the bytes that follow it in memory."""
    buffer = np.full(array.nbytes + 65_536, FENCE, np.uint8)
    inside = buffer[: array.nbytes].view(array.dtype).reshape(array.shape)
    inside[...] = array
    return inside, buffer[array.nbytes :]


def run(
    scenario: Scenario, tables: Tables, space: kernel.Space, replicate: int = 0
) -> tuple[np.ndarray, bool]:
    """Return the ledger of one replicate in a given working space, and whether it overflowed."""
    world = np.zeros(1, WORLD)
    world["seed"], world["replicate"] = 12, replicate
    book = np.zeros((scenario.months, len(column_names(scenario.staircase))))
    kernel.run_replicate(tables, space, world, None, book)
    return book, bool(world["overflow"][0])
