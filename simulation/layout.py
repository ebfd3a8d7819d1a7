"""Layout: the records that both engines read and the kernel writes, field by field.

A record is handed on by reference, which is what makes the kernel fast; its inner arrays are of fixed
size, hence the limits below. `simulation.plain` turns a record into an object with the same field names,
so the agents engine reads `t.stair[i].youngest` just as the kernel does.
"""

from __future__ import annotations

from typing import Any

import numpy as np

MOST_STAIRS = 14
MOST_BANDS = 8
MOST_THRESHOLDS = 4
MOST_PROGRAMMES = 6
PLACES = MOST_STAIRS + 2
"""Stairs, and behind the last one: closed, then gone."""
MOST_COLUMNS = 112

LEVER = np.dtype(
    [
        ("orientation", "f8"),
        ("network_search", "f8"),
        ("outreach", "f8"),
        ("surveillance", "f8"),
    ]
)
TARGET = np.dtype([("first", "f8"), ("early", "f8"), ("later", "f8"), ("early_months", "i8")])
PROGRAMME = np.dtype(
    [
        ("stair", "i8"),  # whose children may take part
        ("youngest", "i8"),  # months
        ("oldest", "i8"),  # months, exclusive
        ("months", "i8"),  # length of a course
        ("lasts", "i8"),  # months its effect lasts after it
        ("cost", "f8"),  # DKK per course
        ("gravest_first", "i8"),  # who goes first: the gravest, or who has waited longest
        ("crisis", "f8"),  # from here on: what a course does to a child, as factors
        ("readiness", "f8"),
        ("placed", "f8"),
    ]
)
"""A programme beside casework, such as a family course, with a limited number of seats."""

REFUND = np.dtype([("threshold", "f8"), ("share", "f8")])
MONTH = np.dtype(
    [
        ("lever", LEVER, (2,)),  # [covered]
        ("target", TARGET, (2, PLACES)),  # [covered, stair] months
        ("entry_share", "f8", (2, MOST_BANDS, PLACES)),  # [covered, band, stair]
        ("staff_cost", "f8"),  # DKK
        ("one_off", "f8"),  # DKK
        ("running_cost", "f8"),  # DKK, of supply
        ("seats", "i8", (MOST_PROGRAMMES,)),  # in each district of the policy
        ("intrusive_first", "i8", (2,)),  # [post in the policy]: order of due follow-ups
        ("anniversary", "i8"),  # 1 in the last month of each year of the simulation
        ("year_begins", "i8"),  # 1 in every January but a first month
        ("new_rules", "i8"),  # 1 where follow-up rules may not be those of the month before
        ("n_refunds", "i8"),
        ("refund", REFUND, (MOST_THRESHOLDS,)),  # of this calendar year
    ]
)
"""What a policy or the calendar changes, month by month."""

