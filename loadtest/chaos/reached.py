"""Did a fault reach a call? Of calls at the same time some may be spared: three failures open the fleet's breaker.

Told by the timings of the agent's turns. Without a row that proves the contrary it counts as reached: a call that broke
down leaves none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from loadtest.chaos.calling import Stored
from loadtest.chaos.plan import Kind, Pair

_Timings = Sequence[Mapping[str, Any]]


def was_spared(pair: Pair, stored: Stored) -> bool:
    """Whether the provider was certainly not used while it failed: after the first answer, which went well."""
    answers = stored.answers_to_words
    return _RULES[pair.target.kind](pair.target.name, answers[:1], answers[1:])


def _recogniser(name: str, before: _Timings, after: _Timings) -> bool:
    """Its stream is as long as the call: who heard the first line was struck during the second."""
    return any(answer.get("heard_by", name) != name for answer in before)


def _model(name: str, before: _Timings, after: _Timings) -> bool:
    return bool(after) and not any(answer.get("asked_model") for answer in after)


def _voice(name: str, before: _Timings, after: _Timings) -> bool:
    spoke = [answer for answer in after if "spoken_by" in answer]
    return bool(spoke) and not any(_was_asked(name, answer) for answer in spoke)


def _was_asked(name: str, answer: Mapping[str, Any]) -> bool:
    is_by_it = answer["spoken_by"] == name and not answer.get("is_cached")
    return is_by_it or name in answer.get("not_spoken_by", "").split(", ")


_RULES: Mapping[Kind, Callable[[str, _Timings, _Timings], bool]] = {
    Kind.RECOGNISER: _recogniser,
    Kind.MODEL: _model,
    Kind.VOICE: _voice,
}
