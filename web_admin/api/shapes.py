"""The words in which the document describes what is read and written (JSON Schema 2020-12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Shape = Mapping[str, Any]

LARGEST_CENTS = 10**14 - 1
"""No amount has more than 12 digits before the point."""


def text(example: str, about: str = "", **more: Any) -> Shape:
    return {"type": "string", **_about(about), "example": example, **more}


def choice(about: str, *allowed: str) -> Shape:
    return {"type": "string", "enum": list(allowed), **_about(about), "example": allowed[0]}


def whole(example: int, about: str = "", least: int | None = None, most: int | None = None) -> Shape:
    bounds = {name: bound for name, bound in (("minimum", least), ("maximum", most)) if bound is not None}
    return {"type": "integer", **_about(about), "example": example, **bounds}


def cents(example: int, about: str = "") -> Shape:
    return whole(example, about or "In cents.", -LARGEST_CENTS, LARGEST_CENTS)


def day(example: str, about: str = "") -> Shape:
    return text(example, about, format="date")


def moment(example: str, about: str = "") -> Shape:
    return text(example, about, format="date-time")


def or_null(shape: Shape) -> Shape:
    kinds = {**shape, "type": [shape["type"], "null"]}
    if "enum" in shape:
        kinds["enum"] = [*shape["enum"], None]
    return kinds


def listing(items: Shape, about: str = "") -> Shape:
    return {"type": "array", **_about(about), "items": items}


def thing(about: str, /, **fields: Shape) -> Shape:
    """An object with these fields and no other, and all of them."""
    return {
        "type": "object",
        **_about(about),
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def without(shape: Shape, *names: str) -> Shape:
    """The same object, but these of its fields may be left out."""
    return {**shape, "required": [name for name in shape["required"] if name not in names]}


def ref(name: str) -> Shape:
    return {"$ref": f"#/components/schemas/{name}"}


def piece(name: str) -> Shape:
    """A piece of a list of these."""
    return thing(
        "A piece of a list. `next` is null where it ends; else it is the parameter `next` of the request that goes on.",
        items=listing(ref(name)),
        next=or_null(text("WyIyMDI2LTEwLTAxIiwgN10", "Where the list goes on.")),
    )


def example_of(shape: Shape, shapes: Mapping[str, Shape]) -> Any:
    """An example of the whole, made of those of its parts."""
    if "$ref" in shape:
        return example_of(shapes[shape["$ref"].rpartition("/")[2]], shapes)
    if "example" in shape:
        return shape["example"]
    if shape["type"] == "array":
        return [example_of(shape["items"], shapes)]
    return {name: example_of(field, shapes) for name, field in shape["properties"].items()}


def _about(about: str) -> dict[str, str]:
    return {"description": about} if about else {}
