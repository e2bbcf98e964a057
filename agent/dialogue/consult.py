"""A person on the line beside the caller: dialled into the caller's room, told who is calling, then joined.

All three sit in one room, because an open-source LiveKit server moves nobody from one room to another. Who hears
whom is therefore decided track by track: until they are joined the caller hears our line only, and the person
only the briefing.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, tts
from livekit.rtc.participant import UnpublishTrackError

from agent.domain.errors import DeadlineExceeded, FleetError
from agent.domain.transfers import Transfer, TransferRefusal
from agent.providers.clauses import clauses
from agent.runtime.logs import get_logger
from sip.transfers import Transfers

_log = get_logger("agent.dialogue.consult")
_RATE_HZ = 24_000
#: Whoever picks up says hello first.
_AFTER_HELLO_S = 0.8
_LONGEST_BRIEFING_S = 30.0
_TRACK_APPEARS_S = 3.0
#: LiveKit waits for its media server without an end of its own.
_LONGEST_PUBLISH_S = 3.0
_QUEUE_MS = 1000
_ONE_TRY = APIConnectOptions(max_retry=0, timeout=3.0)


class Consult:
    """One attempt to put a caller through to a person.

    Args:
        transfers: asks the server.
        room: the caller's, in which our line is published already.
        caller: identity of the caller's leg; `person`: the identity the person's leg will have.
        voice: speaks the briefing.
    """

    def __init__(self, transfers: Transfers, room: rtc.Room, caller: str, person: str, voice: tts.TTS[Any]) -> None:
        self._transfers = transfers
        self._room = room
        self._caller = caller
        self._person = person
        self._voice = voice
        self._source = rtc.AudioSource(_RATE_HZ, 1, queue_size_ms=_QUEUE_MS)
        self._briefing_track: str | None = None
        self._may_be_marked = False
        self._has_left = asyncio.Event()

    async def hold(self, transfer: Transfer, briefing: str) -> TransferRefusal | None:
        """Dial, brief and join.

        Returns: None once caller and person hear each other; otherwise the person's leg is gone.
        Raises: FleetError: the server could not be asked; the person's leg is gone then too.
        """
        is_joined = False
        self._room.on("participant_disconnected", self._on_left)
        try:
            await self._part()
            refusal = await self._dial(transfer)
            if refusal is None:
                refusal = await self._brief(briefing)
            if refusal is None:
                refusal = await self._join()
            is_joined = refusal is None
            return refusal
        finally:
            self._room.off("participant_disconnected", self._on_left)
            if not is_joined:
                await asyncio.shield(self._undo())

    async def _part(self) -> None:
        """From now on a new track of ours is heard by nobody, so the briefing is never heard by the caller."""
        self._permit()
        track = rtc.LocalAudioTrack.create_audio_track("briefing", self._source)
        try:
            async with asyncio.timeout(_LONGEST_PUBLISH_S):
                published = await self._room.local_participant.publish_track(track, rtc.TrackPublishOptions())
        except TimeoutError:
            raise DeadlineExceeded(f"publishing a briefing took more than {_LONGEST_PUBLISH_S:g} s") from None
        self._briefing_track = published.sid
        self._permit()

    def _permit(self) -> None:
        own = self._room.local_participant.track_publications
        line = [sid for sid in own if sid != self._briefing_track]
        permissions = [rtc.ParticipantTrackPermission(participant_identity=self._caller, allowed_track_sids=line)]
        if self._briefing_track is not None:
            permissions.append(
                rtc.ParticipantTrackPermission(
                    participant_identity=self._person, allowed_track_sids=[self._briefing_track]
                )
            )
        self._room.local_participant.set_track_subscription_permissions(
            allow_all_participants=False, participant_permissions=permissions
        )

    async def _dial(self, transfer: Transfer) -> TransferRefusal | None:
        """Ring the person; their track exists from the first moment and is kept from the caller while it is mute."""
        name, person = self._room.name, self._person
        keeping = asyncio.create_task(self._keep_person_from_caller(), name="consult.keep_apart")
        try:
            refusal = await self._transfers.dial(name, person, transfer.to, ring_timeout_s=transfer.ring_timeout_s)
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
        if refusal is None:
            await self._keep_person_from_caller()
            await self._transfers.let_hear(name, person, self._tracks_of(self._caller), is_heard=False)
        return refusal

    async def _keep_person_from_caller(self) -> None:
        tracks = await self._tracks_once_there(self._person)
        await self._transfers.let_hear(self._room.name, self._caller, tracks, is_heard=False)

    async def _brief(self, briefing: str) -> TransferRefusal | None:
        """Speak to the person; a briefing that cannot be spoken keeps nobody from being joined."""
        speaking = asyncio.create_task(self._speak(briefing), name="consult.brief")
        leaving = asyncio.create_task(self._has_left.wait(), name="consult.leaving")
        both = (speaking, leaving)
        try:
            await asyncio.wait(both, timeout=_LONGEST_BRIEFING_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
        return self._gone()

    async def _speak(self, briefing: str) -> None:
        if not briefing:
            return
        await asyncio.sleep(_AFTER_HELLO_S)
        try:
            for clause in clauses(briefing):
                async with self._voice.synthesize(clause, conn_options=_ONE_TRY) as stream:
                    async for audio in stream:
                        await self._source.capture_frame(audio.frame)
            await self._source.wait_for_playout()
        except APIError as error:
            _log.warning("briefing.failed", error=str(error))

    async def _join(self) -> TransferRefusal | None:
        """Let the two hear each other; the mark comes first, so that no keeper sends an agent between them."""
        name = self._room.name
        self._may_be_marked = True
        await self._transfers.mark_bridged(name)
        await self._transfers.let_hear(name, self._caller, self._tracks_of(self._person), is_heard=True)
        await self._transfers.let_hear(name, self._person, self._tracks_of(self._caller), is_heard=True)
        return self._gone()

    def _gone(self) -> TransferRefusal | None:
        """Who hangs up before they hear the caller does not take the call."""
        return TransferRefusal.REFUSED if self._has_left.is_set() else None

    async def _undo(self) -> None:
        """The person goes, and our line is everybody's again.

        The mark goes before the person: a marked room with one telephone left is ended, and the caller with it.
        """
        if self._may_be_marked:
            with contextlib.suppress(FleetError):
                await self._transfers.mark_bridged(self._room.name, is_bridged=False)
        with contextlib.suppress(FleetError):
            await self._transfers.hang_up(self._room.name, self._person)
        if self._room.isconnected():
            await self._withdraw()
            self._room.local_participant.set_track_subscription_permissions(allow_all_participants=True)
        await self._source.aclose()

    async def _withdraw(self) -> None:
        """Take the briefing's track back; one that stays is silent from now on."""
        if self._briefing_track is None:
            return
        self._source.clear_queue()
        try:
            async with asyncio.timeout(_LONGEST_PUBLISH_S):
                await self._room.local_participant.unpublish_track(self._briefing_track)
        except (TimeoutError, UnpublishTrackError) as error:
            _log.warning("briefing.left_behind", error=repr(error))

    def _tracks_of(self, identity: str) -> list[str]:
        participant = self._room.remote_participants.get(identity)
        return list(participant.track_publications) if participant else []

    async def _tracks_once_there(self, identity: str) -> list[str]:
        """The person's tracks, once they are published; none when that takes too long."""
        published = asyncio.Event()

        def look(*_: object) -> None:
            if self._tracks_of(identity):
                published.set()

        self._room.on("track_published", look)
        try:
            look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TRACK_APPEARS_S):
                    await published.wait()
        finally:
            self._room.off("track_published", look)
        return self._tracks_of(identity)

    def _on_left(self, participant: rtc.RemoteParticipant) -> None:
        if participant.identity == self._person:
            self._has_left.set()
