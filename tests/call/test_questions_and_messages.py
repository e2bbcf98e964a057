"""Callers who want no appointment: two ask three things each, one leaves a message."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.call.afternoon import ASKING, CURIOUS, WRITING, Afternoon, Errands
from tests.call.stack import CallStack


@pytest.fixture
def errands(afternoon: Afternoon) -> Errands:
    return afternoon.errands.result()


def test_three_questions_are_answered_from_the_businesss_own_facts(stack: CallStack, errands: Errands) -> None:
    heard = errands.questions
    assert heard.failures == []
    assert "120" in heard.turn_with("price")
    assert "behind the building" in heard.turn_with("parking")
    assert "saturday" in heard.turn_with("closed")
    call = stack.ended_call(ASKING)
    assert call["facts"].count('"questions": 3') == 1
    assert stack.appointments(ASKING) == []


def test_a_message_is_stored_as_it_was_read_back_with_its_urgency_and_the_number(
    stack: CallStack, errands: Errands
) -> None:
    assert errands.message.failures == []
    assert stack.ended_call(WRITING)["disposition"] == "message"
    (row,) = stack.rows("SELECT * FROM messages WHERE caller_e164 = $1", WRITING)
    assert (row["reason"], row["urgent"], row["confirmed"]) == ("message", True, True)
    assert "tooth is hurting" in row["text"]
    assert "hurting" in errands.message.turn_with("is that right")
    assert (row["name"].lower(), row["phone"]) == ("linda baker", WRITING)


def test_the_knowledge_base_answers_refuses_and_explains_itself(
    stack: CallStack, errands: Errands, tmp_path: Path
) -> None:
    heard = errands.knowledge
    assert heard.failures == []
    assert "welcome" in heard.turn_with("welcome")
    assert "delta" in heard.turn_with("delta")
    call = stack.ended_call(CURIOUS)
    spoken = stack.rows(
        """
        SELECT c.seq, p.key, s.name, c.score, c.version FROM citations c
        JOIN kb_passages p ON p.id = c.passage_id JOIN kb_sources s ON s.id = p.source_id
        WHERE c.call_id = $1 AND c.used = 'spoken' ORDER BY c.seq
        """,
        call["id"],
    )
    assert [row["key"] for row in spoken] == ["do-i-have-to-wear-a-mask", "do-you-take-delta-dental"]
    (refused,) = stack.rows("SELECT words FROM unanswered WHERE call_id = $1", call["id"])
    assert "pool" in refused["words"].lower()

    log = tmp_path / "why.log"
    why = stack.begin_inside(sys.executable, "-m", "agent.cli", "kb", "why", str(call["id"]), log=log)
    assert why.wait(60) == 0, log.read_text()
    told = log.read_text()
    for row in spoken:
        assert f"{row['score']:.3f}  SPOKEN  {row['name']}#{row['key']}, version {row['version']}" in told
    assert "refuse: spoken from" in told
    assert "pool" in told.lower()
