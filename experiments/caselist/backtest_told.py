"""The back-test in a sentence, from the table beside a scenario: printed with every forecast from it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from experiments.caselist.backtest import MARKOV, NO_CHANGE, OURS
from experiments.caselist.backtest_page import COLUMNS, TOTAL

_CURE = "import the case list again (trappe import), or take the line `back_test` out of [case_list]"


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
    found = []
    for ahead in sorted({row["years_ahead"] for row in rows}, key=float):
        of = {row["method"]: row for row in rows if row["stair"] == TOTAL and row["years_ahead"] == ahead}
        if of[OURS]["came"]:
            found.append(_one(float(ahead), of))
    if not found:
        return "How good forecasts from this case list were cannot be said: it is too short or too small."
    held = [row["covered"] == "True" for row in rows if row["method"] == OURS and row["covered"]]
    return (
        f"Forecasts from this case list, made again from earlier days: {'; '.join(found)}. Of "
        f"{len(held)} intervals, by stair and in all, {sum(held)} held what came (9 of 10 should)."
    )


def _one(ahead: float, of: Mapping[str, Mapping[str, str]]) -> str:
    ours, when = of[OURS], f"{ahead:g} year{'' if ahead == 1.0 else 's'} ahead"
    numbers = [float(ours[key]) for key in ("forecast", "low", "high", "came")]
    said = (
        f"{when} {numbers[0]:.0f} ({numbers[1]:.0f} to {numbers[2]:.0f}) in care, {numbers[3]:.0f} came"
    )
    rivals = [f"{name} said {float(of[name]['forecast']):.0f}" for name in (MARKOV, NO_CHANGE)]
    return f"{said} ({', '.join(rivals)})"
