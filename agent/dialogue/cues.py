"""What a recogniser is told about the answer to come, by what the last question asked for.

A sentence of the same form steers how the same sounds are written: ten single digits instead of a word and a
half, "14th" instead of "40". docs/adr/0021 has the figures.
"""

from __future__ import annotations

from agent.domain.facts import Expect

CUES = {
    Expect.PHONE: "My phone number is 4 1 5 2 0 1 3 4 6 7.",
    Expect.WHEN: "I can come on Thursday, December 14th at 3:30 PM, or Friday the 2nd at 10 AM.",
}
