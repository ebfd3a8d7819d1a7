"""Policy: a named set of changes to levers, from a start month, with a linear ramp.

The four sections are the four causes that every published success changed together: capacity, reviews,
practice and supply. Each can be pulled alone (`only`). The fifth, world, says how the world answers.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulation.numbers import Num, Whole

Months = Annotated[Whole, Field(ge=0, le=1200)]
Cause = Literal["capacity", "reviews", "practice", "supply"]
CAUSES: tuple[Cause, ...] = ("capacity", "reviews", "practice", "supply")

_Interval = Annotated[Num, Field(gt=0, le=60)]
_Factor = Annotated[Num, Field(ge=0, le=100)]
_Share = Annotated[Num, Field(ge=0, le=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class FollowUp(_Section):
    """Months between follow-ups on one stair: the first, then `early`, then `later`."""

    first: _Interval = Field(description="months from the move to the first follow-up")
    later: _Interval = Field(description="months between later follow-ups")
    early: _Interval | None = Field(default=None, description="months between, while it is early")
    early_months: Months = Field(default=0, description="months on the stair that `early` holds")


class Capacity(_Section):
    """More caseworkers."""

    extra_fte: tuple[Annotated[Num, Field(gt=0, le=1)], ...] = Field(
        default=(), description="new posts per district, one number each: full-time share on children"
    )
    team_leader: Annotated[Num, Field(ge=0, le=10)] = Field(
        default=0.0, description="team leader or coordinator, FTE"
    )
    leakage: _Share = Field(
        default=0.0, description="share of the new hours that other (adult) cases absorb"
    )
    start_cost: Annotated[Num, Field(ge=0, le=1e9)] | None = Field(
        default=None, description="DKK once; as a rule money.start_cost_per_fte x extra FTE"
    )


class ReviewRule(_Section):
    """More frequent follow-ups. What is not given stays as it is today."""

    first: _Interval | None = Field(default=None, description="months to the first follow-up")
    later: _Interval | None = Field(default=None, description="months between later follow-ups")
    by_stair: dict[str, FollowUp] = Field(default_factory=dict, description="where stairs differ")
    order: Literal["most_overdue", "most_intrusive"] | None = Field(
        default=None, description="which due follow-up is taken first"
    )

    def instead_of(self, today: FollowUp, stair: str) -> FollowUp:
        """Return the follow-up rule of a stair under this policy in full force, given today's."""
        if stair in self.by_stair:
            return self.by_stair[stair]
        changes = {"first": self.first, "later": self.later}
        if self.later is not None and today.early is not None:
            changes["early"] = self.later
        return today.model_copy(update={k: v for k, v in changes.items() if v is not None})


class Practice(_Section):
    """Orientation towards the least intrusive stair that suffices."""

    orientation: _Factor | None = Field(
        default=None, description="multiplies the exponent of recognition"
    )
    residential_odds: _Factor | None = Field(default=None, description="odds ratio at entry")
    without_leader: _Share = Field(
        default=1.0, description="share of the change that takes hold without a team leader"
    )


class Programme(_Section):
    """A programme beside casework: a course with seats, a price, and an effect that may be none."""

    label: str = Field(default="", description="Danish or local name, for people")
    stair: str = Field(description="stair whose children may take part")
    from_age: Annotated[Whole, Field(ge=0, le=120)] = Field(default=0, description="youngest, years")
    to_age: Annotated[Whole, Field(ge=0, le=120)] = Field(default=120, description="oldest, years")
    places: Annotated[Whole, Field(ge=0, le=100_000)] = Field(
        description="children in a course at a time, per district"
    )
    months: Annotated[Whole, Field(ge=1, le=1200)] = Field(description="length of a course, months")
    lasts: Months = Field(default=0, description="months the effect lasts after the course")
    cost: Annotated[Num, Field(ge=0, le=1e9)] = Field(description="DKK per course begun")
    crisis: _Factor = Field(default=1.0, description="crises, as a multiple")
    readiness: _Factor = Field(default=1.0, description="becoming ready, as a multiple")
    placed: _Factor = Field(default=1.0, description="care after an assessment, as a multiple")
    gravest_first: bool = Field(
        default=False, description="seats go to the gravest cases, else to those longest on the stair"
    )


class Supply(_Section):
    """Network search, foster homes, early detection, programmes beside casework."""

    network_search: _Share | None = Field(default=None, description="chance that kin are found")
    extra_places: dict[str, Annotated[Whole, Field(ge=-100_000, le=100_000)]] = Field(
        default_factory=dict, description="places more (or fewer) on limited stairs, per district"
    )
    outreach: _Factor | None = Field(default=None, description="detection, as a multiple")
    programmes: dict[str, Programme] = Field(default_factory=dict, description="courses beside casework")
    running_cost: Annotated[Num, Field(ge=0, le=1e9)] = Field(
        default=0.0, description="DKK per year for what supply needs beside posts and courses"
    )


class World(_Section):
    """How the world answers; not a lever but what nobody can know beforehand."""

    effect: _Share = Field(
        default=1.0, description="share of every change that reaches children (0: salaries only)"
    )
    surveillance: _Factor | None = Field(default=None, description="extra unmet need found")


class Policy(_Section):
    """A named set of changes. Baseline and policy meet the same children and the same luck."""

    label: str = Field(default="", description="Danish or local name, for people")
    about: str = Field(default="", description="what it is, in a sentence")
    like: str | None = Field(default=None, description="another policy to start from")
    only: tuple[Cause, ...] | None = Field(default=None, description="causes kept of it")
    start: date | None = Field(default=None, description="first month; the scenario's by default")
    stop: date | None = Field(default=None, description="first month after it, where it ends")
    ramp_months: Months = Field(default=0, description="months until fully in force (linear)")
    districts: tuple[str, ...] | None = Field(default=None, description="all by default")
    reach: _Share = Field(default=1.0, description="share of children in these districts covered")
    capacity: Capacity = Capacity()
    reviews: ReviewRule = ReviewRule()
    practice: Practice = Practice()
    supply: Supply = Supply()
    world: World = World()

    def keeping(self, causes: tuple[Cause, ...]) -> Policy:
        """Return this policy with all causes but `causes` as they are today."""
        blank = Policy()
        dropped: dict[str, Any] = {c: getattr(blank, c) for c in CAUSES if c not in causes}
        return self.model_copy(update=dropped)
