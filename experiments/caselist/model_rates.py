"""What the model's average municipality shows, against the closed forms of its numbers.

A rate that is counted is not the number that makes it. Children who came into care are those in whom
crises come more often than in others (severity), teenagers have more of them, stays end before the closed
form has settled. How much all that does is counted in the model itself (`national_table`), as a ratio,
and events counted in a case list are set against the closed form times this ratio.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from experiments.caselist.counts import Cells
from experiments.caselist.national_table import SCENARIO, STAIRS, national_table
from simulation import rules
from simulation.accounts import Floats
from simulation.reading import find_scenario
from simulation.scenario import Scenario
from simulation.staircase import DEFAULT_STAIRCASE
from simulation.stationary import recognition_today, stationary_start

FEWEST = 20.0
"""Events below which a stair's own ratio is not used, but that of all stairs of its kind."""


def exposure_weighted(ratio: Floats, exposure: Floats) -> Floats:
    """Return [stair]: child-years [stair, age] times the ratio of each cell."""
    return np.asarray((ratio * exposure).sum(axis=1))


def up_ratios(stairs: tuple[str, ...], cells: Cells) -> Floats:
    """Return [stair, age]: moves up in the model, over its crises and planned moves in closed form.

    One ratio for all stairs in care at an age, since few move up from some; another for help at home. 1
    for stairs that the model's municipality does not have.
    """
    s = find_scenario(SCENARIO)
    years, up = _by_age(cells, _leads_up())
    expected = years * _up_in_closed_form(s)[:, None]
    kinds = np.array([_kind(key) for key in STAIRS])
    last = np.array([key == s.staircase.keys[-1] for key in STAIRS])
    out = np.ones((len(stairs), years.shape[1]))
    for i, key in enumerate(stairs):
        if key in STAIRS and _kind(key) in ("home", "care"):
            alike = (kinds == _kind(key)) & ~last
            out[i] = up[alike].sum(axis=0) / np.maximum(expected[alike].sum(axis=0), 1e-9)
    return out


def down_ratios(stairs: tuple[str, ...], cells: Cells) -> Floats:
    """Return [stair, age]: moves down in the model (not by age) over the closed form of its numbers."""
    s = find_scenario(SCENARIO)
    years, down = _by_age(cells, _leads_down(), left=True)
    expected = years * _down_in_closed_form(s)[:, None]
    out = np.ones((len(stairs), years.shape[1]))
    for i, key in enumerate(stairs):
        if key in STAIRS and _kind(key) in ("home", "care"):
            j = STAIRS.index(key)
            overall = down[j].sum() / max(expected[j].sum(), 1e-9)
            enough = down[j] >= FEWEST
            out[i] = np.where(enough, down[j] / np.maximum(expected[j], 1e-9), overall)
    return out


def _kind(key: str) -> str:
    return DEFAULT_STAIRCASE[DEFAULT_STAIRCASE.index(key)].kind


def _leads_up() -> np.ndarray:
    """Return [stair, stair]: whether a move leads up, from a stair with follow-ups."""
    place = np.arange(len(STAIRS))
    return _followed()[:, None] & (place[None, :] > place[:, None])


def _leads_down() -> np.ndarray:
    place = np.arange(len(STAIRS))
    return _followed()[:, None] & _followed()[None, :] & (place[None, :] < place[:, None])


def _followed() -> np.ndarray:
    return np.array([_kind(key) in ("home", "care") for key in STAIRS])


def _by_age(cells: Cells, which: np.ndarray, left: bool = False) -> tuple[Floats, Floats]:
    """Return child-years and chosen moves (with leaving, if `left`) in the model, [stair, age] each."""
    t = national_table()
    events = np.einsum("satk,sk->sa", t.moved.astype(float), which.astype(float))
    if left:
        events += t.left.sum(axis=2) * _followed()[:, None]
    age = np.arange(events.shape[1]) + 0.5
    band = np.clip(np.searchsorted(cells.ages, age, "right") - 1, 0, len(cells.ages) - 1)
    into = np.eye(len(cells.ages))[band]
    return t.months.sum(axis=2) / 12.0 @ into, events @ into


@cache
def _at(key: str) -> int:
    return find_scenario(SCENARIO).staircase.index(key)


def _up_in_closed_form(s: Scenario) -> Floats:
    """Return [stair of the table]: moves up a year by the model's numbers."""
    start, c = stationary_start(s), s.children
    out = []
    for key in STAIRS:
        later = start.later[_at(key)]
        planned = c.planned_up.get(key, 0.0) * (12.0 / later if later > 0.0 else 0.0)
        upwards = c.breakdown_up if _kind(key) == "care" else 1.0
        out.append(c.crisis_rate.get(key, 0.0) * upwards + planned)
    return np.array(out)


def _down_in_closed_form(s: Scenario) -> Floats:
    """Return [stair of the table]: moves down a year by the model's numbers."""
    start, c, seen = stationary_start(s), s.children, recognition_today(s)
    out = []
    for key in STAIRS:
        later, rate = start.later[_at(key)] / 12.0, c.readiness_rate.get(key, 0.0)
        if rate <= 0.0 or later <= 0.0:
            out.append(0.0)
            continue
        early = c.premature * s.baseline.orientation / later
        out.append(1.0 / (1.0 / rate + rules.stationary_wait(later, seen)) + early)
    return np.array(out)
