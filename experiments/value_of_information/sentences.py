"""The value of information in words and numbers for people."""

from __future__ import annotations

from experiments import labels
from experiments.results import SAVINGS, year_label
from experiments.runner import BASELINE
from experiments.value_of_information.joint import Quantity
from experiments.value_of_information.study import Information, Question
from experiments.value_of_information.worth import Worth
from experiments.words import policy_name


def amount(question: Question, value: float, digits: int = 2) -> str:
    """Return an amount without its unit: millions of kroner, or as it is; no minus before zero."""
    scaled = value / 1e6 if question.outcome in SAVINGS else value
    text = f"{scaled:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0.0 else text


def unit(question: Question) -> str:
    """Return the unit of `amount`."""
    return "m DKK" if question.outcome in SAVINGS else question.unit


def label(question: Question, decision: str) -> str:
    """Return a decision in words."""
    if decision == BASELINE:
        return "carrying on as today"
    return policy_name(question.scenario, decision, "en")


def number(question: Question, quantity: Quantity) -> str:
    """Return an unknown in words, such as: Hours for a follow-up."""
    return labels.label(quantity.stated[0], question.scenario)


def decision_sentence(found: Information) -> str:
    """Return what to do with what is known today, how good it is, how sure that is."""
    q, b = found.question, found.benefits
    p = 100 * found.p_best[b.best]
    if b.best == 0:
        head = (
            f"With what is known today {q.scenario.label} does best by carrying on as today: no policy "
            "is expected to be better"
        )
    else:
        e = b.expected[b.best]
        head = (
            f"With what is known today {q.scenario.label} does best by choosing {found.best} "
            f"({label(q, found.best)}): {amount(q, e, 1)} {unit(q)} better than carrying on as today "
            f"over {year_label(q.scenario.months)}, on average over the possible worlds (give or take "
            f"{amount(q, b.error(b.mean[:, b.best]), 1)})"
        )
    return f"{head}. In {p:.0f} of 100 possible worlds it is the best decision."


def perfect_sentence(found: Information) -> str:
    """Return what knowing everything but luck would be worth."""
    q, e = found.question, found.perfect
    return (
        f"To know everything but luck before deciding would be worth {amount(q, e.value)} {unit(q)} "
        f"(give or take {amount(q, e.error)}), {amount(q, e.value / q.years)} a year: no study of any "
        "kind can be worth more for this decision."
    )


def advice(found: Information) -> str:
    """Return which unknown to measure, at what price; or that none is worth measuring."""
    q = found.question
    worthy = [(quantity, w) for quantity, w in found.unknowns if w.is_something]
    if not worthy:
        return _none_worthy(found)
    quantity, w = worthy[0]
    said = (
        f'Measure "{number(q, quantity)}" ({quantity.name}) before deciding if that costs less than '
        f"{price(q, w)} That is the worth of measuring it exactly; a real study is worth less."
    )
    if len(worthy) > 1:
        said += f" Next: {_listed(q, worthy[1:4])}."
    return said


def _none_worthy(found: Information) -> str:
    """Return that no unknown is worth measuring, or that these worlds are too few to tell."""
    q, e, n = found.question, found.perfect, len(found.benefits.mean)
    if e.value <= e.error:
        return "No unknown here is worth measuring before deciding: the decision would not change."
    return (
        f"No single unknown can be told from worthless in {n} possible worlds, although knowing "
        f"everything would be worth {amount(q, e.value)} {unit(q)}: look at the groups, or try more "
        "worlds (--samples)."
    )


def price(q: Question, w: Worth) -> str:
    """Return a worth in kroner, rounded to what it is known to; in other units as it is."""
    if q.outcome not in SAVINGS:
        return f"{w.value:.1f} ± {w.error:.1f} {unit(q)}"
    return f"{_kroner(w.value)} ± {_kroner(w.error)} kr."


def _kroner(dkk: float) -> str:
    step = 10_000 if dkk >= 100_000 else 1_000
    return f"{round(dkk / step) * step:,.0f}"


def _listed(q: Question, worthy: list[tuple[Quantity, Worth]]) -> str:
    return ", ".join(f'"{number(q, quantity)}", {price(q, w).rstrip(".")}' for quantity, w in worthy)


def small_print(found: Information) -> str:
    """Return how this was found, what the errors cover, and what it does not say."""
    q, e = found.question, found.perfect
    floor = found.unknowns[0][1].floor if found.unknowns else 0.0
    failed = (
        f" {len(found.failed)} of the worlds could not be run and are left out." if found.failed else ""
    )
    return (
        f"{len(found.benefits.mean)} possible worlds, drawn from the calibrated parameters and, for what "
        f"these do not hold, from the evidence; {q.replicates} histories of each decision in each, the "
        f"same {q.scenario.people} with the same luck for all decisions of a world.{failed} "
        "± is the half-width of a 90 % interval: number of worlds, chance and regression together. "
        f"Nine of ten unknowns that tell nothing come out below {amount(q, floor)}. Worths do not add "
        "up: what two unknowns tell may overlap, or be of use only together; an unknown that goes with "
        "others in the calibration also tells about these. Known all: between "
        f"{amount(q, e.held_out)} (one half of the histories judging the choice of the other) and "
        f"{amount(q, e.naive)} {unit(q)} (chance taken for knowledge). It is for this municipality's "
        f"decision over {year_label(q.scenario.months)}, among these policies and in this model; other "
        "decisions need other knowledge. Ranges and grades of the unknowns are inputs: trappe parameters."
    )
