"""What would Fanø's proposal of 2015 save, how sure is that, and what do its parts save alone?"""

from experiments.cli import compare
from experiments.scripts.asking import Options, ask


def question(o: Options) -> None:
    """Ask it."""
    compare("fano", replicates=o.histories(1000), draws=100, seed=o.seed, workers=o.workers, out=o.out)


if __name__ == "__main__":
    ask(question)
