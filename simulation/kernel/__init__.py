"""The kernel: the month of `model.py` over arrays, compiled, for Monte Carlo.

Same order, same rules, same uniforms as the agents engine, hence the same histories to the last bit.

In every function: t the table, m the month's record, w the world (luck, clock, ledger), d a district,
post a post; districts and posts are arrays of them. Children stand in blocks, side by side: b is a block,
i a lane of it, `b.stair[i]` where that child stands; marks are numbers with a bit for each lane. rec is a
Record or None (then the compiler leaves the recording out). See `layout` for fields.
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
