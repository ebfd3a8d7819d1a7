"""Which of the numbers nobody knows exactly matter most for what Fanø's proposal saves?"""

from experiments.commands.sensitivity import sensitivity
from experiments.scripts.asking import Options, ask


def question(o: Options) -> None:
    """Ask it."""
    sensitivity(
        "fano", method="tornado", policy="swedish_model", replicates=o.histories(1000), seed=o.seed,
        workers=o.workers, out=o.out,
    )  # fmt: skip


if __name__ == "__main__":
    ask(question)
