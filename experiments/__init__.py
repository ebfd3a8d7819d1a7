"""What we ask: comparisons of policies, with their uncertainty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.business_case import compare
    from experiments.results import Study

__all__ = ["Study", "compare"]


def __getattr__(name: str) -> Any:
    if name == "compare":
        from experiments.business_case import compare

        return compare
    if name == "Study":
        from experiments.results import Study

        return Study
    raise AttributeError(f"module 'experiments' has no attribute {name!r}")
