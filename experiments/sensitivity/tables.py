"""A sensitivity study in tables and plain words."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from experiments.labels import digits, in_short, percent, scale, signed, timed, unit
from experiments.runner import BASELINE
from experiments.sensitivity.indices import Index, Morris, Sobol, Tornado
from experiments.sensitivity.points import HIGH, LOW
from experiments.sensitivity.ranking import warning
from experiments.sensitivity.rows import grades
from experiments.sensitivity.study import Sensitivity
from experiments.tables import console_for_people
from experiments.unknowns import Unknown

SHOWN = 12
"""Factors in a table; all are in the files."""

HEADS = {
    "tornado": ("Number", "Low", "High", "Outcome\nat low", "Outcome\nat high", "Low to high\n(± error)"),
    "morris": (
        "Number",
        "Mean size of effect\nmu* (± error)",
        "Mean effect\nmu (± error)",
        "Spread\nsigma",
    ),
    "sobol": ("Number", "Alone\n(± error)", "Alone and with\nothers (± error)"),
}


def print_sensitivity(found: Sensitivity) -> None:
    """Print a table for each outcome, what it says, and what it does not."""
    console = console_for_people()
    for outcome in found.asked.outcomes:
        console.print(table(found, outcome))
        for said in sentences(found, outcome):
            console.print(escape(said), soft_wrap=False)
        console.print()
    for note in found.notes:
        console.print(escape(note), soft_wrap=False)
    console.print(f"[dim]{escape(small_print(found))}[/dim]")


def table(found: Sensitivity, outcome: str) -> Table:
    """Return the first factors of one outcome as a table; *: told from the next."""
    asked, ranked = found.asked, found.ranking(outcome)
    heads = list(HEADS[asked.method])
    if asked.group is not None:
        heads[0] = f"Numbers by {asked.group}"
    head = f"{asked.scenario.label}, {asked.policy_label}: {heading(found, outcome)}"
    built = Table(title=escape(head), title_justify="left", title_style="bold", box=None, pad_edge=False)
    built.add_column("")
    built.add_column(heads[0], no_wrap=True)
    built.add_column("Grade")
    for head in heads[1:]:
        built.add_column(head, justify="right", overflow="fold")
    told = {pair.first: pair.is_told for pair in ranked.pairs}
    for rank, i in enumerate(found.first(outcome, SHOWN), 1):
        mark = "*" if told.get(i) else ""
        built.add_row(
            f"{rank}{mark}", escape(asked.labels[i]), grades(asked, i), *_cells(found, outcome, i)
        )
    return built


def heading(found: Sensitivity, outcome: str) -> str:
    """Return what a table is about: outcome, time and unit."""
    s = found.asked.scenario
    what = timed(outcome, s.months)
    what = what[:1].lower() + what[1:]
    if isinstance(found.indices[outcome], Sobol):
        return f"shares in the variance of {what}"
    return f"what moves {what} ({unit(outcome, s)})"


def _cells(found: Sensitivity, outcome: str, i: int) -> list[str]:
    one, by = found.indices[outcome], scale(outcome)
    if isinstance(one, Sobol):
        return [_give_or_take(index, i, 1.0, 2) for index in (one.first, one.total)]
    decimals = digits(largest(found, outcome))
    if isinstance(one, Morris):
        sigma = one.sigma[i] / by
        return [
            _give_or_take(one.star, i, by, decimals),
            _give_or_take(one.mean, i, by, decimals),
            "" if sigma != sigma else signed(float(sigma), decimals),
        ]
    number, base = found.asked.numbers[i], float(one.base.values[0])
    ends = [(base + float(index.values[i])) / by for index in (one.low, one.high)]
    return [
        *_ends(number), *(signed(x, decimals) for x in ends),
        _give_or_take(one.swing, i, by, decimals),
    ]  # fmt: skip


def _ends(number: Unknown) -> tuple[str, str]:
    """Return the values between which a number is moved."""
    return in_short(number.at(LOW), number.record.unit), in_short(number.at(HIGH), number.record.unit)


def largest(found: Sensitivity, outcome: str) -> float:
    """Return the largest size that a table or figure of one outcome shows, in its unit for people."""
    one = found.indices[outcome]
    sizes = [abs(float(x)) for x in found.main(outcome).values if x == x]
    if isinstance(one, Tornado):
        sizes.append(abs(float(one.base.values[0])))
    return max(sizes, default=0.0) / scale(outcome)


def _give_or_take(index: Index, i: int, by: float, decimals: int) -> str:
    value = float(index.values[i]) / by
    if value != value:
        return ""
    return f"{signed(value, decimals)} ± {signed(index.errors[i].both / by, decimals)}"


# --- in words -----------------------------------------------------------------------------------


def sentences(found: Sensitivity, outcome: str) -> list[str]:
    """Return what one outcome's indices say, and whether their order is settled."""
    one = found.indices[outcome]
    said = [_of_tornado(found, outcome, one)] if isinstance(one, Tornado) else []
    if isinstance(one, Morris):
        said = [_of_morris(found, outcome)]
    if isinstance(one, Sobol):
        said = _of_sobol(found, outcome, one)
    ranked = found.ranking(outcome)
    said.append(_none_of(found, outcome))
    alarm = warning(ranked, found.asked.labels, found.histories[outcome], found.samples)
    return [s for s in (*said, alarm) if s]


