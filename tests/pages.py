"""Helpers of the tests: a page read by the standard library's parser, with what is wrong in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

VOID = {"meta", "img", "br", "link", "hr", "input"}
HEADINGS = {f"h{i}": i for i in range(1, 7)}


@dataclass
class Page:
    """What a page holds, and in `wrong` what is no valid or accessible HTML."""

    language: str = ""
    title: str = ""
    ids: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    images: list[dict[str, str]] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    paragraphs: list[str] = field(default_factory=list)
    text: str = ""
    wrong: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page, self.open, self.kept = Page(), [], []
        self.table = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {k: v or "" for k, v in attrs}
        if len(found) < len(attrs):
            self.page.wrong.append(f"<{tag}> has an attribute twice")
        if "id" in found:
            self.page.ids.append(found["id"])
        for name in ("aria-labelledby", "aria-describedby"):
            if name in found:
                self.kept.append(found[name])
        if tag == "html":
            self.page.language = found.get("lang", "")
        if tag == "img":
            self.page.images.append(found)
        if tag == "th":
            self.page.heads.append(found)
        if tag == "table":
            self.table = found.get("id", "")
            self.page.tables[self.table] = []
        if tag == "tr":
            self.page.tables[self.table].append([])
        if tag in ("td", "th"):
            self.page.tables[self.table][-1].append("")
        if tag == "p":
            if "p" in self.open:
                self.page.wrong.append("<p> within <p>")
            self.page.paragraphs.append("")
        if tag in HEADINGS:
            self.page.headings.append((HEADINGS[tag], ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.page.wrong.append(f"</{tag}> closes {self.open[-1] if self.open else 'nothing'}")
        elif self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        if "title" in self.open:
            self.page.title += data
            return
        self.page.text += data
        plain = data.replace("\N{NO-BREAK SPACE}", " ")
        if "p" in self.open:
            self.page.paragraphs[-1] += plain
        if "td" in self.open or "th" in self.open:
            self.page.tables[self.table][-1][-1] += plain
        if self.open and self.open[-1] in HEADINGS:
            level, said = self.page.headings[-1]
            self.page.headings[-1] = (level, said + plain)


def read_page(text: str) -> Page:
    """Return a page with what is wrong in it: tags, ids, headings, alt texts, heads of tables."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    page = reader.page
    page.wrong += [f"<{tag}> is never closed" for tag in reader.open]
    page.wrong += [f"id {i!r} twice" for i in set(page.ids) if page.ids.count(i) > 1]
    page.wrong += [f"no id {i!r}" for i in reader.kept if i not in page.ids]
    page.wrong += [
        "an image without alt text" for image in page.images if not image.get("alt", "").strip()
    ]
    page.wrong += ["a th without scope" for th in page.heads if th.get("scope") not in ("row", "col")]
    levels = [level for level, _ in page.headings]
    if levels.count(1) != 1 or levels[:1] != [1]:
        page.wrong.append("there is not one h1, first of all headings")
    page.wrong += [
        f"h{b} after h{a}" for a, b in pairwise(levels) if b > a + 1
    ]  # fmt: skip
    page.wrong += ["a heading without text" for _, said in page.headings if not said.strip()]
    if not text.startswith("<!DOCTYPE html>"):
        page.wrong.append("no doctype")
    return page
