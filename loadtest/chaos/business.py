"""Businesses of the trials' own: short of words, and with answers that nobody has said before."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from loadtest.chaos.plan import COLOURS, code_question

#: Which of them is dialled: one with the fleet's providers, one with hosted providers only, one with a cent a call.
PLAIN, HOSTED, PENNY = "+15550100910", "+15550100911", "+15550100912"
_PLAN = Path("sip/plan.yaml")
_TEMPLATE = Path(__file__).with_name("business.yaml")
_COMMAND_S = 60.0
_NOUNS = (
    "river candle window garden pepper mountain blanket hammer ribbon pencil harbor basket feather lantern saddle "
    "tunnel village whistle anchor bottle carpet dragon engine fiddle glacier helmet island jacket kettle ladder"
)
_WORDS_A_CODE = 4


class CommandFailed(Exception):
    """The fleet's own program did not do what it was asked for; its last words."""


def codes(dice: random.Random) -> dict[str, str]:
    """A code for each colour: 600,000 there are, so that none is in any cache of speech."""
    return {colour: " ".join(dice.sample(_NOUNS.split(), _WORDS_A_CODE)) for colour in COLOURS}


def document(slug: str, number: str, by_colour: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """A business's.

    Args:
        more: fields beside, or in place of, the template's.
    """
    written: dict[str, Any] = yaml.safe_load(_TEMPLATE.read_text())
    facts = [
        {"id": colour, "questions": [code_question(colour)], "answer": f"{code.capitalize()} is the code for {colour}."}
        for colour, code in by_colour.items()
    ]
    return written | {"slug": slug, "numbers": [number], "facts": [*written["facts"], *facts], **more}


def open_business(folder: Path, written: Mapping[str, Any]) -> None:
    """Have the fleet serve it; a second time it takes the changes. Raises CommandFailed."""
    file = folder / f"{written['slug']}.yaml"
    file.write_text(yaml.safe_dump(dict(written)))
    voicefleet("tenant", "apply", str(file))


def open_lines(folder: Path, numbers: Sequence[str]) -> None:
    """Have the carrier lead these numbers here. Raises CommandFailed."""
    plan = yaml.safe_load(_PLAN.read_text())
    plan["carriers"][0]["numbers"] += numbers
    file = folder / "plan.yaml"
    file.write_text(yaml.safe_dump(plan))
    voicefleet("sip", "apply", str(file))


def voicefleet(*words: str) -> str:
    """Run the fleet's program in the stack; returns what it printed. Raises CommandFailed."""
    try:
        done = subprocess.run(["voicefleet", *words], capture_output=True, text=True, timeout=_COMMAND_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandFailed(f"voicefleet {' '.join(words)}: {error}") from None
    if done.returncode:
        last = ([*done.stdout.strip().splitlines(), *done.stderr.strip().splitlines()] or ["no message"])[-1]
        raise CommandFailed(f"voicefleet {' '.join(words)}: {last}")
    return done.stdout
