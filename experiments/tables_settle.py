"""Settled flows in words: TOML lines to paste, how far each count is off, and why some cannot be held."""

from __future__ import annotations

import json
from collections.abc import Iterator

from experiments.flows import residential_share
from experiments.settle import CLOSE, FIRST, IN_CARE, IN_RESIDENTIAL, Settled

HARDLY_ANY = 0.01
"""Share of assessments, or of entries, that is as good as none."""


def as_toml(found: Settled) -> str:
    """Return the flows as TOML lines to paste, with comments that say how far each count is off."""
    return "\n".join([*_head(found), "", *_flows(found), "", *_off(found), *_stairs(found)]) + "\n"


def _head(found: Settled) -> Iterator[str]:
    s = found.scenario
    if found.started_right:
        yield f"# {s.label}: today's counts hold at the flows of the file, which are these."
    elif found.holds:
        yield f"# {s.label}: flows at which today's counts hold. Lines to paste into the file's tables."
    else:
        yield f"# {s.label}: today's counts cannot all be held. The nearest flows found:"


def _flows(found: Settled) -> Iterator[str]:
    s = found.scenario
    for d in s.districts:
        yield from ("[[districts]]", f"name = {_text(d.name)}")
        yield f"inflow = {d.inflow:g}  # {s.people} newly at risk a year"
    yield from ("", "[children]", f"placed_after_assessment = {s.children.placed_after_assessment:g}")
    bands = ", ".join(map(str, s.age_bands))
    yield from ("", f"[children.entry_share]  # by age band, from {bands} years")
    for key, shares in s.children.entry_share.items():
        yield f"{key} = [{', '.join(f'{share:g}' for share in shares)}]"


def _text(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def _off(found: Settled) -> Iterator[str]:
    years = f"months {FIRST + 1} to {found.months}"
    yield f"# Today -> mean of {years} without a policy, {found.replicates} histories, seed {found.seed}:"
    for name, off in found.off.items():
        change = f"{found.today[name]:.0f} -> {found.mean[name]:.1f}"
        yield f"#   {name:32} {change:>20}  {100 * off:+.1f} %"


def _stairs(found: Settled) -> Iterator[str]:
    """Yield what becomes of single stairs, where counts hold for several of them together."""
    yield "# Stair by stair, which these flows alone cannot hold:"
    for stair in found.scenario.staircase:
        if stair.kind in ("home", "care"):
            today, mean = found.stairs[stair.key]
            yield f"#   {stair.key:32} {f'{today:.0f} -> {mean:.1f}':>20}"


def why_not(found: Settled) -> str:
    """Return in words which counts cannot be held and why; "" where all hold."""
    if found.holds:
        return ""
    worst = [
        f"{name} {100 * abs(x):.0f} % {'above' if x > 0 else 'below'} today's"
        for name, x in found.off.items()
        if abs(x) > CLOSE
    ]
    reasons = list(_reasons(found)) or [
        "no change of the flows brings them nearer: the rates, caseworkers and places of the file let "
        "these counts change, whatever comes in"
    ]
    why = "; ".join(reasons)
    return (
        f"{found.scenario.label}: today's counts cannot all be held: {', '.join(worst)}. "
        f"{why[:1].upper()}{why[1:]}. Check {_counts_of(found)}, then readiness_rate, "
        "crisis_rate, planned_up and home_share under [children]."
    )


def _counts_of(found: Settled) -> str:
    """Return where today's counts are from."""
    if found.scenario.first_day is None:
        return "the counts under [districts.start]"
    return "the children of [case_list]"


def _reasons(found: Settled) -> Iterator[str]:
    s, off = found.scenario, found.off
    placed, most = s.children.placed_after_assessment, 1.0 - s.children.closed_after_assessment
    too_many = off.get(IN_CARE, 0.0)
    if too_many > CLOSE and placed < HARDLY_ANY:
        yield (
            f"hardly any {s.people} enter care after an assessment, so those who enter in a crisis, or "
            "from help, are too many for these counts, or too few leave"
        )
    if too_many < -CLOSE and placed > (1.0 - HARDLY_ANY) * most:
        yield (
            "even with every open case placed after its assessment, too few enter care for these counts, "
            "or too many leave"
        )
    share, too_many = residential_share(s), off.get(IN_RESIDENTIAL, 0.0)
    if too_many > CLOSE and share < HARDLY_ANY:
        yield (
            f"hardly any {s.people} enter residential care at once, so those who move up to it are too "
            "many for these counts, or too few leave"
        )
    if too_many < -CLOSE and share > 1.0 - HARDLY_ANY:
        yield (
            "even with nearly every entry into residential care, too few come for these counts, or too "
            "many leave"
        )
