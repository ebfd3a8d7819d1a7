"""Child: a Mesa agent on the staircase. What it may do in a month, in methods of its own.

What is decided, and with what chance, stands in `rules.py`; here stands who does it and what follows.
"""

from __future__ import annotations

from typing import Any

from simulation import randomness as rn
from simulation import rules as compiled_rules
from simulation.asking import HasCases, Municipality, PlacementAgent
from simulation.compiled import plain_twin
from simulation.ledger import FIRST_STAIR, Event
from simulation.ledger import PlainCol as Col

rules = plain_twin(compiled_rules)


class Child(PlacementAgent):
    """A child at risk, known or not, on one stair of the staircase.

    `level` is the position of the stair, counted from the least intrusive; one past the last is a
    closed case. Times are in months, `price` in DKK per month.

    Clocks are kept as numbers of months, so that they run by themselves: `birth`; `moved`, when the child
    came to its stair; `followed`, when the last follow-up was held; `felt_until`, how long a change of
    caseworker is felt, and `early_until`, a move down before the child was ready.
    """

    def __init__(self, model: Municipality, number: int, district: int, level: int) -> None:
        super().__init__(model)
        self.number = number
        self.district = district
        self.level = level
        self.began: int | None = None
        self.birth = 0
        self.severity = 1.0
        self.has_network = False
        self.covered = 0
        self.caseworker: HasCases | None = None
        self.moved = self.followed = model.clock
        self.felt_until = self.early_until = model.clock
        self.target = 0.0
        self.ready = False
        self.moves = 0
        self.follow_ups = 0
        self.course = -1
        self.course_left = 0
        self.taken = 0
        self.progress = 0.0
        self.hours = 0.0
        self.asked = 0.0
        self.price = 0.0
        self.year_cost = 0.0

    # --- what one sees -----------------------------------------------------------------------------

    @property
    def stair(self) -> str:
        """The key of the stair, or 'closed'."""
        return self.model.stair_key(self.level)

    @property
    def age(self) -> int:
        """Age in months."""
        return self.model.month - self.birth

    @property
    def on_stair(self) -> int:
        """Months since the last move; `move` sets it to 0."""
        return self.model.clock - self.moved

    @on_stair.setter
    def on_stair(self, months: int) -> None:
        self.moved = self.model.clock - months

    @property
    def since(self) -> int:
        """Months since the last follow-up, or since the move; under assessment waited for others."""
        return self.model.clock - self.followed

    @since.setter
    def since(self, months: int) -> None:
        self.followed = self.model.clock - months

    @property
    def handover(self) -> int:
        """Months left in which a change of caseworker is felt."""
        return max(0, self.felt_until - self.model.clock)

    @handover.setter
    def handover(self, months: int) -> None:
        self.felt_until = self.model.clock + months

    @property
    def early(self) -> int:
        """Months left of a move down made before the child was ready."""
        return max(0, self.early_until - self.model.clock)

    @early.setter
    def early(self, months: int) -> None:
        self.early_until = self.model.clock + months

    @property
    def is_case(self) -> bool:
        """Whether the child is an open case of the municipality."""
        t = self.model.t
        yes: bool = t.hidden != self.level < t.n_stairs
        return yes

    @property
    def in_care(self) -> bool:
        """Whether the child is placed outside home."""
        t = self.model.t
        yes: bool = t.first_care <= self.level < t.n_stairs
        return yes

    @property
    def band(self) -> int:
        """The age band."""
        band: int = self.model.t.band_of_year[(self.model.month - self.birth) // 12]
        return band

    # --- 3 detection -------------------------------------------------------------------------------

    def get_worse(self) -> None:
        """Have one month more of troubles that nobody knows of."""
        self.severity *= self.model.t.severity_growth

    def come_to_light(self) -> None:
        """While undetected: a crisis, detection, or recovery."""
        if self.level == self.model.t.hidden and self.moved < self.model.clock:
            self.live_undetected()

    def come_back(self) -> None:
        """When the case is closed: perhaps it comes back."""
        if self.level != self.model.t.closed or self.moved == self.model.clock:
            return
        if rules.occurs(self.model.uniform(self.number, rn.REENTRY), self.model.t.reentry_hazard):
            self.model.book[Col.new_reentries] += 1.0
            self.become_known(Event.REENTRY)

    def live_undetected(self) -> None:
        """One month of an undetected child: something may happen."""
        model, t = self.model, self.model.t
        u_crisis, u_detected, u_faded, _ = model.uniforms(self.number, rn.HIDDEN_MONTH)
        if rules.occurs(u_crisis, rules.hidden_crisis_hazard(t, self.severity)):
            model.book[Col.new_acute] += 1.0
            self.enter_care(Event.ACUTE_ENTRY)
        elif rules.occurs(u_detected, rules.detection_hazard(t, self.lever.outreach)):
            model.book[Col.new_detected] += 1.0
            self.become_known(Event.DETECTED)
        elif rules.occurs(u_faded, t.hidden_recovery_hazard):
            model.book[Col.new_faded] += 1.0
            self.move(t.gone, Event.FADED)

    def become_known(self, event: Event) -> None:
        """Become a case, or one again."""
        self.move(self.model.first_known, event)

    # --- 5 and 6: time and follow-ups --------------------------------------------------------------

    def ask(self) -> None:
        """Ask the caseworker for time: reactive work, an assessment, a follow-up that is due."""
        model, level, worker = self.model, self.level, self.caseworker
        t, book = model.t, model.book
        if level == t.hidden or level >= t.n_stairs:
            return
        self.hours = 0.0
        self.asked = model.reactive_hours[level]
        if worker is not None:
            worker.asked_reactive += self.asked
        if level == t.assessment:
            if worker is not None:
                worker.assessments.append(self)
            return
        on_stair, since = model.clock - self.moved, model.clock - self.followed
        target = model.m.target[self.covered][level]
        self.target = rules.follow_up_target(
            target.first, target.early, target.later, target.early_months, on_stair, since
        )
        book[Col.n_followed] += 1.0
        if rules.is_due(since, self.target, on_stair):
            if worker is not None:
                worker.due.append(self)
                worker.asked_follow_ups += model.follow_up_hours[level]
            else:
                book[Col.n_due] += 1.0
                book[Col.n_overdue] += 1.0

    def be_assessed(self, hours: float) -> None:
        """Take hours of assessment; when they are enough, the outcome may be decided."""
        self.progress += hours
        self.hours += hours
        self.model.book[Col.hours_assessment] += hours
        if self.hours_wanting <= 0.0:
            self.try_to_finish()

    @property
    def hours_wanting(self) -> float:
        """Hours the child's assessment still needs."""
        hours: float = rules.hours_wanting(self.model.t, self.progress)
        return hours

    def try_to_finish(self) -> None:
        """End an assessment whose hours are done, unless it waits for what others must contribute."""
        u = self.model.numbered_uniform(self.number, rn.ASSESSMENT_WAIT, self.moves)
        if rules.all_is_known(self.model.t, self.since, u):
            self.finish_assessment()

    def finish_assessment(self) -> None:
        """End the assessment: no case, help at home, or care."""
        model, t = self.model, self.model.t
        model.book[Col.new_assessed] += 1.0
        if self.on_stair <= t.assessment_deadline:
            model.book[Col.new_assessed_in_time] += 1.0
        u = model.numbered_uniform(self.number, rn.ASSESSMENT, self.moves)
        placed = t.band[self.band].placed * self.severity
        if self.course >= 0:
            placed *= t.programme[self.course].placed
        ends = rules.assessment_ends(u, t.closed_after_assessment, placed)
        if ends == rules.UP:
            self.enter_care(Event.ASSESSED)
        elif ends == rules.DOWN:
            model.book[Col.new_closed] += 1.0
            self.move(t.gone, Event.ASSESSED)
        else:
            self.move(t.first_home, Event.ASSESSED)

    def be_followed_up(self, hours: float, attention: float) -> None:
        """Hold one follow-up and do what it decides."""
        model, t, book, clock = self.model, self.model.t, self.model.book, self.model.clock
        since = clock - self.followed
        self.hours += hours
        book[Col.hours_follow_up] += hours
        book[Col.new_follow_ups] += 1.0
        book[Col.sum_interval] += since
        if since >= clock - self.moved:
            book[Col.new_first] += 1.0
            book[Col.new_first_in_time] += since <= self.target
        model.note(self, Event.FOLLOW_UP, self.level, self.level)
        self.followed = clock
        u_down, u_up, _, _ = model.numbered_uniforms(self.number, rn.FOLLOW_UP, self.follow_ups)
        self.follow_ups += 1
        decision = rules.follow_up_decision(
            t, self.lever, self.level, self.ready, self.felt_until > clock, attention, u_down, u_up
        )
        if decision == rules.UP:
            self.move_up()
        elif decision != rules.STAY:
            self.move_down(decision)

    def move_down(self, decision: int) -> None:
        """Move to a less intrusive stair, if one has room."""
        model, t = self.model, self.model.t
        _, u_network, _, u_home = model.numbered_uniforms(self.number, rn.PLACEMENT, self.moves)
        found = self.network_is_found(u_network)
        district = model.districts[self.district]
        to = rules.stair_below(t, district, self.level, self.age, found, u_home)
        if to == rules.WAIT:
            model.book[Col.new_waits] += 1.0
            model.note(self, Event.NO_PLACE, self.level, self.level)
            return
        if to == t.closed:
            model.book[Col.new_closed] += 1.0
        if decision == rules.DOWN_UNREADY:
            model.book[Col.new_unready] += 1.0
            self.move(to, Event.MOVE_DOWN_UNREADY)
            self.early = t.early_months + 1  # the month of the move does not count
        else:
            self.move(to, Event.MOVE_DOWN)

    def move_up(self) -> None:
        """Move to a more intrusive stair because of unmet need."""
        t = self.model.t
        if self.level < t.last_home:
            self.move(self.level + 1, Event.MOVE_UP)
        elif self.level == t.last_home:
            self.enter_care(Event.MOVE_UP)
        else:
            self.be_placed_higher(Event.MOVE_UP)

    # --- 7 between follow-ups ----------------------------------------------------------------------

    def live_a_month(self) -> None:
        """Become ready, perhaps; live through a crisis, perhaps."""
        model, t = self.model, self.model.t
        clock, level = model.clock, self.level
        if self.moved == clock or level == t.hidden or level >= t.n_stairs:
            return
        u_ready, u_crisis, _, _ = model.uniforms(self.number, rn.CASE_MONTH)
        rate = t.rate[level][self.band]
        ready_chance = rate.ready_chance
        if self.course >= 0:
            ready_chance = rules.readiness_in_course(ready_chance, t.programme[self.course].readiness)
        if rules.becomes_ready(u_ready, self.ready, ready_chance):
            self.ready = True
            model.note(self, Event.READY, self.level, self.level)
        effect = self.caseworker.crisis_effect if self.caseworker else model.uncared_effect
        overdue = 0.0
        if level != t.assessment:
            overdue = rules.months_overdue(clock - self.followed, self.target)
        is_early, in_handover = self.early_until > clock, self.felt_until > clock
        hazard = rules.crisis_hazard(
            t, rate.crisis_hazard, self.severity, effect, overdue, is_early, in_handover
        )
        if self.course >= 0:
            hazard *= t.programme[self.course].crisis
        if rules.occurs(u_crisis, hazard):
            self.live_through_crisis()

    def live_through_crisis(self) -> None:
        """At home: enter care. In care: a breakdown, re-placed on the same or a higher stair."""
        model, t = self.model, self.model.t
        if self.level < t.first_care:
            self.enter_care(Event.CRISIS_ENTRY)
            return
        model.book[Col.new_breakdowns] += 1.0
        model.book[Col.new_breakdowns_teen] += t.band[self.band].teen
        u_up = model.numbered_uniform(self.number, rn.BREAKDOWN_UP, self.moves)
        if rules.goes_higher(t, u_up):
            self.be_placed_higher(Event.BREAKDOWN)
        else:
            self.move(self.level, Event.BREAKDOWN)

    # --- 8 placement -------------------------------------------------------------------------------

    @property
    def lever(self) -> Any:
        """The levers in force for this child this month."""
        return self.model.m.lever[self.covered]

    def network_is_found(self, u: float) -> bool:
        """Return whether there are kin and the search finds them."""
        return bool(rules.network_is_found(self.has_network, u, self.lever.network_search))

    def enter_care(self, event: Event) -> None:
        """Be placed from home."""
        model, t = self.model, self.model.t
        u_type, u_network, _, _ = model.numbered_uniforms(self.number, rn.PLACEMENT, self.moves)
        shares = model.m.entry_share[self.covered][self.band]
        district = model.districts[self.district]
        found = self.network_is_found(u_network)
        to, for_want = rules.entry_stair(t, district, shares, self.age, found, u_type)
        model.book[Col.new_for_want] += for_want
        self.move(to, event)

    def be_placed_higher(self, event: Event) -> None:
        """Be placed on the next more intrusive stair that is open."""
        model = self.model
        _, u_network, _, _ = model.numbered_uniforms(self.number, rn.PLACEMENT, self.moves)
        district = model.districts[self.district]
        found = self.network_is_found(u_network)
        to = rules.stair_above(model.t, district, self.level, self.age, found)
        self.move(to, event)

    def move(self, to: int, event: Event) -> None:
        """Move to stair `to` (or to `closed` or `gone`); the clocks of the stair start again."""
        model, origin = self.model, self.level
        model.note(self, event, origin, to)
        model.tally(origin, to, self.band)
        model.districts[self.district].free[origin] += 1
        model.districts[self.district].free[to] -= 1
        if to >= model.t.n_stairs:
            self.caseworker = None
            self.handover = 0
            self.end_course()
        self.level = to
        self.moved = self.followed = self.early_until = model.clock
        self.progress = 0.0
        self.ready = False
        self.price = model.t.stair[to].unit_price
        if model.t.stair[to].price_sd > 0.0:
            u_price = model.numbered_uniform(self.number, rn.PRICE, self.moves)
            self.price = rules.monthly_price(model.t, u_price, to)
        self.moves += 1

    def begin_course(self, programme: int) -> None:
        """Take a seat in a programme."""
        model, p = self.model, self.model.t.programme[programme]
        self.course = programme
        self.course_left = p.months + p.lasts
        self.taken |= 1 << programme
        model.districts[self.district].seated[programme] += 1
        model.book[Col.new_courses] += 1.0
        model.book[Col.dkk_programmes] += p.cost
        model.note(self, Event.COURSE, self.level, self.level)

    def end_course(self) -> None:
        """End the course and its effect; a seat that was held is free again."""
        if self.course >= 0:
            if rules.holds_seat(self.model.t.programme[self.course], self.course_left):
                self.model.districts[self.district].seated[self.course] -= 1
            self.course = -1
            self.course_left = 0

    def begin_handover(self) -> None:
        """Feel a change of caseworker."""
        self.handover = self.model.t.handover_months
        self.model.book[Col.new_handovers] += 1.0
        self.model.note(self, Event.NEW_CASEWORKER, self.level, self.level)

    # --- 9 and 10: ageing and bookkeeping ----------------------------------------------------------

    def grow_older(self) -> None:
        """Reach the leaving age, or pass out of sight after a closed case."""
        model, t = self.model, self.model.t
        if self.level == t.gone:
            return
        if rules.comes_of_age(t, self.age):
            model.note(self, Event.LEFT, self.level, t.gone)
            model.districts[self.district].free[self.level] += 1
            model.book[Col.new_aged_out] += self.in_care
            self.level = t.gone
            self.end_course()
        elif rules.is_out_of_sight(t, self.level, model.clock - self.moved):
            self.level = t.gone

    def be_counted(self) -> None:
        """Enter the month into the ledger."""
        model, level = self.model, self.level
        t, book = model.t, model.book
        if level >= t.n_stairs:
            return
        book[FIRST_STAIR + level] += 1.0
        if level == t.hidden:
            return
        price, before = self.price, self.year_cost
        self.year_cost = before + price
        book[FIRST_STAIR + t.n_stairs + level] += price
        if before + price > model.refunded_from:
            book[Col.dkk_refund] += rules.refund_accrued(model.m, before, price)
        if self.caseworker is None:
            book[Col.n_unallocated] += 1.0
        if level >= t.first_care and self.birth <= model.teens_born_by:
            book[Col.n_teens_in_care] += 1.0
        if self.ready:
            book[Col.n_waiting if level >= t.first_care else Col.n_waiting_home] += 1.0

    def look_back(self) -> None:
        """At the end of a year of the simulation: was I in care when it began, am I still, and where?"""
        book = self.model.book
        if self.in_care and self.began is not None:
            book[Col.sum_year_stayed] += 1.0
            book[Col.sum_year_changed] += self.began != self.level
        self.began = self.level if self.in_care else None

    def let_the_month_pass(self) -> None:
        """Come a month nearer to the end of a course; the other clocks run by themselves."""
        if self.course >= 0:
            self.let_the_course_pass()

    def let_the_course_pass(self) -> None:
        """One month of a course: at its end the seat is free, later the effect is gone."""
        programme = self.model.t.programme[self.course]
        was_seated = rules.holds_seat(programme, self.course_left)
        self.course_left -= 1
        if was_seated and not rules.holds_seat(programme, self.course_left):
            self.model.districts[self.district].seated[self.course] -= 1
        if self.course_left == 0:
            self.course = -1

    def remove(self) -> None:
        """Leave the model."""
        self.model.forget(self)
        super().remove()
