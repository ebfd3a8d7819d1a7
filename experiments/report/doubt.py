"""What would change the answer: the numbers that the net saving hangs on most, from the tornado."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.pictures.tornado import Ends
from experiments.report.asked import Findings
from experiments.report.note import Column, Number, Table
from experiments.report.saying import Saying
from experiments.report.sentences import SAVING, saving_or_cost, share_of_parameters, total, variance
from experiments.sensitivity.indices import Tornado
from experiments.sensitivity.points import HIGH, LOW
from experiments.unknowns import Unknown
from experiments.words import number, percent

MILLION = 1e6

HIGHEST_CASELOAD = 47
"""Cases per caseworker that no figure the model is fitted to lies above (docs/model_card.md)."""

HOURS = ("work.assessment_hours", "work.follow_up_hours", "work.reactive_hours")
"""Hours that a piece of work takes: what the new hours go to."""


@dataclass(frozen=True)
class Bar:
    """One number at the low and at the high end of its evidence, and the net saving there, DKK."""

    unknown: Unknown
    low: float
    high: float
    at_low: float
    at_high: float
    error: float


def bars(found: Findings) -> list[Bar]:
    """Return the numbers that the net saving hangs on most, the one that moves it most first."""
    one, tornado = tornado_of(found), found.doubt
    base = float(one.base.values[0])
    return [
        Bar(
            u := tornado.asked.numbers[i], u.at(LOW), u.at(HIGH), base + float(one.low.values[i]),
            base + float(one.high.values[i]), one.swing.errors[i].both,
        )
        for i in tornado.first(SAVING, found.asked.shown)
    ]  # fmt: skip


def tornado_of(found: Findings) -> Tornado:
    """Return the tornado of the net saving."""
    one = found.doubt.indices[SAVING]
    assert isinstance(one, Tornado)
    return one


def base(found: Findings) -> float:
    """Return the net saving at the scenario's own numbers, DKK."""
    return float(tornado_of(found).base.values[0])


def told(found: Findings, say: Saying) -> list[str]:
    """Return what the tornado says: the base, the first number, what could turn the answer."""
    shown = bars(found)
    first = " ".join(filter(None, (_first(shown, say), hours(shown, say), _beyond(found, shown, say))))
    said = (_base(found, say), first, _turns(found, shown, say), variance(found, say))
    return [sentence for sentence in said if sentence]


def _base(found: Findings, say: Saying) -> str:
    said = saving_or_cost(base(found), say)
    if found.study.plan.draws:
        return say("doubt.base", base=said, mean=saving_or_cost(total(found).mean, say))
    return say("doubt.base_chance", base=said, histories=say.plain(found.asked.tornado))


def _first(shown: list[Bar], say: Saying) -> str:
    if not shown:
        return ""
    bar = shown[0]
    return say("doubt.first", number=in_text(bar, say), grade=bar.unknown.record.grade, **_ends(bar, say))


def hours(shown: list[Bar], say: Saying) -> str:
    """Return why more hours turn the saving, where the first number is of hours and does so; else ""."""
    turns = _is_of_hours(shown) and shown[0].at_low >= 0.0 > shown[0].at_high
    return say("doubt.hours") if turns else ""


def _is_of_hours(shown: list[Bar]) -> bool:
    return bool(shown) and shown[0].unknown.name in HOURS


def _beyond(found: Findings, shown: list[Bar], say: Saying) -> str:
    """Return that the caseload is one from which no figure comes, where the first number is of hours."""
    load = first_caseload(found)
    if not _is_of_hours(shown) or load <= HIGHEST_CASELOAD:
        return ""
    return say("doubt.caseload", limit=say.plain(HIGHEST_CASELOAD), caseload=say.plain(load))


def first_caseload(found: Findings) -> float:
    """Return the cases per caseworker of the first year as today: mean over histories."""
    return float(found.study.outcome("caseload")[:, 0].mean())


def in_text(bar: Bar, say: Saying) -> str:
    """Return a number's name as it stands within a sentence."""
    return say.quoted(say.name_of(bar.unknown))


def _ends(bar: Bar, say: Saying) -> dict[str, str]:
    unit = bar.unknown.record.unit
    return {
        "low": say.with_unit(bar.low, unit), "high": say.with_unit(bar.high, unit),
        "at_low": saving_or_cost(bar.at_low, say), "at_high": saving_or_cost(bar.at_high, say),
    }  # fmt: skip


def _turns(found: Findings, shown: list[Bar], say: Saying) -> str:
    """Return which of the numbers shown can by themselves turn the saving, or the cost, around."""
    saves = base(found) >= 0.0
    ends = [(bar, sorted((bar.at_low, bar.at_high))) for bar in shown]
    names = [in_text(bar, say) for bar, (low, high) in ends if (low < 0.0 if saves else high >= 0.0)]
    told = {"turned": say("doubt.to_cost" if saves else "doubt.to_saving"), "numbers": say.listed(names)}
    if not names:
        return say("doubt.turns_none", turned=told["turned"])
    if len(names) == 1:
        return say("doubt.turns_one", **told)
    return say("doubt.turns", count=say.count(len(names)), **told)


def ends(found: Findings, say: Saying) -> list[Ends]:
    """Return the same numbers for a picture, with their names and values in words."""
    found_bars = []
    for bar in bars(found):
        low, high = (say.with_unit(x, bar.unknown.record.unit) for x in (bar.low, bar.high))
        found_bars.append(Ends(say.name_of(bar.unknown), low, high, bar.at_low, bar.at_high))
    return found_bars


def table(found: Findings, say: Saying) -> Table:
    """Return the numbers with their ends, the net saving at each, and the grade of their evidence."""
    million, dkk = say("million"), say("dkk")
    columns = (
        Column(say("doubt.number")), Column(say("doubt.low")),
        Column(say("doubt.at_low"), million, dkk), Column(say("doubt.high")),
        Column(say("doubt.at_high"), million, dkk), Column(say("doubt.grade")),
    )  # fmt: skip
    rows = tuple(_row(bar, say) for bar in bars(found))
    return Table("tornado", say("doubt.table"), columns, rows)


def _row(bar: Bar, say: Saying) -> tuple[str | Number, ...]:
    record = bar.unknown.record
    low, high = (Number(x, shown=say.with_unit(x, record.unit)) for x in (bar.low, bar.high))
    at_low, at_high = (Number(x, digits=1, scale=MILLION) for x in (bar.at_low, bar.at_high))
    return (say.name_of(bar.unknown), low, at_low, high, at_high, record.grade)


def longest(found: Findings, say: Saying) -> str:
    """Return what the doubt is about: the first two numbers, and chance where its share is known."""
    names = say.listed([in_text(b, say) for b in bars(found)[:2]])
    share = share_of_parameters(found)
    if share is None:
        return say("key.doubt_text", numbers=names)
    return say("key.doubt_chance", numbers=names, chance=percent(1.0 - share, say.language))


def settled(found: Findings, say: Saying) -> str:
    """Return how exact the order is."""
    worst = max((bar.error for bar in bars(found)), default=0.0)
    histories = number(found.asked.tornado, say.language)
    return say("doubt.settled", histories=histories, error=say.money(worst))
