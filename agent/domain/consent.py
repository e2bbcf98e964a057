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
_SPEAKER = (
    r"(?:(?:phone|telephone|voice|virtual|call|booking|scheduling|powered|front)[- ])*(?:assistant|agent|receptionist"
    r"|system|attendant|voice|desk|line|operator|secretary|bot|concierge|answering service)"
)
#: Nothing follows that it would be an adjective to: "a computer shop" is none that speaks.
_ALONE = r"(?=\.?(?:[,;:!?]|\.(?:\s|$)|\s*$|\s(?:that|who|and|but|for|here|not|speaking|answering|helping|taking)\b))"
_MACHINE = r"(?:A\.?I|artificial intelligence|(?:ro)?bot|computer|machine)"
#: What a machine calls itself. The bare words sell things too: computers are repaired and cars washed by machine.
_DISCLOSED = re.compile(
    rf"\bA\.?I\.?[- ]{_SPEAKER}\b"
    rf"|\b(?:an|our|your|the|this) (?:\w+ )?(?:automated|artificial(?: intelligence)?|computerized) {_SPEAKER}\b"
    rf"|\b(?:an|our|your) (?:A\.?I|artificial intelligence){_ALONE}"
    rf"|\ban artificial intelligence (?:speaks|answers|takes|helps)\b"
    r"|\b(?:I['\u2019]m|I am|this is|(?:speaking|talking) (?:to|with)|(?:reached|answered by))"
    rf" (?:(?!not\b)[\w'-]+,? ){{0,4}}?(?:an?|the|our|your) (?:\w+ )?{_MACHINE}{_ALONE}"
    r"|\b(?:I['\u2019]m|I am) not a (?:real |live )?(?:human|person)\b",
    re.IGNORECASE,
)
_LEGAL_FORM = re.compile(r",?\s+(?:inc|llc|ltd|corp|co|pllc|pc)\.?$", re.IGNORECASE)


def recording_for(chosen: Recording | None, law: CallLaw) -> Recording:
    """Whether the business's calls are recorded; None where it has not chosen."""
    return _BY_DEFAULT[law.recording] if chosen is None else chosen


def discloses(text: str, business: str) -> bool:
    """Whether words say that a machine speaks; "virtual assistant" may be a person far away, and does not.

    Args:
        business: its name says nothing of who speaks.
    """
    own = _LEGAL_FORM.sub("", business.strip())
    said = re.sub(rf"(?<!\w){re.escape(own)}(?!\w)", "|", text, flags=re.IGNORECASE) if own else text
    return _DISCLOSED.search(said) is not None


def disclosure_for(chosen: str | None, greeting: str, usual: str, law: CallLaw, *, business: str) -> str:
    """What is said after the greeting about who speaks.

    Args:
        chosen: the business's own words, "" for none; None where it has not chosen.
        usual: our words.
        business: its name.
    Returns: "" only where nothing need be said, or the greeting says it.
    """
    if chosen is None:
        return "" if discloses(greeting, business) else usual
    if law.demands_disclosure and not discloses(f"{greeting} {chosen}", business):
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
        ai_disclosure=disclosure_for(tenant.ai_disclosure, tenant.greeting, usual, law, business=tenant.name),
    )
