"""How many histories are enough for a figure about Fanø?"""

from experiments.commands.replicates import replicates
from experiments.scripts.asking import Options, ask


def question(o: Options) -> None:
    """Ask it."""
    replicates("fano", replicates=o.replicates or 10_000, seed=o.seed, workers=o.workers, out=o.out,
               quick=o.quick)  # fmt: skip


if __name__ == "__main__":
    ask(question)
