"""A word for a caller who would hear nothing for too long, whatever their reply waits for.

While the reply is worked out the word is a speech of its own, for there is nothing else to speak yet; once the reply
counts, and only what it sets in motion takes its time, a speech would queue behind it, and the word begins it instead.
A speech of its own is no part of any reply: its end says nothing of what was heard of one. Whoever talks over it
has heard nothing of the reply behind it, which is dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable

from livekit.agents import AgentSession
from livekit.agents.voice.events import SpeechCreatedEvent
from livekit.agents.voice.speech_handle import SpeechHandle

from agent.dialogue.conversation import Conversation
from agent.dialogue.proposal import Proposal

#: What understanding, look-ups and storage may take before the caller hears a word.
STEP_BUDGET_S = 0.7
#: The word comes so long after the caller's last sound, however long the end of the turn took (1.4 s at most): with
#: the way to their ear that is within 2.5 s.
_LATEST_S = 1.8
#: A step that takes no longer needs no word, even so.
_LEAST_BUDGET_S = 0.3


class WordOfPatience:
    """Watches over the replies of one call."""

    def __init__(self, session: AgentSession[None], conversation: Conversation) -> None:
        self._session = session
        self._conversation = conversation
        self._word: SpeechHandle | None = None
        self._speeches: set[SpeechHandle] = set()
        session.on("speech_created", self._on_speech)

    async def during(self, reply: Awaitable[Proposal], *, silent_since: float | None = None) -> Proposal:
        """The reply to words or keys; the word is said, once, when its own first one takes longer than its budget.

        Args:
            silent_since: the caller's last sound, Unix time in seconds; None: just now.
        """
        proposal: Proposal | None = None

        def ask() -> None:
            if proposal is None:
                self._say()
            else:
                self._conversation.ask_patience(proposal)

        late = asyncio.get_running_loop().call_later(_budget_s(silent_since), ask)
        try:
            proposal = await reply
        finally:
            if proposal is None or not proposal.speech.is_awaited:
                late.cancel()
        return proposal

    def is_said_by(self, speech: object) -> bool:
        """Whether this speech is the word."""
        return self._word is not None and speech is self._word

    def _say(self) -> None:
        if self._session.current_speech is not None:  # we are heard
            return
        with contextlib.suppress(RuntimeError):  # the session is closing
            self._word = self._session.say(self._conversation.stall, add_to_chat_ctx=False)
            self._word.add_done_callback(self._ended)

    def _ended(self, word: SpeechHandle) -> None:
        if not word.interrupted:
            return
        for reply in self._speeches - {word}:
            if reply.scheduled and not reply.done() and reply.allow_interruptions:
                reply.interrupt()
                self._conversation.cut_off(0.0)

    def _on_speech(self, event: SpeechCreatedEvent) -> None:
        self._speeches.add(event.speech_handle)
        event.speech_handle.add_done_callback(self._speeches.discard)


def _budget_s(silent_since: float | None) -> float:
    left_s = STEP_BUDGET_S if silent_since is None else _LATEST_S - (time.time() - silent_since)
    return min(STEP_BUDGET_S, max(_LEAST_BUDGET_S, left_s))
