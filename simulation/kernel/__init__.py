"""The kernel: the month of `model.py` over arrays, compiled, for Monte Carlo.

Same order, same rules, same uniforms as the agents engine, hence the same histories to the last bit.

In every function: t the table, m the month's record, w the world (luck, clock, ledger), d a district,
c a child, post a post; children, districts and posts are arrays of them; lists are explained in
`space`; rec is a Record or None (then the compiler leaves the recording out). See `layout` for fields.
"""

from simulation.kernel.month import run_month, run_replicate, run_replicates
from simulation.kernel.space import TRACE_FLOATS, TRACE_INTS, Record, Space, work_space

__all__ = [
    "TRACE_FLOATS",
    "TRACE_INTS",
    "Record",
    "Space",
    "run_month",
    "run_replicate",
    "run_replicates",
    "work_space",
]
