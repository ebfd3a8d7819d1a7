"""The yardstick: the same month as a Mesa user would write it, with Mesa's own random numbers.

Children and caseworkers, readiness, crises, follow-ups within a time budget, moves on the staircase,
arrivals, ageing, cost. No counter-based luck, no ledger of sixty columns, no policies: what a month
costs in plain Mesa, not a second model.
"""

from __future__ import annotations

import math

import mesa

UNDETECTED, ASSESSMENT, PREVENTIVE, OWN_ROOM, NETWORK, FOSTER, RESIDENTIAL = range(7)
READY = (0.0, 0.0, 0.48, 0.31, 0.10, 0.055, 0.24)
CRISIS = (0.02, 0.026, 0.026, 0.044, 0.027, 0.023, 0.053)
PRICE = (0, 0, 11_600, 26_600, 9_600, 39_200, 96_700)


class Child(mesa.Agent):
    def __init__(self, model, stair, age):
        super().__init__(model)
        self.stair = stair
        self.age = age
        self.severity = math.exp(model.random.gauss(-0.18, 0.6))
        self.ready = False
        self.since = 0
        self.months = 0
        self.worker = None
        self.cost = 0.0

    def step(self):
        self.age += 1
        self.months += 1
        if self.age >= 216:
            self.leave()
        elif self.stair == UNDETECTED:
            self.be_undetected()
        elif self.stair == ASSESSMENT:
            if self.months >= 3:
                self.finish_assessment()
        else:
            self.be_helped()

    def be_undetected(self):
        u = self.model.random.random()
        if u < 0.02 / 12 * self.severity:
            self.move(FOSTER)
        elif u < 0.52 / 12:
            self.move(ASSESSMENT)
        elif u < 0.92 / 12:
            self.leave()

    def finish_assessment(self):
        u = self.model.random.random()
        if u < 0.35:
            self.leave()
        elif u < 0.35 + 0.16 * self.severity:
            self.move(FOSTER if self.model.random.random() < 0.8 else RESIDENTIAL)
        else:
            self.move(PREVENTIVE)

    def be_helped(self):
        self.since += 1
        if not self.ready and self.model.random.random() < 1 - math.exp(-READY[self.stair] / 12):
            self.ready = True
        rate = CRISIS[self.stair] * self.severity * (2 if self.age >= 144 else 1)
        if self.model.random.random() < 1 - math.exp(-rate / 12):
            self.move(min(RESIDENTIAL, max(FOSTER, self.stair + 1)))
        self.cost += PRICE[self.stair]

    def be_followed_up(self):
        self.since = 0
        if self.ready and self.model.random.random() < 0.6:
            if self.stair == PREVENTIVE:
                self.leave()
            else:
                self.move(PREVENTIVE if self.model.random.random() < 0.46 else FOSTER)

    def move(self, stair):
        self.stair = stair
        self.ready = False
        self.since = 0
        self.months = 0
        if self.worker is None:
            self.worker = min(self.model.workers, key=lambda w: len(w.cases))
            self.worker.cases.append(self)

    def leave(self):
        if self.worker is not None:
            self.worker.cases.remove(self)
        self.remove()


class Worker(mesa.Agent):
    def __init__(self, model, hours):
        super().__init__(model)
        self.hours = hours
        self.cases = []

    def step(self):
        left = self.hours - 0.4 * len(self.cases)
        due = [c for c in self.cases if c.stair > ASSESSMENT and c.since >= 6]
        for child in sorted(due, key=lambda c: -c.since):
            if left <= 0:
                break
            left -= 7.0
            child.be_followed_up()


class PlainModel(mesa.Model):
    def __init__(self, seed=None):
        super().__init__(seed=seed)
        self.workers = [Worker(self, 35.0), Worker(self, 35.0)]
        for stair, n in enumerate((41, 0, 25, 2, 3, 18, 9)):
            for _ in range(n):
                child = Child(self, UNDETECTED, self.random.randrange(216))
                if stair != UNDETECTED:
                    child.move(stair)
        self.child_months = 0
        self.datacollector = mesa.DataCollector(
            model_reporters={
                name: (lambda m, s=stair: sum(c.stair == s for c in m.agents_by_type[Child]))
                for stair, name in enumerate(("undetected", "assessment", "preventive", "own_room",
                                              "network", "foster", "residential"))
            }
        )  # fmt: skip

    def step(self):
        for _ in range(self.poisson(38 / 12)):
            Child(self, UNDETECTED, self.random.randrange(216))
        self.agents_by_type[Worker].shuffle_do("step")
        self.agents_by_type[Child].shuffle_do("step")
        self.child_months += len(self.agents_by_type[Child])
        self.datacollector.collect(self)

    def poisson(self, mean):
        n, p, limit = 0, self.random.random(), math.exp(-mean)
        while p > limit:
            n += 1
            p *= self.random.random()
        return n
