"""The content of a note: what was found, section by section, as plain data (`report.note`)."""

from __future__ import annotations

from datetime import date

import numpy as np

from experiments.report import doubt, figures, grounds, sentences
from experiments.report.asked import Findings
from experiments.report.note import (
    Cell,
    Column,
    Note,
    Number,
    Pairs,
    Part,
    Points,
    Section,
    Small,
    Table,
    with_interval,
)
from experiments.report.own_data import own_data, rounded
from experiments.report.proposal import begins, own_numbers, proposed, today
from experiments.report.rounding import differ_as_shown, rounded_apart
from experiments.report.saying import Saying
from experiments.runner import BASELINE
from experiments.small_counts import outcomes_left_out, residential_left_out, stairs_left_out
from experiments.store import commit, project_version, short_name
from experiments.words import month, number, place, stair_name
from simulation.accounts import MONTHS_IN_YEAR, Floats
from simulation.policy import CAUSES

MILLION = 1e6

COUNTED = ("residential_months", "care_months", "waiting_months", "breakdowns", "entries")
"""What is told of the children: sums over the whole time."""

SPENT = ("placement_cost", "home_cost", "staff_cost", "one_off_cost")
"""What the municipality pays; the refund is paid to it."""


def note(found: Findings, command: str, written: date, beside: tuple[str, str] | None = None) -> Note:
    """Return the note. `command`: what made it; `written`: the day; `beside`: workbook and csv folder."""
    say = Saying(found.scenario, found.policy, found.asked.language)
    wanted = (
        _section(say, "question", _question(found, say)),
        _section(say, "answer", _answer(found, say)),
        _section(say, "proposal", _proposal(found, say, written)),
        _section(say, "picture", _picture(found, say)),
        _section(say, "money", _money(found, say)),
        _section(say, "children", _children(found, say)),
        _section(say, "causes", _causes(found, say)),
        _section(say, "doubt", _doubt(found, say)),
        _section(say, "data", own_data(found, say)),
        _section(say, "assumptions", grounds.assumptions(found, say)),
        _section(say, "limits", (Points(grounds.limits(found, say)),)),
        _section(say, "made", (_made(found, say, command, written), _beside(say, beside))),
    )
    sections = tuple(section for section in wanted if section.parts)
    dated = say("dated", day=say.day(written))
    footer = say("footer", version=project_version())
    warnings = _warnings(found, say)
    return Note(say.language, say("kind"), say("title"), dated, warnings, sections, footer)


def _section(say: Saying, key: str, parts: tuple[Part, ...]) -> Section:
    return Section(key, say(f"heading.{key}"), tuple(p for p in parts if p != ""))


def _warnings(found: Findings, say: Saying) -> tuple[str, ...]:
    other = "" if say.is_of_children else say("other_staircase")
    said = (say("quick") if found.asked.quick else "", other)
    return tuple(filter(None, said))


def _question(found: Findings, say: Saying) -> tuple[Part, ...]:
    return (say("question.asked"), say("question.average") if found.scenario.is_average else "")


def _proposal(found: Findings, say: Saying, written: date) -> tuple[Part, ...]:
    lines = proposed(say, found.causes.question.changed)
    counted = " ".join(filter(None, (today(say), begins(say, written), own_numbers(say))))
    return (say("proposal.lead"), Points(lines), counted)


def _answer(found: Findings, say: Saying) -> tuple[Part, ...]:
    history = say("answer.history", covers=sentences.covered(found.study, say))
    return (sentences.answer(found, say), _in_short(found, say), Small(history))


def _in_short(found: Findings, say: Saying) -> Pairs:
    pairs = [
        (say("key.change"), sentences.work(found, say)),
        (say("key.costs"), sentences.costs(found, say)),
        (say("key.gives"), sentences.gives(found, say)),
        (say("key.odds"), sentences.odds_by_year(found, say)),
        (say("key.doubt"), doubt.longest(found, say)),
    ]
    pairs[4:4] = _children_in_short(found, say)
    if nothing := sentences.if_nothing_works(found, say):
        pairs.insert(2, (say("key.nothing"), nothing))
    return Pairs(say("key.heading"), tuple(pairs))


def _children_in_short(found: Findings, say: Saying) -> list[tuple[str, str]]:
    """Return how many live most intrusively, and how many are placed in all: the two may part."""
    hidden, told = outcomes_left_out(found.scenario), []
    for key in (k for k in ("residential", "in_care") if f"n_{k}" not in hidden):
        ends = {
            when: number(found.study.outcome(f"n_{key}", arm)[:, -1].mean(), say.language, 1)
            for when, arm in (("before", BASELINE), ("after", found.policy))
        }
        told.append((say(f"key.{key}"), say("key.residential_text", **ends)))
    return told


