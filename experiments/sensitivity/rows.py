"""Results as tidy rows, for csv files and for machines."""

from __future__ import annotations

import json
from typing import Any

from experiments.results import as_csv
from experiments.sensitivity.indices import Index, Morris, Sobol, Tornado
from experiments.sensitivity.points import HIGH, LOW
from experiments.sensitivity.question import Question
from experiments.sensitivity.study import Sensitivity
from experiments.sweep.outcomes import KEPT

Row = dict[str, Any]


def files(found: Sensitivity) -> dict[str, str]:
    """Return the tidy files of a study by name: indices, numbers, and Sobol's variances."""
    texts = {"indices.csv": as_csv(index_rows(found)), "numbers.csv": as_csv(number_rows(found.asked))}
    if found.asked.method == "sobol":
        texts["variance.csv"] = as_csv(variance_rows(found))
    return texts


def index_rows(found: Sensitivity) -> list[Row]:
    """Return one row per outcome and factor, from the most important down.

    Errors are half-widths of 90 % intervals; `_points` and `_histories` what few points and few histories
    bring to them. `told_from_next` and `told_from_nothing` follow the rule of `ranking`.
    """
    rows = []
    for outcome in found.asked.outcomes:
        ranked = found.ranking(outcome)
        told = {pair.first: pair.is_told for pair in ranked.pairs}
        for rank, factor in enumerate(ranked.order, 1):
            rows.append(
                {
                    "outcome": outcome,
                    "unit": KEPT[outcome].unit,
                    "rank": rank,
                    "factor": found.asked.factors[factor],
                    "label": found.asked.labels[factor],
                    "grade": grades(found.asked, factor),
                    **_numbers(found, outcome, factor),
                    "told_from_next": told.get(factor, ""),
                    "told_from_nothing": ranked.is_something(factor),
                    "histories": found.histories[outcome],
                    "samples": found.samples,
                }
            )
    return rows


def _numbers(found: Sensitivity, outcome: str, factor: int) -> Row:
    one = found.indices[outcome]
    if isinstance(one, Tornado):
        base = float(one.base.values[0])
        number = found.asked.numbers[factor]
        ends = {"value_low": number.at(LOW), "value": number.value, "value_high": number.at(HIGH)}
        shift = {"at_low": one.low, "at_high": one.high}
        at = {name: base + float(index.values[factor]) for name, index in shift.items()}
        return {**ends, "base": base, **at, **_with_error("swing", one.swing, factor)}
    if isinstance(one, Morris):
        return {
            **_with_error("mu_star", one.star, factor), **_with_error("mu", one.mean, factor),
            "sigma": float(one.sigma[factor]), "mu_star_of_means": float(one.plain[factor]),
        }  # fmt: skip
    return {
        **_with_error("first", one.first, factor), **_with_error("total", one.total, factor),
        "first_of_means": float(one.plain_first[factor]),
        "total_of_means": float(one.plain_total[factor]),
    }  # fmt: skip


def _with_error(name: str, index: Index, factor: int) -> Row:
    e = index.errors[factor]
    return {
        name: float(index.values[factor]), f"{name}_error": e.both, f"{name}_error_points": e.points,
        f"{name}_error_histories": e.histories,
    }  # fmt: skip


def grades(asked: Question, factor: int) -> str:
    """Return the grades of a factor's numbers, best first: "D", or of a group "B, C, D"."""
    name = asked.factors[factor]
    mine = zip(asked.numbers, asked.factor_of, strict=True)
    return ", ".join(sorted({u.record.grade for u, of in mine if of == name}))


def number_rows(asked: Question) -> list[Row]:
    """Return one row per number: value, the range of its evidence, the factor it belongs to."""
    return [
        {
            "number": u.name, "factor": factor, "meaning": u.meaning, "unit": u.record.unit,
            "grade": u.record.grade, "kind": u.record.kind, "distribution": u.record.distribution,
            "value": u.value, "low": u.low, "high": u.high,
        }
        for u, factor in zip(asked.numbers, asked.factor_of, strict=True)
    ]  # fmt: skip


def variance_rows(found: Sensitivity) -> list[Row]:
    """Return one row per outcome: its variance by parameters, by chance, and the share of chance."""
    return [
        {
            "outcome": name, "unit": KEPT[name].unit, "variance_of_parameters": one.variance,
            "variance_of_chance": one.chance, "share_of_chance": one.share_of_chance,
        }
        for name, one in found.indices.items() if isinstance(one, Sobol)
    ]  # fmt: skip


def as_json(found: Sensitivity) -> str:
    """Return a study for machines: what was asked, and the rows of its files. NaN is null."""
    asked = found.asked
    content: Row = {
        "scenario": asked.scenario.name, "policy": asked.policy, "method": asked.method,
        "group": asked.group, "seed": asked.seed, "replicates": asked.replicates,
        "samples": found.samples, "rows": found.rows, "notes": list(found.notes),
        "indices": index_rows(found), "numbers": number_rows(asked), "variance": variance_rows(found),
    }  # fmt: skip
    return json.dumps(_plain(content), indent=2, ensure_ascii=False)


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return None if isinstance(node, float) and node != node else node
