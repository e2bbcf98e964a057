"""Personal data never reaches a log line."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

import pytest
import structlog

from agent.runtime import logs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call from +15550123456 ended", "call from ***56 ended"),
        ("sip_+15550123456", "sip_***56"),
        ("call_+15550123456_AJx9", "call_***56_AJx9"),
        ("call 555-012-3456 back", "call ***56 back"),
        ("(555) 012-3456", "***56"),
        ("at 2026-11-21T06:00:00Z", "at 2026-11-21T06:00:00Z"),
        ("job AJ_b7XyZ12345678", "job AJ_b7XyZ12345678"),
        ("took 1234 ms", "took 1234 ms"),
    ],
)
def test_phone_numbers_are_masked_and_nothing_else(text: str, expected: str) -> None:
    assert logs.mask_numbers(text) == expected


def test_a_line_is_json_with_its_facts_and_without_personal_data(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        logs.configure("tested", "INFO")
        logs.get_logger("here").info("call.ended", caller="+15550123456", **{"pii.name": "Dana", "turns": 4})
        logging.getLogger("library").warning("lost %s", "+15550123456", extra={"room": "call-1"})
    finally:
        root.handlers[:], root.level = before, level
        structlog.contextvars.clear_contextvars()
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["caller"], ours["turns"]) == ("call.ended", "***56", 4)
    assert ours["process"] == "tested"
    assert "pii.name" not in ours
    assert theirs["event"] == "lost ***56"
    assert theirs["room"] == "call-1"


def test_personal_data_deep_inside_a_fact_is_masked_or_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    facts = {
        "legs": [{"from": "+15550123456", "lk.pii.name": "Dana", "turns": 4}, ("555-012-3456", 7)],
        "numbers": {"+15550123456": True},
        "error": ValueError("no such number: +15550123456"),
        "day": datetime(2026, 11, 21, 6, tzinfo=UTC),
    }
    try:
        logs.configure("tested", "INFO")
        logs.get_logger("here").info("call.ended", **facts)
        logging.getLogger("library").warning("lost", extra=facts)
    finally:
        root.handlers[:], root.level = before, level
        structlog.contextvars.clear_contextvars()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert len(lines) == 2
    for line in lines:
        assert line["legs"] == [{"from": "***56", "turns": 4}, ["***56", 7]]
        assert line["numbers"] == {"***56": True}
        assert line["error"] == "no such number: ***56"
        assert line["day"] == "2026-11-21T06:00:00+00:00"


def test_card_and_social_security_numbers_leave_no_digit_in_a_log_line() -> None:
    spelled = "four five three nine five seven eight seven six three six two one four eight six"
    for text in ("paid with 4539-5787-6362-1486", f"heard: {spelled}", "social 123-45-6789"):
        kept = logs.mask_numbers(text)
        assert "****" in kept
        assert not any(part in kept for part in ("4539", "1486", "four five", "eight six", "123", "6789"))
