"""The national draws as a prior for recognition and readiness in one municipality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from experiments.caselist.reading import CaseList
from experiments.caselist.work_done import MONTHS, WorkDone
from experiments.draws import SPREAD, as_array, posterior, residential_readiness
from simulation import rules
from simulation.accounts import Floats
from simulation.compiled import plain_twin
from simulation.scenario import Scenario
from simulation.stationary import stationary_start

RECOGNITION = "children.recognition"
READINESS = "children.readiness_rate."
PREMATURE = "children.premature"
ELASTICITY = "children.recognition_elasticity"

SPREAD_ELSEWHERE = 0.35
"""Standard deviation of the logarithm of a rate between municipalities, where the draws give none: the
same third as `pooling.LEVEL`."""

LOGITS = np.linspace(-4.0, 5.0, 25)
"""Logits of the chance at which likelihoods are worked out; between them they are interpolated."""
STEPS = 0.3 * np.arange(-10, 11)
"""Logarithms of the rates at which they are, relative to the national rate."""
EARLY_PARTS = 5
"""Parts of the prior of a move before readiness, all as likely; likelihoods are worked out at the
middle of each."""
SMOOTHING = 0.15
"""Width of the kernel that smooths the draws, in their standard deviations."""
STRANGER = 0.01
"""Chance that a municipality is one that the national draws do not know."""
LEAST = 1e-6

_plain = plain_twin(rules)


@dataclass(frozen=True)
class Prior:
    """The national draws as a prior here.

    `national` [draw] by record. `logits` [draw] of the chance at today's caseload here; `looks` [draw]
    how many follow-ups' worth of looking one is, and `practice` today's part in it. `level`, `slope`
    [stair] of the regression of log rates on the logits, `residual` [stair, draw] from it, `local`
    [stair] the standard deviation between municipalities. `has_record` [stair]: the draws have its rate.
    """

    national: dict[str, Floats]
    logits: Floats
    looks: Floats
    practice: float
    level: Floats
    slope: Floats
    residual: Floats
    local: Floats
    has_record: np.ndarray

    @classmethod
    def of(cls, cases: CaseList, s: Scenario, work: WorkDone) -> Prior:
        """Return the prior for the stairs of a case list."""
        rows = list(posterior())
        names = [READINESS + key for key in cases.spells.stairs]
        has_record = np.array([name in rows[0] for name in names])
        known = [name for name in (*names, RECOGNITION, PREMATURE, ELASTICITY) if name in rows[0]]
        national = dict(zip(known, as_array(rows, known).T, strict=True))
        looks = _looks(national[ELASTICITY], s, work)
        recognition = np.clip(national[RECOGNITION], LEAST, 1.0 - LEAST)
        logits = special.logit(-np.expm1(looks * np.log1p(-recognition)))
        log_rate = np.log(np.maximum([_rates_of(national, name, s, len(rows)) for name in names], 1e-4))
        x = logits - logits.mean()
        slope = (log_rate * x).mean(axis=1) / (x**2).mean()
        level = log_rate.mean(axis=1)
        residual = log_rate - level[:, None] - slope[:, None] * x
        heavy = residential_readiness(s)
        wide = float(np.sqrt((as_array(rows, [SPREAD]) ** 2).mean()))
        local = np.array([wide if name in heavy else SPREAD_ELSEWHERE for name in names])
        practice = s.baseline.orientation
        return cls(national, logits, looks, practice, level, slope, residual, local, has_record)

    @property
    def rates(self) -> Floats:
        """[stair, rate]: rates a year at which likelihoods are worked out."""
        return np.exp(self.level[:, None] + STEPS)

    @property
    def early(self) -> Floats:
        """[part]: chances that a follow-up moves a child that is not ready."""
        u = (np.arange(EARLY_PARTS) + 0.5) / EARLY_PARTS
        return np.maximum(LEAST, self.practice * np.quantile(self.national[PREMATURE], u))

    @property
    def wide(self) -> Floats:
        """[stair]: standard deviation of a log rate given the logit, all told."""
        return np.hypot(self.residual.std(axis=1), self.local)

    def log_density_of_logits(self, x: Floats) -> Floats:
        """Return [x]: log density of the logits: the draws smoothed, and `STRANGER` of a wide normal."""
        smooth = stats.gaussian_kde(self.logits, SMOOTHING)(x)
        wide = stats.norm.pdf(x, self.logits.mean(), 2.0 * self.logits.std())
        return np.asarray(np.log((1.0 - STRANGER) * smooth + STRANGER * wide))

    def log_density(self, stair: int, log_rate: Floats, logit: Floats) -> Floats:
        """Return [rate, logit]: log density of a stair's log rate given the logit, up to a constant."""
        mean = self.level[stair] + self.slope[stair] * (logit - self.logits.mean())
        return np.asarray(-0.5 * ((log_rate[:, None] - mean) / self.wide[stair]) ** 2)


def places(values: Floats) -> Floats:
    """Return each value's place among them, between 0 and 1."""
    return (np.argsort(np.argsort(values, kind="stable")) + 0.5) / len(values)


def _rates_of(national: Mapping[str, Floats], name: str, s: Scenario, n: int) -> Floats:
    """Return a stair's national draws; where there are none, its number in the scenario, else a guess."""
    if name in national:
        return national[name]
    stated = s.children.readiness_rate.get(name.removeprefix(READINESS), 0.1)
    return np.full(n, max(stated, 1e-4))


def _looks(elasticity: Floats, s: Scenario, work: WorkDone) -> Floats:
    """Return [draw]: the exponent of recognition here: attention^elasticity, practice, handovers."""
    c = s.children
    caseload = work.cases_per_fte
    cases = _children(s) if caseload is None else caseload
    attention = float(_plain.attention(c, cases, s.fte if caseload is None else 1.0))
    return np.asarray(np.power(attention, elasticity) * s.baseline.orientation * (1.0 - _felt(s, work)))


def _felt(s: Scenario, work: WorkDone) -> float:
    """Return by how much changes of caseworker lower the exponent, as a mean over cases.

    Nothing where they are dated: then the likelihood knows of each.
    """
    if work.handovers is not None:
        return 0.0
    share = min(1.0, s.work.turnover_rate * s.children.handover_months / MONTHS)
    return float(share * (1.0 - s.children.handover_penalty))


def _children(s: Scenario) -> float:
    """Return the cases of the scenario's first day."""
    start = stationary_start(s)
    expected = np.where(start.count < 0, start.mean, start.count).sum(axis=0)
    return float(sum(n for x, n in zip(s.staircase, expected, strict=True) if x.is_case))
