"""A country's results as tidy rows: municipalities, sizes, sums, key figures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from experiments.caselist.quality import SMALLEST
from experiments.country.key_figures import KEY_FIGURES, KeyFigures
from experiments.country.ranks import CLEAR, FEWEST, Ranks, ranks
from experiments.country.run import BLOCK, Country
from experiments.country.unknown import published_places
from experiments.estimates import Estimate, estimate
from simulation.accounts import Floats
from simulation.costs import ROUNDING

COVERS = "chance, and what is not published of each municipality: children placed and caseload, drawn"
COVERS_BOTH = f"{COVERS}; and parameters drawn from the evidence"
SIZES = (0, 5_000, 10_000, 20_000)
"""Smallest number of children of each class of size."""

SUMS = (
    "cases", "fte", "extra_fte", "in_care_start", "in_care_end", "residential_start", "placement_cost",
    "policy_cost", "residential_months_saved", "care_months_saved",
)  # fmt: skip


@dataclass(frozen=True)
class Result:
    """A country's histories with their ranks and key figures."""

    country: Country

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
    def p_paid(self) -> Floats:
        """[municipality]: share of histories in which the policy has paid at the end."""
        return np.asarray((self.country.saving >= -ROUNDING).mean(axis=1))

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
        """Return one row per municipality, in the order of the file; counts under 5 are left out."""
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
            f"supported_pct_{year}": 100.0 * m.supported[year],
            f"notified_per_1000_{year}": m.notified[year],
            "cases": shown(c.of("cases")[i].mean()),
            "placed": shown(c.of("in_care_start")[i].mean()),
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
            {"outcome": name, **_told("sum", self.estimate(values)), "covers": self.covers}
            for name, values in whole.items()
        ]

    def key_figure_rows(self) -> list[dict[str, Any]]:
        """Return one row per municipality and key figure: its own, of comparable ones, the country's."""
        k, towns = self.key_figures, self.country.plan.municipalities
        rows = []
        for i, m in enumerate(towns):
            others = k.comparable[i]
            for name in KEY_FIGURES:
                basis = k.basis(name, i)
                e = self.estimate(k.values[name][i])
                rows.append(
                    {
                        "code": m.code,
                        "name": m.name,
                        "key_figure": name,
                        "value": float(k.level(name)[i]),
                        "low": np.nan if basis == "published" else e.low,
                        "high": np.nan if basis == "published" else e.high,
                        "is": basis,
                        "comparable": float(k.of_group(name, others).mean()) if len(others) else np.nan,
                        "country": float(k.of_country(name).mean()),
                        "compared_with": ", ".join(towns[j].name for j in others),
                        "covers": "" if basis == "published" else self.covers,
                    }
                )
        return rows


def shown(count: float) -> int | str:
    """Return a count as a whole number, "" where it is under 5 and not 0: those are not shown."""
    return "" if 0.0 < count < SMALLEST else round(count)


def _told(name: str, e: Estimate) -> dict[str, float]:
    return {name: e.mean, f"{name}_low": e.low, f"{name}_high": e.high, f"{name}_error": e.error}
