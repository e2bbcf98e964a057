"""`voicefleet chat --database`: text calls in the real book."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from agent.bootstrap.tenant_document import load_tenant
from agent.bootstrap.tenants import apply_tenants
from agent.storage.pool import Pool, tenant_tx

FILE = Path("infra/local/tenants/riverside-dental.yaml")
TENANT = load_tenant(FILE)
TO_THE_READBACK = ("A cleaning.", "Thursday at 3 PM.", "Dana Smith.", "555-012-3456.")


async def chat(database: str, name: str, *turns: str) -> tuple[int | None, str, str]:
    """Run the command to its end; returns its exit code, output and complaints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agent.cli", "chat", "--database", "--tenant", name, "--now", "2027-12-01T09:00",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "DATABASE_URL": database},
    )  # fmt: skip
    async with asyncio.timeout(60):
        output, complaints = await process.communicate("\n".join(turns).encode())
    return process.returncode, output.decode(), complaints.decode()


async def rows(pool: Pool) -> list[tuple[str, str | None]]:
    async with tenant_tx(pool, TENANT.id) as connection:
        return [
            (row["status"], row["name"])
            for row in await connection.fetch("SELECT status, name FROM appointments ORDER BY created_at")
        ]


async def test_a_text_call_books_in_the_database_and_gives_back_what_it_did_not_book(
    database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, output, complaints = await chat(database, str(FILE))
    assert (code, output) == (1, "")
    assert complaints == f"riverside-dental: not in the database; store it with: voicefleet tenant apply {FILE}\n"
    monkeypatch.setenv("DATABASE_URL", database)
    assert await apply_tenants([FILE]) == 0
    assert (await chat(database, str(FILE), *TO_THE_READBACK))[0] == 0
    assert await rows(pool) == [("cancelled", None)]
    code, output, complaints = await chat(database, TENANT.slug, *TO_THE_READBACK, "Yes.", "Goodbye.")
    assert (code, complaints) == (0, "")
    assert output.endswith("call        booked\n\n")
    assert await rows(pool) == [("cancelled", None), ("confirmed", "Dana Smith")]


async def test_a_slug_nobody_has_is_refused_in_one_sentence(database: str) -> None:
    assert await chat(database, "nobody") == (
        1,
        "",
        "nobody: no such file, and no tenant of this slug in the database\n",
    )
