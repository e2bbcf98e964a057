"""The agent's mouth: a published track, a short queue, and an exact account of what was heard.

Our own output instead of the room's default one for three reasons that callers notice: silence is
pushed the moment the track exists (that is what answers the phone), a barge-in empties the queue at
once rather than at the next frame, and the position where speech stopped is known to the frame, so
that what the caller did not hear is not assumed heard.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from livekit import rtc
from livekit.agents.voice.io import AudioOutput, AudioOutputCapabilities

from agent.dialogue.gain import amplified
from agent.dialogue.playback import MAKING, Making, Playback
from agent.runtime.logs import get_logger
from agent.runtime.tasks import TaskSet

_log = get_logger("agent.dialogue.line_out")
SAMPLE_RATE_HZ = 24_000
_FRAME_S = 0.02
_FRAME_BYTES = int(SAMPLE_RATE_HZ * _FRAME_S) * 2
#: Longer survives a busier machine; all of it is discarded unheard on a barge-in.
_QUEUE_MS = 100
#: What is said into the last words of a reply may answer it.
_NEARLY_OVER_S = 0.6
#: Twenty characters a second is faster than any voice reads.
_LEAST_S_A_CHARACTER = 0.05


@dataclass(slots=True)
class Clause:
    """A stretch of the current reply: its words, and how much audio of it has come so far."""

    text: str
    duration_s: float = 0.0


#: Key in a frame's `userdata` under which the first frame of a clause carries its words.
CLAUSE = "voicefleet.clause"


class LineOut(AudioOutput):
    """Plays the agent's speech into the call's room.

    Audio of one reply is one segment: `capture_frame`* then `flush`; `clear_buffer` cuts it short. Audio is
    mono int16 at SAMPLE_RATE_HZ.
    """

    def __init__(
        self,
        on_played: Callable[[bytes, float], None] = lambda pcm, in_s: None,
        on_unplayed: Callable[[float], None] = lambda seconds: None,
        gain: Callable[[], float] = lambda: 1.0,
    ) -> None:
        """
        Args:
            on_played: given each frame as it leaves, and in how many seconds it will be heard.
            on_unplayed: told how many seconds of what left last will not be heard after all.
            gain: by what factor what is queued now is to be louder.
        """
        super().__init__(
            label="line-out",
            capabilities=AudioOutputCapabilities(pause=True),
            sample_rate=SAMPLE_RATE_HZ,
        )
        self._source = rtc.AudioSource(SAMPLE_RATE_HZ, 1, queue_size_ms=_QUEUE_MS)
        self._on_played = on_played
        self._on_unplayed = on_unplayed
        self._gain = gain
        self._tasks = TaskSet("line_out")
        self._pending: deque[bytes] = deque()
        self._recent: deque[bytes] = deque(maxlen=_QUEUE_MS // 20 + 2)
        self._partial = bytearray()
        self._clauses: list[Clause] = []
        #: Share of the last segment that was played before it ended, 0 to 1.
        self.heard_fraction = 1.0
        #: When speech last began, and when it was last made to stop before its end; by time.time(), 0 before that.
        self.began_at = 0.0
        self.stopped_at = 0.0
        #: The reply being played, or played last.
        self.playback = Playback(SAMPLE_RATE_HZ)
        self._making: Making | None = None
        self._captured_s = 0.0
        self._segment = 0
        self._segment_open = False
        self._flushed = False
        self._started = False
        self._ringing = True
        self._paused = False
        self._wake = asyncio.Event()
        self._drained = asyncio.Event()

    @property
    def is_amid(self) -> bool:
        """Whether a reply has begun to be heard and is not nearly over, paused or not."""
        left_s = len(self._pending) * _FRAME_S + self._source.queued_duration
        return self._segment_open and self._started and (not self._flushed or left_s >= _NEARLY_OVER_S)

    async def publish(self, room: rtc.Room) -> None:
        """Publish the track and push silence until `answered`; this is what picks up the phone."""
        track = rtc.LocalAudioTrack.create_audio_track("agent", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        self._tasks.start(self._pump(), name="pump")
        await room.local_participant.publish_track(track, options)

    def answered(self) -> None:
        """The call is up: stop sending silence between replies, which only costs CPU."""
        self._ringing = False
        self._source.clear_queue()

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """Queue audio of the current segment; it may come faster than real time."""
        await super().capture_frame(frame)
        if not self._segment_open:
            self._segment_open = True
            self._segment += 1
            self._making = frame.userdata.get(MAKING)
        if (words := frame.userdata.get(CLAUSE)) is not None or not self._clauses:
            self._clauses.append(Clause(words or ""))
        self._clauses[-1].duration_s += frame.duration
        self._partial += amplified(bytes(frame.data.cast("B")), self._gain())
        while len(self._partial) >= _FRAME_BYTES:
            self._pending.append(bytes(self._partial[:_FRAME_BYTES]))
            del self._partial[:_FRAME_BYTES]
        self._drained.clear()
        self._wake.set()

    def flush(self) -> None:
        """The segment is complete; `playback_finished` follows once it has played."""
        super().flush()
        if not self._segment_open or self._flushed:
            return
        if self._partial:
            self._pending.append(bytes(self._partial).ljust(_FRAME_BYTES, b"\0"))
            self._partial.clear()
        self._flushed = True
        self._wake.set()
        self._tasks.start(self._finish_when_played(self._segment), name="finish")

    def clear_buffer(self) -> None:
        """Stop now: nothing of this segment that is still queued will be heard."""
        self._partial.clear()
        self._pending.clear()
        if not self._segment_open:
            return
        if self._started and not self._paused:
            self.stopped_at = time.time()
        heard_s = max(0.0, self._captured_s - self._source.queued_duration)
        self._on_unplayed(self._captured_s - heard_s)
        self._source.clear_queue()
        self._end_segment(heard_s, interrupted=True)

    def pause(self) -> None:
        """Fall silent at once, keeping what was not heard for `resume`."""
        super().pause()
        if self._paused:
            return
        self._paused = True
        if self._started:
            self.stopped_at = time.time()
        unheard = round(self._source.queued_duration / _FRAME_S)
        self._source.clear_queue()
        taken = min(unheard, len(self._recent))
        for _ in range(taken):
            self._pending.appendleft(self._recent.pop())
        self._captured_s -= taken * _FRAME_S
        self._on_unplayed(taken * _FRAME_S)

    def resume(self) -> None:
        """Go on where `pause` stopped."""
        super().resume()
        self._paused = False
        self._wake.set()

    async def aclose(self) -> None:
        """Stop playing and release the track."""
        await self._tasks.aclose()
        await self._source.aclose()

    async def _pump(self) -> None:
        silence = _frame(bytes(_FRAME_BYTES))
        while True:
            if self._pending and not self._paused:
                await self._play(self._pending.popleft())
            elif self._ringing:
                await self._source.capture_frame(silence)
            else:
                if not self._pending:
                    self._drained.set()
                self._wake.clear()
                await self._wake.wait()

    async def _play(self, pcm: bytes) -> None:
        if not self._started:
            self._started = True
            _log.debug("line.first_frame")
            self.began_at = time.time()
            self.playback = Playback(SAMPLE_RATE_HZ, self.began_at, self._making)
            self.on_playback_started(created_at=self.began_at)
        self._captured_s += _FRAME_S
        self._recent.append(pcm)
        queued_s = self._source.queued_duration
        self.playback.sound.push(pcm, time.time() + queued_s)
        self._on_played(pcm, queued_s)
        await self._source.capture_frame(_frame(pcm))

    async def _finish_when_played(self, segment: int) -> None:
        while True:
            await self._drained.wait()
            await self._source.wait_for_playout()
            if segment != self._segment or not self._segment_open:
                return
            if not self._pending and not self._paused:
                break
            self._drained.clear()
        self._end_segment(self._captured_s, interrupted=False)

    def _end_segment(self, heard_s: float, *, interrupted: bool) -> None:
        text = heard_text(self._clauses, heard_s, is_whole=self._flushed) if interrupted else None
        whole_s = sum(clause.duration_s for clause in self._clauses)
        # a reply of which more was to come has no whole to be a share of
        is_whole = self._flushed and whole_s > 0
        self.heard_fraction = min(1.0, heard_s / whole_s) if is_whole else 0.0
        self._segment_open = self._flushed = self._started = False
        self._captured_s = 0.0
        self._clauses.clear()
        self._recent.clear()
        self._drained.set()
        self.on_playback_finished(playback_position=heard_s, interrupted=interrupted, synchronized_transcript=text)


def heard_text(clauses: list[Clause], heard_s: float, *, is_whole: bool = True) -> str:
    """The words spoken within the first `heard_s` seconds; a cut word does not count as heard.

    Args:
        is_whole: all audio of the last clause has come; else it lasts at least as long as fast speech would.
    """
    words: list[str] = []
    for clause in clauses:
        spoken = clause.text.split()
        least_s = 0.0 if is_whole or clause is not clauses[-1] else _LEAST_S_A_CHARACTER * len(clause.text)
        duration_s = max(clause.duration_s, least_s)
        if heard_s >= duration_s:
            words += spoken
        else:
            share = heard_s / duration_s if duration_s > 0 else 0.0
            words += spoken[: int(len(spoken) * share)]
            break
        heard_s -= duration_s
    return " ".join(words)


def _frame(pcm: bytes) -> rtc.AudioFrame:
    return rtc.AudioFrame(pcm, SAMPLE_RATE_HZ, 1, len(pcm) // 2)
