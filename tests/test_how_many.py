"""How many histories are enough: on numbers whose spread is known, on a municipality, at the command."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawings import english_words, faults
from matplotlib.figure import Figure
from matplotlib.text import Text
from scipy import stats
from support import scenario, z_limit

from experiments import cli
from experiments.business_case import compare
from experiments.how_many import precision as p
from experiments.how_many import tables
from experiments.how_many.plots import settling
from experiments.how_many.study import OUTCOMES, Settling, how_many, level_of
from experiments.plots import as_png
from experiments.sweep.outcomes import KEPT
from experiments.words import LANGUAGES, Language
from simulation.scenario import Scenario

NORMAL = np.random.default_rng(1).standard_normal(10_000)


def town() -> Scenario:
    """Return a small municipality with a policy."""
    policies = {"more": {"capacity": {"extra_fte": [1.0]}, "reviews": {"first": 3, "later": 3}}}
    return scenario(name="lilleby", months=12, policies=policies)


@pytest.fixture(scope="module")
def found() -> Settling:
    return how_many(town(), replicates=300)


# --- known spread ------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [100, 1_000, 10_000])
def test_the_half_width_is_that_of_the_known_spread(n: int) -> None:
    """Standard deviation 1: 1.645 / sqrt(n), within the spread of a sample's standard deviation."""
    assert p.half_width(NORMAL[:n]) * math.sqrt(n) == pytest.approx(
        1.645, rel=z_limit(3) / math.sqrt(2 * n)
    )


def test_few_histories_have_wider_intervals_by_student_s_t() -> None:
    four = np.array([1.0, 2.0, 3.0, 4.0])
    assert p.half_width(four) == pytest.approx(stats.t.ppf(0.95, 3) * four.std(ddof=1) / 2.0, rel=1e-3)
    assert p.half_width(four, np.zeros(4, int)) == math.inf


def test_running_means_are_those_of_the_first_histories() -> None:
    r = p.running(NORMAL[:250])
    assert r.n[0] == 10 and r.n[-1] == 250 and (np.diff(r.n) > 0).all()
    for n, mean, width in zip(r.n, r.mean, r.half_width, strict=True):
        assert mean == pytest.approx(NORMAL[:n].mean())
        assert width == p.half_width(NORMAL[:n])


def test_enough_is_near_what_the_known_spread_needs() -> None:
    """A half-width of 0.1 at standard deviation 1 takes 271; 100 runs, their median within 10 %."""
    wanted = (1.645 / 0.1) ** 2
    runs = np.random.default_rng(2).standard_normal((100, 500))
    took = [p.enough(p.running(run), 0.1) for run in runs]
    assert all(n is not None and abs(n / wanted - 1.0) < 0.5 for n in took)
    assert np.median([n for n in took if n]) == pytest.approx(wanted, rel=0.1)
    assert p.needed(NORMAL, 0.1) == pytest.approx(wanted, rel=0.05)


def test_a_lucky_stretch_does_not_end_the_run() -> None:
    n = np.arange(10, 31)
    width = np.full(len(n), 2.0)
    width[3:6] = 0.5  # three in a row, not the five that are asked for beyond the first
    width[12:] = 0.5
    assert p.enough(p.Running(n, np.zeros(len(n)), width), 1.0) == 22
    assert p.enough(p.Running(n, np.zeros(len(n)), width), 0.4) is None
    assert p.enough(p.Running(n[:15], np.zeros(15), width[:15]), 1.0) is None


def test_no_room_takes_no_number_of_histories() -> None:
    assert p.needed(NORMAL, 0.0) == math.inf
    assert p.needed(np.ones(50), 0.1) == p.FIRST


def test_batches_scatter_as_the_root_of_their_size_says() -> None:
    """100 batches of 100: their standard deviation is known to 1 / sqrt(200)."""
    assert p.batch_half_width(NORMAL, 100) == pytest.approx(0.1645, rel=z_limit() / math.sqrt(200))
    assert math.isnan(p.batch_half_width(NORMAL, 2_001))


@pytest.mark.parametrize(("n", "at"), [(100, 0.05), (300, 0.95), (1_000, 0.05)])
def test_quantile_intervals_hold_what_they_say(n: int, at: float) -> None:
    """At least 90 % of 1000 intervals, whatever the distribution; fewer than 864 with chance 1e-4."""
    runs = np.random.default_rng(3).exponential(size=(1_000, n))
    true = -math.log(1.0 - at)
    held = sum(low <= true <= high for _, low, high in (p.quantile_interval(run, at) for run in runs))
    assert held >= stats.binom.ppf(1e-4, 1_000, 0.9)
    assert held <= 1_000 * stats.binom.cdf(int(n * at) + 4 * math.sqrt(n * at * (1 - at)), n, at) + 1


def test_too_few_histories_have_no_limit_to_a_quantile() -> None:
    assert p.quantile_interval(NORMAL[:20], 0.05)[1] == -math.inf
    assert p.quantile_interval(NORMAL[:20], 0.95)[2] == math.inf


def test_pairing_saves_what_the_correlation_says() -> None:
    """Correlation 0.9 at equal spread: variances 2 against 2 (1 - 0.9), so ten times."""
    rng = np.random.default_rng(4)
    shared, own = rng.standard_normal(4_000), rng.standard_normal((2, 4_000))
    one, other = np.sqrt(0.9) * shared + np.sqrt(0.1) * own
    found = p.pairing(one, other, 1)
    assert found is not None
    assert found.ratio == pytest.approx(10.0, rel=0.12)
    assert found.low < 10.0 < found.high
    apart = p.pairing(own[0], own[1], 1)
    assert apart is not None and apart.low < 1.0 < apart.high
    assert p.pairing(one, one + 3.0, 1) is None


