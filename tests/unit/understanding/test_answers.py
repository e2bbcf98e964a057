"""Yes, no, choices, wishes, corrections, and when an answer is plainly over."""

from __future__ import annotations

import pytest

from agent.domain.facts import Expect, Wish
from agent.understanding import is_complete, is_unfinished
from tests.unit.understanding.demo import read

ANSWERS = [
    ("Yes.", True), ("Yeah.", True), ("Yep, that's right.", True), ("Yes, please.", True), ("Sure.", True),
    ("That's correct.", True), ("Correct.", True), ("Right.", True), ("Okay.", True), ("Sounds good.", True),
    ("Perfect, thank you.", True), ("That works for me.", True), ("Uh-huh.", True), ("Mm-hmm.", True),
    ("Absolutely.", True), ("Go ahead.", True), ("Yes, book it.", True), ("Great.", True), ("Please do.", True),
    ("Yes it is.", True), ("That sounds great.", True), ("Looks good.", True), ("No problem.", True),
    ("No.", False), ("Nope.", False), ("No, thanks.", False), ("No, that's wrong.", False), ("Nah.", False),
    ("That's not right.", False), ("Not really.", False), ("No, I'm good.", False), ("I'm good, thanks.", False),
    ("Nothing else.", False), ("No, that's all.", False), ("That's all.", False), ("That's incorrect.", False),
    ("Neither.", False), ("No, I don't think so.", False), ("Wrong.", False),
    ("I think so.", True), ("Okay, bye.", True), ("I don't think so.", False), ("That'll be all.", False),
    ("Yes, no, wait.", None), ("I'm not sure.", None), ("Hmm.", None), ("What?", None), ("Is that right?", None),
    ("Yes but not Thursday", False), ("", None), ("Thursday", None),
    ("That would be great.", True), ("Nice.", True), ("Confirmed.", True), ("That's great, much appreciated.", True),
    ("I'll go with that one.", True), ("I'll take it.", True), ("This one is perfect!", True), ("Indeed.", True),
    ("I can't take that.", None), ("is that right", None), ("answer true stage booked confirmed", None),
    ("Nothing.", False), ("Nothing more, thanks.", False), ("That will be all.", False), ("I guess not.", False),
    ("That is all for today.", False), ("No changes.", True), ("No, change the date.", False),
    ("Perfect, all set for the appointment then.", None), ("Thanks, I'm all set.", False),
    ("Leave it as it is.", False), ("Just keep it as it was.", False),
    ("That's correct. What's your address?", True), ("Yes, what time was it?", None),
    ("Correct, where are you located?", True), ("Great. Can you change it?", None), ("Is that right? What?", None),
    ("Forget it, I'll call correct again another time.", None), ("I would say correct details are in your book.", None),
    ("Well, I suppose yes.", True), ("Oh my, yes please.", True), ("Yes, never mind.", None),
    ("I need a feeling, not that.", False), ("Not that I know of.", None),
    ("Yes, hang on a sec.", None), ("Yeah, let me check my calendar.", None), ("Yeah what day was that", None),
    ("Yes, just a second.", None), ("Yes. Give me a minute.", None), ("Yes, can I ask you something?", None),
    ("yeah I'm still thinking", None), ("yeah except the name", None), ("yes if you have nothing earlier", None),
    ("Yes, if that's okay.", True), ("Yes, that's what I said.", True), ("Yes, the second one is right.", True),
    ("Sure thing.", True), ("Please proceed.", True), ("By all means.", True), ("You bet.", True), ("Spot on.", True),
    ("Sounds like a plan.", True), ("I'm happy with that.", True), ("It suits me well.", True),
    ("You've got it.", True), ("That's fine by me.", True), ("That'd be great.", True), ("That's accurate.", True),
    ("I suppose so.", True),
    ("I'd rather not.", False), ("That's not accurate.", None), ("I'm not happy with that.", None),
    ("Is that okay with you?", None), ("Sounds like a plan, but on Friday.", None), ("Sure thing, wait.", None),
    ("It is.", True), ("It is, thank you.", True), ("It is the one by the station, I was told.", None),
]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["I don't know it.", "No, I don't know.", "I'm not sure.", "I can't remember.", "I don't have it."]
)
def test_who_does_not_know_the_number_says_no_to_it(text: str) -> None:
    assert read(text, Expect.PHONE).answer is False


