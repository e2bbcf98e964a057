"""Consent on the telephone: whether a call may be recorded, and whether a machine must say that it is one.

The law is data (agent/tenants/us_states.yaml); these rules only say what follows from it. Nothing is ever recorded
unannounced, so a business that wants recordings may have them anywhere: a caller who was told and talks on has
consented, and one who objects is not recorded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from agent.domain.tenant import Recording, Tenant


class Consent(Enum):
    """Whose consent recording a telephone call needs."""

    ONE_PARTY = "one"
    ALL_PARTIES = "all"


@dataclass(frozen=True, slots=True)
class CallLaw:
    """What a place demands of a call.

    Attributes:
        demands_disclosure: a machine must say unasked that it is one.
    """

    recording: Consent
    demands_disclosure: bool


#: Holds where the place is not known.
STRICTEST = CallLaw(Consent.ALL_PARTIES, demands_disclosure=True)

#: What is done where the business has not chosen.
_BY_DEFAULT: Mapping[Consent, Recording] = {
    Consent.ONE_PARTY: Recording.ANNOUNCE,
    Consent.ALL_PARTIES: Recording.OFF,
}
_DISCLOSED = re.compile(r"\b(?:A\.?I\b|(?i:artificial|automated|robot|bot|computer|machine)\b)")


def recording_for(chosen: Recording | None, law: CallLaw) -> Recording:
    """Whether the business's calls are recorded; None where it has not chosen."""
    return _BY_DEFAULT[law.recording] if chosen is None else chosen


def discloses(text: str) -> bool:
    """Whether words say that a machine speaks; "virtual assistant" may be a person far away, and does not."""
    return _DISCLOSED.search(text) is not None


def disclosure_for(chosen: str | None, greeting: str, usual: str, law: CallLaw) -> str:
    """What is said after the greeting about who speaks.

    Args:
        chosen: the business's own words, "" for none; None where it has not chosen.
        usual: our words.
    Returns: "" only where nothing need be said, or the greeting says it.
    """
    if chosen is None:
        return "" if discloses(greeting) else usual
    if law.demands_disclosure and not discloses(f"{greeting} {chosen}"):
        return f"{chosen} {usual}".strip()
    return chosen


def under_callers_law(tenant: Tenant, law: CallLaw, usual: str) -> Tenant:
    """The business as a caller meets it whose own law may be stricter than the business's.

    Args:
        usual: our words for a disclosure.
    """
    is_off = tenant.is_recording_by_default and law.recording is Consent.ALL_PARTIES
    return replace(
        tenant,
        recording=Recording.OFF if is_off else tenant.recording,
        recording_text="" if is_off else tenant.recording_text,
        ai_disclosure=disclosure_for(tenant.ai_disclosure, tenant.greeting, usual, law),
    )
