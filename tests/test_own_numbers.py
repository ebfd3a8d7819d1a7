"""Own numbers and the page of own rates: shrinkage, bounds, recovery, what is hidden."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from simulated_lists import simulated
from test_caselist_readiness import case_list, generator, herning

from experiments.caselist.counts import Cells
from experiments.caselist.model_rates import down_ratios, up_ratios
from experiments.caselist.national_table import STAIRS
from experiments.caselist.own_numbers import (
    ALIKE,
    BREAKDOWN_UP,
    CRISIS,
    HOME,
    PLANNED,
    TURNOVER,
    OwnNumbers,
    own_numbers,
)
from experiments.caselist.quality import SMALLEST
from experiments.caselist.rates_page import HIDDEN, as_rows, page
from experiments.caselist.rates_table import OwnRates, own_rates
from experiments.caselist.readiness_prior import READINESS, RECOGNITION, SPREAD_ELSEWHERE
from experiments.caselist.reading import CaseList
from experiments.caselist.reading_extras import Workers
from experiments.draws import SPREAD, at_draw, draws, posterior, posterior_hash
from experiments.own_draws import read_own_draws
from simulation.parameters import parameter
from simulation.settling import settled
from simulation.stationary import stationary_start
from simulation.values import with_values

Row = tuple[int, str, int, int | None]


@pytest.fixture(scope="module")
def a_list() -> CaseList:
    return simulated(herning(72), seed=5)


@pytest.fixture(scope="module")
def own(a_list: CaseList) -> OwnNumbers:
    return own_numbers(a_list, herning(), generator(1))


@pytest.fixture(scope="module")
def rates(a_list: CaseList) -> OwnRates:
    return own_rates(a_list, herning(), generator(1), draws=200)


def national(name: str) -> np.ndarray:
    return np.array([row[name] for row in posterior()])


def crowd(n: int, crises: int, stair: str = "foster_care", to: str = "residential_care") -> CaseList:
    """Return n children ten years on a stair, of whom some move up at random days of the last three."""
    when = np.sort(generator(n).integers(900, 1990, crises)).tolist()
    rows: list[Row] = []
    for i in range(n):
        moved = i < crises
        rows.append((i, stair, -1600, when[i] if moved else None))
        if moved:
            rows.append((i, to, when[i], None))
    return case_list(rows, [], until=2000, born=-2600)


# --- numbers -------------------------------------------------------------------------------------------


def test_every_column_is_a_number_that_a_scenario_may_state(own: OwnNumbers) -> None:
    assert {RECOGNITION, TURNOVER, BREAKDOWN_UP, CRISIS + "foster_care", HOME + "foster_care"} <= {
        *own.columns
    }
    for name, x in own.columns.items():
        b = parameter(name).bounds
        assert x.shape == (len(posterior()),) and (x >= b.least).all() and (x <= b.most).all()
    ages = [x for name, x in own.columns.items() if name.startswith("children.age_at_entry")]
    assert np.sum(ages, axis=0) == pytest.approx(np.ones(len(posterior())))
    assert not any("placed" in name or "entry_share" in name for name in own.columns)


def test_the_file_is_read_back_and_used(own: OwnNumbers, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(own.as_text(), "utf-8")
    found = read_own_draws(path, len(posterior()), posterior_hash())
    for i, name in enumerate(found.names):
        assert found.values[:, i] == pytest.approx(own.columns[name], rel=1e-5)
    s = herning().model_copy(update={"name": "lilleby"})
    s = type(s).model_validate({**s.model_dump(mode="json"), "case_list": {"draws": str(path)}})
    at = at_draw(s, draws(3, s)[2])
    assert at.children.recognition == pytest.approx(own.columns[RECOGNITION][2], rel=1e-5)


def test_with_few_events_numbers_stay_with_the_country() -> None:
    """Five children: a crisis rate moves by under a fifth, and is as uncertain as between places."""
    found = own_numbers(crowd(5, 0), herning(), generator(2))
    name = CRISIS + "foster_care"
    before, after = national(name), found.columns[name]
    assert np.median(after) == pytest.approx(np.median(before), rel=0.2)
    assert np.log(after).std() > np.log(before).std()
    assert found.learnt[name].weight < 0.1
    assert not any(name.startswith("children.home_share") for name in found.columns)


def test_with_many_events_they_go_to_the_own_rate() -> None:
    """Twice the moves up give twice their rate, and 1000 of them fix it to some 5 %, as Poisson does."""

    def moves_up(crises: int) -> np.ndarray:
        found = own_numbers(crowd(40_000, crises), herning(), generator(3)).columns
        later = stationary_start(herning()).later[herning().staircase.index("foster_care")]
        planned = found[PLANNED + "foster_care"] * 12.0 / later
        return found[CRISIS + "foster_care"] * national(BREAKDOWN_UP) + planned

    one, two = moves_up(1000), moves_up(2000)
    assert two.mean() / one.mean() == pytest.approx(2.0, rel=0.1)
    assert one.std() / one.mean() < 0.05
    assert abs(np.corrcoef(one, national(CRISIS + "foster_care"))[0, 1]) < 0.2


def test_turnover_is_a_gamma_posterior() -> None:
    """With the country's draw as mean and a strength of 8: (8 + events) / (8 / rate + years)."""
    n = 400
    days = np.full(n, "2019-06-01").astype("datetime64[D]")
    ends = np.where(np.arange(n) < 200, np.datetime64("2022-06-01"), np.datetime64("NaT"))
    staff = Workers(np.arange(n), np.ones(n), days, ends.astype("datetime64[D]"))
    cases = replace(case_list([(0, "foster_care", 0, None)], [], until=1000), workers=staff)
    found = own_numbers(cases, herning(), generator(4), window=2.0)
    turned = found.work.turnover
    assert turned is not None and turned.events == 200
    assert found.columns[TURNOVER].mean() == pytest.approx(turned.rate, rel=0.05)


