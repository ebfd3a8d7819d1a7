"""The country: municipalities from published figures, what is drawn, and the sums of their histories."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.country.facts import column_sources, columns, municipalities, places_of, rows
from experiments.country.run import BLOCK, Country, Plan, run
from experiments.country.town import average_cases, posts, town
from experiments.country.unknown import drawn, level_of, published_places
from simulation.accounts import in_care
from simulation.horizon import with_months
from simulation.parameters import evidence, value
from simulation.reading import find_scenario
from simulation.scenario import Scenario
from simulation.settling import settled_flows

FEW = ("Fanø", "Læsø", "Vallensbæk")
YEARS = 2


@pytest.fixture(scope="module")
def average() -> Scenario:
    return with_months(find_scenario("denmark"), 12 * YEARS)


def plan(average: Scenario, policy: str, **more: int) -> Plan:
    asked = {"replicates": 2 * BLOCK, **more}
    return Plan(average, policy, towns=places_of(FEW), **asked)


# --- the published figures ------------------------------------------------------------------------


def test_the_published_sums_are_those_of_the_country() -> None:
    """Statistics Denmark: 5,627,235 residents on 1 January 2014, of them 90 on Christiansø."""
    all_of_them = municipalities()
    assert len({m.code for m in all_of_them}) == len({m.name for m in all_of_them}) == 98
    assert sum(m.population for m in all_of_them) == 5_627_235 - 90
    assert sum(int(row["population_2021"]) for row in rows()) == 5_839_955
    assert sum(m.children for m in all_of_them) == 1_177_402


def test_every_column_is_explained_with_grade_and_source() -> None:
    assert list(columns()) == list(rows()[0])
    used = set()
    for name, column in columns().items():
        assert set(column) == {"meaning", "unit", "kind", "grade", "source", "note"}, name
        assert column["kind"] in evidence("kinds") and column["grade"] in evidence("grades"), name
        assert column["source"], name
        used |= set(column["source"])
    assert used == set(column_sources())


def test_a_name_that_is_none_is_answered_with_the_nearest() -> None:
    assert places_of(["fanø kommune"]) == places_of(["Fanø"])
    with pytest.raises(KeyError, match="did you mean 'Hjørring'"):
        places_of(["Hjøring"])


# --- what is drawn --------------------------------------------------------------------------------


def test_the_sums_of_the_country_are_held_in_every_draw(average: Scenario) -> None:
    counted = average.counted(average.districts[0])
    today = np.array([float(counted.get(key, 0)) for key in average.staircase.keys])
    cases = np.array([stair.is_case for stair in average.staircase])
    care = [in_care(average.staircase, i) for i in range(len(average.staircase))]
    for block in range(3):
        found = drawn(average, 1, block)
        assert found.mean[:, care].sum() == pytest.approx(98 * today[care].sum())
        of_each = found.mean[:, cases].sum(axis=1)
        assert of_each.sum() / (of_each / found.caseload).sum() == pytest.approx(
            average_cases(average) / average.fte
        )


def test_what_is_published_is_not_drawn(average: Scenario) -> None:
    """Lolland, Langeland and Vallensbæk have the same children in care in every draw; others do not."""
    care = [in_care(average.staircase, i) for i in range(len(average.staircase))]
    counts = np.array([drawn(average, seed, 0).count[:, care].sum(axis=1) for seed in range(1, 6)])
    known = list(published_places())
    assert {municipalities()[i].name for i in known} == {"Lolland", "Langeland", "Vallensbæk"}
    assert (counts[:, known] == counts[0, known]).all()
    herning = places_of(["Herning"])[0]
    assert len(set(counts[:, herning])) > 1


def test_the_spread_that_is_drawn_is_that_of_the_record(average: Scenario) -> None:
    """Of ln(children in care per child), over municipalities that are drawn.

    Error rate under 1e-4: the mean of 40 draws of an SD over 95 has a standard error of about 0.006.
    """
    children = np.array([m.children for m in municipalities()], float)
    care = [in_care(average.staircase, i) for i in range(len(average.staircase))]
    known = [i for i in range(98) if i not in published_places()]
    means = (drawn(average, 3, block).mean[:, care].sum(axis=1) for block in range(40))
    spread = [np.log(mean / children)[known].std(ddof=1) for mean in means]
    # the support of the three that are left out is extreme, so the rest spreads a little less
    assert np.mean(spread) == pytest.approx(value("country.placed_sd"), abs=0.04)


def test_draws_come_in_pairs_of_opposite_luck(average: Scenario) -> None:
    """Over a pair all have the same geometric mean caseload; counts have luck of their own."""
    one, other = drawn(average, 1, 4), drawn(average, 1, 5)
    assert (one.place == -other.place).all()
    product = one.caseload * other.caseload
    assert product == pytest.approx(np.full(98, product[0]))
    assert (one.count != other.count).any()


def test_a_draw_does_not_depend_on_others(average: Scenario) -> None:
    assert (drawn(average, 1, 0).count != drawn(average, 1, 1).count).any()
    assert (drawn(average, 1, 1).count == drawn(average, 1, 1).count).all()


def test_support_is_as_published(average: Scenario) -> None:
    """Children with support, in care or at home, over those of Lolland: as the published shares."""
    supported = level_of(average).supported
    names = [m.name for m in municipalities()]
    a, b = names.index("Lolland"), names.index("Herning")
    m, n = municipalities()[a], municipalities()[b]
    wanted = m.supported[2019] * (m.children + m.young) / (n.supported[2019] * (n.children + n.young))
    assert supported[a] / supported[b] == pytest.approx(wanted)


def test_only_an_average_municipality_will_do() -> None:
    with pytest.raises(ValueError, match="not an average municipality"):
        level_of(find_scenario("fano"))


# --- building a municipality ----------------------------------------------------------------------


@pytest.mark.parametrize("size", [0.05, 1.0, 3.0])
def test_an_average_municipality_of_any_size_has_its_flows(average: Scenario, size: float) -> None:
    """Also cut into offices: their inflows, posts and children add up."""
    counted = average.counted(average.districts[0])
    mean = size * np.array([float(counted.get(key, 0)) for key in average.staircase.keys])
    policy = average.policy("swedish_model")
    caseload = average_cases(average) / average.fte
    made = town("all", average, policy, mean, np.rint(mean).astype(np.int64), caseload)
    offices = [office for office, _ in made.offices]
    assert len(offices) == (2 if size > 2 else 1)
    assert sum(o.districts[0].inflow for o in offices) == pytest.approx(450 * size)
    assert sum(o.fte for o in offices) == pytest.approx(17 * size)
    assert sum(sum(p.capacity.extra_fte) for _, p in made.offices) == pytest.approx(11 * size)
    assert sum(p.capacity.team_leader for _, p in made.offices) == pytest.approx(3 * size)
    for o in offices:
        assert o.children.placed_after_assessment == pytest.approx(
            average.children.placed_after_assessment, rel=1e-3
        )


def test_more_children_in_care_need_more_inflow_into_care(average: Scenario) -> None:
    """The balance that holds twice the children in care, in closed form; no statistics."""
    counted = average.counted(average.districts[0])
    care = np.array([in_care(average.staircase, i) for i in range(len(average.staircase))])
    mean = np.array([float(counted.get(key, 0)) for key in average.staircase.keys])
    twice = np.where(care, 2.0, 1.0) * mean
    found = [
        town("all", average, average.policy("null"), m, np.rint(m).astype(np.int64), 33.0)
        for m in (mean, twice)
    ]
    few, many = (t.offices[0][0] for t in found)
    into = [s.children.placed_after_assessment * settled_flows(s).assessed for s in (few, many)]
    assert into[1] > 1.3 * into[0]


def test_a_municipality_with_few_cases_gets_no_posts(average: Scenario) -> None:
    counted = average.counted(average.districts[0])
    mean = np.array([float(counted.get(key, 0)) for key in average.staircase.keys])
    count = np.rint(mean).astype(np.int64)
    made = town("all", average, average.policy("swedish_model"), mean, count, 15.0)
    assert made.extra_fte == 0.0
    assert made.offices[0][1].capacity.extra_fte == ()


def test_posts_are_whole_ones_and_a_rest() -> None:
    assert posts(2.4) == pytest.approx((1.0, 1.0, 0.4))
    assert posts(0.995) == (1.0,)
    assert posts(0.001) == ()


# --- histories ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def null(average: Scenario) -> Country:
    return run(plan(average, "null"), workers=1)


def test_the_null_policy_costs_exactly_what_is_paid_for_it(null: Country) -> None:
    """Posts, leaders and start costs, in every history everywhere; no child moves otherwise."""
    assert (null.of("policy_cost") > 0).all()
    np.testing.assert_allclose(-null.saving, null.of("policy_cost"), rtol=1e-9)
    assert (null.of("residential_months_saved") == 0).all()
    assert (null.of("care_months_saved") == 0).all()


def test_the_same_bytes_for_any_number_of_workers(average: Scenario, null: Country) -> None:
    again = run(plan(average, "null"), workers=3)
    assert again.saved.tobytes() == null.saved.tobytes()
    assert again.kept.tobytes() == null.kept.tobytes()


def test_a_municipality_is_the_same_alone(average: Scenario, null: Country) -> None:
    alone = run(Plan(average, "null", 2 * BLOCK, towns=places_of(["Fanø"])), workers=1)
    i = [m.name for m in null.plan.municipalities].index("Fanø")
    assert (alone.saved[0] == null.saved[i]).all()


def test_fewer_histories_are_the_first_of_more(average: Scenario, null: Country) -> None:
    few = run(plan(average, "null", replicates=BLOCK - 2), workers=1)
    assert few.saved.shape == (3, BLOCK - 2, YEARS)
    assert (few.saved == null.saved[:, : BLOCK - 2]).all()


def test_with_draws_the_null_policy_costs_its_salaries_too(average: Scenario) -> None:
    found = run(plan(average, "null", draws=2, replicates=2 * BLOCK), workers=1)
    np.testing.assert_allclose(-found.saving, found.of("policy_cost"), rtol=1e-9)
