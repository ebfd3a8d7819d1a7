"""What is not published of each municipality, drawn: children placed and cases per caseworker.

How many children have support at all is known. How many of them are placed is published for three
municipalities only, and nothing of caseloads. So both are drawn, from the spread between municipalities
that is published (records `country.*`); the sum over the country is held. The draws are the same in the
baseline and under the policy, and anew for every block of histories, so that an interval covers what is
not known of a municipality as well as chance. See docs/decisions/0017.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from experiments.country.facts import municipalities, nearest_year
from simulation.accounts import Floats, at_home, in_care
from simulation.parameters import parameters, value
from simulation.scenario import Scenario
from simulation.tables import Ints

KNOWN = "country.placed_per_1000."
"""Beginning of the records of municipalities whose share of children placed is published."""

_COUNTS = 1
"""Number of the stream of counts, beside that of rates."""

LEAST_AT_HOME = 0.5
"""Children helped at home per child placed, at least: where the draw places more than half of those known
to have support."""


@dataclass(frozen=True)
class Level:
    """An average municipality's counts by stair, and how they are shared out over the country."""

    counts: dict[str, float]
    care: tuple[str, ...]
    home: tuple[str, ...]
    supported: Floats
    """[municipality]: children with support of 0-17 years, as published shares have it."""


@dataclass(frozen=True)
class Drawn:
    """One draw of what is not published, for all municipalities.

    `mean` [municipality, stair] are the counts that a municipality has in the long run, `count` those of
    the first day, which chance throws around the mean; `caseload` [municipality] is cases per FTE;
    `place` [municipality] is its place among municipalities in residential readiness, standard normal.
    """

    mean: Floats
    count: Ints
    caseload: Floats
    place: Floats


def level_of(average: Scenario) -> Level:
    """Return the counts of an average municipality, and children with support in each municipality.

    Raises ValueError where the scenario is not that of an average municipality.
    """
    if not average.is_average or len(average.districts) != 1:
        raise ValueError(
            f"scenario {average.name!r} is not an average municipality (is_average), so the country is "
            "not 98 times as large; take denmark, denmark_2014 or denmark_2023"
        )
    stairs, counted = average.staircase, average.counted(average.districts[0])
    homes = tuple(x.key for i, x in enumerate(stairs) if at_home(stairs, i))
    care = tuple(x.key for i, x in enumerate(stairs) if in_care(stairs, i))
    counts = {key: float(counted.get(key, 0)) for key in stairs.keys}
    all_of_them, year = municipalities(), nearest_year(average.start.year)
    weight = np.array([m.supported[year] * (m.children + m.young) for m in all_of_them])
    total = len(all_of_them) * sum(counts[key] for key in (*homes, *care))
    return Level(counts, care, homes, total * weight / weight.sum())


@cache
def published_places() -> dict[int, float]:
    """Return position in the file -> times the country's share of children placed, where published."""
    country = value("target.denmark.placed_per_1000")
    codes = {m.code: i for i, m in enumerate(municipalities())}
    names = [name for name in parameters() if name.startswith(KNOWN)]
    return {codes[int(name.removeprefix(KNOWN))]: value(name) / country for name in names}


def drawn(average: Scenario, seed: int, block: int, caseload_sd: float | None = None) -> Drawn:
    """Return draw number `block` of a seed: the same whichever municipalities are asked for.

    Draws come in pairs of opposite luck (the normal variables of one are those of the other with the
    sign turned), so that over a pair no municipality is drawn above the others.
    `caseload_sd` is the spread of cases per caseworker in log units, by default that of the record.
    """
    level = level_of(average)
    luck = np.random.Generator(np.random.PCG64([seed, block // 2])).standard_normal(
        (3, len(level.supported))
    )
    z_placed, z_caseload, place = luck if block % 2 == 0 else -luck
    rng = np.random.Generator(np.random.PCG64([seed, block, _COUNTS]))
    placed = _placed(level, z_placed)
    mean = _means(average, level, placed)
    sd = value("country.caseload_sd") if caseload_sd is None else caseload_sd
    return Drawn(
        mean, _counts(average, level, mean, rng), _caseloads(average, mean, sd * z_caseload), place
    )


def _placed(level: Level, z: Floats) -> Floats:
    """Return [municipality]: children placed in the long run; their sum is the country's.

    A lognormal share whose logarithm hangs together with that of the share with support.
    """
    children = np.array([m.children for m in municipalities()], float)
    total = len(children) * sum(level.counts[key] for key in level.care)
    support = np.log(level.supported / children)
    r, sd = value("country.placed_with_support"), value("country.placed_sd")
    slope = r * sd / float(support.std(ddof=1))
    share = np.exp(slope * (support - support.mean()) + sd * (1.0 - r * r) ** 0.5 * z)
    published = published_places()
    known = np.array([i in published for i in range(len(children))])
    placed = share * children
    for i, times in published.items():
        placed[i] = times * total * children[i] / children.sum()
    placed[~known] *= (total - placed[known].sum()) / placed[~known].sum()
    return placed


def _means(average: Scenario, level: Level, placed: Floats) -> Floats:
    """Return [municipality, stair]: the counts of the long run; mix of stairs as in the country."""
    keys = average.staircase.keys
    mean = np.zeros((len(placed), len(keys)))
    helped = np.maximum(level.supported - placed, LEAST_AT_HOME * placed)
    for group, children in ((level.care, placed), (level.home, helped)):
        whole = sum(level.counts[key] for key in group)
        for key in group:
            mean[:, keys.index(key)] = children * level.counts[key] / whole
    size = (placed + helped) / sum(level.counts[key] for key in (*level.care, *level.home))
    for key in set(keys) - {*level.care, *level.home}:
        mean[:, keys.index(key)] = size * level.counts[key]
    return mean


def _counts(average: Scenario, level: Level, mean: Floats, rng: np.random.Generator) -> Ints:
    """Return [municipality, stair] on the first day: placed by chance, the others helped at home."""
    keys = average.staircase.keys
    care, home = ([keys.index(key) for key in group] for group in (level.care, level.home))
    count = np.rint(mean).astype(np.int64)
    expected = mean[:, care].sum(axis=1)
    placed = rng.poisson(expected)
    for i in published_places():
        placed[i] = round(expected[i])
    for i, n in enumerate(placed):
        count[i, care] = rng.multinomial(n, mean[i, care] / expected[i])
    everybody = mean[:, [*care, *home]].sum(axis=1)
    helped = np.maximum(1, np.rint(everybody - placed)).astype(np.int64)
    for i, n in enumerate(helped):
        count[i, home] = rng.multinomial(n, mean[i, home] / mean[i, home].sum())
    return count


def _caseloads(average: Scenario, mean: Floats, logs: Floats) -> Floats:
    """Return [municipality]: cases per FTE, exp of `logs`; over all cases and posts the average's."""
    stairs = average.staircase
    is_case = np.array([stair.is_case for stair in stairs])
    cases = mean[:, is_case].sum(axis=1)
    counted = average.counted(average.districts[0])
    today = sum(counted.get(x.key, 0) for x in stairs if x.is_case) / average.fte
    caseload = np.exp(logs)
    return np.asarray(caseload * today * (cases / caseload).sum() / cases.sum())