def _picture(found: Findings, say: Saying) -> tuple[Part, ...]:
    s, year = found.scenario, say.plain(found.study.n_years)
    hidden = stairs_left_out(s)
    before, after = (figures.last_year(found, arm) for arm in (BASELINE, found.policy))
    rows: list[tuple[str, float, float, float]] = []
    cells: list[tuple[str | Number, ...]] = []
    for i, stair in enumerate(s.staircase):
        if stair.kind not in ("home", "care"):
            continue
        name = stair_name(stair, say.language)
        if stair.key in hidden:
            cells.append((name, *[say("picture.hidden")] * 3))
            continue
        start = sum(d.start.get(stair.key, 0) for d in s.districts)
        rows.append((name, start, float(before[i]), float(after[i])))
        cells.append((name, Number(start), *(Number(float(x[i]), digits=1) for x in (before, after))))
    columns = (
        Column(say("picture.stair")),
        Column(say("picture.today_rounded" if rounded(s.case_list) else "picture.today")),
        Column(say("picture.before", year=year)), Column(say("picture.after", year=year)),
    )  # fmt: skip
    table = Table("staircase", say("picture.table", year=year), columns, tuple(cells))
    if hidden:
        return table, Small(say("picture.hidden_note"))
    return figures.staircase(found, say, rows), table


def _money(found: Findings, say: Saying) -> tuple[Part, ...]:
    lead = say("money.lead", prices=str(found.scenario.price_year))
    told = " ".join(sentences.over_the_years(found, say))
    pictures = (figures.hundred(found, say), figures.money(found, say))
    made_of = _made_of(found, say)
    return (
        lead,
        _by_year(found, say),
        told,
        *pictures,
        made_of,
        Small(" ".join(filter(None, (say("money.lead_parts"), rounded_apart(made_of, say))))),
        sentences.cheaper_stairs(found, say),
    )


def _by_year(found: Findings, say: Saying) -> Table:
    study, name = found.study, found.policy
    so_far = study.cumulated_saving(name)
    yearly, paid = np.diff(so_far, axis=1, prepend=0.0), study.p_broken_even(name)
    rest = found.scenario.months % MONTHS_IN_YEAR
    rows: list[tuple[Cell, ...]] = []
    for i in range(study.n_years):
        year = say.plain(i + 1)
        if rest and i == study.n_years - 1:
            year = say("money.unfinished", year=year, months=say.plain(rest))
        amounts = (with_interval(study.estimate(x[:, i]), 1, MILLION) for x in (yearly, so_far))
        rows.append((year, *amounts, Number(100.0 * float(paid[i]))))
    million, dkk = say("million"), say("dkk")
    columns = (
        Column(say("money.year")), Column(say("money.saving"), million, dkk, parts=True),
        Column(say("money.cumulated"), million, dkk, parts=True),
        Column(say("money.paid"), say("money.paid_unit")),
    )  # fmt: skip
    return Table("money", say("money.table"), columns, tuple(rows))


def _made_of(found: Findings, say: Saying) -> Table:
    study = found.study

    def saved(name: str) -> Floats:
        before, after = (study.outcome(name, arm).sum(axis=1) for arm in (BASELINE, found.policy))
        return np.asarray(before - after)

    values = {name: saved(name) for name in SPENT} | {"refund": -saved("refund")}
    rows = [
        (say(f"parts.{name}"), with_interval(study.estimate(x), 1, MILLION, signed=True))
        for name, x in values.items() if x.any()
    ]  # fmt: skip
    whole = with_interval(sentences.total(found), 1, MILLION, signed=True)
    columns = (
        Column(say("money.part")),
        Column(say("money.part_saving"), say("million"), say("dkk"), parts=True),
    )
    rows.append((say("money.whole"), whole))
    return Table("parts", say("money.parts"), columns, tuple(rows), last_is_total=True)


def _children(found: Findings, say: Saying) -> tuple[Part, ...]:
    study = found.study
    rows: list[tuple[Cell, ...]] = []
    hidden = outcomes_left_out(found.scenario)
    for name in (n for n in COUNTED if n not in hidden):
        before, after = (study.outcome(name, arm).sum(axis=1) for arm in (BASELINE, found.policy))
        digits = 0 if name.endswith("months") else 1
        each = [with_interval(study.estimate(x), digits) for x in (before, after)]
        change = with_interval(study.estimate(after - before), digits, signed=True)
        rows.append((say(f"children.{name}"), *each, change))
    columns = (Column(say("children.what")), *(
        Column(say(f"children.{key}"), parts=True) for key in ("before", "after", "change")
    ))  # fmt: skip
    table = Table("children", say("children.table"), columns, tuple(rows))
    apart = differ_as_shown(table, say)
    noted = (Small(apart),) if apart else ()
    return say("children.lead"), table, *noted, say("children.not_better")


