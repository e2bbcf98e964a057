"""What a call shows: lines on the terminal as it goes, and one ``call.json`` at its end.

Times in the JSON are seconds since the INVITE; the recording starts there too, so they are positions in it.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loadtest.caller.call import Call
from loadtest.caller.noise import NoiseMeter, void_reasons
from loadtest.caller.record import AgentTurn, BargeIn, Turn
from loadtest.caller.verdict import judge

SCHEMA = 1


def announcer(number: int, calls: int) -> Callable[[int, int, str, str], None]:
    """Make the function that prints one call's lines; several calls get their number in front."""
    prefix = f"{number}| " if calls > 1 else ""

    def announce(zero_ns: int, at_ns: int, who: str, text: str) -> None:
        if who == "measure":
            line = f"{'':6}  {'':7} {text}"
        elif who == "note":
            line = f"{(at_ns - zero_ns) / 1e9:6.1f}  -- {text}"
        else:
            line = f"{(at_ns - zero_ns) / 1e9:6.1f}  {who:7} {text}"
        print(prefix + line, file=sys.stdout, flush=True)

    return announce


def describe(call: Call, noise: NoiseMeter, folder: Path) -> dict[str, Any]:
    """Build the document of a finished call."""
    record, dialog, zero_ns = call.record, call.dialog, call.record.invited_ns
    failures = judge(call.scenario, record, status=dialog.status, reason=dialog.status_reason)
    noise_summary = noise.summary(call.lateness_ms, call.drops, call.slowest_words_ms)
    talked_ns = record.over_ns - record.answered_ns if record.answered_ns else 0
    return {
        "schema": SCHEMA,
        "scenario": call.scenario.name,
        "call": call.number,
        "call_id": dialog.call_id,
        "to": call.to.text,
        "from": call.scenario.caller.number,
        "voice": call.scenario.caller.voice,
        "invited_at": datetime.fromtimestamp(zero_ns / 1e9, UTC).isoformat(),
        "verdict": "failed" if failures else "passed",
        "failures": failures,
        "void": void_reasons(noise_summary),
        "setup": _setup(call),
        "ended_by": record.ended_by,
        "referred_to": record.referred_to,
        "duration_s": round(talked_ns / 1e9, 3),
        "lines": {"done": record.lines_done, "of": len(call.scenario.lines)},
        "turns": [_turn(turn, zero_ns) for turn in record.turns],
        "barge_ins": [_barge_in(barge, zero_ns) for barge in record.barge_ins],
        "agent": [_agent_turn(turn, zero_ns) for turn in record.agent],
        "rtp": call.statistics.summary(),
        "noise": noise_summary,
        "expected": call.scenario.goal,
        "paths": {"recording": str(folder / "call.wav"), "report": str(folder / "call.json")},
    }


def _setup(call: Call) -> dict[str, Any]:
    record, dialog = call.record, call.dialog
    return {
        "pdd_ms": _span_ms(record.invited_ns, record.ringing_ns),
        "answer_ms": _span_ms(record.invited_ns, record.answered_ns),
        "first_audio_ms": _span_ms(record.answered_ns, record.first_audio_ns),
        "status": dialog.status,
        "reason": dialog.status_reason,
        "invite_retransmissions": dialog.retransmissions,
    }


def _turn(turn: Turn, zero_ns: int) -> dict[str, Any]:
    return {
        "line": turn.line,
        "kind": turn.kind,
        "caller": turn.caller_text,
        "barged_in": turn.barged_in,
        "start_tx_s": _since_s(zero_ns, turn.onset_ns),
        "end_tx_s": _since_s(zero_ns, turn.end_ns),
        "reply": turn.reply,
        "agent_onset_s": _since_s(zero_ns, turn.reply_onset_ns),
        "response_wire_ms": _rounded(turn.response_wire_ms),
        "response_ear_ms": _rounded(turn.response_ear_ms),
        "agent": (turn.answer.text or "") if turn.answer else "",
        "matched": turn.answer.matched if turn.answer else None,
    }


def _barge_in(barge: BargeIn, zero_ns: int) -> dict[str, Any]:
    return {
        "line": barge.line,
        "caller_onset_s": _since_s(zero_ns, barge.caller_onset_ns),
        "agent_stop_s": _since_s(zero_ns, barge.stop_ns),
        "barge_stop_ms": _rounded(barge.barge_stop_ms),
        "verdict": barge.verdict,
    }


def _agent_turn(turn: AgentTurn, zero_ns: int) -> dict[str, Any]:
    return {
        "onset_s": _since_s(zero_ns, turn.onset_ns),
        "offset_s": _since_s(zero_ns, turn.offset_ns),
        "text": turn.text or "",
        "matched": turn.matched,
        "cut_off": turn.cut_off,
    }


def _since_s(zero_ns: int, instant_ns: int) -> float | None:
    return round((instant_ns - zero_ns) / 1e9, 3) if instant_ns else None


def _span_ms(from_ns: int, to_ns: int) -> float | None:
    return round((to_ns - from_ns) / 1e6, 1) if from_ns and to_ns else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def write(document: dict[str, Any], path: Path) -> None:
    """Write a report, readable by eye."""
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def summary_lines(documents: list[dict[str, Any]]) -> list[str]:
    """Sum up the run for the terminal."""
    lines = []
    for doc in documents:
        setup = doc["setup"]
        head = f"call {doc['call']}: {doc['verdict'].upper()}  status {setup['status']} {setup['reason']}"
        times = [
            f"{label} {setup[key]:.0f} ms"
            for label, key in (("ringing", "pdd_ms"), ("answer", "answer_ms"), ("first audio", "first_audio_ms"))
            if setup[key] is not None
        ]
        lines.append("  ".join([head.strip(), *times]))
        lines += [f"  - {sentence}" for sentence in doc["failures"]]
        lines += [f"  ! void: {sentence}" for sentence in doc["void"]]
        lines.append(f"  recording {doc['paths']['recording']}")
    ears = [t["response_ear_ms"] for d in documents for t in d["turns"] if t["response_ear_ms"] is not None]
    stops = [b["barge_stop_ms"] for d in documents for b in d["barge_ins"] if b["barge_stop_ms"] is not None]
    silent = sum(turn["reply"] == "NO_REPLY" for doc in documents for turn in doc["turns"])
    if ears:
        lines.append(
            f"ear latency over {len(ears)} turns: mean {statistics.mean(ears):.0f} ms, "
            f"median {statistics.median(ears):.0f}, worst {max(ears):.0f}; without a reply: {silent}"
        )
    if stops:
        lines.append(f"barge-in stop: {', '.join(f'{stop:.0f} ms' for stop in stops)}")
    return lines
