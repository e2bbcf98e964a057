"""Messages held against the types of the vendors' own clients, which keep what they do not know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel


def unknown(value: Any) -> Iterator[str]:
    """Names of fields that the vendor's type does not have, at any depth."""
    if isinstance(value, BaseModel):
        yield from value.model_extra or ()
        for name in type(value).model_fields:
            yield from unknown(getattr(value, name))
    elif isinstance(value, list):
        for each in value:
            yield from unknown(each)
