"""`voicefleet chat` as a process: turns go in by a pipe, and what comes out can be read by a program."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.bootstrap.tenants import check_tenants
from agent.understanding.cascade import ACCEPT, CONFIRM
from tests.dialogue.transcript import COMMAND, PATH, TENANT, TURNS, chat, with_transcript, without_ids

KEYS = [
    "turn",
    "at",
    "event",
    "heard",
    "understood",
    "step",
    "confidence",
    "state",
    "lines",
    "cited",
    "effects",
    "spoken",
    "disposition",
]
FRIDAY_AT_TEN = "2026-12-04T15:00:00+00:00"


def in_short(step: dict[str, Any]) -> tuple[Any, ...]:
    effects = [(each["effect"], each["outcome"] and each["outcome"]["event"]) for each in step["effects"]]
    return step["event"], step["understood"], step["state"]["before"], step["state"]["after"], step["lines"], effects


def test_piped_turns_come_out_as_one_json_object_a_step() -> None:
    done = chat(*COMMAND, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    steps = [json.loads(row) for row in done.stdout.splitlines()]
    assert [list(step) for step in steps] == [KEYS] * len(steps)
    assert [step["heard"] for step in steps if step["event"] == "said"] == [t for t in TURNS if t[0] != "/"]
    thursday = {"first_on": "2026-12-03", "last_on": "2026-12-03", "not_before": "15:00:00"}
    friday = {"first_on": "2026-12-04", "last_on": "2026-12-04", "at": "10:00:00"}
    offered = ["acknowledged", "offer_two_same_day"]
    greeting = ["greeting", "ai_disclosure", "recording_notice", "ask_help"]
    exchange = [("release_hold", None), ("hold_opening", "held")]
    assert [in_short(step) for step in steps[:-1]] == [
        ("answered", {}, "ringing", "service", greeting, []),
        ("said", {"service_id": "cleaning", "when": thursday}, "service", "choosing", offered, []),
        ("said", {"choice": 1}, "choosing", "name", ["acknowledged", "held", "ask_name"], [("hold_opening", "held")]),
        ("said", {"name": "Dana Smith"}, "name", "phone", ["ask_phone"], []),
        ("said", {"same_number": True}, "phone", "confirming", ["acknowledged", "read_back"], []),
        (
            "said",
            {"when": friday, "answer": False, "correction": True},
            "confirming",
            "confirming",
            ["acknowledged", "read_back"],
            exchange,
        ),
        ("prompt_cut", {}, "confirming", "confirming", [], []),
        ("said", {"answer": True}, "confirming", "confirming", ["read_back_short"], []),
        (
            "said",
            {"answer": True},
            "confirming",
            "done",
            ["booked", "ask_anything_else"],
            [("confirm_booking", "booked")],
        ),
    ]
    assert steps[6]["state"]["changes"] == {"is_readback_heard": False}
    booked = steps[-2]["effects"][0]
    assert (booked["name"], booked["phone"], booked["service_id"]) == ("Dana Smith", "+15551230000", "cleaning")
    assert booked["outcome"]["appointment"]["opening"]["start_at"] == FRIDAY_AT_TEN
    assert [step["disposition"] for step in steps[-2:]] == [None, "booked"]


def test_the_session_in_the_docs_is_what_the_command_prints() -> None:
    page = PATH.read_text(encoding="utf-8")
    told = with_transcript(page, chat().stdout)
    assert without_ids(told) == without_ids(page), "run: python -m tests.dialogue.transcript"


def test_the_end_of_the_input_hangs_up_and_gives_the_hold_back() -> None:
    done = chat(*COMMAND, "--json", turns=(TURNS[0], "", "/silence", TURNS[1]))
    steps = [json.loads(row) for row in done.stdout.splitlines()]
    assert [step["event"] for step in steps] == ["answered", "said", "silent", "said", "caller_hung_up"]
    held, released = steps[-2]["effects"][0], steps[-1]["effects"][0]
    assert (released["effect"], released["hold_id"]) == ("release_hold", held["outcome"]["hold"]["id"])
    assert (steps[-1]["disposition"], done.returncode) == ("abandoned", 0)


def test_a_mistaken_command_in_a_pipe_ends_the_call_with_one_sentence() -> None:
    done = chat(*COMMAND, "--json", turns=("/silence", "/cut most", "A cleaning."))
    assert done.returncode == 1
    assert done.stderr == "line 2: /cut: expected the share that was heard, 0 to 1, got 'most'\n"
    assert [json.loads(row)["event"] for row in done.stdout.splitlines()] == ["answered", "silent", "caller_hung_up"]


def test_words_no_grammar_knows_are_read_by_their_meaning_and_shown_with_a_confidence() -> None:
    turns = ("My dog ate it.", "Could somebody phone my wife when it's done", "Yes.")
    done = chat(*COMMAND, "--json", turns=turns)
    lost, guessed, confirmed = [json.loads(row) for row in done.stdout.splitlines()][1:4]
    assert done.stderr == ""
    assert (lost["step"], lost["confidence"], lost["understood"]) == (None, 0.0, {})
    assert (guessed["step"], guessed["understood"]) == ("embedding", {"wishes": ["message"], "is_doubtful": True})
    assert CONFIRM <= guessed["confidence"] < ACCEPT
    assert guessed["lines"] == ["offer_message"]
    assert (confirmed["step"], confirmed["state"]["after"]) == ("grammar", "message")
    without = chat(*COMMAND, "--json", "--grammar-only", turns=turns[1:2])
    assert set(json.loads(without.stdout.splitlines()[1])["understood"]) == {"questions"}


def test_a_faulty_tenant_file_is_refused_as_by_tenant_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(Path(TENANT).read_text(encoding="utf-8").replace("America/New_York", "Mars/Olympus"))
    done = chat("chat", "--tenant", str(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert "timezone: expected an IANA time zone" in done.stderr
    assert check_tenants([file]) == 1
    assert capsys.readouterr().err == done.stderr


def test_a_reader_who_leaves_early_is_no_fault() -> None:
    """As `head -1` does: the pipe is closed while the call goes on."""
    with subprocess.Popen(
        [sys.executable, "-m", "agent.cli", *COMMAND, "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["event"] == "answered"
        process.stdout.close()
        _, complaints = process.communicate("A cleaning on Thursday at 3.\n", timeout=60)
    assert (process.returncode, complaints) == (0, "")
