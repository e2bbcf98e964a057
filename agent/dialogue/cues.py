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
#: Every word of a cue is decoded before the first word heard, and a recogniser takes only so many.
_MOST_SERVICES = 8
_LONGEST_CHARS = 160


def cue(expects: Expect, tenant: Tenant) -> str:
    """A sentence like the one expected now; empty when anything may be said."""
    if expects is Expect.SERVICE:
        return _services_cue([service.name for service in tenant.services[:_MOST_SERVICES]])
    return _CUES.get(expects, "")


def _services_cue(names: list[str]) -> str:
    while len(names) > 1:
        sentence = f"I'd like to book a {', '.join(names[:-1])} or {names[-1]}."
        if len(sentence) <= _LONGEST_CHARS:
            return sentence
        names = names[:-1]
    # with one service a caller may say the very sentence, and what repeats its cue counts as nothing heard
    return ""
