"""A country's results as tidy rows: municipalities, sizes, sums, key figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from experiments.caselist.quality import SMALLEST, hidden, total_hidden
from experiments.country.facts import municipalities
from experiments.country.key_figures import KEY_FIGURES, KeyFigures
from experiments.country.ranks import CLEAR, FEWEST, Ranks, ranks
from experiments.country.run import BLOCK, Country
from experiments.country.unknown import published_places
from experiments.estimates import Estimate, estimate
from simulation.accounts import Floats
from simulation.costs import ROUNDING
from simulation.tables import Ints

Bools = NDArray[np.bool_]

COVERS = "chance, and what is not published of each municipality: children placed and caseload, drawn"
COVERS_BOTH = f"{COVERS}; and parameters drawn from the evidence"
SIZES = (0, 5_000, 10_000, 20_000)
"""Smallest number of children of each class of size."""

CHILDREN = (
    "cases", "in_care_start", "in_care_mean", "in_care_end", "residential_start", "residential_end",
)  # fmt: skip
"""Sums that count children: under 5 they are not shown."""

SUMS = (
    *CHILDREN, "fte", "extra_fte", "placement_cost", "policy_cost", "residential_months_saved",
    "care_months_saved",
)  # fmt: skip


@dataclass(frozen=True)
class Result:
    """A country's histories with their ranks and key figures."""

    country: Country

    @property
    def whole(self) -> Literal["country", "chosen"]:
        """What all municipalities of the run are together: the country, or those that were chosen."""
        return "country" if len(self.country.plan.towns) == len(municipalities()) else "chosen"

    @cached_property
    def ranks(self) -> Ranks:
        """Ranks by net saving per child and year."""
        return ranks(self.country.per_child, self.country.per_child_of_all)

    @cached_property
    def key_figures(self) -> KeyFigures:
        """Key figures of all municipalities."""
        return KeyFigures(self.country)

    @property
    def covers(self) -> str:
        """What every interval covers."""
        return COVERS_BOTH if self.country.plan.draws else COVERS

    @cached_property
    def hides(self) -> Bools:
        """[municipality]: whether the children placed there are not shown.

        Those under 5, and as many of the smallest others as it takes that the sum gives none away.
        """
        return np.array(hidden(self._placed))

    def placed(self, i: int) -> int | str:
        """Return the children placed in a municipality on the first day, "" where they are not shown."""
        return "" if self.hides[i] else self._placed[i]

    @cached_property
    def _placed(self) -> list[int]:
        return [_whole(n) for n in self.country.of("in_care_start").mean(axis=1).tolist()]

    def hides_together(self, towns: Iterable[int]) -> bool:
        """Return whether the children placed in some municipalities together are not shown."""
        return total_hidden([self._placed[i] for i in towns])

    @cached_property
    def p_paid(self) -> Floats:
        """[municipality]: share of histories in which the policy has paid at the end."""
        return np.asarray((self.country.saving >= -ROUNDING).mean(axis=1))

    @cached_property
    def p_paid_together(self) -> float:
        """Share of histories in which the policy has paid at the end, all municipalities together."""
        return float((self.country.saving.sum(axis=0) >= -ROUNDING).mean())

    @property
    def verdicts(self) -> list[str]:
        """Return for each municipality: gains, open, loses."""
        if self.country.plan.replicates < FEWEST:
            return ["open"] * len(self.p_paid)
        edge = CLEAR - 1e-9
        return ["gains" if p >= edge else "loses" if 1.0 - p >= edge else "open" for p in self.p_paid]

    def estimate(self, values: Floats) -> Estimate:
        """Return mean and interval of [history]; a pair of blocks counts once for the error."""
        return estimate(values, np.arange(len(values)) // (2 * BLOCK))

    # --- rows --------------------------------------------------------------------------------------

    def municipality_rows(self) -> list[dict[str, Any]]:
        """Return one row per municipality, in the order of the file; children placed as `hides` says."""
        return [self._row(i) for i in range(len(self.country.plan.towns))]

    def _row(self, i: int) -> dict[str, Any]:
        c, r = self.country, self.ranks
        m, year = c.plan.municipalities[i], self.key_figures.year
        return {
            "code": m.code,
            "name": m.name,
            "region": m.region,
            "population_2014": m.population,
            "children_2014": m.children,
            "published_year": year,
            "supported_pct": 100.0 * m.supported[year],
            "notified_per_1000": m.notified[year],
            "cases": shown(c.of("cases")[i].mean()),
            "placed": self.placed(i),
            "placed_is": "published" if c.plan.towns[i] in published_places() else "drawn",
            **_told("cases_per_fte", self.estimate(c.of("cases")[i] / c.of("fte")[i])),
            "cases_per_fte_is": "drawn",
            "extra_fte": float(c.of("extra_fte")[i].mean()),
            **_told("net_saving", self.estimate(c.saving[i])),
            **_told("net_saving_per_child_year", self.estimate(c.per_child[i])),
            "p_paid": float(self.p_paid[i]),
            "verdict": self.verdicts[i],
            "rank_mean": float(r.middle[i]),
            "rank_low": int(r.low[i]),
            "rank_high": int(r.high[i]),
            "group": int(r.group[i]),
            "against_country": {1: "ahead", 0: "open", -1: "behind"}[int(r.against[i])],
            "covers": self.covers,
            "histories": c.plan.replicates,
        }

    def size_rows(self) -> list[dict[str, Any]]:
        """Return one row per class of size: how far single municipalities of that size are known."""
        c, verdicts = self.country, np.array(self.verdicts)
        ends = (*SIZES[1:], np.inf)
        rows = []
        for low, high in zip(SIZES, ends, strict=True):
            of = np.flatnonzero((c.children >= low) & (c.children < high))
            if len(of):
                together = c.saving[of].sum(axis=0) / c.children[of].sum() / c.plan.years
                spread = np.quantile(c.per_child[of], 0.95, axis=1) - np.quantile(
                    c.per_child[of], 0.05, axis=1
                )
                rows.append(
                    {
                        "children_from": low,
                        "children_below": "" if np.isinf(high) else int(high),
                        "municipalities": len(of),
                        "children_2014": int(c.children[of].sum()),
                        **_told("net_saving_per_child_year", self.estimate(together)),
                        "width_of_one": float(np.median(spread)),
                        "p_paid_mean": float(self.p_paid[of].mean()),
                        **{v: int((verdicts[of] == v).sum()) for v in ("gains", "open", "loses")},
                        "covers": self.covers,
                    }
                )
        return rows

    def sum_rows(self) -> list[dict[str, Any]]:
        """Return one row per sum over all municipalities of the run, and per year the saving so far."""
        c = self.country
        whole = {"net_saving": c.saving.sum(axis=0)}
        whole |= {
            f"net_saving_to_year_{y + 1}": c.saved[:, :, y].sum(axis=0) for y in range(c.saved.shape[2])
        }
        whole |= {name: c.of(name).sum(axis=0) for name in SUMS}
        return [
            {"outcome": name, **self._sum(name, values), "covers": self.covers}
            for name, values in whole.items()
        ]

    def _sum(self, name: str, values: Floats) -> dict[str, Any]:
        found = _told("sum", self.estimate(values))
        if name not in CHILDREN:
            return found
        if name == "in_care_start" and self.hides_together(range(len(self.p_paid))):
            return dict.fromkeys(found, "")
        return {key: "" if key != "sum_error" and _is_few(x) else x for key, x in found.items()}

    def key_figure_rows(self) -> list[dict[str, Any]]:
        """Return one row per municipality and key figure: its own, of comparable ones, the country's."""
        k, towns = self.key_figures, self.country.plan.municipalities
        rows = []
        for i, m in enumerate(towns):
            others = k.comparable[i]
            for name in KEY_FIGURES:
                basis = k.basis(name, i)
                rows.append(
                    {
                        "code": m.code,
                        "name": m.name,
                        "key_figure": name,
                        **self.key_figure(name, i),
                        "is": basis,
                        "comparable": self.key_figure_of(name, others),
                        "country": self.key_figure_of(name, range(len(towns))),
                        "compared_with": ", ".join(towns[j].name for j in others),
                        "covers": "" if basis == "published" else self.covers,
                    }
                )
        return rows

    def key_figure(self, name: str, i: int) -> dict[str, float]:
        """Return value, low and high of a municipality's key figure; NaN where not known or not shown."""
        k = self.key_figures
        e = self.estimate(k.values[name][i])
        found = {"value": float(k.level(name)[i]), "low": e.low, "high": e.high}
        if k.basis(name, i) == "published":
            return {**found, "low": np.nan, "high": np.nan}
        if name != "placed_per_1000":
            return found
        if self.hides[i]:
            return dict.fromkeys(found, np.nan)
        children = float(self.country.children[i]) / 1000.0
        return {key: np.nan if _is_few(x * children) else x for key, x in found.items()}

    def key_figure_of(self, name: str, towns: Sequence[int] | Ints) -> float:
        """Return a key figure of several municipalities together; NaN for none, or where not shown."""
        if len(towns) == 0 or (name == "placed_per_1000" and self.hides_together(towns)):
            return float("nan")
        return float(self.key_figures.of_group(name, np.asarray(towns)).mean())


def _whole(count: float) -> int:
    """Return a count as a whole number; one under 5 and not 0 stays so."""
    return max(1, int(count)) if _is_few(count) else round(count)


def _is_few(count: float) -> bool:
    return bool(0.0 < count < SMALLEST)


def shown(count: float) -> int | str:
    """Return a count as a whole number, "" where it is under 5 and not 0: those are not shown."""
    return "" if _is_few(count) else round(count)


def _told(name: str, e: Estimate) -> dict[str, float]:
    return {name: e.mean, f"{name}_low": e.low, f"{name}_high": e.high, f"{name}_error": e.error}
