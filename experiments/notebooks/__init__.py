"""What the notebooks need beside the public functions: how much to run, how to say and show a result.

    from experiments.notebooks import say, show, spread, unless_quick
    study = compare("fano", replicates=unless_quick(1000, 40), draws=100)

Built and run by `make notebooks` (`experiments.notebooks.building`).
"""

from experiments.notebooks.showing import (
    exactly,
    is_quick,
    rows_as_table,
    say,
    show,
    spread,
    table,
    unless_quick,
)

__all__ = ["exactly", "is_quick", "rows_as_table", "say", "show", "spread", "table", "unless_quick"]
