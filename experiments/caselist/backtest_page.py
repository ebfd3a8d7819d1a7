"""The back-test for people: lines of a table, and rows of a file, without counts that show a child."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.caselist.backtest import METHODS, NO_CHANGE, BackTest, BackTests
from experiments.caselist.quality import SMALLEST
from experiments.caselist.showing import HIDDEN, hidden_stairs

TOTAL = "all in care"
WIDE = 19
"""Characters of a column of the table."""
COLUMNS = ("years_ahead", "method", "stair", "forecast", "low", "high", "came", "error", "covered")
"""Of the rows of the file."""


def backtest_lines(
    tests: BackTests, internal: bool = False, labels: dict[str, str] | None = None
) -> list[str]:
    """Return the back-tests as lines: what came, and what each method had said, by stair.

    A stair on which under 5 children stood, then or now, is hidden, with others that would give it away,
    unless `internal`. `labels`: names of stairs for people, by key; the keys where they lack.
    """
    lines: list[str] = []
    for ahead, methods in _by_ahead(tests).items():
        names = _names(methods[0], labels or {})
        width = max(len(name) for name in names)
        lines += [
            f"Forecast made {ahead:g} year{'' if ahead == 1.0 else 's'} before the last day, with what "
            "was known then:",
            f"  {'':{width}}  {'came':>8}"
            + "".join(f"  {m:>{WIDE}}" for m in (t.method for t in methods)),
        ]
        hide = _hidden(methods[0], internal)
        for i in np.flatnonzero(_shown(methods[0])):
            came = HIDDEN if hide[i] else f"{methods[0].came[i]:.0f}"
            cells = (HIDDEN if hide[i] else _said(t, int(i)) for t in methods)
            lines.append(f"  {names[i]:{width}}  {came:>8}" + "".join(f"  {c:>{WIDE}}" for c in cells))
        lines.append("")
    lines += [s.why for s in tests.skipped]
    if tests.made:
        lines.append(
            "In brackets: the interval that was to hold what came in 90 of 100 cases; a * marks one that "
            "did not. Chance alone moves the total by some per cent a year."
        )
    if tests.made and not internal:
        lines.append(f"{HIDDEN}: under {SMALLEST} children, or what would give them away.")
    return lines


def backtest_rows(tests: BackTests, internal: bool = False) -> list[dict[str, Any]]:
    """Return one row for each look back, method and stair (`TOTAL` last); "" where it is hidden.

    The columns are `COLUMNS`; error is forecast - came.
    """
    rows: list[dict[str, Any]] = []
    for methods in _by_ahead(tests).values():
        hide = _hidden(methods[0], internal)
        for t in methods:
            for i, stair in enumerate((*t.stairs, TOTAL)):
                values = {
                    "forecast": round(float(t.forecast[i]), 2),
                    "low": float(t.low[i]),
                    "high": float(t.high[i]),
                    "came": int(t.came[i]),
                    "error": round(float(t.error[i]), 2),
                    "covered": bool(t.covered[i]) if t.method != NO_CHANGE else "",
                }
                shown = {key: "" for key in values} if hide[i] else values
                rows.append({"years_ahead": t.ahead, "method": t.method, "stair": stair, **shown})
    return rows


def _by_ahead(tests: BackTests) -> dict[float, list[BackTest]]:
    """Return the tests of each look back, in the order of `METHODS`."""
    found: dict[float, list[BackTest]] = {}
    for t in sorted(tests.made, key=lambda t: (t.ahead, METHODS.index(t.method))):
        found.setdefault(t.ahead, []).append(t)
    return found


def _names(t: BackTest, labels: dict[str, str]) -> list[str]:
    return [*(labels.get(key, key) for key in t.stairs), TOTAL]


def _shown(t: BackTest) -> np.ndarray:
    """Return [stair and total]: whether anybody stood there, then or now."""
    return np.asarray((t.came > 0) | (t.stood > 0) | (np.arange(len(t.came)) == len(t.stairs)))


def _hidden(t: BackTest, internal: bool) -> np.ndarray:
    """Return [stair and total]: whether it is not shown; stairs out of care are in no total."""
    hide = np.zeros(len(t.came), bool)
    if internal:
        return hide
    for counts in (t.came.astype(int), t.stood.astype(int)):
        hide |= hidden_stairs(counts[:-1], t.in_care)
    return hide


def _said(t: BackTest, i: int) -> str:
    """Return a forecast, its interval, and a mark where that did not hold what came."""
    if t.method == NO_CHANGE:
        return f"{t.forecast[i]:.0f}"
    mark = " " if t.covered[i] else "*"
    return f"{t.forecast[i]:.0f} ({t.low[i]:.0f} to {t.high[i]:.0f}){mark}"
