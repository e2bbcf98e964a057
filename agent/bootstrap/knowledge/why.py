"""`voicefleet kb why`: from the sentences of a call to what stands behind them."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from agent.bootstrap.knowledge.opened import opened, tenant_of
from agent.domain.errors import ConfigError
from agent.storage import calls
from agent.storage.calls import CallKey, Turn
from agent.storage.citations import Cited, citations_of
from agent.storage.pool import Pool, fleet_tx, tenant_tx

_USED = {
    "spoken": "SPOKEN",
    "shortened": "SHORTENED FROM",
    "asked_about": "ASKED ABOUT",
    "passed_over": "passed over",
}
#: Questions that a rule answers, and from what.
_COMPUTED = "computed from the business's hours, services, prices and staff, as its document had them"


async def explain(call: str, turn: int | None, slug: str | None) -> int:
    """Print each question of a call as it was heard, the passages found for it and what was said.

    Args:
        call: its id, or "last" for the tenant's latest.
        turn: of this turn only, as it is numbered in the call.
    Returns: 1 when the call or the turn asked nothing. Raises: ConfigError: no such call.
    """
    async with opened() as pool:
        key = await _key_of(pool, call, slug)
        async with tenant_tx(pool, key.tenant_id) as connection:
            turns = await calls.turns_of(connection, key)
            cited = await citations_of(connection, key)
    print(f"call {key.id}, {key.started_at:%Y-%m-%d %H:%M} UTC")
    shown = [_turn(each, turns, cited) for each in turns if each.role == "caller" and turn in (None, each.seq)]
    told = [text for text in shown if text]
    print("\n\n".join(told) if told else "no question, and nothing from the knowledge base")
    return 0 if told else 1


async def _key_of(pool: Pool, call: str, slug: str | None) -> CallKey:
    if call == "last":
        if slug is None:
            raise ConfigError("`last` needs --tenant SLUG")
        tenant = await tenant_of(pool, slug)
        async with tenant_tx(pool, tenant.id) as connection:
            found = await calls.latest(connection, tenant.id)
    else:
        try:
            wanted = UUID(call)
        except ValueError:
            raise ConfigError(f"{call}: expected a call's id, or `last` with --tenant") from None
        async with fleet_tx(pool) as connection:
            found = await calls.key_by_id(connection, wanted)
    is_theirs = slug is None or (found is not None and found.tenant_id == (await tenant_of(pool, slug)).id)
    if found is None or not is_theirs:
        raise ConfigError(f"{call}: no such call")
    return found


def _turn(turn: Turn, turns: Sequence[Turn], cited: Sequence[Cited]) -> str:
    """One turn of the caller's; empty when nothing was asked in it."""
    questions = [question for event in turn.events for question in event.get("questions") or ()]
    behind = [each for each in cited if each.seq == turn.seq]
    if not questions and not behind:
        return ""
    lines = [f"turn {turn.seq}, heard: {turn.text}"]
    lines += [line for question in questions for line in _question(question)]
    for each in behind:
        version = f"version {each.citation.version}{'' if each.is_live else ' (changed since)'}"
        place = f"{each.source_name}#{each.key}, {version}: {each.title}"
        lines.append(f"  {each.citation.score:.3f}  {_USED[each.citation.used]}  {place}")
        if each.citation.used == "spoken":
            lines.append(_wrapped(each.spoken))
        elif each.citation.used == "shortened":
            lines.append(_wrapped(each.text))
    reply = next((each for each in turns if each.seq > turn.seq and each.role == "agent"), None)
    if reply is not None:
        lines.append(f"  said: {reply.text}")
        if reply.heard_text is not None:
            lines.append(f"  of which the caller heard: {reply.heard_text}")
    return "\n".join(lines)


def _question(question: Mapping[str, Any]) -> list[str]:
    """A question as it was understood, and by what it is answered."""
    finding, topic = question.get("finding"), question["topic"]
    lines = [f"  asked: {question['words']}"]
    if finding is not None:
        lines.append(f"  {finding['verdict']}: spoken from {finding['accept']:.2f} on, asked about from "
                     f"{finding['confirm']:.2f}; best {_best(finding)}")  # fmt: skip
        if finding.get("shortened") is not None:
            lines.append(f"  a model shortened what was found to: {finding['shortened']['words']}")
    if topic == "fact" and not (finding is not None and finding["verdict"] == "accept"):
        lines.append(f"  answered by the fact {question['fact_id']!r} of its document")
    elif topic not in ("fact", "passage", "unknown"):
        lines.append(f"  a question for {topic}: {_COMPUTED}")
    return lines


def _best(finding: Mapping[str, Any]) -> str:
    return f"{finding['passages'][0]['score']:.3f}" if finding["passages"] else "none"


def _wrapped(text: str) -> str:
    return textwrap.indent(textwrap.fill(text, 100), " " * 9)
