"""Carries transfers out beside the conversation, which goes on meanwhile, and tells it what came of them.

A transfer takes as long as it rings; an effect that the conversation waited for would leave the caller without an
answer to whatever they say in that time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from livekit import rtc
from livekit.agents import tts

from agent.dialogue.consult import Consult
from agent.domain.errors import FleetError
from agent.domain.events import Event
from agent.domain.lines import Line
from agent.domain.transfers import Transfer, TransferDone, TransferFailed, TransferKind, TransferRefusal
from agent.runtime.logs import get_logger
from agent.runtime.tasks import TaskSet
from sip.transfers import Transfers

_log = get_logger("agent.dialogue.live_switchboard")
#: A carrier hangs up as soon as it has the caller; its word that it has them may come a moment after.
_LAST_WORD_S = 1.0
#: Identities of people we dialled; a caller's begins with "sip_".
_PERSON = "person_"


class LiveSwitchboard:
    """The switchboard of one call.

    Args:
        transfers: asks the server.
        caller: identity of the caller's leg in the room.
        voice: speaks the briefing.
        phrase: the words of a briefing.
    """

    def __init__(
        self,
        transfers: Transfers,
        room: rtc.Room,
        caller: str,
        voice: Callable[[], tts.TTS[Any]],
        phrase: Callable[[tuple[Line, ...]], str],
    ) -> None:
        self._transfers = transfers
        self._room = room
        self._caller = caller
        self._voice = voice
        self._phrase = phrase
        self._begun: set[str] = set()
        self._tasks = TaskSet("switchboard")
        self._announced: Callable[[], Awaitable[None]] | None = None
        self._settled: Callable[[Transfer, Event], Awaitable[None]] | None = None

    def attach(
        self, announced: Callable[[], Awaitable[None]], settled: Callable[[Transfer, Event], Awaitable[None]]
    ) -> None:
        """
        Args:
            announced: returns once the caller has been told, or talked over it.
            settled: told the outcome.
        """
        self._announced, self._settled = announced, settled

    async def put_through(self, transfer: Transfer) -> Event | None:
        """Begin; the outcome is told to `settled`."""
        if transfer.key not in self._begun:
            self._begun.add(transfer.key)
            self._tasks.start(self._carry_out(transfer), name=transfer.key)
        return None

    async def clear(self) -> None:
        """Send away whom an agent before us had dialled; it is not there to brief or to join them."""
        for identity in list(self._room.remote_participants):
            if identity.startswith(_PERSON):
                try:
                    await self._transfers.hang_up(self._room.name, identity)
                except FleetError as error:
                    _log.warning("transfer.person_left_behind", error=str(error), blame=error.blame.value)

    async def aclose(self) -> None:
        """The call is over: whoever was being dialled is not rung any longer."""
        await self._tasks.join(timeout_s=_LAST_WORD_S)
        await self._tasks.aclose()
        await self._transfers.aclose()

    async def _carry_out(self, transfer: Transfer) -> None:
        assert self._announced is not None
        assert self._settled is not None
        await self._announced()
        try:
            refusal = await (self._refer(transfer) if transfer.kind is TransferKind.COLD else self._consult(transfer))
        except FleetError as error:
            _log.warning("transfer.failed", error=str(error), blame=error.blame.value)
            refusal = TransferRefusal.UNAVAILABLE
        except Exception:
            _log.exception("transfer.broken")
            refusal = TransferRefusal.UNAVAILABLE
        outcome = refusal.value if refusal else "done"
        _log.info("transfer.settled", kind=transfer.kind.value, transfer_outcome=outcome)
        await self._settled(transfer, TransferDone() if refusal is None else TransferFailed(refusal))

    async def _refer(self, transfer: Transfer) -> TransferRefusal | None:
        return await self._transfers.refer(
            self._room.name, self._caller, transfer.to, ring_timeout_s=transfer.ring_timeout_s
        )

    async def _consult(self, transfer: Transfer) -> TransferRefusal | None:
        consult = Consult(self._transfers, self._room, self._caller, f"{_PERSON}{transfer.key}", self._voice())
        return await consult.hold(transfer, self._phrase(transfer.briefing))
