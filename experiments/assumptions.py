"""The evidence records as one page for people, in Markdown: `docs/assumptions.md` (`make docs`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from simulation.parameters import Parameter, evidence, parameters, sources

FIRST = ("children", "work", "reviews", "money", "baseline", "policy")
"""Sections in the order of the page; others follow in the order of the files."""

INTRODUCTION = """\
# What the model assumes

Every number that the model uses is a record: its value, the range that the evidence allows, a grade
that says how sure it is, where it comes from and what speaks against it. This page is written from the
records in `simulation/data/evidence/` by `make docs`; `trappe parameters NAME` shows one of them in a
terminal. A scenario file of your own may state another value; `trappe check` says which of yours lie
outside the range.

**How to read it.** *Value* is used where nothing else is stated. *Range* is what the evidence allows;
where the grade is low, the truth may lie outside. *Grade* says how strong the evidence is, *kind* how
the number was found. Rates are per year. Money is in DKK at the prices of the year given;
`money.price_growth` brings it to a scenario's price level. Each name leads to the note and the sources.
A link to this page may end in a name: `assumptions.md#children.recognition`.
"""


def as_markdown() -> str:
    """Return the page: grades and kinds, counts, one table per section with notes, choices, sources."""
    texts = (f"{text}\n" for text in evidence("texts").values())
    parts = [INTRODUCTION, *texts, *_explained(), _counts(), *_contents()]
    for section in sections():
        parts += [f"## {title(section)}\n", _table(section), _notes(section)]
    parts += ["## Chosen, not known\n", _choices(), "## Sources\n", _sources()]
    return "\n".join(parts)


def sections() -> list[str]:
    """Return the sections that have records: the beginnings of their names."""
    there = dict.fromkeys(name.split(".")[0] for name in parameters())
    return [s for s in FIRST if s in there] + [s for s in there if s not in FIRST]


def title(section: str) -> str:
    """Return a section's heading: as the evidence's table `titles` has it, else its name."""
    return str(evidence("titles").get(section, section.capitalize()))


def _records(section: str) -> list[Parameter]:
    return [p for name, p in parameters().items() if name.startswith(f"{section}.")]


def _explained() -> Iterator[str]:
    for table, head in (("grades", "Grade"), ("kinds", "Kind"), ("distributions", "Drawn")):
        yield _rows((head, "Meaning"), evidence(table).items())


def _counts() -> str:
    count = Counter((p.grade, p.kind) for p in parameters().values())
    grades, kinds = list(evidence("grades")), list(evidence("kinds"))
    rows = [
        (kind, *(count[g, kind] for g in grades), sum(count[g, kind] for g in grades)) for kind in kinds
    ]
    total = ("all", *(sum(count[g, k] for k in kinds) for g in grades), len(parameters()))
    text = "**How many there are** of each grade and kind:\n\n"
    return text + _rows(("Kind", *grades, "All"), [*rows, total])


def _contents() -> Iterator[str]:
    yield "**Sections**\n"
    yield "\n".join(
        f"- [{title(s)}](#{_anchor(title(s))}): {len(_records(s))} records" for s in sections()
    )
    yield "- [Chosen, not known](#chosen-not-known)\n- [Sources](#sources)\n"


def _anchor(heading: str) -> str:
    """Return what a link to a heading ends in."""
    return "".join(c for c in heading.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def _table(section: str) -> str:
    head = ("Name", "Value", "Range", "Unit", "Grade", "Kind", "Meaning")
    return _rows(head, (_row(p) for p in _records(section)))


def _row(p: Parameter) -> tuple[str, ...]:
    unit = f"{p.unit}, {p.price_year} prices" if p.price_year else p.unit
    name = f"[{p.name}](#{p.name})"
    return name, number(p.value), _range(p.low, p.high), unit, p.grade, p.kind, p.meaning


def _notes(section: str) -> str:
    return "\n".join(_note(p) for p in _records(section))


def _note(p: Parameter) -> str:
    cited = ", ".join(f"[{key}](#{key})" for key in p.source)
    where = f" Used in {', '.join(f'`{place}`' for place in p.used_in)}." if p.used_in else ""
    return (
        f'<a id="{p.name}"></a>**{p.name}** {p.note} *Drawn:* {p.distribution}. '
        f"*A scenario may state:* {p.bounds}.{where}{f' *Sources:* {cited}.' if cited else ''}\n"
    )


def _choices() -> str:
    text = "Numbers of the shipped scenarios that are chosen need no record; `*` stands for any name.\n\n"
    rows = [
        (f"`{path}`", number(entry["value"]) if "value" in entry else "any", entry["reason"])
        for path, entry in evidence("choices").items()
    ]
    return text + _rows(("Number", "Value", "Reason"), rows)


def _sources() -> str:
    lines = []
    for key, source in sorted(sources().items()):
        year = f", {source.year}" if source.year else ""
        link = f" [{source.link.split('/')[2]}](<{source.link}>)" if source.link else ""
        lines.append(f'<a id="{key}"></a>**{key}** {source.title}{year}.{link}\n')
    return "\n".join(lines)


def number(x: float) -> str:
    """Return a number as people write it: 1,160,000 or 0.055."""
    return f"{x:,.10g}"


def _range(low: float, high: float) -> str:
    return number(low) if low == high else f"{number(low)} to {number(high)}"


def _rows(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines) + "\n"
