"""What the money says, in sentences: society's view, and when a policy has paid for itself."""

from __future__ import annotations

import math

from experiments.business_case import millions
from experiments.results import Study, year_label
from experiments.runner import BLOCK


def society_sentence(study: Study, policy: str | None = None) -> str:
    """Return the net saving as society sees it; `policy` is the first one of the study by default."""
    name = policy or study.plan.policies[0]
    total = study.estimate(study.cumulated_saving(name, view="society")[:, -1])
    kind = "saving" if total.mean >= 0 else "cost"
    lost = study.lost_to_taxation(name)
    taxes = f", plus {100 * lost:g} % lost by taxation" if study.tax_distortion else ""
    return (
        f"To society as a whole {name} is a net {kind} of {millions(abs(total.mean))} m DKK over "
        f"{year_label(study.plan.scenario.months)} (90 of 100 histories: {millions(total.low)} to "
        f"{millions(total.high)}): before the state refund{taxes}, discounted at "
        f"{100 * study.society_rate(name):g} % a year."
    )


def break_even_sentence(study: Study, policy: str | None = None) -> str:
    """Return when a policy has paid for itself for good; `policy` is the first one by default."""
    name = policy or study.plan.policies[0]
    row = next(r for r in study.break_even_rows() if r["policy"] == name)
    within = f"within {year_label(study.plan.scenario.months)}"
    if row["p_never"] == 1.0:
        return f"In no history {name} has paid for itself for good {within}."
    share = f"{100 * (1.0 - row['p_never']):.0f} of 100"
    return (
        f"In {'all' if row['p_never'] == 0.0 else share} histories {name} has paid for itself for good "
        f"{within}: in half of these by its month {row['month_median']:.0f}, in 90 of 100 of these "
        f"between months {row['month_low']:.0f} and {row['month_high']:.0f}."
    )


ENOUGH_DRAWS = 20
"""Draws from which the share of the parameters in the variance is told at all."""


def uncertainty_sentence(study: Study, policy: str | None = None) -> str:
    """Return how much of the doubt is chance and how much not knowing parameters; '' without draws."""
    name = policy or study.plan.policies[0]
    rows = [r for r in study.uncertainty_rows() if r["policy"] == name]
    if not rows:
        return ""
    by_name = {r["outcome"]: r for r in rows}
    share = by_name["net_saving"]["share_of_parameters"]
    if math.isnan(share):
        return "Chance and parameters cannot be told apart: make more histories for each draw."
    draws = study.plan.draws_in(study.replicates)
    if draws < ENOUGH_DRAWS:
        return (
            f"With {draws} draws of the parameters nobody can tell how much of the doubt is theirs: make "
            f"{ENOUGH_DRAWS * BLOCK} histories or more."
        )
    below = float((study.cumulated_saving(name)[:, -1] < 0).mean())
    return (
        f"Of the variance of the net saving of {name}, {100 * share:.0f} % comes from what is not known "
        f"about the parameters and {100 * (1 - share):.0f} % from chance; it is a net cost in "
        f"{100 * below:.0f} of 100 histories."
    )
