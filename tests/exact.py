"""The expected ledger in closed form, where hours are ample and conditions constant.

Every due follow-up is then held, and every assessment ends as soon as others have contributed to it.
Children do not touch one another: the expected number of children in each state follows a linear
recursion, and each count of children is Poisson where it grew from Poisson arrivals. Written from the
model's description alone; nothing here calls a rule of the simulation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

from simulation.policy import FollowUp
from simulation.scenario import District, Scenario


class Hidden(NamedTuple):
    """An undetected child at the start of a month."""

    network: bool


class Waiting(NamedTuple):
    """A child under assessment at the start of a month: its hours are done, others have not answered."""

    stair: int
    network: bool
    months: int  # since the case opened, counted up to one beyond the deadline


class Case(NamedTuple):
    """A child at home or in care at the start of a month."""

    stair: int
    network: bool
    ready: bool
    held: bool  # a follow-up has been held on this stair
    since: int  # months since it, or since the move
    early: int  # months left in which a premature move is felt


class Closed(NamedTuple):
    """A closed case at the start of a month."""

    network: bool
    months: int


State = Hidden | Waiting | Case | Closed
Outcome = tuple[float, State | None, dict[str, float]]
"""Chance, state at the start of the next month (None: gone), and what is booked on the way."""


def month_chance(rate: float) -> float:
    """Return the chance of a month at a rate per year."""
    return float(1.0 - np.exp(-rate / 12.0))


class Expected:
    """The expected ledger of a scenario whose children are all of one age and one severity.

    The levers are today's. Places are taken as unlimited, attention as 1, nobody as in a handover.
    """

    def __init__(self, scenario: Scenario, severity: float = 1.0) -> None:
        self.s = scenario
        self.c = scenario.children
        self.severity = severity
        self.kinds = [x.kind for x in scenario.staircase]
        self.last_home = max(i for i, kind in enumerate(self.kinds) if kind == "home")
        self.first_home = self.kinds.index("home")
        self.keys = scenario.staircase.keys
        shares = np.flatnonzero(np.array(self.c.age_at_arrival) == 1.0)
        self.band = int(shares[0])
        self.age = scenario.age_bands[self.band]
        self._number: dict[State, int] = {}
        self._build()

    # --- the recursion ------------------------------------------------------------------------------

    def ledger(self, months: int) -> dict[str, np.ndarray]:
        """Return the expected value of each column, by month, over all districts."""
        people = self._first_day()
        rows = []
        for _ in range(months):
            booked = people @ self._booked + self._inflow * self._booked_on_arrival
            people = people @ self._next + self._inflow * self._arrive
            rows.append(booked + people @ self._counted)
        return dict(zip(self.columns, np.array(rows).T, strict=True))

    def stationary(self) -> dict[str, float]:
        """Return what the columns settle into: (1 - next)' x = arrivals, solved."""
        n = len(self._number)
        left = (sparse.identity(n) - self._next).T.tocsc()
        people = spsolve(left, self._inflow * self._arrive)
        booked = people @ self._booked + self._inflow * self._booked_on_arrival
        return dict(zip(self.columns, booked + people @ self._counted, strict=True))

    def _build(self) -> None:
        """Find all states that can be reached and fill in the matrices."""
        arrivals = [(p * q, state, happened) for network, p in self._networks()
                    for q, state, happened in self._arrival(network)]  # fmt: skip
        starters = [state for _, state in self._starters()]
        reached = {s for _, s, _ in arrivals if s is not None} | set(starters)
        outcomes: dict[State, list[Outcome]] = {}
        while reached:
            state = reached.pop()
            outcomes[state] = list(self._month(state))
            total = sum(p for p, _, _ in outcomes[state])
            assert abs(total - 1.0) < 1e-12, (state, total)
            reached |= {s for _, s, _ in outcomes[state] if s is not None and s not in outcomes}
        self._number = {state: i for i, state in enumerate(outcomes)}
        booked = {name for rows in outcomes.values() for _, _, what in rows for name in what}
        booked |= {name for _, _, what in arrivals for name in what}
        counts = [f"n_{key}" for key in self.keys] + ["n_waiting", "n_waiting_home", "n_cases"]
        self.columns = [*sorted(booked), *counts]
        self._inflow = sum(d.inflow for d in self.s.districts) / 12.0
        self._next, self._booked = self._matrices(outcomes)
        self._arrive, self._booked_on_arrival = self._mean(arrivals)
        self._counted = np.zeros((len(outcomes), len(self.columns)))
        for state, i in self._number.items():
            for name in self._counts(state):
                self._counted[i, self.columns.index(name)] = 1.0

    def _matrices(self, outcomes: dict[State, list[Outcome]]) -> tuple[sparse.csr_array, np.ndarray]:
        rows = [self._mean(outcome) for outcome in outcomes.values()]
        return sparse.csr_array(np.array([r for r, _ in rows])), np.array([b for _, b in rows])

    def _mean(self, outcomes: list[Outcome]) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean number in each state, and what is booked on average."""
        people, booked = np.zeros(len(self._number)), np.zeros(len(self.columns))
        for p, state, happened in outcomes:
            if state is not None:
                people[self._number[state]] += p
            for name, amount in happened.items():
                booked[self.columns.index(name)] += p * amount
        return people, booked

    def _counts(self, state: State) -> list[str]:
        if isinstance(state, Hidden):
            return [f"n_{self.keys[0]}"]
        if isinstance(state, Closed):
            return []
        if isinstance(state, Waiting):
            return [f"n_{self.keys[state.stair]}", "n_cases"]
        in_care = self.kinds[state.stair] == "care"
        ready = ["n_waiting" if in_care else "n_waiting_home"] if state.ready else []
        return [f"n_{self.keys[state.stair]}", "n_cases", *ready]

    # --- who is there -------------------------------------------------------------------------------

    def _networks(self) -> list[tuple[bool, float]]:
        return [(True, self.c.has_network), (False, 1.0 - self.c.has_network)]

    def _first_day(self) -> np.ndarray:
        people = np.zeros(len(self._number))
        for n, state in self._starters():
            people[self._number[state]] += n
        return people

    def _starters(self) -> Iterator[tuple[float, State]]:
        """Yield expected numbers of children of the first day, long before the leaving age.

        Stays are exponential at the hazard of leaving, as far as follow-ups have been held in them; the
        months s since the last one, or since the move, are even over the interval; nobody was ready at
        the move, a share U was not after a follow-up, and s months later a share exp(-h s) of these.
        """
        for key, n in (x for d in self.s.districts for x in self._counted_at_start(d)):
            stair = self.keys.index(key)
            kind = self.kinds[stair]
            has = 1.0 if self.s.staircase[stair].needs_network else self.c.has_network
            for network, share in ((True, has), (False, 1.0 - has)):
                if kind == "hidden":
                    yield n * share, Hidden(network)
                elif kind == "assessment":
                    yield from self._starters_waiting(stair, network, n * share)
                elif share > 0.0:
                    yield from self._starters_on(stair, network, n * share)

    def _counted_at_start(self, district: District) -> Iterator[tuple[str, float]]:
        """Yield the children counted on each stair, and those under assessment where they are not.

        Of what comes to be assessed in a month exp(-k / wait) still is k months later: a geometric sum.
        """
        yield from ((key, n) for key, n in district.start.items() if n)
        if "assessment" in self.kinds and "assessment" not in district.start:
            rates = (self.c.detection_rate, self.c.hidden_crisis_rate, self.c.hidden_recovery_rate)
            share = rates[0] / sum(rates) if "hidden" in self.kinds else 1.0
            stays = 1.0 / (1.0 - np.exp(-1.0 / self.s.work.assessment_wait))
            yield "assessment", district.inflow / 12.0 * share * stays

    def _starters_waiting(self, stair: int, network: bool, n: float) -> Iterator[tuple[float, State]]:
        wait, late = self.s.work.assessment_wait, self.s.work.assessment_deadline + 1
        going_on = np.exp(-1.0 / wait)
        for months in range(1, late):
            yield n * (1.0 - going_on) * going_on ** (months - 1), Waiting(stair, network, months)
        yield n * going_on ** (late - 1), Waiting(stair, network, late)

    def _starters_on(self, stair: int, network: bool, n: float) -> Iterator[tuple[float, State]]:
        key, rule = self.keys[stair], self._rule(stair)
        p = 1.0 - (1.0 - self.c.recognition) ** self.s.baseline.orientation
        to_readiness = 12.0 / self.c.readiness_rate[key]
        wait = rule.later * (1.0 / p - 0.5)
        crisis = self.c.crisis_rate[key] / 12.0
        up = self.c.breakdown_up if self.kinds[stair] == "care" else 1.0
        staying = np.exp(-(1.0 / (to_readiness + wait) + crisis * up) * rule.first)
        unready = np.exp(-rule.first / to_readiness) / (1.0 - np.exp(-rule.later / to_readiness))
        unready /= unready + (1.0 - p) / p  # of all who have just been followed up
        for held, share, interval, at_first in (
            (False, 1.0 - staying, int(rule.first), 1.0),
            (True, staying, int(rule.later), unready),
        ):
            for since in range(1, interval + 1):
                not_ready = at_first * np.exp(-since / to_readiness)
                for ready, of_them in ((True, 1.0 - not_ready), (False, not_ready)):
                    yield n * share / interval * of_them, Case(stair, network, ready, held, since, 0)

    # --- a month ------------------------------------------------------------------------------------

    def _month(self, state: State) -> Iterator[Outcome]:
        if isinstance(state, Hidden):
            return self._hidden_month(state)
        if isinstance(state, Closed):
            return self._closed_month(state)
        if isinstance(state, Waiting):
            return self._waiting_month(state)
        return self._case_month(state)

    def _arrival(self, network: bool) -> Iterator[Outcome]:
        """A child newly at risk: undetected, or known at once where nobody can be undetected."""
        if "hidden" in self.kinds:
            yield 1.0, Hidden(network), {"new_at_risk": 1.0}
        else:
            yield from self._known(network, 1.0, {"new_at_risk": 1.0})

    def _hidden_month(self, state: Hidden) -> Iterator[Outcome]:
        acute = month_chance(self.c.hidden_crisis_rate * self.severity)
        found = (1.0 - acute) * month_chance(self.c.detection_rate * self.s.baseline.outreach)
        faded = (1.0 - acute - found) * month_chance(self.c.hidden_recovery_rate)
        yield from self._enter(0, state.network, acute, {"new_acute": 1.0})
        yield from self._known(state.network, found, {"new_detected": 1.0})
        yield faded, None, {"new_faded": 1.0}
        yield 1.0 - acute - found - faded, state, {}

    def _closed_month(self, state: Closed) -> Iterator[Outcome]:
        back = month_chance(self.c.reentry_rate)
        yield from self._known(state.network, back, {"new_reentries": 1.0})
        over = state.months >= self.c.reentry_months
        yield 1.0 - back, None if over else state._replace(months=state.months + 1), {}

    def _known(self, network: bool, p: float, booked: dict[str, float]) -> Iterator[Outcome]:
        """A case is opened and, with ample hours, assessed in the same month if nobody is waited for."""
        if "assessment" not in self.kinds:
            yield p, self._on(self.first_home, network), booked
        elif self.s.work.assessment_wait > 0.0:
            yield p, Waiting(self.kinds.index("assessment"), network, 1), booked
        else:
            yield from self._assessed(network, p, {**booked, "new_assessed_in_time": 1.0})

    def _waiting_month(self, state: Waiting) -> Iterator[Outcome]:
        """An exponential wait has no memory: it ends in every month with the same chance."""
        ends = float(1.0 - np.exp(-1.0 / self.s.work.assessment_wait))
        deadline = self.s.work.assessment_deadline
        in_time = {"new_assessed_in_time": 1.0} if state.months <= deadline else {}
        yield from self._assessed(state.network, ends, in_time)
        crisis = month_chance(self.c.crisis_rate[self.keys[state.stair]] * self.severity)
        yield from self._enter(state.stair, state.network, (1.0 - ends) * crisis, {})
        later = state._replace(months=min(state.months, deadline) + 1)
        yield (1.0 - ends) * (1.0 - crisis), later, {}

    def _assessed(self, network: bool, p: float, booked: dict[str, float]) -> Iterator[Outcome]:
        booked = {**booked, "new_assessed": 1.0}
        shut = self.c.closed_after_assessment
        placed = min(self.c.placed_after_assessment * self.severity, 1.0 - shut)
        yield p * shut, None, {**booked, "new_closed": 1.0}
        yield from self._enter(self.kinds.index("assessment"), network, p * placed, booked)
        yield p * (1.0 - shut - placed), self._on(self.first_home, network), booked

    def _case_month(self, c: Case) -> Iterator[Outcome]:
        """A follow-up if one is due, then what comes between follow-ups for a child who stayed."""
        target = self._rule(c.stair).later if c.held else self._rule(c.stair).first
        if c.since < target:
            yield from self._between(c, 1.0, {})
            return
        booked = {"new_follow_ups": 1.0, "sum_interval": float(c.since)}
        if not c.held:
            booked |= {"new_first": 1.0, "new_first_in_time": float(c.since <= target)}
        orientation = self.s.baseline.orientation
        if c.ready:
            down = 1.0 - (1.0 - self.c.recognition) ** orientation
        else:
            down = self.c.premature * orientation
            booked_down = {**booked, "new_unready": 1.0}
        planned = self.c.planned_up.get(self.keys[c.stair], 0.0)
        up = (1.0 - down) * planned * (1.0 + self.s.baseline.surveillance)
        early = 0 if c.ready else self.c.early_months
        yield from self._step_down(c, down, booked if c.ready else booked_down, early)
        yield from self._step_up(c, up, booked)
        yield from self._between(c._replace(held=True, since=0), 1.0 - down - up, booked)

    def _between(self, c: Case, p: float, booked: dict[str, float]) -> Iterator[Outcome]:
        """A crisis, or a quiet month at whose end the child may be ready."""
        key = self.keys[c.stair]
        rate = self.c.crisis_rate[key] * self.severity * (self.c.early_hr if c.early > 0 else 1.0)
        crisis = month_chance(rate)
        if self.kinds[c.stair] == "home":
            yield from self._enter(c.stair, c.network, p * crisis, booked)
        else:
            booked_crisis = {**booked, "new_breakdowns": 1.0}
            up = p * crisis * self.c.breakdown_up
            yield from self._higher(c, up, booked_crisis)
            yield p * crisis - up, self._on(c.stair, c.network), booked_crisis
        quiet = p * (1.0 - crisis)
        ready = 1.0 if c.ready else month_chance(self.c.readiness_rate[key])
        later = c._replace(since=c.since + 1, early=max(0, c.early - 1))
        yield quiet * ready, later._replace(ready=True), booked
        yield quiet * (1.0 - ready), later, booked

    # --- moves --------------------------------------------------------------------------------------

    def _rule(self, stair: int) -> FollowUp:
        usual = FollowUp(first=self.s.reviews.first, later=self.s.reviews.later)
        rule = self.s.reviews.by_stair.get(self.keys[stair], usual)
        assert rule.early is None, "an early interval is not in the closed form"
        return rule

    def _on(self, stair: int, network: bool, early: int = 0) -> Case:
        return Case(stair, network, False, False, 1, early)

    def _moved(
        self, origin: int, to: int, network: bool, p: float, booked: dict[str, float], early: int = 0
    ) -> Outcome:
        """A move between stairs with its entries in the ledger."""
        from_care, into_care = self.kinds[origin] == "care", self.kinds[to] == "care"
        booked = dict(booked)
        if into_care and not from_care:
            booked |= {"new_entries": 1.0, f"new_in_{self.keys[to]}": 1.0}
        if from_care and not into_care:
            booked |= {"new_exits": 1.0}
        if to < origin:
            booked |= {"new_moves_down": 1.0}
        if to > origin:
            booked |= {"new_moves_up": 1.0}
        return p, self._on(to, network, early), booked

    def _step_down(self, c: Case, p: float, booked: dict[str, float], early: int) -> Iterator[Outcome]:
        if c.stair == self.first_home:
            closed = {**booked, "new_moves_down": 1.0, "new_closed": 1.0}
            yield p, Closed(c.network, 1), closed
        elif c.stair <= self.last_home:
            yield self._moved(c.stair, c.stair - 1, c.network, p, booked, early)
        else:
            home = self.c.home_share[self.keys[c.stair]]
            yield self._moved(c.stair, self.last_home, c.network, p * home, booked, early)
            for found, chance in self._search(c.network):
                to = self._next_lower(c.stair, found)
                q = p * (1.0 - home) * chance
                yield self._moved(c.stair, to, c.network, q, booked, early)

    def _step_up(self, c: Case, p: float, booked: dict[str, float]) -> Iterator[Outcome]:
        if c.stair < self.last_home:
            yield self._moved(c.stair, c.stair + 1, c.network, p, booked)
        elif c.stair == self.last_home:
            yield from self._enter(c.stair, c.network, p, booked)
        else:
            yield from self._higher(c, p, booked)

    def _search(self, network: bool) -> list[tuple[bool, float]]:
        found = self.s.baseline.network_search if network else 0.0
        return [(True, found), (False, 1.0 - found)]

    def _takes(self, stair: int, found: bool) -> bool:
        x = self.s.staircase[stair]
        return x.youngest <= self.age and (found or not x.needs_network)

    def _next_lower(self, stair: int, found: bool) -> int:
        """Return kin who were found before any other stair in care; home where there is neither."""
        lower = [i for i in range(stair - 1, self.last_home, -1) if self._takes(i, found)]
        kin = [i for i in lower if self.s.staircase[i].needs_network]
        strangers = [i for i in lower if not self.s.staircase[i].needs_network]
        return [*kin, *strangers, self.last_home][0]

    def _higher(self, c: Case, p: float, booked: dict[str, float]) -> Iterator[Outcome]:
        top = len(self.keys) - 1
        for found, chance in self._search(c.network):
            to = next((i for i in range(c.stair + 1, top) if self._takes(i, found)), top)
            yield self._moved(c.stair, to, c.network, p * chance, booked)

    def _enter(self, origin: int, network: bool, p: float, booked: dict[str, float]) -> Iterator[Outcome]:
        """An entry into care: by the shares of stairs that are not families; the rest to a family."""
        if p == 0.0:
            return
        care = [i for i, kind in enumerate(self.kinds) if kind == "care"]
        left = 1.0
        for i in care:
            stair = self.s.staircase[i]
            if not stair.family_like and stair.youngest <= self.age:
                share = self.c.entry_share.get(stair.key, (0.0,) * 8)[self.band]
                left -= share
                yield self._moved(origin, i, network, p * share, booked)
        families = [i for i in care if self.s.staircase[i].family_like]
        for found, chance in self._search(network):
            to = next((i for i in families if self._takes(i, found)), care[-1])
            yield self._moved(origin, to, network, p * left * chance, booked)
