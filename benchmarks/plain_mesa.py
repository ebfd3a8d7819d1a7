"""The yardstick: the same month as a Mesa user would write it, with Mesa's own random numbers.

All that happens in a month of `simulation` happens here, in the plain way: staff who leave, handovers,
arrivals, detection, allocation, hours divided between reactive work, assessments and follow-ups,
readiness, crises, placements with kin and places, ageing, cost and refund, some outcomes collected.
No policies, no counter-based luck, no scenario files: what a month costs, not a second model.
"""

from __future__ import annotations

import math

import mesa

UNDETECTED, ASSESSMENT, PREVENTIVE, OWN_ROOM, NETWORK, FOSTER, RESIDENTIAL, CLOSED = range(8)
NAMES = ("undetected", "assessment", "preventive", "own_room", "network", "foster", "residential")
START = (37, 0, 25, 2, 3, 18, 9)
READY = (0.0, 0.0, 0.48, 0.31, 0.10, 0.055, 0.24)
CRISIS = (0.0, 0.026, 0.026, 0.044, 0.027, 0.023, 0.053)
PLANNED_UP = (0.0, 0.0, 0.01, 0.01, 0.005, 0.005, 0.0)
PRICE = (0, 0, 11_600, 26_600, 9_600, 39_200, 96_700)
WEIGHT = (0.0, 1.0, 1.1, 1.0, 1.0, 1.0, 1.0)


class Child(mesa.Agent):
    def __init__(self, model, stair, age):
        super().__init__(model)
        self.stair = stair
        self.age = age
        self.severity = math.exp(model.random.gauss(-0.18, 0.6))
        self.has_network = model.random.random() < 0.4
        self.ready = False
        self.since = 0
        self.months = 0
        self.progress = 0.0
        self.handover = 0
        self.early = 0
        self.worker = None
        self.price = PRICE[stair]
        self.year_cost = 0.0

    @property
    def is_case(self):
        return UNDETECTED < self.stair < CLOSED

    def come_to_light(self):
        random = self.model.random.random
        if self.stair == UNDETECTED:
            self.severity *= 1.008
            if random() < 1 - math.exp(-0.02 / 12 * self.severity):
                self.enter_care()
            elif random() < 1 - math.exp(-0.5 / 12):
                self.move(ASSESSMENT)
            elif random() < 1 - math.exp(-0.4 / 12):
                self.leave()
        elif self.stair == CLOSED and random() < 1 - math.exp(-0.12 / 12):
            self.move(ASSESSMENT)

    def live_a_month(self):
        if not self.is_case or self.months == 0:
            return
        random = self.model.random.random
        if not self.ready and random() < 1 - math.exp(-READY[self.stair] / 12):
            self.ready = True
        rate = CRISIS[self.stair] * self.severity * (2 if self.age >= 144 else 1)
        rate *= (1.5 if self.early > 0 else 1) * (1.2 if self.handover > 0 else 1)
        if random() < 1 - math.exp(-rate / 12):
            if self.stair < OWN_ROOM:
                self.enter_care()
            else:
                self.model.breakdowns += 1
                self.move_up() if random() < 0.5 else self.move(self.stair)

    def be_assessed(self, hours):
        self.progress += hours
        if self.progress < 16:
            return
        u = self.model.random.random()
        placed = 0.16 * self.severity * (2.5 if self.age >= 144 else 1)
        if u < 0.35:
            self.leave()
        elif u < 0.35 + placed:
            self.enter_care()
        else:
            self.move(PREVENTIVE)

    def be_followed_up(self, attention):
        self.model.follow_ups += 1
        self.since = 0
        random = self.model.random.random
        exponent = attention**0.3 * (0.7 if self.handover > 0 else 1)
        if self.ready and random() < 1 - 0.4**exponent:
            self.move_down()
        elif not self.ready and random() < 0.005:
            self.move_down()
            self.early = 6
        elif random() < PLANNED_UP[self.stair]:
            self.enter_care() if self.stair == PREVENTIVE else self.move_up()

    def network_is_found(self):
        return self.has_network and self.model.random.random() < 0.3

    def move_down(self):
        if self.stair == PREVENTIVE:
            self.move(CLOSED)
        elif self.model.random.random() < 0.46:
            self.move(PREVENTIVE)
        elif self.stair > NETWORK and self.network_is_found():
            self.move(NETWORK)
        elif self.stair == RESIDENTIAL and self.model.free_foster() > 0:
            self.move(FOSTER)
        elif self.stair > OWN_ROOM and self.age >= 180:
            self.move(OWN_ROOM)
        elif self.stair != RESIDENTIAL:
            self.move(PREVENTIVE)

    def move_up(self):
        if self.stair < NETWORK and self.network_is_found():
            self.move(NETWORK)
        elif self.stair < FOSTER and self.model.free_foster() > 0:
            self.move(FOSTER)
        else:
            self.move(RESIDENTIAL)

    def enter_care(self):
        self.model.entries += 1
        u = self.model.random.random()
        if self.age >= 180 and u < 0.37:
            self.move(OWN_ROOM)
        elif u > 0.85:
            self.move(RESIDENTIAL)
        elif self.network_is_found():
            self.move(NETWORK)
        elif self.model.free_foster() > 0:
            self.move(FOSTER)
        else:
            self.move(RESIDENTIAL)

    def move(self, stair):
        self.model.moves += 1
        if stair == CLOSED and self.worker is not None:
            self.worker.cases.remove(self)
            self.worker = None
        self.stair = stair
        self.ready = False
        self.since = self.months = self.early = 0
        self.progress = 0.0
        if stair < CLOSED:
            spread = 0.0 if stair <= PREVENTIVE else 0.3
            self.price = PRICE[stair] * math.exp(self.model.random.gauss(0, spread))

    def leave(self):
        if self.worker is not None:
            self.worker.cases.remove(self)
        self.remove()

    def end_month(self):
        if self.age + 1 >= 216 or (self.stair == CLOSED and self.months >= 24):
            self.leave()
            return
        if self.stair < CLOSED:
            self.year_cost += self.price
            self.model.cost += self.price
        if self.model.steps % 12 == 0:
            for threshold, share in ((814_000, 0.25), (1_598_000, 0.25), (2_010_000, 0.25)):
                self.model.refund += share * max(0.0, self.year_cost - threshold)
            self.year_cost = 0.0
        self.age += 1
        self.months += 1
        self.since += 1
        self.handover = max(0, self.handover - 1)
        self.early = max(0, self.early - 1)


