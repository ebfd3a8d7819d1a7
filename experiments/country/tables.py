"""A country's results as tables for people."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.table import Table

from experiments.country.rows import Result, shown
from experiments.country.sentences import class_name, sentences, small_print
from experiments.country.unknown import published_places
from experiments.country.who_gains import class_rows
from experiments.tables import console_for_people
from experiments.words import Language, duration, number, percent, policy_name, text

AGAINST = {1: "yes", 0: "open", -1: "no"}


def print_country(result: Result, language: Language) -> None:
    """Print municipalities group by group, sizes, who gains, what it all says and rests on."""
    console = console_for_people()
    console.print(municipality_table(result, language))
    console.print()
    for table in (size_table(result, language), class_table(result, language)):
        console.print(table)
        console.print()
    for said in sentences(result, language):
        console.print(escape(said), soft_wrap=False)
    console.print(f"[dim]{escape(' '.join(small_print(result, language)))}[/dim]")


def municipality_table(result: Result, language: Language) -> Table:
    """Return a row per municipality, group by group; in a group by name, as it holds no order."""
    plan = result.country.plan
    title = text(
        "denmark.title", language, policy=policy_name(plan.average, plan.policy, language),
        n=len(plan.towns), time=duration(plan.average.months, language),
    )  # fmt: skip
    table = _table(title)
    table.add_column(text("denmark.municipality", language), no_wrap=True)
    for key in ("children", "cases", "placed", "saving", "paid", "rank", "group", "against"):
        table.add_column(text(f"denmark.{key}", language), justify="right", no_wrap=True)
    order = _order(result)
    for place, i in enumerate(order):
        last_of_group = place + 1 < len(order) and (
            result.ranks.group[order[place + 1]] != result.ranks.group[i]
        )
        table.add_row(*_cells(result, int(i), language), end_section=bool(last_of_group))
    return table


def _order(result: Result) -> list[int]:
    towns = result.country.plan.municipalities
    return sorted(range(len(towns)), key=lambda i: (result.ranks.group[i], danish_order(towns[i].name)))


def danish_order(name: str) -> str:
    """Return what sorts names as Danish does: æ, ø and å last, aa as å."""
    return name.casefold().replace("aa", "å").translate(str.maketrans("æøå", "{|}"))


def _cells(result: Result, i: int, language: Language) -> list[str]:
    c, r = result.country, result.ranks
    m, e = c.plan.municipalities[i], result.estimate(c.per_child[i])
    placed = shown(c.of("in_care_start")[i].mean())
    mark = "" if c.plan.towns[i] in published_places() else "*"
    to = text("denmark.to", language)
    return [
        escape(m.name),
        number(m.children, language),
        _count(shown(c.of("cases")[i].mean()), language),
        f"{_count(placed, language)}{mark}",
        f"{number(e.mean, language)} ({number(e.low, language)} {to} {number(e.high, language)})",
        f"{100 * result.p_paid[i]:.0f}",
        f"{r.low[i]}-{r.high[i]}",
        str(r.group[i]),
        text(f"denmark.{AGAINST[int(r.against[i])]}", language),
    ]


def _count(count: int | str, language: Language) -> str:
    return text("denmark.hidden", language) if isinstance(count, str) else number(count, language)


def size_table(result: Result, language: Language) -> Table:
    """Return a row per class of size."""
    table = _table(text("denmark.size.title", language))
    table.add_column(text("denmark.size.class", language), no_wrap=True)
    for key in ("municipalities", "together", "one", "gains", "open", "loses"):
        table.add_column(text(f"denmark.size.{key}", language), justify="right", no_wrap=True)
    for row in result.size_rows():
        table.add_row(*_size_cells(row, language))
    return table


def class_table(result: Result, language: Language) -> Table:
    """Return a row per class of caseload and of children in care."""
    table = _table(text("denmark.classes.title", language))
    table.add_column(text("denmark.classes.class", language), no_wrap=True)
    for key in ("share", "saving", "paid"):
        table.add_column(text(f"denmark.classes.{key}", language), justify="right", no_wrap=True)
    for row in class_rows(result.country):
        table.add_row(
            class_name(row, language), percent(row["share_of_histories"], language),
            _interval(row, language), f"{100 * row['p_paid']:.0f}",
        )  # fmt: skip
    return table


def _interval(row: dict[str, Any], language: Language) -> str:
    key = "net_saving_per_child_year"
    saving, low, high = (number(row[k], language) for k in (key, f"{key}_low", f"{key}_high"))
    return f"{saving} ({low} {text('denmark.to', language)} {high})"


def _size_cells(row: dict[str, Any], language: Language) -> list[str]:
    return [
        _class(row, language), str(row["municipalities"]),
        _interval(row, language),
        number(row["width_of_one"], language), *(str(row[v]) for v in ("gains", "open", "loses")),
    ]  # fmt: skip


def _class(row: dict[str, Any], language: Language) -> str:
    low, high = row["children_from"], row["children_below"]
    if not low:
        return text("denmark.size.below", language, high=number(high, language))
    if not high:
        return text("denmark.size.from", language, low=number(low, language))
    return text(
        "denmark.size.between", language, low=number(low, language), high=number(high - 1, language)
    )


def _table(title: str) -> Table:
    return Table(title=escape(title), title_justify="left", title_style="bold", box=None, pad_edge=False,
                 collapse_padding=True)  # fmt: skip
