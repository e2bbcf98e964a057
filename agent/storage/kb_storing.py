"""Changing a tenant's knowledge base: a source is stored whole or not at all, and each change makes a version.

Passages that did not change keep their row and their id; one that changed is a new row, and the old one is retired: no
search finds it, and citations still name it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from agent.domain.errors import Blame, FleetError
from agent.storage.kb_sources import active_model, current_version, live_digests
from agent.storage.pool import Connection

#: Seconds a change of a large source may take: what whoever makes one gives its transaction.
CHANGE_S = 30.0
_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class NewPassage:
    """A passage to be stored.

    Attributes:
        sha256: of its content; the same one under the same key is the same passage.
        vectors: its embeddings by the model that is searched, as pgvector reads them ("[0.1,…]"); never empty.
    """

    key: str
    kind: str
    title: str
    questions: Sequence[str]
    text: str
    spoken: str
    sha256: str
    vectors: Sequence[str]


@dataclass(frozen=True, slots=True)
class Changed:
    """What storing a source did.

    Attributes:
        version: of the knowledge base from now on; None when nothing changed and there is none yet.
    """

    version: int | None
    added: int
    kept: int
    retired: int


class ChangedMeanwhile(FleetError):
    """Somebody else stored the source meanwhile; look again what of it is new."""

    default_blame = Blame.SERVER
    default_retryable = True


class AnotherModel(FleetError):
    """The knowledge base is searched by another model by now; embed once more."""

    default_blame = Blame.SERVER
    default_retryable = True


async def store_source(
    connection: Connection,
    tenant_id: UUID,
    *,
    name: str,
    sha256: str,
    digests: Mapping[str, str],
    changed: Sequence[NewPassage],
    model: str,
) -> Changed:
    """Make a source's live passages those of `digests`, in the caller's transaction.

    Args:
        connection: the keeper's role; the application may not write these tables.
        digests: sha256 by key, of every passage the source now has.
        changed: those of them that are not stored with that sha256 yet.
        model: whose vectors `changed` bring: the tenant's active one, or the one that becomes it.
    Raises:
        AnotherModel: it is not, any more; nothing was stored.
        ChangedMeanwhile: the source was stored by somebody else since `changed` was found; nothing was stored.
    """
    await take_turns(connection, tenant_id)
    if changed and await active_model(connection, tenant_id) not in (None, model):
        raise AnotherModel
    source_id = await _source(connection, tenant_id, name, sha256)
    before = await live_digests(connection, tenant_id, name)
    if {key for key, digest in digests.items() if before.get(key) != digest} != {each.key for each in changed}:
        raise ChangedMeanwhile
    gone = [key for key, digest in before.items() if digests.get(key) != digest]
    version = await current_version(connection, tenant_id)
    if not gone and not changed:
        return Changed(version or None, 0, len(before), 0)
    version += 1
    await _retire(connection, tenant_id, source_id, gone, version)
    await _insert(connection, tenant_id, source_id, changed, version)
    await _insert_vectors(connection, tenant_id, source_id, changed, model)
    if changed:
        await connection.execute(
            "INSERT INTO kb_models (tenant_id, model) VALUES ($1, $2) ON CONFLICT (tenant_id) DO NOTHING",
            tenant_id,
            model,
        )
    kept = len(before) - len(gone)
    await connection.execute(
        """
        INSERT INTO kb_versions (tenant_id, version, source_name, added, kept, retired) VALUES ($1, $2, $3, $4, $5, $6)
        """,
        tenant_id,
        version,
        name,
        len(changed),
        kept,
        len(gone),
    )
    return Changed(version, len(changed), kept, len(gone))


async def take_turns(connection: Connection, tenant_id: UUID) -> None:
    """Wait for whoever changes this base: two would both make the same version, or give one passage two models."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('voicefleet.knowledge ' || $1, 0))",
        str(tenant_id),
        timeout=CHANGE_S,
    )


async def _source(connection: Connection, tenant_id: UUID, name: str, sha256: str) -> UUID:
    source_id: UUID = await connection.fetchval(
        """
        INSERT INTO kb_sources (id, tenant_id, name, sha256) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant_id, name) DO UPDATE SET sha256 = excluded.sha256, read_at = now() RETURNING id
        """,
        uuid4(),
        tenant_id,
        name,
        sha256,
    )
    return source_id


async def _retire(connection: Connection, tenant_id: UUID, source_id: UUID, keys: Sequence[str], version: int) -> None:
    await connection.execute(
        """
        WITH retired AS (
            UPDATE kb_passages SET until_version = $4
            WHERE tenant_id = $1 AND source_id = $2 AND key = ANY($3::text[]) AND until_version IS NULL
            RETURNING id
        )
        DELETE FROM kb_vectors WHERE tenant_id = $1 AND passage_id IN (SELECT id FROM retired)
        """,
        tenant_id,
        source_id,
        list(keys),
        version,
        timeout=CHANGE_S,
    )


async def _insert(
    connection: Connection, tenant_id: UUID, source_id: UUID, passages: Sequence[NewPassage], version: int
) -> None:
    await _executemany(
        connection,
        """
        INSERT INTO kb_passages (id, tenant_id, source_id, key, kind, title, questions, text, spoken, keywords,
                                 sha256, since_version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,
            setweight(to_tsvector('english', $6 || ' ' || array_to_string($7::text[], ' ')), 'A')
                || setweight(to_tsvector('english', $8), 'B'),
            $10, $11)
        """,
        [
            (uuid4(), tenant_id, source_id, each.key, each.kind, each.title, list(each.questions), each.text,
             each.spoken, each.sha256, version)
            for each in passages
        ],
    )  # fmt: skip


async def _insert_vectors(
    connection: Connection, tenant_id: UUID, source_id: UUID, passages: Sequence[NewPassage], model: str
) -> None:
    await _executemany(
        connection,
        """
        INSERT INTO kb_vectors (tenant_id, model, passage_id, part, embedding)
        SELECT $1, $4, p.id, $5, $6::text::halfvec FROM kb_passages p
        WHERE p.tenant_id = $1 AND p.source_id = $2 AND p.key = $3 AND p.until_version IS NULL
        """,
        [
            (tenant_id, source_id, each.key, model, part, vector)
            for each in passages
            for part, vector in enumerate(each.vectors)
        ],
    )


async def _executemany(connection: Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    """In pieces, each of which is over within the pool's bound on a statement."""
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        await connection.executemany(statement, rows[start : start + _ROWS_AT_ONCE])


async def remove_source(connection: Connection, tenant_id: UUID, name: str) -> Changed:
    """Retire everything of a source; its row stays for the citations, and adding it again begins anew."""
    return await store_source(connection, tenant_id, name=name, sha256="", digests={}, changed=(), model="")
