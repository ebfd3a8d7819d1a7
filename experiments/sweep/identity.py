"""Identity of a sweep: what two runs must share so that their results may stand in one folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from experiments.draws import own_draws
from experiments.program import program
from experiments.sweep.design import Design, Row
from experiments.sweep.outcomes import NAMES
from experiments.sweep.work import Chunk


def identity(design: Design) -> dict[str, Any]:
    """Return all that the results rest on but for the rows: scenarios in full, seed, engine, program.

    The number of replicates is not among it: more of them are more of the same. Draws of a scenario's own
    numbers are, by their hash, where there are some.
    """
    own = {name: draws.digest for name, s in design.scenarios.items() if (draws := own_draws(s))}
    found = {
        **program(),
        "outcomes": list(NAMES),
        "seed": design.seed,
        "engine": design.engine,
        "rows_per_chunk": design.rows_per_chunk,
        "block": design.block,
        "scenarios": {
            **{name: {"unusable": why} for name, why in design.unusable.items()},
            **{name: s.model_dump(mode="json") for name, s in design.scenarios.items()},
        },
        **({"own_draws": own} if own else {}),
    }
    return dict(json.loads(json.dumps(found)))


def hash_of(thing: Any) -> str:
    """Return 64 hex digits of anything that JSON can write."""
    return hashlib.sha256(json.dumps(thing, sort_keys=True).encode()).hexdigest()


def row_as_json(row: Row) -> list[Any]:
    """Return a row as plain lists, the same for rows that ask for the same."""
    values = sorted((name, float(x)) for name, x in row.values.items())
    return [row.scenario, row.policy, row.draw, [list(pair) for pair in values]]


def rows_hash(rows: Sequence[Row]) -> str:
    """Return what tells one list of rows from another."""
    return hash_of([row_as_json(row) for row in rows])


class Keys:
    """Names of a sweep's chunks by what is in them: rows, replicates, scenarios and program."""

    def __init__(self, identity: Mapping[str, Any], rows: Sequence[Row]) -> None:
        self._rows = rows
        self._scenarios = {name: hash_of(s) for name, s in identity["scenarios"].items()}
        self._rest = hash_of({key: x for key, x in identity.items() if key != "scenarios"})

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def of(self, chunk: Chunk) -> str:
        """Return the name of a chunk's contents: 64 hex digits."""
        rows = [self._rows[i] for i in chunk.rows]
        scenarios = {row.scenario: self._scenarios.get(row.scenario) for row in rows}
        replicates = [chunk.replicates.start, chunk.replicates.stop]
        return hash_of([self._rest, scenarios, [row_as_json(r) for r in rows], replicates])