def test_histories_of_a_draw_count_for_one_where_they_are_alike() -> None:
    """Ten histories each at 200 draws: all alike, they are 200; independent, they are 2,000."""
    draw_of = np.repeat(np.arange(200), 10)
    alike = np.repeat(NORMAL[:200], 10)
    assert p.effective(alike, draw_of) == pytest.approx(200, rel=0.01)
    assert p.effective(NORMAL[:2_000], draw_of) == pytest.approx(2_000, rel=z_limit() / math.sqrt(100))
    assert p.needed(alike, 0.05, draw_of) == pytest.approx((1.645 / 0.05) ** 2, rel=0.2)


# --- a municipality ----------------------------------------------------------------------------------


def test_histories_are_those_of_compare(found: Settling) -> None:
    study = compare(town(), replicates=300)
    assert found.outcomes[0].values == pytest.approx(study.cumulated_saving("more")[:, -1])


def test_histories_at_draws_are_those_of_compare_at_draws() -> None:
    spread = how_many(town(), outcomes=["net_saving"], replicates=60, draws=4)
    study = compare(town(), replicates=60, draws=4)
    assert spread.outcomes[0].values == pytest.approx(study.cumulated_saving("more")[:, -1])
    assert spread.outcomes[0].draw_of is not None
    assert "at a draw of its own" in tables.pairing_sentence(spread, spread.outcomes[0])


def test_a_share_of_the_placement_budget_is_what_compare_s_precision_is(found: Settling) -> None:
    study = compare(town(), replicates=300)
    budget = study.outcome("placement_cost").sum(axis=1).mean()
    assert found.outcomes[0].tolerance == pytest.approx(0.01 * budget)


def test_pairing_compares_levels_of_the_two_arms(found: Settling) -> None:
    assert [level_of(o) for o in OUTCOMES] == ["net_cost", "care_months", "residential_months"]
    assert level_of("net_saving_society") is None
    assert level_of("break_even_month") is None
    assert all(s.pairing is not None for s in found.outcomes)


def test_every_outcome_that_is_kept_can_be_asked_for() -> None:
    usual = [o for o in KEPT if o != "break_even_month"]
    found = how_many(town(), outcomes=usual, replicates=40)
    assert [s.outcome for s in found.outcomes] == usual
    assert len(tables.files(found)["enough.csv"].splitlines()) == 1 + len(usual)


def test_same_bytes_for_any_number_of_workers(found: Settling) -> None:
    again = how_many(town(), replicates=300, workers=1)
    assert tables.files(again) == tables.files(found)
    assert as_png(settling(again)) == as_png(settling(found))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_can_be_read_in_both_languages(found: Settling, language: Language) -> None:
    figure = settling(found, language)
    as_png(figure, dpi=100)
    assert faults(figure) == ([], [])
    if language == "da":
        assert english_words(figure) == []
        assert "90 %-konfidensinterval for gennemsnittet" in said_by(figure)


def said_by(figure: Figure) -> str:
    return "\n".join(t.get_text() for t in figure.findobj(Text))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"outcomes": ["colour"]}, "outcome = 'colour' must be one of: net_saving"),
        ({"precision": 0.0}, "precision = 0.0 must be more than 0"),
        ({"within": -1.0, "outcomes": ["net_saving"]}, "within = -1.0 must be more than 0"),
        ({"within": 5.0}, "name exactly one outcome"),
        ({"replicates": 19}, "replicates = 19 must be at least 20"),
    ],
)
def test_what_cannot_be_asked_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        how_many(town(), **changes)


def test_without_a_policy_there_is_nothing_to_compare() -> None:
    with pytest.raises(ValueError, match="has no policy"):
        how_many(scenario())


# --- in words ----------------------------------------------------------------------------------------


def said(found: Settling, **changes: Any) -> str:
    return tables.sentence(found, replace(found.outcomes[0], **changes))


def test_what_is_enough_in_words(found: Settling) -> None:
    one = said(found, enough=165, needed=170.2, tolerance=1e6, of="placement budget")
    assert one.startswith("165 histories are enough to know the mean net saving to ± 1.0")
    assert one.endswith(
        "(1 % of the placement budget), and it stays so with more. By 1/√n: 180 histories."
    )


def test_what_is_not_enough_in_words(found: Settling) -> None:
    assert "300 histories are not enough" in said(found, enough=None, needed=9_000.0)
    assert "By 1/√n it takes 9,000 histories: more histories help" in said(
        found, enough=None, needed=9_000.0
    )
    assert "just be enough" in said(found, enough=None, needed=299.0)
    assert "no room at all" in said(found, enough=None, needed=math.inf)
    assert "is the same in every history: 2.00" in said(found, values=np.full(300, 2e6))


# --- the command -------------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.app(["replicates", *args], prog_name="trappe")
    assert ended.value.code == 0
    out = capsys.readouterr()
    return out.out, out.err


def test_the_command_prints_writes_and_resumes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("fano", "--quick", "--months", "12", "--out", str(tmp_path))
    out, err = run(capsys, *asked)
    assert "enough to know the mean net saving to ±" in out
    assert err.strip().endswith(f"Results: {tmp_path}")
    files = {f.name: f.read_bytes() for f in tmp_path.iterdir() if f.is_file()}
    assert set(files) == {"precision.csv", "enough.csv", "running.csv", "replicates.png"}
    next((tmp_path / "runs" / "parts").iterdir()).unlink()
    assert run(capsys, *asked, "--workers", "1")[0] == out
    assert {f.name: f.read_bytes() for f in tmp_path.iterdir() if f.is_file()} == files
    assert len(json.loads(run(capsys, *asked, "--json")[0])["enough"]) == 3
