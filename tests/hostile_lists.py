"""Hostile case lists: sound folders of every kind, and hundreds of ways to spoil one of them."""

from __future__ import annotations

import gzip
import os
import random
from collections.abc import Callable
from pathlib import Path

from workbooks import packed, parts_of, workbook

SECRET = "SEC-"
"""What the identifiers of all children and caseworkers begin with."""

Files = dict[str, bytes]
Spoil = Callable[[Files, random.Random], None]


def child(i: int) -> str:
    return f"{SECRET}{i:06d}"


# --- sound folders -----------------------------------------------------------------------------------


def ours() -> dict[str, list[list[str]]]:
    """Return the tables of a sound case list of 40 children."""
    stairs = ("preventive", "Plejefamilie", "Døgninstitution", "Efterskole")
    spells = [["child_id", "stair", "start_date", "end_date", "birth_date", "district", "unit_price",
               "price_unit"]]  # fmt: skip
    for i in range(40):
        birth, price = f"{1 + i % 28:02d}-03-2010", f"{400 + i},50"
        where = ["Nord", "Syd"][i % 2]
        spells += [
            [child(i), "assessment", "01-02-2020", "01-03-2020", birth, where, "", ""],
            [child(i), stairs[i % 4], "01-03-2020", "" if i % 3 else "05-06-2021", birth, where, price,
             "døgn"],
        ]  # fmt: skip
    follow_ups = [["child_id", "due_date", "held_date"]]
    follow_ups += [[child(i), "01-06-2020", "10-06-2020"] for i in range(40)]
    cases = [["child_id", "worker_id", "start_date", "end_date"]]
    cases += [[child(i), f"{SECRET}W{i % 3}", "01-02-2020", ""] for i in range(40)]
    workers = [["worker_id", "fte", "start_date", "end_date"]]
    workers += [[f"{SECRET}W{i}", "0,8", "01-01-2019", ""] for i in range(3)]
    return {"spells": spells, "follow_ups": follow_ups, "cases": cases, "workers": workers}


def english() -> dict[str, list[list[str]]]:
    """Return the tables of a sound English return."""
    episodes = [["CHILD", "DECOM", "RNE", "LS", "PLACE", "DEC"]]
    for i in range(30):
        places = (("S", "U6", "01/06/2020"), ("P", "T0", "03/06/2020"), ("P", "K2", ""))
        start = "01/05/2020"
        for why, place, end in places:
            episodes.append([child(i), start, why, "C2", place, end])
            start = end
    return {
        "header": [["CHILD", "SEX", "DOB"], *([child(i), "1", "17/03/2010"] for i in range(30))],
        "episodes": episodes,
    }


def dataset() -> dict[str, list[list[str]]]:
    """Return the tables of a sound Standard Safeguarding Dataset."""
    n = range(30)
    return {
        "ssd_person": [["pers_person_id", "pers_dob"], *([child(i), "2010-03-17"] for i in n)],
        "ssd_cla_episodes": [["clae_person_id", "clae_cla_id"], *([child(i), f"k{i}"] for i in n)],
        "ssd_cla_placement": [
            ["clap_cla_placement_id", "clap_cla_id", "clap_cla_placement_type",
             "clap_cla_placement_start_date", "clap_cla_placement_end_date"],
            *([f"p{i}", f"k{i}", "U4", "2020-05-01", ""] for i in n),
        ],
        "ssd_cla_reviews": [
            ["clar_cla_id", "clar_cla_review_due_date", "clar_cla_review_date"],
            *([f"k{i}", "2020-06-01", "2020-06-09"] for i in n),
        ],
        "ssd_involvements": [
            ["invo_person_id", "invo_professional_id", "invo_involvement_start_date",
             "invo_involvement_end_date"],
            *([child(i), f"{SECRET}W{i % 3}", "2020-05-01", ""] for i in n),
        ],
        "ssd_professionals": [
            ["prof_professional_id", "prof_full_time_equivalency"],
            *([f"{SECRET}W{i}", "1.0"] for i in range(3)),
        ],
    }  # fmt: skip


KINDS = (ours, ours, ours, english, dataset)


