"""A validation for machines: what `--json` prints, and the rows of its csv file.

The schema is in docs/validate.schema.json.
"""

from __future__ import annotations

import json
import math
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from experiments.store import project_version
from experiments.tables_validation import PUBLISHED, RULE, covers, summary
from experiments.validation.study import Validation
from experiments.validation.targets import REQUIREMENTS
from experiments.validation.verdicts import Row

FORMAT = "trappe-validate-1"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Target(_Model):
    """One target or requirement."""

    target: str = Field(description="name of the target's record, or of the requirement")
    group: str
    label: str
    status: str = Field(description="fitted, held out, or required")
    unit: str
    published: float | None = Field(description="the published figure; null for a requirement")
    published_low: float | None
    published_high: float | None
    published_kind: str = Field(
        description="what low and high are: one standard deviation, a range, exact, or at most"
    )
    published_half: float | None = Field(
        description="half-width used by the rule: 1.645 standard deviations of what is not known"
    )
    grade: str = Field(description="how well the published figure is known, A to D")
    mean: float | None = Field(description="the model's mean; null where it is not defined")
    low: float | None = Field(description="5 % of the model's values")
    high: float | None = Field(description="95 % of the model's values")
    values: int = Field(description="how many values of the model there are and are defined")
    verdict: str = Field(description="inside, holds, fails, or reported (an expectation, not judged)")
    p: float | None = Field(
        description="share of values that reach an expectation, or keep to a requirement"
    )


class ValidationResult(_Model):
    """All targets, with verdicts."""

    format: str = Field(default=FORMAT, description="changes when the meaning of a field changes")
    version: str = Field(description="version of the program")
    seed: int
    runs: int = Field(description="draws from the posterior, or runs at the recorded values")
    drawn: bool = Field(description="whether parameters were drawn from the posterior")
    interval_covers: str
    rule: str
    published: str
    summary: list[str]
    targets: list[Target]
    not_simulated: dict[str, str] = Field(description="target: reason")


def as_rows(found: Validation) -> list[dict[str, Any]]:
    """Return one row per target and requirement, by the fields of `Target`."""
    return [_row(row) for row in found.rows]


def _row(row: Row) -> dict[str, Any]:
    f, (low, high) = row.figure, row.interval
    most = REQUIREMENTS[row.name].most if f is None else None
    judged_by_p = row.verdict not in ("inside", "fails") or f is None
    return {
        "target": row.name,
        "group": row.group,
        "label": row.label,
        "status": row.status,
        "unit": row.unit,
        "published": f.value if f else None,
        "published_low": f.low if f else None,
        "published_high": f.high if f else most,
        "published_kind": f.kind if f else "at most",
        "published_half": f.half if f else None,
        "grade": row.grade,
        "mean": _known(row.mean),
        "low": _known(low),
        "high": _known(high),
        "values": len(row.known),
        "verdict": row.verdict,
        "p": _known(row.p) if judged_by_p else None,
    }


def _known(x: float) -> float | None:
    return None if math.isnan(x) else x


def as_json(found: Validation) -> str:
    """Return a validation as JSON text by the documented schema."""
    result = ValidationResult(
        version=project_version(),
        seed=found.seed,
        runs=found.n,
        drawn=found.drawn,
        interval_covers=covers(found),
        rule=RULE,
        published=PUBLISHED,
        summary=summary(found),
        targets=[Target.model_validate(row) for row in as_rows(found)],
        not_simulated=found.missing,
    )
    return result.model_dump_json(indent=1)


def schema_text() -> str:
    """Return the JSON schema as it is kept in docs/validate.schema.json."""
    return json.dumps(ValidationResult.model_json_schema(), indent=1, ensure_ascii=False) + "\n"
