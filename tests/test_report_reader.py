"""Who has the report alone finds in it what is proposed, what it costs, how likely it pays, the doubt.

From the page's text without tags, as somebody reads it who knows nothing of the program.
"""

from __future__ import annotations

import re

import pytest
from reports import in_language, small_findings, small_note, small_page

from experiments.report import doubt, sentences
from experiments.report.html import _text
from experiments.report.saying import Saying
from experiments.words import LANGUAGES, Language, number

SOON = 1200
"""Letters of the page's text within which the answer stands."""

QUESTIONS = {
    "da": {
        "caseload": r"sagstallet fra ([\d.,]+) til ([\d.,]+) sager pr\. årsværk",
        "interval": r"tiden mellem opfølgninger fra ([\d.,]+) til ([\d.,]+) måneder",
        "cost": r"Hvad det koster\s+([\d.,]+) mio\. kr\. om året, i alt ([\d.,]+) mio\. kr\. over 5 år",
        "pays": r"I (\d+) af 100 simulerede forløb har forslaget tjent sig ind ved udgangen af år 5",
        "doubt": r"Hvad tvivlen handler om\s+»([^«]+)«",
    },
    "en": {
        "caseload": r"the caseload from ([\d.,]+) to ([\d.,]+) cases per full-time post",
        "interval": r"the time between follow-ups from ([\d.,]+) to ([\d.,]+) months",
        "cost": r"What it costs\s+([\d.,]+) m DKK a year, ([\d.,]+) m DKK in all over 5 years",
        "pays": r"In (\d+) of 100 simulated histories the proposal has paid for itself by .* year 5",
        "doubt": r"What the doubt is about\s+“([^”]+)”",
    },
}  # fmt: skip


def read(language: Language) -> str:
    return small_page(language).text.replace("\N{NO-BREAK SPACE}", " ")


def answers(language: Language, about: str) -> tuple[str, ...]:
    found = re.search(QUESTIONS[language][about], read(language))
    assert found is not None, f"the page does not say: {about}"
    return found.groups()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("about", "outcome", "digits"), [("caseload", "caseload", 0), ("interval", "achieved_interval", 1)]
)
def test_it_says_what_is_proposed(language: Language, about: str, outcome: str, digits: int) -> None:
    study = small_findings().study
    ends = (
        study.estimate(study.outcome(outcome, arm)[:, -1]).mean for arm in ("baseline", "swedish_model")
    )
    assert answers(language, about) == tuple(number(x, language, digits) for x in ends)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_it_costs_a_year_and_in_all(language: Language) -> None:
    cost = -float(small_findings().causes.world("null", "net_saving").mean()) / 1e6
    assert answers(language, "cost") == tuple(number(x, language, 1) for x in (cost / 5, cost))


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_how_likely_it_pays_within_the_horizon(language: Language) -> None:
    paid = float(small_findings().study.p_broken_even("swedish_model")[-1])
    assert answers(language, "pays") == (number(100 * paid, language),)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_the_doubt_is_about(language: Language) -> None:
    found = in_language(small_findings(), language)
    say = Saying(found.scenario, found.policy, language)
    assert answers(language, "doubt") == (say.name_of(doubt.bars(found)[0].unknown),)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_stands_at_the_beginning(language: Language) -> None:
    found = in_language(small_findings(), language)
    answer = sentences.answer(found, Saying(found.scenario, found.policy, language))
    text = " ".join(read(language).split())
    assert 0 <= text.find(answer) <= SOON - len(answer)
    assert len(re.findall(r"[.] [A-ZÆØÅ]", answer)) == 1  # two sentences


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_heading_is_without_text_below_it(language: Language) -> None:
    for section in small_note(language).sections:
        assert section.parts, section.key


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_cells_of_a_row_do_not_run_into_each_other(language: Language) -> None:
    table = next(t for t in small_note(language).tables if t.name == "money")
    lines = [line.strip() for line in read(language).splitlines()]
    assert all(_text(column.head) in " ".join(lines) for column in table.columns)
    assert {"1", "2", "3", "4", "5"} <= set(lines)


@pytest.mark.parametrize(
    ("value", "unit", "danish", "english"),
    [
        (0.2741, "share", "27 %", "27 %"),
        (0.002241, "share per follow-up", "0,22 %", "0.22 %"),
        (33.24, "hours", "33 timer", "33 hours"),
        (1.8123, "factor", "× 1,81", "× 1.81"),
        (0.4331, "per year", "0,43 pr. år", "0.43 a year"),
        (973_412.0, "DKK per year", "973.000 kr.", "973,000 DKK"),
        (1_354_000.0, "DKK per year", "1,35 mio. kr.", "1.35 m DKK"),
        (0.0, "share", "0 %", "0 %"),
        (99.6, "months", "100 mdr.", "100 months"),
    ],
)
def test_values_have_no_more_digits_than_they_are_known_to(
    value: float, unit: str, danish: str, english: str
) -> None:
    scenario = small_findings().scenario
    told = [Saying(scenario, "swedish_model", x).with_unit(value, unit) for x in ("da", "en")]
    assert told == [danish, english]
