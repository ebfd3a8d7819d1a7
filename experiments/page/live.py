"""Live: histories of what the sliders say, within the blink of an eye, by the compiled kernel in threads.

The histories are those of `trappe compare --draws 100`: every tenth begins another draw of the
parameters. A quick answer takes the first history of each draw, the whole answer all ten. Nothing is
worked out twice: the scenario at each draw, what carries on as today, the districts that the policy does
not reach, the latest positions of the sliders; and a shorter horizon is the beginning of a longer one.
While a slider rests, the positions beside it are worked out too.
"""

from __future__ import annotations

import os
from collections import ChainMap
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from experiments.draws import at_draw, draws, numbers_at
from experiments.page.answer import Answer, Arm, answer_of
from experiments.page.kept import Kept
from experiments.page.state import OWN, Board, Chosen, Slider, moved, policy_of, scenario_of
from experiments.runner import BLOCK
from simulation.accounts import Floats, Ledger
from simulation.costs import net
from simulation.horizon import with_months
from simulation.ledger import column_names
from simulation.policy import Policy
from simulation.replicates import ledgers_of_parts, tables_of_parts
from simulation.scenario import Scenario
from simulation.tables import Tables, in_policy
from simulation.values import LEVER_OF_RECORD, with_values

DRAWS = 100
"""Draws of the parameters: a quick answer has as many histories, the whole one ten times as many."""

KEPT_QUICK, KEPT_WHOLE = 60, 6
"""Positions of the sliders whose histories are kept: about half a megabyte each, and five."""


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
        districts = board.scenario.districts
        self._reached = [d.name for d in districts if in_policy(board.policy, d)]
        self._others = [d.name for d in districts if not in_policy(board.policy, d)]
        self._is_over = False
        self._threads = ThreadPoolExecutor(workers or os.cpu_count() or 1)
        self._at: dict[int, Scenario] = {}
        self._with_policy = {1: Kept(KEPT_QUICK), BLOCK: Kept(KEPT_WHOLE)}
        self._as_today, self._not_reached = Kept(2), Kept(2)

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

        def make() -> Arm:
            arm = self._arm(policy, self._reached, chosen.months, each, wanted)
            return self._and_others(arm, each, wanted)

        arm = self._with_policy[each].get(replace(chosen, months=0), chosen.months, make)
        return answer_of(chosen, scenario, policy, base, arm, self.draws)

    def ahead(self, chosen: Chosen, sliders: Sequence[Slider], wanted: Callable[[], bool]) -> None:
        """Work out the quick answers one position further on each slider, so that they are there at once.

        Raises OutdatedError as soon as `wanted()` is no longer so.
        """
        for slider in sliders:
            here = slider.position(getattr(chosen, slider.name))
            for position in (here + 1, here - 1):
                if 0 <= position < len(slider.values):
                    self.answer(moved(chosen, slider, position), wanted=wanted)

    def end(self) -> None:
        """Give up what is being worked out: nobody looks at the page any more."""
        self._is_over = True

    def _go_on(self, wanted: Callable[[], bool]) -> None:
        """Raise OutdatedError where nobody waits for the answer."""
        if self._is_over or not wanted():
            raise OutdatedError

    def as_today(self, chosen: Chosen, each: int = 1, wanted: Callable[[], bool] = always) -> Arm:
        """Return the histories in which all carries on as today, `each` per draw."""
        longest = int(self.board.slider("months").values[-1])
        months = longest if each == 1 else chosen.months  # those of every horizon begin alike

        def make() -> Arm:
            arm = self._arm(None, self._reached, months, each, wanted)
            return self._and_others(arm, each, wanted)

        return self._as_today.get(each, chosen.months, make)

    def _and_others(self, arm: Arm, each: int, wanted: Callable[[], bool]) -> Arm:
        """Return an arm with the districts that the policy does not reach: in every arm as today."""
        if not self._others:
            return arm
        months = arm.net.shape[1]
        return arm + self._not_reached.get(
            each, months, lambda: self._arm(None, self._others, months, each, wanted)
        )

    def _arm(
        self, policy: Policy | None, districts: list[str], months: int, each: int,
        wanted: Callable[[], bool],
    ) -> Arm:  # fmt: skip
        """Return the histories of some districts together, `each` per draw."""

        def books(draw: int) -> Floats:
            at = self._scenario(months, draw)
            drawn = None if policy is None else self._policy(at, policy, draw)
            parts = dict(ChainMap(*(tables_of_parts(at, drawn, name) for name in districts)))
            return np.concatenate([history(parts, BLOCK * draw + k) for k in range(each)])

        def history(parts: dict[int, Tables], replicate: int) -> Floats:
            self._go_on(wanted)
            return ledgers_of_parts(parts, columns, self.seed, replicate, 1)

        stairs = self.board.scenario.staircase
        columns = len(column_names(stairs))
        first = column_names(stairs).index("n_" + stairs.keys[0])
        self._go_on(wanted)
        together = np.concatenate(list(self._threads.map(books, range(self.draws))))
        return Arm(net(Ledger(together, stairs)), together[:, :, first : first + len(stairs)])

    def _scenario(self, months: int, draw: int) -> Scenario:
        """Return the scenario at a draw and a horizon; the same whichever thread asks first."""
        if draw not in self._at:
            self._at[draw] = at_draw(self.board.scenario, self._drawn[draw])
        at = self._at[draw]
        return at if at.months == months else with_months(at, months)

    def _policy(self, at: Scenario, policy: Policy, draw: int) -> Policy:
        """Return the policy at a draw: levers that stand at their record's value take the draw's."""
        alone = at.model_copy(update={"policies": {OWN: policy}})
        return with_values(alone, self._levers[draw]).policies[OWN]