def test_the_share_that_goes_home_is_counted_where_care_was_open() -> None:
    """300 of 300 teenagers home from foster care: the share is near 1; small children say nothing."""
    rows: list[Row] = []
    for i in range(300):
        rows += [(2 * i, "foster_care", 500, 1500 + i), (2 * i + 1, "foster_care", 500, None)]
    teens = own_numbers(case_list(rows, [], born=-4500), herning(), generator(5))
    assert teens.columns[HOME + "foster_care"].mean() > 0.93
    small = own_numbers(case_list(rows, [], born=-100), herning(), generator(5))
    assert HOME + "foster_care" not in small.columns


def test_equal_seeds_give_equal_files(a_list: CaseList, own: OwnNumbers) -> None:
    assert own_numbers(a_list, herning(), generator(1)).as_text() == own.as_text()


def test_the_model_s_own_ratios_are_of_the_size_of_its_severity() -> None:
    """Moves up run above their closed form in care, moves down below; elsewhere nothing is known."""
    cells = Cells()
    up, down = up_ratios(STAIRS, cells), down_ratios((*STAIRS, "elsewhere"), cells)
    care = [STAIRS.index(k) for k in ("foster_care", "residential_care")]
    assert (up[care] > 1.1).all() and (up[care] < 2.2).all()
    assert (down[care] > 0.5).all() and (down[care] < 1.1).all()
    assert (down[-1] == 1.0).all()


# --- the page ------------------------------------------------------------------------------------------


def test_the_page_has_all_its_parts(rates: OwnRates) -> None:
    text = "\n".join(page(rates, internal=True))
    for title in ("Leaving care", "Entries into care a year", "Work done", "Recognition and readiness",
                  "in place of the country's", "What these data cannot say"):  # fmt: skip
        assert title in text
    assert text.count("cases per FTE") == 8 and HIDDEN not in text
    assert "moves down after them; of these moves 0 had no follow-up" in text


