"""Faults of a tenant's document: where, what was expected, and in which line of the file when that is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

#: Field names and list positions from the top of the document.
Place = tuple[str | int, ...]

_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong.

    Attributes:
        place: what it is about; () for the whole document.
        text: the sentence, which begins with the field's path.
    """

    place: Place
    text: str


def written(faults: Iterable[Fault], source: str, lines: Mapping[Place, int]) -> str:
    """One line a fault, in the order of the file.

    Args:
        source: the file's name.
        lines: of the fields, from 1; empty when the document came from elsewhere.
    """
    placed = sorted((_line_of(fault.place, lines), index, fault.text) for index, fault in enumerate(faults))
    return "\n".join(f"{source}:{line}: {text}" if line else f"{source}: {text}" for line, _, text in placed)


def shape_faults(error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    """What a document's shape is wrong in, one fault a field."""
    return [_shape_fault(dict(each), model) for each in error.errors()]


def path(place: Place) -> str:
    """ "services[2].duration_min"."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def shown(value: Any) -> str:
    """A value as a fault quotes it."""
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."


def _line_of(place: Place, lines: Mapping[Place, int]) -> int:
    """The line of a field, or of what it should stand in; 0 when unknown."""
    return next((lines[place[:n]] for n in range(len(place), -1, -1) if place[:n] in lines), 0)


def _shape_fault(error: dict[str, Any], model: type[BaseModel]) -> Fault:
    place: Place = tuple(part for part in error["loc"] if part != "[key]")
    expected = _expected(model, place)
    if error["type"] == "missing":
        return Fault(place, f"{path(place)}: missing; expected {expected}")
    if error["type"] == "extra_forbidden":
        return Fault(place, f"{path(place)}: there is no such setting")
    if not expected:
        expected = str(error.get("ctx", {}).get("error", error["msg"]))
    return Fault(place, f"{path(place)}: expected {expected}, got {shown(error['input'])}")


def _expected(model: type[BaseModel], place: Place) -> str:
    """The description of the field a place names; empty when it has none of its own."""
    kind: Any = model
    description = ""
    for part in place:
        kind = _bare(kind)
        if get_origin(kind) is dict:
            kind, description = get_args(kind)[1], "a weekday: a list of hours"
        elif isinstance(part, int):
            kind = get_args(kind)[0] if get_args(kind) else None
            description = _described(kind)
        elif isinstance(kind, type) and issubclass(kind, BaseModel) and part in kind.model_fields:
            field = kind.model_fields[part]
            kind, description = field.annotation, field.description or ""
        else:
            return ""
    return description


def _bare(kind: Any) -> Any:
    """A type without Annotated and without None."""
    while get_origin(kind) in (Annotated, Union, UnionType):
        kind = next(part for part in get_args(kind) if part is not type(None))
    return kind


def _described(kind: Any) -> str:
    found = [part.description for part in get_args(kind) if isinstance(part, FieldInfo) and part.description]
    return found[-1] if get_origin(kind) is Annotated and found else ""
