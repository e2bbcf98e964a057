"""Checks a request of POST /v1/chat/completions as the real API does: what it would refuse is refused here.

Source: OpenAI's API reference, "Create chat completion" and "Structured outputs, supported schemas".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from loadtest.emulators.gate import Refused, model_of
from loadtest.emulators.strict_schema import fault_of

_PARAMETERS = frozenset(
    {
        "messages", "model", "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs",
        "max_completion_tokens", "max_tokens", "metadata", "modalities", "n", "parallel_tool_calls", "prediction",
        "presence_penalty", "prompt_cache_key", "reasoning_effort", "response_format", "safety_identifier", "seed",
        "service_tier", "stop", "store", "stream", "stream_options", "temperature", "tool_choice", "tools",
        "top_logprobs", "top_p", "user", "verbosity", "web_search_options",
    }
)  # fmt: skip
_ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
_SCHEMA_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A request that may be answered.

    Attributes:
        last_words: of the last message, as text.
        max_tokens: of the answer; None without a limit.
        prompt_characters: of all that counts as input.
    """

    model: str
    last_words: str
    max_tokens: int | None
    is_stream: bool
    has_stream_usage: bool
    prompt_characters: int


def check(document: dict[str, Any], models: frozenset[str]) -> ChatRequest:
    """A request's body, or why it is refused.

    Args:
        models: that exist; empty means every one does.
    Raises: Refused.
    """
    for name in document:
        if name not in _PARAMETERS:
            raise Refused(400, f"Unrecognized request argument supplied: {name}")
    for name, rule in _RULES.items():
        if document.get(name) is not None and (fault := rule(document[name])):
            raise Refused(400, f"Invalid '{name}': {fault}", param=name, code="invalid_value")
    model = model_of(document, models)
    if "max_tokens" in document and "max_completion_tokens" in document:
        message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        raise Refused(400, message, code="invalid_parameter_combination")
    is_stream = document.get("stream") is True
    options = document.get("stream_options")
    if options is not None and not is_stream:
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise Refused(400, message, param="stream_options")
    return ChatRequest(
        model,
        _messages(document),
        document.get("max_completion_tokens", document.get("max_tokens")),
        is_stream,
        bool(options and options.get("include_usage")),
        len(str(document.get("messages"))) + len(str(document.get("response_format", ""))),
    )


def _messages(document: dict[str, Any]) -> str:
    """The last message's text. Raises Refused."""
    messages = document.get("messages")
    if messages is None:
        raise Refused(
            400, "Missing required parameter: 'messages'.", param="messages", code="missing_required_parameter"
        )
    if not isinstance(messages, list) or not messages:
        message = "Invalid 'messages': empty array. Expected an array with minimum length 1."
        raise Refused(400, message, param="messages", code="empty_array")
    texts = [_text(index, message) for index, message in enumerate(messages)]
    form = document.get("response_format") or {}
    if form.get("type") == "json_object" and not any("json" in text.lower() for text in texts):
        message = "'messages' must contain the word 'json' to use 'response_format' of type 'json_object'."
        raise Refused(400, message, param="messages")
    return texts[-1]


def _text(index: int, message: Any) -> str:
    where = f"messages[{index}]"
    if not isinstance(message, dict) or message.get("role") not in _ROLES:
        raise Refused(400, f"Invalid value: '{where}.role'.", param=f"{where}.role", code="invalid_value")
    content = message.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(isinstance(part, dict) and part.get("type") == "text" for part in content):
        return " ".join(str(part.get("text", "")) for part in content)
    raise Refused(400, f"Invalid type for '{where}.content'.", param=f"{where}.content", code="invalid_type")


def _response_format(form: Any) -> str:
    if not isinstance(form, dict) or form.get("type") not in ("text", "json_object", "json_schema"):
        return "expected one of 'text', 'json_object' or 'json_schema'."
    if form["type"] != "json_schema":
        return ""
    schema = form.get("json_schema")
    if not isinstance(schema, dict):
        return "Missing required parameter: 'response_format.json_schema'."
    if not isinstance(schema.get("name"), str) or not _SCHEMA_NAME.fullmatch(schema["name"]):
        return "'response_format.json_schema.name': expected letters, digits, underscores and dashes, 64 at most."
    if not isinstance(schema.get("schema"), dict):
        return "Missing required parameter: 'response_format.json_schema.schema'."
    return fault_of(schema["schema"]) if schema.get("strict") is True else ""


def _whole(low: int, high: float) -> Callable[[Any], str]:
    def rule(value: Any) -> str:
        is_right = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return "" if is_right else f"integer below minimum value or of another type, expected >= {low}."

    return rule


def _number(low: float, high: float) -> Callable[[Any], str]:
    def rule(value: Any) -> str:
        is_right = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
        return "" if is_right else f"expected a number from {low} to {high}."

    return rule


def _flag(value: Any) -> str:
    return "" if isinstance(value, bool) else "expected a boolean."


_RULES: dict[str, Callable[[Any], str]] = {
    "max_tokens": _whole(1, float("inf")),
    "max_completion_tokens": _whole(1, float("inf")),
    "n": _whole(1, 128),
    "seed": _whole(-(2**63), 2**63),
    "temperature": _number(0, 2),
    "top_p": _number(0, 1),
    "stream": _flag,
    "stream_options": lambda value: "" if isinstance(value, dict) else "expected an object.",
    "response_format": _response_format,
}
