"""What does Fanø's proposal cost in the world where nothing works, and in the one where it does harm?"""

from experiments.cli import compare
from experiments.scripts.asking import Options, ask


def question(o: Options) -> None:
    """Ask it."""
    compare(
        "fano", policy=["swedish_model", "null", "perverse"], replicates=o.histories(1000), draws=100,
        seed=o.seed, workers=o.workers, out=o.out,
    )  # fmt: skip


if __name__ == "__main__":
    ask(question)
