"""How long a model may take to its first word before the next one is asked.

A model whose first word takes as long as it always does has not failed; so those whose latency is known have a
deadline of their own, a tenth above the time that 95 of 100 first words take. None is above what a whole answer may
take, or there would be nobody left to ask.

Source: kwindla/aiewf-eval, 300 turns each: gpt-4.1 1052 ms, gpt-4o-mini 1322 ms, gpt-oss-120b at Groq 226 ms. Groq
answers whole, so that its deadline is the answer's and stays the default.
"""

from __future__ import annotations

import re

from agent.domain.providers import Provider

_FIRST_TOKEN_S = {"gpt-4.1": 1.16, "gpt-4o-mini": 1.45}
_OPENAI = frozenset({"openai", "responses"})
#: `gpt-4.1-2025-04-14` is gpt-4.1.
_DATE = re.compile(r"-\d{4}-\d{2}-\d{2}$")


def first_token_s(provider: Provider, default_s: float) -> float:
    """Seconds; the default for a model nobody has measured."""
    if provider.vendor not in _OPENAI:
        return default_s
    return _FIRST_TOKEN_S.get(_DATE.sub("", provider.model), default_s)
