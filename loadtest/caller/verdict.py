"""Whether a finished call was what its scenario asked for, in sentences."""

from __future__ import annotations

from loadtest.caller.record import Record
from loadtest.caller.script import Scenario
from loadtest.caller.words import matches, normalise


def judge(scenario: Scenario, record: Record, *, status: int, reason: str) -> list[str]:
    """List everything that went wrong, the call's own failures first.

    Args:
        status, reason: the last answer to the INVITE; 0 if none came.
    """
    failures = list(record.failures)
    if scenario.end.expect_nothing or scenario.end.expect_status:
        failures += _refusal(scenario, record, status)
    elif scenario.hangup_while_ringing_s is not None:
        if record.answered_ns:
            failures.append("the call was answered before the caller hung up")
    elif scenario.answer is not None and not scenario.answer.picks_up:
        if record.answered_ns:
            failures.append("the call was answered although nobody was to pick up")
    elif not record.answered_ns:
        if not failures:
            failures.append(f"the call was not answered: {status} {reason}".rstrip() if status else "no answer")
    else:
        failures += _conversation(scenario, record, failures)
    return failures


def _refusal(scenario: Scenario, record: Record, status: int) -> list[str]:
    end = scenario.end
    if end.expect_nothing:
        return [f"expected no answer of any kind, got {status}"] if status else []
    after_s = (record.over_ns - record.invited_ns) / 1e9
    if status != end.expect_status:
        return [f"expected to be refused with {end.expect_status}, got {status or 'no answer'}"]
    if after_s > end.within_s:
        return [f"refused with {status} only after {after_s:.1f} s (limit {end.within_s:g} s)"]
    return []


def _conversation(scenario: Scenario, record: Record, known: list[str]) -> list[str]:
    failures = []
    left = len(scenario.lines) - record.lines_done
    if left > 0 and not known:
        failures.append(f"{left} of {len(scenario.lines)} lines were never reached")
    checks = scenario.checks
    spoken = " ".join(normalise(turn.text or "") for turn in record.agent)
    failures += [f"the agent never said {p!r}" for p in checks.agent_says if not matches([p], spoken)]
    failures += [f"the agent said {p!r}" for p in checks.agent_never_says if matches([p], spoken)]
    if checks.max_response_ear_ms is not None:
        failures += [
            f"{turn.line}: reply at the ear after {turn.response_ear_ms:.0f} ms "
            f"(limit {checks.max_response_ear_ms:g} ms)"
            for turn in record.turns
            if turn.response_ear_ms is not None and turn.response_ear_ms > checks.max_response_ear_ms
        ]
    if checks.max_barge_stop_ms is not None:
        failures += [
            f"{barge.line}: the agent stopped {barge.barge_stop_ms:.0f} ms after the barge-in "
            f"(limit {checks.max_barge_stop_ms:g} ms)"
            for barge in record.barge_ins
            if barge.barge_stop_ms is not None and barge.barge_stop_ms > checks.max_barge_stop_ms
        ]
    return failures
