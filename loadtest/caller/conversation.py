"""What the caller does next: the scenario as a state machine over what the agent is heard to do.

    greeting ──onset──▶ listening ──quiet, recognised, expected──▶ speaking ──last sample──▶ waiting
                          ▲   │                                                               │  │
                          │   └─wait_s─▶ pausing ─┐         listening ◀──────onset────────────┘  │
                          └───────────────────────┘              done ◀──NO_REPLY, BYE, limits───┘

It does no I/O: the call feeds it the clock, the tracker's spurts and the recogniser's words, and carries out
``take_actions``. An agent's turn that matches nothing is not yet a failure: the agent may be in the middle of
a thought, so the caller listens on until ``reply_s`` of quiet have passed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from loadtest.caller.effects import Effect, HangUp, Press, Recognise, Say
from loadtest.caller.onset import SPURT_GAP_NS, SpeechTracker, Spurt
from loadtest.caller.readings import SEPARATOR
from loadtest.caller.record import NO_REPLY, NO_STOP, AgentTurn, BargeIn, Record, Turn
from loadtest.caller.script import Action, Line, Scenario
from loadtest.caller.words import matches, normalise

_NS = 1_000_000_000
#: Recognition starts this long into a pause, so that the words are there when the turn is over.
_EAGER_NS = 400_000_000
#: A barge-in must meet speech: the agent was heard this recently.
_SPEAKING_NS = 80_000_000
_GLANCE_EVERY_NS = 600_000_000
_BARGE_LIMIT_NS = 3 * _NS
_STILL_TALKING_NS = 250_000_000


class State(Enum):
    """Where the conversation stands."""

    DIALING = "dialing"
    GREETING = "greeting"
    LISTENING = "listening"
    SPEAKING = "speaking"
    WAITING = "waiting"
    PAUSING = "pausing"
    DONE = "done"


@dataclass
class _Listening:
    """What is known of the agent's turn under way."""

    asked_until_ns: int = 0  # end of the audio last sent to the recogniser
    text: str = ""  # the words of that audio, once they are back
    readings: tuple[str, ...] = ("",)  # the same first, then other ways to hear a number in it
    text_until_ns: int = -1
    glanced_ns: int = 0
    turn: AgentTurn | None = None


