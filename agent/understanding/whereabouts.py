"""How callers ask where a business is and for its number: forms of normal words.

Callers say "they" and "its" of the very business they speak to, drop a verb, or name the place instead of it.
"""

from __future__ import annotations

import re

PLACE = r"(?:office|shop|store|clinic|place|building|salon|business|location|practice|garage)"
_US = rf"(?:you(?: guys| all)?|they|it|(?:the|your|their|this|that) (?:\w+ )?{PLACE})"
_OUR = r"(?:your|the|their|its|there)"
_ARE = r"(?:is|are|was|were)"

_WHERE = (
    rf"\bwhere(?:s|re| {_ARE}| exactly {_ARE}) {_US}\b",
    rf"\bwhere(?: exactly)? (?:youre|theyre|{_US} {_ARE})\b",
    r"\bwhere (?:you |they |it )?at\b(?: again)?$",
    rf"(?:\b{_US}(?: {_ARE})?|\b(?:youre|theyre|its)|\b{_ARE} {_US}) (?:locate|located|situated)\b",
)
_ADDRESS = (
    rf"\b{_OUR}(?: (?!mail\b|email\b)\w+)? (?:address|location)\b",
    # Nearly nothing but "address" is said: it is ours that is asked for.
    r"^(?!.*\b(?:my|our|new|old|wrong|e|email|mail)\b)(?:\w+ ){0,4}address(?: please)?$",
    r"\bdirections\b|\b(?:what|which) street\b|\bwhere do i (?:go|come)\b",
    rf"\bhow (?:do|can|would) i (?:get|find) (?:there|you|to (?:you|your|{_US}))\b",
)
_ASKED_FOR = (
    r"whats|what is|give me|send me|tell me|provide me with|let me have|(?:can|could|may) i (?:please )?(?:have|get)"
)
_NUMBER = (
    rf"\b(?:{_ASKED_FOR}|have|get) (?:your|their|its|there|the (?:office|shop|store|main|business))(?: \w+)? number\b",
    # "The phone number" may be the caller's, which we asked for: only who wants to be given one asks for ours.
    rf"\b(?:{_ASKED_FOR}) (?:your|their|its|there|the|a) (?:phone|telephone|contact)"
    r" (?:number|information|info)\b(?!.*\b(?:me|my|on file|you have)\b)",
    r"\bwhat number (?:should|can|do) i call\b|\bwhats the number (?:there|to call)\b",
)

ADDRESS = re.compile("|".join((*_WHERE, *_ADDRESS)))
NUMBER = re.compile("|".join(_NUMBER))
