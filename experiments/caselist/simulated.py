"""The simulation's own back-test: the baseline made again from earlier days, against what came.

A comparison of policies rests on the simulation's baseline, not on the forecast from rates. So it is
tested the same way: from the children of the earlier day, with the numbers known then, spread over their
draws, and flows that hold the counts of then.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from experiments.caselist.backtest import SIMULATION, BackTest, BackTests, Skipped
from experiments.caselist.forecast import Forecast
from experiments.caselist.known import known_list
from experiments.caselist.own_scenario import numbers_then, priced, scenario_of, with_numbers
from experiments.caselist.reading import CaseList
from experiments.caselist.standing import day_after
from experiments.runner import BASELINE, BLOCK, CHUNK, Arm, Plan, Runner
from experiments.settle import settle
from simulation.accounts import MONTHS_IN_YEAR
from simulation.horizon import with_months
from simulation.scenario import Scenario
from simulation.sections import CaseListFiles

HISTORIES = 400

Progress = Callable[[int, int], None]


def simulated_back_tests(cases: CaseList, made: BackTests, progress: Progress | None = None) -> BackTests:
    """Return the back-tests with one more for each look back: the simulation's baseline from that day.

    The numbers known on that day are learnt and its flows settled anew, in some seconds. `progress`
    is called with (look backs done, all). Where flows cannot be settled the look back is skipped and says
    why.
    """
    tests, skipped = list(made.made), list(made.skipped)
    of = {t.ahead: t for t in made.made}
    for i, (ahead, like) in enumerate(of.items(), 1):
        known = known_list(cases, day_after(cases.spells.until, -ahead))
        try:
            found = _forecast(known, like)
        except ValueError as error:
            skipped.append(Skipped(ahead, f"{ahead:g} years back: not simulated: {error}"))
            continue
        low, high = found.interval[:, 0]
        tests.append(replace(like, method=SIMULATION, forecast=found.middle[0], low=low, high=high))
        if progress:
            progress(i, len(of))
    return BackTests(tuple(tests), tuple(skipped))


def _forecast(known: CaseList, like: BackTest) -> Forecast:
    """Return where children stand `like.ahead` years on without a policy, in every history."""
    prices = priced(known, internal=True)
    numbers = numbers_then(known, prices)
    settled = settle(scenario_of(known, with_numbers(prices, numbers))).scenario
    with tempfile.TemporaryDirectory() as folder:
        draws = Path(folder) / "draws.csv"
        draws.write_text(numbers.as_text(), "utf-8")
        stairs = _stairs(_with_draws(settled, draws), round(like.ahead * MONTHS_IN_YEAR))
    at = [settled.staircase.index(key) for key in like.stairs]
    counts = stairs[:, -1:, at].astype(np.int64)
    return Forecast(like.stairs, (like.ahead,), counts, np.zeros((len(counts), 0, len(at))), like.in_care)


def _with_draws(s: Scenario, draws: Path) -> Scenario:
    files = (s.case_list or CaseListFiles()).model_copy(update={"draws": str(draws)})
    return s.model_copy(update={"case_list": files})


def _stairs(scenario: Scenario, months: int) -> np.ndarray:
    """Return [history, month, stair]: children, the histories spread over the draws."""
    runner = Runner(Plan(with_months(scenario, months), (), draws=HISTORIES // BLOCK))
    chunks = [(chunk, BASELINE) for chunk in range(HISTORIES // CHUNK)]
    arms = sorted(runner.run(chunks), key=lambda found: found[0])
    return Arm.joined([arm for _, _, arm in arms]).stairs
