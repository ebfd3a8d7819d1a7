"""Messages: what is wrong with a scenario, in words: key, value, allowed range, likely meaning."""

from __future__ import annotations

import difflib
import types
from datetime import date
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

_BOUNDS = (
    ("greater_than_equal", "ge", "at least {}"),
    ("greater_than", "gt", "more than {}"),
    ("less_than_equal", "le", "at most {}"),
    ("less_than", "lt", "less than {}"),
)

_KINDS = {
    "not_a_number": "must be a number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "tuple_type": "must be a list in square brackets, such as [1.0, 0.5]",
    "string_type": "must be text in quotation marks",
}


def explained(error: ValidationError, model: type[BaseModel]) -> str:
    """Return one line per problem of a pydantic error about `model`."""
    problems = error.errors()
    deeper = [p["loc"] for p in problems]
    return "\n".join(
        _line(problem, model)
        for problem in problems
        if not (problem["type"] == "too_short" and _has_deeper(problem["loc"], deeper))
    )


def _has_deeper(place: tuple[Any, ...], places: list[Any]) -> bool:
    """Return whether something inside `place` is wrong too, and is the better thing to report."""
    return any(len(p) > len(place) and p[: len(place)] == place for p in places)


def _line(problem: Any, model: type[BaseModel]) -> str:
    path = tuple(problem["loc"])
    where, field, owner = _walk(model, path)
    kind, value = problem["type"], problem.get("input")
    if kind == "extra_forbidden":
        return f"{where}: unknown key {path[-1]!r}{_did_you_mean(str(path[-1]), owner)}"
    if kind == "missing":
        hint = ""
        if path[-1] in ("age_at_arrival", "age_at_entry"):
            hint = ": age_bands are your own, so give one value per band"
        return f"{where} is missing{_meaning(field)}{hint}"
    if kind == "value_error":
        text = str(problem["ctx"]["error"])
        return (
            text if not where or text.startswith(where) or where.count(".") == 0 else f"{where}: {text}"
        )
    allowed = _allowed(problem)
    return f"{where} = {_shown(value)}: {allowed}{_meaning(field)}{_likely(value, problem)}"


def _walk(
    model: type[BaseModel], path: tuple[Any, ...]
) -> tuple[str, FieldInfo | None, type[BaseModel] | None]:
    """Return the path as written, the field it ends in and the model that holds its last key."""
    where, field = "", None
    holder: Any = model
    owner: type[BaseModel] | None = model
    for step in path:
        where += f"[{step}]" if isinstance(step, int) else f".{step}" if where else str(step)
        if isinstance(holder, type) and issubclass(holder, BaseModel):
            owner, field = holder, holder.model_fields.get(str(step))
            holder = _inner(field.annotation) if field else None
        else:
            owner = None
            holder = _inner(holder)
    return where, field, owner


def _inner(annotation: Any) -> Any:
    """Return the model (or what may hold one) inside Optional, Annotated, dict and tuple."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return _inner(next(a for a in args if a is not type(None)))
    if origin is dict:
        return _Holder(args[1])
    if origin is tuple:
        return _Holder(args[0])
    if isinstance(annotation, _Holder):
        return _inner(annotation.inside)
    return None


class _Holder:
    def __init__(self, inside: Any) -> None:
        self.inside = inside


def _allowed(problem: Any) -> str:
    kind, ctx = problem["type"], problem.get("ctx", {})
    if kind in _KINDS:
        return _KINDS[kind]
    for name, bound, words in _BOUNDS:
        if kind == name:
            return "must be " + words.format(f"{ctx[bound]:g}")
    if kind == "model_type" and "later_posts" in problem["loc"]:
        return "must say share and first month, such as { fte = 1.0, begins = 2014-01-01 }"
    if kind in ("model_type", "dict_type"):
        key = problem["loc"][-1]
        return (
            "must be a section, begun by a line [[districts]] with double brackets"
            if "districts" in problem["loc"]
            else f"must be a section, begun by a line [{key}]"
        )
    if kind == "literal_error":
        return f"must be {ctx['expected']}"
    if kind.startswith("date"):
        return "must be a date, written year-month-day: 2016-01-01"
    if kind == "finite_number":
        return "must be a finite number"
    if kind == "string_pattern_mismatch":
        return "must be small letters, digits, - and _, beginning with a letter"
    return str(problem["msg"]).replace("Input should be", "must be")


def _likely(value: Any, problem: Any) -> str:
    """Return what the writer probably meant."""
    ctx = problem.get("ctx", {})
    if isinstance(value, str) and value.replace(",", ".", 1).replace(".", "", 1).isdigit():
        number = value.replace(",", ".", 1)
        return f"; write {number} without quotation marks and with a decimal point"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    if {"caseworkers", "extra_fte", "later_posts"} & set(problem["loc"]) and 1 < value <= 100:
        return f"; {value:g} FTE are several posts: {list(posts_of(value))}"
    if (
        problem["type"].startswith("less_than")
        and 1 in (ctx.get("le"), ctx.get("lt"))
        and 1 < value <= 100
    ):
        return f"; if you mean {value:g} %, write {value / 100:g}"
    if problem["type"].startswith("greater_than") and value < 0:
        return f"; did you mean {-value:g}?"
    return ""


def _meaning(field: FieldInfo | None) -> str:
    return f" ({field.description})" if field is not None and field.description else ""


def _did_you_mean(key: str, owner: type[BaseModel] | None) -> str:
    if owner is None:
        return ""
    known = list(owner.model_fields)
    match = difflib.get_close_matches(key, known, n=1, cutoff=0.65)
    return f"; did you mean {match[0]!r}?" if match else f"; the keys here are {', '.join(known)}"


def posts_of(fte: float) -> tuple[float, ...]:
    """Return full-time shares of posts that make up `fte`: 1.5 gives (1.0, 0.5)."""
    whole = int(fte)
    rest = round(float(fte) - whole, 6)
    return (1.0,) * whole + ((rest,) if rest else ())


def _shown(value: Any) -> str:
    text = str(value) if isinstance(value, date) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
