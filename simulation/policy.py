"""Policy: a named set of changes to levers, from a start month, with a linear ramp.

The four sections are the four causes that every published success changed together: capacity, reviews,
practice and supply. Each can be pulled alone (`only`). The fifth, world, says how the world answers: the
need that more contact finds comes and goes with the causes that bring more contact.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulation.fields import from_record
from simulation.numbers import Num, Whole

Cause = Literal["capacity", "reviews", "practice", "supply"]
CAUSES: tuple[Cause, ...] = ("capacity", "reviews", "practice", "supply")
CONTACT: tuple[Cause, ...] = ("capacity", "reviews")
"""The causes that bring more contact: more hours, or more frequent follow-ups."""


Months = Annotated[Whole, Field(ge=0, le=1200)]
_Factor = Annotated[Num, Field(ge=0, le=100)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class FollowUp(_Section):
    """Months between follow-ups on one stair: the first, then `early`, then `later`."""

    first: Annotated[Num, from_record("reviews.first")]
    later: Annotated[Num, from_record("reviews.later")]
    early: Annotated[Num | None, from_record("policy.follow_up_early")] = None
    early_months: Annotated[Whole, from_record("policy.follow_up_early_months")] = 0


class Capacity(_Section):
    """More caseworkers."""

    extra_fte: tuple[Annotated[Num, Field(gt=0, le=1)], ...] = Field(
        default=(), description="new posts per district, one number each: full-time share on children"
    )
    team_leader: Annotated[Num, from_record("policy.team_leader")] = 0.0
    leakage: Annotated[Num, from_record("policy.leakage")] = 0.0
    start_cost: Annotated[
        Num | None,
        from_record(
            "money.start_cost_per_fte", "DKK once; as a rule money.start_cost_per_fte x extra FTE"
        ),
    ] = None


class ReviewRule(_Section):
    """More frequent follow-ups. What is not given stays as it is today."""

    first: Annotated[Num | None, from_record("policy.follow_up_first")] = None
    later: Annotated[Num | None, from_record("policy.follow_up_later")] = None
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
        given = {k: v for k, v in changes.items() if v is not None}
        return today.model_copy(update=given) if given else today


class Practice(_Section):
    """Orientation towards the least intrusive stair that suffices."""

    orientation: Annotated[Num | None, from_record("policy.orientation")] = None
    residential_odds: Annotated[Num | None, from_record("policy.residential_odds")] = None
    without_leader: Annotated[Num, from_record("policy.without_leader")] = 1.0


class Programme(_Section):
    """A programme beside casework: a course with seats, a price, and an effect that may be none."""

    label: str = Field(default="", description="Danish or local name, for people")
    english: str = Field(default="", description="English name, for people; the label where it is empty")
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

    network_search: Annotated[Num | None, from_record("policy.network_search")] = None
    extra_places: dict[str, Annotated[Whole, Field(ge=-100_000, le=100_000)]] = Field(
        default_factory=dict, description="places more (or fewer) on limited stairs, per district"
    )
    outreach: Annotated[Num | None, from_record("policy.outreach")] = None
    programmes: dict[str, Programme] = Field(default_factory=dict, description="courses beside casework")
    running_cost: Annotated[Num, Field(ge=0, le=1e9)] = Field(
        default=0.0, description="DKK per year for what supply needs beside posts and courses"
    )


class World(_Section):
    """How the world answers; not a lever but what nobody can know beforehand."""

    effect: Annotated[Num, from_record("policy.effect")] = 1.0
    surveillance: Annotated[Num | None, from_record("policy.surveillance")] = None


class Policy(_Section):
    """A named set of changes. Baseline and policy meet the same children and the same luck."""

    label: str = Field(default="", description="Danish or local name, for people")
    english: str = Field(default="", description="English name, for people; the label where it is empty")
    about: str = Field(default="", description="what it is, in a sentence")
    like: str | None = Field(default=None, description="another policy to start from")
    only: tuple[Cause, ...] | None = Field(
        default=None, description="causes kept of it; surveillance with capacity or reviews only"
    )
    start: date | None = Field(default=None, description="first month; the scenario's by default")
    stop: date | None = Field(default=None, description="first month after it, where it ends")
    ramp_months: Annotated[Whole, from_record("policy.ramp_months")] = 0
    districts: tuple[str, ...] | None = Field(default=None, description="all by default")
    reach: Annotated[Num, from_record("policy.reach")] = 1.0
    capacity: Capacity = Capacity()
    reviews: ReviewRule = ReviewRule()
    practice: Practice = Practice()
    supply: Supply = Supply()
    world: World = World()

    def keeping(self, causes: Collection[str]) -> Policy:
        """Return this policy with all causes but `causes` as they are today.

        The empty combination does nothing at all. `world.surveillance` stays with the causes that bring
        more contact (`brings_contact`), `world.effect` always. Without capacity there is no team leader,
        so practice takes hold as far as `without_leader` says. Raises ValueError for what is no cause.
        """
        if strangers := sorted(set(causes) - set(CAUSES)):
            raise ValueError(f"causes = {strangers}: the causes are {', '.join(CAUSES)}")
        blank = Policy()
        dropped: dict[str, Any] = {c: getattr(blank, c) for c in CAUSES if c not in causes}
        if not brings_contact(causes):
            dropped["world"] = self.world.model_copy(update={"surveillance": None})
        return self.model_copy(update=dropped)


def brings_contact(causes: Collection[str]) -> bool:
    """Return whether one of `causes` brings more contact, which also finds more need."""
    return any(cause in CONTACT for cause in causes)
