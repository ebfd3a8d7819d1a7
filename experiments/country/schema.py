"""A country for machines: what `--json` prints. The schema is in docs/denmark.schema.json."""

from __future__ import annotations

import json
import math
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from experiments.country.rows import Result
from experiments.country.sentences import sentences, small_print
from experiments.country.store import FORMAT
from experiments.country.who_gains import class_rows
from experiments.program import project_version

Verdict = Literal["gains", "open", "loses"]
_LOW = "5 % quantile of histories"
_HIGH = "95 % quantile of histories"
_ERROR = "half-width of the mean's 90 % confidence interval; null where there are too few histories"
_SHOWN = "null where it is not shown: a count of children under 5, or one that would give such a one away"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Sum(_Model):
    """Something summed over the municipalities of the run."""

    outcome: str = Field(description="net_saving, net_saving_to_year_1 ..., cases, fte, in_care_end ...")
    sum: float | None = Field(description=f"mean over histories; {_SHOWN}")
    sum_low: float | None = Field(description=_LOW)
    sum_high: float | None = Field(description=_HIGH)
    sum_error: float | None = Field(description=_ERROR)
    covers: str = Field(description="what the interval covers")


class MunicipalityRow(_Model):
    """What one of a municipality's size and support may expect; not its own account."""

    code: int
    name: str
    region: str
    population_2014: int = Field(description="residents")
    children_2014: int = Field(description="residents of 0-17 years")
    published_year: int = Field(description="year of the two figures that follow")
    supported_pct: float = Field(description="with support or placed, per cent of those of 0-22 years")
    notified_per_1000: float = Field(description="children with a notification per 1,000 of 0-17 years")
    cases: int | None = Field(description=f"mean over draws; {_SHOWN}")
    placed: int | None = Field(description=f"children in care on the first day; {_SHOWN}")
    placed_is: Literal["published", "drawn"]
    cases_per_fte: float
    cases_per_fte_low: float
    cases_per_fte_high: float
    cases_per_fte_error: float | None = Field(description=_ERROR)
    cases_per_fte_is: Literal["drawn"]
    extra_fte: float = Field(description="full-time caseworkers that the policy adds")
    net_saving: float = Field(description="DKK over the whole time, mean over histories")
    net_saving_low: float = Field(description=_LOW)
    net_saving_high: float = Field(description=_HIGH)
    net_saving_error: float | None = Field(description=_ERROR)
    net_saving_per_child_year: float = Field(description="DKK per child of 0-17 years and year")
    net_saving_per_child_year_low: float
    net_saving_per_child_year_high: float
    net_saving_per_child_year_error: float | None
    p_paid: float = Field(ge=0, le=1, description="share of histories that have paid at the end")
    verdict: Verdict = Field(description="gains: paid in 95 of 100 histories; loses: in 5 at most")
    rank_mean: float = Field(description="1 for the largest saving per child")
    rank_low: int = Field(description="90 of 100 histories have the rank between this and rank_high")
    rank_high: int
    group: int = Field(description="within a group nobody can be told apart")
    against_country: Literal["ahead", "open", "behind"]
    covers: str
    histories: int


class SizeRow(_Model):
    """Municipalities of a class of size."""

    children_from: int
    children_below: int | None = Field(description="null: no upper end")
    municipalities: int
    children_2014: int
    net_saving_per_child_year: float = Field(description="of all of the class together")
    net_saving_per_child_year_low: float
    net_saving_per_child_year_high: float
    net_saving_per_child_year_error: float | None
    width_of_one: float = Field(description="width of the interval of the municipality in the middle")
    p_paid_mean: float = Field(ge=0, le=1)
    gains: int
    open: int
    loses: int
    covers: str


class KeyFigureRow(_Model):
    """A municipality's key figure beside comparable municipalities and the country."""

    code: int
    name: str
    key_figure: str
    value: float | None = Field(description=f"over all histories; {_SHOWN}")
    low: float | None = Field(description=f"{_LOW}; null where it is published, or not shown")
    high: float | None = Field(description=f"{_HIGH}; null where it is published, or not shown")
    basis: Literal["published", "drawn", "simulated"] = Field(alias="is")
    comparable: float | None = Field(description="of comparable municipalities together")
    country: float | None = Field(description="of all municipalities of the run together")
    compared_with: str
    covers: str | None = Field(description="what the interval covers; null where it is published")


class ClassRow(_Model):
    """Municipalities in histories sorted by what was drawn: cases per caseworker, or children in care."""

    by: Literal["cases_per_fte", "placed_per_1000"]
    begins: float = Field(alias="from")
    below: float | None = Field(description="null: no upper end")
    share_of_histories: float = Field(ge=0, le=1)
    net_saving_per_child_year: float
    net_saving_per_child_year_low: float
    net_saving_per_child_year_high: float
    p_paid: float = Field(ge=0, le=1)
    covers: str


class CountryResult(_Model):
    """A policy in all municipalities against carrying on as today."""

    format: str = Field(default=FORMAT, description="changes when the meaning of a field changes")
    version: str = Field(description="version of the program")
    scenario: str = Field(description="the average municipality")
    policy: str
    price_year: int = Field(description="price level of every amount in DKK")
    months: int
    seed: int
    replicates: int
    draws: int = Field(ge=0, description="draws of the parameters; 0: parameters at their values")
    caseload_spread: float | None = Field(description="as asked for, log units; null: the record's")
    covers: str = Field(description="what intervals cover")
    sentences: list[str] = Field(description="the results in words, in English")
    rests_on: list[str] = Field(description="what they rest on, in English")
    sums: list[Sum]
    municipalities: list[MunicipalityRow]
    by_size: list[SizeRow]
    benchmark: list[KeyFigureRow]
    who_gains: list[ClassRow]


Row = TypeVar("Row", bound=_Model)


def as_json(result: Result) -> str:
    """Return a result as JSON text by the documented schema; null where a number is not shown."""
    plan = result.country.plan
    return CountryResult(
        version=project_version(),
        scenario=plan.average.name,
        policy=plan.policy,
        price_year=plan.average.price_year,
        months=plan.average.months,
        seed=plan.seed,
        replicates=plan.replicates,
        draws=plan.draws,
        caseload_spread=plan.caseload_sd,
        covers=result.covers,
        sentences=sentences(result, "en"),
        rests_on=small_print(result, "en"),
        sums=_rows(Sum, result.sum_rows()),
        municipalities=_rows(MunicipalityRow, result.municipality_rows()),
        by_size=_rows(SizeRow, result.size_rows()),
        benchmark=_rows(KeyFigureRow, result.key_figure_rows()),
        who_gains=_rows(ClassRow, class_rows(result.country)),
    ).model_dump_json(indent=1, by_alias=True)


def _rows(kind: type[Row], rows: list[dict[str, Any]]) -> list[Row]:
    return [kind.model_validate({name: _told(x) for name, x in row.items()}) for row in rows]


def _told(value: Any) -> Any:
    """Return a cell, None where it is empty or not defined."""
    return None if value == "" or (isinstance(value, float) and math.isnan(value)) else value


def schema_text() -> str:
    """Return the JSON schema as it is kept in docs/denmark.schema.json."""
    return json.dumps(CountryResult.model_json_schema(), indent=1, ensure_ascii=False) + "\n"
