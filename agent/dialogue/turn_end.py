"""Is the caller's turn over? Answered from the words and from what we asked, and by a recogniser that is sure of it.

"Yes" to a yes-or-no question is over the moment it is heard; "my number is five five" is not, however
long the pause. LiveKit waits its short delay when told 1 and its long delay when told 0.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from livekit.agents import llm, stt
from livekit.agents.language import LanguageCode

from agent.providers.hosted_stream import SURE_END


class TurnEnd:
    """A text turn detector with rules for a model.

    Args:
        is_complete: whether these words, said now, finish the turn.
        floor: waits while we speak over the caller; no turn ends meanwhile.
    """

    def __init__(self, is_complete: Callable[[str], bool], floor: Callable[[], Awaitable[None]]) -> None:
        self._is_complete = is_complete
        self._floor = floor
        self._sure = ""

    @property
    def model(self) -> str:
        return "rules"

    @property
    def provider(self) -> str:
        return "voicefleet"

    def heard(self, event: stt.SpeechEvent) -> None:
        """What the recogniser tells: its last words may be those of which it says that they end the turn."""
        if event.type is stt.SpeechEventType.FINAL_TRANSCRIPT and event.alternatives:
            said = event.alternatives[0]
            self._sure = said.text if (said.metadata or {}).get(SURE_END) else ""

    async def unlikely_threshold(self, language: LanguageCode | None) -> float | None:
        return 0.5

    async def supports_language(self, language: LanguageCode | None) -> bool:
        return True

    async def predict_end_of_turn(
        self,
        chat_ctx: llm.ChatContext,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 LiveKit's signature
    ) -> float:
        """1.0 when the turn is over, else 0.0."""
        await self._floor()
        for item in reversed(chat_ctx.items):
            if isinstance(item, llm.ChatMessage) and item.role == "user":
                words = item.text_content or ""
                is_over = self._is_complete(words)
                return 1.0 if is_over or (self._sure and words.endswith(self._sure)) else 0.0
        return 0.0
