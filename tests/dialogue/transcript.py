"""Puts a real session into docs/chat.md: python -m tests.dialogue.transcript"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PATH = Path("docs/chat.md")
TENANT = "infra/local/tenants/riverside-dental.yaml"
COMMAND = ("chat", "--tenant", TENANT, "--now", "2026-12-01T09:00", "--caller", "+15551230000")
TURNS = (
    "Hi, I'd like a cleaning, Thursday after three.",
    "The second one.",
    "It's Dana Smith.",
    "The number I'm calling from.",
    "No, Friday at ten.",
    "/cut 0.4",
    "Yes.",
    "Yes, that's right.",
    "No, that's all, thanks.",
)
_BLOCK = re.compile(r"(?<=<!-- transcript -->\n\n```text\n).*?(?=```)", re.DOTALL)
_DEADLINE_S = 60.0


def chat(*arguments: str, turns: tuple[str, ...] = TURNS) -> subprocess.CompletedProcess[str]:
    """Run the command as its users do, with these lines as its input."""
    return subprocess.run(
        [sys.executable, "-m", "agent.cli", *(arguments or COMMAND)],
        input="".join(f"{turn}\n" for turn in turns),
        capture_output=True,
        text=True,
        timeout=_DEADLINE_S,
    )


def with_transcript(page: str, transcript: str) -> str:
    """The page with this session in it."""
    return _BLOCK.sub(lambda _: transcript, page)


def without_ids(text: str) -> str:
    """Ids differ from run to run."""
    return re.sub(r"(?<=id )[0-9a-f]{8}\b", "ID", text)


if __name__ == "__main__":
    PATH.write_text(with_transcript(PATH.read_text(encoding="utf-8"), chat().stdout), encoding="utf-8")
