"""Fanø: what its administration expected in 2015, and two worlds that must be reachable."""

from __future__ import annotations

import numpy as np

from experiments.validation.histories import CHILD, EVENT, FROM, MONTH, History, histories
from experiments.validation.settings import Experiment, Found, Setting, named, yearly
from simulation.accounts import Floats, Ledger, at_home, residential
from simulation.costs import placements
from simulation.ledger import Event, column_names

FANO, PROPOSAL = "fano", "swedish_model"
MONTHS, HISTORIES = 60, 10
DOWN_MONTHS = 24
"""Months in which the nine are to move down; Herning's fall came in about two years."""


def fano(at: Setting) -> Found:
    """Return what Fanø's administration expected, in many histories of the whole proposal."""
    s = at.scenario(FANO, MONTHS)
    today = list(histories(s, seed=at.seed, replicates=HISTORIES))
    model = list(histories(s, s.policy(PROPOSAL), seed=at.seed, replicates=HISTORIES))
    covered = _covered(yearly(today), yearly(model))
    return {
        "target.fano.residential_moved_down": np.array([_moved_down(h) for h in model], float),
        "target.fano.covered_year_1": covered[:, 0],
        "target.fano.covered_year_2": covered[:, 1],
    }


def _moved_down(h: History) -> int:
    """Return how many children in residential care on the first day moved down within two years."""
    stairs = h.scenario.staircase
    heavy = [i for i in range(len(stairs)) if residential(stairs, i)]
    e = h.events
    from_heavy = np.isin(e[:, FROM], heavy)
    nine = e[(e[:, EVENT] == Event.START) & from_heavy, CHILD]
    down = np.isin(e[:, EVENT], (Event.MOVE_DOWN, Event.MOVE_DOWN_UNREADY)) & from_heavy
    down &= e[:, MONTH] < DOWN_MONTHS
    return len(np.intersect1d(nine, e[down, CHILD]))


def _covered(today: Ledger, policy: Ledger) -> Floats:
    """Return [replicate, year]: saved on children / paid for the policy."""

    def on_children(b: Ledger) -> Floats:
        return placements(b) + b.over("dkk_", at_home) - b["dkk_refund"]

    def paid(b: Ledger) -> Floats:
        return b["dkk_staff"] + b["dkk_one_off"] + b["dkk_programmes"]

    return np.asarray((on_children(today) - on_children(policy)) / (paid(policy) - paid(today)))


def worlds(at: Setting) -> Found:
    """Return the null world and the perverse one, at Fanø."""
    s = at.scenario(FANO, MONTHS)
    n = HISTORIES
    today = list(histories(s, seed=at.seed, replicates=n))
    null = list(histories(s, s.policy("null"), seed=at.seed, replicates=n))
    perverse = yearly(list(histories(s, s.policy("perverse"), seed=at.seed, replicates=n)))
    base = yearly(today)
    ratio = perverse.over("n_", residential).sum() / base.over("n_", residential).sum()
    differ = [children_that_differ(a, b) for a, b in zip(today, null, strict=True)]
    return {
        "target.null.difference": np.array([max(differ)], float),
        "null.other_columns": np.array([columns_that_differ(base, yearly(null))], float),
        "target.perverse.residential_ratio": np.array([ratio]),
    }


def children_that_differ(one: History, other: History) -> int:
    """Return how many children have another history in `other`: other events, or others' dates."""
    if np.array_equal(one.events, other.events):
        return 0
    lines = [{tuple(row) for row in h.events.tolist()} for h in (one, other)]
    return len({row[CHILD] for row in lines[0] ^ lines[1]})


PAID_FOR = ("dkk_staff", "dkk_one_off", "dkk_programmes", "n_fte", "new_courses",
            "n_in_course")  # fmt: skip
"""What a policy without effect changes: what is paid for, and the posts and courses as reported."""


def columns_that_differ(one: Ledger, other: Ledger) -> int:
    """Return how many columns of the ledger differ beside PAID_FOR."""
    names = [name for name in column_names(one.staircase) if name not in PAID_FOR]
    return sum(not np.array_equal(one[name], other[name]) for name in names)


def experiments() -> tuple[Experiment, ...]:
    """Return the experiments of this file."""
    bad = ("target.null.difference", "null.other_columns", "target.perverse.residential_ratio")
    return (
        Experiment(fano, named("fano", "residential_moved_down", "covered_year_1", "covered_year_2")),
        Experiment(worlds, bad),
    )