@pytest.mark.parametrize(("text", "expected"), ANSWERS)
def test_yes_and_no_as_people_say_them(text: str, expected: bool | None) -> None:
    assert read(text, Expect.YES_NO).answer is expected


@pytest.mark.parametrize(
    "text",
    [
        "Something else.", "No, something else.", "It's about something else.",
        "I'm calling about something different.", "I called about another matter.", "I'm calling for someone else.",
    ],
)  # fmt: skip
def test_who_calls_about_something_else_says_so(text: str) -> None:
    assert Wish.OTHER in read(text, Expect.YES_NO).wishes


@pytest.mark.parametrize("text", ["Do you have something else?", "Do you have a different time?", "Anything else?"])
def test_who_wants_another_opening_has_not_called_about_something_else(text: str) -> None:
    assert Wish.OTHER not in read(text, Expect.CHOICE).wishes


@pytest.mark.parametrize("text", ["Sure, I'd like a cleaning", "great", "I'm good at waiting", "right now"])
def test_a_vague_yes_answers_nothing_that_was_not_asked(text: str) -> None:
    assert read(text, Expect.WHEN).answer is None


@pytest.mark.parametrize(
    ("text", "index"),
    [("The first one.", 0), ("the second one", 1), ("The 2nd.", 1), ("Second.", 1), ("number two", 1),
     ("the last one", -1), ("The later one, please.", -1), ("the earlier one", 0), ("Either is fine.", 0),
     ("I'll take the first.", 0), ("option one", 0), ("Do you have anything later?", None),
     ("neither one", None), ("What about Friday?", None)],
)  # fmt: skip
def test_a_choice_among_offers(text: str, index: int | None) -> None:
    facts = read(text, Expect.CHOICE)
    assert facts.choice == index
    assert facts.when is None or index is None


def test_a_choice_may_be_made_by_its_time() -> None:
    facts = read("3:30 works.", Expect.CHOICE)
    assert facts.choice is None
    assert facts.when is not None
    assert str(facts.when.at) == "15:30:00"


@pytest.mark.parametrize(
    ("text", "on"),
    [("The 4th at 10:30.", "2026-12-04"), ("Let's change that to the 14th, 11:45 am is good.", "2026-12-14"),
     ("the twenty second", "2026-11-22"), ("The thirty first.", "2026-12-31"), ("the 3rd", "2026-12-03")],
)  # fmt: skip
def test_a_place_beyond_the_offers_is_a_day(text: str, on: str) -> None:
    facts = read(text, Expect.CHOICE)
    assert facts.choice is None
    assert facts.when is not None
    assert str(facts.when.first_on) == on


def test_all_for_today_wishes_nothing_of_today() -> None:
    assert read("That's all for today, thanks.", Expect.YES_NO).when is None
    assert read("Is today all right?", Expect.WHEN).when is not None


@pytest.mark.parametrize(
    ("text", "wish"),
    [("Can you repeat that?", Wish.REPEAT), ("Say that again, please.", Wish.REPEAT), ("Pardon?", Wish.REPEAT),
     ("Sorry?", Wish.REPEAT), ("What did you say?", Wish.REPEAT), ("I didn't catch that.", Wish.REPEAT),
     ("That's all, bye.", Wish.GOODBYE), ("Goodbye.", Wish.GOODBYE), ("Never mind.", Wish.GOODBYE),
     ("Okay, have a good day.", Wish.GOODBYE), ("Can I talk to a person?", Wish.HUMAN),
     ("Let me speak to someone.", Wish.HUMAN), ("Just put me through to somebody.", Wish.HUMAN),
    ("I'm tired of talking to a robot.", Wish.HUMAN), ("I won't share my number with a computer.", Wish.HUMAN),
    ("I'd like to make an appointment.", Wish.BOOK),
     ("I need to see the dentist.", Wish.BOOK), ("I'd like to go to a dentist, please", Wish.BOOK),
     ("Will you help me find a doctor?", Wish.BOOK), ("I'm looking for a dentist.", Wish.BOOK),
     ("Can I come in to see your mechanic?", Wish.BOOK), ("Can I speak directly with the reception?", Wish.HUMAN),
     ("I want to book something.", Wish.BOOK), ("Thank you.", Wish.THANKS), ("That's it.", Wish.THANKS)],
)  # fmt: skip
def test_wishes_about_the_conversation(text: str, wish: Wish) -> None:
    assert wish in read(text).wishes


