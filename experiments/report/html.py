"""A note as one page: HTML with its pictures in it, no address of the net, made for screen and A4."""

from __future__ import annotations

import re
from base64 import b64encode
from html import escape

from experiments.report.note import Column, Figure, Note, Number, Pairs, Part, Points, Section, Small, Table
from experiments.words import Language

STYLE = """
:root { color: #1b1b1b; background: #fff; font: 16px/1.5 "Source Sans 3", "Segoe UI", Calibri, Arial, sans-serif; }
body { margin: 0; }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
header { border-bottom: 3px solid #0b4f7d; margin-bottom: 1.2rem; }
.kind { color: #0b4f7d; font-weight: 700; margin: 0; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .6rem; }
h2 { font-size: 1.3rem; line-height: 1.25; margin: 2rem 0 .5rem; color: #0b4f7d; break-after: avoid; }
h3 { font-size: 1.02rem; margin: 1.1rem 0 .3rem; break-after: avoid; }
p, ul, ol { margin: .5rem 0 .8rem; }
.answer > p:first-of-type { font-size: 1.18rem; line-height: 1.45; font-weight: 600; }
.small, figcaption, ol.sources { color: #4a4a4a; font-size: .88rem; }
.warning { border: 2px solid #9c2a00; color: #7a2000; background: #fff4ee; padding: .6rem .9rem; font-weight: 600; }
.box { border: 1px solid #7f97a8; border-left: 6px solid #0b4f7d; background: #f1f6fa; padding: .5rem 1rem .7rem;
  margin: 1rem 0; break-inside: avoid; }
.box h3 { margin-top: .3rem; }
dl { display: grid; grid-template-columns: 15rem 1fr; gap: .3rem 1rem; margin: 0; }
dt { font-weight: 600; }
dd { margin: 0; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 1rem; font-size: .93rem; line-height: 1.35; }
caption { text-align: left; font-weight: 700; padding-bottom: .3rem; break-after: avoid; }
th, td { text-align: right; vertical-align: top; padding: .3rem .5rem; border-bottom: 1px solid #c9c9c9; }
th:first-child, th.text, td.text { text-align: left; }
thead th { border-bottom: 2px solid #1b1b1b; vertical-align: bottom; }
tbody th { font-weight: 400; }
tr { break-inside: avoid; }
tr.total > * { font-weight: 700; border-top: 2px solid #1b1b1b; }
.unit, .interval { color: #4a4a4a; font-weight: 400; font-size: .88em; }
td, thead th { font-variant-numeric: tabular-nums; }
.number, .interval { white-space: nowrap; display: inline-block; }
tbody th { min-width: 9rem; }
td.text { overflow-wrap: break-word; }

figure { margin: .8rem 0 1.2rem; break-inside: avoid; }
img { max-width: 100%; height: auto; display: block; }
footer { border-top: 1px solid #c9c9c9; margin-top: 2rem; color: #4a4a4a; font-size: .88rem; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
@page { size: A4; margin: 17mm 16mm 18mm; }
@media print {
  :root { font-size: 10.3pt; }
  main { max-width: none; padding: 0; }
  h2 { margin-top: 1.3rem; }
  img { max-height: 92mm; width: auto; }
  table.short { break-inside: avoid; }
  .warning, .box { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""


def page(note: Note) -> str:
    """Return the page as text: HTML5, complete, with one h1 and nothing to fetch."""
    warnings = "".join(f'<p class="warning">{_text(w)}</p>\n' for w in note.warnings)
    sections = "".join(_section(s, note.language) for s in note.sections)
    return (
        f'<!DOCTYPE html>\n<html lang="{note.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(f'{note.title}. {note.kind}')}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f'<main>\n<header>\n<p class="kind">{_text(note.dated)}</p>\n<h1>{_text(note.title)}</h1>\n</header>\n'
        f"{warnings}{sections}<footer><p>{_text(note.footer)}</p></footer>\n</main>\n</body>\n</html>\n"
    )


def _section(section: Section, language: Language) -> str:
    parts = "".join(_part(p, language) for p in section.parts)
    key = section.key
    head = f'<h2 id="{key}-heading">{_text(section.heading)}</h2>'
    return f'<section id="{key}" class="{key}" aria-labelledby="{key}-heading">\n{head}\n{parts}</section>\n'


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
    """Return a picture as a data address; letters that happen to spell a net address are written as codes."""
    plain = f"data:image/png;base64,{b64encode(png).decode()}"
    return re.sub("http", lambda found: f"%{ord(found[0][0]):02x}{found[0][1:]}", plain, flags=re.IGNORECASE)


def _table(table: Table, language: Language) -> str:
    is_text = [all(isinstance(row[i], str) for row in table.rows) for i in range(len(table.columns))]
    heads = "".join(_head(c, said) for c, said in zip(table.columns, is_text, strict=True))
    short = ' class="short"' if len(table.rows) <= SHORT else ""
    rows = []
    for i, row in enumerate(table.rows):
        last = table.last_is_total and i == len(table.rows) - 1
        cells = "".join(_cell(c, language) for c in row[1:])
        total = ' class="total"' if last else ""
        first = row[0] if isinstance(row[0], str) else row[0].on_page(language)[0]
        rows.append(f'<tr{total}><th scope="row">{_text(first)}</th>{cells}</tr>\n')
    return (
        f'<table id="table-{table.name}"{short}>\n<caption>{_text(table.caption)}</caption>\n'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody>\n</table>\n"
    )


SHORT = 8
"""Rows of a table that is kept on one sheet of paper."""


def _head(column: Column, is_text: bool) -> str:
    unit = f'<br><span class="unit">{_text(column.unit)}</span>' if column.unit else ""
    left = ' class="text"' if is_text else ""
    return f'<th scope="col"{left}>{_text(column.head)}{unit}</th>'


def _cell(cell: str | Number, language: Language) -> str:
    if isinstance(cell, str):
        return f'<td class="text">{_text(cell)}</td>'
    number, interval = cell.on_page(language)
    more = f' <span class="interval">{_text(interval)}</span>' if interval else ""
    return f'<td><span class="number">{_text(number)}</span>{more}</td>'


def _text(words: str) -> str:
    """Return text for a page: marks escaped; a scenario's own words lose what would be a link."""
    plain = re.sub(r"https?(://)?", "", words, flags=re.IGNORECASE)
    return escape(_TOGETHER.sub("\N{NO-BREAK SPACE}", plain))


_TOGETHER = re.compile(r"(?<=\d) (?=mio\.|m DKK|kr\.|%|DKK)|(?<=mio\.) (?=kr\.)|(?<=\d m) (?=DKK)")
"""Spaces at which a line must not break: between a number and its unit."""
