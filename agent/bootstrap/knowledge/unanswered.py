"""`voicefleet kb unanswered`: what callers asked and nobody could answer, alike questions together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agent.bootstrap.knowledge.opened import opened, tenant_of
from agent.inference.in_process import InProcessEmbedder
from agent.storage.citations import unanswered
from agent.storage.pool import tenant_tx
from kb.grouping import grouped

_EMBED_S = 60.0
#: Of a group so many ways to ask are shown.
_MOST_SHOWN = 4


async def show(slug: str, *, days: int) -> int:
    """Print the groups, the largest first. Raises: ConfigError: no such tenant."""
    since = datetime.now(UTC) - timedelta(days=days)
    async with opened() as pool:
        tenant = await tenant_of(pool, slug)
        async with tenant_tx(pool, tenant.id) as connection:
            asked = await unanswered(connection, tenant.id, since=since)
    if not asked:
        print(f"{slug}: every question of the last {days} days had an answer")
        return 0
    words = [each.words for each in asked]
    vectors = await InProcessEmbedder().embed(words, deadline_s=_EMBED_S)
    for group in grouped(vectors):
        calls = {asked[index].call_id for index in group}
        last = max(asked[index].asked_at for index in group)
        print(f"{len(group)} times in {len(calls)} calls, last {last.astimezone(tenant.zone):%Y-%m-%d %H:%M}:")
        for index in group[:_MOST_SHOWN]:
            print(f"  {words[index]}")
    print(f"{len(asked)} questions of the last {days} days; answer them with: voicefleet kb add --tenant {slug} FILE")
    return 0
