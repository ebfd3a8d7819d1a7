"""The fit in waves and its checks.

The machinery is tried on a linear problem with a known posterior, put in place of the simulations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from toys import Linear, off

from experiments import settle
from experiments.calibration import checks, report
from experiments.calibration import fit as fitting
from experiments.calibration.checks import LOST, contraction, predictive, rank_check, shift
from experiments.calibration.fit import Fit, Wave, simulated
from experiments.calibration.free import Free, free_parameters
from experiments.calibration.runs import (
    AIMS,
    Worlds,
    observed,
    published_error,
    shipped_worlds,
    summaries,
)
from experiments.inference import Emulator, Floats, Normal, emulator

PARAMETERS = 6
TOY = Linear.of(PARAMETERS, len(AIMS))
NOTHING = Worlds(None, None)  # type: ignore[arg-type]


@pytest.fixture
def linear(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fit of six parameters, the summaries linear in their normal scores, without settling."""
    free = tuple(Free(f"p{i}", "normal", "a toy", sd=1.0) for i in range(PARAMETERS))

    def summarised(theta: dict[str, float], worlds: Worlds, seed: int) -> tuple[Floats, Floats]:
        z = np.array(list(theta.values()))
        return TOY.matrix @ z, np.full(len(AIMS), 0.1)

    def error(rng: np.random.Generator, simulation_error: Floats) -> Floats:
        assert (simulation_error == 0.1).all()
        return TOY.sd * rng.standard_normal(len(AIMS))

    for module in (fitting, checks, report):
        monkeypatch.setattr(module, "free_parameters", lambda: free)
    monkeypatch.setattr(fitting, "summaries", summarised)
    monkeypatch.setattr(fitting, "published_error", error)
    monkeypatch.setattr(fitting, "settled_worlds", lambda worlds, theta: worlds)


def data(seed: int = 1) -> Floats:
    rng = np.random.default_rng(seed)
    return TOY.simulate(rng.standard_normal(PARAMETERS), rng)


# --- the fit ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("linear")
def test_the_fit_finds_a_known_posterior() -> None:
    """Means within 0.4 posterior standard deviations, spreads within 0.8 to 1.25, after three waves."""
    found = fitting.fit(NOTHING, data=data(), waves=(300, 300, 400), draws=800, workers=1)
    error, ratio = off(found.draws, TOY, data())
    assert np.abs(error).max() < 0.4
    assert 0.8 < ratio.min() < ratio.max() < 1.25
    assert contraction(found) == pytest.approx(found.draws.std(axis=0))
    assert contraction(found).max() < 0.5


@pytest.mark.usefixtures("linear")
def test_the_same_seed_gives_the_same_draws_whatever_the_number_of_workers() -> None:
    def draws(seed: int, workers: int) -> list[list[float]]:
        found = fitting.fit(NOTHING, data=data(), waves=(150, 100), draws=20, workers=workers, seed=seed)
        return found.draws.tolist()

    assert draws(1, 1) == draws(1, 3)
    assert draws(1, 1) != draws(2, 1)


@pytest.mark.usefixtures("linear")
def test_each_wave_is_nearer_and_wider_than_the_posterior() -> None:
    """The last wave was drawn around the posterior before it, its covariance widened by half."""
    found = fitting.fit(NOTHING, data=data(), waves=(300, 500), draws=500, workers=1)
    mean, sd = TOY.moments(data())
    assert len(found.last.z) == 500
    assert np.abs(found.last.z.mean(axis=0) - mean).max() < sd.max()
    assert found.last.z.std(axis=0) / sd == pytest.approx(np.full(PARAMETERS, np.sqrt(1.5)), rel=0.25)


@pytest.mark.usefixtures("linear")
def test_a_posterior_beyond_what_was_simulated_is_called_lost() -> None:
    """Truth three prior sd away: one wave has no simulation near it, three waves have walked there."""
    rng = np.random.default_rng(3)
    far = TOY.simulate(np.full(PARAMETERS, 3.0), rng)
    one = fitting.fit(NOTHING, data=far, waves=(300,), draws=300, workers=1)
    three = fitting.fit(NOTHING, data=far, waves=(300, 300, 500), draws=300, workers=1)
    assert shift(one).max() > LOST
    assert np.abs(shift(three)).max() < 1.0
    assert report.shift_sentence(one).startswith("WARNING")
    assert "it was looked for where it is" in report.shift_sentence(three)


@pytest.mark.usefixtures("linear")
def test_published_errors_are_added_to_what_is_simulated() -> None:
    last = fitting.fit(NOTHING, data=data(), waves=(300,), draws=10, workers=1).last
    error = last.summaries - last.without_error
    assert last.without_error == pytest.approx(last.z @ TOY.matrix.T)
    assert error.std() == pytest.approx(TOY.sd, rel=0.05)


@pytest.mark.usefixtures("linear")
def test_progress_is_told_after_every_simulation() -> None:
    told: list[tuple[int, int]] = []
    fitting.fit(
        NOTHING, data=data(), waves=(30, 20), draws=5, workers=1, progress=lambda *x: told.append(x)
    )
    assert told == [(i + 1, 50) for i in range(50)]


