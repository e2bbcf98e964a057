"""A number that may have been misheard is listened to again."""

from __future__ import annotations

from loadtest.caller.readings import readings


def test_words_without_a_long_number_are_decoded_once() -> None:
    def again() -> str:
        raise AssertionError("there is nothing to listen to again")

    assert readings("On Monday, December 21 at 3.30 pm.", [again]) == ["On Monday, December 21 at 3.30 pm."]


def test_only_the_last_number_is_replaced_by_what_other_decodes_have() -> None:
    heard = "On December 21, phone 555-805-868. Is that right?"
    assert readings(heard, [lambda: "5 5 5 8 0 5 8 6 1 8, right?", lambda: "phone 555-805-868."]) == [
        heard,
        "On December 21, phone 5 5 5 8 0 5 8 6 1 8. Is that right?",
    ]


def test_a_decode_without_a_number_adds_nothing() -> None:
    assert readings("phone 555-805-8618", [lambda: "Is that right?"]) == ["phone 555-805-8618"]