class Worker(mesa.Agent):
    def __init__(self, model, fte):
        super().__init__(model)
        self.fte = fte
        self.cases = []
        self.in_post = 100
        self.overdraft = 0.0

    def come_and_go(self):
        self.in_post += 1
        if self.in_post > 0 and self.model.random.random() < 1 - math.exp(-0.24 / 12):
            for child in self.cases:
                child.worker = None
                child.handover = 6
            self.cases = []
            self.in_post = -3

    def work(self):
        if self.in_post < 0 or not self.cases:
            return
        hours = self.fte * 96 * 0.95 * (0.6 if self.in_post < 6 else 1) + self.overdraft
        reactive = sum(0.4 * WEIGHT[c.stair] for c in self.cases)
        waiting = [c for c in self.cases if c.stair == ASSESSMENT]
        due = [c for c in self.cases if c.stair > ASSESSMENT and c.since >= self.target(c)]
        assessing = min(sum(16 - c.progress for c in waiting), max(0.35 * hours, hours - reactive))
        left = max(0.25 * hours, hours - reactive - assessing)
        for child in sorted(waiting, key=lambda c: -c.months):
            spent = min(assessing, 16 - child.progress)
            if spent <= 0:
                break
            assessing -= spent
            child.be_assessed(spent)
        attention = min(4.0, max(0.25, 45 * self.fte / max(1, len(self.cases))))
        for child in sorted(due, key=lambda c: -c.since / self.target(c)):
            if left <= 0:
                break
            left -= 7.0 * WEIGHT[child.stair]
            child.be_followed_up(attention)
        self.overdraft = min(0.0, left)

    def target(self, child):
        return 3 if child.since >= child.months else 6


class PlainModel(mesa.Model):
    def __init__(self, seed=None):
        super().__init__(seed=seed)
        self.workers = [Worker(self, 0.5), Worker(self, 0.5)]
        for stair, n in enumerate(START):
            for _ in range(n):
                Child(self, stair, self.random.randrange(216))
        self.child_months = 0
        self.moves = self.entries = self.breakdowns = self.follow_ups = 0
        self.cost = self.refund = 0.0
        counts = {name: (lambda m, s=i: m.count(s)) for i, name in enumerate(NAMES)}
        sums = ("moves", "entries", "breakdowns", "follow_ups", "cost", "refund")
        self.datacollector = mesa.DataCollector(model_reporters={**counts, **{n: n for n in sums}})

    def count(self, stair):
        return sum(c.stair == stair for c in self.agents_by_type[Child])

    def free_foster(self):
        return 20 - self.count(FOSTER)

    def step(self):
        children = self.agents_by_type[Child]
        self.agents_by_type[Worker].do("come_and_go")
        for _ in range(self.poisson(36 / 12)):
            Child(self, UNDETECTED, self.random.randrange(216))
        children.do("come_to_light")
        self.allocate()
        self.agents_by_type[Worker].do("work")
        children.do("live_a_month")
        children.do("end_month")
        self.child_months += sum(c.stair < CLOSED for c in self.agents_by_type[Child])
        self.datacollector.collect(self)

    def allocate(self):
        there = [w for w in self.workers if w.in_post >= 0]
        for child in self.agents_by_type[Child] if there else ():
            if child.is_case and child.worker is None:
                child.worker = min(there, key=lambda w: len(w.cases) / w.fte)
                child.worker.cases.append(child)

    def poisson(self, mean):
        n, p, limit = 0, self.random.random(), math.exp(-mean)
        while p > limit:
            n += 1
            p *= self.random.random()
        return n