def as_csv(rows: list[list[str]], delimiter: str = ";") -> bytes:
    return ("\r\n".join(delimiter.join(row) for row in rows) + "\r\n").encode()


def sound(chance: random.Random) -> Files:
    tables = chance.choice(KINDS)()
    return {f"{name}.csv": as_csv(rows) for name, rows in tables.items()}


# --- one file, as bytes ------------------------------------------------------------------------------


def _one(files: Files, chance: random.Random) -> str:
    """Return a file to spoil: mostly the first of its kind, without which nothing is read."""
    names = list(files)
    return names[0] if chance.random() < 0.5 else chance.choice(names)


def _change(files: Files, chance: random.Random, change: Callable[[str], str | bytes]) -> None:
    name = _one(files, chance)
    new = change(files[name].decode("utf-8", "replace"))
    files[name] = new.encode("utf-8", "surrogatepass") if isinstance(new, str) else new


def encodings(files: Files, chance: random.Random) -> None:
    code = chance.choice(
        ["cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp037", "cp865", "mac-roman"]
    )
    _change(files, chance, lambda text: text.encode(code, "replace"))


def two_encodings(files: Files, chance: random.Random) -> None:
    half = chance.random()
    _change(files, chance, lambda text: (
        text[: int(len(text) * half)].encode() + "ø".encode() + "\nø".encode("cp1252")
        + text[int(len(text) * half) :].encode("cp1252", "replace")
    ))  # fmt: skip


def quotes(files: Files, chance: random.Random) -> None:
    def change(text: str) -> str:
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(text))
            text = text[:at] + chance.choice(['"', '""', '"""', "'", "“", '";"', '"\n']) + text[at:]
        return text

    _change(files, chance, change)


def strange_characters(files: Files, chance: random.Random) -> None:
    def change(text: str) -> str:
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(text))
            sign = chance.choice("\0\x01\x1b\x7f\x85\u2028\u202e\u200b\ufeff\ufffd\ud800😀٣ก漢")
            text = text[:at] + sign * chance.choice([1, 1, 300]) + text[at:]
        return text

    _change(files, chance, change)


def line_ends(files: Files, chance: random.Random) -> None:
    end = chance.choice(["\r", "\n\n\n", "\n\r", "\x0b", "\x0c", "\x85", "\u2028", "\\n", " "])
    _change(files, chance, lambda text: text.replace("\r\n", end))


def delimiters(files: Files, chance: random.Random) -> None:
    sign = chance.choice(["~", " ", "  ", ":", "\t", ",", "|", ";;", ",;", "·", "\x1f"])
    some = chance.random() < 0.5
    _change(files, chance, lambda text: "".join(
        sign if c == ";" and not (some and chance.random() < 0.5) else c for c in text
    ))  # fmt: skip


def long_lines(files: Files, chance: random.Random) -> None:
    long = chance.choice(["x", ";", "é", '"', " ", "1"]) * 10_000_000
    _change(files, chance, lambda text: text + long + "\n" + text)


def many_blank_rows(files: Files, chance: random.Random) -> None:
    blank = chance.choice(["", ";", ";;;;", "   ", '""'])
    _change(files, chance, lambda text: text + f"{blank}\n" * 20_000)


def cut(files: Files, chance: random.Random) -> None:
    _change(files, chance, lambda text: text[: chance.randrange(len(text))])


def noise(files: Files, chance: random.Random) -> None:
    files[_one(files, chance)] = chance.choice(
        [b"", b"\xef\xbb\xbf", b"\n\n\n", b"\0" * 500, b"%PDF-1.7\n", b"{}", b";", b'"',
         b"<html><body>" + child(1).encode(), b"\x89PNG\r\n\x1a\n", chance.randbytes(3000),
         gzip.compress(b"child_id;stair\n")]
    )  # fmt: skip


def missing(files: Files, chance: random.Random) -> None:
    del files[chance.choice(list(files))]


# --- one table, cell by cell -------------------------------------------------------------------------


def _table(files: Files, chance: random.Random) -> tuple[str, list[list[str]]]:
    name = _one(files, chance)
    return name, [line.split(";") for line in files[name].decode().split("\r\n") if line]


