"""Caseworker: a Mesa agent with a limited number of hours, and whoever's cases they are spent on."""

from __future__ import annotations

from typing import Any

from simulation import randomness as rn
from simulation.asking import Municipality, PlacementAgent
from simulation.child import Child, rules
from simulation.ledger import PlainCol as Col


class Caseworker(PlacementAgent):
    """A caseworker's post: whoever holds it, or nobody while it is vacant.

    `in_post` counts months in post (negative while vacant), `balance` hours overdrawn last month.
    """

    def __init__(self, model: Municipality, number: int, post: Any) -> None:
        super().__init__(model)
        self.number = number
        self.district = post.district
        self.in_policy = post.in_policy
        self.fte = post.fte
        self.counted = post.counted
        self.begins = post.begins
        self.ends = post.ends
        self.experience = post.experience
        self.in_post = post.experience
        self.cases = 0
        self.balance = 0.0
        self.attention = 1.0
        self.crisis_effect = 1.0
        self.asked_reactive = 0.0
        self.asked_follow_ups = 0.0
        self.reactive_share = 0.0
        self.due: list[Child] = []
        self.assessments: list[Child] = []

    @property
    def takes_cases(self) -> bool:
        """Whether somebody in this post can take cases this month."""
        return bool(rules.takes_cases(self, self.model.month))

    @property
    def children(self) -> list[Child]:
        """The children whose caseworker this is, in order of number."""
        return [c for c in self.model.children if c.caseworker is self]

    # --- 1 staff -----------------------------------------------------------------------------------

    def come_and_go(self) -> None:
        """Leave, stand vacant, be filled; a newcomer takes over cases."""
        model, t, month = self.model, self.model.t, self.model.month
        if month == self.ends:
            self.release_cases()
        if month < self.begins or month >= self.ends:
            return
        begins = month == self.begins and self.experience < 0
        if begins:
            self.in_post = 0
        elif self.in_post < 0:
            self.in_post += 1
            begins = self.in_post == 0
        else:
            self.in_post += 1
            if self.fte <= 0.0:
                return
            hazard = rules.leaving_hazard(t.turnover_rate, self.attention, t.turnover_elasticity)
            if rules.occurs(model.uniform(self.number, rn.TURNOVER), hazard):
                model.book[Col.new_resignations] += 1.0
                self.release_cases()
                self.in_post = -t.vacancy_months
                self.balance = 0.0
                begins = self.in_post == 0
        if begins:
            self.take_over()

    @property
    def load(self) -> float:
        """Cases per FTE."""
        return rules.load(self.cases, self.fte)

    def release_cases(self) -> None:
        """Leave all cases without a caseworker; their handover begins."""
        for child in self.children:
            child.caseworker = None
            child.begin_handover()
        self.cases = 0

    def take_over(self) -> None:
        """Take the newest cases of colleagues who carry more than the even load."""
        if not self.takes_cases:
            return
        team = [w for w in self.model.caseworkers if w.district == self.district and w.takes_cases]
        cases = fte = 0.0
        for worker in team:
            cases += worker.cases
            fte += worker.fte
        even = cases / fte
        for child in reversed(self.model.children):
            colleague = child.caseworker
            if colleague is None or colleague is self or colleague.district != self.district:
                continue
            if rules.hands_over(colleague.cases, colleague.fte, self.cases, self.fte, even):
                colleague.cases -= 1
                self.cases += 1
                child.caseworker = self
                child.begin_handover()

    # --- 5 and 6: the month's work -----------------------------------------------------------------

    def open_the_month(self) -> None:
        """Know the cases, and so the attention each can have."""
        t = self.model.t
        self.asked_reactive = 0.0
        self.asked_follow_ups = 0.0
        self.reactive_share = 0.0
        self.due = []
        self.assessments = []
        self.attention = t.attention_floor
        if self.takes_cases:
            self.attention = rules.attention(t, self.cases, self.fte)
        self.crisis_effect = rules.power(self.attention, -t.crisis_elasticity)

    def work(self) -> None:
        """Divide the month's hours between reactive work, assessments and follow-ups."""
        if not self.takes_cases:
            return
        t, book = self.model.t, self.model.book
        self.due.reverse()
        self.assessments.reverse()
        earned = rules.hours_earned(t, self)
        hours = max(0.0, earned)
        asked_assessments = 0.0
        for child in self.assessments:
            asked_assessments += child.hours_wanting
        reactive, assessing, following = rules.shared_hours(
            t, hours, self.asked_reactive, asked_assessments, self.asked_follow_ups
        )
        if self.asked_reactive > 0.0:
            self.reactive_share = reactive / self.asked_reactive
        self.assess(assessing)
        left = self.hold_follow_ups(following)
        self.balance = rules.carried_over(earned, left)
        book[Col.n_fte_filled] += self.fte
        book[Col.hours_available] += hours
        book[Col.hours_reactive] += reactive

    def assess(self, left: float) -> None:
        """End assessments that waited for others only; spend `left` hours on the others, oldest first."""
        unfinished = [c for c in self.assessments if c.hours_wanting > 0.0]
        for child in [c for c in self.assessments if c.hours_wanting <= 0.0]:
            child.try_to_finish()
        for child in sorted(unfinished, key=lambda c: c.moved):
            if left <= rules.ALL_DONE:
                return
            spent = min(left, child.hours_wanting)
            left -= spent
            child.be_assessed(spent)

    def hold_follow_ups(self, left: float) -> float:
        """Hold due follow-ups while hours are left, most urgent first; return what is left."""
        clock, hours_of = self.model.clock, self.model.follow_up_hours
        attention = rules.power(self.attention, self.model.t.recognition_elasticity)
        intrusive = self.model.m.intrusive_first[self.in_policy] > 0
        queue = sorted(
            self.due,
            key=lambda c: rules.urgency(clock - c.followed, c.target, c.level, intrusive),
            reverse=True,
        )
        held = 0
        for child in queue:
            if left <= rules.ALL_DONE:
                break
            hours = hours_of[child.level]
            left -= hours
            child.be_followed_up(hours, attention)
            held += 1
        self.model.book[Col.n_overdue] += len(queue) - held
        return left
