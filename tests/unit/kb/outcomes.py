"""Outcomes by hand."""

from __future__ import annotations

from agent.domain.passages import Verdict
from agent.storage.kb_questions import SetQuestion
from kb.evaluation.judging import Outcome, Seen

SPOKEN, ASKED, REFUSED = Verdict.ACCEPT, Verdict.CONFIRM, Verdict.REFUSE


def outcome(verdict: Verdict, place: int | None, question_id: str = "q", best: str = "other.md#rival") -> Outcome:
    """Of a question whose right passage is at `place` among three, 0 for nowhere; None when nothing answers it."""
    right = Seen("faq.md#right", 0.5) if place else None
    first = right if place == 1 else Seen(best, 0.7)
    return Outcome(question_id, place is not None, verdict, place or 0, first, right)


def question(question_id: str, *expects: str) -> SetQuestion:
    return SetQuestion(question_id, f"words of {question_id}", expects)
