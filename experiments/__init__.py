"""What we ask: comparisons of policies and what causes them, with their uncertainty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.attribution import Attribution, attribute
    from experiments.business_case import compare
    from experiments.loading import Tables, load
    from experiments.results import Study

__all__ = ["Attribution", "Study", "Tables", "attribute", "compare", "load"]


def __getattr__(name: str) -> Any:
    if name in ("Attribution", "attribute"):
        from experiments import attribution

        return getattr(attribution, name)
    if name == "compare":
        from experiments.business_case import compare

        return compare
    if name in ("Tables", "load"):
        from experiments import loading

        return getattr(loading, name)
    if name == "Study":
        from experiments.results import Study

        return Study
    raise AttributeError(f"module 'experiments' has no attribute {name!r}")
