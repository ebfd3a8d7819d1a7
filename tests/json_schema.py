"""JSON schemas, by the few keywords that ours use: where a value breaks one."""

from __future__ import annotations

from typing import Any

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}
IGNORED = {"title", "description", "default", "$defs"}


def violations(value: Any, rule: dict[str, Any], at: str = "$", top: Any = None) -> Any:
    """Yield where a value breaks a JSON schema, by the few keywords that ours uses."""
    top = top or rule
    for keyword, wanted in rule.items():
        match keyword:
            case "$ref":
                yield from violations(value, top["$defs"][wanted.split("/")[-1]], at, top)
            case "anyOf":
                if all(list(violations(value, one, at, top)) for one in wanted):
                    yield f"{at}: {value!r} is none of {wanted}"
            case "type":
                if not isinstance(value, TYPES[wanted]) or isinstance(value, bool):
                    yield f"{at}: {value!r} is not of type {wanted}"
                    return
            case "enum" | "const":
                if value not in (wanted if keyword == "enum" else [wanted]):
                    yield f"{at}: {value!r} must be {wanted}"
            case "minimum" | "maximum":
                if (value < wanted) if keyword == "minimum" else (value > wanted):
                    yield f"{at}: {value!r} is beyond the {keyword} {wanted}"
            case "required":
                yield from (f"{at}: {key} is missing" for key in wanted if key not in value)
            case "properties":
                for key in value.keys() & wanted.keys():
                    yield from violations(value[key], wanted[key], f"{at}.{key}", top)
            case "additionalProperties":
                assert wanted is False
                surplus = value.keys() - rule["properties"].keys()
                yield from (f"{at}: {key} is not known" for key in sorted(surplus))
            case "items":
                for i, item in enumerate(value):
                    yield from violations(item, wanted, f"{at}[{i}]", top)
            case _:
                assert keyword in IGNORED, f"teach this test the keyword {keyword}"
