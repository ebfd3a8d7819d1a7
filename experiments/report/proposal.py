"""What a policy proposes, lever by lever, and where the municipality stands today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from experiments.report.own_data import rounded
from experiments.report.saying import Saying
from experiments.small_counts import stairs_left_out
from experiments.words import in_language, month, month_after, percent, whole_kroner
from simulation.policy import Cause, Policy
from simulation.provenance import parameter_table
from simulation.scenario import Scenario


def proposed(say: Saying, changed: tuple[Cause, ...]) -> tuple[str, ...]:
    """Return what the policy does, a line for each lever of the causes that it changes."""
    policy = say.scenario.policy(say.policy)
    levers = {"capacity": _capacity, "reviews": _reviews, "practice": _practice, "supply": _supply}
    lines = [line for cause in changed for line in levers[cause](say, policy)]
    return tuple([*lines, *_when_and_where(say, policy)])


def today(say: Saying) -> str:
    """Return how many are helped and placed, and the posts; "" where small counts are hidden."""
    s = say.scenario
    if stairs_left_out(s):
        return ""
    of = [d.start for d in s.districts]  # of a case list as its file shows them, small counts rounded
    helped, care = (
        sum(start.get(stair.key, 0) for start in of for stair in s.staircase if stair.kind in kinds)
        for kinds in (("home", "care"), ("care",))
    )
    said = [say.plain(n) for n in (helped, care)]
    if rounded(s.case_list):
        said = [say("proposal.about", number=n) for n in said]
    return say("proposal.today", helped=said[0], care=said[1], fte=say.short(s.fte))


def begins(say: Saying, written: date) -> str:
    """Return which month "today" is, where it is not that in which the note is written; else ""."""
    start = say.scenario.start
    if (start.year, start.month) == (written.year, written.month):
        return ""
    return say("proposal.begins", month=month(start, say.language))


def own_numbers(say: Saying) -> str:
    """Return where the municipality's counts and posts are published; "" where nothing says so.

    A scenario's own [sources] are told as they stand; those of a case list have a section of their own.
    """
    s = say.scenario
    rows = [row for row in parameter_table(s) if row.path.startswith("districts.")]
    told = [
        source for row in rows for source in row.sources
        if (row.record.kind == "published" if row.record else source in s.sources.values())
    ]  # fmt: skip
    if not told or s.case_list is not None:
        return ""
    return say("proposal.own_numbers", sources="; ".join(dict.fromkeys(told)))


def _capacity(say: Saying, policy: Policy) -> Iterator[str]:
    n = _districts(say.scenario, policy)
    if extra := sum(policy.capacity.extra_fte) * n:
        yield say("proposal.capacity", fte=say.short(extra), today=say.short(say.scenario.fte))
    if leader := policy.capacity.team_leader * n:
        yield say("proposal.leader", fte=say.short(leader))


def _districts(s: Scenario, policy: Policy) -> int:
    return sum(policy.districts is None or d.name in policy.districts for d in s.districts)


def _reviews(say: Saying, policy: Policy) -> Iterator[str]:
    later, today = policy.reviews.later, say.short(say.scenario.reviews.later)
    if later is not None and later == 1:
        yield say("proposal.reviews_monthly", today=today)
    elif later is not None:
        yield say("proposal.reviews", months=say.short(later), today=today)
    if policy.reviews.by_stair:
        stairs = [say.stair(key) for key in policy.reviews.by_stair]
        yield say("proposal.reviews_by_stair", stairs=say.listed(stairs))


def _practice(say: Saying, policy: Policy) -> Iterator[str]:
    if policy.practice.orientation is not None or policy.practice.residential_odds is not None:
        yield say("proposal.practice")


def _supply(say: Saying, policy: Policy) -> Iterator[str]:
    supply = policy.supply
    if supply.network_search is not None:
        yield say("proposal.network")
    if supply.outreach is not None:
        yield say("proposal.outreach")
    for stair, n in supply.extra_places.items():
        if n:
            key = "places_more" if n > 0 else "places_fewer"
            yield say(f"proposal.{key}", number=say.plain(abs(n)), stair=say.stair(stair))
    for name, programme in supply.programmes.items():
        called = in_language(programme.label, programme.english, say.language)
        yield say("proposal.programme", name=called or name)
    if supply.running_cost:
        yield say("proposal.running", amount=whole_kroner(supply.running_cost, say.language))


def _when_and_where(say: Saying, policy: Policy) -> Iterator[str]:
    s, language = say.scenario, say.language
    if policy.reach < 1.0:
        yield say("proposal.reach", share=percent(policy.reach, language))
    if policy.districts is not None and len(policy.districts) < len(s.districts):
        yield say("proposal.districts", names=say.listed(list(policy.districts)))
    begins = month(policy.start or s.start, language)
    if policy.ramp_months:
        yield say("proposal.start", month=begins, ramp=say.plain(policy.ramp_months))
    else:
        yield say("proposal.start_at_once", month=begins)
    if policy.stop is not None:
        yield say("proposal.stop", month=month_after(policy.stop, 0, language))
    if policy.world.effect == 0.0:
        yield say("proposal.no_effect")
    elif policy.world.effect < 1.0:
        yield say("proposal.part_effect", share=percent(policy.world.effect, language))
