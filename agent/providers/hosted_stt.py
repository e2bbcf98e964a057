"""A hosted recogniser as the session sees it: the vendor's words, our turns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from livekit.agents import APIConnectOptions, stt
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr

from agent.providers.hosted_stream import Hearing, HostedStream
from agent.providers.streams_only import StreamsOnly


class HostedSTT(StreamsOnly):
    """Wraps a plugin; its streams try once, because whoever owns them knows what else to try.

    Args:
        recogniser: the plugin's.
        tells_turns: whether it tells whole turns, as Flux does, and not segments.
    """

    def __init__(self, recogniser: stt.STT[Any], hearing: Hearing, *, tells_turns: bool = False) -> None:
        super().__init__()
        self._recogniser = recogniser
        self._hearing = hearing
        self._tells_turns = tells_turns

    @property
    def model(self) -> str:
        return self._recogniser.model

    @property
    def provider(self) -> str:
        return self._recogniser.provider

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.RecognizeStream:
        once = replace(conn_options, max_retry=0)
        told = self._recogniser.stream(conn_options=once)
        return HostedStream(self, told, self._hearing, once, tells_turns=self._tells_turns)

    async def aclose(self) -> None:
        """Close the plugin's connections."""
        await self._recogniser.aclose()
