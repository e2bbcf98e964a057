"""Questions for a doctor or a lawyer, which we do not answer."""

from __future__ import annotations

import re

from agent.domain.facts import Advice
from agent.understanding.words import joined, split_words

_DRUG = (
    r"(?:ibuprofen|tylenol|acetaminophen|advil|motrin|aleve|aspirin|antibiotics?|amoxicillin|penicillin|painkillers?"
    r"|pain (?:killers?|pills?|meds|medicine|medication)|opioids?|vicodin|benadryl|blood thinners?|medications?|meds"
    r"|medicine|pills?|melatonin|antidepressants?|insulin)"
)
_ADVICE: tuple[tuple[Advice, re.Pattern[str]], ...] = (
    (Advice.MEDICAL, re.compile(
        rf"\b(?:should|can|could|may|do) (?:i|he|she|we|my \w+) (?:still |also )?(?:take|give|use|stop|skip|mix|need)"
        rf"(?: \w+){{0,4}} {_DRUG}\b"
        rf"|\b(?:safe|okay|ok|dangerous) to (?:take|mix|stop|give)\b(?: \w+){{0,4}} ?{_DRUG}?\b"
        rf"|\bhow (?:much|many) {_DRUG}\b"
        rf"|\b(?:what|which) (?:{_DRUG} )?should i take for\b|\bwhat {_DRUG}\b"
        r"|\bmedical advice\b|\bis (?:it|this|that) (?:infected|cancer|contagious|broken|serious)\b"
        r"|\bdo i have (?:an? )?(?:infection|cancer|abscess|concussion|covid)\b|\bdiagnose\b"
        r"|\bwhats wrong with (?:me|my (?:tooth|jaw|back|knee|skin|eye|gums?))\b"
        r"|\bside effects\b")),
    (Advice.LEGAL, re.compile(
        r"\b(?:can|should|could) (?:i|we) (?:\w+ )?sue\b|\b(?:can|will) (?:they|he|she|you) sue\b"
        r"|\blegal advice\b|\bis (?:it|that|this) (?:il)?legal\b|\b(?:am i|are they|is he|is she) (?:legally )?liable\b"
        r"|\bdo i have a (?:legal )?case\b|\bmy legal rights\b|\blegally (?:required|allowed|responsible|obligated)\b"
        r"|\bshould i sign (?:the|this|that|a)\b")),
)  # fmt: skip


def read_advice(text: str) -> Advice | None:
    """Whether the caller asks for medical or legal advice."""
    words = joined(split_words(text))
    return next((kind for kind, pattern in _ADVICE if pattern.search(words)), None)
