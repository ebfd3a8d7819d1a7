"""Which unknown is worth measuring before Fanø decides, and what may the measuring cost?"""

from experiments.commands.value_of_information import value_of_information
from experiments.scripts.asking import Options, ask


def question(o: Options) -> None:
    """Ask it."""
    value_of_information(
        "fano", replicates=o.replicates or 20, seed=o.seed, workers=o.workers, out=o.out, quick=o.quick
    )


if __name__ == "__main__":
    ask(question)
