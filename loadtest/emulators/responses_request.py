"""Checks a request of /v1/responses as the real API does: what it would refuse is refused here.

Source: OpenAI's API reference, "Create a model response" and its websocket mode. Of inputs, text is understood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from loadtest.emulators.gate import Refused, model_of
from loadtest.emulators.strict_schema import fault_of

_PARAMETERS = frozenset(
    {
        "background", "conversation", "include", "input", "instructions", "max_output_tokens", "max_tool_calls",
        "metadata", "model", "parallel_tool_calls", "previous_response_id", "prompt", "prompt_cache_key",
        "prompt_cache_options", "prompt_cache_retention", "reasoning", "safety_identifier", "service_tier", "store",
        "stream", "stream_options", "temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p",
        "truncation", "user",
    }
)  # fmt: skip
_ROLES = frozenset({"user", "assistant", "system", "developer"})
_TEXT_PARTS = frozenset({"input_text", "output_text"})
_CALLS = frozenset({"function_call", "function_call_output", "item_reference", "reasoning"})
_LEAST_TOKENS = 16


@dataclass(frozen=True, slots=True)
class ResponsesRequest:
    """A request that may be answered.

    Attributes:
        last_words: of the last message, as text.
        max_tokens: of the answer; None without a limit.
        input_characters: of all that counts as input.
        document: the body.
    """

    model: str
    last_words: str
    max_tokens: int | None
    is_stream: bool
    input_characters: int
    document: dict[str, Any]


def check(document: dict[str, Any], models: frozenset[str]) -> ResponsesRequest:
    """A request's body, or why it is refused.

    Args:
        models: that exist; empty means every one does.
    Raises: Refused.
    """
    for name in document:
        if name not in _PARAMETERS:
            raise Refused(400, f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
    model = model_of(document, models)
    most = document.get("max_output_tokens")
    if most is not None and (not isinstance(most, int) or isinstance(most, bool) or most < _LEAST_TOKENS):
        message = f"Invalid 'max_output_tokens': expected an integer >= {_LEAST_TOKENS}."
        raise Refused(400, message, param="max_output_tokens", code="integer_below_min_value")
    heat = document.get("temperature")
    if heat is not None and not (isinstance(heat, int | float) and 0 <= heat <= 2):
        raise Refused(400, "Invalid 'temperature': expected a number from 0 to 2.", param="temperature")
    _check_format(document)
    texts = _texts(document.get("input"))
    counted = sum(map(len, texts)) + len(str(document.get("instructions") or "")) + len(str(document.get("text") or ""))
    return ResponsesRequest(model, texts[-1], most, document.get("stream") is True, counted, document)


def _check_format(document: dict[str, Any]) -> None:
    form = (document.get("text") or {}).get("format") or {"type": "text"}
    if form.get("type") not in ("text", "json_object", "json_schema"):
        raise Refused(400, "Invalid value: 'text.format.type'.", param="text.format.type", code="invalid_value")
    if form["type"] != "json_schema":
        return
    fault = "name and schema are required" if not form.get("name") or not isinstance(form.get("schema"), dict) else ""
    if not fault and form.get("strict") is True:
        fault = fault_of(form["schema"])
    if fault:
        raise Refused(400, f"Invalid schema for 'text.format': {fault}", param="text.format.schema")


def _texts(given: Any) -> list[str]:
    """The input's texts, in order."""
    if isinstance(given, str) and given:
        return [given]
    if not isinstance(given, list) or not given:
        raise Refused(400, "Missing required parameter: 'input'.", param="input", code="missing_required_parameter")
    return [_text(index, item) for index, item in enumerate(given)]


def _text(index: int, item: Any) -> str:
    where = f"input[{index}]"
    if isinstance(item, dict) and item.get("type") in _CALLS:
        return str(item.get("output") or item.get("arguments") or "")
    if not isinstance(item, dict) or item.get("role") not in _ROLES:
        raise Refused(400, f"Invalid value: '{where}.role'.", param=f"{where}.role", code="invalid_value")
    content = item.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(
        isinstance(part, dict) and part.get("type") in _TEXT_PARTS for part in content
    ):
        return " ".join(str(part.get("text", "")) for part in content)
    raise Refused(400, f"Invalid type for '{where}.content'.", param=f"{where}.content", code="invalid_type")
