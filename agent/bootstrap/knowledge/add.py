"""`voicefleet kb add`: files, folders and pages into a base, each whole or not at all."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from agent.bootstrap.knowledge.check import findings
from agent.bootstrap.knowledge.opened import embedding_models, opened, tenant_of
from agent.domain.errors import Blame, ConfigError, FleetError
from agent.storage import kb_sources, kb_storing
from agent.storage.pool import Pool, tenant_tx
from kb.embedding import Embedder
from kb.ingest import ingest
from kb.passages import Source
from kb.places import Place, contents, folder_names, places_of
from kb.reading import Progress, read_source

#: A line of progress at least so often.
_PROGRESS_S = 2.0


async def add(slug: str, words: Sequence[str], *, is_pruning: bool) -> int:
    """Read places into a tenant's base; what cannot be read is named and left out.

    Returns: 1 when something was left out.
    Raises: FleetError: the tenant or a place is unknown, or storage or the model failed; what was stored stays.
    """
    found = places_of(words)
    async with opened() as pool, embedding_models() as models:
        tenant = await tenant_of(pool, slug)
        embedders = models.for_texts()
        wanted = embedders.wanted_by(is_private=tenant.is_private)
        async with tenant_tx(pool, tenant.id) as connection:
            stored = {source.name: source.sha256 for source in await kb_sources.sources(connection, tenant.id)}
        adding = _Adding(pool, tenant.id, embedders, wanted, stored, len(found))
        for place in found:
            await adding.take(place)
        if is_pruning:
            await adding.prune(words, {place.name for place in found})
        async with tenant_tx(pool, tenant.id) as connection:
            version = await kb_sources.current_version(connection, tenant.id)
        told = await findings(pool, tenant.id) if adding.added or adding.retired else []
    print(
        f"{slug}: {adding.added} passages added, {adding.kept} kept, {adding.retired} taken out; "
        f"{adding.unchanged} of {len(found)} sources unchanged, {adding.broken} left out; version {version}"
    )
    print("\n".join(told), end="\n" if told else "")
    return 1 if adding.broken else 0


@dataclass(slots=True)
class _Adding:
    """One run over several places, and what it came to."""

    pool: Pool
    tenant_id: UUID
    embedders: Mapping[str, Embedder]
    wanted: str
    stored: Mapping[str, str]
    places: int
    added: int = 0
    kept: int = 0
    retired: int = 0
    unchanged: int = 0
    broken: int = 0
    _done: int = 0
    _told_at: float = field(default_factory=time.monotonic)

    async def take(self, place: Place) -> None:
        """Read one place into the base. Raises: FleetError: the database or the model failed."""
        try:
            content, media = await contents(place)
            if self.stored.get(place.name) == hashlib.sha256(content).hexdigest():
                self.unchanged += 1
            else:
                await self._store(read_source(place.name, content, media=media, on_page=self._on(place, "page")))
        except FleetError as error:
            if error.blame is not Blame.CLIENT or isinstance(error, ConfigError):
                raise
            self.broken += 1
            print(error, file=sys.stderr)
        self._done += 1
        self._tell(f"{self._done}/{self.places} sources, {self.added} passages added")

    async def prune(self, words: Sequence[str], present: set[str]) -> None:
        """Take out what once was in a folder among `words` and is not in it any more."""
        folders = folder_names(words)
        for name in sorted(name for name in self.stored if name.startswith(folders) and name not in present):
            async with tenant_tx(self.pool, self.tenant_id, budget_s=kb_storing.CHANGE_S) as connection:
                changed = await kb_storing.remove_source(connection, self.tenant_id, name)
            self.retired += changed.retired
            print(f"{name}: gone, taken out")

    async def _store(self, source: Source) -> None:
        changed = await ingest(
            self.pool, self.tenant_id, source, self.embedders, self.wanted, on_embedded=self._on(source, "text")
        )
        self.added, self.kept = self.added + changed.added, self.kept + changed.kept
        self.retired += changed.retired

    def _on(self, what: Place | Source, unit: str) -> Progress:
        """Tells how far one source is."""
        return lambda done, of: self._tell(f"{what.name}: {unit} {done} of {of}")

    def _tell(self, done: str) -> None:
        """Say what is done, unless something was said a moment ago."""
        if time.monotonic() - self._told_at >= _PROGRESS_S:
            self._told_at = time.monotonic()
            print(done, file=sys.stderr, flush=True)
