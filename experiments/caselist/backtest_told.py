"""The back-test in a sentence, from the table beside a scenario: printed with every forecast from it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from experiments.caselist.backtest import MARKOV, NO_CHANGE, OURS, SIMULATION
from experiments.caselist.backtest_page import COLUMNS, TOTAL

_CURE = "import the case list again (trappe import), or take the line `back_test` out of [case_list]"

_NAMES = {OURS: "own rates alone:", MARKOV: "pooled Markov:", NO_CHANGE: "no change:"}


def told(path: Path) -> str:
    """Return what the back-test of a case list says of the total in care, and how often intervals held.

    Raises ValueError where the table is not there or is none of ours; the message says what to do.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = getattr(error, "strerror", None) or error
        raise ValueError(f"back_test = {path.name!r} cannot be read ({why}); {_CURE}") from None
    if rows and not set(COLUMNS) <= set(rows[0]):
        raise ValueError(f"back_test = {path.name!r} lacks columns of {', '.join(COLUMNS)}; {_CURE}")
    try:
        return _sentences(rows)
    except (KeyError, ValueError, TypeError):
        raise ValueError(f"back_test = {path.name!r} holds what is no back-test; {_CURE}") from None


def _sentences(rows: list[dict[str, str]]) -> str:
    lead = SIMULATION if any(row["method"] == SIMULATION for row in rows) else OURS
    found = []
    for ahead in sorted({row["years_ahead"] for row in rows}, key=float):
        of = {row["method"]: row for row in rows if row["stair"] == TOTAL and row["years_ahead"] == ahead}
        if lead in of and of[lead]["came"]:
            found.append(_one(float(ahead), of, lead))
    if not found:
        return "How good forecasts from this case list were cannot be said: it is too short or too small."
    held = [row["covered"] == "True" for row in rows if row["method"] == lead and row["covered"]]
    who = "The baseline" if lead == SIMULATION else "Forecasts from this case list"
    return (
        f"{who}, made again from earlier days with what was known then: {'; '.join(found)}. Of "
        f"{len(held)} intervals, by stair and in all, {sum(held)} held what came (9 of 10 should)."
    )


def _one(ahead: float, of: Mapping[str, Mapping[str, str]], lead: str) -> str:
    when = f"{ahead:g} year{'' if ahead == 1.0 else 's'} ahead"
    mean, low, high, came = (float(of[lead][key]) for key in ("forecast", "low", "high", "came"))
    rivals = [(name, of[name]) for name in (OURS, MARKOV, NO_CHANGE) if name != lead]
    others = ", ".join(f"{_NAMES[name]} {float(row['forecast']):.0f}" for name, row in rivals)
    return f"{when} {mean:.0f} ({low:.0f} to {high:.0f}) in care, {came:.0f} came ({others})"
