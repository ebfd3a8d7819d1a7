"""The English Standard Safeguarding Dataset (SSD): its placements, reviews and workers in our form.

Tables and fields are those of the specification by Data to Insight: schema/*.yml of
https://github.com/data-to-insight/ssd-data-model-next (2025) for ssd_person, ssd_cla_placement,
ssd_cla_episodes, ssd_involvements and ssd_professionals; data/objects/ssd_cla_reviews.yml of
https://github.com/data-to-insight/ssd-data-model for the reviews, with clar_cla_review_cancelled
(CLAR012A) and clap_person_id (CLAP013A) of the same repository's deployment scripts. Table by table:

* ssd_cla_placement -> spells: clap_cla_placement_id (the place), clap_cla_id or clap_person_id (the
  child), clap_cla_placement_type, clap_cla_placement_start_date, clap_cla_placement_end_date.
* ssd_cla_episodes: clae_cla_id, clae_cla_episode_id -> clae_person_id: whose placement it is, or review.
* ssd_person: pers_person_id, pers_dob.
* ssd_cla_reviews -> follow_ups: clar_cla_id or clar_cla_episode_id (the child), clar_cla_review_due_date,
  clar_cla_review_date (held), clar_cla_review_cancelled (Y: not used).
* ssd_involvements -> cases: invo_person_id, invo_professional_id, invo_professional_role_id,
  invo_involvement_start_date, invo_involvement_end_date.
* ssd_professionals -> workers: prof_professional_id, prof_full_time_equivalency. The dataset does not say
  from when to when somebody was employed; the first and last day of their involvements stand for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from experiments.caselist.quality import Reason
from experiments.caselist.reading_codes import code_of, code_positions, with_temporary_moves
from experiments.caselist.reading_columns import Cells, Numbers
from experiments.caselist.reading_extras import CASES, FOLLOW_UPS, WORKERS
from experiments.caselist.reading_files import SPELLS, Stays, stays_in
from experiments.caselist.reading_names import Names, found_columns, plain, words
from experiments.caselist.reading_problems import problem
from experiments.caselist.reading_sources import Reader, tables_in
from experiments.caselist.reading_text import Table
from experiments.caselist.rows import EPOCH, MISSING, OPEN_END
from simulation.staircase import Staircase

PLACEMENTS, PERSONS, EPISODES = "ssd_cla_placement", "ssd_person", "ssd_cla_episodes"
REVIEWS, INVOLVEMENTS, PROFESSIONALS = "ssd_cla_reviews", "ssd_involvements", "ssd_professionals"
TABLES = (PLACEMENTS, PERSONS, EPISODES, REVIEWS, INVOLVEMENTS, PROFESSIONALS)

CANCELLED = Reason("cancelled", "dropped", "a review that was cancelled")
OTHER_ROLE = Reason("other_role", "dropped", "somebody in touch with the child, but not its caseworker")

Tables = Mapping[str, Reader]


@dataclass(frozen=True)
class Given:
    """What a folder holds, in our form: stays, and tables with our columns where they are there.

    `excluded` [table name][row]: rows that are not used and why.
    """

    stays: Stays
    follow_ups: Table | None
    cases: Table | None
    workers: Table | None
    excluded: Mapping[str, Mapping[int, Reason]] = field(default_factory=dict)


def standard_tables(folder: Path) -> Tables:
    """Return readers of the tables of the dataset in a folder, none where it holds no placements."""
    found = tables_in(folder, TABLES)
    return found if PLACEMENTS in found else {}


def standard_in(tables: Tables, names: Names, staircase: Staircase, children: Numbers) -> Given:
    """Return the dataset in our form; CaseListError where a table that is needed cannot be read."""
    child_of = _child_of(tables, names)
    stays = _stays(tables, names, staircase, children, child_of)
    follow_ups = cases = workers = None
    excluded: dict[str, Mapping[int, Reason]] = {}
    if REVIEWS in tables:
        follow_ups, excluded["follow_ups"] = _reviews(tables[REVIEWS](), names, child_of)
    if INVOLVEMENTS in tables:
        table = tables[INVOLVEMENTS]()
        cases, excluded["cases"] = _involvements(table, names)
        if PROFESSIONALS in tables:
            workers = _professionals(tables[PROFESSIONALS](), table, names, excluded["cases"])
    return Given(stays, follow_ups, cases, workers, excluded)


def _child_of(tables: Tables, names: Names) -> dict[str, str]:
    """Return whose a period of care is, and an episode, by their identifiers in the dataset."""
    if EPISODES not in tables:
        return {}
    table = tables[EPISODES]()
    cells = Cells(
        table, found_columns(table, names, ("clae_person_id",), ("clae_cla_id", "clae_cla_episode_id"))
    )
    persons = cells.ids("clae_person_id")
    found: dict[str, str] = {}
    for kind, column in (("care", "clae_cla_id"), ("episode", "clae_cla_episode_id")):
        for key, person in zip(cells.ids(column), persons, strict=True):
            if key and person:
                found.setdefault(f"{kind} {key}", person)
    return found


def _stays(
    tables: Tables, names: Names, staircase: Staircase, children: Numbers, child_of: Mapping[str, str]
) -> Stays:
    table = tables[PLACEMENTS]()
    needed = (
        "clap_cla_placement_type", "clap_cla_placement_start_date", "clap_cla_placement_end_date"
    )  # fmt: skip
    cells = Cells(table, found_columns(
        table, names, needed, ("clap_person_id", "clap_cla_id", "clap_cla_placement_id")
    ))  # fmt: skip
    if "clap_person_id" not in cells.columns and not child_of:
        raise problem(
            table.file, "nothing says whose placements they are",
            f"add {EPISODES} with clae_cla_id and clae_person_id, or a column clap_person_id",
        )  # fmt: skip
    persons = _persons(cells, "clap_person_id", {"care": "clap_cla_id"}, child_of)
    births = _births(tables, table, names)
    types = [code_of(cell) for cell in cells.text(needed[0])]
    ours = Table(
        table.file, [*SPELLS, "place_id"],
        [list(x) for x in zip(persons, types, cells.text(needed[1]), cells.text(needed[2]),
                              [births.get(p, "") for p in persons],
                              cells.ids("clap_cla_placement_id"), strict=True)],
        table.numbers, table.serial_0,
    )  # fmt: skip
    stays = stays_in(ours, Names(), staircase, children, known=code_positions(names, staircase))
    rows, notes = with_temporary_moves(stays.rows)
    return Stays(rows, stays.places, (), stays.unknown, [*stays.notes, *notes])


def _persons(cells: Cells, own: str, keys: Mapping[str, str], child_of: Mapping[str, str]) -> list[str]:
    """Return the child of each row: by its own column, or by an identifier that `child_of` knows."""
    found = cells.ids(own)
    for kind, column in keys.items():
        others = cells.ids(column)
        found = [p or child_of.get(f"{kind} {key}", "") for p, key in zip(found, others, strict=True)]
    return found


def _births(tables: Tables, placements: Table, names: Names) -> dict[str, str]:
    """Return each person's date of birth in a form that is read without fail."""
    if PERSONS not in tables:
        raise problem(placements.file, f"there is no {PERSONS}", "it has the birth dates; add it")
    table = tables[PERSONS]()
    cells = Cells(table, found_columns(table, names, ("pers_person_id", "pers_dob"), ()))
    days = zip(cells.ids("pers_person_id"), cells.days("pers_dob"), strict=True)
    return {i: _iso(day) for i, day in days if i and day is not None and day != MISSING}


