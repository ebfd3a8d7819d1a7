"""What did Herning's pilot spend by group of accounts, and what would it have spent as things were?"""

from experiments.cli import compare
from experiments.scripts.asking import Options, ask


def question(o: Options) -> None:
    """Ask it."""
    compare(
        "herning", policy=["sverigesprogram"], months=36, replicates=o.histories(1000), draws=100,
        seed=o.seed, workers=o.workers, out=o.out,
    )  # fmt: skip


if __name__ == "__main__":
    ask(question)
