"""`voicefleet kb add`, as an operator has it: a broken file, a kill in the middle, a second run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

DOCUMENT = "infra/local/tenants/riverside-dental.yaml"
SLUG = "riverside-dental"
PAGES = 120
_COMMAND_S = 60


def begin(database: str, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "agent.cli", *words],
        env={**os.environ, "DATABASE_URL": database},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(database: str, *words: str) -> tuple[int, str, str]:
    process = begin(database, *words)
    told, faults = process.communicate(timeout=_COMMAND_S)
    return process.returncode, told, faults


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of one passage each, and a PDF that is none."""
    folder = tmp_path_factory.mktemp("pages") / "site"
    folder.mkdir()
    for number in range(PAGES):
        text = f"# Page {number}\n\n## What is rule {number}?\n\nRule {number} says that {number} is allowed here.\n"
        (folder / f"page-{number:03}.md").write_text(text)
    (folder / "leaflet.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    return folder


@pytest.fixture(scope="module")
def applied(database: str) -> str:
    assert run(database, "tenant", "apply", DOCUMENT)[0] == 0
    return database


async def live(database: str) -> dict[str, str]:
    """Passages that are live, by their source's name, and how many vectors all of them have together."""
    connection = await asyncpg.connect(database)
    try:
        rows = await connection.fetch(
            """
            SELECT s.name, p.id::text AS id,
                (SELECT count(*) FROM kb_vectors v WHERE v.passage_id = p.id) AS vectors
            FROM kb_passages p JOIN kb_sources s ON s.id = p.source_id WHERE p.until_version IS NULL
            """
        )
    finally:
        await connection.close()
    assert all(row["vectors"] >= 2 for row in rows), "a passage without its vectors is half imported"
    return {row["name"]: row["id"] for row in rows}


async def test_a_folder_survives_a_broken_file_a_kill_and_a_second_run(applied: str, folder: Path) -> None:
    killed = begin(applied, "kb", "add", "--tenant", SLUG, str(folder))
    deadline = time.monotonic() + _COMMAND_S
    while len(await live(applied)) < PAGES // 5 and time.monotonic() < deadline:
        time.sleep(0.05)  # noqa: ASYNC251  nothing else runs here
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=_COMMAND_S)
    half = await live(applied)
    assert PAGES // 5 <= len(half) < PAGES, "the kill came too late, or nothing was stored"

    code, told, faults = run(applied, "kb", "add", "--tenant", SLUG, str(folder))
    whole = await live(applied)
    assert code == 1
    assert "site/leaflet.pdf" in faults
    assert len(whole) == PAGES
    assert {name: whole[name] for name in half} == half
    assert "1 left out" in told

    code, told, _ = run(applied, "kb", "add", "--tenant", SLUG, str(folder))
    assert f"{PAGES} of {PAGES + 1} sources unchanged" in told
    assert await live(applied) == whole

    (folder / "page-007.md").unlink()
    (folder / "leaflet.pdf").unlink()
    code, told, _ = run(applied, "kb", "add", "--tenant", SLUG, "--prune", str(folder))
    assert code == 0
    assert "site/page-007.md: gone" in told
    assert "site/page-007.md" not in await live(applied)


async def test_what_is_wrong_with_the_words_is_said_in_one_line(applied: str, tmp_path: Path) -> None:
    for words in (
        ("kb", "add", "--tenant", "nobody", str(tmp_path)),
        ("kb", "add", "--tenant", SLUG, str(tmp_path)),
        ("kb", "add", "--tenant", SLUG, str(tmp_path / "none.md")),
        ("kb", "why", "not-a-call"),
        ("kb", "why", "last"),
        ("kb", "remove", "--tenant", SLUG, "none.md"),
    ):
        code, _, faults = run(applied, *words)
        assert code == 1, words
        assert len(faults.strip().splitlines()) == 1, faults
        assert "Traceback" not in faults
