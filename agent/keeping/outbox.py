"""Empties the outbox: each letter is sent, tried again 200, 500 and 1000 ms later, then parked with its error."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from agent.domain.errors import DeadlineExceeded, DependencyUnavailable, FleetError
from agent.keeping.metrics import KeeperMetrics
from agent.runtime.logs import get_logger
from agent.storage.outbox import Letter, claim_due, mark_failed, mark_sent
from agent.storage.pool import Pool, fleet_tx

_log = get_logger("agent.keeping.outbox")

#: Waits before the second, third and fourth attempt.
RETRY_AFTER_S = (0.2, 0.5, 1.0)
#: Shorter than a claim, so that nobody else sends the letter meanwhile.
SEND_DEADLINE_S = 2.0
_IDLE_S = 1.0


class Sender(Protocol):
    """Takes letters to where they go."""

    async def send(self, letter: Letter) -> None:
        """Send it. May be asked again with the same key: sending that twice must do no harm.

        Raises: FleetError: it was not sent; tried again if retryable.
        """


class FileSender:
    """Appends letters to a file that only its user may read, a JSON object a line: stands in for a carrier."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def send(self, letter: Letter) -> None:
        """Write the line. Raises DependencyUnavailable when the file cannot be written."""
        sent = {
            "at": datetime.now(UTC).isoformat(),
            "tenant_id": str(letter.tenant_id),
            "kind": letter.kind,
            "key": letter.key,
            "payload": dict(letter.payload),
        }
        try:
            await asyncio.to_thread(self._append, json.dumps(sent, ensure_ascii=False) + "\n")
        except OSError as error:
            raise DependencyUnavailable(f"the outbox file cannot be written: {error.strerror}") from None

    def _append(self, line: str) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with open(descriptor, "a", encoding="utf-8") as file:
            file.write(line)


class OutboxDrain:
    """What the keeper's leader does with the outbox."""

    def __init__(self, pool: Pool, sender: Sender, metrics: KeeperMetrics) -> None:
        self._pool = pool
        self._sender = sender
        self._metrics = metrics

    async def drain(self) -> float:
        """Send what is due, side by side; nothing goes on once it has returned, failed or been cancelled.

        Returns: seconds after which to look again.
        Raises: FleetError: the database failed; what was not marked is sent again once its claim has run out.
        """
        async with fleet_tx(self._pool) as connection:
            letters = await claim_due(connection)
        if not letters:
            return _IDLE_S
        # all are waited for, whatever becomes of one: whoever leads next may claim what we no longer send
        delivered = await asyncio.gather(*(self._deliver(letter) for letter in letters), return_exceptions=True)
        for failure in filter(None, delivered):
            raise failure
        return min(RETRY_AFTER_S)

    async def _deliver(self, letter: Letter) -> None:
        try:
            await self._send(letter)
        except FleetError as error:
            await self._fail(letter, error)
            return
        async with fleet_tx(self._pool) as connection:
            await mark_sent(connection, letter)
        self._metrics.letters.labels(letter.kind, "sent").inc()
        _log.info("letter.sent", kind=letter.kind, tenant_id=str(letter.tenant_id), attempts=letter.attempts)

    async def _send(self, letter: Letter) -> None:
        try:
            async with asyncio.timeout(SEND_DEADLINE_S):
                await self._sender.send(letter)
        except TimeoutError:
            raise DeadlineExceeded(f"the sender did not answer within {SEND_DEADLINE_S:.0f} s") from None

    async def _fail(self, letter: Letter, error: FleetError) -> None:
        is_last = not error.retryable or letter.attempts > len(RETRY_AFTER_S)
        again_in_s = None if is_last else RETRY_AFTER_S[letter.attempts - 1]
        async with fleet_tx(self._pool) as connection:
            await mark_failed(connection, letter, str(error), again_in_s=again_in_s)
        self._metrics.letters.labels(letter.kind, "parked" if is_last else "tried_again").inc()
        log = _log.error if is_last else _log.warning
        log(
            "letter.parked" if is_last else "letter.failed",
            kind=letter.kind,
            tenant_id=str(letter.tenant_id),
            attempts=letter.attempts,
            blame=error.blame.value,
            error=str(error),
        )
