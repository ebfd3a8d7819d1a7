"""Sections: what a scenario file may say, section by section.

All rates are per year, shares lie between 0 and 1, money is in DKK at the scenario's price year. The
bounds and the meaning of a number come from its evidence record (`fields.py`). What must hold between the
sections is in `checks.py`.
"""

from __future__ import annotations

from datetime import date
from pathlib import PurePath
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, model_validator

from simulation.fields import each, from_family, from_record
from simulation.first_day import FirstDay
from simulation.numbers import Num, Whole
from simulation.policy import FollowUp, Policy
from simulation.remembered import remembered
from simulation.staircase import DEFAULT_STAIRCASE, Staircase

SHARE_TOLERANCE = 1e-6
PEOPLE, PERSON_MONTHS = "children", "child-months"
"""Units that a scenario may have other words for: `ScenarioFields.in_words`."""
_WORD = r"^\w[\w -]{0,29}$"


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

    age_at_arrival: tuple[Annotated[Num, each("children.age_at_arrival")], ...] = from_family(
        "children.age_at_arrival"
    )
    age_at_entry: tuple[Annotated[Num, each("children.age_at_entry")], ...] = from_family(
        "children.age_at_entry"
    )
    has_network: Annotated[Num, from_record("children.has_network")]
    severity_sd: Annotated[Num, from_record("children.severity_sd")]
    severity_growth: Annotated[Num, from_record("children.severity_growth")]
    detection_rate: Annotated[Num, from_record("children.detection_rate")]
    hidden_crisis_rate: Annotated[Num, from_record("children.hidden_crisis_rate")]
    hidden_recovery_rate: Annotated[Num, from_record("children.hidden_recovery_rate")]
    closed_after_assessment: Annotated[Num, from_record("children.closed_after_assessment")]
    placed_after_assessment: Annotated[Num, from_record("children.placed_after_assessment")]
    placed_age_factor: Annotated[Num, from_record("children.placed_age_factor")]
    teen_age: Annotated[Whole, from_record("children.teen_age")] = 12
    readiness_rate: dict[str, Annotated[Num, each("children.readiness_rate")]] = from_family(
        "children.readiness_rate"
    )
    crisis_rate: dict[str, Annotated[Num, each("children.crisis_rate")]] = from_family(
        "children.crisis_rate"
    )
    teen_crisis_factor: Annotated[Num, from_record("children.teen_crisis_factor")]
    planned_up: dict[str, Annotated[Num, each("children.planned_up")]] = from_family(
        "children.planned_up"
    )
    recognition: Annotated[Num, from_record("children.recognition")]
    recognition_elasticity: Annotated[Num, from_record("children.recognition_elasticity")]
    crisis_elasticity: Annotated[Num, from_record("children.crisis_elasticity")]
    overdue_effect: Annotated[Num, from_record("children.overdue_effect")]
    reference_caseload: Annotated[Num, from_record("children.reference_caseload")]
    attention_floor: Annotated[Num, from_record("children.attention_floor")]
    attention_ceiling: Annotated[Num, from_record("children.attention_ceiling")]
    premature: Annotated[Num, from_record("children.premature")]
    early_hr: Annotated[Num, from_record("children.early_hr")]
    early_months: Annotated[Whole, from_record("children.early_months")]
    handover_months: Annotated[Whole, from_record("children.handover_months")]
    handover_penalty: Annotated[Num, from_record("children.handover_penalty")]
    handover_hr: Annotated[Num, from_record("children.handover_hr")]
    home_share: dict[str, Annotated[Num, each("children.home_share")]] = from_family(
        "children.home_share"
    )
    breakdown_up: Annotated[Num, from_record("children.breakdown_up")]
    entry_share: dict[str, tuple[Annotated[Num, each("children.entry_share")], ...]] = from_family(
        "children.entry_share"
    )
    reentry_rate: Annotated[Num, from_record("children.reentry_rate")]
    reentry_months: Annotated[Whole, from_record("children.reentry_months")]


