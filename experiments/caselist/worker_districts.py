"""Which district a caseworker works in: as the workers' file says, or where the children live."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from experiments.caselist.reading_extras import Cases, Workers
from experiments.caselist.spells import Ints, Spells


def with_districts(workers: Workers, cases: Cases, spells: Spells, district: Ints) -> Workers:
    """Return the workers, where none is given in the district that most of their children live in.

    `district` [spell]: a position, -1 where none is given; a child lives in that of its latest spell that
    has one. Of districts with as many children the first one is taken; a worker without children in any
    district keeps -1.
    """
    if not (district >= 0).any():
        return workers
    known = district >= 0
    home = np.full(len(spells.birth), -1, dtype=np.int64)
    home[spells.child[known]] = district[known]  # spells are in order of time: the last one stays
    pairs = np.unique(np.column_stack((cases.worker, cases.child)), axis=0)
    pairs = pairs[home[pairs[:, 1]] >= 0]
    children = np.zeros((int(max(workers.worker.max(initial=-1), pairs[:, 0].max(initial=-1))) + 1,
                         int(district.max()) + 1), dtype=np.int64)  # fmt: skip
    np.add.at(children, (pairs[:, 0], home[pairs[:, 1]]), 1)
    most = np.where(children.any(axis=1), children.argmax(axis=1), -1)
    return replace(
        workers, district=np.where(workers.district < 0, most[workers.worker], workers.district)
    )
