"""The result for machines: what `--json` prints. The schema is in docs/compare.schema.json."""

from __future__ import annotations

import json
import math
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from experiments.business_case import sentence
from experiments.results import MEAN_ERROR, Study
from experiments.store import project_version

FORMAT = "trappe-compare-1"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Row(_Model):
    """One number with its interval."""

    policy: str = Field(description="'baseline' or the name of a policy")
    outcome: str = Field(description="name of the outcome")
    unit: str
    year: int | str = Field(description="1, 2, ... or 'all' for the whole time")
    mean: float | None = Field(description="mean over histories; null where it is not defined")
    low: float | None = Field(description="5 % quantile of histories")
    high: float | None = Field(description="95 % quantile of histories")
    mean_error: float | None = Field(description="half-width of the mean's 90 % confidence interval")


class BreakEven(_Model):
    """How many histories have broken even."""

    policy: str
    year: int
    p_broken_even: float = Field(ge=0, le=1, description="share of histories, end of that year")


class BreakEvenMonth(_Model):
    """When histories break even for good, over the whole time; months from the policy's first, 1."""

    policy: str
    p_never: float = Field(ge=0, le=1, description="share of histories that do not")
    median: float | None = Field(description="of those that do; null where none does")
    low: float | None = Field(description="5 % quantile of those that do")
    high: float | None = Field(description="95 % quantile of those that do")


class Society(_Model):
    """How society's view (outcomes that begin with net_saving_society) was taken."""

    policy: str
    discount_rate: float = Field(ge=0, description="per year, to the first month")
    tax_distortion: float = Field(
        ge=0, description="loss to society for each krone of taxes; 0 unless asked for"
    )


class Uncertainty(_Model):
    """Whose the spread of a paired difference over the whole time is."""

    policy: str
    outcome: str
    sd: float = Field(description="standard deviation between histories")
    sd_chance: float | None = Field(description="between histories at the same parameters")
    sd_parameters: float | None = Field(description="between parameters")
    share_of_parameters: float | None = Field(description="of the variance; null where nothing varies")


class Comparison(_Model):
    """Policies against carrying on as today."""

    format: str = Field(default=FORMAT, description="changes when the meaning of a field changes")
    version: str = Field(description="version of the program")
    scenario: str
    title: str
    price_year: int = Field(description="price level of every amount in DKK")
    months: int
    seed: int
    replicates: int
    draws: int = Field(ge=0, description="draws of the parameters; 0: parameters at their values")
    interval_covers: str
    mean_error_covers: str
    sentence: str = Field(description="the main result in words")
    summary: list[Row] = Field(description="per policy, over the whole time")
    differences: list[Row] = Field(description="paired, policy - baseline; savings: baseline - policy")
    break_even: list[BreakEven]
    break_even_month: list[BreakEvenMonth]
    society: list[Society]
    uncertainty: list[Uncertainty] = Field(description="whose the spread is; empty without draws")


def as_json(study: Study) -> str:
    """Return a study as JSON text by the documented schema."""
    plan = study.plan
    result = Comparison(
        version=project_version(),
        scenario=plan.scenario.name,
        title=plan.scenario.label,
        price_year=plan.scenario.price_year,
        months=plan.scenario.months,
        seed=plan.seed,
        replicates=study.replicates,
        interval_covers=study.covers,
        draws=plan.draws,
        mean_error_covers=MEAN_ERROR,
        sentence=sentence(study) if plan.policies else "",
        summary=[_row(r) for r in study.summary_rows()],
        differences=[_row(r) for r in study.difference_rows()],
        break_even=[
            BreakEven(policy=r["policy"], year=r["year"], p_broken_even=r["p_broken_even"])
            for r in study.break_even_rows()
        ],
        break_even_month=[_month(r) for r in study.break_even_rows() if r["year"] == 1],
        society=[
            Society(
                policy=policy,
                discount_rate=study.society_rate(policy),
                tax_distortion=study.lost_to_taxation(policy),
            )
            for policy in plan.policies
        ],
        uncertainty=[_uncertainty(r) for r in study.uncertainty_rows()],
    )
    return result.model_dump_json(indent=1)


def _month(row: dict[str, Any]) -> BreakEvenMonth:
    known = {
        k: None if math.isnan(row[f"month_{k}"]) else row[f"month_{k}"] for k in ("median", "low", "high")
    }
    return BreakEvenMonth(policy=row["policy"], p_never=row["p_never"], **known)


def _uncertainty(row: dict[str, Any]) -> Uncertainty:
    known = {k: row[k] for k in Uncertainty.model_fields}
    undefined = {k: None for k, v in known.items() if isinstance(v, float) and math.isnan(v)}
    return Uncertainty.model_validate({**known, **undefined})


def _row(row: dict[str, object]) -> Row:
    known = {k: row[k] for k in Row.model_fields}
    numbers = ("mean", "low", "high", "mean_error")
    undefined = {k: None for k in numbers if math.isnan(float(str(known[k])))}
    return Row.model_validate({**known, **undefined})


def schema_text() -> str:
    """Return the JSON schema as it is kept in docs/compare.schema.json."""
    return json.dumps(Comparison.model_json_schema(), indent=1, ensure_ascii=False) + "\n"
