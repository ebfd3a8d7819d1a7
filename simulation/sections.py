"""Sections: what a scenario file may say, section by section, with the range of every number.

All rates are per year, shares lie between 0 and 1, money is in DKK at the scenario's price year. What
must hold between the sections is in `checks.py`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulation.numbers import Num, Whole
from simulation.policy import FollowUp, Months, Policy
from simulation.staircase import DEFAULT_STAIRCASE, Staircase

Share = Annotated[Num, Field(ge=0, le=1)]
Rate = Annotated[Num, Field(ge=0, le=50)]
Factor = Annotated[Num, Field(ge=0, le=100)]
Hours = Annotated[Num, Field(ge=0, le=1000)]
Kroner = Annotated[Num, Field(ge=0, le=1e9)]
PerStair = dict[str, Rate]
SharePerStair = dict[str, Share]

SHARE_TOLERANCE = 1e-6


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class LaterPost(_Section):
    """A caseworker's post that opens later, whatever policy is in force."""

    fte: Annotated[Num, Field(gt=0, le=1)] = Field(description="full-time share on children's cases")
    begins: date = Field(description="first month, as a date: 2014-01-01")


class District(_Section):
    """A district: its children today, its caseworkers, its places."""

    name: str = Field(default="all", description="name of the district")
    inflow: Num = Field(ge=0, le=1e6, description="children newly at risk per year")
    caseworkers: tuple[Annotated[Num, Field(ge=0, le=1)], ...] = Field(
        description="one number per post: its full-time share on children's cases, 0 to 1"
    )
    later_posts: tuple[LaterPost, ...] = Field(
        default=(), description="posts that open later, in every policy and without one"
    )
    places: dict[str, Annotated[Whole, Field(ge=0)]] = Field(
        default_factory=dict, description="places on each stair where places are limited"
    )
    start: dict[str, Annotated[Whole, Field(ge=0, le=900_000)]] = Field(
        description="children on each stair at the start"
    )


class Children(_Section):
    """What happens to children: rates per year, chances per follow-up."""

    age_at_arrival: tuple[Share, ...] = Field(description="share of newly at risk per age band")
    age_at_entry: tuple[Share, ...] = Field(description="share of entries into care per age band")
    has_network: Share = Field(description="share of children with kin who could take the child")
    severity_sd: Num = Field(ge=0, le=3, description="sd of the logarithm of severity (mean 1)")
    severity_growth: Factor = Field(description="growth of severity per year while undetected")
    detection_rate: Rate = Field(description="detections per undetected child and year")
    hidden_crisis_rate: Rate = Field(description="acute entries per undetected child and year")
    hidden_recovery_rate: Rate = Field(description="troubles that pass undetected, per year")
    closed_after_assessment: Share = Field(description="share of assessments that end in no case")
    placed_after_assessment: Share = Field(description="share of assessments that end in care")
    placed_age_factor: Factor = Field(description="the same for teenagers, as a multiple")
    teen_age: Whole = Field(
        default=12, ge=0, le=120, description="age bands that begin at it or later have teen factors"
    )
    readiness_rate: PerStair = Field(description="children who become ready to move down, per year")
    crisis_rate: PerStair = Field(description="crises per child and year")
    teen_crisis_factor: Factor = Field(description="crises of teenagers, as a multiple")
    planned_up: SharePerStair = Field(description="chance per follow-up that unmet need is found")
    recognition: Num = Field(
        ge=0, lt=1, description="chance that a follow-up sees and acts on readiness, at attention 1"
    )
    recognition_elasticity: Factor = Field(description="exponent of attention in recognition")
    crisis_elasticity: Num = Field(
        ge=-2, le=2, description="exponent of attention that lowers crises (negative: raises)"
    )
    overdue_effect: Factor = Field(description="added share of crises per month overdue")
    reference_caseload: Num = Field(gt=0, le=1000, description="cases per FTE at attention 1")
    attention_floor: Num = Field(gt=0, le=1, description="lowest attention")
    attention_ceiling: Num = Field(ge=1, le=100, description="highest attention")
    premature: Share = Field(description="chance per follow-up of moving an unready child down")
    early_hr: Factor = Field(description="crises after a premature move, as a multiple")
    early_months: Months = Field(description="months that early_hr holds")
    handover_months: Months = Field(description="months a change of caseworker is felt")
    handover_penalty: Share = Field(description="recognition during a handover, as a share")
    handover_hr: Factor = Field(description="crises during a handover, as a multiple")
    home_share: SharePerStair = Field(description="share of moves down from care that go home")
    breakdown_up: Share = Field(description="share of breakdowns re-placed one stair up")
    entry_share: dict[str, tuple[Share, ...]] = Field(
        description="share of entries per age band, for care stairs that are not family-like"
    )
    reentry_rate: Rate = Field(description="closed cases that come back, per year")
    reentry_months: Months = Field(description="months a closed case may come back")


