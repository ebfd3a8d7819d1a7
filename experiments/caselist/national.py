"""National rates: what a municipality's own are shrunk towards.

What each part rests on:

* How leaving, moving and destinations differ by stair, age and time on the stair: the model's average
  municipality, counted (`national_table`). No statistic shows it; the model's numbers were fitted to
  what statistics do show. A cell with few child-years leans on its stair (`LEAN`).
* How many leave care in a year (`target.denmark.exits_0_17`) and change the kind of placement in a year
  (`target.denmark.type_change_per_year`): published. The table's rates are multiplied by one factor for
  leaving (but by age) and one for moving within care, each what the published figure is to the table's.
* Ages at entry into care (`target.denmark.entry_age_*`) and the first placement in a family, an own room
  or an institution (`target.denmark.first_*`): published shares. The table's ways into care are
  multiplied by one factor for each age group and each kind of stair, in turns, until both fit.
* Assessment and preventive help: the model alone.
* How many enter: what holds the given number of children in care, in the long run.

A municipality may have other stairs than the country's: each takes the rates of the country's stair most
like it by kind, and stairs alike share what enters evenly. A case list may lack stairs (help at home,
say): then to come from them is to enter, and to go there is to leave.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from experiments.caselist.counts import Cells
from experiments.caselist.national_table import AGES, STAIRS, STAYS, national_table
from experiments.caselist.rates import Rates
from experiments.caselist.spells import Spells
from experiments.caselist.standing import on_stairs
from experiments.caselist.stationary_stock import expected_stock
from simulation.accounts import Floats, residential
from simulation.parameters import value
from simulation.staircase import DEFAULT_STAIRCASE, Stair, Staircase

LEAN = 20.0
"""Child-years that a stair's rate is worth in each of its cells."""

CHILDREN = 117.0
"""Children in care in the average municipality of 2019, where no number is given."""

ENTRY_AGES = {"0_3": (0, 4), "4_11": (4, 12), "12_17": (12, 18)}
_ROUNDS = 50

CARE_KINDS = {
    "own_room": ("own_room", "residential", "foster", "network"),
    "network": ("network", "foster", "own_room", "residential"),
    "foster": ("foster", "network", "residential", "own_room"),
    "residential": ("residential", "own_room", "foster", "network"),
}
"""Kinds of stairs in care, and which stands for it: the first of these that a staircase has."""


def national_rates(
    staircase: Staircase,
    cells: Cells,
    stairs: tuple[str, ...] | None = None,
    children: float = CHILDREN,
) -> Rates:
    """Return the country's rates (one draw) for `stairs` of a staircase, all but the hidden if None.

    Children enter so that `children` are in care in the long run. From 18 years on, rates are those of
    17 years, and nobody enters. Raises ValueError for a stair that the staircase lacks or that is hidden,
    and for children below 0.
    """
    chosen = stairs if stairs is not None else tuple(s.key for s in staircase if s.kind != "hidden")
    _check(staircase, chosen, children)
    flows = _shared_out(_published(), staircase, chosen)
    rates = _in_cells(flows, staircase, chosen, cells)
    stock = expected_stock(rates)[0] @ in_care(staircase, chosen)
    return replace(rates, entries=rates.entries * (children / stock if stock > 0.0 else 0.0))


def listed(spells: Spells, staircase: Staircase) -> Spells:
    """Return the spells with the stairs that their case list is about: all of care, and others it has.

    A list without rows of preventive help does not say that nobody has any.
    """
    used = np.bincount(spells.stair, minlength=len(spells.stairs)) > 0
    kept = [k for k, has in zip(spells.stairs, used, strict=True) if has or _stair(staircase, k).in_care]
    return on_stairs(spells, tuple(k for k in kept if _stair(staircase, k).kind != "hidden"))


def in_care(staircase: Staircase, stairs: tuple[str, ...]) -> np.ndarray:
    """Return [stair]: whether children there are in care (placed outside home)."""
    return np.array([_stair(staircase, key).in_care for key in stairs])


def _stair(staircase: Staircase, key: str) -> Stair:
    return staircase[staircase.index(key)]


