"""Business case: a policy against carrying on as today, in money and in what happens to children."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from experiments.draws import posterior
from experiments.results import Estimate, Study, as_csv, year_label
from experiments.runner import BASELINE, Arm, Plan, Runner, chunks_for, until_precise
from experiments.small_counts import residential_left_out
from experiments.store import Store, short_name
from experiments.words import policy_name
from simulation.accounts import MONTHS_IN_YEAR, residential
from simulation.randomness import LARGEST_SEED
from simulation.reading import find_scenario
from simulation.replicates import Engine
from simulation.scenario import Scenario
from simulation.staircase import DEFAULT_STAIRCASE

DEFAULT_REPLICATES = 1000
MOST_REPLICATES = 102_400

Progress = Callable[[int, int], None]


def compare(
    scenario: str | Path | Scenario,
    policies: Sequence[str] | None = None,
    *,
    replicates: int = DEFAULT_REPLICATES,
    precision: float | None = None,
    seed: int = 1,
    workers: int | None = None,
    engine: Engine = "kernel",
    discount_rate: float | None = None,
    tax_distortion: bool = False,
    draws: int = 0,
    district: str | None = None,
    executor: str = "threads",
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Study:
    """Return a study of the scenario's policies (all of them by default) against its baseline.

    Args:
        scenario: name, path of a TOML file, or Scenario.
        policies: names of policies; None: all.
        replicates: random histories per policy, rounded up to whole chunks of 100 where results are kept.
        precision: run until the mean yearly net saving of every policy is known to this share of the
            yearly placement budget (half-width, 90 % confidence) instead of a fixed number.
        seed: study seed, 0 to 2**32 - 1.
        workers: threads or processes; None: one per processor. The bytes do not depend on it.
        engine: "kernel", or "agents" (same bytes, some eighty times as long).
        discount_rate: of society's view, per year, 0 to 1; None: the scenario's, or else the Ministry of
            Finance's at each policy's start. The municipality's budget is not discounted.
        tax_distortion: whether society's view adds the loss from taxation, by the guide at the policy's
            start.
        draws: how many draws from the calibrated parameters the histories are spread over, in blocks of
            10; intervals then cover chance and parameters. 0: parameters at their values, chance only.
        district: one district alone, as a municipality of its own; None: all of them.
        executor: where it runs: "threads", "processes", or the address of a Dask scheduler (tcp://...).
        out: results folder, written chunk by chunk and resumed; None: nothing is kept.
        progress: called with (chunks done, chunks in all).

    Raises:
        ScenarioError, KeyError: no such scenario or policy. ValueError: a number out of its range.
        StoreError: the folder cannot be used. ExecutorError: the executor cannot.
    """
    _check(replicates, precision, seed, workers, engine, discount_rate)
    _check_draws(draws)
    found = find_scenario(scenario)
    chosen = chosen_policies(found, policies)
    plan = Plan(found, chosen, seed, engine, draws, district)
    store = Store(Path(out), plan) if out is not None else None
    if store is not None:
        store.open()
    began = time.perf_counter()
    run = _resumable(Runner(plan, workers, executor), store, progress)
    if precision is None:
        arms = {name: arm.first(replicates) for name, arm in run(replicates).items()}
    else:
        arms = until_precise(run, precision, MOST_REPLICATES, plan)
    study = Study(plan, arms, store.folder if store else None, discount_rate, tax_distortion)
    if store is not None:
        _write(study, store, time.perf_counter() - began)
    return study


def of_district(study: Study, district: str, workers: int | None = None) -> Study:
    """Return the study of one district: the same histories, of which the whole is the sum."""
    plan = study.plan
    folder = study.folder / "districts" / district if study.folder else None
    return compare(
        plan.scenario, plan.policies[:1], replicates=study.replicates, seed=plan.seed, workers=workers,
        engine=plan.engine, draws=plan.draws, district=district, out=folder,
    )  # fmt: skip


def default_folder(
    scenario: Scenario,
    policies: Sequence[str] | None,
    seed: int,
    engine: Engine,
    draws: int = 0,
    district: str | None = None,
) -> Path:
    """Return the folder a study gets by default: its own, whatever else was run before."""
    plan = Plan(scenario, chosen_policies(scenario, policies), seed, engine, draws, district)
    return Path("results") / short_name(plan)


def _check_draws(draws: int) -> None:
    if draws < 0 or draws > len(posterior()):
        raise ValueError(
            f"draws = {draws} must lie between 0 and {len(posterior())}, the draws that were made; "
            "0 keeps the parameters at their values"
        )


def _check(
    replicates: int,
    precision: float | None,
    seed: int,
    workers: int | None,
    engine: Engine,
    discount_rate: float | None,
) -> None:
    if engine not in ("kernel", "agents"):
        raise ValueError(f"engine = {engine!r} must be 'kernel' or 'agents'")
    if replicates < 1:
        raise ValueError(f"replicates = {replicates} must be at least 1")
    if precision is not None and not precision > 0:
        raise ValueError(f"precision = {precision} must be more than 0")
    if not 0 <= seed <= LARGEST_SEED:
        raise ValueError(f"seed = {seed} must lie between 0 and {LARGEST_SEED}")
    if discount_rate is not None and not 0 <= discount_rate <= 1:
        raise ValueError(
            f"discount_rate = {discount_rate} must lie between 0 and 1 a year, such as 0.035"
        )
    if workers is not None and workers < 1:
        raise ValueError(f"workers = {workers} must be at least 1")


def chosen_policies(scenario: Scenario, policies: Sequence[str] | None) -> tuple[str, ...]:
    """Return the names of the policies asked for, each once; None: all. KeyError where there is none."""
    chosen = tuple(dict.fromkeys(scenario.policies if policies is None else policies))
    for name in chosen:
        scenario.policy(name)
    if BASELINE in chosen:
        raise ValueError(
            f"policies.{BASELINE}: {BASELINE!r} is what carrying on as today is called in every result; "
            "give the policy another name"
        )
    return chosen


def _resumable(
    runner: Runner, store: Store | None, progress: Progress | None
) -> Callable[[int], dict[str, Arm]]:
    """Return a function that gives arms of n replicates, running only what is not there yet."""
    done: dict[tuple[int, str], Arm] = {}

    def run(replicates: int) -> dict[str, Arm]:
        chunks, names = chunks_for(replicates), runner.plan.arms
        wanted = [(chunk, arm) for chunk in range(chunks) for arm in names]
        for chunk, arm in wanted:
            if (chunk, arm) not in done and store is not None:
                found = store.load(chunk, arm)
                if found is not None:
                    done[chunk, arm] = found
        missing = [key for key in wanted if key not in done]
        for chunk, arm, result in runner.run(missing):
            done[chunk, arm] = result
            if store is not None:
                store.save(chunk, arm, result)
            if progress is not None:
                progress(sum(key in done for key in wanted), len(wanted))
        return {arm: Arm.joined([done[chunk, arm] for chunk in range(chunks)]) for arm in names}

    return run


def _write(study: Study, store: Store, seconds: float) -> None:
    store.write_text("summary.csv", as_csv(study.summary_rows()))
    store.write_text("by_year.csv", as_csv(study.outcome_rows()))
    if study.plan.policies:
        store.write_text("differences.csv", as_csv(study.difference_rows()))
        store.write_text("break_even.csv", as_csv(study.break_even_rows()))
    if study.plan.policies and study.plan.draws:
        store.write_text("uncertainty.csv", as_csv(study.uncertainty_rows()))
    store.write_text("by_month.csv", as_csv(study.month_rows()))
    spending = study.spending_rows() + study.spending_rows("current")
    store.write_text("spending.csv", as_csv(spending))
    store.write_manifest({"replicates": study.replicates, "seconds": round(seconds, 2)})


# --- in words -----------------------------------------------------------------------------------


def sentence(study: Study, policy: str | None = None) -> str:
    """Return the main result in plain words: what, how much, how sure.

    `policy` is the first one of the study by default.
    """
    name = policy or study.plan.policies[0]
    scenario = study.plan.scenario
    total = study.estimate(study.cumulated_saving(name)[:, -1])
    kind = "saving" if total.mean >= 0 else "cost"
    change = study.estimate(
        (study.outcome("n_residential", name) - study.outcome("n_residential"))[:, -1]
    )
    by_year_2 = min(2, study.n_years)
    p = study.p_broken_even(name)[by_year_2 - 1]
    return (
        f"{_with_what(study, name)} {scenario.label} can expect a net {kind} of "
        f"{millions(abs(total.mean))} m DKK over {year_label(scenario.months)}{_spread(total)}, and "
        f"{_fewer_or_more(change.mean)} {scenario.people} in residential care in the last year; "
        f"break-even by year {by_year_2} in {100 * p:.0f} of 100 histories."
    )


def _spread(total: Estimate) -> str:
    """Return how widely histories differ; without a spread, that they do not."""
    if millions(total.low) == millions(total.high):
        return " in every history"
    low, high = _saving_or_cost(total.low), _saving_or_cost(total.high)
    return f", but 90 of 100 histories lie between {low} and {high}"


def _fewer_or_more(change: float) -> str:
    if abs(change) < 0.05:
        return "as many"
    return f"{abs(change):.1f} {'fewer' if change < 0 else 'more'}"


def two_thirds_sentence(study: Study, policy: str | None = None) -> str:
    """Return how often residential care falls by two thirds in two years, as it did in Herning.

    Counted at the end of year 2 against today's count; '' where there are fewer than 3 today, where the
    study is shorter than 2 years, or where no residential stair is a standard one, as Herning's was.
    """
    name = policy or study.plan.policies[0]
    scenario = study.plan.scenario
    stairs = scenario.staircase
    columns = [i for i in range(len(stairs)) if residential(stairs, i)]
    if not any(stairs.keys[i] in DEFAULT_STAIRCASE.keys for i in columns):
        return ""
    starts = [scenario.counted(d) for d in scenario.districts]
    today = sum(s.get(stairs.keys[i], 0) for s in starts for i in columns)
    if today < 3 or scenario.months < 2 * MONTHS_IN_YEAR or residential_left_out(scenario):
        return ""
    goal = today // 3
    share = {
        arm: float((study.arms[arm].stairs[:, 23, columns].sum(axis=1) <= goal).mean())
        for arm in (name, BASELINE)
    }
    return (
        f"From {today} to {goal} {scenario.people} in residential care by the end of year 2, the fall "
        f"that Herning reported: in {100 * share[name]:.0f} of 100 histories, and in "
        f"{100 * share[BASELINE]:.0f} of 100 as things are today."
    )


def _with_what(study: Study, name: str) -> str:
    policy = study.plan.scenario.policy(name)
    fte = sum(policy.capacity.extra_fte) * sum(
        policy.districts is None or d.name in policy.districts for d in study.plan.scenario.districts
    )
    if fte > 0:
        return f"With {fte:g} more caseworker{'s' if fte != 1 else ''}"
    return f"With {policy_name(study.plan.scenario, name, 'en')}"


def _saving_or_cost(dkk: float) -> str:
    return f"a {'saving' if dkk >= 0 else 'cost'} of {millions(abs(dkk))} m"


def millions(dkk: float) -> str:
    """Return kroner in millions with one decimal, without a minus before zero."""
    text = f"{dkk / 1e6:.1f}"
    return "0.0" if text == "-0.0" else text


def table_rows(study: Study) -> list[dict[str, Any]]:
    """Return the short table: one row per arm, with what a council asks first.

    Net saving over the whole time, children in care and in residential care in the last year, cases per
    caseworker and months between follow-ups in the last year, and break-even by year 2 and by the end.
    """
    rows = []
    for name in study.plan.arms:
        policy = None if name == BASELINE else study.plan.scenario.policy(name)
        last = {
            key: study.estimate(study.outcome(key, name)[:, -1])
            for key in ("n_in_care", "n_residential", "caseload", "achieved_interval")
        }
        row: dict[str, Any] = {
            "policy": name,
            "label": policy.label if policy else "Som i dag",
            **last,
        }
        if policy is not None:
            p = study.p_broken_even(name)
            row["net_saving"] = study.estimate(study.cumulated_saving(name)[:, -1])
            row["p_year_2"] = float(p[min(1, len(p) - 1)])
            row["p_last"] = float(p[-1])
        rows.append(row)
    return rows
