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

from loadtest.caller.effects import Effect, HangUp, Press, Say
from loadtest.caller.interruption import Interruption
from loadtest.caller.listening import Listening
from loadtest.caller.onset import SpeechTracker, Spurt
from loadtest.caller.prompter import Cue, Prompter
from loadtest.caller.record import NO_REPLY, AgentTurn, Record, Turn
from loadtest.caller.script import Line, Scenario

_NS = 1_000_000_000
#: A barge-in must meet speech: the agent was heard this recently.
_SPEAKING_NS = 80_000_000
#: Words that a barge-in waits for are asked for this long before it is due.
_AHEAD_NS = 600_000_000
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
    _hang_up_at_ns: int = 0
    _last_line_end_ns: int = 0

    def __post_init__(self) -> None:
        self._listening = Listening(self.record, has_ear=self.has_ear, effects=self._effects)
        self._prompter = Prompter(self.scenario, self.record)
        self._interruption = Interruption(self.tracker, self.record)

    # ------------------------------------------------------------------ what the call reports

    def answered(self, at_ns: int) -> None:
        """The agent's side picked up."""
        self.state = State.GREETING
        self._floor_ns = at_ns
        self._deadline_ns = at_ns + self._reply_ns

    def take_actions(self) -> list[Effect]:
        """Hand over what is to be done now."""
        effects = self._effects.copy()
        self._effects.clear()
        return effects

    def sending_began(self, onset_ns: int) -> None:
        """The first sample of the caller's words, or the first key, left."""
        turn = self.record.turns[-1]
        turn.onset_ns = onset_ns
        if turn.barged_in:
            self._interruption.begin(turn.line, onset_ns)
        else:
            self._floor_ns = onset_ns
        line = self._prompter.active
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
        self._listening.heard(token, text)

    def abandon(self) -> None:
        """Hang up before anybody answered."""
        self._leave()

    @property
    def awaits_end(self) -> bool:
        """Whether the script is through and only the hang-up is outstanding."""
        return self.state is State.DONE

    def owes_words(self, turn: AgentTurn) -> bool:
        """Whether a turn's words are still being recognised, or will be once it has stopped."""
        return self._listening.owes_words(turn)

    @property
    def awaits_words(self) -> bool:
        """Whether recognised words are still owed for the record."""
        return self._listening.awaits_words

    def over(self, at_ns: int, by: str) -> None:
        """The call ended, whoever ended it."""
        self._settle_barge(at_ns, final=True)
        if self.state is State.LISTENING:
            self._listening.close(self._spurts(), matched=None)
        turn = self.record.turns[-1] if self.record.turns else None
        if turn and turn.end_ns and not turn.reply and by == "agent":
            turn.reply = "ended"
        if by == "agent" and self.state is not State.DONE:
            left = self._prompter.lines_left + (self.state is State.SPEAKING)
            if left == 0:
                self._prompter.finish()
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
            self._prompter.finish()
            self._leave()
        elif now_ns - self.record.answered_ns > self.scenario.limits.call_s * _NS:
            self._give_up(f"the call was not over after {self.scenario.limits.call_s:g} s")
        elif self.state in (State.GREETING, State.WAITING):
            self._tick_waiting(now_ns)
        elif self.state is State.LISTENING:
            self._tick_listening(now_ns)
        elif self.state is State.PAUSING and now_ns >= self._deadline_ns:
            self._prompter.finish()
            self._last_line_end_ns = now_ns
            self._wait(now_ns)

    def _tick_waiting(self, now_ns: int) -> None:
        if self._interruption.is_open:
            return  # the agent still talks over us; its reply can only begin after it has stopped
        onset_ns = self._reply_onset()
        if onset_ns is not None:
            if not self.record.first_audio_ns:
                self.record.first_audio_ns = onset_ns
            turn = self.record.turns[-1] if self.record.turns else None
            if turn and not turn.reply:
                turn.reply, turn.reply_onset_ns = "answered", onset_ns
            self._listening.begin()
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
        patience_s = end.within_s if self._prompter.is_through and end.expect_bye else self.scenario.limits.reply_s
        if self.state is State.GREETING:
            self._give_up(f"the agent answered but said nothing for {patience_s:g} s")
        elif turn and not turn.reply:
            turn.reply = NO_REPLY
            self._give_up(f"no reply within {patience_s:g} s after {turn.line} ({turn.caller_text!r})")
        elif not self._prompter.is_through:
            self._give_up(f"the agent said nothing for {patience_s:g} s after the caller had waited")
        elif end.expect_bye:
            self._give_up(f"the agent did not hang up within {patience_s:g} s")
        else:
            self._leave()

    def _tick_listening(self, now_ns: int) -> None:
        spurts = self._spurts()
        quiet_ns = now_ns - spurts[-1].offset_ns
        line = self._prompter.line
        if line and line.barge_in and self._barges_now(line, spurts, quiet_ns, now_ns):
            return
        self._listening.pause(spurts, quiet_ns, closely=self._prompter.minds_number)
        if quiet_ns >= self.scenario.limits.silence_ms * 1_000_000 and self._listening.knows(spurts):
            self._decide(spurts, quiet_ns)

    def _barges_now(self, line: Line, spurts: list[Spurt], quiet_ns: int, now_ns: int) -> bool:
        """Barge in if the agent has talked long enough and, where the line expects words, they were heard."""
        assert line.barge_in is not None
        early_ns = now_ns - spurts[0].onset_ns - int(line.barge_in.after_s * _NS)
        pattern = None
        if line.expect and self.has_ear and early_ns >= -_AHEAD_NS:
            pattern = self._listening.glance(line.expect, spurts, now_ns)
        waits_for_words = bool(line.expect) and self.has_ear and pattern is None
        if early_ns < 0 or quiet_ns > _SPEAKING_NS or waits_for_words:
            return False
        self._act(Cue(line, self._prompter.line_name, pattern), spurts, barged_in=True)
        return True

    def _decide(self, spurts: list[Spurt], quiet_ns: int) -> None:
        line = self._prompter.line
        cue = self._prompter.cue(self._listening.matching, has_ear=self.has_ear)
        if cue is not None:
            self._act(cue, spurts)
        elif line is None:
            self._decide_ending(spurts, quiet_ns)
        elif quiet_ns > self._reply_ns:
            self._listening.close(spurts, matched=None)
            wanted, said = " or ".join(map(repr, line.expect)), self._listening.said
            self._give_up(f"{self._prompter.line_name} expected {wanted}, but the agent said {said!r}")
        else:
            self._listening.settle()

    def _decide_ending(self, spurts: list[Spurt], quiet_ns: int) -> None:
        end = self.scenario.end
        since_last_ns = spurts[-1].offset_ns + quiet_ns - self._last_line_end_ns
        if not end.expect_bye:
            self._listening.close(spurts, matched=None)
            self._leave()
        elif since_last_ns > end.within_s * _NS:
            self._listening.close(spurts, matched=None)
            self._give_up(f"the agent did not hang up within {end.within_s:g} s of the last line")

    # ------------------------------------------------------------------ doing

    def _act(self, cue: Cue, spurts: list[Spurt], *, barged_in: bool = False) -> None:
        self._listening.close(spurts, cue.pattern, cut_off=barged_in and not cue.action.hangup)
        self._floor_ns = max(self._floor_ns, spurts[-1].offset_ns)
        kind, text = self._prompter.take(cue.action)
        if kind == "hangup":
            self._prompter.finish()
            self._leave()
        elif kind == "wait":
            self.state = State.PAUSING
            self._deadline_ns = spurts[-1].offset_ns + int((cue.action.wait_s or 0) * _NS)
        else:
            self.record.turns.append(Turn(cue.name, kind, text, barged_in=barged_in))
            self._effects.append(Say(text) if kind == "say" else Press(text))
            self.state = State.SPEAKING

    def _settle_barge(self, now_ns: int, *, final: bool) -> None:
        stop_ns = self._interruption.settle(now_ns, final=final)
        if stop_ns is None:
            return
        self._floor_ns = max(self._floor_ns, stop_ns + 1)
        self._listening.stopped(stop_ns)
        if self.state is State.WAITING:
            self._wait(max(self.record.turns[-1].end_ns, stop_ns))

    def _wait(self, from_ns: int) -> None:
        self._prompter.finish()
        self.state = State.WAITING
        self._deadline_ns = from_ns + self._reply_ns
        if self._prompter.is_through and self.scenario.end.expect_bye:
            self._deadline_ns = from_ns + int(self.scenario.end.within_s * _NS)

    def _give_up(self, sentence: str) -> None:
        self.record.fail(sentence)
        self._leave()

    def _leave(self) -> None:
        self._effects.append(HangUp())
        self.state = State.DONE

    def _spurts(self) -> list[Spurt]:
        return [spurt for spurt in self.tracker.spurts if spurt.onset_ns >= self._floor_ns]

    @property
    def _reply_ns(self) -> int:
        return int(self.scenario.limits.reply_s * _NS)
