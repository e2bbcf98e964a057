"""`voicefleet kb check`: passages of a base that say the same twice, or different things of the same."""

from __future__ import annotations

import textwrap
from uuid import UUID

import numpy as np

from agent.bootstrap.knowledge.opened import opened, tenant_of
from agent.storage import kb_sources
from agent.storage.kb_sources import ComparedPassage
from agent.storage.pool import Pool, tenant_tx
from kb.conflicts import Conflict, Kind, conflicts
from kb.passages import Passage, PassageKind

#: Of one base; who has more of them mends these first.
MOST_SHOWN = 20
_READ_S = 60.0
_WORDS = {Kind.DUPLICATE: "twice the same", Kind.CONTRADICTION: "one of them is wrong"}


async def check(slug: str) -> int:
    """Print what was found. Returns: 2 when something was. Raises: ConfigError: no such tenant."""
    async with opened() as pool:
        tenant = await tenant_of(pool, slug)
        told = await findings(pool, tenant.id)
    print("\n".join(told) if told else f"{slug}: nothing is said twice, and nothing in two ways")
    return 2 if told else 0


async def findings(pool: Pool, tenant_id: UUID) -> list[str]:
    """Each finding in a paragraph, at most MOST_SHOWN and a count of the rest."""
    async with tenant_tx(pool, tenant_id, budget_s=_READ_S) as connection:
        live = await kb_sources.compared_passages(connection, tenant_id)
    if not live:
        return []
    vectors = np.array([np.fromstring(each.vector.strip("[]"), sep=",") for each in live], np.float32)
    found = conflicts([_passage(each) for each in live], vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    told = [_told(each, live) for each in found[:MOST_SHOWN]]
    return [*told, f"and {len(found) - MOST_SHOWN} more"] if len(found) > MOST_SHOWN else told


def _told(conflict: Conflict, live: tuple[ComparedPassage, ...]) -> str:
    lines = [f"{_WORDS[conflict.kind]}:"]
    for index, quote in zip((conflict.first, conflict.second), conflict.quotes, strict=True):
        each = live[index]
        lines += [f"  {each.source_name}#{each.key}: {each.title}", textwrap.indent(textwrap.fill(quote, 100), "    ")]
    return "\n".join(lines)


def _passage(each: ComparedPassage) -> Passage:
    return Passage(each.key, PassageKind(each.kind), each.title, each.text, each.spoken)