def _check(staircase: Staircase, stairs: tuple[str, ...], children: float) -> None:
    for key in stairs:
        if key not in staircase.keys or _stair(staircase, key).kind == "hidden":
            seen = ", ".join(s.key for s in staircase if s.kind != "hidden")
            raise ValueError(f"no rates for the stair {key!r}; there are some for {seen}")
    if not children >= 0.0:
        raise ValueError(f"children = {children:g}: how many are in care, 0 or more")


# --- from the table to flows as published -------------------------------------------------------------


@dataclass(frozen=True)
class _Flows:
    """Child-years and events, [stair, year of age, time on the stair] each.

    `moved` [..., stair] and `entered` [stair, year of age].
    """

    years: Floats
    left: Floats
    moved: Floats
    entered: Floats


@cache
def _published() -> _Flows:
    """Return the table's flows, multiplied as the published figures ask."""
    t = national_table()
    care = in_care(DEFAULT_STAIRCASE, STAIRS)
    there = t.january.sum()
    staying = np.log1p(-value("target.denmark.exits_0_17")) / np.log1p(-t.gone.sum() / there)
    moving = value("target.denmark.type_change_per_year") / (t.elsewhere.sum() / there)
    left, moved = t.left.astype(float), t.moved.astype(float)
    left[care] *= staying
    moved[np.ix_(care, np.arange(AGES), np.arange(len(STAYS)), ~care)] *= staying
    moved[np.ix_(care, np.arange(AGES), np.arange(len(STAYS)), care)] *= moving
    entered = t.entered.sum(axis=2).astype(float)
    factor = _entry_factor(entered[care] + moved[~care][..., care].sum(axis=(0, 2)).T)
    entered[care] *= factor
    moved[np.ix_(~care, np.arange(AGES), np.arange(len(STAYS)), care)] *= factor.T[:, None, :]
    return _Flows(t.months / 12.0, left, moved, entered)


def _entry_factor(entries: Floats) -> Floats:
    """Return [stair in care, year of age]: factors on entries that give the published shares."""
    kinds = [_kind(s, DEFAULT_STAIRCASE) for s in DEFAULT_STAIRCASE if s.in_care]
    first = {"own_room": ("own_room",), "family": ("network", "foster"), "residential": ("residential",)}
    groups = [
        (np.s_[:, low:high], value(f"target.denmark.entry_age_{name}"))
        for name, (low, high) in ENTRY_AGES.items()
    ] + [
        (np.isin(kinds, of), value(f"target.denmark.first_{name}")) for name, of in first.items()
    ]  # fmt: skip
    fitted = entries / entries.sum()
    for _ in range(_ROUNDS):
        for where, share in groups:
            fitted[where] *= share / fitted[where].sum()
    return np.divide(fitted, entries / entries.sum(), out=np.ones_like(entries), where=entries > 0.0)


# --- from the country's stairs to others --------------------------------------------------------------


def _kind(stair: Stair, staircase: Staircase) -> str:
    """Return what kind of stair it is: its own kind, or one of `CARE_KINDS`."""
    if not stair.in_care:
        return stair.kind
    if residential(staircase, staircase.index(stair.key)):
        return "residential"
    if stair.family_like:
        return "network" if stair.needs_network else "foster"
    return "own_room"


def _shares(staircase: Staircase) -> Floats:
    """Return [country's stair, stair]: which part of the country's stair each stair is, by kind."""
    kinds = [_kind(s, staircase) for s in staircase]
    out = np.zeros((len(STAIRS), len(staircase)))
    for i, key in enumerate(STAIRS):
        kind = _kind(_stair(DEFAULT_STAIRCASE, key), DEFAULT_STAIRCASE)
        kind = next((k for k in CARE_KINDS.get(kind, ()) if k in kinds), kind)
        alike = np.array([k == kind for k in kinds], float)
        out[i] = alike / max(1.0, alike.sum())
    return out


