"""Turns as they are heard word by word: python -m tests.unit.understanding.emergency_beginnings prints the figures.

Counted for each demo tenant: harmless turns with a beginning that is taken for an emergency. And how many words of a
true one, when the caller speaks on, have been spoken once it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

from agent.bootstrap.tenant_document import load_tenant
from agent.domain.tenant import Tenant
from agent.understanding.emergencies import read_emergency, read_emergency_so_far
from tests.unit.understanding import emergency_utterances as said

_DATA = Path("tests/data")
_TENANTS = Path("infra/local/tenants")
#: What a caller in distress goes on with.
TAIL = (
    "and I was calling about the appointment on Friday because we can not come like this and I do not know what to do"
)


def beginnings(text: str) -> Iterator[str]:
    """The first word, the first two, and so on to the whole."""
    words = text.split()
    return (" ".join(words[:stop]) for stop in range(1, len(words) + 1))


def written_turns(tenant: Tenant) -> list[str]:
    """Harmless turns written for this project, without those whose whole is taken for an emergency as well."""
    held_back = (_DATA / "callers" / "ordinary_held_back.txt").read_text(encoding="utf-8").splitlines()
    texts = [*said.NOT_AN_EMERGENCY, *said.LATER_ORDINARY, *said.UNSEEN_ORDINARY, *held_back]
    return [text for text in texts if read_emergency(text, tenant) is None]


def real_turns() -> list[str]:
    """What real people said to a machine that books: nobody was in danger."""
    lines = [
        json.loads(line)
        for folder in ("nlupp", "sgd")
        for path in sorted((_DATA / folder).glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return [line.get("text") or line["utterance"] for line in lines]


def _report(tenant: Tenant) -> None:
    for name, texts in (("written", written_turns(tenant)), ("real", real_turns())):
        parts = [part for text in texts for part in beginnings(text)]
        taken = [part for part in parts if read_emergency_so_far(part, tenant)]
        print(f"{tenant.slug} {name}: {len(taken)} of {len(parts)} beginnings of {len(texts)} turns {taken}")
    spoken = []
    emergencies = (*said.DIAL_911, *said.SUICIDE_988, *said.GAS, *said.LATER_EMERGENCIES, *said.UNSEEN_EMERGENCIES)
    known = [text for text in emergencies if read_emergency(text, tenant)]
    for text in known:
        whole = beginnings(f"{text} {TAIL}")
        spoken += [count for count, part in enumerate(whole, 1) if read_emergency_so_far(part, tenant)][:1]
    tenths = quantiles(spoken, n=10)
    print(f"{tenant.slug} heard {len(spoken)} of {len(known)}, after {tenths[4]:g} words (p10 {tenths[0]:g},", end=" ")
    print(f"p90 {tenths[8]:g}, most {max(spoken)})")


if __name__ == "__main__":
    for path in sorted(_TENANTS.glob("*.yaml")):
        _report(load_tenant(path))
