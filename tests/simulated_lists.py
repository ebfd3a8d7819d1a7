"""Case lists of simulated municipalities, as their own export would show them."""

from __future__ import annotations

import numpy as np

from experiments.caselist.reading import CaseList
from experiments.caselist.reading_extras import FollowUps
from experiments.caselist.spells import OPEN, Spells
from simulation.ledger import Event
from simulation.model import PlacementModel
from simulation.scenario import Scenario
from simulation.spells import MOVES

HELD_ON = np.timedelta64(2, "D")
"""Follow-ups are held early in the month, before anything else; moves count from the next month on."""

_STAYS = ("closed", "gone")


def simulated(s: Scenario, seed: int, replicate: int = 0, months: int | None = None) -> CaseList:
    """Return the case list of a municipality simulated from its first day on."""
    model = PlacementModel(s, rng=seed, replicate=replicate)
    began = {c.number: -c.on_stair for c in model.children}
    born: dict[int, int] = {}
    for _ in range(months or s.months):
        born |= {c.number: c.birth for c in model.children}
        model.step()
    born |= {c.number: c.birth for c in model.children}
    events = model.datacollector.get_table_dataframe("events")
    model.release()
    first = np.datetime64(s.start, "M")
    keys = s.staircase.keys
    shown = [i for i, x in enumerate(s.staircase) if x.is_case]
    place = {keys[i]: n for n, i in enumerate(shown)}
    moves = events[events["event"].isin(MOVES)].sort_values(["child", "month"], kind="stable")
    following = moves.groupby("child").shift(-1)
    rows = []
    for child, event, to, month, end in zip(
        moves["child"], moves["event"], moves["to"], moves["month"], following["month"], strict=True
    ):
        if to in _STAYS or to not in place:
            continue
        begin = began[child] if event == Event.START.name else month + 1
        stop = -1 if np.isnan(end) else int(end) + 1
        if stop != begin:
            rows.append((child, place[to], begin, stop))
    rows.sort(key=lambda r: (r[0], r[2]))
    children = sorted({r[0] for r in rows})
    number = {c: i for i, c in enumerate(children)}
    start = np.array([day(first, r[2]) for r in rows])
    end = np.array([OPEN if r[3] < 0 else day(first, r[3]) for r in rows])
    births = np.array([day(first, born[c]) for c in children])
    spells = Spells(
        tuple(place), np.array([number[r[0]] for r in rows]), np.array([r[1] for r in rows]),
        start, end, births, day(first, model.month),
    )  # fmt: skip
    held = events[(events["event"] == Event.FOLLOW_UP.name) & events["child"].isin(children)]
    days = np.array([day(first, m) + HELD_ON for m in held["month"]], "datetime64[D]")
    follow_ups = FollowUps(
        np.array([number[c] for c in held["child"]], np.int64),
        np.full(len(days), OPEN),
        days,
    )
    nothing = np.full(len(rows), -1), np.full(len(rows), np.nan)
    return CaseList(spells, (), nothing[0], nothing[1], follow_ups, None, None, ())


def day(first: np.datetime64, month: int) -> np.datetime64:
    """Return the first day of a month."""
    return (first + int(month)).astype("datetime64[D]")