STAIR = np.dtype(
    [
        ("youngest", "i8"),  # months
        ("family_like", "i8"),
        ("needs_network", "i8"),
        ("planned_up", "f8"),
        ("home_share", "f8"),
        ("reactive_hours", "f8"),  # per month, that a case asks for
        ("follow_up_hours", "f8"),  # of one follow-up
        ("unit_price", "f8"),  # DKK per month
        ("price_sd", "f8"),  # of the logarithm
        ("start_hazard", "f8"),  # per month, of leaving the stair, for the first day
        ("start_unready", "f8"),  # share not ready just after a follow-up, on the first day
        ("start_ready_hazard", "f8"),  # per month, of becoming ready
        ("start_first", "f8"),  # months to the first follow-up as achieved; 0 where there are none
        ("start_later", "f8"),  # months between later ones as achieved
    ]
)
RATE = np.dtype([("ready_chance", "f8"), ("crisis_hazard", "f8")])
BAND = np.dtype(
    [
        ("start", "i8"),  # months
        ("width", "i8"),  # months
        ("arrival", "f8"),  # cumulated share of children newly at risk
        ("placed", "f8"),  # chance of care after an assessment at severity 1
        ("teen", "i8"),  # whether it begins at the teen age or later
    ]
)
TABLE = np.dtype(
    [
        ("n_months", "i8"),
        ("n_stairs", "i8"),
        ("n_districts", "i8"),
        ("n_bands", "i8"),
        ("n_programmes", "i8"),
        ("hidden", "i8"),  # position of the stair, -1 where there is none
        ("assessment", "i8"),
        ("first_home", "i8"),
        ("last_home", "i8"),
        ("first_care", "i8"),  # n_stairs where there is no care
        ("closed", "i8"),
        ("gone", "i8"),
        ("leave_age", "i8"),  # months
        ("stair", STAIR, (PLACES,)),
        ("rate", RATE, (PLACES, MOST_BANDS)),  # [stair, band] per month
        ("band", BAND, (MOST_BANDS,)),
        ("band_of_year", "u4", (128,)),  # [age in years]
        ("programme", PROGRAMME, (MOST_PROGRAMMES,)),
        ("has_network", "f8"),
        ("severity_sd", "f8"),
        ("severity_growth", "f8"),  # factor per month
        ("detection_hazard", "f8"),
        ("hidden_crisis_hazard", "f8"),
        ("hidden_recovery_hazard", "f8"),
        ("closed_after_assessment", "f8"),
        ("recognition_hazard", "f8"),  # over one follow-up
        ("recognition_elasticity", "f8"),
        ("crisis_elasticity", "f8"),
        ("overdue_effect", "f8"),
        ("reference_caseload", "f8"),
        ("attention_floor", "f8"),
        ("attention_ceiling", "f8"),
        ("premature", "f8"),
        ("early_hr", "f8"),
        ("early_months", "i8"),
        ("handover_months", "i8"),
        ("handover_penalty", "f8"),
        ("handover_hr", "f8"),
        ("breakdown_up", "f8"),
        ("reentry_hazard", "f8"),
        ("reentry_months", "i8"),
        ("case_hours", "f8"),
        ("sickness", "f8"),
        ("new_worker_factor", "f8"),
        ("new_worker_months", "i8"),
        ("assessment_hours", "f8"),
        ("assessment_deadline", "i8"),
        ("assessment_wait", "f8"),  # months, mean
        ("share_reactive", "f8"),
        ("share_assessments", "f8"),
        ("share_follow_ups", "f8"),
        ("turnover_rate", "f8"),
        ("turnover_elasticity", "f8"),
        ("leaving_hazard", "f8"),  # per month, the highest there can be
        ("vacancy_months", "i8"),
    ]
)
"""A scenario under one policy: everything that does not change from month to month."""

DISTRICT = np.dtype(
    [
        ("inflow", "f8"),  # children newly at risk per month
        ("reach", "f8"),  # share of children covered by the policy
        ("start_count", "i8", (PLACES,)),  # -1: drawn from the mean
        ("start_mean", "f8", (PLACES,)),
        ("given", "i8", (PLACES,)),  # first row of GIVEN of each stair; -1 where its children are drawn
        ("starting", "i8", (PLACES,)),  # children on each stair on the first day
        ("left", "i8", (PLACES,)),  # of these not yet numbered
        ("free", "i8", (PLACES,)),  # places free now
        ("in_policy", "i8"),  # whether the policy holds here
        ("seated", "i8", (MOST_PROGRAMMES,)),  # seats taken now
    ]
)
GIVEN = np.dtype(
    [
        ("age", "i8"),  # months
        ("on_stair", "i8"),  # months
        ("since", "i8"),  # months since the last follow-up; -1 where not known
        ("price", "f8"),  # DKK per month; NaN where not known
    ]
)
"""A child of the first day as a case list gives it; in order of district, stair and the list."""

POST = np.dtype(
    [
        ("district", "i8"),
        ("in_policy", "i8"),  # whether the policy holds in its district
        ("fte", "f8"),  # full-time share that has effect on children's cases
        ("counted", "f8"),  # full-time share on children's cases
        ("experience", "i8"),  # months in post on the first day; -1 for a post not yet open
        ("begins", "i8"),  # first month
        ("ends", "i8"),  # first month after
        # from here on: what changes during a replicate
        ("in_post", "i8"),  # months; negative while vacant
        ("cases", "i8"),
        ("load", "f8"),  # cases per FTE
        ("left", "i8"),  # 1 from when somebody left until the cases are released
        ("balance", "f8"),  # hours overdrawn (negative)
        ("attention", "f8"),
        ("asked_reactive", "f8"),  # hours
        ("asked_assessments", "f8"),  # hours
        ("asked_follow_ups", "f8"),  # hours
        ("reactive_share", "f8"),  # hours given / hours asked
        ("n_due", "i8"),  # due follow-ups
        ("n_assessments", "i8"),  # those that can be worked on or ended
        ("n_done", "i8"),  # of them: hours done, waiting for others only
        ("oldest", "i8"),  # of those that need hours: index, -1 where there is none
        ("oldest_began", "i8"),  # month
        ("first", "i8"),  # its cases to work on are listed from here on: due follow-ups, ...
        ("last", "i8"),  # ... and from here back: assessments
    ]
)
NEVER = 2**31 - 1
"""Month that never comes: the largest that a block of children can hold."""

