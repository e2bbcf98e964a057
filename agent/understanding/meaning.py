"""The cascade's second step: what words mean, by a sentence embedding, where no grammar knows them.

Three questions are put to one vector: whether somebody is in danger, which of the known wishes it is, and which of
the tenant's services it describes. A service described ("my tooth hurts when I chew") is only ever a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from agent.domain.facts import Emergency, Wish
from agent.domain.tenant import Tenant
from agent.understanding import inventory
from agent.understanding.intents import IntentModel
from agent.understanding.inventory import load_inventory
from agent.understanding.vectors import StoredVectors

FloatArray = npt.NDArray[np.float32]
VECTORS = Path(inventory.__file__).with_name("vectors.npz")
#: Intents of the inventory that are no wish of the call's rules yet tell nobody anything.
_WISHES = {wish.value: wish for wish in Wish}
_EMERGENCIES = {kind.value: kind for kind in Emergency}
#: Likeness to a service's name from which on it is worth asking, and how far it must be ahead of the next service.
_SERVICE_LIKENESS = 0.30
_SERVICE_LEAD = 0.04
#: What such a guess was worth on sentences that were kept back: 14 of 18 were right.
_SERVICE_CONFIDENCE = 0.75
#: Names of one tenant that are likened; what a request takes at most.
MOST_NAMES = 32


class Embedder(Protocol):
    """Sentences to vectors; the inference process's client is one."""

    async def embed(self, texts: Sequence[str], *, deadline_s: float) -> FloatArray: ...


@dataclass(frozen=True, slots=True)
class Models:
    """The fitted inventories."""

    wishes: IntentModel
    emergencies: IntentModel


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a sentence probably means; each with its confidence, 0 to 1, and absent below anybody's interest."""

    wishes: tuple[tuple[Wish, float], ...] = ()
    emergency: tuple[Emergency, float] | None = None
    service: tuple[str, float] | None = None


@cache
def installed_models() -> Models:
    """The inventories beside this module, fitted once a process (a fraction of a second).

    Raises: ConfigError: an inventory and its stored vectors do not go together.
    """
    stored = StoredVectors.load(VECTORS)
    wishes, emergencies = load_inventory("wishes"), load_inventory("emergencies")
    return Models(
        IntentModel.fit(wishes, stored.of(wishes.texts)), IntentModel.fit(emergencies, stored.of(emergencies.texts))
    )


@dataclass(frozen=True, slots=True)
class ServiceNames:
    """A tenant's services as callers may call them: which service each row of `vectors` names."""

    ids: tuple[str, ...]
    vectors: FloatArray

    @classmethod
    async def of(cls, tenant: Tenant, embedder: Embedder, *, deadline_s: float) -> ServiceNames:
        """Raises: FleetError: as `embed`."""
        named = cls.named(tenant)
        vectors = await embedder.embed([name for _, name in named], deadline_s=deadline_s)
        return cls(tuple(service_id for service_id, _ in named), vectors)

    @staticmethod
    def named(tenant: Tenant) -> list[tuple[str, str]]:
        """Ids of services, each with one of its names."""
        named = [(service.id, name) for service in tenant.services for name in (service.name, *service.aliases)]
        return named[:MOST_NAMES]

    def nearest(self, vector: FloatArray) -> tuple[str, float] | None:
        """The service described, if one is likelier than the others by far enough."""
        best: dict[str, float] = {}
        for service_id, likeness in zip(self.ids, self.vectors @ vector, strict=True):
            best[service_id] = max(best.get(service_id, -1.0), float(likeness))
        ranked = sorted(best.items(), key=lambda item: -item[1])
        if not ranked or ranked[0][1] < _SERVICE_LIKENESS:
            return None
        if len(ranked) > 1 and ranked[0][1] - ranked[1][1] < _SERVICE_LEAD:
            return None
        return ranked[0][0], _SERVICE_CONFIDENCE


def read_meaning(text: str, vector: FloatArray, models: Models, services: ServiceNames | None) -> Meaning:
    """Put the questions to a sentence.

    Args:
        vector: its embedding.
        services: None while they are not known, or a service is not what may be said.
    """
    wishes = models.wishes.confidences(text, vector)
    known = sorted(
        ((_WISHES[name], value) for name, value in wishes.items() if name in _WISHES), key=lambda item: -item[1]
    )
    dangers = models.emergencies.confidences(text, vector)
    kind = max(dangers, key=lambda name: dangers[name])
    # that somebody is in danger is surer than which danger it is
    danger = 1.0 - float(np.prod([1.0 - value for value in dangers.values()]))
    return Meaning(tuple(known), (_EMERGENCIES[kind], danger), services.nearest(vector) if services else None)