@pytest.mark.usefixtures("linear")
def test_simulations_without_an_answer_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    complete: Callable[..., Any] = fitting.summaries

    def patchy(theta: dict[str, float], worlds: Worlds, seed: int) -> tuple[Floats, Floats]:
        means, errors = complete(theta, worlds, seed)
        return (means * np.nan if seed // fitting.SEEDS_PER_RUN % 10 == 0 else means), errors

    monkeypatch.setattr(fitting, "summaries", patchy)
    found = fitting.fit(NOTHING, data=data(), waves=(100,), draws=5, workers=2)
    assert found.last.z.shape == (90, PARAMETERS)
    assert np.isfinite(found.draws).all()


def test_data_must_have_one_value_per_aim() -> None:
    with pytest.raises(ValueError, match=f"data has 2 values for {len(AIMS)} aims; give one per aim"):
        fitting.fit(NOTHING, data=np.zeros(2), waves=(10,))


def test_every_simulation_has_seeds_of_its_own() -> None:
    """So rows are the same alone and in company, in any order of work."""
    worlds, z = shipped_worlds(), np.random.default_rng(3).standard_normal((4, len(free_parameters())))
    ticks: list[int] = []
    together = simulated(z, worlds, 10, 3, lambda: ticks.append(1))
    apart = simulated(z[2:], worlds, 12, 1, lambda: None)
    assert len(ticks) == 4
    for a, b in zip(together, apart, strict=True):
        np.testing.assert_array_equal(a[2:], b)
    same = simulated(z[[0, 0]], worlds, 10, 1, lambda: None)[0]
    assert not np.isclose(same[0], same[1]).all()


def test_far_scores_stay_within_what_numbers_can_hold() -> None:
    far = fitting.theta(np.full(len(free_parameters()), 50.0))
    assert far == fitting.theta(np.full(len(free_parameters()), fitting.LARGEST_SCORE))
    assert np.isfinite(list(far.values())).all()


@pytest.mark.slow
def test_a_known_truth_is_recovered_from_simulated_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four numbers that the figures are about are free, with the shipped worlds and published errors."""
    names = ("children.readiness_rate.preventive", "children.readiness_rate.foster_care",
             "work.assessment_wait", "baseline.network_search")  # fmt: skip
    every, middle = fitting.theta, fitting.theta(np.zeros(len(free_parameters())))
    free = tuple(f for f in free_parameters() if f.name in names)

    def few(z: Floats) -> dict[str, float]:
        return {**middle, **every(z)}

    monkeypatch.setattr(fitting, "free_parameters", lambda: free)
    monkeypatch.setattr(fitting, "theta", few)
    monkeypatch.setattr(settle, "CHILD_MONTHS", 100_000)
    monkeypatch.setattr(settle, "ROUGH", 100_000)
    truth = np.array([0.8, -0.7, -0.5, 0.6])
    means, errors = summaries(few(truth), fitting.settled_worlds(shipped_worlds(), few(truth)), 999)
    figures = means + published_error(np.random.default_rng(4), errors)
    found = fitting.fit(shipped_worlds(), data=figures, waves=(150, 150), draws=500, workers=2).draws
    assert found.std(axis=0).max() < 0.8
    assert np.abs((found.mean(axis=0) - truth) / found.std(axis=0)).max() < 3.5


# --- checks ------------------------------------------------------------------------------------------


def last_wave(n: int = 900) -> Fit:
    """Return a fit whose last wave was drawn from a correlated normal distribution."""
    rng = np.random.default_rng(5)
    g = Normal(np.full(PARAMETERS, 0.5), 0.5 * np.eye(PARAMETERS) + 0.1)
    z = g.draw(n, rng)
    summarised = TOY.simulate(z, rng)
    wave = Wave(z, summarised, z @ TOY.matrix.T, g, NOTHING)
    return Fit(z[:50], wave, emulator(z, summarised, g.mean))


@pytest.mark.usefixtures("linear")
def test_the_rank_check_passes_a_right_emulator() -> None:
    """With chance ERROR_RATE (1 %) of a false alarm; coverage as far as 100 trials of 6 numbers tell."""
    found = rank_check(last_wave(), trials=100)
    assert found.passed
    assert found.names == tuple(f"p{i}" for i in range(PARAMETERS))
    assert found.covered_50.mean() == pytest.approx(0.5, abs=0.08)
    assert found.covered_90.mean() == pytest.approx(0.9, abs=0.05)
    assert np.abs(found.bias).max() < 0.5


@pytest.mark.usefixtures("linear")
def test_the_rank_check_rejects_an_emulator_too_sure_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its errors are taken a third as large as they are."""

    def too_sure(z: Floats, summarised: Floats, centre: Floats) -> Emulator:
        e = emulator(z, summarised, centre)
        return Emulator(e.centre, e.scale, e.beta, 9.0 * e.precision, e.covariance / 9.0)

    monkeypatch.setattr(checks, "emulator", too_sure)
    found = rank_check(last_wave(), trials=100)
    assert found.rejected.sum() >= PARAMETERS // 2
    assert not found.passed
    assert found.covered_90.mean() < 0.75


def test_a_trial_s_emulator_has_not_seen_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(checks, "emulator", lambda z, s, centre: seen.append(len(z)))
    fit, chosen = last_wave(100), np.arange(20)
    checks._without_folds(fit, chosen)
    assert seen == [96] * 5


def test_what_the_posterior_predicts_is_compared_with_what_was_published() -> None:
    """The first figure lies in the middle of what is predicted, the second above all of it."""
    figures = observed()
    spread = np.linspace(-1.0, 1.0, 201)[:, None] * np.abs(figures)
    shift = np.zeros(len(AIMS))
    shift[1] = -2.0 * np.abs(figures[1])
    rows = predictive(figures + 0.5 * spread, figures + shift + spread)
    first, second = rows[0], rows[1]
    assert first.target == AIMS[0].target
    assert (first.low, first.middle, first.high) == pytest.approx(
        tuple(figures[0] * np.array([0.55, 1, 1.45]))
    )
    assert first.published == (AIMS[0].record.low, AIMS[0].record.value, AIMS[0].record.high)
    assert first.p == pytest.approx(1.0)
    assert (first.inside, second.inside) == (True, False)
    assert second.p == 0.0
