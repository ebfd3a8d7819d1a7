"""How much of what is not known about Fanø's saving goes back to numbers of grade B, C and D?"""

from experiments.commands.sensitivity import sensitivity
from experiments.scripts.asking import Options, ask


def question(o: Options) -> None:
    """Ask it."""
    sensitivity(
        "fano", method="sobol", policy="swedish_model", group="grade", replicates=o.histories(32),
        samples=64 if o.quick else 1024, seed=o.seed, workers=o.workers, out=o.out,
    )  # fmt: skip


if __name__ == "__main__":
    ask(question)
