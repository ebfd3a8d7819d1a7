"""The command line: `trappe ...`. Messages for people go to stderr, results to stdout."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.commands.attribute import attribute
from experiments.commands.calibrate import calibrate
from experiments.commands.denmark import denmark
from experiments.commands.example import example
from experiments.commands.import_ import import_
from experiments.commands.options import Executor, PictureLanguage, known_engine
from experiments.commands.replicates import replicates
from experiments.commands.report import report
from experiments.commands.sensitivity import sensitivity
from experiments.commands.serve import serve
from experiments.commands.settle import settle
from experiments.commands.staffing import staffing
from experiments.commands.sweep import sweep
from experiments.commands.validate import validate
from experiments.commands.value_of_information import value_of_information
from experiments.names import short_name

if TYPE_CHECKING:
    from experiments.results import Study
    from experiments.words import Language
    from simulation.scenario import Scenario

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Simulate placements, caseworkers and cost in a Danish municipality.",
)

ScenarioArgument = Annotated[str, typer.Argument(help="A shipped scenario, or the path of a TOML file.")]


def main() -> None:
    """Run the command line; what goes wrong is said in words, with exit code 2."""
    run(app, "trappe")


def _one_thread_for_algebra() -> None:
    """Keep linear algebra from starting threads of its own: they would wait for those of the studies.

    Holds as long as numpy has not been loaded; what the environment says goes before it.
    """
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def run(program: typer.Typer, name: str) -> None:
    """Run a program of commands under a name; what goes wrong is said in words, with exit code 2."""
    _one_thread_for_algebra()
    from experiments.crews import ExecutorError
    from experiments.files import StoreError
    from simulation.reading import ScenarioError

    try:
        program(prog_name=name)
    except (ScenarioError, StoreError, ExecutorError, ValueError, KeyError) as error:
        _refuse(error, name)
    except MemoryError:
        _refuse(ValueError("the memory is full; what was finished is kept: try fewer --workers"), name)
    except BrokenPipeError:
        raise SystemExit(1) from None
    except OSError as error:
        _refuse(error, name)


def _refuse(error: Exception, name: str) -> None:
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    if isinstance(error, OSError):
        text = f"{error.filename or 'a file'} cannot be used: {error.strerror or error}"
    typer.echo(f"{name}: {text}", err=True)
    raise SystemExit(2)


@app.command()
def compare(
    scenario: ScenarioArgument,
    policy: Annotated[
        list[str] | None, typer.Option(help="A policy (may be repeated). [default: all]")
    ] = None,
    replicates: Annotated[int, typer.Option(min=2, max=1_000_000, help="Histories per policy.")] = 1000,
    precision: Annotated[
        float | None,
        typer.Option(
            min=1e-5, max=1.0,
            help="Run until the mean yearly net saving is known to this share of the yearly placement "
            "budget, instead of a number of histories.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Study seed.")] = 1,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=1024, help="How many work side by side. [default: one per processor]"),
    ] = None,
    engine: Annotated[str, typer.Option(help="kernel, or agents (same results, far slower).")] = "kernel",
    discount_rate: Annotated[
        float | None,
        typer.Option(
            min=0.0, max=1.0,
            help="Of society's view, per year. [default: the official one at the policy's start]",
        ),
    ] = None,
    tax_distortion: Annotated[
        bool,
        typer.Option("--tax-distortion", help="Add the loss from taxation to society's view."),
    ] = False,
    spending: Annotated[
        bool, typer.Option("--spending", help="Also print the first policy's spending, year by year.")
    ] = False,
    prices: Annotated[
        str, typer.Option(help="Of that table: fixed, or current (each year at its own level).")
    ] = "fixed",
    draws: Annotated[
        int, typer.Option(min=0, help="Draws of the parameters to spread histories over. [0: none]")
    ] = 0,
    months: Annotated[
        int | None, typer.Option(min=1, max=1200, help="Length. [default: the scenario's]")
    ] = None,
    district: Annotated[
        str | None, typer.Option(help="One district alone. [default: all of them]")
    ] = None,
    executor: Executor = "threads",
    out: Annotated[
        Path | None, typer.Option(help="Results folder. [default: results/<scenario>-<study>]")
    ] = None,
    language: PictureLanguage = "en",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
    expected: Annotated[
        bool, typer.Option("--expected", help="Expected values in closed form: no intervals.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="With --expected: also how far they are from histories.")
    ] = False,
) -> None:  # fmt: skip
    """Compare policies with carrying on as today: money, children, break-even."""
    from experiments.commands.expected import compare_expected, refuse_check

    if expected:
        of_histories = {
            "--draws": draws > 0, "--precision": precision is not None, "--out": out is not None,
            "--json": json, "--spending": spending, "--engine": engine != "kernel",
            "--discount-rate": discount_rate is not None, "--tax-distortion": tax_distortion,
            "--prices": prices != "fixed", "--executor": executor != "threads",
            "--language": language != "en",
        }  # fmt: skip
        compare_expected(
            scenario, policy, months, district, seed, workers, replicates, check,
            [name for name, given in of_histories.items() if given],
        )  # fmt: skip
        return
    refuse_check(check)
    from experiments import business_case
    from experiments.progress import bar
    from experiments.words import check_language
    from simulation.reading import find_scenario

    named, said_in = known_engine(engine), check_language(language)
    if prices not in ("fixed", "current"):
        raise ValueError(f"--prices {prices!r} must be fixed or current")
    found = _at_length(find_scenario(scenario), months)
    chosen = policy or None
    folder = out or business_case.default_folder(
        found, chosen, seed, named, draws, district,
    )  # fmt: skip
    with bar(f"{found.label}: {_how_many(replicates, precision)}") as progress:
        study = business_case.compare(
            found, chosen, replicates=replicates, precision=precision, seed=seed, workers=workers,
            engine=named, discount_rate=discount_rate,
            tax_distortion=tax_distortion, draws=draws, district=district, executor=executor,
            out=folder, progress=progress,
        )  # fmt: skip
    _figures(study, said_in)
    if json:
        from experiments.schema import as_json

        typer.echo(as_json(study))
        return
    from experiments.tables import print_comparison

    print_comparison(study)
    if spending or (len(found.districts) > 1 and district is None):
        _print_spending(study, prices, workers)
    typer.echo(f"Results: {folder}", err=True)


def _at_length(scenario: Scenario, months: int | None) -> Scenario:
    from simulation.horizon import with_months

    return scenario if months is None else with_months(scenario, months)


def _print_spending(study: Study, prices: str, workers: int | None) -> None:
    """Print what the baseline and the first policy spend; where there are several districts, in each."""
    from experiments.business_case import of_district
    from experiments.spending_table import print_spending

    names = [d.name for d in study.plan.scenario.districts]
    if len(names) == 1 or study.plan.district is not None:
        print_spending(study, prices)  # type: ignore[arg-type]
        return
    for name in names:
        print_spending(of_district(study, name, workers), prices)  # type: ignore[arg-type]


def _how_many(replicates: int, precision: float | None) -> str:
    if precision is None:
        return f"{replicates} histories per policy"
    return f"histories until a net saving is known to {precision:g} of the budget"


def _figures(study: Any, language: Language) -> None:
    if not study.plan.policies or study.folder is None:
        return
    from experiments import plots
    from experiments.store import Store

    store = Store(study.folder, study.plan)
    store.write_bytes("comparison.png", plots.as_png(plots.comparison(study, language)))
    store.write_bytes("staircase.png", plots.as_png(plots.staircase(study, language)))


@app.command()
def scenarios() -> None:
    """List the shipped scenarios and their policies."""
    from simulation.reading import find_scenario, shipped_scenarios

    for name in shipped_scenarios():
        scenario = find_scenario(name)
        typer.echo(f"{name}: {scenario.about}")
        for key, policy in scenario.policies.items():
            typer.echo(f"    {key:22s} {policy.about}")


@app.command()
def check(scenario: ScenarioArgument) -> None:
    """Say what is wrong with a scenario, or that nothing is; and what lies outside the evidence."""
    from simulation.provenance import outside_evidence
    from simulation.reading import find_scenario, stated_in

    found = find_scenario(scenario)
    cases = sum(
        n for d in found.districts for key, n in found.counted(d).items()
        if found.staircase[found.staircase.index(key)].is_case
    )  # fmt: skip
    typer.echo(
        f"{scenario}: nothing is wrong. {found.label}: {cases} cases, {found.fte:g} FTE, "
        f"{len(found.districts)} district{'s' if len(found.districts) > 1 else ''}, "
        f"{len(found.policies)} policies, {found.months} months from {found.start}."
    )
    if found.first_day is not None:
        used = " and ".join(filter(None, (", ".join(found.not_listed[:-1]), *found.not_listed[-1:])))
        verb = "are" if len(found.not_listed) > 1 else "is"
        typer.echo(
            f"The first day has the {len(found.first_day)} {found.people} of [case_list], one by one; of "
            f"[districts.start] {f'only {used} {verb}' if used else 'nothing is'} used."
        )
    if outside := outside_evidence(stated_in(scenario)):
        typer.echo("Outside the evidence range, which is allowed:")
        typer.echo("\n".join(f"  {number}" for number in outside))


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Short name, such as my-municipality.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file where it exists.")] = False,
) -> None:
    """Write a commented scenario file to fill in: NAME.toml."""
    from simulation.reading import shipped_text

    if short_name(name) != name:
        raise ValueError(
            f"the name {name!r} must be small letters, digits, - and _, beginning with a letter; "
            f"try {short_name(name)!r}"
        )
    path = Path(f"{name}.toml")
    if path.exists() and not force:
        raise ValueError(f"{path} exists; choose another name, or replace it with --force")
    path.write_text(shipped_text("template").replace("my-municipality", name), encoding="utf-8")
    typer.echo(f"Wrote {path}. Fill it in, then: trappe check {path}; trappe compare {path}")


@app.command()
def parameters(
    name: Annotated[str | None, typer.Argument(help="A parameter, or the beginning of names.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="All of them, as a page.")] = False,
) -> None:
    """Show the numbers of the model with range, grade and source."""
    if markdown:
        from experiments.assumptions import as_markdown

        typer.echo(as_markdown(), nl=False)
        return
    from experiments.tables import print_parameters

    print_parameters(name)


@app.command()
def version() -> None:
    """Print the version."""
    from experiments.store import project_version

    typer.echo(project_version())


app.command()(attribute)
app.command()(report)
app.command()(calibrate)
app.command()(validate)
app.command("import")(import_)
app.command()(example)
app.command()(settle)
app.command()(serve)
app.command()(sweep)
app.command()(denmark)
app.command()(staffing)
app.command()(sensitivity)
app.command()(replicates)
app.command("value-of-information")(value_of_information)

if __name__ == "__main__":
    main()
