"""The subset of JSON schema that structured outputs accept in strict mode.

Source: OpenAI, "Structured outputs, supported schemas".
"""

from __future__ import annotations

from typing import Any

_KEYWORDS = frozenset(
    {
        "type", "properties", "required", "additionalProperties", "enum", "const", "items", "anyOf", "$ref", "$defs",
        "description", "title", "pattern", "format", "multipleOf", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum", "minItems", "maxItems",
    }
)  # fmt: skip
_TYPES = frozenset({"string", "number", "boolean", "integer", "object", "array", "null"})


def fault_of(schema: dict[str, Any]) -> str:
    """What strict mode has against a schema; empty when nothing."""
    if schema.get("type") != "object":
        return "schema must be a JSON Schema of 'type: \"object\"'."
    return _fault(schema, "()")


def _fault(schema: Any, where: str) -> str:
    if not isinstance(schema, dict):
        return f"In context={where}, expected an object."
    unknown = sorted(set(schema) - _KEYWORDS)
    if unknown:
        return f"In context={where}, '{unknown[0]}' is not permitted."
    types = schema.get("type", [])
    if not set(types if isinstance(types, list) else [types]) <= _TYPES:
        return f"In context={where}, unknown type."
    if "object" in (types if isinstance(types, list) else [types]):
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            return f"In context={where}, 'additionalProperties' is required to be supplied and to be false."
        if sorted(schema.get("required", [])) != sorted(properties):
            return f"In context={where}, 'required' is required to be supplied and to be an array of every key."
    inner = [*schema.get("properties", {}).items(), *schema.get("$defs", {}).items()]
    inner += [("anyOf", each) for each in schema.get("anyOf", [])]
    inner += [("items", schema["items"])] if "items" in schema else []
    faults = (_fault(part, f"{where[:-1]}'{name}')") for name, part in inner)
    return next((fault for fault in faults if fault), "")
