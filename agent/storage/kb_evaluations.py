"""Runs of tenants' question sets, and what each run stood on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from agent.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class Standing:
    """What a run stands on.

    Attributes:
        version: of the knowledge base; 0 while it is empty.
        model: whose vectors are searched; None while the base is empty.
        set_sha256: of the question set; None while there is none.
    """

    version: int
    model: str | None
    set_sha256: str | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A run of a tenant's set.

    Attributes:
        at: aware UTC, when it began.
        accept, confirm: from which score on a passage counted as spoken, and as asked about.
        figures: as `kb.evaluation.record` writes them.
        outcomes: one for each question, as written there.
    """

    at: datetime
    version: int
    model: str
    set_sha256: str
    accept: float
    confirm: float
    figures: Mapping[str, Any]
    outcomes: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class StoredEvaluation:
    """A run with its number, which counts the tenant's runs from 1."""

    run: int
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class SetStanding:
    """A tenant with a question set, as whoever decides about its next run sees it.

    Attributes:
        slug: of the tenant; timezone: as its document has it, None when it has none.
        now: what a run would stand on; changed_at: since when all of it is so.
        last: what the last run stood on, and `last_run`, `last_at`, `last_figures`; None before the first.
    """

    tenant_id: UUID
    slug: str
    timezone: str | None
    now: Standing
    changed_at: datetime
    last: Standing | None
    last_run: int | None
    last_at: datetime | None
    last_figures: Mapping[str, Any] | None


async def take_turns(connection: Connection, tenant_id: UUID) -> None:
    """Wait until nobody else stores a set or a run of this tenant; for the rest of the transaction."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('voicefleet.evaluation ' || $1, 0))", str(tenant_id)
    )


async def standing(connection: Connection, tenant_id: UUID) -> Standing:
    """What a run would stand on now."""
    row = await connection.fetchrow(
        """
        SELECT (SELECT coalesce(max(version), 0) FROM kb_versions WHERE tenant_id = $1) AS version,
            (SELECT model FROM kb_models WHERE tenant_id = $1) AS model,
            (SELECT sha256 FROM kb_question_sets WHERE tenant_id = $1) AS set_sha256
        """,
        tenant_id,
    )
    assert row is not None
    return Standing(**row)


async def last_evaluation(connection: Connection, tenant_id: UUID) -> StoredEvaluation | None:
    """The tenant's newest run; None before the first."""
    row = await connection.fetchrow(
        """
        SELECT run, at, version, model, set_sha256, accept, confirm, figures, outcomes FROM kb_evaluations
        WHERE tenant_id = $1 ORDER BY run DESC LIMIT 1
        """,
        tenant_id,
    )
    if row is None:
        return None
    columns = dict(row)
    return StoredEvaluation(columns.pop("run"), Evaluation(**columns))


async def add_evaluation(
    connection: Connection, tenant_id: UUID, evaluation: Evaluation, *, run: int, kept: int
) -> None:
    """Keep a run, and of the earlier ones as many as make `kept`; in a transaction that took turns.

    Args:
        connection: the keeper's role; the application may not write this table.
        run: one more than the last one's.
    """
    await connection.execute(
        """
        INSERT INTO kb_evaluations
            (tenant_id, run, at, version, model, set_sha256, accept, confirm, figures, outcomes)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        tenant_id,
        run,
        evaluation.at,
        evaluation.version,
        evaluation.model,
        evaluation.set_sha256,
        evaluation.accept,
        evaluation.confirm,
        evaluation.figures,
        evaluation.outcomes,
    )
    await connection.execute("DELETE FROM kb_evaluations WHERE tenant_id = $1 AND run <= $2", tenant_id, run - kept)


async def set_standings(connection: Connection) -> tuple[SetStanding, ...]:
    """Every tenant that has a question set and a base, whoever waited longest first; the keeper's role."""
    rows = await connection.fetch(_SET_STANDINGS)
    return tuple(
        SetStanding(
            tenant_id=row["tenant_id"],
            slug=row["slug"],
            timezone=row["timezone"],
            now=Standing(row["version"], row["model"], row["set_sha256"]),
            changed_at=row["changed_at"],
            last=None
            if row["last_run"] is None
            else Standing(row["last_version"], row["last_model"], row["last_set_sha256"]),
            last_run=row["last_run"],
            last_at=row["last_at"],
            last_figures=row["last_figures"],
        )
        for row in rows
    )


_SET_STANDINGS = """
SELECT s.tenant_id, t.slug, t.config ->> 'timezone' AS timezone, v.version, m.model, s.sha256 AS set_sha256,
    greatest(v.made_at, m.since, s.stored_at) AS changed_at, e.run AS last_run, e.at AS last_at,
    e.version AS last_version, e.model AS last_model, e.set_sha256 AS last_set_sha256, e.figures AS last_figures
FROM kb_question_sets s
JOIN tenants t ON t.id = s.tenant_id
JOIN kb_models m ON m.tenant_id = s.tenant_id
JOIN LATERAL (SELECT version, made_at FROM kb_versions WHERE tenant_id = s.tenant_id ORDER BY version DESC LIMIT 1) v
    ON true
LEFT JOIN LATERAL (SELECT * FROM kb_evaluations WHERE tenant_id = s.tenant_id ORDER BY run DESC LIMIT 1) e ON true
ORDER BY e.at NULLS FIRST, s.tenant_id
"""