class GuaranteedShare(_Section):
    """What each kind of work keeps of a caseworker's hours under overload; sums to 1."""

    reactive: Share
    assessments: Share
    follow_ups: Share

    @model_validator(mode="after")
    def _sums_to_one(self) -> GuaranteedShare:
        total = self.reactive + self.assessments + self.follow_ups
        if abs(total - 1.0) > SHARE_TOLERANCE:
            raise ValueError(
                f"the three shares sum to {total:g}, not 1: reactive + assessments + follow_ups "
                "divide one caseworker's hours"
            )
        return self


class Work(_Section):
    """What caseworkers do and how long it takes, in hours and months."""

    case_hours: Hours = Field(description="hours a month for cases per FTE, before sickness")
    sickness: Share = Field(description="share of hours lost to sickness")
    new_worker_factor: Share = Field(description="hours of a new caseworker, as a share")
    new_worker_months: Months = Field(description="months a caseworker counts as new")
    reactive_hours: Hours = Field(description="reactive hours per case and month")
    assessment_hours: Annotated[Num, Field(gt=0, le=1000)] = Field(
        description="hours of one assessment (børnefaglig undersøgelse)"
    )
    assessment_deadline: Months = Field(description="months allowed for an assessment")
    assessment_wait: Annotated[Num, Field(ge=0, le=60)] = Field(
        description="mean months until what others must contribute to an assessment has come"
    )
    follow_up_hours: Hours = Field(description="hours of one follow-up with all that belongs to it")
    weight: dict[str, Factor] = Field(description="relative work of a case per stair")
    guaranteed_share: GuaranteedShare
    turnover_rate: Rate = Field(description="caseworkers who leave, per post and year")
    turnover_elasticity: Factor = Field(description="exponent of attention that lowers turnover")
    vacancy_months: Months = Field(description="months until a vacant post is filled")


class Reviews(_Section):
    """The review rule in force today: months between follow-ups, and who is taken first."""

    first: Annotated[Num, Field(gt=0, le=60)] = Field(description="months to the first follow-up")
    later: Annotated[Num, Field(gt=0, le=60)] = Field(description="months between later ones")
    by_stair: dict[str, FollowUp] = Field(default_factory=dict, description="where stairs differ")
    order: Literal["most_overdue", "most_intrusive"] = Field(
        default="most_overdue", description="which due follow-up a caseworker takes first"
    )

    def rule(self, stair: str) -> FollowUp:
        """Return the follow-up rule of a stair as it is today."""
        return self.by_stair.get(stair, FollowUp(first=self.first, later=self.later))


