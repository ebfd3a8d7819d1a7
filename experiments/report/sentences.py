"""The note's sentences about what was found: from the study's own numbers, with what spreads them."""

from __future__ import annotations

import math
from typing import Any

from experiments.report.asked import Findings
from experiments.report.saying import Saying
from experiments.results import Estimate, Study
from experiments.runner import BASELINE
from experiments.sentences import ENOUGH_DRAWS
from experiments.small_counts import outcomes_left_out
from experiments.words import between, duration, number, of_hundred, percent
from simulation.accounts import MONTHS_IN_YEAR
from simulation.policy import CAUSES, Cause

SAVING = "net_saving"


def total(found: Findings) -> Estimate:
    """Return the net saving over the whole time."""
    return found.study.estimate(found.study.cumulated_saving(found.policy)[:, -1])


def answer(found: Findings, say: Saying) -> str:
    """Return the answer in two sentences: what to expect with its interval, and how often it pays."""
    return f"{_expected(total(found), say)} {_odds(found, say)}"


def _expected(e: Estimate, say: Saying) -> str:
    amount = say.money(abs(e.mean))
    kind = "saving" if e.mean >= 0.0 else "cost"
    if is_certain(e, say):
        return say(f"answer.certain_{kind}", amount=amount)
    ends = {"low": saving_or_cost(e.low, say), "high": saving_or_cost(e.high, say)}
    if abs(e.mean) <= e.error:
        return say("answer.nothing", amount=saving_or_cost(e.mean, say), **ends)
    doubt = say("answer.doubt_large" if e.low < 0.0 < e.high else "answer.doubt", **ends)
    return say(f"answer.{kind}", amount=amount, doubt=doubt)


def saving_or_cost(dkk: float, say: Saying) -> str:
    """Return an amount as a saving or a net cost of so much."""
    return say("answer.a_saving" if dkk >= 0.0 else "answer.a_cost", amount=say.money(abs(dkk)))


def _odds(found: Findings, say: Saying) -> str:
    """Return how often it has paid at the end, and how often not: the two make 100."""
    study = found.study
    paid = float(study.p_broken_even(found.policy)[-1])
    return say(
        "answer.odds", paid=of_hundred(paid, say.language), lost=lost_of_hundred(paid, say),
        year=say.plain(study.n_years),
    )  # fmt: skip


def lost_of_hundred(paid: float, say: Saying) -> str:
    """Return the rest of 100 histories, so that the two rounded numbers make 100."""
    rest = 1.0 - paid if min(paid, 1.0 - paid) < 0.005 else 1.0 - round(paid, 2)
    return of_hundred(rest, say.language)


def covered(study: Study, say: Saying) -> str:
    """Return what all intervals of the note cover."""
    if study.plan.draws:
        return say("answer.covers_both", draws=say.plain(study.plan.draws_in(study.replicates)))
    return say("answer.covers_chance")


def short_cover(study: Study, say: Saying) -> str:
    """Return the same in a few words."""
    return say("money.covers_both" if study.plan.draws else "money.covers_chance")


def cost_alone(found: Findings) -> float:
    """Return what the proposal costs where nothing works: mean over histories, DKK."""
    return -float(found.causes.world("null", SAVING).mean())


def costs(found: Findings, say: Saying) -> str:
    """Return what the proposal costs a year and over the whole time."""
    cost, years = cost_alone(found), found.scenario.months / MONTHS_IN_YEAR
    if cost <= 0.0:
        return say("key.costs_nothing")
    return say("key.costs_text", yearly=say.money(cost / years), amount=say.money(cost))


def if_nothing_works(found: Findings, say: Saying) -> str:
    """Return the net cost over the whole time where nothing works; "" where there is none."""
    cost = cost_alone(found)
    return say("key.nothing_text", amount=say.money(cost)) if cost > 0.0 else ""


def gives(found: Findings, say: Saying) -> str:
    """Return what the proposal is expected to give over the whole time, with its interval."""
    e = total(found)
    amount = saving_or_cost(e.mean, say)
    if is_certain(e, say):
        return say("key.gives_certain", amount=amount)
    return say(
        "key.gives_text", amount=amount, interval=between(e.low / 1e6, e.high / 1e6, say.language, 1)
    )


def is_certain(e: Estimate, say: Saying) -> bool:
    """Return whether all histories give the same, as far as the note tells."""
    return say.money(e.low) == say.money(e.high)


def odds_by_year(found: Findings, say: Saying) -> str:
    """Return how often it has paid for itself by year 2 and by the end."""
    p = found.study.p_broken_even(found.policy)
    last = of_hundred(float(p[-1]), say.language)
    if len(p) < 3:
        return say("key.odds_one", last=last)
    first = of_hundred(float(p[1]), say.language)
    return say("key.odds_text", first=first, last=last, years=duration(2 * MONTHS_IN_YEAR, say.language))


def over_the_years(found: Findings, say: Saying) -> list[str]:
    """Return when it has paid for itself, whether that may turn again, and what society sees of it."""
    paid = found.study.p_broken_even(found.policy)
    falls = [say("money.falls")] if paid[-1] < paid.max() - 0.01 else []
    return [break_even_month(found, say), *falls, society(found, say)]