class GuaranteedShare(_Section):
    """What each kind of work keeps of a caseworker's hours under overload; sums to 1."""

    reactive: Annotated[Num, from_record("work.guaranteed_share.reactive")]
    assessments: Annotated[Num, from_record("work.guaranteed_share.assessments")]
    follow_ups: Annotated[Num, from_record("work.guaranteed_share.follow_ups")]

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

    case_hours: Annotated[Num, from_record("work.case_hours")]
    sickness: Annotated[Num, from_record("work.sickness")]
    new_worker_factor: Annotated[Num, from_record("work.new_worker_factor")]
    new_worker_months: Annotated[Whole, from_record("work.new_worker_months")]
    reactive_hours: Annotated[Num, from_record("work.reactive_hours")]
    assessment_hours: Annotated[Num, from_record("work.assessment_hours")]
    assessment_deadline: Annotated[Whole, from_record("work.assessment_deadline")]
    assessment_wait: Annotated[Num, from_record("work.assessment_wait")]
    follow_up_hours: Annotated[Num, from_record("work.follow_up_hours")]
    weight: dict[str, Annotated[Num, each("work.weight")]] = from_family("work.weight")
    guaranteed_share: GuaranteedShare
    turnover_rate: Annotated[Num, from_record("work.turnover_rate")]
    turnover_elasticity: Annotated[Num, from_record("work.turnover_elasticity")]
    vacancy_months: Annotated[Whole, from_record("work.vacancy_months")]


class Reviews(_Section):
    """The review rule in force today: months between follow-ups, and who is taken first."""

    first: Annotated[Num, from_record("reviews.first")]
    later: Annotated[Num, from_record("reviews.later")]
    by_stair: dict[str, FollowUp] = Field(default_factory=dict, description="where stairs differ")
    order: Literal["most_overdue", "most_intrusive"] = Field(
        default="most_overdue", description="which due follow-up a caseworker takes first"
    )

    def rule(self, stair: str) -> FollowUp:
        """Return the follow-up rule of a stair as it is today."""
        return self.by_stair.get(stair) or _usual_rule(self)


@remembered
def _usual_rule(reviews: Reviews) -> FollowUp:
    return FollowUp(first=reviews.first, later=reviews.later)


class Money(_Section):
    """Prices in DKK per year at the scenario's price year."""

    unit_price: dict[str, Annotated[Num, each("money.unit_price")]] = from_family("money.unit_price")
    price_spread: dict[str, Annotated[Num, each("money.price_spread")]] = from_family(
        "money.price_spread"
    )
    salary: Annotated[Num, from_record("money.salary")]
    overhead: Annotated[Num, from_record("money.overhead")]
    leader_factor: Annotated[Num, from_record("money.leader_factor")]
    refund_threshold: Annotated[
        tuple[Annotated[Num, each("refund.threshold")], ...] | None, from_family("refund.threshold")
    ] = None
    refund_share: Annotated[
        tuple[Annotated[Num, each("refund.share")], ...] | None, from_family("refund.share")
    ] = None
    discount_rate: Annotated[
        Annotated[Num, each("society.discount_rate")] | None, from_family("society.discount_rate")
    ] = None
    start_cost_per_fte: Annotated[Num, from_record("money.start_cost_per_fte")]

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

    orientation: Annotated[Num, from_record("baseline.orientation")]
    residential_odds: Annotated[Num, from_record("baseline.residential_odds")]
    network_search: Annotated[Num, from_record("baseline.network_search")]
    outreach: Annotated[Num, from_record("baseline.outreach")]
    surveillance: Annotated[Num, from_record("baseline.surveillance")]


def _loaded(value: Any) -> FirstDay | None:
    if value is None or isinstance(value, FirstDay):
        return value
    if isinstance(value, dict):
        raise ValueError(
            "case_list.children holds a number and a hash only: the children themselves are never "
            "written out with a scenario; read it from its own file"
        )
    if isinstance(value, str):
        raise ValueError(
            f"case_list.children = {value!r} is a path that was not followed; read the scenario from its "
            "file (simulation.reading.read_scenario)"
        )
    raise ValueError(
        f"case_list.children = {value!r} must be the path of a file in quotation marks, such as "
        '"children.csv"'
    )


def _summary(day: FirstDay | None) -> dict[str, Any] | None:
    return None if day is None else {"number": len(day), "sha256": day.digest}


def _file_name(path: str | None) -> str | None:
    return None if path is None else PurePath(path).name


