"""The script machine on virtual time: lines said when expected, replies heard and timed."""

from __future__ import annotations

import pytest

from tests.unit.caller.agent_of_numbers import BYE, MS, Utterance, World, scripted


def test_lines_are_said_in_order_when_expected_and_each_reply_is_timed() -> None:
    world = World(
        scripted([{"expect": ["help"], "say": "a cleaning"}, {"expect": ["what day"], "say": "thursday"}], end=BYE),
        [(300, 900, "How can I help?"), (450, 800, "What day?"), (700, 600, "Goodbye."), (100, 0, "BYE")],
    )
    world.due.append((world.now_ns + 9_000 * MS, "bye", None))
    world.run()
    assert world.said == ["a cleaning", "thursday"]
    assert world.failures() == []
    assert [turn.reply for turn in world.record.turns] == ["answered", "answered"]
    assert world.record.turns[0].response_wire_ms == pytest.approx(450)
    assert world.record.turns[1].response_ear_ms == pytest.approx(760)
    assert [turn.text for turn in world.record.agent] == ["How can I help?", "What day?", "Goodbye."]
    assert [turn.matched for turn in world.record.agent] == ["help", "what day", None]
    assert (world.record.first_audio_ns - world.record.answered_ns) / MS == pytest.approx(300)


def test_a_missing_reply_is_censored_kept_and_fails_the_call() -> None:
    world = World(scripted([{"say": "hello"}]), [(300, 500, "Hi."), None]).run()
    assert world.record.turns[0].reply == "NO_REPLY"
    assert world.record.turns[0].response_wire_ms is None
    assert world.failures() == ["no reply within 5 s after line 1 ('hello')"]


def test_a_silent_agent_is_dead_air() -> None:
    world = World(scripted([{"say": "hello"}]), [None]).run()
    assert world.failures() == ["the agent answered but said nothing for 5 s"]
    assert world.said == []


def test_what_no_line_expects_fails_after_the_agent_had_time_to_go_on() -> None:
    world = World(scripted([{"expect": ["what day"], "say": "thursday"}]), [(300, 500, "Opening hours are nine")])
    world.run()
    assert world.said == []
    assert world.failures() == ["line 1 expected 'what day', but the agent said 'opening hours are 9'"]


def test_a_number_counts_as_heard_when_one_of_its_readings_fits() -> None:
    agent = [(300, 500, "Phone 555-805-868, right?\nPhone 5 5 5 8 0 5 8 6 1 8, right?")]
    world = World(scripted([{"expect": ["phone 5558058618"], "say": "yes"}]), agent)
    world.run()
    assert world.said == ["yes"]
    assert world.record.agent[0].text == "Phone 5 5 5 8 0 5 8 6 1 8, right?"


def test_no_rule_for_a_misheard_number_comes_before_its_other_readings() -> None:
    agent = [(300, 500, "Phone 555-805-868, right?\nPhone 5 5 5 8 0 5 8 6 1 8, right?")]
    otherwise = [{"when": ["right"], "say": "no"}]
    world = World(scripted([{"expect": ["phone 5558058618"], "say": "yes"}], otherwise=otherwise), agent)
    world.run()
    assert world.said == ["yes"]


@pytest.mark.parametrize(
    ("expected", "otherwise", "closely"),
    [
        ("phone 5558058618", "sorry", True),
        (r"phone \d+", "sorry", True),
        ("right", r"888\d+", True),
        ("right", "888", False),
    ],
)
def test_a_number_is_listened_to_closely_only_where_the_script_names_one(
    expected: str, otherwise: str, closely: bool
) -> None:
    script = scripted([{"expect": [expected], "say": "yes"}], otherwise=[{"when": [otherwise], "say": "no"}])
    world = World(script, [(300, 500, "Phone 555-805-8618, right?")]).run()
    assert (world.said, world.closely) == (["yes"], [closely])


def test_an_agent_that_goes_on_after_a_pause_is_heard_out() -> None:
    world = World(
        scripted([{"expect": ["what day"], "say": "thursday"}]), [(300, 500, "One moment."), (400, 400, "Ok")]
    )
    world.utterances.append(Utterance(world.now_ns + 3_000 * MS, 600, "What day?"))
    world.run()
    assert world.said == ["thursday"]
    assert world.failures() == []
    assert world.record.agent[0].text == "One moment. What day?"


def test_what_follows_a_pause_is_heard_although_the_recogniser_keeps_one_sentence_only() -> None:
    world = World(
        scripted([{"expect": ["this is sam"], "say": "hello"}]), [(300, 500, "One moment.")], hears_first_only=True
    )
    world.utterances.append(Utterance(world.now_ns + 3_000 * MS, 600, "This is Sam."))
    world.run()
    assert world.said == ["hello"]
    assert world.record.agent[0].text == "One moment. This is Sam."


def test_a_repeat_rule_says_the_last_thing_again_but_not_for_ever() -> None:
    scenario = scripted(
        [{"expect": ["help"], "say": "cleaning"}, {"expect": ["what day"], "say": "thursday"}],
        otherwise=[{"when": ["sorry"], "repeat": True, "at_most": 2}],
    )
    sorry = (300, 500, "Sorry?")
    recovers = World(scenario, [(300, 500, "Can I help?"), sorry, sorry, (300, 500, "What day?"), (300, 400, "Ok")])
    recovers.run()
    assert recovers.said == ["cleaning", "cleaning", "cleaning", "thursday"]
    assert [turn.line for turn in recovers.record.turns] == ["line 1", "otherwise 1", "otherwise 1", "line 2"]
    assert recovers.failures() == []
    loops = World(scenario, [(300, 500, "Can I help?"), sorry, sorry, sorry, sorry]).run()
    assert loops.said == ["cleaning"] * 3
    assert loops.failures() == ["line 2 expected 'what day', but the agent said 'sorry'"]


def test_keys_are_pressed_and_timed_like_words() -> None:
    world = World(scripted([{"expect": ["number"], "dtmf": "55#"}]), [(300, 500, "Your number?"), (420, 500, "Ok")])
    world.run()
    assert world.said == ["keys 55#"]
    assert world.record.turns[0].response_wire_ms == pytest.approx(420)


def test_waiting_says_nothing_and_hears_everything_said_meanwhile() -> None:
    scenario = scripted([{"wait_s": 8}, {"expect": ["still there"], "say": "yes"}])
    world = World(scenario, [(300, 500, "Hello?"), (300, 500, "Good.")])
    world.utterances.append(Utterance(world.now_ns + 6_000 * MS, 700, "Are you still there?"))
    world.run()
    assert world.said == ["yes"]
    assert world.record.turns[0].onset_ns - world.record.answered_ns > 8_000 * MS
    assert world.failures() == []


def test_a_reply_that_cuts_into_the_caller_s_words_is_negative() -> None:
    world = World(scripted([{"say": "hello there"}]), [(300, 500, "Hi."), None], stops_after_ms=None)
    # The caller speaks from about 1 600 ms to 2 300 ms; the agent begins 200 ms before the end.
    world.utterances.append(Utterance(world.now_ns + 2_100 * MS, 900, "Sure!"))
    world.run()
    response_ms = world.record.turns[0].response_wire_ms
    assert response_ms is not None
    assert -400 < response_ms < 0