def headers(files: Files, chance: random.Random) -> None:
    name, rows = _table(files, chance)
    at = chance.randrange(len(rows[0]))
    other = chance.choice([
        "", " ", rows[0][(at + 1) % len(rows[0])], rows[0][0].upper(), child(3), "=1+1", "x" * 1999,
        "\u202e", "🙂", "barn", "dato",
    ])  # fmt: skip
    rows[0][at] = other
    files[name] = as_csv(rows if chance.random() < 0.8 else rows[1:])


def columns(files: Files, chance: random.Random) -> None:
    name, rows = _table(files, chance)
    a, b = (chance.randrange(len(rows[0])) for _ in range(2))
    how = chance.choice(["drop", "double", "swap", "shuffle", "names", "wide"])
    for i, row in enumerate(rows):
        if how == "drop":
            del row[a]
        elif how == "double":
            row.insert(b, row[a])
        elif how == "swap" and i:  # the cells, not the headers: the wrong column is taken
            row[a], row[b] = row[b], row[a]
        elif how == "shuffle":
            chance.shuffle(row)
        elif how == "names" and i:
            row[b] = row[0]
        elif how == "wide":
            row += ["x"] * 500
    files[name] = as_csv(rows)


CELLS = [
    "=1+1", "=cmd|' /C calc'!A0", "@SUM(A1:A9)", "+45", "-2+3", "=HYPERLINK(\"http://x\")", "#REF!",
    "#N/A",
    "0000-00-00", "0001-01-01", "9999-12-31", "-0001-01-01", "31-02-2021", "12/31/2021", "2021-13-01",
    "1e9", "nan", "inf", "-inf", "None", "NULL", "null", "-", "?", "٠٣-٠٢-٢٠٢١", "๐๓-๐๒-๒๐๒๑", "2021-W05",
    "1612310400000", "44230", "i går", "3. feb 2021", "2021-02-03T12:34:56+01:00", "½", "1,2,3", "1.2.3",
    "-1", "0", "1e308", "9" * 400, "x" * 1999, "x" * 2001, "", " ", "\u00a0", "😀", "e\u0301" * 50,
    "\u202e0102", 'x"]', "x\\", "x\\u0000", "]]\n[evil]", "'''", "#", "Ærø & Søn <b>", "../../etc/passwd",
    "漢字",
    "%s%n", "{0}", "${HOME}", "`id`", "'; DROP TABLE", child(7), f"{child(7)} x", "2010-03-17",
    "01-02-2020",
]  # fmt: skip


def cells(files: Files, chance: random.Random) -> None:
    name, rows = _table(files, chance)
    at, share = chance.randrange(len(rows[0])), chance.choice([0.03, 0.1, 0.5, 1.0])
    one = chance.choice(CELLS)
    for row in rows[1:]:
        if chance.random() < share:
            row[at] = one if share > 0.2 else chance.choice(CELLS)
    files[name] = as_csv(rows)


def all_rows(files: Files, chance: random.Random) -> None:
    name, rows = _table(files, chance)
    head, body = rows[0], rows[1:]
    how = chance.choice(["none", "thrice", "backwards", "one child", "shuffled cells", "first", "ragged"])
    if how == "one child":
        body = [[body[0][0], *row[1:]] for row in body] * 20
    elif how == "shuffled cells":
        body = [chance.sample(row, len(row)) for row in body]
    elif how == "ragged":
        body = [row[: chance.randint(0, len(row))] for row in body]
    else:
        body = {"none": [], "thrice": body * 3, "backwards": body[::-1], "first": body[:1]}[how]
    files[name] = as_csv([head, *body])


def identifiers(files: Files, chance: random.Random) -> None:
    """Put identifiers where they do not belong: in every other column, or all of them in one."""
    name, rows = _table(files, chance)
    at = chance.randrange(1, len(rows[0]))
    few = chance.random() < 0.5
    for i, row in enumerate(rows[1:]):
        row[at] = child(i % 3 if few else i)
    files[name] = as_csv(rows)


# --- workbooks ---------------------------------------------------------------------------------------