class Money(_Section):
    """Prices in DKK per year at the scenario's price year."""

    unit_price: dict[str, Kroner] = Field(description="DKK per child-year on each stair")
    price_spread: dict[str, Share] = Field(description="coefficient of variation of a price")
    salary: Kroner = Field(description="DKK per FTE and year, without overhead")
    overhead: Share = Field(description="overhead as a share of salary")
    leader_factor: Factor = Field(description="team leader's salary as a multiple")
    refund_threshold: tuple[Kroner, ...] | None = Field(
        default=None, description="DKK per child and calendar year, for all years; the law's by default"
    )
    refund_share: tuple[Share, ...] | None = Field(
        default=None, description="state's share above each threshold; the law's by default"
    )
    discount_rate: Share | None = Field(
        default=None, description="society's discount rate per year; the one in force by default"
    )
    start_cost_per_fte: Kroner = Field(description="DKK once per extra FTE (training, equipment)")

    @model_validator(mode="after")
    def _refund_rises(self) -> Money:
        if self.refund_threshold is None or self.refund_share is None:
            if self.refund_threshold is not self.refund_share:
                raise ValueError(
                    "money.refund_threshold and money.refund_share go together: give both, or neither "
                    "(then the law of each calendar year holds)"
                )
            return self
        if len(self.refund_threshold) != len(self.refund_share):
            raise ValueError(
                f"money.refund_threshold has {len(self.refund_threshold)} values and money.refund_share "
                f"{len(self.refund_share)}; give one share per threshold"
            )
        if list(self.refund_threshold) != sorted(self.refund_threshold):
            shown = ", ".join(f"{x:g}" for x in self.refund_threshold)
            raise ValueError(f"money.refund_threshold = [{shown}] must rise from left to right")
        return self


class Baseline(_Section):
    """Levers as they stand today; a policy changes them."""

    orientation: Factor = Field(description="practice: multiplies the exponent of recognition")
    residential_odds: Factor = Field(description="practice: odds ratio of residential at entry")
    network_search: Share = Field(description="supply: chance that a search finds existing kin")
    outreach: Factor = Field(description="supply: detection, as a multiple")
    surveillance: Factor = Field(description="extra unmet need found, as a share of planned_up")


class ScenarioFields(_Section):
    """All that a scenario says, not yet filled in and not checked as a whole."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$", description="short name of the scenario")
    title: str = Field(default="", description="name for people, such as 'Fanø Kommune'")
    about: str = Field(default="", description="what the scenario is, in a sentence or two")
    start: date = Field(description="first month, as a date: 2016-01-01")
    months: Whole = Field(ge=1, le=1200, description="length of the simulation in months")
    price_year: Whole = Field(ge=2000, le=2100, description="price level of every amount in DKK")
    age_bands: tuple[Annotated[Whole, Field(ge=0, le=120)], ...] = Field(
        default=(0, 4, 12, 15), description="youngest age of each age band, in years"
    )
    leave_age: Whole = Field(default=18, ge=1, le=120, description="age at which the case ends")
    staircase: Staircase = DEFAULT_STAIRCASE
    districts: tuple[District, ...] = Field(min_length=1, description="at least one [[districts]]")
    children: Children
    work: Work
    reviews: Reviews
    money: Money
    baseline: Baseline
    policies: dict[str, Policy] = Field(default_factory=dict)
    sources: dict[str, str] = Field(default_factory=dict, description="where local numbers come from")

    @property
    def label(self) -> str:
        """The scenario's name for people."""
        return self.title or self.name

    @property
    def fte(self) -> float:
        """FTE on children's cases today, over all districts."""
        return sum(sum(d.caseworkers) for d in self.districts)

    def month_of(self, day: date) -> int:
        """Return the number of whole months from the scenario's start to `day`."""
        return (day.year - self.start.year) * 12 + day.month - self.start.month

    def policy(self, name: str) -> Policy:
        """Return a policy by name; KeyError names the policies there are."""
        if name not in self.policies:
            import difflib

            near = difflib.get_close_matches(name, self.policies, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            known = ", ".join(self.policies) or "none"
            raise KeyError(f"scenario {self.name!r} has no policy {name!r}{hint}; it has: {known}")
        return self.policies[name]
