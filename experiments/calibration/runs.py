"""Runs: what is simulated for one choice of the free parameters, and what is read off it.

The country is an average municipality, long enough for its stocks to show what its rates do, and again
at other caseloads for the targets about time. The pilot is Herning's, under its programme, once: what
was observed there was one history too, so chance belongs in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from experiments import measures as ms
from experiments.calibration.free import settings
from experiments.settle import settle
from simulation.accounts import Floats, Ledger, by_year, family_like, in_care, months_covered, residential
from simulation.horizon import with_months
from simulation.ledger import column_names
from simulation.parameters import Parameter, parameter
from simulation.policy import Policy
from simulation.reading import find_scenario
from simulation.replicates import kernel_ledgers
from simulation.scenario import Scenario
from simulation.settling import settled, with_inflow
from simulation.stationary import stationary_start
from simulation.tables import build_tables
from simulation.values import with_values

READINESS = "children.readiness_rate.residential_care"
PROGRAMME = "sverigesprogram"
PILOT = "pilot"
COUNTRY_MONTHS, COUNTRY_REPLICATES = 48, 6
SHORT_MONTHS = 24
SETTLED_YEARS = slice(1, 4)
LAST_YEAR = slice(3, 4)
SECOND_YEAR = slice(1, 2)


@dataclass(frozen=True)
class Aim:
    """A target the calibration is fitted to, and how it is read off a run.

    `definition` is a further standard deviation for what the published figure counts otherwise (ages
    0-22 where the model ends at 18, teenagers from 13 where the model's begin at 12).
    """

    target: str
    run: str
    measure: ms.Measure
    definition: float = 0.0

    @property
    def record(self) -> Parameter:
        """The published figure."""
        return parameter(self.target)


_OTHERWISE = {
    "type_change_per_year": 0.005,
    "stock_family_2018": 0.02,
    "stock_other_2018": 0.015,
    "breakdowns_teen_share": 0.03,
    "first_family": 0.02,
    "first_own_room": 0.02,
}
"""See Aim.definition."""


def _aims() -> tuple[Aim, ...]:
    country, later = SETTLED_YEARS, LAST_YEAR
    denmark = {
        "exits_0_17": ms.left_in_year(country),
        "type_change_per_year": ms.changed_kind(country),
        "breakdowns_per_100": ms.breakdowns_per_100(country),
        "breakdowns_teen_share": ms.teen_share_of_breakdowns(country),
        "stock_family_2018": ms.share_in_care(family_like, later),
        "stock_other_2018": ms.share_in_care(ms.other_care, later),
        "stock_holds": ms.in_care_ratio(3),
        "network_share": ms.network_share(later),
        "preventive_per_placed": ms.preventive_per_placed(later),
        "first_family": ms.share_of_entries(family_like, country),
        "first_own_room": ms.share_of_entries(ms.other_care, country),
        "entry_age_0_3": ms.entries_youngest(country),
        "entry_age_12_17": ms.entries_teen(country),
    }
    pilot = {
        "pilot_caseload_2013": ms.caseload(0),
        "pilot_caseload_2014": ms.caseload(1),
        "placed_2014": ms.mean_in_care(1),
        "mix_2014_own_room": ms.share_in_care(ms.other_care, SECOND_YEAR),
        "mix_2014_residential": ms.share_in_care(residential, SECOND_YEAR),
        "accounts_total": ms.spending_ratio(in_care, 1, 0),
    }
    time = (
        Aim("target.time.follow_ups_at_42", "at_42", ms.follow_ups_per_case_year(SECOND_YEAR)),
        Aim("target.time.first_in_time_at_32", "country", ms.first_in_time(country)),
        Aim("target.time.assessed_in_time_at_32", "country", ms.assessed_in_time(country)),
        Aim("target.time.interval_at_23", "at_23", ms.interval(SECOND_YEAR)),
    )
    return (
        *(
            Aim(f"target.denmark.{name}", "country", m, _OTHERWISE.get(name, 0.0))
            for name, m in denmark.items()
        ),
        *time,
        *(Aim(f"target.herning.{name}", "pilot", m) for name, m in pilot.items()),
    )


AIMS = _aims()
"""What is fitted, in the order of the summaries."""


@dataclass(frozen=True)
class Worlds:
    """The scenarios of the calibration, read once.

    `herning` is the reference of its own flows: they hold its counts under the rates it is given with
    (`settled_worlds`), and are scaled from there (`simulation.settling`).
    """

    country: Scenario
    herning: Scenario


def shipped_worlds() -> Worlds:
    """Return the shipped average municipality and Herning, at the lengths the targets need."""
    country = find_scenario("denmark").model_copy(update={"months": COUNTRY_MONTHS, "policies": {}})
    return Worlds(country, with_months(find_scenario("herning"), SHORT_MONTHS))


def settled_worlds(worlds: Worlds, theta: Mapping[str, float]) -> Worlds:
    """Return the worlds with Herning's flows settled, by simulation, at one choice of parameters.

    Its programme stays as it is shipped: a lever is replaced only where it is at its record's value, so
    one that was set here could not be tried at another value afterwards.
    """
    there = settle(herning_at(settings(theta), worlds.herning)).scenario
    return Worlds(worlds.country, there.model_copy(update={"policies": worlds.herning.policies}))


def with_caseload(s: Scenario, cases_per_fte: float) -> Scenario:
    """Return a scenario whose caseworkers, all alike, have so many cases each on the first day.

    Cases are those counted, and those under assessment as many as today's inflow leads to.
    """
    start = stationary_start(s)
    is_case = np.array([x.is_case for x in s.staircase])
    cases = np.where(start.count >= 0, start.count, start.mean)[:, is_case].sum(axis=1)
    districts = []
    for d, n in zip(s.districts, cases, strict=True):
        fte = float(n) / cases_per_fte
        posts = math.ceil(fte)
        districts.append(d.model_copy(update={"caseworkers": (fte / posts,) * posts}))
    return s.model_copy(update={"districts": tuple(districts)})


def with_interval(s: Scenario, months: float) -> Scenario:
    """Return a scenario whose rule today is a follow-up every so many months."""
    reviews = s.reviews.model_copy(update={"first": months, "later": months, "by_stair": {}})
    return s.model_copy(update={"reviews": reviews})


def summaries(theta: Mapping[str, float], worlds: Worlds, seed: int) -> tuple[Floats, Floats]:
    """Return what the simulation gives for every aim, and its Monte Carlo error (sd) of each."""
    runs = _runs(theta, worlds, seed)
    found = [aim.measure(runs[aim.run]) for aim in AIMS]
    means = np.array([_known(x).mean() if len(_known(x)) else np.nan for x in found])
    return means, np.array([_error(_known(x)) for x in found])


def _known(x: Floats) -> Floats:
    return x[~np.isnan(x)]


def _error(x: Floats) -> float:
    """Return the standard error of a mean; 0 where one history cannot tell."""
    return float(x.std(ddof=1)) / math.sqrt(len(x)) if len(x) > 1 else 0.0


def _runs(theta: Mapping[str, float], worlds: Worlds, seed: int) -> dict[str, Ledger]:
    values = settings(theta)
    national = {k: v for k, v in values.items() if k.startswith(("children.", "work.", "baseline."))}
    country = _with_inflow(with_values(worlds.country, national), values["denmark.inflow"])
    short = country.model_copy(update={"months": SHORT_MONTHS})
    return {
        "country": ledger(with_caseload(country, 32.0), None, seed, COUNTRY_REPLICATES),
        "at_42": ledger(with_caseload(short, 42.0), None, seed + 1, 2),
        "at_23": ledger(with_caseload(with_interval(short, 3.0), 23.0), None, seed + 2, 2),
        "pilot": pilot_run(values, worlds.herning, seed + 3, 1),
    }


def pilot_run(values: Mapping[str, float], herning: Scenario, seed: int, replicates: int) -> Ledger:
    """Return Herning's pilot under its programme, by year, at evidence values and Herning's place."""
    local = herning_at(values, herning)
    return ledger(local, local.policy(PROGRAMME), seed, replicates, PILOT)


def herning_at(values: Mapping[str, float], herning: Scenario) -> Scenario:
    """Return Herning at national values: its residential readiness placed, its flows settled."""
    factor = math.exp(values["municipality.readiness_sd"] * values["herning.readiness"])
    known = {
        k: v for k, v in values.items() if k.startswith(("children.", "work.", "baseline.", "policy."))
    }
    local = {k: v for k, v in known.items() if k not in _LOCAL}
    local[READINESS] = values[READINESS] * factor
    return settled(with_values(herning, local), herning)


_LOCAL = {
    "children.placed_after_assessment",
    "children.entry_share.own_room.15",
    *(f"children.entry_share.residential_care.{age}" for age in (0, 4, 12, 15)),
}
"""What a municipality's own flows decide, not the country's."""


def _with_inflow(s: Scenario, per_year: float) -> Scenario:
    return with_inflow(s, per_year / sum(d.inflow for d in s.districts))


def ledger(
    s: Scenario, policy: Policy | None, seed: int, replicates: int, district: str | None = None
) -> Ledger:
    """Return the ledger by year of a run by the kernel."""
    tables, columns = build_tables(s, policy, district), len(column_names(s.staircase))
    books = kernel_ledgers(tables, columns, seed % 2**32, 0, replicates)
    return Ledger(by_year(books, s.staircase), s.staircase, months_covered(s.months))


# --- what was published, and how exactly ----------------------------------------------------------


def observed() -> Floats:
    """Return the published values, in the order of AIMS."""
    return np.array([aim.record.value for aim in AIMS])


def published_error(rng: np.random.Generator, simulation_error: Floats) -> Floats:
    """Return one draw of how far published figures may lie from what they stand for, in their units.

    To be added to what the model gives. "One standard deviation": normal; "a range": what they stand for
    is uniform over it. The Monte Carlo error that a summary has anyway is taken off the normal part, so
    that both together are as wide as stated. Counts of the pilot (`n`) carry their chance in the one
    simulated history; what is left is how they were read.
    """
    errors = np.zeros(len(AIMS))
    for i, aim in enumerate(AIMS):
        record = aim.record
        if "Low and high: a range" in record.note:
            truth = rng.uniform(record.low, record.high)
            errors[i] = record.value - truth + rng.normal() * aim.definition
        else:
            sd = (record.high - record.low) / 2.0 * (READING if record.n and aim.run == "pilot" else 1.0)
            sd = math.hypot(sd, aim.definition)
            errors[i] = rng.normal() * math.sqrt(max(0.0, sd**2 - simulation_error[i] ** 2))
    return errors


READING = 0.25
"""Share of the stated spread of a small count that is reading and rounding, not chance."""
