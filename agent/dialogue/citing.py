"""What of the knowledge base stands behind a reply: read off the lines that are said and the facts that led to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from agent.dialogue.proposal import Proposal
from agent.domain.facts import Facts
from agent.domain.lines import Line, LineKey
from agent.domain.passages import Found
from agent.storage.citations import Citation, Used

_USED: dict[LineKey, Used] = {LineKey.OWN_WORDS: "spoken", LineKey.MEANT_PASSAGE: "asked_about"}


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A citation for who reads along: the passage as `source#key`, what became of it, its score from 0 to 1."""

    name: str
    used: Used
    score: float


def citations_in(proposal: Proposal) -> tuple[Citation, ...]:
    """Passages that are said, then those that were found and passed over, best first; each once."""
    said = [citation for said in proposal.lines for citation in _said(said)]
    seen = {each.passage_id for each in said}
    passed = [found for found in _found(proposal.facts) if found.passage_id not in seen]
    return (*said, *(Citation(each.passage_id, each.version, each.score, "passed_over") for each in passed))


def names_in(facts: Facts | None) -> dict[UUID, str]:
    """What the passages found in these facts are called: `source#key`."""
    return {found.passage_id: f"{found.source}#{found.key}" for found in _found(facts)}


def _said(line: Line) -> tuple[Citation, ...]:
    args = dict(line.args)
    if "passage_id" not in args:
        return ()
    used: Used = "shortened" if "is_shortened" in args else _USED[line.key]
    sources = zip(*(args[name].split("|") for name in ("passage_id", "passage_version", "passage_score")), strict=True)
    return tuple(Citation(UUID(id_), int(version), float(score), used) for id_, version, score in sources)


def _found(facts: Facts | None) -> Iterable[Found]:
    if facts is None:
        return ()
    findings = (*(question.finding for question in facts.questions), facts.reply)
    passages = [found for finding in findings if finding is not None for found in finding.passages]
    return {found.passage_id: found for found in passages}.values()
