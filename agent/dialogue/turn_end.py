"""Is the caller's turn over? Answered from the words and from what we asked.

"Yes" to a yes-or-no question is over the moment it is heard; "my number is five five" is not, however
long the pause. LiveKit waits its short delay when told 1 and its long delay when told 0.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from livekit.agents import llm
from livekit.agents.language import LanguageCode


class TurnEnd:
    """A text turn detector with rules for a model.

    Args:
        is_complete: whether these words, said now, finish the turn.
        floor: waits while we speak over the caller; no turn ends meanwhile.
    """

    def __init__(self, is_complete: Callable[[str], bool], floor: Callable[[], Awaitable[None]]) -> None:
        self._is_complete = is_complete
        self._floor = floor

    @property
    def model(self) -> str:
        return "rules"

    @property
    def provider(self) -> str:
        return "voicefleet"

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
                return 1.0 if self._is_complete(item.text_content or "") else 0.0
        return 0.0