def _shared_out(flows: _Flows, staircase: Staircase, stairs: tuple[str, ...]) -> _Flows:
    """Return the flows on chosen stairs; those to and from the others are leaving and entering."""
    part = _shares(staircase)[:, [staircase.index(key) for key in stairs]]
    moved = np.einsum("sj,satr,rk->jatk", part, flows.moved, part)
    beyond = np.einsum("sj,satr,r->jat", part, flows.moved, 1.0 - part.sum(axis=1))
    from_beyond = np.einsum("s,satr,rk->ka", 1.0 - part.sum(axis=1), flows.moved, part)
    moved[np.arange(len(stairs)), :, :, np.arange(len(stairs))] = 0.0
    return _Flows(
        np.einsum("sj,sat->jat", part, flows.years),
        np.einsum("sj,sat->jat", part, flows.left) + beyond,
        moved,
        np.einsum("sj,sa->ja", part, flows.entered) + from_beyond,
    )


# --- from years of age to cells -----------------------------------------------------------------------


def _in_cells(flows: _Flows, staircase: Staircase, stairs: tuple[str, ...], cells: Cells) -> Rates:
    """Return the rates in the cells asked for, small cells leaning on their stair."""
    by_age, by_stay = _ages_in(cells), _stays_in(cells)
    years = np.einsum("sat,ai,tj->sij", flows.years, by_age, by_stay)
    left = np.einsum("sat,ai,tj->sij", flows.left, by_age, by_stay)
    moved = np.einsum("satk,ai,tj->sijk", flows.moved, by_age, by_stay)
    young = np.array(cells.ages) < AGES
    entered = np.einsum("sa,ai->si", flows.entered, by_age) * young
    return Rates(
        stairs,
        cells,
        entered[None] / flows.years.sum(),
        _leaning(left, years)[None],
        _leaning(moved.sum(axis=-1), years)[None],
        _ways(moved.sum(axis=2), _too_young(staircase, stairs, cells))[None],
    )


def _ages_in(cells: Cells) -> Floats:
    """Return [year of age, band]: 1 where the year lies in the band; else it is the last one's."""
    edges = np.array([*cells.ages, cells.leave_age])
    middle = np.arange(AGES) + 0.5
    out = (middle[:, None] >= edges[:-1]) & (middle[:, None] < edges[1:])
    out[-1] |= ~out.any(axis=0)
    return out.astype(float)


def _stays_in(cells: Cells) -> Floats:
    """Return [time on the stair of the table, band]: 1 where it begins in the band."""
    edges = np.array([*cells.on_stair, np.inf])
    stays = np.array(STAYS)[:, None]
    return ((stays >= edges[:-1]) & (stays < edges[1:])).astype(float)


def _leaning(events: Floats, years: Floats) -> Floats:
    """Return events a year [stair, age, stay], leaning on the stair at that age."""

    def rate(events: Floats, years: Floats, wider: Floats) -> Floats:
        return (events + LEAN * wider) / (years + LEAN)

    alone = events.sum(axis=(1, 2)) / np.maximum(years.sum(axis=(1, 2)), 1e-9)
    by_age = rate(events.sum(axis=2), years.sum(axis=2), alone[:, None])
    return rate(events, years, by_age[:, :, None])


def _too_young(staircase: Staircase, stairs: tuple[str, ...], cells: Cells) -> np.ndarray:
    """Return [age, stair]: whether all of an age band are too young for a stair."""
    oldest = np.array([*cells.ages[1:], cells.leave_age])
    youngest = np.array([_stair(staircase, key).youngest for key in stairs])
    return np.asarray(oldest[:, None] <= youngest)


def _ways(moved: Floats, barred: np.ndarray) -> Floats:
    """Return [stair, age, stair] where moves lead, leaning on the stair; anywhere where none was seen."""
    n = len(moved)
    others = np.ones((n, n)) - np.eye(n) if n > 1 else np.ones((1, 1))
    shares = moved.sum(axis=1) + 1e-6 * others
    shares /= shares.sum(axis=-1, keepdims=True)
    ways = (moved + shares[:, None, :]) * ~barred
    ways += 1e-9 * others[:, None, :] * (ways.sum(axis=-1, keepdims=True) <= 0.0)
    return np.asarray(ways / ways.sum(axis=-1, keepdims=True))
