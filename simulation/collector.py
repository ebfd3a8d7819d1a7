"""Collector: Mesa's data collector, which takes the ledger's page of the month as a whole."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np
import pandas as pd


class LedgerCollector(mesa.DataCollector):
    """A DataCollector of `month` and of every column of the ledger; more reporters may be added.

    The columns are not reporters of their own, for Mesa copies what a reporter returns deeply, one by one.
    """

    def __init__(self, columns: list[str], **options: Any) -> None:
        """Collect the model's `book`, whose entries are called `columns`."""
        super().__init__(model_reporters={"month": "month"}, **options)
        self.model_vars.update({name: [] for name in columns})
        self._names = columns
        self._columns = [self.model_vars[name] for name in columns]

    def collect(self, model: Any) -> None:
        """Keep the page of the month, and what other reporters there are."""
        super().collect(model)
        for column, entry in zip(self._columns, model.book, strict=True):
            column.append(entry)

    def get_model_vars_dataframe(self) -> pd.DataFrame:
        """Return what was collected: a row per month, a column per name."""
        frame = pd.DataFrame(np.array(self._columns).T, columns=self._names)
        names = [*self.model_vars]
        for name in self.model_reporters:
            frame.insert(min(names.index(name), len(frame.columns)), name, self.model_vars[name])
        return frame
