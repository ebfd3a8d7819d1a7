"""What a case list cannot say, in sentences: what is missing in this one, and in every one."""

from __future__ import annotations

import numpy as np

from experiments.caselist.rates_table import OwnRates

MANY_UNRECORDED = 0.1
"""Share of moves down without a follow-up nearby from which recognition is likely to be overstated."""
LITTLE = 0.25
"""Share of the municipality's own below which a stair says little by itself."""


def cannot_say(rates: OwnRates) -> list[str]:
    """Return sentences on what the data leave open, those about this list first."""
    return [*_recognition(rates), *_missing(rates), *_little(rates), *_never()]


def _recognition(rates: OwnRates) -> list[str]:
    r = rates.numbers.readiness
    if not r.from_follow_ups:
        return [
            "How often a follow-up sees a ready child (recognition): without dates of follow-ups, "
            "children who are seldom ready and children who are seldom seen look the same. What more "
            "follow-ups would do rests on the country's figure. A file follow_ups.csv would say more "
            "about it than anything else."
        ]
    found = [
        "Recognition is read from how moves down follow the dates of follow-ups, as the model sees it: "
        "nobody is ready on the day of a move, all children of a stair become ready at one rate, and a "
        "move down is decided at a follow-up. A delay of some weeks that the model does not have, or a "
        "child who was seen but waited for a place, makes it look smaller than it is."
    ]
    if r.moves and r.unrecorded >= MANY_UNRECORDED * r.moves:
        found.append(
            "A tenth or more of the moves down have no follow-up in the eight weeks before. Where "
            "follow-ups are recorded only when they lead to something, recognition looks greater than "
            "it is."
        )
    return found


def _missing(rates: OwnRates) -> list[str]:
    own, found = rates.numbers, []
    if not own.places_told:
        found.append(
            "Breakdowns that end in another place on the same stair: the list has no moves between "
            "places on a stair. Crises are read from moves up alone."
        )
    if own.work.caseload is None:
        found.append("Caseload and turnover: there is no file of caseworkers (workers.csv).")
    if own.work.handovers is None:
        found.append("Changes of caseworker: there is no file of whose case it was (cases.csv).")
    if rates.before is None:
        found.append("How many come into care from help at home: the list has no rows of help at home.")
    return found


def _little(rates: OwnRates) -> list[str]:
    few = [
        rates.care.spells.stairs[s]
        for s in np.flatnonzero(rates.care.counts.exposure.sum(axis=(1, 2)) > 0.0)
        if rates.care.pooled.weight["leave"][s].max() < LITTLE
    ]
    if not few:
        return []
    return [
        f"Rates of leaving {', '.join(few)}: the municipality's own children are so few that the results "
        "are mostly the country's."
    ]


def _never() -> list[str]:
    return [
        "Children whom nobody knows of, and how many of them would come to light.",
        "Hours: how long a follow-up, an assessment or a month of a case takes. They decide how many "
        "follow-ups more caseworkers could hold, and are not in any case list.",
        "Whether a move was right, and how the child fares.",
        "Causes: rates are those of the window, with the practice, places and caseload of that time.",
    ]
