"""The switchboard of a live call: begun once, after the announcement, its outcome told whatever happens."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from agent.dialogue.live_switchboard import LiveSwitchboard
from agent.domain.errors import DependencyUnavailable
from agent.domain.events import Event
from agent.domain.transfers import Transfer, TransferDone, TransferFailed, TransferKind, TransferRefusal

COLD = Transfer("transfer-1", TransferKind.COLD, "+15550109400", 20)


class Carrier:
    """Answers REFER as it is told to."""

    def __init__(self, outcome: TransferRefusal | Exception | None) -> None:
        self.outcome = outcome
        self.asked: list[tuple[str, str]] = []

    async def refer(self, room: str, identity: str, to: str, *, ring_timeout_s: int) -> TransferRefusal | None:
        self.asked.append((identity, to))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    async def aclose(self) -> None:
        """Nothing is open."""


async def _settled(carrier: Any, *transfers: Transfer) -> tuple[list[str], list[Event]]:
    told: list[str] = []
    outcomes: list[Event] = []
    is_told = asyncio.Event()

    async def announced() -> None:
        told.append(f"announced, {len(carrier.asked)} asked")

    async def settled(transfer: Transfer, outcome: Event) -> None:
        outcomes.append(outcome)
        is_told.set()

    room: Any = SimpleNamespace(name="call_1", remote_participants={})
    nothing: Any = None
    switchboard = LiveSwitchboard(carrier, room, "sip_1", lambda: nothing, lambda lines: "")
    switchboard.attach(announced, settled)
    for transfer in transfers:
        assert await switchboard.put_through(transfer) is None
    async with asyncio.timeout(5):
        await is_told.wait()
    await switchboard.aclose()
    return told, outcomes


async def test_the_carrier_is_asked_once_a_wish_and_after_the_caller_was_told() -> None:
    carrier = Carrier(None)
    assert await _settled(carrier, COLD, COLD) == (["announced, 0 asked"], [TransferDone()])
    assert carrier.asked == [("sip_1", "+15550109400")]


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (TransferRefusal.BUSY, TransferRefusal.BUSY),
        (DependencyUnavailable("LiveKit does not answer"), TransferRefusal.UNAVAILABLE),
        (ValueError("a defect of ours"), TransferRefusal.UNAVAILABLE),
    ],
)
async def test_however_it_fails_the_conversation_is_told(
    outcome: TransferRefusal | Exception, reason: TransferRefusal
) -> None:
    assert (await _settled(Carrier(outcome), COLD))[1] == [TransferFailed(reason)]
