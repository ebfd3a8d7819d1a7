"""How many draws of the parameters a study of few histories really used."""

from __future__ import annotations

import pytest
from support import scenario

from experiments import compare
from experiments.runner import Plan
from experiments.sentences import ENOUGH_DRAWS, uncertainty_sentence
from experiments.tables import covered


@pytest.mark.parametrize("replicates, used", [(10, 1), (11, 2), (40, 4), (300, 30), (5000, 30)])
def test_ten_histories_are_made_at_each_draw(replicates: int, used: int) -> None:
    plan = Plan(scenario(), (), draws=30)
    chosen = plan.draw_of(replicates)
    assert chosen is not None
    assert plan.draws_in(replicates) == len(set(chosen.tolist())) == used


def test_few_histories_do_not_claim_many_draws() -> None:
    policies = {"more": {"capacity": {"extra_fte": [1.0]}}}
    few = compare(scenario(policies=policies), replicates=40, draws=30)
    assert covered(few) == "chance and 4 draws of the parameters"
    assert {row["draws"] for row in few.uncertainty_rows()} == {4}
    assert f"make {10 * ENOUGH_DRAWS} histories or more" in uncertainty_sentence(few)
    enough = compare(scenario(policies=policies), replicates=10 * ENOUGH_DRAWS, draws=30)
    assert "comes from what is not known" in uncertainty_sentence(enough)
