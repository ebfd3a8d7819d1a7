"""How many caseworkers, and follow-ups how often, cost Fanø least, or bring 75 of 100 into families?"""

from experiments.commands.staffing import staffing
from experiments.scripts.asking import Options, ask


def question(o: Options) -> None:
    """Ask it."""
    staffing(
        "fano", replicates=o.replicates or 4000, seed=o.seed, workers=o.workers, out=o.out, quick=o.quick
    )


if __name__ == "__main__":
    ask(question)
