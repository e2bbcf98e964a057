"""Several recognisers as one: what one fails to hear is played to the next, and no word is lost."""

from __future__ import annotations

from livekit.agents import APIConnectOptions, stt
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr

from agent.domain.providers import Breakers, Reports
from agent.providers.chain_stream import ChainStream
from agent.providers.roster import Roster
from agent.providers.streams_only import StreamsOnly
from agent.providers.stt_member import Member


class ChainSTT(StreamsOnly):
    """Recognisers in the order in which they are tried.

    Args:
        members: at least one.
    """

    def __init__(self, members: tuple[Member, ...], breakers: Breakers, reports: Reports) -> None:
        super().__init__()
        self._members = members
        self._roster = Roster(members, breakers)
        self._reports = reports
        self._heard_by = members[0]

    @property
    def use_hosted(self) -> bool:
        """Whether recognisers that cost money are asked, as long as there is another; holds from the next turn on."""
        return self._roster.use_hosted

    @use_hosted.setter
    def use_hosted(self, value: bool) -> None:
        self._roster.use_hosted = value

    @property
    def model(self) -> str:
        return self._heard_by.recogniser.model

    @property
    def provider(self) -> str:
        return self._heard_by.recogniser.provider

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.RecognizeStream:
        return ChainStream(self, self._roster, self._reports, conn_options, self._hears)

    def _hears(self, member: Member) -> None:
        self._heard_by = member

    async def aclose(self) -> None:
        """Close every member."""
        for member in self._members:
            await member.recogniser.aclose()
