"""What goes from month to month beside the children."""

from __future__ import annotations

from typing import Any

import numpy as np

STATE = np.dtype(
    [
        ("month", "i8"),
        ("longest", "i8"),  # months since a follow-up beyond which nobody stands
        ("attention", "f8"),
        ("fte", "f8"),  # expected, of caseworkers in post
        ("posts", "f8"),  # expected number of these
        ("hours", "f8"),  # for cases, before what is owed
        ("new", "f8"),  # expected number of newcomers in post
        ("hours_of_new", "f8"),  # of these hours
        ("owed", "f8"),  # hours overdrawn last month
        ("in_handover", "f8"),  # share of the children who feel a change of caseworker
        ("backlog", "f8"),  # hours that assessments of the first day still need
        ("reactive", "f8"),  # hours given, from here on
        ("assessing", "f8"),
    ]
)
"""One district under way in expectation."""

StateRecord = Any  # one record of STATE
