"""The script machine on virtual time: an agent of numbers, no sound, no sockets, no recogniser."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from loadtest.caller.conversation import Conversation, State
from loadtest.caller.effects import HangUp, Press, Recognise, Say
from loadtest.caller.onset import SpeechTracker, Spurt
from loadtest.caller.record import Record
from loadtest.caller.script import Scenario
from loadtest.caller.verdict import judge

_MS = 1_000_000
_TICK_NS = 20 * _MS
_CLIP_MS = 700


@dataclass
class _Utterance:
    """What the agent says: from when, for how long, in words."""

    start_ns: int
    length_ms: int
    text: str


@dataclass
class _World:
    """An agent that answers each of the caller's turns with the next of its replies.

    A reply is (delay after the caller's last sample in ms, length in ms, words); "BYE" hangs up, None is silence.
    """

    scenario: Scenario
    replies: list[tuple[int, int, str] | None]
    stops_after_ms: int | None = 200
    hear_ms: int = 150
    hears_first_only: bool = False
    now_ns: int = 1_000_000 * _MS
    said: list[str] = field(default_factory=list)
    utterances: list[_Utterance] = field(default_factory=list)
    due: list[tuple[int, str, Any]] = field(default_factory=list)
    hung_up: bool = False

    def __post_init__(self) -> None:
        self.record = Record(invited_ns=self.now_ns, answered_ns=self.now_ns)
        self.tracker = SpeechTracker()
        self.conversation = Conversation(self.scenario, self.tracker, self.record)

    def run(self) -> _World:
        self.conversation.answered(self.now_ns)
        self._reply()
        for _ in range(60 * 50 * 3):
            self.now_ns += _TICK_NS
            self._advance()
            self.conversation.tick(self.now_ns)
            self._perform()
            if self.hung_up and not self.conversation.awaits_words:
                return self
        raise AssertionError(f"the conversation never ended; it stands at {self.conversation.state}")

    def failures(self) -> list[str]:
        return judge(self.scenario, self.record, status=200, reason="OK")

    def _reply(self) -> None:
        reply = self.replies.pop(0) if self.replies else None
        if reply is None:
            return
        delay_ms, length_ms, text = reply
        if text == "BYE":
            self.due.append((self.now_ns + delay_ms * _MS, "bye", None))
        else:
            self.utterances.append(_Utterance(self.now_ns + delay_ms * _MS, length_ms, text))

    def _advance(self) -> None:
        for item in sorted(self.due, key=lambda due: due[0]):
            if item[0] <= self.now_ns:
                self.due.remove(item)
                self._happen(item[1], item[2], item[0])
        for utterance in self.utterances:
            end_ns = min(self.now_ns, utterance.start_ns + utterance.length_ms * _MS)
            if end_ns - utterance.start_ns < 30 * _MS:
                continue
            spurts = self.tracker.spurts
            if spurts and utterance.start_ns - spurts[-1].offset_ns < 300 * _MS:
                spurts[-1].offset_ns = max(spurts[-1].offset_ns, end_ns)
            else:
                spurts.append(Spurt(utterance.start_ns, end_ns))

    def _happen(self, what: str, detail: Any, at_ns: int) -> None:
        if what == "caller ends":
            self.conversation.sending_ended(at_ns)
            self._reply()
        elif what == "words":
            self.conversation.heard(*detail)
        elif what == "agent stops":
            for utterance in self.utterances:
                if utterance.start_ns < at_ns < utterance.start_ns + utterance.length_ms * _MS:
                    utterance.length_ms = (at_ns - utterance.start_ns) // _MS
        elif what == "bye" and not self.hung_up:
            self.hung_up = True
            self.record.over_ns = at_ns
            self.conversation.over(at_ns, "agent")
            self._perform()

    def _perform(self) -> None:
        for effect in self.conversation.take_actions():
            if isinstance(effect, Recognise):
                inside = [u for u in self.utterances if effect.from_ns <= u.start_ns < effect.to_ns]
                inside = sorted(inside, key=lambda u: u.start_ns)[: 1 if self.hears_first_only else None]
                heard = " ".join(u.text for u in inside)
                self.due.append((self.now_ns + self.hear_ms * _MS, "words", (effect.token, heard)))
            elif isinstance(effect, HangUp) and not self.hung_up:
                self.hung_up = True
                self.record.over_ns = self.now_ns
                self.conversation.over(self.now_ns, "caller")
            elif isinstance(effect, Say | Press):
                self.said.append(effect.text if isinstance(effect, Say) else f"keys {effect.keys}")
                self.conversation.sending_began(self.now_ns)
                if self.stops_after_ms is not None:
                    self.due.append((self.now_ns + self.stops_after_ms * _MS, "agent stops", None))
                self.due.append((self.now_ns + _CLIP_MS * _MS, "caller ends", None))


def _scenario(lines: list[dict[str, Any]], **more: Any) -> Scenario:
    return Scenario.model_validate({"name": "test", "lines": lines, **more})


_BYE = {"expect_bye": True, "within_s": 5}


def test_lines_are_said_in_order_when_expected_and_each_reply_is_timed() -> None:
    world = _World(
        _scenario([{"expect": ["help"], "say": "a cleaning"}, {"expect": ["what day"], "say": "thursday"}], end=_BYE),
        [(300, 900, "How can I help?"), (450, 800, "What day?"), (700, 600, "Goodbye."), (100, 0, "BYE")],
    )
    world.due.append((world.now_ns + 9_000 * _MS, "bye", None))
    world.run()
    assert world.said == ["a cleaning", "thursday"]
    assert world.failures() == []
    assert [turn.reply for turn in world.record.turns] == ["answered", "answered"]
    assert world.record.turns[0].response_wire_ms == pytest.approx(450)
    assert world.record.turns[1].response_ear_ms == pytest.approx(760)
    assert [turn.text for turn in world.record.agent] == ["How can I help?", "What day?", "Goodbye."]
    assert [turn.matched for turn in world.record.agent] == ["help", "what day", None]
    assert (world.record.first_audio_ns - world.record.answered_ns) / _MS == pytest.approx(300)


def test_a_missing_reply_is_censored_kept_and_fails_the_call() -> None:
    world = _World(_scenario([{"say": "hello"}]), [(300, 500, "Hi."), None]).run()
    assert world.record.turns[0].reply == "NO_REPLY"
    assert world.record.turns[0].response_wire_ms is None
    assert world.failures() == ["no reply within 5 s after line 1 ('hello')"]


def test_a_silent_agent_is_dead_air() -> None:
    world = _World(_scenario([{"say": "hello"}]), [None]).run()
    assert world.failures() == ["the agent answered but said nothing for 5 s"]
    assert world.said == []


def test_what_no_line_expects_fails_after_the_agent_had_time_to_go_on() -> None:
    world = _World(_scenario([{"expect": ["what day"], "say": "thursday"}]), [(300, 500, "Opening hours are nine")])
    world.run()
    assert world.said == []
    assert world.failures() == ["line 1 expected 'what day', but the agent said 'opening hours are 9'"]


def test_a_number_counts_as_heard_when_one_of_its_readings_fits() -> None:
    agent = [(300, 500, "Phone 555-805-868, right?\nPhone 5 5 5 8 0 5 8 6 1 8, right?")]
    world = _World(_scenario([{"expect": ["phone 5558058618"], "say": "yes"}]), agent)
    world.run()
    assert world.said == ["yes"]
    assert world.record.agent[0].text == "Phone 5 5 5 8 0 5 8 6 1 8, right?"


def test_an_agent_that_goes_on_after_a_pause_is_heard_out() -> None:
    world = _World(
        _scenario([{"expect": ["what day"], "say": "thursday"}]), [(300, 500, "One moment."), (400, 400, "Ok")]
    )
    world.utterances.append(_Utterance(world.now_ns + 3_000 * _MS, 600, "What day?"))
    world.run()
    assert world.said == ["thursday"]
    assert world.failures() == []
    assert world.record.agent[0].text == "One moment. What day?"


def test_what_follows_a_pause_is_heard_although_the_recogniser_keeps_one_sentence_only() -> None:
    world = _World(
        _scenario([{"expect": ["this is sam"], "say": "hello"}]), [(300, 500, "One moment.")], hears_first_only=True
    )
    world.utterances.append(_Utterance(world.now_ns + 3_000 * _MS, 600, "This is Sam."))
    world.run()
    assert world.said == ["hello"]
    assert world.record.agent[0].text == "One moment. This is Sam."


def test_a_repeat_rule_says_the_last_thing_again_but_not_for_ever() -> None:
    scenario = _scenario(
        [{"expect": ["help"], "say": "cleaning"}, {"expect": ["what day"], "say": "thursday"}],
        otherwise=[{"when": ["sorry"], "repeat": True, "at_most": 2}],
    )
    sorry = (300, 500, "Sorry?")
    recovers = _World(scenario, [(300, 500, "Can I help?"), sorry, sorry, (300, 500, "What day?"), (300, 400, "Ok")])
    recovers.run()
    assert recovers.said == ["cleaning", "cleaning", "cleaning", "thursday"]
    assert [turn.line for turn in recovers.record.turns] == ["line 1", "otherwise 1", "otherwise 1", "line 2"]
    assert recovers.failures() == []
    loops = _World(scenario, [(300, 500, "Can I help?"), sorry, sorry, sorry, sorry]).run()
    assert loops.said == ["cleaning"] * 3
    assert loops.failures() == ["line 2 expected 'what day', but the agent said 'sorry'"]


def test_a_barge_in_speaks_into_the_turn_and_times_the_stop() -> None:
    scenario = _scenario([{"barge_in": {"after_s": 1.2}, "say": "wait"}])
    world = _World(scenario, [(300, 6000, "A very long greeting"), (500, 400, "Yes?")], stops_after_ms=260).run()
    (barge,) = world.record.barge_ins
    assert (barge.caller_onset_ns - world.record.first_audio_ns) / _MS == pytest.approx(1200, abs=41)
    assert barge.verdict == "stopped"
    assert barge.barge_stop_ms == pytest.approx(260, abs=21)
    assert world.record.turns[0].barged_in
    assert world.record.turns[0].response_wire_ms == pytest.approx(500)
    assert world.record.agent[0].cut_off
    assert world.failures() == []


def test_an_agent_that_talks_on_is_no_stop() -> None:
    scenario = _scenario([{"barge_in": {"after_s": 1.0}, "say": "wait"}])
    world = _World(scenario, [(300, 9000, "A very long greeting"), (500, 400, "Yes?")], stops_after_ms=None).run()
    assert world.record.barge_ins[0].verdict == "NO_STOP"
    assert world.record.barge_ins[0].barge_stop_ms is None
    assert "the agent went on talking over line 1" in world.failures()


def test_a_hang_up_may_come_in_the_middle_of_the_other_sides_words() -> None:
    scenario = _scenario([{"barge_in": {"after_s": 1.0}, "hangup": True}])
    world = _World(scenario, [(100, 4000, "a long briefing")]).run()
    assert world.failures() == []
    assert (world.record.barge_ins, world.record.turns) == ([], [])
    assert [turn.text for turn in world.record.agent] == ["a long briefing"]


def test_a_barge_in_with_expected_words_waits_until_they_are_heard() -> None:
    scenario = _scenario([{"expect": ["wednesday"], "barge_in": {"after_s": 1.0}, "say": "no, thursday"}])
    world = _World(scenario, [(300, 5000, "So that is Wednesday at three"), (500, 400, "Ok")], hear_ms=900).run()
    (barge,) = world.record.barge_ins
    into_ms = (barge.caller_onset_ns - world.record.first_audio_ns) / _MS
    assert 1_000 < into_ms < 2_500
    assert world.record.agent[0].matched == "wednesday"
    assert world.failures() == []


def test_a_barge_in_never_meets_the_wrong_turn() -> None:
    scenario = _scenario(
        [{"expect": ["wednesday"], "barge_in": {"after_s": 0.5}, "say": "no, thursday"}],
        otherwise=[{"when": ["sorry"], "say": "I said cleaning"}],
    )
    world = _World(scenario, [(300, 2000, "Sorry, what was that?"), (300, 3000, "Wednesday then?"), (300, 300, "Ok")])
    world.run()
    assert world.said == ["I said cleaning", "no, thursday"]
    assert [barge.line for barge in world.record.barge_ins] == ["line 1"]


def test_keys_are_pressed_and_timed_like_words() -> None:
    world = _World(_scenario([{"expect": ["number"], "dtmf": "55#"}]), [(300, 500, "Your number?"), (420, 500, "Ok")])
    world.run()
    assert world.said == ["keys 55#"]
    assert world.record.turns[0].response_wire_ms == pytest.approx(420)


def test_waiting_says_nothing_and_hears_everything_said_meanwhile() -> None:
    scenario = _scenario([{"wait_s": 8}, {"expect": ["still there"], "say": "yes"}])
    world = _World(scenario, [(300, 500, "Hello?"), (300, 500, "Good.")])
    world.utterances.append(_Utterance(world.now_ns + 6_000 * _MS, 700, "Are you still there?"))
    world.run()
    assert world.said == ["yes"]
    assert world.record.turns[0].onset_ns - world.record.answered_ns > 8_000 * _MS
    assert world.failures() == []


def test_an_agent_that_ends_a_silent_call_is_within_its_rights() -> None:
    world = _World(_scenario([{"wait_s": 60}], end=_BYE), [(300, 500, "Hi.")])
    world.utterances.append(_Utterance(world.now_ns + 9_000 * _MS, 900, "Nobody there? Goodbye."))
    world.due.append((world.now_ns + 11_000 * _MS, "bye", None))
    world.run()
    assert world.failures() == []
    assert world.record.lines_done == 1


def test_a_hang_up_line_ends_the_call_at_once() -> None:
    world = _World(_scenario([{"say": "hello"}, {"hangup": True}]), [(300, 500, "Hi."), (300, 500, "Yes?")]).run()
    assert world.conversation.state is State.DONE
    assert world.failures() == []


def test_hanging_up_in_mid_word_cuts_the_line_short() -> None:
    world = _World(_scenario([{"say": "hello", "hangup_after_s": 0.3}]), [(300, 500, "Hi.")]).run()
    turn = world.record.turns[0]
    assert (world.record.over_ns - turn.onset_ns) / _MS == pytest.approx(300, abs=21)
    assert turn.end_ns == 0
    assert world.failures() == []


def test_an_agent_that_hangs_up_early_fails_the_call() -> None:
    world = _World(_scenario([{"say": "hello"}, {"say": "more"}]), [(300, 500, "Hi."), (300, 0, "BYE")]).run()
    assert world.record.turns[0].reply == "ended"
    assert world.failures() == ["the agent hung up with 1 line(s) still to say"]


def test_an_agent_that_should_hang_up_and_does_not_fails_the_call() -> None:
    world = _World(_scenario([{"say": "goodbye"}], end=_BYE), [(300, 500, "Hi."), (300, 500, "Bye.")]).run()
    assert world.failures() == ["the agent did not hang up within 5 s of the last line"]


def test_a_bye_is_reply_enough_to_the_last_line() -> None:
    world = _World(_scenario([{"say": "goodbye"}], end=_BYE), [(300, 500, "Hi."), (900, 0, "BYE")]).run()
    assert world.record.turns[0].reply == "ended"
    assert world.failures() == []


def test_a_reply_that_cuts_into_the_caller_s_words_is_negative() -> None:
    world = _World(_scenario([{"say": "hello there"}]), [(300, 500, "Hi."), None], stops_after_ms=None)
    # The caller speaks from about 1 600 ms to 2 300 ms; the agent begins 200 ms before the end.
    world.utterances.append(_Utterance(world.now_ns + 2_100 * _MS, 900, "Sure!"))
    world.run()
    response_ms = world.record.turns[0].response_wire_ms
    assert response_ms is not None
    assert -400 < response_ms < 0


def test_a_call_that_does_not_end_is_ended_by_its_limit() -> None:
    scenario = _scenario([{"wait_s": 60}], limits={"call_s": 20})
    world = _World(scenario, [(300, 500, "Hi.")]).run()
    assert world.failures()[0] == "the call was not over after 20 s"
