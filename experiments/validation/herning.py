"""Herning: both groups of districts under the programme, and what capacity alone would bring there."""

from __future__ import annotations

from collections.abc import Mapping

from experiments import measures as ms
from experiments.calibration.runs import AIMS, PILOT, PROGRAMME, SECOND_YEAR, ledger
from experiments.validation.settings import (
    Experiment,
    Found,
    Setting,
    aims_of,
    in_the_prices_of,
    named,
    pooled,
)
from simulation.accounts import Ledger, family_like, in_care, residential
from simulation.costs import placements
from simulation.parameters import value
from simulation.parts import seed_of_district
from simulation.scenario import Scenario

HERNING = "herning"
MONTHS, CAPACITY_HISTORIES = 36, 100


def herning(at: Setting) -> Found:
    """Return Herning's districts under the programme, one history each, and capacity alone."""
    s = at.scenario(HERNING, MONTHS)
    programme = s.policy(PROGRAMME)
    names = [d.name for d in s.districts]
    others = next(name for name in names if name != PILOT)
    luck = {name: seed_of_district(at.seed, i) for i, name in enumerate(names)}
    found = _pilot(ledger(s, programme, luck[PILOT], 1, PILOT), s)
    found |= _others(ledger(s, programme, luck[others], 1, others), s)
    alone = ledger(s, s.policy("staff_only"), luck[PILOT], CAPACITY_HISTORIES, PILOT)
    start = s.districts[names.index(PILOT)].start
    return found | _capacity_alone(alone, s, start)


def _pilot(b: Ledger, s: Scenario) -> Found:
    spent, year = placements(b), "target.herning.spending_2014"
    fall = "target.herning.spending_fall"
    return aims_of("pilot", b) | {
        "target.herning.mix_2014_family": ms.share_in_care(family_like, SECOND_YEAR)(b),
        "target.herning.residential_later": b.over("n_", residential)[..., 2],
        "target.herning.accounts_residential": ms.spending_ratio(residential, 1, 0)(b),
        "target.herning.accounts_family": ms.spending_ratio(family_like, 1, 0)(b),
        "target.herning.accounts_own_room": ms.spending_ratio(ms.other_care, 1, 0)(b),
        year: spent[..., 1] * in_the_prices_of(year, s),
        fall: (spent[..., 0] - spent[..., 1]) * in_the_prices_of(fall, s),
    }


def _others(b: Ledger, s: Scenario) -> Found:
    spent, year = placements(b), "target.herning.others_spending_2014"
    rise = "target.herning.others_spending_rise"
    return {
        "target.herning.others_accounts_residential": ms.spending_ratio(residential, 1, 0)(b),
        "target.herning.others_accounts_family": ms.spending_ratio(family_like, 1, 0)(b),
        "target.herning.others_accounts_own_room": ms.spending_ratio(ms.other_care, 1, 0)(b),
        "target.herning.others_accounts_total": ms.spending_ratio(in_care, 1, 0)(b),
        year: spent[..., 1] * in_the_prices_of(year, s),
        rise: (spent[..., 1] - spent[..., 0]) * in_the_prices_of(rise, s),
    }


def _capacity_alone(b: Ledger, s: Scenario, start: Mapping[str, int]) -> Found:
    """Return what capacity alone is expected to bring, as shares of what Herning published."""
    stairs = s.staircase
    before = float(sum(start.get(x.key, 0) for i, x in enumerate(stairs) if residential(stairs, i)))
    fewer = before - b.over("n_", residential)[..., 2]
    saved = placements(b)[..., 0] - placements(b)[..., 1]
    fall = "target.herning.spending_fall"
    published = before - value("target.herning.residential_later")
    return {
        "herning.capacity_alone_residential": pooled(fewer / published),
        "herning.capacity_alone_spending": pooled(saved * in_the_prices_of(fall, s) / value(fall)),
    }


_PILOT_TARGETS = (
    *(aim.target for aim in AIMS if aim.run == "pilot"),
    *named(
        "herning", "mix_2014_family", "residential_later", "accounts_residential", "accounts_family",
        "accounts_own_room", "spending_2014", "spending_fall",
    ),
)  # fmt: skip
_OTHERS_TARGETS = named(
    "herning", "others_accounts_residential", "others_accounts_family", "others_accounts_own_room",
    "others_accounts_total", "others_spending_2014", "others_spending_rise",
)  # fmt: skip


def experiments() -> tuple[Experiment, ...]:
    """Return the experiment of this file."""
    single = (*_PILOT_TARGETS, *_OTHERS_TARGETS)
    expected = ("herning.capacity_alone_residential", "herning.capacity_alone_spending")
    return (Experiment(herning, (*single, *expected), single),)