def _as_workbook(files: Files, chance: random.Random, spoilt: bool = True) -> str:
    """Make one file a workbook, some of its cells of other kinds, and return its name."""
    from datetime import date, datetime, time

    name, rows = _table(files, chance)
    others = [True, 1.5, -1, 10**300, date(2021, 2, 3), datetime(2021, 2, 3, 4), time(1), "=A1", "#REF!",
              None,
              10**15, "=TODAY()", child(5), 44230]  # fmt: skip
    share = chance.choice([0.0, 0.02, 0.5]) if spoilt else 0.0
    typed = [[chance.choice(others) if chance.random() < share else c for c in row] for row in rows[1:]]
    sheet = chance.choice([name.removesuffix(".csv"), "Ark1", child(1)])
    new = name.removesuffix("csv") + "xlsx"
    del files[name]
    files[new] = workbook({sheet: [rows[0], *typed]})
    return new


def workbooks(files: Files, chance: random.Random) -> None:
    _as_workbook(files, chance)


def broken_workbooks(files: Files, chance: random.Random) -> None:
    name = _as_workbook(files, chance, spoilt=False)
    data = bytearray(files[name])
    how = chance.choice(["flip", "cut", "tail", "twice", "inside"])
    if how == "flip":
        for _ in range(chance.randint(1, 20)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif how == "cut":
        del data[chance.randrange(len(data)) :]
    elif how == "tail":
        data += chance.randbytes(500)
    elif how == "twice":
        data += bytes(data)
    else:
        data[4:4] = chance.randbytes(9)
    files[name] = bytes(data)


def workbook_parts(files: Files, chance: random.Random) -> None:
    name = _as_workbook(files, chance, spoilt=False)
    parts = parts_of(files[name])
    part = chance.choice(sorted(parts))
    how = chance.choice(["drop", "empty", "cut", "entity", "macro", "swap", "noise", "deep"])
    if how == "drop":
        del parts[part]
    elif how == "macro":
        parts["xl/vbaProject.bin"] = b"x"
    elif how == "swap":
        parts[part] = parts[chance.choice(sorted(parts))]
    else:
        text = parts[part]
        parts[part] = {
            "empty": b"", "cut": text[: len(text) // 2], "noise": chance.randbytes(200),
            "entity": b'<!DOCTYPE a [<!ENTITY b "c">]>' + text, "deep": b"<a>" * 30_000,
        }[how]  # fmt: skip
    files[name] = packed(parts)


def wrong_names(files: Files, chance: random.Random) -> None:
    name = _one(files, chance)
    stem = name.removesuffix(".csv")
    suffix = chance.choice([".xlsx", ".xlsm", ".xls", ".ods", ".CSV", ".csv.txt", ".json", ""])
    files[stem + suffix] = files.pop(name)


def both_kinds(files: Files, chance: random.Random) -> None:
    before = dict(files)
    _as_workbook(files, chance)
    files.update(before)


# --- the folder itself -------------------------------------------------------------------------------


def no_file(folder: Path, chance: random.Random) -> None:
    """Put something else in place of a file: a folder, a loop, a link to nothing, a pipe."""
    path = chance.choice(sorted(folder.iterdir()))
    path.unlink()
    how = chance.choice(["folder", "loop", "dangling", "pipe"])
    if how == "folder":
        path.mkdir()
    elif how == "loop":
        path.symlink_to(path)
    elif how == "dangling":
        path.symlink_to(folder / "nowhere")
    else:
        os.mkfifo(path)


def loop_of_folders(folder: Path, chance: random.Random) -> None:
    (folder / "2021").symlink_to(folder)
    (folder / "2022").symlink_to(folder / "2022")


def unreadable(folder: Path, chance: random.Random) -> None:
    chance.choice([folder, *sorted(folder.iterdir())]).chmod(0)


SPOILS: dict[str, Spoil] = {
    f.__name__: f for f in (
        encodings, two_encodings, quotes, strange_characters, line_ends, delimiters, many_blank_rows, cut,
        noise, missing, headers, columns, cells, all_rows, identifiers, workbooks, broken_workbooks,
        workbook_parts, wrong_names, both_kinds,
    )
}  # fmt: skip