LANES = 32
"""Children in a block, side by side: a processor takes several at a time."""


def _side_by_side(kind: str, *names: str) -> list[tuple[str, str, tuple[int]]]:
    return [(name, kind, (LANES,)) for name in names]


CHILDREN = np.dtype(
    [
        ("touched", "i8"),  # a bit for each child who is not counted as what it is now
        ("hidden", "i8"),  # how many are undetected, as counted
        ("closed", "i8"),
        ("cases", "i8"),
        ("assessed", "i8"),  # of the cases: under assessment
        ("loose", "i8"),  # of the cases: without a caseworker
        *_side_by_side(
            "f8",
            "severity",
            "price",  # DKK per month on the present stair; 0 for who is gone
            "year_cost",  # DKK so far this calendar year
            "progress",  # hours spent on the assessment
            "hours",  # hours of assessment and follow-up this month, where traced
            "asked",  # hours of reactive work asked for this month, where traced
            "target",  # months after which the next follow-up is due
            "crisis_hazard",  # of the stair and age band, per month
            "ready_chance",  # of the stair and age band, per month
            "crisis_effect",  # of the caseworker's attention, this month
            "u_0",  # this month's four uniforms: of CASE_MONTH for a case, else of HIDDEN_MONTH
            "u_1",
            "u_2",
            "u_3",
            "counted_price",  # price with which it is counted
            "first",  # follow-up rule now in force for the child: as TARGET
            "early_rule",
            "later",
        ),
        *_side_by_side(
            "i4",
            "number",
            "birth",  # month, negative before the start
            "moved",  # month of the last move
            "followed",  # month of the last follow-up, or of the last move
            "handover",  # first month in which the last change of caseworker is no longer felt
            "early",  # first month in which an early move down is no longer felt
            "until",  # first month in which age alone, or time after closing, changes something
            "moves",  # so far
            "follow_ups",  # so far
            "course_left",  # months of the course and its effect left
            "worker",  # post, -1 for nobody
            "began",  # stair when this year of the simulation began, -1 where there was none
            "course",  # programme, -1 for none
            "taken",  # programmes so far, one bit each
            "known",  # month in which all is known that others contribute to an assessment
            "early_months",  # of the follow-up rule
            "counted_for",  # post whose cases the child is counted among, -1 for nobody's
        ),
        *_side_by_side(
            "u4",  # without a sign: what indexes something
            "band",  # age band
            "district",
            "stair",
            "ready",
            "has_network",
            "covered",
            "teen",  # whether the age band begins at the teen age or later
            "counted_on",  # stair on which it is counted
            "counted_kind",  # 2 x ready + teen, as it is counted
        ),
    ],
    align=True,
)
"""A block of children: `block.stair[lane]` is where the child in a lane stands. Lanes without a child
are gone. Clocks are months on the calendar, not counters: a month that changes nothing writes nothing."""
WORLD = np.dtype(
    [
        ("seed", "i8"),
        ("replicate", "i8"),
        ("month", "i8"),
        ("n_children", "i8"),  # lanes in use, those of children who are gone included
        ("in_care_began", "i8"),  # children in care when this year of the simulation began
        ("n_events", "i8"),
        ("n_traced", "i8"),
        ("overflow", "i8"),
        ("heads", "i8", (PLACES, 4)),  # [stair, 2 x ready + teen] children now
        ("dkk", "f8", (PLACES,)),  # [stair] what they cost a month
        ("book", "f8", (MOST_COLUMNS,)),  # this month's ledger
    ]
)
"""One replicate under way: its luck, its clock and its ledger."""


# What compiled functions are handed. Numba knows the fields; a type checker does not.
TableRecord = Any  # one record of TABLE
MonthRecord = Any  # one record of MONTH
DistrictRecord = Any  # one record of DISTRICT
PostRecord = Any  # one record of POST
Block = Any  # one record of CHILDREN
WorldRecord = Any  # one record of WORLD
Lever = Any  # one record of LEVER
ProgrammeRecord = Any  # one record of PROGRAMME
Target = Any  # one record of TARGET
Rows = Any  # an array of records
