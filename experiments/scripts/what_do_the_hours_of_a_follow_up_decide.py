"""How much of what the Swedish model does on Fanø hangs on the hours that a follow-up takes?"""

from experiments.commands.sweep import sweep
from experiments.scripts.asking import Options, ask


def question(o: Options) -> None:
    """Ask it."""
    sweep("fano-follow-ups", replicates=o.replicates, workers=o.workers, seed=o.seed, out=o.out,
          quick=o.quick)  # fmt: skip


if __name__ == "__main__":
    ask(question)
