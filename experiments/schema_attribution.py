"""An attribution for machines: what `--json` prints. The schema is in docs/attribute.schema.json."""

from __future__ import annotations

import json
import math
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from experiments.attribution import Attribution
from experiments.results import MEAN_ERROR
from experiments.store import project_version
from experiments.tables_attribution import sentences

FORMAT = "trappe-attribute-1"
NUMBERS = ("mean", "low", "high", "mean_error")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Numbers(_Model):
    policy: str = Field(description="the policy, or in the worlds 'null' or 'perverse'")
    outcome: str = Field(description="name of what is gained: baseline - policy, over the whole time")
    unit: str
    mean: float | None = Field(description="mean over histories; null where it is not defined")
    low: float | None = Field(description="5 % quantile of histories")
    high: float | None = Field(description="95 % quantile of histories")
    mean_error: float | None = Field(description="half-width of the mean's 90 % confidence interval")


class Part(_Numbers):
    """What one cause does, or the whole."""

    cause: str = Field(description="capacity, reviews, practice, supply, capacity x reviews, or all")
    measure: str = Field(
        description="share (Shapley value), alone (without the others), last (added to all others), "
        "interaction (the two together, less each alone), or whole"
    )


class Combination(_Numbers):
    """What some of the causes do together."""

    combination: str = Field(description="the causes that are on, joined by +, or 'baseline'")
    capacity: int = Field(ge=0, le=1)
    reviews: int = Field(ge=0, le=1)
    practice: int = Field(ge=0, le=1)
    supply: int = Field(ge=0, le=1)


class AttributionResult(_Model):
    """A policy's effect, shared out among its causes."""

    format: str = Field(default=FORMAT, description="changes when the meaning of a field changes")
    version: str = Field(description="version of the program")
    scenario: str
    title: str
    policy: str
    price_year: int = Field(description="price level of every amount in DKK")
    months: int
    seed: int
    replicates: int = Field(description="histories per combination of causes")
    interval_covers: str
    mean_error_covers: str
    sentences: list[str] = Field(description="the result in words")
    attribution: list[Part] = Field(description="shares of the causes; they sum to the whole")
    combinations: list[Combination] = Field(description="all 16, each against the baseline")


def as_json(found: Attribution) -> str:
    """Return an attribution as JSON text by the documented schema."""
    plan = found.study.plan
    result = AttributionResult(
        version=project_version(),
        scenario=plan.scenario.name,
        title=plan.scenario.label,
        policy=found.policy,
        price_year=plan.scenario.price_year,
        months=plan.scenario.months,
        seed=plan.seed,
        replicates=found.replicates,
        interval_covers=found.study.covers,
        mean_error_covers=MEAN_ERROR,
        sentences=sentences(found),
        attribution=[Part.model_validate(_known(r, Part)) for r in found.rows()],
        combinations=[
            Combination.model_validate(_known(r, Combination)) for r in found.combination_rows()
        ],
    )
    return result.model_dump_json(indent=1)


def _known(row: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """Return the fields of a row that a model has, with null for what is not defined."""
    known = {name: row[name] for name in model.model_fields}
    return {k: None if k in NUMBERS and math.isnan(v) else v for k, v in known.items()}


def schema_text() -> str:
    """Return the JSON schema as it is kept in docs/attribute.schema.json."""
    return json.dumps(AttributionResult.model_json_schema(), indent=1, ensure_ascii=False) + "\n"
