"""What a recogniser is told about the answer to come, by what the last question asked for.

A sentence of the same form steers how the same sounds are written: ten single digits instead of a word and a
half, "14th" instead of "40", the business's "filling" instead of a "feeling". docs/adr/0021 and docs/adr/0032
have the figures.
"""

from __future__ import annotations

from agent.domain.facts import Expect
from agent.domain.tenant import Tenant

_CUES = {
    Expect.PHONE: "My phone number is 4 1 5 2 0 1 3 4 6 7.",
    Expect.WHEN: "I can come on Thursday, December 14th at 3:30 PM, or Friday the 2nd at 10 AM.",
}
#: Every word of a cue is decoded before the first word heard.
_MOST_SERVICES = 8


def cue(expects: Expect, tenant: Tenant) -> str:
    """A sentence like the one expected now; empty when anything may be said."""
    if expects is Expect.SERVICE:
        names = [service.name for service in tenant.services[:_MOST_SERVICES]]
        return f"I'd like to book a {' or '.join((', '.join(names[:-1]), names[-1]) if len(names) > 1 else names)}."
    return _CUES.get(expects, "")