def _iso(day: int) -> str:
    return date.fromordinal(day + EPOCH).isoformat()


def _reviews(table: Table, names: Names, child_of: Mapping[str, str]) -> tuple[Table, dict[int, Reason]]:
    cells = Cells(table, found_columns(
        table, names, ("clar_cla_review_date",),
        ("clar_cla_id", "clar_cla_episode_id", "clar_cla_review_due_date", "clar_cla_review_cancelled"),
    ))  # fmt: skip
    persons = _persons(cells, "", {"care": "clar_cla_id", "episode": "clar_cla_episode_id"}, child_of)
    rows = zip(
        persons, cells.text("clar_cla_review_due_date"), cells.text("clar_cla_review_date"), strict=True
    )
    cancelled = [cell.upper()[:1] == "Y" for cell in cells.text("clar_cla_review_cancelled")]
    return (
        Table(table.file, list(FOLLOW_UPS), [list(x) for x in rows], table.numbers, table.serial_0),
        {i: CANCELLED for i, yes in enumerate(cancelled) if yes},
    )


_INVOLVED = ("invo_professional_id", "invo_involvement_start_date", "invo_involvement_end_date")


def _involvements(table: Table, names: Names) -> tuple[Table, dict[int, Reason]]:
    cells = Cells(table, found_columns(
        table, names, ("invo_person_id", *_INVOLVED), ("invo_professional_role_id",)
    ))  # fmt: skip
    rows = zip(cells.ids("invo_person_id"), *(cells.text(x) for x in _INVOLVED), strict=True)
    roles = {plain(name) for name in words()["ssd"]["case_roles"]}
    own = [plain(cell) in roles for cell in cells.text("invo_professional_role_id")]
    others = {i: OTHER_ROLE for i, yes in enumerate(own) if not yes} if any(own) else {}
    return Table(table.file, list(CASES), [list(x) for x in rows], table.numbers, table.serial_0), others


def _professionals(
    table: Table, involvements: Table, names: Names, others: Mapping[int, Reason]
) -> Table:
    """Return the caseworkers, from the first to the last day of involvements that `others` has not."""
    known = _days_involved(involvements, names, others)
    cells = Cells(table, found_columns(
        table, names, ("prof_professional_id", "prof_full_time_equivalency"), ()
    ))  # fmt: skip
    rows = []
    pairs = zip(cells.ids("prof_professional_id"), cells.text("prof_full_time_equivalency"), strict=True)
    for worker, fte in pairs:
        start, end = known.get(worker, (MISSING, OPEN_END))
        rows.append([
            worker, fte, "" if start == MISSING else _iso(start), "" if end == OPEN_END else _iso(end)
        ])  # fmt: skip
    return Table(table.file, list(WORKERS), rows, table.numbers)


def _days_involved(
    table: Table, names: Names, others: Mapping[int, Reason]
) -> dict[str, tuple[int, int]]:
    cells = Cells(table, found_columns(table, names, _INVOLVED, ()))
    found: dict[str, tuple[int, int]] = {}
    days = zip(cells.ids(_INVOLVED[0]), cells.days(_INVOLVED[1]), cells.ends(_INVOLVED[2]), strict=True)
    for i, (worker, start, end) in enumerate(days):
        if i in others or not worker or start is None or end is None or start == MISSING:
            continue
        first, last = found.get(worker, (start, end))
        found[worker] = (min(first, start), max(last, end))
    return found
