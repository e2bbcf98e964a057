"""Does somebody speak, and since when not? A detector opens an utterance, energy finds its pauses.

Both follow the audio's own time, so that audio kept from a moment ago and given in one go is judged like live audio.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable

from livekit import rtc
from livekit.agents import utils, vad

from agent.providers.pause import PauseDetector

#: Live audio is judged within a window of the detector (32 ms); only audio that comes in one go has to wait.
_LONGEST_LAG_S = 0.2
#: A caller is taken to be silent for so long beyond the audio that was heard: two frames, which may be late.
_AHEAD_S = 0.04
#: Without audio for so long there will be none: a line that is muted is silent.
_NO_AUDIO_S = 1.0
#: A detector that hangs must not stop the recogniser.
_LONGEST_WAIT_S = 1.0


class SpeechWatch:
    """Follows one stream of mono int16 audio.

    Args:
        speech_detector: decides what is speech.
        sample_rate_hz: of the frames.
        on_speech: told when the detector hears speech begin.
    """

    def __init__(self, speech_detector: vad.VAD, sample_rate_hz: int, on_speech: Callable[[], None]) -> None:
        self._detector = speech_detector.stream()
        self._pause = PauseDetector(sample_rate_hz)
        self._on_speech = on_speech
        self._paused_at = 0.0
        self._heard_at = 0.0
        self._silent_s = 0.0
        self._unjudged_s = 0.0
        self._judged = asyncio.Event()
        self._heard = asyncio.Event()
        self._following = asyncio.create_task(self._follow(), name="speech_watch.follow")

    @property
    def unjudged_s(self) -> float:
        """Seconds of audio of which the detector has not said yet whether they are speech."""
        return self._unjudged_s

    @property
    def paused_at(self) -> float:
        """Wall clock time at which the present silence began; now while there is sound."""
        return self._paused_at or time.time()

    @property
    def silent_s(self) -> float:
        """How long the present silence has lasted: as far as it was heard, or no audio comes any more."""
        now = time.time()
        lasted_s = max(0.0, now - self.paused_at)
        return lasted_s if now - self._heard_at > _NO_AUDIO_S else min(lasted_s, self._silent_s + _AHEAD_S)

    async def hear(self, frame: rtc.AudioFrame, *, in_speech: bool) -> float:
        """Take the next audio; waits while much of it is unjudged.

        Args:
            in_speech: whether an utterance is open; between utterances the noise floor is learnt faster.
        Returns: seconds of silence up to the frame's end; 0.0 while there is sound.
        """
        self._detector.push_frame(frame)
        self._unjudged_s += frame.duration
        silent_s = self._pause.push(frame.data.cast("B").tobytes(), in_speech=in_speech)
        # of several frames of one silence the one that came with the least delay tells best when it began
        began_at = time.time() - silent_s
        self._paused_at = min(self._paused_at or began_at, began_at) if silent_s else 0.0
        self._silent_s = silent_s
        if self._unjudged_s > _LONGEST_LAG_S:
            self._heard_at = math.inf  # more waits to be heard
            await self._catch_up()
        self._heard_at = time.time()
        self._heard.set()
        return silent_s

    async def lasts(self, silence_s: float) -> None:
        """Wait until the present silence has lasted so long."""
        while (left_s := silence_s - self.silent_s) > 0:
            self._heard.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._heard.wait()

    def end_utterance(self) -> None:
        """The next word is a new start, even if the detector has not seen the end of this one."""
        self._detector.flush()
        self._unjudged_s = 0.0

    async def finish(self) -> None:
        """There is no more audio: judge what is left."""
        self._detector.end_input()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_WAIT_S):
                await asyncio.shield(self._following)

    async def aclose(self) -> None:
        """Release the detector."""
        await utils.aio.cancel_and_wait(self._following)
        await self._detector.aclose()

    async def _catch_up(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_WAIT_S):
                while self._unjudged_s > _LONGEST_LAG_S:
                    self._judged.clear()
                    await self._judged.wait()

    async def _follow(self) -> None:
        async for event in self._detector:
            if event.type is vad.VADEventType.START_OF_SPEECH:
                self._on_speech()
            elif event.type is vad.VADEventType.INFERENCE_DONE:
                judged_s = sum(frame.duration for frame in event.frames)
                self._unjudged_s = max(0.0, self._unjudged_s - judged_s)
                self._judged.set()