def break_even_month(found: Findings, say: Saying) -> str:
    """Return when it has paid for itself for good."""
    row = found.study.break_even_rows()[0]
    if row["p_never"] == 1.0:
        return say("money.never")
    months = {k: say.plain(row[f"month_{k}"]) for k in ("median", "low", "high")}
    return say("money.month", share=of_hundred(1.0 - row["p_never"], say.language), **months)


def society(found: Findings, say: Saying) -> str:
    """Return the net saving as society sees it."""
    study, name = found.study, found.policy
    e = study.estimate(study.cumulated_saving(name, view="society")[:, -1])
    return say(
        "money.society", rate=percent(study.society_rate(name), say.language, 1),
        amount=saving_or_cost(e.mean, say),
        interval=between(e.low / 1e6, e.high / 1e6, say.language, 1),
    )  # fmt: skip


def causes_told(found: Findings, say: Saying) -> list[str]:
    """Return what the largest and the smallest cause do, and what happens in the two bad worlds."""
    shares = {c: float(v.mean()) for c, v in found.causes.shares(SAVING).items()}
    changed = [c for c in CAUSES if c in found.causes.question.changed]
    if not changed:
        return [say("causes.none")]
    best, worst = (f(changed, key=lambda c: shares[c]) for f in (max, min))
    said = []
    if len(changed) == 1:
        said.append(say("causes.one", cause=_in_text(say(f"cause.{best}"))))
    elif shares[best] > 0.0:
        said.append(say("causes.best", best=_in_text(say(f"cause.{best}")),
                        best_amount=say.money(shares[best], signed=True)))  # fmt: skip
    if len(changed) > 1 and shares[worst] < 0.0:
        said.append(_pulls_back(found, worst, shares[worst], say))
    return [" ".join(said), " ".join(_bad_worlds(found, say))]


def _pulls_back(found: Findings, cause: Cause, dkk: float, say: Saying) -> str:
    """Return by how much a cause costs, with the months in care it adds where it does."""
    told = {"worst": say(f"cause.{cause}"), "worst_amount": say.money(dkk, signed=True)}
    months = -float(found.causes.shares("care_months_avoided")[cause].mean())
    if months < 0.5:
        return say("causes.worst", **told)
    return say("causes.worst_care", months=say.plain(months), **told)


def _in_text(words: str) -> str:
    return words[:1].lower() + words[1:]


def _bad_worlds(found: Findings, say: Saying) -> list[str]:
    cost = cost_alone(found)
    said = [say("causes.null_text", amount=say.money(cost)) if cost > 0.0 else say("causes.null_free")]
    if "perverse" in found.causes.question.worlds:
        mean = float(found.causes.world("perverse", SAVING).mean())
        key = "perverse_saving" if mean >= 0.0 else "perverse_cost"
        said.append(say(f"causes.{key}", amount=say.money(abs(mean))))
        if -cost < mean < 0.0:
            said.append(say("causes.perverse_less"))
    return said


def cheaper_stairs(found: Findings, say: Saying) -> str:
    """Return why placements save though months in care rise; "" where it is not so, or is hidden."""
    if outcomes_left_out(found.scenario) & {"care_months", "residential_months"}:
        return ""
    more = {name: _more(found, name) for name in ("placement_cost", "care_months", "residential_months")}
    is_so = (
        more["placement_cost"] < 0.0 and more["care_months"] >= 0.5 and more["residential_months"] < 0.0
    )
    return say("money.cheaper") if is_so else ""


def _more(found: Findings, name: str) -> float:
    """Return by how much an outcome's sum over the whole time grows with the policy, on average."""
    before, after = (found.study.outcome(name, arm).sum(axis=1) for arm in (BASELINE, found.policy))
    return float((after - before).mean())


def work(found: Findings, say: Saying) -> str:
    """Return the caseload and the months between follow-ups in the last year, as today and after."""
    values = {}
    for name, key, digits in (("caseload", "load", 0), ("achieved_interval", "wait", 1)):
        for when, arm in (("before", "baseline"), ("after", found.policy)):
            last = found.study.estimate(found.study.outcome(name, arm)[:, -1]).mean
            values[f"{key}_{when}"] = number(last, say.language, digits)
    return say("key.change_text", **values)


def noise(found: Findings, say: Saying) -> str:
    """Return how exact the means of the causes' shares are."""
    measures = [found.causes.whole(SAVING), *found.causes.measures(SAVING).values()]
    worst = max(found.causes.study.estimate(values).error for values in measures)
    return say("causes.noise", error=say.money(worst))


def share_of_parameters(found: Findings) -> float | None:
    """Return the assumptions' share in the net saving's variance, to 1 %; None where nobody can tell."""
    study = found.study
    if not study.plan.draws or study.plan.draws_in(study.replicates) < ENOUGH_DRAWS:
        return None
    rows: list[dict[str, Any]] = study.uncertainty_rows()
    share = float(next(r for r in rows if r["outcome"] == SAVING)["share_of_parameters"])
    return None if math.isnan(share) else round(share, 2)


def variance(found: Findings, say: Saying) -> str:
    """Return whose the doubt is, chance's or the assumptions'; "" where it cannot be told."""
    share = share_of_parameters(found)
    if share is None:
        return ""
    parts = {"parameters": share, "chance": 1.0 - share}
    return say("doubt.variance", **{k: percent(x, say.language) for k, x in parts.items()})