@dataclass
class Conversation:
    """One call's script at work. ``has_ear`` False: nothing is recognised and every turn counts as expected."""

    scenario: Scenario
    tracker: SpeechTracker
    record: Record
    has_ear: bool = True
    state: State = State.DIALING
    _effects: list[Effect] = field(default_factory=list)
    _floor_ns: int = 0  # agent speech that begins after this belongs to the next turn
    _deadline_ns: int = 0
    _next_line: int = 0
    _active: Action | None = None
    _used: dict[int, int] = field(default_factory=dict)
    _last_said: tuple[str, str] | None = None
    _listening: _Listening = field(default_factory=_Listening)
    _tokens: dict[int, tuple[AgentTurn | None, int]] = field(default_factory=dict)
    _last_token: int = 0
    _barge: BargeIn | None = None
    _hang_up_at_ns: int = 0
    _last_line_end_ns: int = 0

    # ------------------------------------------------------------------ what the call reports

    def answered(self, at_ns: int) -> None:
        """The agent's side picked up."""
        self.state = State.GREETING
        self._floor_ns = at_ns
        self._deadline_ns = at_ns + self._reply_ns

    def take_actions(self) -> list[Effect]:
        """Hand over what is to be done now."""
        effects, self._effects = self._effects, []
        return effects

    def sending_began(self, onset_ns: int) -> None:
        """The first sample of the caller's words, or the first key, left."""
        turn = self.record.turns[-1]
        turn.onset_ns = onset_ns
        if turn.barged_in:
            self._barge = BargeIn(turn.line, onset_ns)
            self.record.barge_ins.append(self._barge)
        else:
            self._floor_ns = onset_ns
        line = self._active
        if isinstance(line, Line) and line.hangup_after_s is not None:
            self._hang_up_at_ns = onset_ns + int(line.hangup_after_s * _NS)

    def sending_ended(self, end_ns: int) -> None:
        """The last sample, or the last key's end, left."""
        self.record.turns[-1].end_ns = end_ns
        self._last_line_end_ns = end_ns
        if self.state is State.SPEAKING:
            self._wait(end_ns)

    def heard(self, token: int, text: str) -> None:
        """The recogniser's words for an earlier ``Recognise``, their readings a line each."""
        turn, until_ns = self._tokens.pop(token)
        first, *others = text.split(SEPARATOR)
        if turn is not None:
            turn.text = first
        elif until_ns >= self._listening.text_until_ns:
            self._listening.text, self._listening.text_until_ns = first, until_ns
            self._listening.readings = (first, *others)

    def abandon(self) -> None:
        """Hang up before anybody answered."""
        self._leave()

    @property
    def awaits_end(self) -> bool:
        """Whether the script is through and only the hang-up is outstanding."""
        return self.state is State.DONE

    def owes_words(self, turn: AgentTurn) -> bool:
        """Whether a turn's words are still being recognised, or will be once it has stopped."""
        return turn.text is None and self.has_ear

    @property
    def awaits_words(self) -> bool:
        """Whether recognised words are still owed for the record."""
        return any(map(self.owes_words, self.record.agent))

    def over(self, at_ns: int, by: str) -> None:
        """The call ended, whoever ended it."""
        self._settle_barge(at_ns, final=True)
        if self.state is State.LISTENING:
            self._close_turn(self._spurts(), matched=None)
        turn = self.record.turns[-1] if self.record.turns else None
        if turn and turn.end_ns and not turn.reply and by == "agent":
            turn.reply = "ended"
        if by == "agent" and self.state is not State.DONE:
            left = len(self.scenario.lines) - self._next_line + (self.state is State.SPEAKING)
            if left == 0:
                self._finish_line()
            if left > 0:
                self.record.fail(f"the agent hung up with {left} line(s) still to say")
            elif not self.scenario.end.expect_bye and turn and turn.reply == "ended":
                self.record.fail("the agent hung up without a word of reply")
        elif by == "caller" and self.scenario.end.expect_bye and not self.record.failures:
            self.record.fail("the agent was to hang up, but the caller had to")
        self.state = State.DONE

    # ------------------------------------------------------------------ the clock

    def tick(self, now_ns: int) -> None:
        """Look at what has been heard so far and decide; call it every 20 ms."""
        self._settle_barge(now_ns, final=False)
        if self.state in (State.DONE, State.DIALING):
            return
        if self._hang_up_at_ns and now_ns >= self._hang_up_at_ns:
            self._finish_line()
            self._leave()
        elif now_ns - self.record.answered_ns > self.scenario.limits.call_s * _NS:
            self._give_up(f"the call was not over after {self.scenario.limits.call_s:g} s")
        elif self.state in (State.GREETING, State.WAITING):
            self._tick_waiting(now_ns)
        elif self.state is State.LISTENING:
            self._tick_listening(now_ns)
        elif self.state is State.PAUSING and now_ns >= self._deadline_ns:
            self._finish_line()
            self._last_line_end_ns = now_ns
            self._wait(now_ns)

    def _tick_waiting(self, now_ns: int) -> None:
        if self._barge is not None:
            return  # the agent still talks over us; its reply can only begin after it has stopped
        onset_ns = self._reply_onset()
        if onset_ns is not None:
            if not self.record.first_audio_ns:
                self.record.first_audio_ns = onset_ns
            turn = self.record.turns[-1] if self.record.turns else None
            if turn and not turn.reply:
                turn.reply, turn.reply_onset_ns = "answered", onset_ns
            self._listening = _Listening()
            self.state = State.LISTENING
        elif now_ns > self._deadline_ns:
            self._no_reply()

    def _reply_onset(self) -> int | None:
        """Find the first speech that answers: what began while we spoke counts only if it outlasted us."""
        turn = self.record.turns[-1] if self.record.turns else None
        if not turn or turn.reply:
            return self.tracker.first_onset_after(self._floor_ns)
        for spurt in self._spurts():
            if spurt.onset_ns >= turn.end_ns or spurt.offset_ns >= turn.end_ns + _STILL_TALKING_NS:
                return spurt.onset_ns
        return None

    def _no_reply(self) -> None:
        turn = self.record.turns[-1] if self.record.turns else None
        end = self.scenario.end
        patience_s = end.within_s if self._ending and end.expect_bye else self.scenario.limits.reply_s
        if self.state is State.GREETING:
            self._give_up(f"the agent answered but said nothing for {patience_s:g} s")
        elif turn and not turn.reply:
            turn.reply = NO_REPLY
            self._give_up(f"no reply within {patience_s:g} s after {turn.line} ({turn.caller_text!r})")
        elif not self._ending:
            self._give_up(f"the agent said nothing for {patience_s:g} s after the caller had waited")
        elif end.expect_bye:
            self._give_up(f"the agent did not hang up within {patience_s:g} s")
        else:
            self._leave()

    def _tick_listening(self, now_ns: int) -> None:
        spurts = self._spurts()
        quiet_ns = now_ns - spurts[-1].offset_ns
        line = self._current_line()
        if line and line.barge_in and self._barges_now(line, spurts, quiet_ns, now_ns):
            return
        until_ns = spurts[-1].offset_ns
        is_new = self._listening.asked_until_ns < until_ns and not self._is_recognising
        if self.has_ear and quiet_ns >= _EAGER_NS and is_new:
            self._listening.asked_until_ns = until_ns
            self._ask(None, spurts[0].onset_ns, until_ns)
        known = not self.has_ear or self._listening.text_until_ns >= until_ns
        if quiet_ns >= self.scenario.limits.silence_ms * 1_000_000 and known:
            self._decide(spurts, quiet_ns)

    def _barges_now(self, line: Line, spurts: list[Spurt], quiet_ns: int, now_ns: int) -> bool:
        """Barge in if the agent has talked long enough and, where the line expects words, they were heard."""
        assert line.barge_in is not None
        early_ns = now_ns - spurts[0].onset_ns - int(line.barge_in.after_s * _NS)
        pattern = None
        if line.expect and self.has_ear and early_ns >= -_GLANCE_EVERY_NS:
            pattern = matches(line.expect, normalise(self._listening.text))
            is_due = now_ns - self._listening.glanced_ns >= _GLANCE_EVERY_NS and not self._is_recognising
            if pattern is None and is_due:
                self._listening.glanced_ns = now_ns
                self._ask(None, spurts[0].onset_ns, now_ns)
        waits_for_words = bool(line.expect) and self.has_ear and pattern is None
        if early_ns < 0 or quiet_ns > _SPEAKING_NS or waits_for_words:
            return False
        self._act(line, f"line {self._next_line + 1}", spurts, pattern, barged_in=True)
        return True

    def _matching(self, patterns: list[str]) -> str | None:
        """The pattern that a reading of the turn fits; that reading is then what was heard."""
        for reading in self._listening.readings:
            if (pattern := matches(patterns, normalise(reading))) is not None:
                self._listening.text = reading
                return pattern
        return None

    def _decide(self, spurts: list[Spurt], quiet_ns: int) -> None:
        line = self._current_line()
        if line:
            pattern = self._matching(line.expect) if self.has_ear else None
            if pattern or not line.expect or not self.has_ear:
                self._act(line, f"line {self._next_line + 1}", spurts, pattern)
                return
        for number, rule in enumerate(self.scenario.otherwise):
            pattern = self._matching(rule.when)
            repeatable = not rule.repeat or self._last_said
            if pattern and repeatable and self._used.get(number, 0) < rule.at_most:
                self._used[number] = self._used.get(number, 0) + 1
                self._act(rule, f"otherwise {number + 1}", spurts, pattern)
                return
        if line is None:
            self._decide_ending(spurts, quiet_ns)
        elif quiet_ns > self._reply_ns:
            self._close_turn(spurts, matched=None)
            wanted, said = " or ".join(map(repr, line.expect)), normalise(self._listening.text)
            self._give_up(f"line {self._next_line + 1} expected {wanted}, but the agent said {said!r}")

    def _decide_ending(self, spurts: list[Spurt], quiet_ns: int) -> None:
        end = self.scenario.end
        since_last_ns = spurts[-1].offset_ns + quiet_ns - self._last_line_end_ns
        if not end.expect_bye:
            self._close_turn(spurts, matched=None)
            self._leave()
        elif since_last_ns > end.within_s * _NS:
            self._close_turn(spurts, matched=None)
            self._give_up(f"the agent did not hang up within {end.within_s:g} s of the last line")

    # ------------------------------------------------------------------ doing

    def _act(
        self, action: Action, name: str, spurts: list[Spurt], matched: str | None, *, barged_in: bool = False
    ) -> None:
        self._close_turn(spurts, matched, cut_off=barged_in and not action.hangup)
        self._active = action
        if isinstance(action, Line):
            self._next_line += 1
        self._floor_ns = max(self._floor_ns, spurts[-1].offset_ns)
        kind, text = self._last_said if action.repeat and self._last_said else _spoken(action)
        if kind == "hangup":
            self._finish_line()
            self._leave()
        elif kind == "wait":
            self.state = State.PAUSING
            self._deadline_ns = spurts[-1].offset_ns + int((action.wait_s or 0) * _NS)
        else:
            self._last_said = (kind, text)
            self.record.turns.append(Turn(name, kind, text, barged_in=barged_in))
            self._effects.append(Say(text) if kind == "say" else Press(text))
            self.state = State.SPEAKING

    def _close_turn(self, spurts: list[Spurt], matched: str | None, *, cut_off: bool = False) -> None:
        """Enter the agent's turn into the record; words not yet known are asked for."""
        if not spurts:
            return
        turn = AgentTurn(spurts[0].onset_ns, spurts[-1].offset_ns, matched=matched, cut_off=cut_off)
        self.record.agent.append(turn)
        if self.record.turns and self.record.turns[-1].answer is None:
            self.record.turns[-1].answer = turn
        self._listening.turn = turn
        if not self.has_ear or cut_off:
            return  # what was cut off is recognised when it has stopped
        if self._listening.text_until_ns >= turn.offset_ns:
            turn.text = self._listening.text
        else:
            self._ask(turn, turn.onset_ns, turn.offset_ns)

    def _settle_barge(self, now_ns: int, *, final: bool) -> None:
        barge = self._barge
        if barge is None:
            return
        stop_ns = self.tracker.stop_after(barge.caller_onset_ns, now_ns + (SPURT_GAP_NS if final else 0))
        if stop_ns is None and not final and now_ns - barge.caller_onset_ns < _BARGE_LIMIT_NS:
            return
        self._barge = None
        barge.verdict = "stopped" if stop_ns else NO_STOP
        barge.stop_ns = stop_ns or 0
        if not stop_ns:
            self.record.fail(f"the agent went on talking over {barge.line}")
        self._floor_ns = max(self._floor_ns, (stop_ns or now_ns) + 1)
        turn = self._listening.turn
        if turn:
            turn.offset_ns = stop_ns or now_ns
            if self.has_ear:
                self._ask(turn, turn.onset_ns, turn.offset_ns)
        if self.state is State.WAITING:
            self._wait(max(self.record.turns[-1].end_ns, stop_ns or now_ns))

    def _ask(self, turn: AgentTurn | None, from_ns: int, to_ns: int) -> None:
        self._last_token += 1
        self._tokens[self._last_token] = (turn, to_ns)
        self._effects.append(Recognise(self._last_token, from_ns, to_ns))

    def _wait(self, from_ns: int) -> None:
        self._finish_line()
        self.state = State.WAITING
        self._deadline_ns = from_ns + self._reply_ns
        if self._ending and self.scenario.end.expect_bye:
            self._deadline_ns = from_ns + int(self.scenario.end.within_s * _NS)

    def _finish_line(self) -> None:
        self.record.lines_done = self._next_line

    def _give_up(self, sentence: str) -> None:
        self.record.fail(sentence)
        self._leave()

    def _leave(self) -> None:
        self._effects.append(HangUp())
        self.state = State.DONE

    def _spurts(self) -> list[Spurt]:
        return [spurt for spurt in self.tracker.spurts if spurt.onset_ns >= self._floor_ns]

    def _current_line(self) -> Line | None:
        lines = self.scenario.lines
        return lines[self._next_line] if self._next_line < len(lines) else None

    @property
    def _is_recognising(self) -> bool:
        """Whether the turn under way is with the recogniser; asking again before would only queue up."""
        return any(owner is None for owner, _ in self._tokens.values())

    @property
    def _ending(self) -> bool:
        return self._next_line >= len(self.scenario.lines)

    @property
    def _reply_ns(self) -> int:
        return int(self.scenario.limits.reply_s * _NS)


def _spoken(action: Action) -> tuple[str, str]:
    if action.say is not None:
        return "say", action.say
    if action.dtmf is not None:
        return "dtmf", action.dtmf
    return ("hangup", "") if action.hangup else ("wait", "")
