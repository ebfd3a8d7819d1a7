"""Key figures of a municipality beside comparable municipalities and the country, as FLIS shows them.

Comparable are the municipalities nearest by what is published: number of children, children's share of
the residents, share with support. What is drawn or simulated plays no part in who is compared with whom.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from experiments.country.facts import Municipality, nearest_year
from experiments.country.run import Country
from experiments.country.unknown import published_places
from simulation.accounts import Floats
from simulation.tables import Ints

Basis = Literal["published", "drawn", "simulated"]

COMPARABLE = 6
"""Municipalities that one is compared with."""

KEY_FIGURES: dict[str, Basis] = {
    "supported_per_100": "published",
    "notified_per_1000": "published",
    "placed_per_1000": "drawn",
    "placement_cost_per_child": "simulated",
    "net_saving_per_child": "simulated",
}
"""Key figures and what they rest on; who is placed is published for three municipalities. Caseloads are
drawn alike for all, so they tell no municipality from another and are none of them."""


@dataclass(frozen=True)
class KeyFigures:
    """Key figures of all municipalities of a run."""

    country: Country

    @cached_property
    def values(self) -> dict[str, Floats]:
        """Each key figure as [municipality, history]; what is published is the same in all."""
        c, year = self.country, self.year
        n = c.saving.shape[1]
        towns, children = c.plan.municipalities, c.children[:, None]

        def same(of: list[float]) -> Floats:
            return np.repeat(np.array(of)[:, None], n, axis=1)

        return {
            "supported_per_100": same([100.0 * m.supported[year] for m in towns]),
            "notified_per_1000": same([m.notified[year] for m in towns]),
            "placed_per_1000": 1000.0 * c.of("in_care_start") / children,
            "placement_cost_per_child": c.of("placement_cost") / children,
            "net_saving_per_child": c.per_child,
        }

    @cached_property
    def weights(self) -> dict[str, Floats]:
        """What each key figure is counted per, [municipality, history]."""
        c = self.country
        towns, n = c.plan.municipalities, c.saving.shape[1]
        children = np.repeat(c.children[:, None], n, axis=1)
        up_to_22 = np.repeat(np.array([m.children + m.young for m in towns], float)[:, None], n, axis=1)
        return {name: children for name in KEY_FIGURES} | {"supported_per_100": up_to_22}

    @property
    def year(self) -> int:
        """The year of the published shares."""
        return nearest_year(self.country.plan.average.start.year)

    @cached_property
    def comparable(self) -> Ints:
        """[municipality, neighbour]: positions in the run of those it is compared with."""
        return neighbours(self.country.plan.municipalities, self.year)

    def level(self, name: str) -> Floats:
        """Return [municipality]: a key figure over all histories, by what it is counted per."""
        value, weight = self.values[name], self.weights[name]
        return np.asarray((value * weight).sum(axis=1) / weight.sum(axis=1))

    def of_group(self, name: str, group: Ints | slice) -> Floats:
        """Return [history]: a key figure of several municipalities together."""
        value, weight = self.values[name][group], self.weights[name][group]
        return np.asarray((value * weight).sum(axis=0) / weight.sum(axis=0))

    def of_country(self, name: str) -> Floats:
        """Return [history]: a key figure of all municipalities of the run together."""
        return self.of_group(name, slice(None))

    def basis(self, name: str, i: int) -> Basis:
        """Return what a municipality's key figure rests on."""
        if name == "placed_per_1000" and self.country.plan.towns[i] in published_places():
            return "published"
        return KEY_FIGURES[name]


def neighbours(towns: tuple[Municipality, ...], year: int) -> Ints:
    """Return [municipality, neighbour]: the nearest by three published figures, nearest first."""
    seen = np.array(
        [
            [np.log(m.children), m.children / m.population, np.log(max(m.supported[year], 1e-3))]
            for m in towns
        ]
    )
    spread = seen.std(axis=0)
    scaled = (seen - seen.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    distance = ((scaled[:, None, :] - scaled[None, :, :]) ** 2).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    order = np.argsort(distance, axis=1, kind="stable")
    return order[:, : min(COMPARABLE, len(towns) - 1)]
