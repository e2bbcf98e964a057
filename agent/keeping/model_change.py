"""Which knowledge bases are to be embedded anew, by which model, and how long to wait after a failure.

Pure. It may be run at any moment, any number of times; what is done already is found to be so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

#: After the first failure in a row, the second, …; the last one from then on.
PAUSES_S = (5.0, 15.0, 60.0, 300.0)


@dataclass(frozen=True, slots=True)
class BaseView:
    """A tenant's knowledge base.

    Attributes:
        model: whose vectors are searched.
        wanted: whose are to be.
    """

    tenant_id: UUID
    model: str
    wanted: str


def in_turn(
    bases: Iterable[BaseView], at_hand: Collection[str], failed: Collection[UUID], *, is_thorough: bool
) -> tuple[BaseView, ...]:
    """The bases to see to, in order.

    First those that are searched by another model than they are to be, then those that may only have gaps; in either
    group those that failed come last, so that one that always fails holds up nobody.

    Args:
        at_hand: models that can embed here; bases that want another are left as they are.
        is_thorough: see to gaps too.
    """
    due = (base for base in bases if base.wanted in at_hand and (is_thorough or base.model != base.wanted))
    return tuple(sorted(due, key=lambda base: (base.model == base.wanted, base.tenant_id in failed, base.tenant_id)))


def pause_s(failures: int) -> float:
    """Seconds to wait after this many failures in a row, from 1."""
    return PAUSES_S[min(failures, len(PAUSES_S)) - 1]
