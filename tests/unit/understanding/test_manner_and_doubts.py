"""How callers hesitate, and how they ask to be spoken to."""

from __future__ import annotations

import pytest

from agent.domain.facts import Expect, Wish
from agent.domain.objections import Objection
from tests.unit.understanding.demo import read

DOUBTS = [
    ("Are you a robot?", Objection.ROBOT), ("Am I talking to a real person?", Objection.ROBOT),
    ("is this a machine", Objection.ROBOT), ("Is this call recorded?", Objection.RECORDED),
    ("Are you recording this?", Objection.RECORDED), ("That's too expensive.", Objection.PRICE),
    ("Hmm, that's a lot of money.", Objection.PRICE), ("I can't afford that.", Objection.PRICE),
    ("I need to think about it.", Objection.THINK), ("Let me talk to my wife first.", Objection.THINK),
    ("I'll call you back.", Objection.THINK), ("Another place quoted me ninety dollars.", Objection.COMPETITOR),
    ("I can get it cheaper somewhere else.", Objection.COMPETITOR),
    ("How do I know you're any good?", Objection.TRUST), ("Is this a scam?", Objection.TRUST),
    ("This isn't a good time.", Objection.TIMING), ("Not right now.", Objection.TIMING),
]  # fmt: skip
NO_DOUBTS = [
    "That's not a good time.", "Let me think, Thursday at three.", "Maybe later in the day.",
    "Can I talk to a real person?",
    "Don't record this.", "The robot vacuum broke.", "Thursday is too early.", "I'm busy until three on Thursday.",
]  # fmt: skip


@pytest.mark.parametrize(("text", "objection"), DOUBTS)
def test_a_doubt_is_heard(text: str, objection: Objection) -> None:
    assert read(text, Expect.YES_NO).objection is objection


@pytest.mark.parametrize("text", NO_DOUBTS)
@pytest.mark.parametrize("expects", [Expect.CHOICE, Expect.WHEN])
def test_what_only_sounds_like_a_doubt_is_none(text: str, expects: Expect) -> None:
    assert read(text, expects).objection is None


def test_whether_we_are_human_is_no_wish_for_a_human() -> None:
    assert Wish.HUMAN not in read("Are you a real person?").wishes
    assert Wish.HUMAN in read("Are you a robot? I want to talk to a person.").wishes


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Can you slow down please?", Wish.SLOWER), ("slower", Wish.SLOWER), ("You're talking too fast.", Wish.SLOWER),
        ("Could you say that again a bit slower?", Wish.SLOWER), ("Louder, please.", Wish.LOUDER),
        ("Could you speak up?", Wish.LOUDER), ("I can barely hear you.", Wish.LOUDER),
        ("Can you spell that?", Wish.SPELL), ("How do you spell that?", Wish.SPELL), ("Say that again?", Wish.REPEAT),
    ],
)  # fmt: skip
@pytest.mark.parametrize("expects", list(Expect))
def test_how_to_speak_is_understood_whatever_was_asked(text: str, wish: Wish, expects: Expect) -> None:
    facts = read(text, expects)
    assert wish in facts.wishes
    assert facts.name is None


@pytest.mark.parametrize(
    ("text", "offer", "choice"),
    [("What was the first one?", 0, None), ("what was the second one again", 1, None), ("The first one.", None, 0),
     ("Repeat the last one, please.", -1, None), ("I'll take the second.", None, 1),
     ("Give me the first one.", None, 0),
     ("What's the first available?", None, None)],
)  # fmt: skip
def test_to_ask_for_an_offer_again_is_not_to_choose_it(text: str, offer: int | None, choice: int | None) -> None:
    facts = read(text, Expect.CHOICE)
    if offer is not None or choice is not None:
        assert (facts.asks_offer, facts.choice) == (offer, choice)
    assert facts.asks_offer == offer


def test_the_number_called_from_is_heard_beside_the_name() -> None:
    facts = read("It's Dana Smith, the number I'm calling from is fine.", Expect.NAME)
    assert (facts.name, facts.same_number) == ("Dana Smith", True)
    assert not read("Not the number I'm calling from.", Expect.NAME).same_number


@pytest.mark.parametrize("text", ["No, that's all, thanks.", "No, thanks.", "No, I'm good.", "No, nothing else."])
def test_a_parting_no_corrects_nothing(text: str) -> None:
    facts = read(text, Expect.YES_NO)
    assert facts.answer is False
    assert not facts.correction


@pytest.mark.parametrize("text", ["No, Friday.", "No, that's wrong.", "Actually, make it four."])
def test_another_no_still_announces_a_correction(text: str) -> None:
    assert read(text, Expect.YES_NO).correction


@pytest.mark.parametrize("text", ["Blah.", "blah blah", "Whatever.", "Nobody."])
def test_a_word_for_nothing_is_no_name(text: str) -> None:
    assert read(text, Expect.NAME).name is None
