"""The events in which a response comes, in their order.

Source: OpenAI's API reference, "Streaming events"; the types of its client.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from loadtest.emulators.openai_api import tokens, words_of
from loadtest.emulators.responses_request import ResponsesRequest

#: Events after the last piece of text.
_ENDS = 4


@dataclass(frozen=True, slots=True)
class Said:
    """An answer.

    Attributes:
        name: its id.
        characters_before: of the responses it goes on from.
        is_cut: for its length.
        is_declined: the text is a refusal.
        is_counted: it has its usage.
    """

    name: str
    asked: ResponsesRequest
    characters_before: int
    text: str
    is_cut: bool
    is_declined: bool
    is_counted: bool

    @property
    def input_tokens(self) -> int:
        """Of the request and of the responses it goes on from, which are billed again."""
        return tokens(self.characters_before + self.asked.input_characters)

    @property
    def output_tokens(self) -> int:
        """Of the text."""
        return tokens(len(self.text))

    @property
    def item(self) -> str:
        """Its only message's id."""
        return self.name.replace("resp_", "msg_")


def opening_of(said: Said) -> list[dict[str, Any]]:
    """What comes before the model has thought."""
    response = _response(said, "in_progress", [])
    return [
        {"type": "response.created", "response": response, "sequence_number": 0},
        {"type": "response.in_progress", "response": response, "sequence_number": 1},
    ]


def events_of(said: Said) -> list[dict[str, Any]]:
    """All that comes after."""
    kind = "refusal" if said.is_declined else "output_text"
    where = {"item_id": said.item, "output_index": 0, "content_index": 0}
    logs: dict[str, Any] = {} if said.is_declined else {"logprobs": []}
    status = "incomplete" if said.is_cut else "completed"
    part, whole = _part(said, ""), _part(said, said.text)
    item = _item(said, status, [whole])
    field = "refusal" if said.is_declined else "text"
    events: list[dict[str, Any]] = [
        {"type": "response.output_item.added", "output_index": 0, "item": _item(said, "in_progress", [])},
        {"type": "response.content_part.added", **where, "part": part},
        *({"type": f"response.{kind}.delta", **where, "delta": each, **logs} for each in words_of(said.text)),
        {"type": f"response.{kind}.done", **where, field: said.text, **logs},
        {"type": "response.content_part.done", **where, "part": whole},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": f"response.{status}", "response": _response(said, status, [item])},
    ]
    return [event | {"sequence_number": number} for number, event in enumerate(events, start=2)]


def bursts_of(said: Said) -> list[list[dict[str, Any]]]:
    """The same, as they are sent together: one piece of text each, the first and the last with all about them."""
    added, part, *deltas = events_of(said)
    deltas, ends = deltas[:-_ENDS], deltas[-_ENDS:]
    bursts = [[delta] for delta in deltas]
    bursts[0][:0] = [added, part]
    bursts[-1] += ends
    return bursts


def _part(said: Said, text: str) -> dict[str, Any]:
    if said.is_declined:
        return {"type": "refusal", "refusal": text}
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _item(said: Said, status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": said.item, "type": "message", "status": status, "role": "assistant", "content": content}


def _response(said: Said, status: str, output: list[dict[str, Any]]) -> dict[str, Any]:
    asked = said.asked.document
    return {
        "id": said.name,
        "object": "response",
        "created_at": int(time.time()),
        "status": status,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
        "instructions": asked.get("instructions"),
        "max_output_tokens": asked.get("max_output_tokens"),
        "model": said.asked.model,
        "output": output,
        "parallel_tool_calls": asked.get("parallel_tool_calls", True),
        "previous_response_id": asked.get("previous_response_id"),
        "reasoning": {"effort": None, "summary": None},
        "store": asked.get("store", True),
        "temperature": asked.get("temperature", 1.0),
        "text": {"format": {"type": "text"}} | (asked.get("text") or {}),
        "tool_choice": asked.get("tool_choice", "auto"),
        "tools": asked.get("tools", []),
        "top_p": asked.get("top_p", 1.0),
        "truncation": "disabled",
        "usage": _usage(said) if output and said.is_counted else None,
        "user": asked.get("user"),
        "metadata": asked.get("metadata") or {},
    }


def _usage(said: Said) -> dict[str, Any]:
    return {
        "input_tokens": said.input_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": said.output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": said.input_tokens + said.output_tokens,
    }
