"""Do fewer cases and closer follow-ups for a quarter of Fanø's children do as well as for all?"""

from experiments.cli import compare
from experiments.scripts.asking import Options, ask


def question(o: Options) -> None:
    """Ask it."""
    compare(
        "fano", policy=["swedish_model", "quarter_of_children"], replicates=o.histories(2000), draws=100,
        seed=o.seed, workers=o.workers, out=o.out,
    )  # fmt: skip


if __name__ == "__main__":
    ask(question)
