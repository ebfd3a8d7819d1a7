"""The simulation's own back-test: the baseline made again from earlier days, against what came.

A comparison of policies rests on the simulation's baseline, not on the forecast from rates. So it is
tested the same way: from the children of the earlier day, with the numbers known then and flows that hold
the counts of then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from experiments.caselist.backtest import SIMULATION, BackTest, BackTests, Skipped
from experiments.caselist.forecast import Forecast
from experiments.caselist.known import known_list
from experiments.caselist.reading import CaseList
from experiments.caselist.standing import day_after
from experiments.runner import BASELINE, CHUNK, Arm, Plan, Runner
from experiments.settle import Progress, settle
from simulation.accounts import MONTHS_IN_YEAR
from simulation.horizon import with_months
from simulation.scenario import Scenario

HISTORIES = 300

ScenarioOf = Callable[[CaseList], Scenario]
"""Makes the scenario of a case list: own numbers, children of the last day, flows not settled."""


def simulated_back_tests(
    cases: CaseList, scenario_of: ScenarioOf, made: BackTests, progress: Progress | None = None
) -> BackTests:
    """Return the back-tests with one more for each look back: the simulation's baseline from that day.

    The flows of that day are settled anew, which takes some seconds each. `progress` is called with (look
    backs done, all). Where flows cannot be settled, or a scenario cannot be made, the look back is
    skipped and says why.
    """
    tests, skipped = list(made.made), list(made.skipped)
    of = {t.ahead: t for t in made.made}
    for i, (ahead, like) in enumerate(of.items()):
        day = day_after(cases.spells.until, -ahead)
        try:
            scenario = settle(scenario_of(known_list(cases, day))).scenario
        except ValueError as error:
            skipped.append(Skipped(ahead, f"{ahead:g} years back: not simulated: {error}"))
            continue
        found = _futures(scenario, like, round(ahead * MONTHS_IN_YEAR))
        tests.append(replace(like, method=SIMULATION, forecast=found.middle[0],
                             low=found.interval[0, 0], high=found.interval[1, 0]))  # fmt: skip
        if progress:
            progress(i + 1, len(of))
    return BackTests(tuple(tests), tuple(skipped))


def _futures(scenario: Scenario, like: BackTest, months: int) -> Forecast:
    """Return where children stand after so many months of the baseline, in every history."""
    runner = Runner(Plan(with_months(scenario, months), ()))
    chunks = [(chunk, BASELINE) for chunk in range(HISTORIES // CHUNK)]
    stairs = Arm.joined([arm for _, _, arm in sorted(runner.run(chunks), key=lambda x: x[0])]).stairs
    at = [scenario.staircase.index(key) for key in like.stairs]
    counts = stairs[:, -1:, at].astype(np.int64)
    no_years = np.zeros((len(counts), 0, len(at)))
    return Forecast(like.stairs, (like.ahead,), counts, no_years, like.in_care)