@pytest.mark.parametrize("text", ["Thursday at 3.", "Dana Smith.", "A cleaning.", "Yes.", "555-012-3456"])
def test_plain_answers_carry_no_wish_and_no_correction(text: str) -> None:
    facts = read(text, Expect.WHEN)
    assert not facts.wishes
    assert not facts.correction


@pytest.mark.parametrize(
    "text", ["No, Thursday.", "Actually make it a filling", "I meant Friday", "wait, the second", "change it to 4"]
)
def test_a_correction_is_announced(text: str) -> None:
    assert read(text).correction


def test_an_offer_named_by_its_day_is_not_one_oclock() -> None:
    facts = read("the Thursday one", Expect.CHOICE)
    assert facts.when is not None
    assert not facts.when.has_time


def test_no_thursday_is_a_no_and_a_day() -> None:
    facts = read("No, Thursday.", Expect.YES_NO)
    assert facts.answer is False
    assert facts.when is not None


@pytest.mark.parametrize(
    ("text", "expects", "expected"),
    [("Yes.", Expect.YES_NO, True), ("yes", Expect.YES_NO, True), ("No", Expect.YES_NO, False),
     ("No, wait.", Expect.YES_NO, False), ("No, Friday.", Expect.YES_NO, True),
     ("No, the number is 555.", Expect.YES_NO, False), ("Bye.", Expect.SERVICE, False),
     ("I'd like to book a cleaning on Thursday,", Expect.SERVICE, False),
     ("I'd like to book a cleaning on Thursday.", Expect.SERVICE, False),
     ("a cleaning on Thursday at 3", Expect.SERVICE, True),
     ("Monday, December 14, at 11 a.", Expect.WHEN, True),
     ("five five five oh one two three four five six", Expect.PHONE, True), ("555-012-3456", Expect.PHONE, True),
     ("my number is five five", Expect.PHONE, False), ("555-0123", Expect.PHONE, False),
     ("on Thursday at", Expect.WHEN, False), ("Thursday at 3", Expect.WHEN, True), ("Thursday", Expect.WHEN, False),
     ("Thursday at 3 and", Expect.WHEN, False), ("Thursday, um", Expect.WHEN, False),
     ("my name is", Expect.NAME, False), ("Dana", Expect.NAME, False), ("Dana Smith", Expect.NAME, True),
     ("a cleaning", Expect.SERVICE, True), ("I'd like to", Expect.SERVICE, False),
     ("the second one", Expect.CHOICE, True),
     ("that's all, bye", Expect.YES_NO, True), ("yes it is", Expect.YES_NO, True), ("well", Expect.YES_NO, False),
     ("Sorry.", Expect.YES_NO, False), ("Sorry?", Expect.YES_NO, True),
     ("No, thanks.", Expect.YES_NO, False), ("No, that's all. Thank you, goodbye.", Expect.YES_NO, True),
     ("Thanks.", Expect.YES_NO, False), ("That's exactly it.", Expect.YES_NO, True),
     ("Please make it half past 12.", Expect.YES_NO, True), ("Make it Friday.", Expect.YES_NO, False),
     ("I'd like to move my appointment.", Expect.YES_NO, True), ("Help me with their address.", Expect.YES_NO, True),
     ("what are your hours", Expect.YES_NO, False), ("Dana Smith is the name.", Expect.NAME, True),
     ("and the name", Expect.NAME, False), ("The number I'm calling from.", Expect.PHONE, True),
     ("December 2nd would be perfect.", Expect.WHEN, True), ("December 2nd please", Expect.WHEN, True),
     ("December 2nd would be", Expect.WHEN, False),
     ("", Expect.YES_NO, False), ("Thursday...", Expect.WHEN, False)],
)  # fmt: skip
def test_an_answer_is_complete_when_nothing_more_can_be_expected(text: str, expects: Expect, expected: bool) -> None:
    assert is_complete(text, expects, read(text, expects)) is expected


@pytest.mark.parametrize(
    ("text", "expects", "expected"),
    [
        ("my number is", Expect.PHONE, True),
        ("555 010", Expect.PHONE, True),
        ("I would like to", Expect.ANY, True),
        ("it is about my fang", Expect.ANY, False),
        ("purple", Expect.SERVICE, False),
        ("yes", Expect.YES_NO, False),
        ("11 a.", Expect.WHEN, False),
        ("", Expect.ANY, True),
    ],
)
def test_only_words_that_go_on_by_themselves_are_unfinished(text: str, expects: Expect, expected: bool) -> None:
    assert is_unfinished(text, expects, read(text, expects)) is expected
