"""Writes the table in docs/tenants.md from the document's own fields: python -m tests.unit.tenants.tenants_page"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from agent.domain.holidays import FEDERAL, Holiday
from agent.tenants.document import TenantDocument
from agent.tenants.us_states import us_states

PATH = Path("docs/tenants.md")
MARK = "<!-- written by tests.unit.tenants.tenants_page from here on -->\n"


def write(page: str) -> str:
    """The page with its tables anew; what stands before the mark is kept."""
    before, mark, _ = page.partition(MARK)
    assert mark, f"{PATH} has lost its mark"
    return "\n".join([before + mark, *_fields_table(), "", *_holidays_table(), "", *_law_table(), ""])


def _fields_table() -> Iterator[str]:
    yield "## Every field"
    yield ""
    yield "| field | meaning | expected | default |"
    yield "|---|---|---|---|"
    for path, field in _fields(TenantDocument, ""):
        yield f"| `{path}` | {_cell(field.title)} | {_cell(field.description or _own(field))} | {_default(field)} |"


def _holidays_table() -> Iterator[str]:
    federal = ", ".join(f"`{holiday.value}`" for holiday in FEDERAL)
    others = ", ".join(f"`{holiday.value}`" for holiday in Holiday if holiday not in FEDERAL)
    yield "## Holidays"
    yield ""
    yield f"- `us-federal` stands for all of: {federal}."
    yield f"- Also: {others}."


def _law_table() -> Iterator[str]:
    yield "## State law as it is entered"
    yield ""
    yield "| state | recording | statute | must a machine say so unasked? | certain |"
    yield "|---|---|---|---|---|"
    for code, entry in us_states().items():
        consent = "all parties" if entry.recording == "all" else "one party"
        certain = "yes" if entry.is_certain else "no"
        note = f" {entry.note}" if entry.note else ""
        yield f"| {code} | {consent} | {entry.source}.{note} | {entry.disclosure or 'no'} | {certain} |"


def _fields(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        yield prefix + name, field
        inner, is_list = _part(field.annotation)
        if inner is not None:
            yield from _fields(inner, f"{prefix}{name}{'[]' if is_list else ''}.")


def _part(kind: Any) -> tuple[type[BaseModel] | None, bool]:
    """The model a field holds, and whether it holds a list of them."""
    if get_origin(kind) is list:
        return _part(get_args(kind)[0])[0], True
    if get_origin(kind) in (Annotated, Union, UnionType):
        return _part(get_args(kind)[0])
    return (kind, False) if isinstance(kind, type) and issubclass(kind, BaseModel) else (None, False)


def _own(field: FieldInfo) -> str:
    """The description that lies in the kind of value."""
    return next((part.description for part in field.metadata if isinstance(part, FieldInfo) and part.description), "")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if isinstance(value, BaseModel) or value in (None, "", []):
        return "none"
    return "`true`" if value is True else "`false`" if value is False else f"`{value}`"


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


if __name__ == "__main__":
    PATH.write_text(write(PATH.read_text(encoding="utf-8")), encoding="utf-8")