def _causes(found: Findings, say: Saying) -> tuple[Part, ...]:
    told = sentences.causes_told(found, say)
    if len(found.causes.question.changed) < 2:
        return (*told, _shares(found, say))
    lead = say("causes.lead")
    picture, shares = figures.causes(found, say), _shares(found, say)
    apart = rounded_apart(shares, say, len(found.causes.question.changed))
    noise = Small(" ".join(filter(None, (sentences.noise(found, say), apart))))
    return (lead, *told, picture, shares, noise)


def _shares(found: Findings, say: Saying) -> Table:
    causes = found.causes
    gains = ["net_saving", "care_months_avoided", "residential_months_avoided"]
    if residential_left_out(found.scenario):
        gains.pop()
    measures = {gain: causes.measures(gain) for gain in gains}
    rows = [
        _of_gains(found, say(f"cause.{c}"), {g: measures[g][c, "share"] for g in gains},
                  {m: measures["net_saving"][c, m] for m in ("alone", "last")})
        for c in CAUSES if c in causes.question.changed
    ]  # fmt: skip
    rows.append(_of_gains(found, say("causes.whole"), {g: causes.whole(g) for g in gains}))
    for world in causes.question.worlds:
        rows.append(_of_gains(found, say(f"causes.{world}"), {g: causes.world(world, g) for g in gains}))
    million, dkk = say("million"), say("dkk")
    months = say("children.unit_months")
    columns = [
        Column(say("causes.cause")), Column(say("causes.saving"), million, dkk, parts=True),
        Column(say("causes.alone"), million, dkk), Column(say("causes.last"), million, dkk),
        *(Column(say(f"causes.{g.split('_')[0]}"), months, parts=True) for g in gains[1:]),
    ]  # fmt: skip
    return Table("causes", say("causes.table"), tuple(columns), tuple(rows))


def _of_gains(
    found: Findings, head: str, gains: dict[str, Floats], others: dict[str, Floats] | None = None
) -> tuple[str | Number, ...]:
    of = found.causes.study.estimate
    first, *rest = gains.values()
    between: list[str | Number] = ["", ""]
    if others is not None:
        between = [Number(float(x.mean()), digits=1, scale=MILLION, signed=True) for x in others.values()]
    counted = (with_interval(of(x), 0, signed=True) for x in rest)
    return (head, with_interval(of(first), 1, MILLION, signed=True), *between, *counted)


def _doubt(found: Findings, say: Saying) -> tuple[Part, ...]:
    told, noise = doubt.told(found, say), Small(doubt.settled(found, say))
    picture = (figures.tornado(found, say),) if doubt.bars(found) else ()
    return (say("doubt.lead"), *told, *picture, doubt.table(found, say), noise)


def _made(found: Findings, say: Saying, command: str, written: date) -> Table:
    s, study = found.scenario, found.study
    month_said = month(s.start, say.language)
    error = number(sentences.total(found).error / MILLION, say.language, 1)
    rows: list[tuple[str, str]] = [
        (say("made.version"), say("made.version_text", version=project_version())),
        (say("made.commit"), commit()),
        (say("made.written"), say.day(written)),
        (say("made.scenario"), f"{place(s, say.language)} ({s.name})"),
        (say("made.policy"), f"{say.policy_name} ({found.policy})"),
        (say("made.horizon"), say("made.horizon_text", month=month_said)),
        (say("made.prices"), say("made.prices_text", year=str(s.price_year))),
        (say("made.histories"), say.plain(study.replicates)),
        (say("made.draws"), say.plain(study.plan.draws_in(study.replicates))),
        (say("made.tornado"), say.plain(found.asked.tornado)),
        (say("made.exact"), say("made.exact_text", error=f"{error} {say('million')}")),
        (say("made.seed"), str(study.plan.seed)),
        (say("made.command"), command),
        (say("made.study"), short_name(study.plan)),
    ]
    columns = (Column(say("made.what")), Column(say("made.value")))
    return Table("made", say("made.table"), columns, tuple(row for row in rows if row[1]))


def _beside(say: Saying, beside: tuple[str, str] | None) -> str:
    return say("made.files", workbook=beside[0], folder=beside[1]) if beside else ""
