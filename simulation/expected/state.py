"""What goes from month to month beside the children."""

from __future__ import annotations

from typing import Any

import numpy as np

STATE = np.dtype(
    [
        ("month", "i8"),
        ("attention", "f8"),
        ("fte", "f8"),  # expected, of caseworkers in post
        ("posts", "f8"),  # expected number of these
        ("hours", "f8"),  # for cases, before what is owed
        ("new", "f8"),  # expected number of newcomers in post
        ("hours_of_new", "f8"),  # of these hours
        ("owed", "f8", (2,)),  # hours overdrawn last month, of a newcomer and of another caseworker
        ("open", "i8"),  # posts
        ("opening", "i8"),  # posts that open this month
        ("leaves", "f8"),  # chance that a caseworker leaves this month
        ("comes", "f8"),  # chance that a vacant post is filled
        ("variance", "f8"),  # of the number of cases
        ("ample", "f8"),  # share of the caseworkers who held all follow-ups that were due
        ("spread", "f8"),  # of the number of cases: how far few and many are from usual, as a share
        ("in_handover", "f8"),  # share of the children who feel a change of caseworker
        ("backlog", "f8"),  # assessments of the first day that still want hours
        ("reactive", "f8"),  # hours given, from here on
        ("assessing", "f8"),
        ("done", "f8"),  # assessments whose hours were completed
    ]
)
"""One district under way in expectation."""

StateRecord = Any  # one record of STATE
