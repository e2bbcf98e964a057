"""The script machine on virtual time: barge-ins, and calls that end early, late or not at all."""

from __future__ import annotations

import pytest

from loadtest.caller.conversation import State
from tests.unit.caller.agent_of_numbers import BYE, MS, Utterance, World, scripted


def test_a_barge_in_speaks_into_the_turn_and_times_the_stop() -> None:
    scenario = scripted([{"barge_in": {"after_s": 1.2}, "say": "wait"}])
    world = World(scenario, [(300, 6000, "A very long greeting"), (500, 400, "Yes?")], stops_after_ms=260).run()
    (barge,) = world.record.barge_ins
    assert (barge.caller_onset_ns - world.record.first_audio_ns) / MS == pytest.approx(1200, abs=41)
    assert barge.verdict == "stopped"
    assert barge.barge_stop_ms == pytest.approx(260, abs=21)
    assert world.record.turns[0].barged_in
    assert world.record.turns[0].response_wire_ms == pytest.approx(500)
    assert world.record.agent[0].cut_off
    assert world.failures() == []


def test_an_agent_that_talks_on_is_no_stop() -> None:
    scenario = scripted([{"barge_in": {"after_s": 1.0}, "say": "wait"}])
    world = World(scenario, [(300, 9000, "A very long greeting"), (500, 400, "Yes?")], stops_after_ms=None).run()
    assert world.record.barge_ins[0].verdict == "NO_STOP"
    assert world.record.barge_ins[0].barge_stop_ms is None
    assert "the agent went on talking over line 1" in world.failures()


def test_a_hang_up_may_come_in_the_middle_of_the_other_sides_words() -> None:
    scenario = scripted([{"barge_in": {"after_s": 1.0}, "hangup": True}])
    world = World(scenario, [(100, 4000, "a long briefing")]).run()
    assert world.failures() == []
    assert (world.record.barge_ins, world.record.turns) == ([], [])
    assert [turn.text for turn in world.record.agent] == ["a long briefing"]


def test_a_barge_in_with_expected_words_waits_until_they_are_heard() -> None:
    scenario = scripted([{"expect": ["wednesday"], "barge_in": {"after_s": 1.0}, "say": "no, thursday"}])
    world = World(scenario, [(300, 5000, "So that is Wednesday at three"), (500, 400, "Ok")], hear_ms=900).run()
    (barge,) = world.record.barge_ins
    into_ms = (barge.caller_onset_ns - world.record.first_audio_ns) / MS
    assert 1_000 < into_ms < 2_500
    assert world.record.agent[0].matched == "wednesday"
    assert world.failures() == []


def test_a_barge_in_never_meets_the_wrong_turn() -> None:
    scenario = scripted(
        [{"expect": ["wednesday"], "barge_in": {"after_s": 0.5}, "say": "no, thursday"}],
        otherwise=[{"when": ["sorry"], "say": "I said cleaning"}],
    )
    world = World(scenario, [(300, 2000, "Sorry, what was that?"), (300, 3000, "Wednesday then?"), (300, 300, "Ok")])
    world.run()
    assert world.said == ["I said cleaning", "no, thursday"]
    assert [barge.line for barge in world.record.barge_ins] == ["line 1"]


def test_an_agent_that_ends_a_silent_call_is_within_its_rights() -> None:
    world = World(scripted([{"wait_s": 60}], end=BYE), [(300, 500, "Hi.")])
    world.utterances.append(Utterance(world.now_ns + 9_000 * MS, 900, "Nobody there? Goodbye."))
    world.due.append((world.now_ns + 11_000 * MS, "bye", None))
    world.run()
    assert world.failures() == []
    assert world.record.lines_done == 1


def test_a_hang_up_line_ends_the_call_at_once() -> None:
    world = World(scripted([{"say": "hello"}, {"hangup": True}]), [(300, 500, "Hi."), (300, 500, "Yes?")]).run()
    assert world.conversation.state is State.DONE
    assert world.failures() == []


def test_hanging_up_in_mid_word_cuts_the_line_short() -> None:
    world = World(scripted([{"say": "hello", "hangup_after_s": 0.3}]), [(300, 500, "Hi.")]).run()
    turn = world.record.turns[0]
    assert (world.record.over_ns - turn.onset_ns) / MS == pytest.approx(300, abs=21)
    assert turn.end_ns == 0
    assert world.failures() == []


def test_an_agent_that_hangs_up_early_fails_the_call() -> None:
    world = World(scripted([{"say": "hello"}, {"say": "more"}]), [(300, 500, "Hi."), (300, 0, "BYE")]).run()
    assert world.record.turns[0].reply == "ended"
    assert world.failures() == ["the agent hung up with 1 line(s) still to say"]


def test_an_agent_that_should_hang_up_and_does_not_fails_the_call() -> None:
    world = World(scripted([{"say": "goodbye"}], end=BYE), [(300, 500, "Hi."), (300, 500, "Bye.")]).run()
    assert world.failures() == ["the agent did not hang up within 5 s of the last line"]


def test_a_bye_is_reply_enough_to_the_last_line() -> None:
    world = World(scripted([{"say": "goodbye"}], end=BYE), [(300, 500, "Hi."), (900, 0, "BYE")]).run()
    assert world.record.turns[0].reply == "ended"
    assert world.failures() == []


def test_a_call_that_does_not_end_is_ended_by_its_limit() -> None:
    scenario = scripted([{"wait_s": 60}], limits={"call_s": 20})
    world = World(scenario, [(300, 500, "Hi.")]).run()
    assert world.failures()[0] == "the call was not over after 20 s"
