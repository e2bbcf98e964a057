"""The `llm.LLM` that LiveKit wants before it calls `Agent.llm_node`; it never speaks.

What is said comes from the rules in `agent.domain`; without an LLM instance LiveKit does not ask
for a reply at all.
"""

from __future__ import annotations

from typing import Any

from livekit.agents import llm


class NoModel(llm.LLM[Any]):
    """Stands where a model would; calling it is a programming error."""

    @property
    def model(self) -> str:
        return "rules"

    @property
    def provider(self) -> str:
        return "voicefleet"

    def chat(self, **_: Any) -> llm.LLMStream:
        raise RuntimeError("the dialogue engine answers in llm_node; no model is configured")
