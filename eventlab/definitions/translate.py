"""Say in the words of the file what pydantic found wrong with it."""

from __future__ import annotations

import re
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from eventlab.definitions.base import FORMS, PATTERNS
from eventlab.definitions.problem import hint, listed, one_line, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

    from eventlab.definitions.problem import Loc

__all__ = ["forms_of", "message_of", "plain_errors", "union_message"]

_QUOTED = re.compile(r"'([^']*)'")
_TYPES = {
    "string_type": "text",
    "int_type": "whole number",
    "float_type": "number",
    "finite_number": "finite number",
    "bool_type": "true or false",
    "tuple_type": "list",
    "dict_type": "mapping of key: value",
    "model_type": "mapping of key: value",
}
_BOUNDS = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


def plain_errors(errors: Iterable[ErrorDetails]) -> list[ErrorDetails]:
    """Take the names that pydantic gives the forms of a value out of the places of errors."""
    plain: list[ErrorDetails] = []
    for each in errors:
        loc = each["loc"]
        named = loc[2:3] in {(form,) for form in FORMS}  # only forms of when.enter and when.exit
        plain.append({**each, "loc": (*loc[:2], *loc[3:])} if named else each)
    return plain


def message_of(error: ErrorDetails, model: type[BaseModel]) -> str:
    """Write one error as what is wrong, the value, what is allowed and the nearest valid word."""
    kind = error["type"]
    if kind == "missing":
        return _missing(error, model)
    if kind == "extra_forbidden":
        return _unknown(error["loc"], model)
    if kind in _TYPES:
        return _wrong_type(error, model)
    if kind == "union_tag_not_found":
        return union_message(error, model, error["loc"])
    return _wrong_value(error)


def union_message(error: ErrorDetails, model: type[BaseModel], loc: Loc) -> str:
    """Say what is allowed where several forms are, none of which the value has."""
    said = f"{show(error['input'])} has none of the forms allowed"
    return said + (_described(model, loc) or ": a number, a text, true or false")


def forms_of(annotation: object) -> tuple[type[BaseModel] | None, bool]:
    """Return the section that a value may be, and whether it may be anything but a section."""
    model = _model_in(annotation)
    others = (each for each in _alternatives(annotation) if each not in {model, type(None)})
    return model, any(each is not dict and get_origin(each) is not dict for each in others)


def fields_at(model: type[BaseModel], loc: Loc) -> dict[str, str]:
    """Return the known keys of the mapping at ``loc`` with their descriptions; none if open."""
    found: Any = model
    for part in loc:
        found = _step(found, part)
    known = _model_in(found)
    if known is None:
        return {}
    return {name: each.description or "" for name, each in known.model_fields.items()}


def _missing(error: ErrorDetails, model: type[BaseModel]) -> str:
    loc = error["loc"]
    if isinstance(loc[-1], int):  # the second bar of a window
        return f"{show(error['input'])} has too few entries" + _described(model, loc[:-1])
    return "is missing" + _described(model, loc)


def _wrong_type(error: ErrorDetails, model: type[BaseModel]) -> str:
    kind, value = error["type"], error["input"]
    message = f"{show(value)} is no {_TYPES[kind]}{_remedy(kind, value)}"
    known = fields_at(model, error["loc"]) if kind == "model_type" else ()
    return message + (f"; known keys are {listed(known, 20)}" if known else "")


def _wrong_value(error: ErrorDetails) -> str:
    kind, value = error["type"], error["input"]
    context: Mapping[str, Any] = error.get("ctx", {})
    if kind == "literal_error":
        allowed = _QUOTED.findall(str(context["expected"]))
        return f"{show(value)} is not allowed; one of {listed(allowed)}{hint(value, allowed)}"
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"{show(value)} is out of bounds; {words} {context[name]:g}"
    if kind == "string_pattern_mismatch":
        form = PATTERNS.get(context["pattern"], f"a text of the form {context['pattern']}")
        return f"{show(value)} is not {form}{_nearest_form(value, form)}"
    if kind in {"too_short", "too_long"}:
        return _length(kind, context)
    return f"{show(value)}: {_uncapped(error['msg'].removeprefix('Value error, '))}"


def _unknown(loc: Loc, model: type[BaseModel]) -> str:
    key, known = loc[-1], fields_at(model, loc[:-1])
    if key == "<<":
        return "merge keys (<<) are not part of YAML 1.2; write the keys out"
    near = hint(key, known)
    return f"is no known key{near}" + ("" if near else f"; known are {listed(known, 20)}")


def _described(model: type[BaseModel], loc: Loc) -> str:
    if not loc:
        return ""
    described = fields_at(model, loc[:-1]).get(str(loc[-1]), "")
    return f": {_uncapped(described).rstrip('.')}" if described else ""


def _remedy(kind: str, value: object) -> str:
    scalar = isinstance(value, bool | int | float) or value is None
    if kind == "string_type" and scalar:
        return "; put it in quotes" if value is not None else "; give it a value or drop the key"
    if kind in {"tuple_type", "int_type", "float_type", "bool_type"} and value is None:
        return "; give it a value or drop the key"
    if kind == "tuple_type" and isinstance(value, str):
        return f"; write [{one_line(value)}]"
    if kind in {"int_type", "float_type"} and isinstance(value, str) and "_" in value:
        return "; YAML 1.2 has no underscores in numbers"
    return ""


def _length(kind: str, context: Mapping[str, Any]) -> str:
    bound = context["min_length" if kind == "too_short" else "max_length"]
    few = "at least" if kind == "too_short" else "at most"
    return f"has {context['actual_length']} entries; {few} {bound}"


def _nearest_form(value: object, form: str) -> str:
    if not isinstance(value, str) or not value:
        return ""
    if "fact.NAME" in form:
        return hint(value, re.findall(r"[a-z]{3,}(?:\.[A-Z]+)?", form))
    if "capitals" in form and value != value.upper() and not value.startswith("@"):
        return f"; did you mean {value.upper()!r}?"
    if value != value.lower() and "lower-case" in form:
        joint = "_" if "underscores" in form else "-"
        plain = re.sub(r"[^a-z0-9]+", joint, value.lower()).strip(joint)
        return f"; did you mean {plain!r}?" if plain else ""
    return ""


def _uncapped(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _step(annotation: object, part: str | int) -> object:
    """Follow one key or position through an annotation; None where it leads nowhere."""
    model = _model_in(annotation)
    if model is not None and isinstance(part, str):
        field = model.model_fields.get(part)
        return None if field is None else field.annotation
    for each in _alternatives(annotation):
        origin, args = get_origin(each), get_args(each)
        if origin is dict and isinstance(part, str):
            return args[1]
        if origin is tuple and isinstance(part, int):
            return args[0]
    return None


def _model_in(annotation: object) -> type[BaseModel] | None:
    for each in _alternatives(annotation):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
    return None


def _alternatives(annotation: object) -> list[object]:
    if get_origin(annotation) is Annotated:
        return _alternatives(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return [part for each in get_args(annotation) for part in _alternatives(each)]
    return [annotation]
