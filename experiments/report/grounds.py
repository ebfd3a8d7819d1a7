"""The grounds of the answer: assumptions that matter, with grades and sources, and what they lack."""

from __future__ import annotations

from collections import Counter

from experiments.report.asked import Findings
from experiments.report.doubt import HIGHEST_CASELOAD, bars, first_caseload
from experiments.report.note import Column, Number, Part, Points, Small, Table
from experiments.report.saying import Saying
from experiments.unknowns import Unknown, unknowns
from simulation.parameters import Source, parameters, sources

NOT_USED = ("target.",)
"""Figures that the model is fitted to or checked against: no numbers that it uses."""


def that_matter(found: Findings) -> list[Unknown]:
    """Return what the policy changes, then the numbers that the net saving hangs on most."""
    own = f"policies.{found.policy}."
    of_policy = [u for u in unknowns(found.scenario, found.policy) if u.name.startswith(own)]
    names = {u.name for u in of_policy}
    return [*of_policy, *(b.unknown for b in bars(found) if b.unknown.name not in names)]


def assumptions(found: Findings, say: Saying) -> tuple[Part, ...]:
    """Return the section's parts: table, what grades mean, and the sources by number."""
    shown = that_matter(found)
    cited = list(dict.fromkeys(key for u in shown for key in u.record.source))
    columns = tuple(
        Column(say(f"assumptions.{key}"))
        for key in ("number", "value", "range_low", "range_high", "grade", "sources")
    )
    rows = tuple(_row(u, cited, say) for u in shown)
    titles = tuple(_title(sources()[key]) for key in cited)
    return (
        say("assumptions.lead"),
        Table("assumptions", say("assumptions.table"), columns, rows),
        Small(say("assumptions.grades")),
        *([Points(titles, numbered=True, head=say("heading.sources"))] if titles else []),
    )


def _row(u: Unknown, cited: list[str], say: Saying) -> tuple[str | Number, ...]:
    values = (Number(x, shown=say.with_unit(x, u.record.unit)) for x in (u.value, u.low, u.high))
    refers = ", ".join(str(cited.index(key) + 1) for key in u.record.source)
    return (say.name_of(u), *values, u.record.grade, refers or say("assumptions.no_source"))


def _title(source: Source) -> str:
    return f"{source.title}, {source.year}" if source.year else source.title


def limits(found: Findings, say: Saying) -> tuple[str, ...]:
    """Return what the note cannot say, the points that hold for this scenario."""
    s = found.scenario
    used = [p for name, p in parameters().items() if not name.startswith(NOT_USED)]
    grades = Counter(p.grade for p in used)
    load = first_caseload(found)
    none = say("limits.no_number")
    count = {k.lower(): say.plain(grades[k]) if grades[k] else none for k in "ABCD"}
    said = [
        say("limits.child"),
        say("limits.effects", all=say.plain(len(used)), **count),
        say("limits.fewer"),
    ]
    if load > HIGHEST_CASELOAD:
        limit = say.plain(HIGHEST_CASELOAD)
        said.append(say("limits.caseload", limit=limit, caseload=say.plain(load)))
    said.append(say("limits.prices", year=str(s.price_year)))
    if say.is_of_children:
        said.append(say("limits.evidence"))
    said += [say("limits.outside"), say("limits.horizon")]
    return tuple(said)
