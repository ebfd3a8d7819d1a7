"""Expected values in closed form: exact where the model is linear, near the histories elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from exact import Expected as Exact
from numpy.typing import NDArray
from support import changed, ledger_columns
from test_closed_forms import (
    assessments_that_wait,
    default_staircase,
    default_staircase_in_use,
    home_and_residential,
    one_home_stair,
)

from simulation.accounts import Ledger
from simulation.costs import net
from simulation.expected import NOT_SAID, expected_ledger
from simulation.expected.grid import severity_bins
from simulation.expected.places import chance_of_full, let_a_month_pass
from simulation.reading import find_scenario
from simulation.scenario import Scenario


def columns(s: Scenario, ledger: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return the columns of a ledger [month, column] by name."""
    return {name: ledger[:, i] for name, i in ledger_columns(s).items()}


SHORT = {"months": 24}


def of_any_age(s: Scenario) -> Scenario:
    """Return a scenario whose stairs take children of every age: ages are told apart by years only."""
    stairs = [x.model_copy(update={"youngest": 0}).model_dump() for x in s.staircase]
    return changed(s, SHORT, staircase=stairs)


def premature() -> Scenario:
    early = {"premature": 0.3, "early_hr": 8.0, "early_months": 3}
    return changed(default_staircase(), children=early)


LINEAR = {
    "one home stair": one_home_stair,
    "home and residential": home_and_residential,
    "default, from nobody": default_staircase,
    "premature": premature,
}


@pytest.mark.parametrize("name", LINEAR)
def test_it_is_exact_where_hours_are_ample(name: str) -> None:
    """All columns that the linear recursion of `exact.py` knows.

    Up to 1e-4: chances of more follow-ups in a month than five standard deviations are left out.
    """
    s = of_any_age(LINEAR[name]())
    exact, found = Exact(s).ledger(s.months), columns(s, expected_ledger(s))
    for column, values in exact.items():
        assert found[column] == pytest.approx(values, rel=1e-4, abs=1e-5), column


@pytest.mark.parametrize("first_day", [default_staircase_in_use, lambda: assessments_that_wait(25)])
def test_the_first_day_is_that_of_the_histories(first_day) -> None:  # type: ignore[no-untyped-def]
    """The start is made of points of each distribution: children on each stair are right to 1 %."""
    s = of_any_age(first_day())
    exact, found = Exact(s).ledger(s.months), columns(s, expected_ledger(s))
    for key in s.staircase.keys:
        n = exact["n_" + key]
        assert np.abs(found["n_" + key] - n).max() <= 0.01 * n.max() + 0.01, key


def test_nobody_is_lost() -> None:
    """Children of the first day and new ones are undetected, cases, closed, or left by a known way."""
    s = changed(find_scenario("fano"), SHORT, children={"reentry_rate": 0.0})
    c = columns(s, expected_ledger(s, s.policy("swedish_model")))
    stock = sum(c["n_" + key] for key in s.staircase.keys)
    known = c["new_at_risk"] - c["new_faded"] - c["new_closed"]
    left = known[1:] - np.diff(stock)  # what is left are those who came of age
    assert (left >= c["new_aged_out"][1:] - 1e-9).all()
    assert left.sum() < 0.2 * stock[0]
    ageless = changed(default_staircase_in_use(), SHORT, children={"reentry_rate": 0.0})
    c = columns(ageless, expected_ledger(ageless))
    stock = sum(c["n_" + key] for key in ageless.staircase.keys)
    assert np.diff(stock) == pytest.approx((c["new_at_risk"] - c["new_faded"] - c["new_closed"])[1:])


@pytest.mark.parametrize("name", ["fano", "herning"])
def test_the_null_policy_costs_its_salaries_and_no_child_is_touched(name: str) -> None:
    s = changed(find_scenario(name), SHORT)
    policy = s.policy("null") if "null" in s.policies else s.policy("ingen_virkning")
    before, after = expected_ledger(s), expected_ledger(s, policy)
    staff = [ledger_columns(s)[n] for n in ("dkk_staff", "dkk_one_off", "dkk_programmes", "n_fte")]
    for ledger in (before, after):
        ledger[:, [ledger_columns(s)[n] for n in NOT_SAID]] = 0.0
    paid = (net(Ledger(after, s.staircase)) - net(Ledger(before, s.staircase))).sum()
    assert paid == pytest.approx((after[:, staff[:3]] - before[:, staff[:3]]).sum())
    assert paid > 0
    others = np.setdiff1d(np.arange(before.shape[1]), staff)
    assert after[:, others] == pytest.approx(before[:, others], rel=1e-9, abs=1e-12)


def test_severity_groups_have_the_mean_and_most_of_the_spread() -> None:
    means, points = severity_bins(0.7)
    assert means.mean() == pytest.approx(1.0, abs=1e-9)
    assert points.mean(axis=1) == pytest.approx(np.ones(len(means)))
    variance = ((means[:, None] * points) ** 2).mean() - 1.0
    assert variance == pytest.approx(np.exp(0.7**2) - 1.0, rel=0.15)


def test_places_fill_up_as_in_erlangs_loss_system() -> None:
    """Settled, the chance of a full house is Erlang's (1917): load^c / c! over the sum of such terms."""
    chances, load = np.zeros(12), 6.0
    chances[0] = 1.0
    for _ in range(2000):
        let_a_month_pass(chances, 8, 0.05 * load, 0.05)
    terms = np.cumprod(np.append(1.0, load / np.arange(1, 9)))
    assert chances.sum() == pytest.approx(1.0)
    assert chance_of_full(chances, 8) == pytest.approx(terms[-1] / terms.sum(), rel=1e-6)


def test_policies_with_programmes_are_refused() -> None:
    s = changed(
        find_scenario("fano"),
        policies={
            "course": {"supply": {"programmes": {"course": {
                "stair": "preventive", "places": 2, "months": 3, "cost": 1000.0,
            }}}}
        },
    )  # fmt: skip
    with pytest.raises(ValueError, match="programmes"):
        expected_ledger(s, s.policy("course"))
