"""`trappe compare --expected`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from experiments.expected.study import Expected


def refuse_check(check: bool) -> None:
    """Raise ValueError for --check without --expected."""
    if check:
        raise ValueError("--check measures expected values against histories; say --expected --check")


def compare_expected(
    scenario: str, policies: list[str] | None, months: int | None, district: str | None, seed: int,
    workers: int | None, replicates: int, check: bool, of_histories: list[str],
) -> None:  # fmt: skip
    """Print expected values of policies, and with `check` the means of histories beside them.

    `of_histories` are the options given that go with histories only: ValueError, where there are any.
    """
    from experiments.expected.study import expect
    from experiments.expected.tables import print_expected
    from simulation.horizon import with_months
    from simulation.reading import find_scenario

    if of_histories:
        raise ValueError(f"--expected draws no histories: leave out {', '.join(of_histories)}, or it")
    found = find_scenario(scenario)
    found = found if months is None else with_months(found, months)
    expected = expect(found, policies or None, district)
    print_expected(expected)
    if check:
        _check(expected, district, seed, workers, replicates)


def _check(
    expected: Expected, district: str | None, seed: int, workers: int | None, replicates: int
) -> None:
    """Make histories of the same policies and print both side by side."""
    from experiments.business_case import compare
    from experiments.expected.distance import distances
    from experiments.expected.tables import print_distances
    from experiments.progress import bar

    with bar(f"{expected.scenario.label}: {replicates} histories per policy") as progress:
        study = compare(
            expected.scenario, expected.policies, replicates=replicates, seed=seed, workers=workers,
            district=district, progress=progress,
        )  # fmt: skip
    print_distances(distances(expected, study), study.replicates)
