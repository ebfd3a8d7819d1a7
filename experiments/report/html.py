"""A note as one page: HTML with its pictures in it, no address of the net, made for screen and A4."""

from __future__ import annotations

import re
from base64 import b64encode
from html import escape
from importlib import resources

from experiments.report.note import (
    Column,
    Figure,
    Note,
    Number,
    Pairs,
    Part,
    Points,
    Section,
    Small,
    Table,
)
from experiments.words import Language

STYLE = resources.files("experiments.report").joinpath("page.css").read_text("utf-8")
"""The look: on a screen, and on A4."""


def page(note: Note) -> str:
    """Return the page as text: HTML5, complete, with one h1 and nothing to fetch."""
    warnings = "".join(f'<p class="warning">{_text(w)}</p>\n' for w in note.warnings)
    sections = "".join(_section(s, note.language) for s in note.sections)
    return (
        f'<!DOCTYPE html>\n<html lang="{note.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(f'{note.title}. {note.kind}')}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f'<main>\n<header>\n<p class="kind">{_text(note.dated)}</p>\n'
        f"<h1>{_text(note.title)}</h1>\n</header>\n"
        f"{warnings}{sections}<footer><p>{_text(note.footer)}</p></footer>\n</main>\n</body>\n</html>\n"
    )


def _section(section: Section, language: Language) -> str:
    parts = "".join(_part(p, language) for p in section.parts)
    key = section.key
    head = f'<h2 id="{key}-heading">{_text(section.heading)}</h2>'
    return (
        f'<section id="{key}" class="{key}" aria-labelledby="{key}-heading">\n{head}\n{parts}</section>\n'
    )


def _part(part: Part, language: Language) -> str:
    match part:
        case str():
            return f"<p>{_text(part)}</p>\n"
        case Small():
            return f'<p class="small">{_text(part.text)}</p>\n'
        case Points():
            return _points(part)
        case Pairs():
            return _pairs(part)
        case Figure():
            return _figure(part)
        case Table():
            return _table(part, language)


def _points(part: Points) -> str:
    items = "".join(f"<li>{_text(p)}</li>\n" for p in part.points)
    head = f"<h3>{_text(part.head)}</h3>\n" if part.head else ""
    tag, mark = ("ol", ' class="sources"') if part.numbered else ("ul", "")
    return f"{head}<{tag}{mark}>\n{items}</{tag}>\n"


def _pairs(part: Pairs) -> str:
    lines = "".join(f"<dt>{_text(what)}</dt>\n<dd>{_text(much)}</dd>\n" for what, much in part.pairs)
    return f'<div class="box">\n<h3>{_text(part.head)}</h3>\n<dl>\n{lines}</dl>\n</div>\n'


def _figure(part: Figure) -> str:
    return (
        f'<figure id="figure-{part.name}">\n<img alt="{_text(part.alt)}" src="{_data(part.png)}">\n'
        f"<figcaption>{_text(part.caption)}</figcaption>\n</figure>\n"
    )


def _data(png: bytes) -> str:
    """Return a picture as a data address; where its letters spell a net address, one is a code."""
    plain = f"data:image/png;base64,{b64encode(png).decode()}"
    return re.sub(
        "http", lambda found: f"%{ord(found[0][0]):02x}{found[0][1:]}", plain, flags=re.IGNORECASE
    )


def _table(table: Table, language: Language) -> str:
    is_text = [all(isinstance(row[i], str) for row in table.rows) for i in range(len(table.columns))]
    heads = "\n".join(_head(c, said) for c, said in zip(table.columns, is_text, strict=True))
    short = ' class="short"' if len(table.rows) <= SHORT else ""
    rows = []
    for i, row in enumerate(table.rows):
        last = table.last_is_total and i == len(table.rows) - 1
        pairs = zip(row[1:], is_text[1:], strict=True)
        cells = "".join(f"\n{_cell(c, language, said)}" for c, said in pairs)
        total = ' class="total"' if last else ""
        first = row[0] if isinstance(row[0], str) else row[0].on_page(language)[0]
        rows.append(f'<tr{total}><th scope="row">{_text(first)}</th>{cells}</tr>\n')
    return (
        f'<table id="table-{table.name}"{short}>\n<caption>{_text(table.caption)}</caption>\n'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody>\n</table>\n"
    )


SHORT = 7
"""Rows of a table that is kept on one sheet of paper."""


def _head(column: Column, is_text: bool) -> str:
    unit = f'<br><span class="unit">{_text(column.unit)}</span>' if column.unit else ""
    left = ' class="text"' if is_text else ""
    return f'<th scope="col"{left}>{_text(column.head)}{unit}</th>'


def _cell(cell: str | Number, language: Language, is_text: bool) -> str:
    """Return a cell; words among numbers ("hidden") stand where numbers do."""
    if isinstance(cell, str):
        return f'<td class="text">{_text(cell)}</td>' if is_text else f"<td>{_text(cell)}</td>"
    number, interval = cell.on_page(language)
    more = f' <span class="interval">{_text(interval)}</span>' if interval else ""
    return f'<td><span class="number">{_text(number)}</span>{more}</td>'


def _text(words: str) -> str:
    """Return text for a page: marks escaped; a scenario's own words lose what would be a link."""
    plain = re.sub(r"https?(://)?", "", words, flags=re.IGNORECASE)
    return escape(_TOGETHER.sub("\N{NO-BREAK SPACE}", plain))


_UNITS = r"mio\.|m DKK|kr\.|%|DKK|timer|hours|mdr\.|år\b|pr\. år"
_TOGETHER = re.compile(rf"(?<=\d) (?={_UNITS})|(?<=[×±]) (?=\d)|(?<=mio\.) (?=kr\.)|(?<=\d m) (?=DKK)")
"""Spaces at which a line must not break: between a number and its unit."""
