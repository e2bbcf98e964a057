"""Whether questions find their passage, and those without one are refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from agent.domain.passages import Finding, Found, Verdict
from kb.deciding import Thresholds, decide
from kb.embedding import LOCAL_MODEL
from kb.retrieval import Library
from tests.bench.knowledge.data import Asked
from tests.bench.knowledge.server import Server


@dataclass(frozen=True, slots=True)
class Quality:
    """Shares of the questions of one set, 0 to 1; None where there were none to count.

    Attributes:
        first, among_three: answerable ones whose right passage is the best one, or one of three.
        answered: spoken or asked about, and right; `wrong`: spoken, and wrong or without an answer.
        refused_rightly: of those without an answer; `refused_wrongly`: of those with one.
    """

    answerable: int
    unanswerable: int
    first: float | None
    among_three: float | None
    answered: float | None
    wrong: float
    refused_rightly: float | None
    refused_wrongly: float | None


async def judged(
    server: Server, tenant_id: UUID, asked: Sequence[Asked], thresholds: Thresholds | None = None
) -> Quality:
    """Ask every question as a call would; with the usual thresholds unless the tenant has its own."""
    library = Library(server.app, tenant_id, {LOCAL_MODEL: server.embedder})
    known = thresholds or Thresholds()
    found = [(each, decide(await library.candidates(each.question), known)) for each in asked]
    server.embedder.keep()
    return quality_of(found)


def quality_of(found: Sequence[tuple[Asked, Finding]]) -> Quality:
    """Count what became of each question."""
    known = [(each, finding) for each, finding in found if each.expects]
    unknown = [finding for each, finding in found if not each.expects]
    right = [_is_right(each, finding) for each, finding in known]
    refused = [finding.verdict is Verdict.REFUSE for _, finding in known]
    spoken = [finding.verdict is Verdict.ACCEPT for _, finding in found]
    is_wrong = [not (each.expects and _is_right(each, finding)) for each, finding in found]
    return Quality(
        answerable=len(known),
        unanswerable=len(unknown),
        first=_share(right),
        among_three=_share([any(_name(passage) in each.expects for passage in finding.passages)
                            for each, finding in known]),
        answered=_share([good and not gone for good, gone in zip(right, refused, strict=True)]),
        wrong=_share([said and bad for said, bad in zip(spoken, is_wrong, strict=True)]) or 0.0,
        refused_rightly=_share([finding.verdict is Verdict.REFUSE for finding in unknown]),
        refused_wrongly=_share(refused),
    )  # fmt: skip


def _is_right(asked: Asked, finding: Finding) -> bool:
    return bool(finding.passages) and _name(finding.passages[0]) in asked.expects


def _name(passage: Found) -> str:
    return f"{passage.source}#{passage.key}"


def _share(of: Sequence[bool]) -> float | None:
    return sum(of) / len(of) if of else None