def _of_tornado(found: Sensitivity, outcome: str, one: Tornado) -> str:
    i = found.ranking(outcome).order[0]
    by, decimals = scale(outcome), digits(largest(found, outcome))
    base = float(one.base.values[0])
    low, high = (signed((base + float(x.values[i])) / by, decimals) for x in (one.low, one.high))
    at_low, at_high = _ends(found.asked.numbers[i])
    of = unit(outcome, found.asked.scenario)
    at_all = f"{signed(base / by, decimals)}{f' {of}' if of != 'share' else ''}"
    return (
        f"At the scenario's own numbers: {at_all}. The longest bar is "
        f"'{found.asked.labels[i]}': {low} at {at_low}, {high} at {at_high}."
    )


def _of_morris(found: Sensitivity, outcome: str) -> str:
    i = found.ranking(outcome).order[0]
    said = f"'{found.asked.labels[i]}' moves it most on average, wherever the other numbers stand."
    if found.asked.group is not None:
        return f"{said} The numbers of a group move together, each up or down at random."
    return f"{said} Where sigma is as large as mu*, what a number does depends on the others."


def _of_sobol(found: Sensitivity, outcome: str, one: Sobol) -> list[str]:
    if not one.variance > 0.0:
        return ["These numbers do not move it by more than the noise of so few histories."]
    by, s = scale(outcome), found.asked.scenario
    spread, luck = (max(v, 0.0) ** 0.5 / by for v in (one.variance, one.chance))
    decimals = digits(max(spread, luck))
    alone, e = one.first.summed
    size = f"{signed(spread, decimals)} {unit(outcome, s)}"
    return [
        f"Not knowing these numbers moves the mean by {size} (one standard deviation); chance moves a "
        f"single history by {signed(luck, decimals)}. Of the variance that one municipality faces, "
        f"{percent(one.share_of_chance)} is chance, which no evidence takes away.",
        f"Each by itself, they answer for {percent(alone)} (± {percent(e.both)}) of the variance that "
        "they make together; the rest is what they do with each other.",
    ]


def _none_of(found: Sensitivity, outcome: str) -> str:
    ranked = found.ranking(outcome)
    none = sum(not ranked.is_something(i) for i in ranked.order)
    if not none:
        return ""
    return f"{none} of {len(ranked.order)} cannot be told from doing nothing at this number of histories."


def small_print(found: Sensitivity) -> str:
    """Return how it was done, what errors cover, and what the ranking does not say."""
    asked = found.asked
    against = "" if asked.policy == BASELINE else ", each with the policy and without"
    how = {
        "tornado": "One number at a time, at the 5 % and 95 % points of its evidence",
        "morris": f"{found.samples} trajectories between the 5 % and 95 % points of the evidence",
        "sobol": f"{found.samples:,} base points, all numbers drawn from their evidence",
    }[asked.method]
    of = "histories" if asked.method == "tornado" else "samples and the histories"
    return (
        f"{how} ({found.rows:,} rows), {asked.replicates:,} histories in a row, the same luck in "
        f"all{against}. Errors: 90 % intervals of the {of}. *: told from the next. Numbers are taken as "
        "independent of each other; today's counts hold at each. This says what the result hangs on, not "
        "which value is right; grades: trappe parameters."
    )
