"""Numbers as a scenario file gives them: no text, no true or false, read as a number by mistake."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError


def _no_text(value: Any) -> Any:
    if isinstance(value, (str, bool)):
        raise PydanticCustomError("not_a_number", "must be a number")
    return value


Num = Annotated[float, BeforeValidator(_no_text)]
"""A number."""

Whole = Annotated[int, BeforeValidator(_no_text)]
"""A whole number."""
