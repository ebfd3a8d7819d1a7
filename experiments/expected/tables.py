"""What `trappe compare --expected` prints."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from experiments.business_case import millions
from experiments.expected.distance import Distance, recorded, when_recorded
from experiments.expected.study import SAVING, Expected
from experiments.results import year_label
from experiments.runner import BASELINE
from experiments.tables import console_for_people

HEADS = {
    "n_in_care": "In care", "n_residential": "Residential", "caseload": "Cases per FTE",
    "achieved_interval": "Months between follow-ups",
}  # fmt: skip


def print_expected(expected: Expected) -> None:
    """Print expected values, that they have no intervals, and how far they were from histories."""
    console = console_for_people()
    console.print(expected_table(expected))
    console.print(
        "[dim]Expected values in closed form, for a first look. They have no interval: what chance does "
        "to one municipality, and how likely a net cost is, histories say (without --expected). They are "
        "furthest off where caseworkers are far short of hours, or many wait for places.[/dim]"
    )
    console.print(f"[dim]{escape(recorded_sentence())}[/dim]")


def expected_table(expected: Expected) -> Table:
    """Return policy x figure."""
    scenario = expected.scenario
    years, last = year_label(scenario.months), f"year {-(-scenario.months // 12)}"
    title = f"{escape(scenario.label)}: expected values, policies against carrying on as today"
    table = Table(title=title,
                  title_justify="left", title_style="bold", box=None, pad_edge=False)  # fmt: skip
    table.add_column("Policy", no_wrap=True)
    for head in (
        f"Net saving,\n{years}, m DKK", f"In care,\n{last}", f"Residential,\n{last}",
        "Cases\nper FTE", "Months\nbetween\nfollow-ups",
    ):  # fmt: skip
        table.add_column(head, justify="right", overflow="fold")
    for name in expected.ledgers:
        found = expected.figures(name)
        saving = "" if name == BASELINE else millions(found[SAVING])
        counts = [f"{found[key]:.1f}" for key in ("n_in_care", "n_residential")]
        work = [f"{found['caseload']:.0f}", f"{found['achieved_interval']:.1f}"]
        table.add_row(escape(name), saving, *counts, *work)
    return table


def recorded_sentence() -> str:
    """Return how far expected values were from histories in the shipped scenarios."""
    parts = [f"{name}: {_furthest(rows)}" for name, rows in _by_scenario(recorded()).items()]
    return (
        f"How far they were from the means of 1,000 histories at most ({when_recorded().split(',')[0]}). "
        f"{'; '.join(parts)}. Here: --expected --check."
    )


def _by_scenario(rows: list[Distance]) -> dict[str, list[Distance]]:
    found: dict[str, list[Distance]] = {}
    for row in rows:
        found.setdefault(row.scenario, []).append(row)
    return found


def _furthest(rows: list[Distance]) -> str:
    """Return the largest difference of the net saving and of residential care, with its policy."""
    saving = max((r for r in rows if r.figure == SAVING), key=lambda r: abs(r.difference))
    children = max((r for r in rows if r.figure == "n_residential"), key=lambda r: abs(r.difference))
    return (
        f"net saving {_signed(saving.difference / 1e6)} m DKK of {millions(saving.simulated)} "
        f"({saving.policy}), residential {_signed(children.difference)} of {children.simulated:.1f} "
        f"({children.policy})"
    )


def print_distances(rows: list[Distance], histories: int) -> None:
    """Print expected values beside the means of histories."""
    console = console_for_people()
    table = Table(box=None, pad_edge=False)
    for head, side in (("Policy", "left"), ("Figure", "left"), ("Expected", "right"),
                       ("Histories", "right"), ("Difference", "right")):  # fmt: skip
        table.add_column(head, justify=side, no_wrap=True)  # type: ignore[arg-type]
    for row in rows:
        scale = 1e6 if row.figure == SAVING else 1.0
        head = "Net saving, m DKK" if row.figure == SAVING else HEADS[row.figure]
        table.add_row(
            escape(row.policy), head, f"{row.expected / scale:.1f}",
            f"{row.simulated / scale:.1f} [dim]± {row.error / scale:.1f}[/dim]",
            _signed(row.difference / scale),
        )  # fmt: skip
    console.print(table)
    console.print(
        f"[dim]Beside the means of {histories} histories, ± their error (90 % confidence). Net saving "
        "over the whole time, all else in the last year.[/dim]"
    )


def _signed(number: float) -> str:
    text = f"{number:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text
