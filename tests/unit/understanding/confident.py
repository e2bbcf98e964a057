"""How often a caller is acted on wrongly before anything is read back: python -m tests.unit.understanding.confident

Every turn of real users that the simulated callers say (loadtest/evaluation/data), put to the whole cascade at the
question it answers there. What is booked, moved or cancelled is read back first, whatever was understood. Followed at
once are a yes or a no to a read-back, and a few wishes, where nothing else was told beside them; wrong is one that the
turn's kind does not mean. A doubtful one is asked about, and a yes to "anything else?" answered with a question.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from agent.domain.facts import Expect, Facts, Wish
from agent.inference.in_process import InProcessEmbedder
from agent.understanding import Cascade
from agent.understanding.meaning import installed_models
from loadtest.evaluation.intervals import wilson
from tests.unit.understanding.demo import DENTAL, SATURDAY

_DATA = Path("loadtest/evaluation/data")
_YES = frozenset({"accept", "affirm", "affirm_ask"})
_AT_A_READ_BACK = frozenset({"affirm", "affirm_ask", "refuse", "correct", "repeat"})
_AT_ANYTHING_ELSE = frozenset({"no_more", "goodbye", "thanks"})
#: Followed as soon as they are understood, and the kinds of turns that mean them.
_AT_ONCE = {
    Wish.GOODBYE: frozenset({"goodbye", "no_more", "thanks"}),
    Wish.HUMAN: frozenset({"human"}),
    Wish.NO_RECORDING: frozenset[str](),
    Wish.MESSAGE: frozenset[str](),
    Wish.REPEAT: frozenset({"repeat"}),
}


@dataclass(frozen=True)
class Turn:
    """A user's turn: its words, and what its kind answers."""

    text: str
    kind: str

    @property
    def expects(self) -> Expect:
        """The question it is put to."""
        if self.kind in _AT_A_READ_BACK or self.kind in _AT_ANYTHING_ELSE:
            return Expect.YES_NO
        return {"accept": Expect.CHOICE, "when": Expect.WHEN, "service": Expect.SERVICE}.get(self.kind, Expect.ANY)


def turns(part: str) -> list[Turn]:
    """Every turn of a part, once."""
    rows = [json.loads(row) for name in ("sgd", "nlupp") for row in (_DATA / f"{name}_turns.jsonl").open()]
    return list({row["text"]: Turn(row["text"], row["kind"]) for row in rows if row["part"] == part}.values())


def wrongly_followed(turn: Turn, facts: Facts) -> str | None:
    """What of this reading is acted on at once and is not what the turn says."""
    if facts.is_doubtful:
        return None
    if facts.emergency is not None:
        return "emergency"
    if facts.has_details or facts.questions or facts.is_past:
        return None
    if turn.kind in _AT_A_READ_BACK and facts.answer is not None and facts.answer is not (turn.kind in _YES):
        return "yes" if facts.answer else "no"
    followed = (wish for wish in _AT_ONCE if wish in facts.wishes and turn.kind not in _AT_ONCE[wish])
    return next((wish.value for wish in followed), None)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("held_back", "development"), default="held_back")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    cascade = Cascade(DENTAL, InProcessEmbedder(), installed_models())
    said = turns(options.part)
    wrong: Counter[str] = Counter()
    for turn in said:
        what = wrongly_followed(turn, await cascade.understand(turn.text, turn.expects, SATURDAY))
        if what is not None:
            wrong[what] += 1
            if options.show:
                print(f"{what:12} {turn.kind:12} {turn.text}")
    low, high = wilson(wrong.total(), len(said))
    print(f"acted on and wrong: {wrong.total()} of {len(said)} turns ({low:.2%} to {high:.2%}): {dict(wrong)}")


if __name__ == "__main__":
    asyncio.run(main())
