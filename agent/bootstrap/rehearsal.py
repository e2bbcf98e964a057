"""`voicefleet rehearse`: text calls one after another for a program, over standard input and output.

Each line of input is a JSON object and is answered by exactly one line of JSON:

    {"do": "call", "now": ISO, "from": E.164 or null, "booked": [{service_id, start, name, phone}, …],
     "person": E.164 or null}            who takes transferred callers at any hour; left out or null, nobody does
    {"do": "say", "words": str}
    {"do": "cut", "heard": 0 to 1}       the caller interrupted what was said last
    {"do": "silence"}
    {"do": "hang_up"}

`call` opens a diary in memory with the bookings named, at `now`, and answers with the greeting. Times without a zone
are the tenant's; a booking without a name is somebody else's. The answer to `hang_up` is
{"rows": […], "messages": […], "transfers": [E.164, …]}: what the diary then holds (service_id, start on the tenant's
wall clock, name, phone, status, is_new), what the business can read (reason, text, name, phone, is_urgent,
is_confirmed), and to whom the caller was put through. Every other answer is a step as `voicefleet chat --json` prints
it (docs/chat.md), with "is_ended". With `--knowledge` the tenant's knowledge base in DATABASE_URL is asked, and a
search that fails ends the program: what it would have said is not known. The evaluation drives calls through this; it
shares no code with the agent.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID, uuid4

from agent.bootstrap.tenant_document import load_tenant
from agent.bootstrap.text_database import library_of, open_pool_of
from agent.bootstrap.text_understanding import TextUnderstanding
from agent.dialogue.text_call import TextCall
from agent.dialogue.turn_report import TurnReport
from agent.domain.errors import ConfigError, DependencyUnavailable
from agent.domain.events import Event
from agent.domain.openings import Window
from agent.domain.tenant import Tenant
from agent.domain.transfers import Transfer, TransferDone, TransferKind, TransferRule
from agent.runtime import logs
from agent.scheduling.memory_desk import MemoryDesk
from agent.storage.pool import Pool
from agent.tenants.callers_law import tenant_for_caller
from kb.retrieval import Library

#: Who has the bookings that are only to stand in the way.
_SOMEBODY = "Somebody Else"
_NO_NUMBER = "+15550000000"


def run(
    file: Path,
    source: Iterable[str],
    sink: TextIO,
    *,
    is_grammar_only: bool = False,
    has_knowledge: bool = False,
) -> int:
    """Answer each line of `source` until it ends.

    Args:
        file: the tenant's.
        is_grammar_only: leave out the second step of understanding.
        has_knowledge: ask the tenant's knowledge base in DATABASE_URL.
    Raises: FleetError: the tenant, its knowledge base or a line is wrong.
    """
    logs.configure("rehearse", "WARNING")
    tenant = load_tenant(file)
    with asyncio.Runner() as runner, contextlib.ExitStack() as stack:
        pool: Pool | None = None
        if has_knowledge:
            opened = pool = runner.run(open_pool_of(tenant, str(file), needs_knowledge=True))
            stack.callback(lambda: runner.run(opened.close()))
        understanding = TextUnderstanding(is_grammar_only=is_grammar_only)
        stack.callback(lambda: runner.run(understanding.aclose()))
        rehearsal = Rehearsal(tenant, understanding, pool)
        for number, line in enumerate(source, start=1):
            try:
                answer = runner.run(rehearsal.answer(json.loads(line)))
            except (KeyError, ValueError, ConfigError) as error:
                raise ConfigError(f"line {number}: {error!r}") from error
            print(json.dumps(answer, ensure_ascii=False), file=sink, flush=True)
    return 0


class _Person:
    """Somebody who takes every caller put through to them."""

    def __init__(self) -> None:
        self.reached: list[str] = []

    async def put_through(self, transfer: Transfer) -> Event | None:
        """The person is there at once."""
        self.reached.append(transfer.to)
        return TransferDone()


def _answered_by(person: str | None, tenant: Tenant) -> Tenant:
    """The tenant, whose callers are put through to this number and no other."""
    rule = TransferRule(person, TransferKind.COLD, is_always=True) if person is not None else None
    return replace(tenant, transfer=rule)


class Rehearsal:
    """One call at a time, each with a diary of its own.

    Args:
        pool: where its knowledge base is; None asks none.
    """

    def __init__(self, tenant: Tenant, understanding: TextUnderstanding, pool: Pool | None = None) -> None:
        self._tenant = tenant
        self._understanding = understanding
        self._pool = pool
        self._library: Library | None = None
        self._now = datetime.now(UTC)
        self._desk = MemoryDesk(lambda: self._now)
        self._booked: set[UUID] = set()
        self._call: TextCall | None = None
        self._switchboard = _Person()

    async def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """What one line of input comes to.

        Raises: ConfigError: it is none of those listed above, or there is no call; KeyError, ValueError: a field.
        """
        if asked["do"] == "call":
            return await self._begin(asked)
        if self._call is None:
            raise ConfigError(f"{asked['do']}: there is no call")
        match asked["do"]:
            case "say":
                return self._step(await self._call.say(asked["words"]))
            case "cut":
                return self._step(self._call.cut(float(asked["heard"])))
            case "silence":
                return self._step(await self._call.stay_silent())
            case "hang_up":
                await self._call.hang_up()
                self._call = None
                return {"rows": self._rows(), "messages": self._messages(), "transfers": self._switchboard.reached}
            case unknown:
                raise ConfigError(f"{unknown}: expected call, say, cut, silence or hang_up")

    async def _begin(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._now = self._instant(asked["now"])
        self._desk = MemoryDesk(lambda: self._now)
        for booking in asked["booked"]:
            await self._book(booking)
        self._booked = {entry.id for entry in self._desk.entries}
        self._switchboard = _Person()
        tenant = _answered_by(asked.get("person"), tenant_for_caller(self._tenant, asked["from"]))
        cascade = self._understanding.of(tenant)
        if self._pool is not None:
            self._library = cascade.library = library_of(self._pool, tenant, self._understanding)
        self._call = TextCall(
            tenant, self._desk, lambda: self._now, caller_number=asked["from"], switchboard=self._switchboard,
            cascade=cascade,
        )  # fmt: skip
        return self._step(await self._call.answer())

    async def _book(self, booking: dict[str, Any]) -> None:
        """Put a booking into the diary. Raises ConfigError when nobody is free then."""
        start_at = self._instant(booking["start"])
        found = await self._desk.find_openings(
            self._tenant, booking["service_id"], Window(start_at, start_at), now=self._now
        )
        opening = next((offer.opening for offer in found if offer.opening.start_at == start_at), None)
        hold = opening and await self._desk.hold(self._tenant, uuid4(), opening, booking["service_id"])
        if not hold:
            raise ConfigError(f"booked: nobody is free for {booking['service_id']} at {booking['start']}")
        await self._desk.confirm(
            self._tenant, hold, intent_key=f"before the call, {hold.id}", service_id=booking["service_id"],
            name=booking["name"] or _SOMEBODY, phone=booking["phone"] or _NO_NUMBER,
        )  # fmt: skip

    def _step(self, report: TurnReport) -> dict[str, Any]:
        assert self._call is not None
        if self._library is not None and self._library.counts.failures:
            raise DependencyUnavailable("the knowledge base could not be asked, so the call is none to judge by")
        return {**report.to_json(), "is_ended": self._call.is_ended}

    def _rows(self) -> list[dict[str, Any]]:
        return [
            {
                "service_id": entry.service_id,
                "start": entry.opening.start_at.astimezone(self._tenant.zone).replace(tzinfo=None).isoformat(),
                "name": entry.name,
                "phone": entry.phone,
                "status": entry.status.value,
                "is_new": entry.id not in self._booked,
            }
            for entry in self._desk.entries
        ]

    def _messages(self) -> list[dict[str, Any]]:
        return [
            {
                "reason": message.reason.value,
                "text": message.text,
                "name": message.name,
                "phone": message.phone,
                "is_urgent": message.is_urgent,
                "is_confirmed": message.is_confirmed,
            }
            for message in (taken.message for taken in self._desk.notes.messages)
        ]

    def _instant(self, written: str) -> datetime:
        at = datetime.fromisoformat(written)
        return (at if at.tzinfo is not None else at.replace(tzinfo=self._tenant.zone)).astimezone(UTC)
