"""`python -m experiments.expected`: measure how far expected values are from histories, and record it."""

from __future__ import annotations

from experiments.expected.distance import RECORD, record

if __name__ == "__main__":
    print(f"{len(record())} rows: {RECORD}")
