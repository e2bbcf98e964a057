"""One call as LiveKit lives it: session events in, conversation events out.

Owns the session's event handlers: it greets, notices silence and interruption, keeps the turns, and
hangs up once the farewell has been spoken.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from livekit.agents import AgentSession, llm
from livekit.agents.stt import STTError
from livekit.agents.voice.events import (
    AgentStateChangedEvent,
    ConversationItemAddedEvent,
    ErrorEvent,
    SpeechCreatedEvent,
    UserStateChangedEvent,
)
from livekit.agents.voice.io import PlaybackFinishedEvent
from livekit.agents.voice.speech_handle import SpeechHandle

from agent.dialogue.announced_recording import AnnouncedRecording
from agent.dialogue.conversation import Conversation
from agent.dialogue.cut_in import CutIn
from agent.dialogue.key_entry import KeyEntry
from agent.dialogue.line_out import LineOut
from agent.dialogue.live_switchboard import LiveSwitchboard
from agent.dialogue.proposal import Proposal
from agent.dialogue.record import CallRecord
from agent.dialogue.silence import SilenceWatch
from agent.dialogue.turn_timings import TurnTimings
from agent.dialogue.word_of_patience import WordOfPatience
from agent.domain.call import PENDING_STAGES
from agent.domain.events import Answered, CalledBack, CallerHungUp, Event, Silent, StoreFailed, Unheard
from agent.domain.left import Left
from agent.domain.state import Stage
from agent.domain.transfers import Transfer, TransferDone, TransferFailed, TransferKind
from agent.runtime.logs import get_logger
from agent.runtime.tasks import TaskSet

_log = get_logger("agent.dialogue.live_call")
SILENCE_S = 8.0
#: A farewell that nobody lets us finish still ends the call.
_LONGEST_FAREWELL_S = 12.0
_LONGEST_DELETE_S = 5.0
#: The caller cut our farewell short, so they are still saying something.
_AFTER_CUT_FAREWELL_S = 1.5
#: Falling silent is a matter of milliseconds; keys are taken even if LiveKit does not report it.
_LONGEST_CUT_S = 1.0
#: "I'll put you through" takes 2.5 s; said to nobody it must not keep the caller.
_LONGEST_ANNOUNCEMENT_S = 6.0
_LONGEST_STOP_S = 0.5
#: The carrier hangs up on us when it has the caller, livekit-sip a second later; this is for neither doing it.
_CARRIER_HANGS_UP_S = 3.0


class LiveCall:
    """Joins a conversation to the session that speaks and hears it.

    Args:
        session: started by the caller of this class.
        line: the session's audio output.
        conversation: decides.
        record: keeps.
        hang_up: ends the call for the caller; called at most once.
        recording: begun once its announcement has been heard.
        switchboard: puts the caller through.
        leave: ends our part of a call that goes on without us.
        left: what the caller's last call was cut off in; None for most.
    """

    def __init__(
        self,
        session: AgentSession[None],
        line: LineOut,
        conversation: Conversation,
        record: CallRecord,
        hang_up: Callable[[], Awaitable[None]],
        recording: AnnouncedRecording,
        switchboard: LiveSwitchboard,
        leave: Callable[[], None],
        left: Left | None = None,
    ) -> None:
        self._session = session
        self._line = line
        self._conversation = conversation
        self._record = record
        self._hang_up = hang_up
        self._recording = recording
        self._switchboard = switchboard
        self._leave = leave
        self._left = left
        self._is_greeting = True
        self._tasks = TaskSet("live_call")
        self._silence = SilenceWatch(self._on_silence, after_s=SILENCE_S)
        self._keys = KeyEntry(lambda: conversation.state, self._hush, self._on_keys)
        self._is_deaf = False
        self._playbacks = 0
        self._sounded: SpeechHandle | None = None
        self._is_over = False
        self._is_closing = False
        self._ending: asyncio.Task[None] | None = None
        self._was_heard_out = True
        self._caller_is_quiet = asyncio.Event()
        self._caller_is_quiet.set()
        self.timings = TurnTimings(line)
        self.patience = WordOfPatience(session, conversation)
        self.cut_in = CutIn(session, conversation, self.timings.cutting_in)
        self.interruptions = 0
        self.has_voice = True
        session.on("user_state_changed", self._on_user_state)
        session.on("agent_state_changed", self._on_agent_state)
        session.on("conversation_item_added", self._on_item)
        session.on("speech_created", self._on_speech)
        session.on("error", self._on_error)
        line.on("playback_finished", self._on_playback_finished)
        line.on("playback_started", self._on_playback_started)
        switchboard.attach(self._announced, self._transfer_settled)

    async def begin(self) -> None:
        """The caller can hear us: greet, or go on where another agent lost this call."""
        self._line.answered()
        stage = self._conversation.state.stage
        await self._switchboard.clear()
        self._honour_objection()  # the agent before us may have been lost before it could
        self._is_greeting = stage is Stage.RINGING
        event = _opening_event(stage, self._left)
        self._say(await self._conversation.happen(event))
        if isinstance(event, CalledBack):
            _log.info("caller.called_back", is_done=event.left.is_done)
            self._record.called_back(event.left)

    def press(self, key: str) -> None:
        """The caller pressed a key: 0-9, *, #; any other is ignored."""
        if self._conversation.state.stage is not Stage.RINGING and not self._conversation.is_ended:
            self._keys.press(key)

    def voice_lost(self) -> None:
        """Speech cannot be made any more: end the call once what could be said has been heard."""
        self.has_voice = False
        self._end(after_s=_LONGEST_FAREWELL_S)

    async def aclose(self) -> None:
        """The call is over: give back what it held; effects in progress are given time to finish."""
        self._is_closing = True
        await self._silence.aclose()
        await self._keys.aclose()
        await self.cut_in.aclose()
        if self._conversation.state.warned is not None and self.cut_in.untold:  # told to hang up and dial, they did
            self._record.turn("caller", self.cut_in.untold)
        await self._switchboard.aclose()
        if not self._record.superseded.is_set():  # else the call goes on, and its hold is another agent's
            await self._conversation.happen(CallerHungUp(is_cut_off=not self.has_voice))
        await self._conversation.aclose()
        await self._stop_tasks()
        await self._recording.aclose()

    async def _stop_tasks(self) -> None:
        """Deleting a recording that was objected to is finished; a hang-up still waited for is not needed now."""
        if self._ending is not None:
            self._ending.cancel()
        await self._tasks.join(timeout_s=_LONGEST_DELETE_S)
        await self._tasks.aclose()

    def _say(self, proposal: Proposal) -> SpeechHandle:
        return self._session.say(_with_spaces(proposal))

    async def _hush(self) -> None:
        """A key stops our speech as words do; what was not heard is noted before the keys count."""
        self._silence.sound()
        with contextlib.suppress(TimeoutError, RuntimeError):  # the latter: the session is closing
            async with asyncio.timeout(_LONGEST_CUT_S):
                await self._session.interrupt()
            self._session.clear_user_turn()  # tones in the audio are no words

    async def _on_keys(self, keys: str) -> None:
        _log.info("keys.pressed", count=len(keys), stage=self._conversation.state.stage.value)
        self._silence.caller_spoke()
        self.timings.pressed()
        handle = self._say(await self.patience.during(self._conversation.press(keys)))
        handle.add_done_callback(lambda _: self._keys.reply_began())

    def _on_error(self, event: ErrorEvent) -> None:
        """The recogniser is down for good: once for each time it is lost, the keys are offered instead."""
        is_lost = isinstance(event.error, STTError) and not event.error.recoverable
        if is_lost and not self._is_deaf:
            self._is_deaf = True
            self._tasks.start(self._offer_keys(), name="offer_keys")

    async def _offer_keys(self) -> None:
        _log.warning("keys.offered", reason="speech is not recognised")
        self._say(await self._conversation.happen(Unheard()))

    async def _announced(self) -> None:
        """Wait until what is being said now has been heard, or talked over."""
        before, ended = self._playbacks, asyncio.Event()

        def look(*_: object) -> None:
            if self._playbacks > before:
                ended.set()

        self._line.on("playback_finished", look)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST_ANNOUNCEMENT_S):
                    await ended.wait()
        finally:
            self._line.off("playback_finished", look)

    async def _transfer_settled(self, transfer: Transfer, outcome: Event) -> None:
        """Come back to the caller, or leave them to whom they were put through."""
        if isinstance(outcome, TransferFailed) and not self._is_closing:
            await self._fall_silent()
        proposal = await self._conversation.happen(outcome)
        if self._is_closing:
            return
        if not isinstance(outcome, TransferDone):
            self._say(proposal)
        elif transfer.kind is TransferKind.WARM:
            self._is_over = True
            self._leave()
        else:
            self._end(after_s=_CARRIER_HANGS_UP_S)

    async def _fall_silent(self) -> None:
        """A "one moment, please" under way is no longer true, and the news would wait behind it."""
        with contextlib.suppress(RuntimeError, TimeoutError):
            async with asyncio.timeout(_LONGEST_STOP_S):
                await self._session.interrupt()

    async def _on_silence(self, count: int) -> None:
        _log.info("caller.silent", count=count)
        self.timings.silent()
        self._say(await self._conversation.happen(Silent(count)))

    def _on_user_state(self, event: UserStateChangedEvent) -> None:
        if event.new_state == "speaking":
            self.timings.caller_began(event.created_at)
            self._caller_is_quiet.clear()
            self._silence.sound()
            return
        self._caller_is_quiet.set()
        if event.new_state == "listening":
            self._maybe_quiet()

    def _on_agent_state(self, event: AgentStateChangedEvent) -> None:
        if event.new_state != "listening":
            self._silence.sound()
            return
        self._maybe_quiet()
        if self._conversation.is_ended or not self.has_voice:
            self._end(after_s=0.0 if self._was_heard_out else _AFTER_CUT_FAREWELL_S)

    def _maybe_quiet(self) -> None:
        if self._session.agent_state == "listening" and self._session.user_state != "speaking":
            self._silence.quiet()

    def _on_speech(self, event: SpeechCreatedEvent) -> None:
        """A reply cut off before its first sound plays nothing and so finishes no playback."""

        def ended(handle: SpeechHandle) -> None:
            is_unheard = handle.scheduled and handle.interrupted and handle is not self._sounded
            if is_unheard and not self.patience.is_said_by(handle):
                self._is_greeting = False  # and with it the announcement: nothing will be recorded
                self._conversation.cut_off(0.0)

        event.speech_handle.add_done_callback(ended)

    def _on_playback_started(self, event: object) -> None:
        if not self.patience.is_said_by(self._session.current_speech):
            self._keys.reply_began()
        self.timings.marks.sounds()

    def _on_playback_finished(self, event: PlaybackFinishedEvent) -> None:
        if self.patience.is_said_by(self._session.current_speech):
            return
        self._sounded = self._session.current_speech
        self._playbacks += 1
        self._was_heard_out = not event.interrupted
        if event.interrupted:
            self.interruptions += 1
            self._conversation.cut_off(self._line.heard_fraction)
        if self._is_greeting:
            self._is_greeting = False
            self._recording.greeted(event)

    def _on_item(self, event: ConversationItemAddedEvent) -> None:
        message = event.item
        if not isinstance(message, llm.ChatMessage):
            return
        if message.role == "user":
            self._silence.caller_spoke()
            self._keys.forget()
            self._is_deaf = False
            self.timings.caller_ended(message)
            self._honour_objection()
            if self._conversation.is_ended:
                self._end(after_s=_LONGEST_FAREWELL_S)
        elif message.role == "assistant":
            self._keep_own_turn(message)

    def _honour_objection(self) -> None:
        if self._conversation.state.declines_recording:
            self._tasks.start(self._recording.discard(), name="stop_recording")

    def _keep_own_turn(self, message: llm.ChatMessage) -> None:
        timings = self.timings.answered(message)
        spoken = (message.text_content or "").strip()
        self._record.turn("agent", spoken, heard_text=spoken if message.interrupted else None, timings=timings)

    def _end(self, *, after_s: float) -> None:
        if self._is_over:
            return
        if self._ending is not None:
            self._ending.cancel()
        self._ending = self._tasks.start(self._end_soon(after_s), name="hang_up")

    async def _end_soon(self, after_s: float) -> None:
        """Hang up once the caller, who may be saying goodbye over ours, has finished."""
        await asyncio.sleep(after_s)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_FAREWELL_S):
                await self._caller_is_quiet.wait()
        if not self._is_over:
            self._is_over = True
            await self._hang_up()


def _opening_event(stage: Stage, left: Left | None) -> Event:
    if stage is Stage.RINGING:
        return Answered() if left is None else CalledBack(left)
    # what the lost agent had set in motion may have happened or not; the rules ask before they repeat it
    return StoreFailed() if stage in PENDING_STAGES else Silent(1)


async def _with_spaces(proposal: Proposal) -> Any:
    async for piece in proposal.speech:
        yield piece + " "
