"""A recording that begins once its announcement has been heard, and is deleted when the caller objects."""

from __future__ import annotations

from livekit.agents.voice.io import PlaybackFinishedEvent

from agent.dialogue.record import CallRecord
from agent.dialogue.recording import Recording
from agent.runtime.logs import get_logger

_log = get_logger("agent.dialogue.announced_recording")


class AnnouncedRecording:
    """The recording of one call.

    Args:
        recording: None when the tenant records nothing.
        record: keeps what became of it.
        notice: the announcement's words.
    """

    def __init__(self, recording: Recording | None, record: CallRecord, notice: str) -> None:
        self._recording = recording
        self._record = record
        self._notice = notice

    def greeted(self, greeting: PlaybackFinishedEvent) -> None:
        """Begin, if the caller has heard that we record: a greeting cut short before it announces nothing."""
        if self._recording is None:
            return
        if greeting.interrupted and self._notice not in (greeting.synchronized_transcript or ""):
            _log.info("recording.not_announced")
            return
        try:
            self._recording.start()
        except OSError as error:
            _log.error("recording.failed", error=str(error))
            return
        self._record.recording("announced")

    async def discard(self) -> None:
        """The caller objects: stop, and delete what was kept so far, by agents before us as well."""
        recording, self._recording = self._recording, None
        if recording is not None:
            self._record.recording("declined")
            await recording.stop(discard=True)

    async def aclose(self) -> None:
        """The call is over."""
        if self._recording is not None:
            await self._recording.stop()
