"""LiveKit's own session, with a caller, a recogniser and a voice that do what a test tells them, and when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

from livekit import rtc
from livekit.agents import AgentSession, stt, tts, vad
from livekit.agents.voice.io import AudioOutput, AudioOutputCapabilities

from agent.dialogue.conversation import Conversation
from agent.dialogue.cut_in import CutIn
from agent.dialogue.line_out import CLAUSE
from agent.dialogue.no_model import NoModel
from agent.dialogue.receptionist import Receptionist
from agent.dialogue.turn_end import TurnEnd

_RATE_HZ = 24_000
_LONGEST_WAIT_S = 10.0


class _Detector(vad.VAD):
    def __init__(self) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=0.1))
        self.events: asyncio.Queue[vad.VADEvent] = asyncio.Queue()

    def stream(self) -> vad.VADStream:
        return _DetectorStream(self)


class _DetectorStream(vad.VADStream):
    async def _main_task(self) -> None:
        assert isinstance(self._vad, _Detector)
        while True:
            self._event_ch.send_nowait(await self._vad.events.get())


class _Recogniser(stt.STT[Any]):
    def __init__(self) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=True))
        self.events: asyncio.Queue[stt.SpeechEvent] = asyncio.Queue()

    async def _recognize_impl(self, *args: Any, **named: Any) -> stt.SpeechEvent:
        raise NotImplementedError

    def stream(self, *, conn_options: Any = None, **_: Any) -> stt.RecognizeStream:
        return _RecogniserStream(stt=self, conn_options=conn_options)


class _RecogniserStream(stt.RecognizeStream):
    async def _run(self) -> None:
        assert isinstance(self._stt, _Recogniser)
        while True:
            self._event_ch.send_nowait(await self._stt.events.get())


class _Voice(tts.TTS[Any]):
    def __init__(self) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=_RATE_HZ, num_channels=1)

    @asynccontextmanager
    async def synthesize(self, text: str, **_: Any) -> AsyncIterator[AsyncIterator[Any]]:  # type: ignore[override]
        yield self._audio()

    async def _audio(self) -> AsyncGenerator[Any, None]:
        yield SimpleNamespace(frame=rtc.AudioFrame(bytes(960), _RATE_HZ, 1, 480))


class Mouth(AudioOutput):
    """Plays a reply until it is told that its end has come.

    Attributes:
        begun: replies, whole, as they begin.
        stopped: replies that were cut short, or held back while the caller speaks.
    """

    def __init__(self) -> None:
        super().__init__(label="mouth", capabilities=AudioOutputCapabilities(pause=True), sample_rate=_RATE_HZ)
        self.begun: asyncio.Queue[str] = asyncio.Queue()
        self.stopped = 0
        self._is_open = False
        self._clauses: list[str] = []

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if not self._is_open:
            self._is_open = True
            self.on_playback_started(created_at=0.0)
        self._clauses.append(str(frame.userdata[CLAUSE]))

    def flush(self) -> None:
        super().flush()
        if self._clauses:
            self.begun.put_nowait(" ".join(self._clauses))
            self._clauses.clear()

    def clear_buffer(self) -> None:
        self._finish(interrupted=True)

    def pause(self) -> None:
        super().pause()
        self.stopped += 1

    def finish(self) -> None:
        """What is being said has been heard out."""
        self._finish(interrupted=False)

    def _finish(self, *, interrupted: bool) -> None:
        self._clauses.clear()
        if self._is_open:
            self._is_open = False
            self.stopped += interrupted
            self.on_playback_finished(playback_position=0.02, interrupted=interrupted)


class RealSession:
    """A call from the recogniser's words to the voice's, through LiveKit."""

    def __init__(self, conversation: Conversation) -> None:
        self._detector, self._recogniser = _Detector(), _Recogniser()
        self._waits = asyncio.Event()
        self.mouth = Mouth()
        self.session: AgentSession[None] = AgentSession(
            stt=self._recogniser, vad=self._detector, llm=NoModel(), tts=_Voice(),
            turn_handling={
                "turn_detection": TurnEnd(conversation.is_over, self._floor),
                "endpointing": {"mode": "fixed", "min_delay": 0.01, "max_delay": 0.02},
                "interruption": {
                    "mode": "vad", "min_duration": 0.1, "discard_audio_if_uninterruptible": False,
                    "resume_false_interruption": True, "false_interruption_timeout": 1.0,
                },
            },
            aec_warmup_duration=None, user_away_timeout=None, tts_text_transforms=None,
        )  # fmt: skip
        self.session.output.audio = self.mouth
        self.cut_in = CutIn(self.session, conversation, lambda: None)
        self._agent = Receptionist(conversation, _Voice(), lambda: None, None, self.cut_in)

    async def __aenter__(self) -> RealSession:
        await self.session.start(self._agent)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut_in.aclose()
        await self.session.aclose()

    def begins(self) -> None:
        """The caller begins to speak."""
        self._detect(vad.VADEventType.START_OF_SPEECH)

    def goes_on(self, words: str) -> None:
        """The words so far, of a caller who is heard to speak on."""
        self._detect(vad.VADEventType.INFERENCE_DONE)
        self._recognise(stt.SpeechEventType.INTERIM_TRANSCRIPT, words)

    def ends(self, words: str) -> None:
        """The caller falls silent, and these were the words."""
        self._detect(vad.VADEventType.END_OF_SPEECH)
        self._recognise(stt.SpeechEventType.FINAL_TRANSCRIPT, words)

    async def hears(self) -> str:
        """Our next reply, as it begins."""
        async with asyncio.timeout(_LONGEST_WAIT_S):
            return await self.mouth.begun.get()

    async def turn_waits(self) -> None:
        """Until the end of the caller's turn waits for us to have spoken."""
        async with asyncio.timeout(_LONGEST_WAIT_S):
            await self._waits.wait()

    async def _floor(self) -> None:
        self._waits.set()
        await self.cut_in.said()

    def _detect(self, kind: vad.VADEventType) -> None:
        is_speech = kind is not vad.VADEventType.END_OF_SPEECH
        self._detector.events.put_nowait(
            vad.VADEvent(
                kind, samples_index=0, timestamp=0.0, speech_duration=0.5, silence_duration=0.0 if is_speech else 0.1,
                speaking=is_speech, raw_accumulated_speech=0.5 if is_speech else 0.0,
            )
        )  # fmt: skip

    def _recognise(self, kind: stt.SpeechEventType, words: str) -> None:
        self._recogniser.events.put_nowait(stt.SpeechEvent(kind, alternatives=[stt.SpeechData("en", words)]))
