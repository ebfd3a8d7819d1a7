"""Collector: Mesa's data collector, which takes the ledger's page of the month as a whole."""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import Any

import mesa
import numpy as np
import pandas as pd

_MONTH = "month"


class LedgerCollector(mesa.DataCollector):
    """A DataCollector of `month` and of every column of the ledger; more reporters may be added.

    The columns are no reporters of their own, for Mesa copies what a reporter returns deeply, one by one.
    """

    def __init__(self, columns: list[str], **options: Any) -> None:
        """Collect the model's `book`, whose entries are called `columns`."""
        super().__init__(model_reporters={_MONTH: _MONTH}, **options)
        self.model_vars.update({name: [] for name in columns})
        self._pages = [self.model_vars[name] for name in columns]

    def collect(self, model: Any) -> None:
        """Keep the page of the month, and what other reporters there are."""
        if len(self.model_reporters) > 1 or self.agent_reporters or self.agenttype_reporters:
            super().collect(model)
        else:
            self.model_vars[_MONTH].append(model.month)
        for column, entry in zip(self._pages, model.book, strict=True):
            column.append(entry)

    def get_model_vars_dataframe(self) -> pd.DataFrame:
        """Return what was collected: a row per month, a column per name."""
        if len(self.model_reporters) > 1:
            return super().get_model_vars_dataframe()
        months = np.array(self.model_vars[_MONTH], np.int64)
        columns = self.model_vars.values()
        entries = np.fromiter(chain.from_iterable(columns), float).reshape(len(columns), len(months))
        frame = pd.DataFrame(entries.T, columns=_index(tuple(self.model_vars)))
        frame[_MONTH] = months
        return frame


@cache
def _index(names: tuple[str, ...]) -> pd.Index[str]:
    """Return names as pandas wants them, which takes it as long as all the rest."""
    return pd.Index(names)