def test_rates_are_counted_rates(rates: OwnRates) -> None:
    counts = rates.care.counts
    line = next(
        x for x in rates.care.lines(True) if (x.kind, x.stair, x.ages) == ("leave", "foster_care", "")
    )
    s = counts.stairs.index("foster_care")
    assert line.events == counts.left[s].sum()
    assert line.own == pytest.approx(counts.left[s].sum() / counts.exposure[s].sum())
    assert line.low < line.middle < line.high and 0.0 < (line.weight or 0.0) < 1.0


def test_small_counts_are_hidden_and_cannot_be_worked_out(rates: OwnRates) -> None:
    for part in rates.parts:
        for x in part.lines(internal=False):
            assert x.events is None or x.events == 0 or x.events >= SMALLEST
            if x.events is None:
                assert x.years is x.own is x.weight is None
    shown = page(rates, internal=False)
    assert any(HIDDEN in line for line in shown)
    assert len(page(rates, internal=True)) <= len(shown)


def test_the_table_says_what_the_page_says(rates: OwnRates) -> None:
    rows = as_rows(rates, internal=False)
    assert len({tuple(row) for row in rows}) == 1
    for row in rows:
        assert row["events"] == "" or row["events"] == 0 or row["events"] >= SMALLEST
    found = {row["what"] for row in rows}
    assert {"leave", "move", "enter", RECOGNITION, READINESS + "foster_care", TURNOVER} <= found
    assert len(as_rows(rates, internal=True)) >= len(rows)


def test_without_the_other_files_the_page_says_so(a_list: CaseList) -> None:
    bare = replace(a_list, follow_ups=None, cases=None, workers=None)
    text = " ".join(page(own_rates(bare, herning(), generator(6), draws=100), internal=False))
    assert "There are no dated follow-ups to learn recognition from: it is the country's" in text
    assert "there is no file of caseworkers (workers.csv)" in text
    assert "A file follow_ups.csv would say more" in text


def test_a_list_of_care_alone_has_no_part_before_it() -> None:
    found = own_rates(crowd(60, 6), herning(), generator(7), draws=100)
    assert found.before is None
    assert re.search("How many come into care from help at home", "\n".join(page(found, True)))


def test_a_list_without_care_is_refused() -> None:
    cases = case_list([(0, "preventive", 0, None)], [])
    home = replace(cases.spells, stairs=("preventive",))
    with pytest.raises(ValueError, match="has no stair in care"):
        own_rates(replace(cases, spells=home), herning(), generator(8))


# --- recovery ------------------------------------------------------------------------------------------


def truth(seed: int) -> dict[str, float]:
    """Return a municipality's numbers: a national draw's, times what municipalities differ by."""
    rng = generator(seed)
    row = posterior()[int(rng.integers(len(posterior())))]
    found = {
        k: x for k, x in row.items() if k.startswith((READINESS, CRISIS, PLANNED, HOME, RECOGNITION))
    }
    for name in found:
        if name.startswith(READINESS):
            spread = row[SPREAD] if name.endswith("residential_care") else SPREAD_ELSEWHERE
            found[name] *= float(np.exp(spread * rng.standard_normal()))
        if name.startswith(CRISIS):
            factor = float(rng.gamma(ALIKE) / ALIKE)
            found[name] *= factor
            planned = name.replace(CRISIS, PLANNED)
            if planned in found:
                found[planned] *= factor
    return found


@pytest.mark.slow
def test_nine_of_ten_true_numbers_lie_in_their_intervals_without_dates_of_follow_ups() -> None:
    """Thirty municipalities of five years; numbers of one hang together, as 60 independent ones in all.

    Five standard errors of these: a method that covers 90 % fails in fewer than 1 of 10,000 such tests.
    """
    s, hits = herning(60), []
    for seed in range(30):
        true = truth(seed)
        at = settled(with_values(s, true), s)
        cases = replace(simulated(at, seed), follow_ups=None)
        spans = own_numbers(cases, at, generator(seed)).spans
        hits += [x.after[1] <= true[name] <= x.after[2] for name, x in spans.items() if name in true]
    assert len(hits) > 30 * 12
    assert abs(np.mean(hits) - 0.9) < 5 * np.sqrt(0.9 * 0.1 / 60)
