"""Which of capacity, reviews, practice and supply saves what of Fanø's proposal?"""

from experiments.commands.attribute import attribute
from experiments.scripts.asking import Options, ask


def question(o: Options) -> None:
    """Ask it."""
    attribute(
        "fano", policy="swedish_model", replicates=o.histories(1000), draws=100, seed=o.seed,
        workers=o.workers, out=o.out,
    )  # fmt: skip


if __name__ == "__main__":
    ask(question)
