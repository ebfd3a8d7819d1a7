"""An attribution in a table and in words: kroner and months, no percent of a whole that may be near 0."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from experiments.attribution import PAIR, Attribution
from experiments.business_case import millions
from experiments.combinations import NULL, PERVERSE
from experiments.results import Estimate, year_label
from experiments.tables import PLAIN_WIDTH, console_for_people
from simulation.policy import CAUSES, CONTACT

SAVING = "net_saving"
COUNTED = ("care_months_avoided", "residential_months_avoided")


def print_attribution(found: Attribution) -> None:
    """Print the table, the sentences, and what the intervals cover."""
    console = console_for_people()
    console.print(attribution_table(found, narrow=console.width < PLAIN_WIDTH))
    for said in sentences(found):
        console.print(escape(said), soft_wrap=False)
    console.print(f"[dim]{escape(small_print(found))}[/dim]")


def attribution_table(found: Attribution, narrow: bool = False) -> Table:
    """Return cause x outcome as a table, whole and worlds below; narrow: intervals below the means."""
    scenario = found.study.plan.scenario
    years = year_label(scenario.months)
    table = Table(title=f"{escape(scenario.label)}: {escape(found.policy)}, cause by cause",
                  title_justify="left", title_style="bold", box=None, pad_edge=False,
                  collapse_padding=narrow)  # fmt: skip
    table.add_column("Cause", no_wrap=True)
    for head in (
        f"Net saving,\n{years}, m DKK", "if alone", "if last",
        "Months in care\navoided", "Months in\nresidential care\navoided",
    ):  # fmt: skip
        table.add_column(head, justify="right", overflow="fold")
    glue = "\n" if narrow else " "
    measures = {gain: found.measures(gain) for gain in (SAVING, *COUNTED)}
    for cause in CAUSES:
        shares = {gain: found.study.estimate(measures[gain][cause, "share"]) for gain in measures}
        others = [found.study.estimate(measures[SAVING][cause, m]).mean for m in ("alone", "last")]
        table.add_row(cause, *_cells(shares, glue, [millions(dkk) for dkk in others]))
    table.add_row("whole", *_cells(_wholes(found), glue))
    for world in found.question.worlds:
        table.add_row(world, *_cells(_wholes(found, world), glue))
    return table


def _wholes(found: Attribution, world: str | None = None) -> dict[str, Estimate]:
    return {
        gain: found.study.estimate(found.whole(gain) if world is None else found.world(world, gain))
        for gain in (SAVING, *COUNTED)
    }


def _cells(gains: dict[str, Estimate], glue: str, between: Sequence[str] = ("", "")) -> list[str]:
    saving = gains[SAVING]
    money = f"{millions(saving.mean)}{glue}[dim]({millions(saving.low)} to {millions(saving.high)})[/dim]"
    counts = (
        f"{_whole(e.mean)}{glue}[dim]({_whole(e.low)} to {_whole(e.high)})[/dim]"
        for e in (gains[gain] for gain in COUNTED)
    )
    return [money, *between, *counts]


def _whole(number: float) -> str:
    return f"{number:.0f}".replace("-0", "0") if round(number) == 0 else f"{number:.0f}"


# --- in words -----------------------------------------------------------------------------------


def sentences(found: Attribution) -> list[str]:
    """Return what came out in plain words: the shares, how to read them, the whole in bad worlds."""
    return [_made_up_of(found), _how_to_read(found), _not_the_caseload(found), _bad_worlds(found)]


def _made_up_of(found: Attribution) -> str:
    scenario, whole = found.study.plan.scenario, found.study.estimate(found.whole(SAVING))
    unsure = abs(whole.mean) <= whole.error
    return (
        f"The whole of {found.policy} {_saves(whole.mean)} {scenario.label} {_amount(whole.mean)} over "
        f"{year_label(scenario.months)} (mean of {found.replicates} histories, give or take "
        f"{millions(whole.error)} m{': not to be told from nothing' if unsure else ''}), "
        f"made up of {_listed(_parts(found))}{_unchanged(found)}."
    )


def _parts(found: Attribution) -> list[str]:
    """Return the shares of the changed causes, from the largest saving to the largest cost."""
    changed = found.question.changed
    shares = {cause: float(found.shares(SAVING)[cause].mean()) for cause in changed}
    return [f"{c} {signed(shares[c])}" for c in sorted(changed, key=lambda c: -shares[c])]


def _unchanged(found: Attribution) -> str:
    same = [c for c in CAUSES if c not in found.question.changed]
    return f"; {_listed(same)} {'is' if len(same) == 1 else 'are'} as today" if same else ""


def _how_to_read(found: Attribution) -> str:
    measures, one = found.measures(SAVING), next(iter(found.question.changed), CAUSES[0])
    if len(found.question.changed) == 1:
        return f"It changes {one} only, so there is nothing to share out."
    first, last = (signed(float(measures[one, m].mean())) for m in ("alone", "last"))
    return (
        "Each of these is a Shapley share: what the cause adds, on average over the orders in which the "
        f"causes could be introduced. Introduced alone, {one} is worth {first}, introduced last {last}."
    )


def _not_the_caseload(found: Attribution) -> str:
    changed = found.question.changed
    if CONTACT[0] not in changed:
        return "The policy adds no caseworkers, so none of this is an effect of the caseload."
    if len(changed) == 1:
        return "Capacity stands for more caseworkers with what they cost, not for the caseload by itself."
    measures = found.measures(SAVING)
    share = signed(float(measures[CONTACT[0], "share"].mean()))
    said = (
        "The effect of the whole is not the effect of the caseload: only capacity adds caseworkers, and "
        f"its share, with what they cost, is {share}"
    )
    if CONTACT[1] not in changed:
        return said + "."
    beyond = found.study.estimate(measures[PAIR, "interaction"])
    return (
        f"{said}. Together with reviews, and nothing else, it is worth {signed(beyond.mean)} (give or "
        f"take {millions(beyond.error)} m) more than the two are worth alone."
    )


def _bad_worlds(found: Attribution) -> str:
    means = {w: float(found.world(w, SAVING).mean()) for w in found.question.worlds}
    said = (
        "In the null world, where it is paid for and changes nothing for any "
        f"{found.study.plan.scenario.person}, the whole "
        f"{_saves(means[NULL])} {_amount(means[NULL])}"
    )
    if PERVERSE in means:
        said += f"; in the perverse world it {_saves(means[PERVERSE])} {_amount(means[PERVERSE])}"
    return said + "."


def small_print(found: Attribution) -> str:
    """Return what the intervals cover, how exact the means are, and what the numbers rest on."""
    measures = found.measures(SAVING)
    worst = max(
        found.study.estimate(values).error for values in (found.whole(SAVING), *measures.values())
    )
    scenario = found.study.plan.scenario
    return (
        "Mean and, in brackets, what 90 of 100 histories lie between: "
        f"{_of_the_intervals(found)}. {found.replicates} histories per combination of causes, "
        f"the same {scenario.people} with the same luck in all, so that mean savings are exact to "
        f"{millions(worst)} m DKK or better; prices of {scenario.price_year}. "
        "Effect sizes are inputs with grades, not findings, and so is what "
        "each cause does: trappe parameters."
    )


def _of_the_intervals(found: Attribution) -> str:
    if found.study.plan.draws:
        used = found.study.plan.draws_in(found.replicates)
        return f"chance and {used} draws of the parameters"
    return "chance only, parameters at their values"


def _saves(dkk: float) -> str:
    return "costs" if millions(dkk).startswith("-") else "saves"


def _amount(dkk: float) -> str:
    return "nothing" if dkk == 0 else f"{millions(abs(dkk))} m DKK"


def signed(dkk: float) -> str:
    """Return kroner in millions with their sign; a saving is +."""
    text = millions(dkk)
    return f"{'' if text.startswith('-') or text == '0.0' else '+'}{text} m"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))) if parts else "nothing"
