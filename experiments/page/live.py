"""Live: histories of what the sliders say, within the blink of an eye, by the compiled kernel in threads.

The histories are those of `trappe compare --draws 100`: every tenth begins another draw of the
parameters. A quick answer takes the first history of each draw, the whole answer all ten. What carries
on as today, and the scenario at each draw, are worked out once for each horizon.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from experiments.draws import at_draw, draws, numbers_at
from experiments.page.answer import Answer, Arm, answer_of
from experiments.page.state import OWN, Board, Chosen, policy_of, scenario_of
from experiments.runner import BLOCK
from simulation.accounts import Floats, Ledger
from simulation.costs import net
from simulation.ledger import column_names
from simulation.policy import Policy
from simulation.replicates import ledgers_of_parts, tables_of_parts
from simulation.scenario import Scenario
from simulation.values import LEVER_OF_RECORD, with_values

DRAWS = 100
"""Draws of the parameters: a quick answer has as many histories, the whole one ten times as many."""


class OutdatedError(RuntimeError):
    """A slider was moved on while its last position was being worked out."""


def always() -> bool:
    """Return True: whoever asked still wants to know."""
    return True


class Live:
    """Answers for the sliders of one board; keeps what another position can use again."""

    def __init__(
        self, board: Board, seed: int = 1, draws_: int = DRAWS, workers: int | None = None
    ) -> None:
        self.board, self.seed = board, seed
        self._drawn = draws(draws_, board.scenario)
        self._levers = [
            {k: x for k, x in numbers_at(board.scenario, draw).items() if k in LEVER_OF_RECORD}
            for draw in self._drawn
        ]
        self._threads = ThreadPoolExecutor(workers or os.cpu_count() or 1)
        self._at: dict[tuple[int, int], Scenario] = {}
        self._as_today: dict[tuple[int, int], Arm] = {}

    @property
    def draws(self) -> int:
        """How many draws of the parameters the histories are spread over."""
        return len(self._drawn)

    def answer(self, chosen: Chosen, whole: bool = False, wanted: Callable[[], bool] = always) -> Answer:
        """Return what the sliders give: one history per draw, or with `whole` ten.

        Raises OutdatedError as soon as `wanted()` is no longer so.
        """
        each = BLOCK if whole else 1
        scenario, policy = scenario_of(chosen, self.board), policy_of(chosen, self.board)
        base = self.as_today(chosen, each, wanted)
        arm = self._arm(scenario, policy, each, wanted)
        return answer_of(chosen, scenario, policy, base, arm, self.draws)

    def as_today(self, chosen: Chosen, each: int = 1, wanted: Callable[[], bool] = always) -> Arm:
        """Return the histories in which all carries on as today, `each` per draw."""
        key = (chosen.months, each)
        if key not in self._as_today:
            self._as_today[key] = self._arm(scenario_of(chosen, self.board), None, each, wanted)
        return self._as_today[key]

    def _arm(
        self, scenario: Scenario, policy: Policy | None, each: int, wanted: Callable[[], bool]
    ) -> Arm:
        def books(draw: int) -> Floats:
            if not wanted():
                raise OutdatedError
            at = self._scenario(scenario, draw)
            parts = tables_of_parts(at, None if policy is None else self._policy(at, policy, draw))
            return ledgers_of_parts(parts, columns, self.seed, BLOCK * draw, each)

        stairs = scenario.staircase
        columns = len(column_names(stairs))
        first = column_names(stairs).index("n_" + stairs.keys[0])
        together = np.concatenate(list(self._threads.map(books, range(self.draws))))
        return Arm(net(Ledger(together, stairs)), together[:, :, first : first + len(stairs)])

    def _scenario(self, scenario: Scenario, draw: int) -> Scenario:
        """Return the scenario at a draw; the same whichever thread asks first."""
        key = (scenario.months, draw)
        if key not in self._at:
            self._at[key] = at_draw(scenario, self._drawn[draw])
        return self._at[key]

    def _policy(self, at: Scenario, policy: Policy, draw: int) -> Policy:
        """Return the policy at a draw: levers that stand at their record's value take the draw's."""
        alone = at.model_copy(update={"policies": {OWN: policy}})
        return with_values(alone, self._levers[draw]).policies[OWN]
