"""A country's results as tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from experiments.country.key_figures import KEY_FIGURES
from experiments.country.rows import Result, shown
from experiments.country.sentences import bounds, class_name, key_figure_text, sentences, small_print
from experiments.country.unknown import published_places
from experiments.country.who_gains import class_rows
from experiments.tables import console_for_people
from experiments.words import Language, duration, number, percent, policy_name, text

AGAINST = {1: "yes", 0: "open", -1: "no"}


def print_country(result: Result, language: Language, towns: Sequence[int] = ()) -> None:
    """Print municipalities group by group, sizes, who gains, what it all says and rests on.

    And the key figures of some municipalities, by position in the run.
    """
    console = console_for_people()
    console.print(municipality_table(result, language))
    console.print()
    more = [key_figure_table(result, i, language) for i in towns]
    for table in (size_table(result, language), class_table(result, language), *more):
        if not table.row_count:
            continue
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
    if len(order) > 1:
        table.add_section()
        table.add_row(*_all_together(result, language), style="bold")
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
    mark = "" if c.plan.towns[i] in published_places() else "*"
    return [
        escape(m.name),
        number(m.children, language),
        _count(shown(c.of("cases")[i].mean()), language),
        f"{_placed(result, i, language)}{mark}",
        _with_interval(e.mean, e.low, e.high, language),
        f"{100 * result.p_paid[i]:.0f}",
        f"{r.low[i]}-{r.high[i]}",
        str(r.group[i]),
        text(f"denmark.{AGAINST[int(r.against[i])]}", language),
    ]


def _all_together(result: Result, language: Language) -> list[str]:
    c, rows = result.country, {row["outcome"]: row for row in result.sum_rows()}
    e = result.estimate(c.per_child_of_all)
    cases, placed = rows["cases"]["sum"], rows["in_care_start"]["sum"]
    return [
        text("denmark.together", language),
        number(c.children.sum(), language),
        _count(cases, language),
        _count(placed, language),
        _with_interval(e.mean, e.low, e.high, language),
        f"{100 * result.p_paid_together:.0f}",
        "", "", "",
    ]  # fmt: skip


def _placed(result: Result, i: int, language: Language) -> str:
    count = result.placed(i)
    few = isinstance(count, str) and isinstance(shown(result.country.of("in_care_start")[i].mean()), int)
    return text("denmark.not_shown", language) if few else _count(count, language)


def _count(count: float | str, language: Language) -> str:
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


def key_figure_table(result: Result, i: int, language: Language) -> Table:
    """Return the key figures of a municipality beside comparable municipalities and the country."""
    towns, others = result.country.plan.municipalities, result.key_figures.comparable[i]
    table = _table(text("denmark.figure.bench", language, name=towns[i].name))
    table.add_column(text("denmark.key.title", language), max_width=42)
    table.add_column(f"{escape(towns[i].name)}\n{text('denmark.key.interval', language)}",
                     justify="right", no_wrap=True)  # fmt: skip
    for key in ("comparable", result.whole, "is"):
        table.add_column(text(f"denmark.key.{key}", language), justify="right", no_wrap=True)
    for name in KEY_FIGURES:
        own = result.key_figure(name, i)
        value, low, high = (key_figure_text(name, x, language) for x in own.values())
        table.add_row(
            text(f"denmark.key.{name}", language),
            _with_ends(value, low, high, language),
            key_figure_text(name, result.key_figure_of(name, others), language),
            key_figure_text(name, result.key_figure_of(name, range(len(towns))), language),
            text(f"denmark.basis.{result.key_figures.basis(name, i)}", language),
        )  # fmt: skip
    if len(others):
        names = ", ".join(towns[j].name for j in others)
        table.caption = escape(text("denmark.figure.bench_comparable", language, names=names))
        table.caption_justify = "left"
    return table


def _with_ends(value: str, low: str, high: str, language: Language) -> str:
    if not value:
        return text("denmark.figure.not_shown", language)
    return f"{value} ({low} {text('denmark.to', language)} {high})" if low and high else value


def _interval(row: dict[str, Any], language: Language) -> str:
    key = "net_saving_per_child_year"
    return _with_interval(row[key], row[f"{key}_low"], row[f"{key}_high"], language)


def _with_interval(mean: float, low: float, high: float, language: Language) -> str:
    told = (number(x, language) for x in (mean, low, high))
    return "{} ({} {} {})".format(next(told), next(told), text("denmark.to", language), next(told))


def _size_cells(row: dict[str, Any], language: Language) -> list[str]:
    return [
        _class(row, language), str(row["municipalities"]),
        _interval(row, language),
        number(row["width_of_one"], language), *(str(row[v]) for v in ("gains", "open", "loses")),
    ]  # fmt: skip


def _class(row: dict[str, Any], language: Language) -> str:
    below = row["children_below"] or 0
    return bounds(row["children_from"] or 0, below, below - 1, language)


def _table(title: str) -> Table:
    return Table(title=escape(title), title_justify="left", title_style="bold", box=None, pad_edge=False,
                 collapse_padding=True)  # fmt: skip