_Rows = Annotated[FirstDay | None, PlainValidator(_loaded), PlainSerializer(_summary, when_used="json")]
"""Children of a case list; in JSON their number and a hash, so that no result holds a row."""

_Path = Annotated[str | None, PlainSerializer(_file_name, when_used="json")]
"""A path, absolute where a file was read; in JSON the name only, so that no result names a folder."""


class CaseListFiles(_Section):
    """What a municipality's own case list gives a scenario: files beside it, by paths relative to it."""

    children: _Rows = Field(default=None, description="file of the children of the first day")
    draws: _Path = Field(default=None, description="file of draws of the municipality's own numbers")
    back_test: _Path = Field(default=None, description="file of forecasts made from earlier days")
    until: date | None = Field(
        default=None, description="day of the export: nothing is known from then on"
    )
    internal: bool = Field(
        default=False, description="whether results may show stairs on which under 5 children began"
    )


class ScenarioFields(_Section):
    """All that a scenario says, not yet filled in and not checked as a whole."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$", description="short name of the scenario")
    title: str = Field(default="", description="name for people, such as 'Fanø Kommune'")
    english: str = Field(default="", description="the same in English; the title where it is empty")
    about: str = Field(default="", description="what the scenario is, in a sentence or two")
    start: date = Field(description="first month, as a date: 2016-01-01")
    months: Whole = Field(ge=1, le=1200, description="length of the simulation in months")
    price_year: Whole = Field(ge=2000, le=2100, description="price level of every amount in DKK")
    age_bands: tuple[Annotated[Whole, Field(ge=0, le=120)], ...] = Field(
        default=(0, 4, 12, 15), description="youngest age of each age band, in years"
    )
    leave_age: Whole = Field(default=18, ge=1, le=120, description="age at which the case ends")
    is_average: bool = Field(
        default=False, description="an average of municipalities: no place of its own among them"
    )
    staircase: Staircase = DEFAULT_STAIRCASE
    person: str = Field(
        default="child", pattern=_WORD, description="what one on the staircase is called in output"
    )
    people: str = Field(default="children", pattern=_WORD, description="the same, of several")
    districts: tuple[District, ...] = Field(min_length=1, description="at least one [[districts]]")
    children: Children
    work: Work
    reviews: Reviews
    money: Money
    baseline: Baseline
    case_list: CaseListFiles | None = Field(
        default=None, description="the municipality's own case list, in files of its own"
    )
    policies: dict[str, Policy] = Field(default_factory=dict)
    sources: dict[str, str] = Field(default_factory=dict, description="where local numbers come from")

    @property
    def label(self) -> str:
        """The scenario's name for people, the English one where it has one."""
        return self.english or self.title or self.name

    def in_words(self, unit: str) -> str:
        """Return a unit as the scenario calls it: where the person is an adult, "adult-months"."""
        return {PEOPLE: self.people, PERSON_MONTHS: f"{self.person}-months"}.get(unit, unit)

    @property
    def fte(self) -> float:
        """FTE on children's cases today, over all districts."""
        return sum(sum(d.caseworkers) for d in self.districts)

    @property
    def first_day(self) -> FirstDay | None:
        """The children of the first day where a case list gives them, else None."""
        return self.case_list.children if self.case_list else None

    @property
    def not_listed(self) -> list[str]:
        """The stairs on which the children of the first day are not those of a case list.

        A case list knows nobody who is undetected, and may know of care only: then nobody in it is under
        assessment or helped at home.
        """
        day = self.first_day
        if day is None:
            return self.staircase.keys
        drawn = [x.key for x in self.staircase if x.kind != "care"]
        return [key for key in drawn if not day.lists(key)]

    def counted(self, district: District) -> dict[str, int]:
        """Return the children on each stair of a district on the first day, as far as they are counted.

        Those of the case list where there is one; `start` counts for the stairs that are `not_listed`.
        """
        day, start = self.first_day, district.start
        if day is None:
            return start
        found = day.counts.get(district.name, dict.fromkeys(self.staircase.keys, 0))
        others = self.not_listed
        listed = {key: n for key, n in found.items() if key not in others}
        return {key: n for key, n in start.items() if key not in listed} | listed

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
