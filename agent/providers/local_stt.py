"""Speech recognition by the local inference process, as a LiveKit provider."""

from __future__ import annotations

from livekit.agents import APIConnectOptions, stt
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr

from agent.providers.local_stream import Ears, LocalStream
from agent.providers.streams_only import StreamsOnly


class LocalSTT(StreamsOnly):
    """Whisper behind the inference socket.

    Args:
        ears: what every stream listens with.
    """

    def __init__(self, ears: Ears) -> None:
        super().__init__()
        self._ears = ears

    @property
    def model(self) -> str:
        return "whisper-tiny.en"

    @property
    def provider(self) -> str:
        return "local"

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.RecognizeStream:
        return LocalStream(self, self._ears, conn_options)
