"""PlacementModel: the municipality as a Mesa model. `step` reads like the list of a month."""

from __future__ import annotations

import itertools
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import mesa
import numpy as np
import pandas as pd

from simulation import randomness as rn
from simulation.agents import Caseworker, Child
from simulation.arguments import policy_in_force, refuse_unknown, study_seed, whole
from simulation.child import rules
from simulation.collector import LedgerCollector
from simulation.foreseen import Bounds, drawn_below, unseen_bounds
from simulation.law import refund_steps
from simulation.ledger import FIRST_STAIR, Event, column_names
from simulation.ledger import PlainCol as Col
from simulation.newcomers import number_of_arrival
from simulation.parts import seed_of_district
from simulation.plain import changed
from simulation.policy import Policy
from simulation.reading import find_scenario
from simulation.scenario import Scenario
from simulation.spells import spells_from
from simulation.starters import Starter, arriving, starters
from simulation.terms import terms

EVENT_FIELDS = ("month", "child", "event", "from", "to")


class PlacementModel(mesa.Model):
    """Children and caseworkers of one municipality on the intervention staircase.

    Each step is a month. After every step `datacollector` holds the ledger (one column per outcome, see
    `simulation.ledger`): row 0 is the first day, row m + 1 is month m. Its table "events" holds what
    happened to whom, where `events` is True.

    Args:
        scenario: a name ("fano"), the path of a TOML file, or a Scenario.
        policy: name of one of the scenario's policies, or a Policy; None: carry on as today.
        rng: study seed (an int up to 2**32 - 1; also a digit string, numpy Generator or SeedSequence).
        replicate: which random history of the study.
        events: whether to keep the event log.
        district: one district alone, as a municipality of its own; None: all of them.
        extra_fte: new posts per district, as FTE (1.5) or one share per post ((1.0, 0.5)).
        team_leader: team leader, FTE.
        leakage: share of the new hours that other cases absorb, 0 to 1.
        start_cost: DKK, once.
        follow_up_first: months to the first follow-up.
        follow_up_later: months between later follow-ups.
        follow_up_order: "most_overdue" or "most_intrusive".
        orientation: practice at follow-ups, multiplies the exponent of recognition; 1 is today's.
        residential_odds: odds ratio of residential care at entry; 1 is today's.
        without_leader: share of a change of practice that holds without a team leader.
        network_search: chance that a search finds the kin a child has.
        extra_places: places more per limited stair, such as {"foster_care": 2}.
        outreach: detection as a multiple of today's.
        effect: share of every change that reaches children; 0 is the null world.
        surveillance: extra unmet need found at follow-ups, as a share.
        reach: share of children the policy covers.
        ramp_months: months until the policy is fully in force.
        child_class: Child, or a subclass with behaviour of your own.
        caseworker_class: Caseworker, or a subclass.
        kwargs: nothing else is taken; a misspelt name is answered with the nearest one.

    Raises:
        ValueError: a lever, scenario or policy is not as it must be; the message says how.
    """

    def __init__(
        self,
        scenario: str | Scenario = "fano",
        policy: str | Policy | None = None,
        *,
        rng: Any = None,
        replicate: int = 0,
        events: bool = True,
        district: str | None = None,
        extra_fte: float | Sequence[float] | None = None,
        team_leader: float | None = None,
        leakage: float | None = None,
        start_cost: float | None = None,
        follow_up_first: float | None = None,
        follow_up_later: float | None = None,
        follow_up_order: str | None = None,
        orientation: float | None = None,
        residential_odds: float | None = None,
        without_leader: float | None = None,
        network_search: float | None = None,
        extra_places: dict[str, int] | None = None,
        outreach: float | None = None,
        effect: float | None = None,
        surveillance: float | None = None,
        reach: float | None = None,
        ramp_months: int | None = None,
        child_class: type[Child] = Child,
        caseworker_class: type[Caseworker] = Caseworker,
        **kwargs: Any,
    ) -> None:
        given = locals()
        refuse_unknown(kwargs)
        self.seed = study_seed(rng)
        super().__init__(rng=self.seed)
        self.municipality = find_scenario(scenario)
        self.policy = policy_in_force(self.municipality, policy, given)
        self.replicate = whole("replicate", replicate)
        self.month = self.clock = 0
        self.unique_ids = itertools.count(1)
        self._child_class = child_class
        self._events = events
        self._terms = terms(self.municipality, self.policy, district)
        if district is not None:
            position = [d.name for d in self.municipality.districts].index(district)
            self.seed = seed_of_district(self.seed, position)
        self.t = self._terms.t
        self.reactive_hours = self._terms.reactive_hours
        self.follow_up_hours = self._terms.follow_up_hours
        self._beyond: dict[int, Any] = {}
        self._drawn: dict[tuple[int, int], tuple[float, float, float, float]] = {}
        self._turn_the_page()
        self.districts = [
            changed(d, free=list(places), seated=list(d.seated))
            for d, places in zip(self._terms.districts, self._terms.places, strict=True)
        ]
        self.uncared_effect = rules.power(self.t.attention_floor, -self.t.crisis_elasticity)
        self.columns = column_names(self.municipality.staircase)
        self._stairs_of_cases = [i for i in range(self.t.n_stairs) if i != self.t.hidden]
        self.book = [0.0] * len(self.columns)
        self.children: list[Child] = []
        self.cases: list[Child] = []
        self.in_care_began = 0
        self.traced: list[tuple[float, ...]] | None = None
        self.caseworkers = [
            caseworker_class(self, number, post) for number, post in enumerate(self._terms.posts)
        ]
        self.datacollector = LedgerCollector(self.columns, tables={"events": EVENT_FIELDS})
        self._n_types = 0
        self._overridden: set[str] = set()
        self._first_day(starters(self._terms.tables, self.seed, self.replicate))
        self.running = True
        self.datacollector.collect(self)

    # --- a month -----------------------------------------------------------------------------------

    def step(self) -> None:
        """Simulate one month, in the fixed order of the model."""
        self.begin_month()
        self.staff()
        self.arrivals()
        self.detection()
        self.cases = self._open_cases()
        self.allocation()
        self.working_time()
        self.programmes()
        self.between_follow_ups()
        self.ageing()
        self.bookkeeping()
        self.month = self.clock = self.month + 1
        self._turn_the_page()
        self.running = self.month < self.t.n_months
        self.datacollector.collect(self)

    def run_for(self, months: int) -> None:
        """Simulate `months` months more."""
        for _ in range(months):
            self.step()

    def spells(self) -> pd.DataFrame:
        """Return who was on which stair from when to when (see `simulation.spells`).

        Raises ValueError where the model was made with events=False.
        """
        if not self._events:
            raise ValueError("spells need the event log: make the model with events=True")
        events = self.datacollector.get_table_dataframe("events")
        return spells_from(events, self.municipality.start)

    def release(self) -> None:
        """Let go of all agents, so that the memory of a finished model is freed at once."""
        self.remove_all_agents()
        self.children, self.cases, self.caseworkers = [], [], []

    def begin_month(self) -> None:
        """Open a new page of the ledger, count cases, open or close places as the policy says.

        In January each child's cost of the year begins anew.
        """
        self.book = [0.0] * len(self.columns)
        for child in self.children if self.year_begins else ():
            child.year_cost = 0.0
        for worker in self.caseworkers:
            worker.cases = 0
        for whose in [c.caseworker for c in self.children if c.caseworker is not None]:
            whose.cases += 1
        for district, stair, places in self._terms.places_opened.get(self.month, ()):
            self.districts[district].free[stair] += places

    def staff(self) -> None:
        """1: caseworkers leave, vacant posts are filled, newcomers take over cases."""
        for worker in self.caseworkers:
            worker.come_and_go()

    def arrivals(self) -> None:
        """2: children newly at risk, the same in every arm of a comparison."""
        order = 0
        for k, district in enumerate(self.districts):
            luck = (self.seed, self.replicate, k, self.month, rn.N_ARRIVALS)
            for _ in range(rn.poisson(district.inflow, *luck)):
                self._add_arrival(number_of_arrival(self.month, order), k)
                order += 1

    def detection(self) -> None:
        """3: undetected children become known, are placed or recover; closed cases return."""
        clock, stair, closed = self.clock, self.t.hidden, self.t.closed
        unseen = [c for c in self.children if (c.level == stair or c.level == closed) and c.moved < clock]
        hidden = [c for c in unseen if c.level == stair]
        for child in hidden:
            child.get_worse()
        bounds = unseen_bounds(self.t, self.m, hidden)
        methods = ("come_to_light", "live_undetected", "lever", "come_back")
        unseen = self._those_with_luck(unseen, rn.HIDDEN_MONTH, bounds, *methods)
        for child in unseen:
            child.come_to_light()
        for child in unseen:
            child.come_back()

    def allocation(self) -> None:
        """4: each case without a caseworker goes to the one with fewest cases per FTE."""
        for child in [c for c in self.cases if c.caseworker is None]:
            worker = self.least_loaded(child.district)
            if worker is not None:
                child.caseworker = worker
                worker.cases += 1

    def working_time(self) -> None:
        """5 and 6: caseworkers divide their hours; assessments end, follow-ups are held."""
        for worker in self.caseworkers:
            worker.open_the_month()
        for child in reversed(self._those_with("ask", self.cases)):
            child.ask()
        for worker in self.caseworkers:
            self.book[Col.n_due] += len(worker.due)
            worker.work()

    def programmes(self) -> None:
        """Beside casework: free seats in courses are filled, and those taken are counted."""
        for k, district in enumerate(self.districts):
            if not district.in_policy:
                continue
            for p in range(self.t.n_programmes):
                while district.seated[p] < self.m.seats[p]:
                    child = self.next_to_take_part(k, p)
                    if child is None:
                        break
                    child.begin_course(p)
                self.book[Col.n_in_course] += district.seated[p]

    def between_follow_ups(self) -> None:
        """7 and 8: children become ready; crises come, and placements follow."""
        bounds = self._bounds_of(self.cases)
        for child in self._those_with_luck(self.cases, rn.CASE_MONTH, bounds, "live_a_month"):
            child.live_a_month()

    def ageing(self) -> None:
        """9: children reach the leaving age; closed cases pass out of sight."""
        eldest = self.month - self._terms.leaving_age
        closed, gone = self.t.closed, self.t.gone
        leaving = [c for c in self.children if c.birth <= eldest or c.level >= closed]
        for child in self._those_with("grow_older", leaving):
            child.grow_older()
        for child in [c for c in self._those_with("grow_older", leaving) if c.level == gone]:
            child.remove()

    def bookkeeping(self) -> None:
        """10: count, cost, and let the month pass for everybody."""
        for child in self.children:
            child.be_counted()
        self.book[Col.n_cases] = sum(self.book[FIRST_STAIR + stair] for stair in self._stairs_of_cases)
        self.clock += 1
        in_course = [c for c in self.cases if c.course >= 0] if self.t.n_programmes else []
        for child in self._those_with("let_the_month_pass", in_course):
            child.let_the_month_pass()
        if self.month % 12 == 11:
            self.look_back()
        for child in self.children if self.traced is not None else ():
            self.trace(child)
        for worker in self.caseworkers:
            if worker.begins <= self.month < worker.ends:
                self.book[Col.n_fte] += worker.counted
        self.book[Col.dkk_staff] = self.m.staff_cost
        self.book[Col.dkk_one_off] = self.m.one_off if self.month < len(self._terms.months) else 0.0
        self.book[Col.dkk_programmes] += self.m.running_cost

    def look_back(self) -> None:
        """Book who was in care when this year of the simulation began, and what has become of them."""
        self.book[Col.sum_year_began] += self.in_care_began
        for child in self.children:
            child.look_back()
        self.in_care_began = sum(child.in_care for child in self.children)

    # --- what agents ask of the model --------------------------------------------------------------

    def forget(self, child: Child) -> None:
        """Strike a child off the list of children, where it is on it."""
        place = bisect_left(self.children, child.number, key=lambda c: c.number)
        if place < len(self.children) and self.children[place] is child:
            del self.children[place]

    @property
    def _since_january(self) -> int:
        """Months since the January of the first calendar year."""
        return self.municipality.start.month - 1 + self.month

    @property
    def year_begins(self) -> bool:
        """Whether this is a January."""
        return self._since_january % 12 == 0

    @property
    def first_known(self) -> int:
        """The stair on which a child becomes a case."""
        return int(self.t.assessment if self.t.assessment >= 0 else self.t.first_home)

    def uniform(self, who: int, purpose: int) -> float:
        """Return this month's uniform of one child or post for one purpose."""
        drawn = self._drawn.get((who, purpose // 4))
        if drawn is not None:
            return drawn[purpose % 4]
        return float(rn.uniform(self.seed, self.replicate, who, self.month, purpose))

    def uniforms(self, who: int, block: int) -> tuple[float, float, float, float]:
        """Return this month's four uniforms of one block of purposes."""
        drawn = self._drawn.get((who, block))
        return drawn or rn.four_uniforms(self.seed, self.replicate, who, self.month, block)

    def numbered_uniform(self, who: int, purpose: int, n: int) -> float:
        """Return the uniform of a child's n-th decision for one purpose, whenever it comes."""
        return float(rn.uniform(self.seed, self.replicate, who, rn.UNDATED, purpose, n))

    def numbered_uniforms(self, who: int, block: int, n: int) -> tuple[float, float, float, float]:
        """Return the four uniforms of one block for a child's n-th decision, whenever it comes."""
        return rn.four_uniforms(self.seed, self.replicate, who, rn.UNDATED, block, n)

    def least_loaded(self, district: int) -> Caseworker | None:
        """Return the caseworker of a district with fewest cases per FTE (ties: lowest number)."""
        best: Caseworker | None = None
        for worker in self.caseworkers:
            eligible = worker.district == district and worker.takes_cases
            if eligible and (best is None or worker.load < best.load):
                best = worker
        return best

    def next_to_take_part(self, district: int, programme: int) -> Child | None:
        """Return the child of a district who gets the next seat of a programme (ties: lowest number)."""
        p = self.t.programme[programme]
        best: Child | None = None
        for c in self.children:
            if c.district != district or not rules.may_take_part(
                p, 1 << programme, c.level, c.age, c.covered, c.course, c.taken
            ):
                continue
            if best is None or rules.goes_first(p, c.severity, c.on_stair, best.severity, best.on_stair):
                best = c
        return best

    def stair_key(self, level: int) -> str:
        """Return the key of a stair; 'closed' and 'gone' behind the last."""
        keys = self.municipality.staircase.keys
        return keys[level] if level < len(keys) else ("closed", "gone")[level - len(keys)]

    def note(self, child: Child, event: Event, origin: int, to: int) -> None:
        """Write an event into the table "events"."""
        if self._events:
            row = (self.month, child.number, event.name, self.stair_key(origin), self.stair_key(to))
            self.datacollector.add_table_row("events", dict(zip(EVENT_FIELDS, row, strict=True)))

    def tally(self, origin: int, to: int, band: int) -> None:
        """Count a move: up or down, into care or out of it."""
        up_or_down, in_or_out = rules.kind_of_move(self.t, origin, to)
        if in_or_out == rules.INTO_CARE:
            self.book[Col.new_entries] += 1.0
            self.book[Col.new_entries_youngest] += band == 0
            self.book[Col.new_entries_teen] += self.t.band[band].teen
            self.book[FIRST_STAIR + 2 * self.t.n_stairs + to] += 1.0
        elif in_or_out == rules.OUT_OF_CARE:
            self.book[Col.new_exits] += 1.0
        if up_or_down == rules.DOWN:
            self.book[Col.new_moves_down] += 1.0
        elif up_or_down == rules.UP:
            self.book[Col.new_moves_up] += 1.0

    def trace(self, child: Child) -> None:
        """Write down one child's month where `traced` is a list (for tests and pictures)."""
        if self.traced is None or child.level >= self.t.n_stairs:
            return
        worker = child.caseworker
        hours = child.hours if child.is_case else 0.0
        if worker is not None:
            hours += child.asked * worker.reactive_share
        self.traced.append(
            (self.month, child.number, child.level, child.on_stair, child.since,
             -1 if worker is None else worker.number, child.ready, child.handover,
             hours, child.price, child.year_cost, child.severity)
        )  # fmt: skip

    # --- setting up --------------------------------------------------------------------------------

    def _turn_the_page(self) -> None:
        """Look up what holds in the month that begins, and forget the luck of the last one."""
        self.m = self._in_force()
        steps = self.m.refund[: self.m.n_refunds]
        self.refunded_from = steps[0].threshold if steps else float("inf")
        self.teens_born_by = self.month - self._terms.teen_age
        self._drawn.clear()

    def _in_force(self) -> Any:
        """Return what is in force this month: levers, follow-up targets, refund, costs.

        After the end: what held in the last month, but for the refund, which is the calendar year's.
        """
        months = self._terms.months
        if self.month < len(months):
            return months[self.month]
        year = self.municipality.start.year + self._since_january // 12
        if year not in self._beyond:
            steps = refund_steps(self.municipality, year)
            self._beyond[year] = changed(months[-1], n_refunds=len(steps), refund=steps)
        return self._beyond[year]

    def _first_day(self, starters: list[Starter]) -> None:
        for number, starter in enumerate(starters):
            self._add_starter(number, starter)
        self.cases = self._open_cases()
        self.allocation()
        self.in_care_began = 0
        for child in self.children:
            if child.in_care:
                child.began = child.level
                self.in_care_began += 1
        self._count_first_day()

    def _count_first_day(self) -> None:
        """Fill the counts of the page before the first month; nothing has happened or cost yet."""
        for child in self.children:
            self.book[FIRST_STAIR + child.level] += 1.0
            self.book[Col.n_cases] += child.is_case
            self.book[Col.n_unallocated] += child.is_case and child.caseworker is None
            if child.ready:
                self.book[Col.n_waiting if child.in_care else Col.n_waiting_home] += 1.0
        for worker in self.caseworkers:
            self.book[Col.n_fte] += worker.counted if worker.experience >= 0 else 0.0

    def _add_starter(self, number: int, starter: Starter) -> None:
        child = self._new_child(number, starter.district, starter.stair)
        child.birth, child.on_stair, child.since = starter.birth, starter.on_stair, starter.since
        child.ready, child.progress = starter.ready, starter.progress
        child.severity, child.has_network = starter.severity, starter.has_network
        child.covered, child.price = starter.covered, starter.price
        self.note(child, Event.START, starter.stair, starter.stair)

    def _add_arrival(self, number: int, district: int) -> None:
        stair = self.t.hidden if self.t.hidden >= 0 else self.first_known
        child = self._new_child(number, district, stair)
        table, reach = self._terms.tables.table, self.districts[district].reach
        child.birth, child.severity, child.has_network, child.covered, child.price = arriving(
            table, reach, self.seed, self.replicate, number, self.month, stair
        )
        self.book[Col.new_at_risk] += 1.0
        self.note(child, Event.AT_RISK, stair, stair)

    def _new_child(self, number: int, district: int, stair: int) -> Child:
        child = self._child_class(self, number, district, stair)
        self.districts[district].free[stair] -= 1
        self.children.append(child)
        return child

    # --- whom a month leaves alone -----------------------------------------------------------------

    def _open_cases(self) -> list[Child]:
        """Return the cases of this month, in order of number; nobody joins them before the next."""
        hidden, n_stairs = self.t.hidden, self.t.n_stairs
        return [c for c in self.children if hidden != c.level < n_stairs]

    def _those_with(self, method: str, children: list[Child]) -> list[Child]:
        """Return whose `method` is called: the children given, for whom it does something.

        All children where a class of one's own overrides it.
        """
        return self.children if method in self._own_behaviour() else children

    def _those_with_luck(
        self, children: list[Child], block: int, bounds: Bounds, *methods: str
    ) -> list[Child]:
        """Return those to whom something may happen: with a uniform of the block below its bound.

        All children where a class of one's own overrides one of `methods`, which look at the uniforms.
        """
        if not self._own_behaviour().isdisjoint(methods):
            return self.children
        who = np.frombuffer(array("q", [c.number for c in children]), np.int64)
        places, uniforms = drawn_below(self.seed, self.replicate, self.month, block, who, bounds)
        chosen = [children[i] for i in places.tolist()]
        for child, drawn in zip(chosen, uniforms.tolist(), strict=True):
            self._drawn[child.number, block] = tuple(drawn)
        return chosen

    def _bounds_of(self, cases: list[Child]) -> Bounds:
        """Return the highest chances there are for these cases between follow-ups."""
        effect = max([self.uncared_effect, *[worker.crisis_effect for worker in self.caseworkers]])
        severest = max([c.severity for c in cases], default=0.0)
        longest = self.clock - min([c.followed for c in cases], default=self.clock)
        overdue = rules.months_overdue(longest, 0.0)
        return self._terms.case_bounds(severest, effect, overdue)

    def _own_behaviour(self) -> set[str]:
        """Return which methods of children are not as `Child` was written; all, where luck is not."""
        if len(self.agents_by_type) != self._n_types:
            self._n_types = len(self.agents_by_type)
            children = [of for of in self.agent_types if issubclass(of, Child)]
            own_luck = any(getattr(type(self), name) is not luck for name, luck in _LUCK.items())
            self._overridden = {
                name
                for name, method in _METHODS.items()
                if own_luck or any(getattr(of, name) is not method for of in children)
            }
        return self._overridden


_LUCK = {name: vars(PlacementModel)[name] for name in ("uniform", "uniforms")}
_METHODS = {name: thing for name, thing in vars(Child).items() if not name.startswith("_")}
