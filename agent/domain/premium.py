"""Which callers hear the dearer voice."""

from __future__ import annotations

from agent.domain.leads import score
from agent.domain.providers import Provider
from agent.domain.state import CallState
from agent.domain.tenant import Tenant


def premium_voice(state: CallState, tenant: Tenant) -> Provider | None:
    """The voice this caller has earned; None when the usual one speaks."""
    rule = tenant.premium_voice
    if rule is None:
        return None
    points = score(state, tenant)
    return rule.provider if points is not None and points >= rule.from_score else None


def with_premium(chain: tuple[Provider, ...], tenant: Tenant) -> tuple[Provider, ...]:
    """The voices of a tenant's calls: the dearer one last, so that it is asked for by name and replaces nobody."""
    rule = tenant.premium_voice
    return chain if rule is None or rule.provider in chain else (*chain, rule.provider)
