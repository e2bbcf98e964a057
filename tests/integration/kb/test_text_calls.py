"""Text calls that ask the knowledge base in DATABASE_URL, through the commands a person and a program have."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.bootstrap.tenant_document import load_tenant
from agent.bootstrap.tenants import apply_tenants
from agent.inference.in_process import InProcessEmbedder
from agent.storage.pool import Pool
from kb.embedding import LOCAL_MODEL
from tests.integration.kb.evaluated import tell

DOCUMENT = Path("infra/local/tenants/cedar-home-services.yaml")
STEPS = (
    {"do": "call", "now": "2026-12-01T09:00", "from": None, "booked": []},
    {"do": "say", "words": "I need a plumbing visit."},
    {"do": "say", "words": "do you clean out chicken coops"},
    {"do": "say", "words": "are you bonded and insured"},
)
BONDED = {"bonded": "Are you bonded and insured?", "gift": "Do you sell gift cards?"}


@pytest.fixture
async def shop(database: str, keeper_pool: Pool, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tenant file whose business is in the database; its base is empty, or as the first test left it."""
    monkeypatch.setenv("DATABASE_URL", database)
    assert await apply_tenants([DOCUMENT]) == 0
    return DOCUMENT


def voicefleet(*words: str, lines: list[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agent.cli", *words]
    fed = "".join(f"{line}\n" for line in lines)
    return subprocess.run(
        command, input=fed, capture_output=True, text=True, timeout=120, check=False, env=dict(os.environ)
    )


def last_step(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    step: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return step


async def test_a_base_that_is_needed_and_empty_is_refused_with_what_would_fill_it(shop: Path) -> None:
    done = voicefleet("rehearse", "--tenant", str(shop), "--knowledge", lines=[])
    assert done.returncode == 1
    assert "voicefleet kb add --tenant cedar-home-services DIR" in done.stderr


async def test_a_rehearsal_and_a_chat_cite_what_the_base_answers_and_only_when_it_is_asked(
    shop: Path, keeper_pool: Pool
) -> None:
    tenant = load_tenant(shop)
    await tell(keeper_pool, tenant.id, "faq.md", BONDED, embedder=InProcessEmbedder(), model=LOCAL_MODEL)
    rehearsal = [json.dumps(step) for step in STEPS]
    asked = last_step(voicefleet("rehearse", "--tenant", str(shop), "--knowledge", lines=rehearsal))
    best = asked["cited"][0]
    assert (best["passage"], best["used"], best["score"] > 0.75) == ("faq.md#bonded", "spoken", True)
    assert asked["state"]["after"] == "time"
    without = last_step(voicefleet("rehearse", "--tenant", str(shop), lines=rehearsal))
    assert (without["cited"], without["state"]["after"]) == ([], "time")
    words = [str(step["words"]) for step in STEPS if "words" in step]
    chat = voicefleet("chat", "--tenant", str(shop), "--database", "--now", "2026-12-01T09:00", lines=words)
    assert chat.returncode == 0, chat.stderr
    assert f"cited       faq.md#bonded spoken, score {best['score']:.2f}" in chat.stdout
