"""When a caller opens his mouth, on virtual time: no sound, no sockets, an ear that is always right."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from loadtest.caller.effects import HangUp, Recognise, Say
from loadtest.caller.onset import SpeechTracker, Spurt
from loadtest.caller.readings import SEPARATOR
from loadtest.caller.record import Record
from loadtest.caller.script import Limits, Scenario
from loadtest.evaluation.business import load_business
from loadtest.evaluation.caller import Caller
from loadtest.evaluation.corpus import Corpus
from loadtest.evaluation.plans import Booking, Goal, Plan
from loadtest.voice_evaluation.conversation import LiveConversation
from loadtest.voice_evaluation.mind import Mind

BUSINESS = load_business(Path("infra/local/tenants/riverside-dental.yaml"))
WISH = Booking("cleaning", datetime(2026, 12, 10, 10, 30), "David Lewis", "+15550123456")
PLAN = Plan(1, datetime(2026, 11, 21, 9), WISH.name, WISH.phone, WISH.phone, (Goal("book", WISH),))
GREETING = "Thank you for calling Riverside Dental. How can I help you today?"
READ_BACK = "So that's cleaning on Thursday, December 10th at 10:30 AM, for David Lewis, phone: 555-012-3456."
_MS = 1_000_000


class _Mouth:
    """Takes a while for every text."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.is_done = False

    def prepare(self, text: str) -> None:
        self.asked.append(text)

    def is_ready(self, text: str) -> bool:
        return self.is_done


class World:
    """An agent whose words are set by hand, and a caller."""

    def __init__(self, plan: Plan = PLAN) -> None:
        self.now_ns = 1_000_000 * _MS
        self.mouth = _Mouth()
        self.mind = Mind(Caller(plan, BUSINESS, Corpus("development"), random.Random(1)))
        self.record = Record(invited_ns=self.now_ns, answered_ns=self.now_ns)
        self.tracker = SpeechTracker()
        scenario = Scenario(name="test", limits=Limits(call_s=300, reply_s=15, silence_ms=900))
        self.conversation = LiveConversation(scenario, self.tracker, self.record, self.mind, self.mouth)
        self.conversation.answered(self.now_ns)
        self.words = ""
        self.said: list[str] = []
        self.has_left = False

    def agent(self, words: str, ms: int = 1000) -> None:
        """The agent says this."""
        self.words = words
        self.tracker.spurts.append(Spurt(self.now_ns, self.now_ns))
        for _ in range(ms // 20):
            self.tracker.spurts[-1].offset_ns = self.now_ns + 20 * _MS
            self.wait(20)

    def wait(self, ms: int) -> None:
        """Time goes by."""
        for _ in range(ms // 20):
            self.now_ns += 20 * _MS
            self.conversation.tick(self.now_ns)
            for effect in self.conversation.take_actions():
                if isinstance(effect, Recognise):
                    words = self.words if effect.closely else self.words.split(SEPARATOR)[0]
                    self.conversation.heard(effect.token, words)
                elif isinstance(effect, Say):
                    self.said.append(effect.text)
                    self.conversation.sending_began(self.now_ns)
                    self.conversation.sending_ended(self.now_ns + 500 * _MS)
                elif isinstance(effect, HangUp):
                    self.has_left = True


def test_he_weighs_every_way_to_hear_a_number() -> None:
    world = World()
    world.agent(f"{READ_BACK.replace('3456', '345')} Is that right?\n{READ_BACK} Is that right?")
    world.wait(1200)
    assert (len(world.mind.steps), world.mind.repeats) == (1, 0)


def test_he_answers_when_the_agent_has_ended_and_his_words_are_speech() -> None:
    world = World()
    world.agent(GREETING)
    world.wait(800)
    assert world.mouth.asked == []
    world.wait(300)
    assert len(world.mouth.asked) == 1
    assert world.said == []
    world.mouth.is_done = True
    world.wait(40)
    assert world.said == world.mouth.asked


def test_words_that_ask_for_nothing_are_answered_only_when_nothing_follows() -> None:
    world = World()
    world.mouth.is_done = True
    world.agent("One moment, please.")
    world.wait(3000)
    assert world.said == []
    world.wait(1000)
    assert len(world.said) == 1


def test_when_the_agent_goes_on_what_he_was_about_to_say_was_never_said() -> None:
    world = World()
    world.agent("What day and time would you like?")
    world.wait(1100)
    assert len(world.mind.steps) == 1
    world.agent(GREETING)
    world.wait(1100)
    assert [step.heard for step in world.mind.steps] == [GREETING]
    assert world.said == []


def test_he_hangs_up_after_a_goodbye() -> None:
    world = World()
    world.agent("Thank you for calling. Goodbye.")
    world.wait(1200)
    assert world.has_left
    assert world.mind.caller.left_because == "goodbye"


def test_who_cuts_in_does_so_once_he_has_heard_the_time() -> None:
    world = World(replace(PLAN, cuts_in=True))
    world.mouth.is_done = True
    world.agent(GREETING)
    world.wait(1500)
    world.said.clear()
    world.wait(1000)
    world.agent(READ_BACK, ms=4000)
    assert len(world.said) == 1
    assert world.record.turns[-1].barged_in


def test_he_asks_again_for_a_read_back_that_he_heard_wrong_and_then_corrects_it() -> None:
    world = World()
    world.mouth.is_done = True
    world.agent(GREETING)
    world.wait(2000)
    wrong = READ_BACK.replace("10:30", "11:30") + " Is that right?"
    for _ in range(2):
        world.agent(wrong)
        world.wait(2000)
    assert "again" in world.said[1]
    assert "10" in world.said[2] or "half" in world.said[2]
    assert [belief.fields for belief in world.mind.beliefs] == [("start",)]


def test_a_question_that_he_did_not_get_he_has_asked_again_once() -> None:
    world = World()
    world.mouth.is_done = True
    for _ in range(3):
        world.agent("Witch clay and thyme?")
        world.wait(4000)
    assert ["again" in words for words in world.said] == [True, False, True]
