"""Whether what was said so far is plainly a whole answer, so that the turn can end at once."""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.domain.contact import LOCAL_DIGITS, NATIONAL_DIGITS
from agent.domain.facts import Expect, Facts, Wish
from agent.understanding.numbers import digit_runs
from agent.understanding.words import Word, joined, split_words, word_set

#: Nobody ends a sentence with these: more is coming.
_DANGLING = word_set(
    "a an and around about after at before between but by can could for from how id if im in is it its like make my"
    " name next number of on or our so than the then this to until was we what when where which will with would your"
    " because area code double triple um uh maybe i we you let lets wait"
)
#: What may end an answer although its last word is in the list above.
_ENDINGS = (
    "that is it",
    "yes it is",
    "it is",
    "yes i would",
    "i would",
    "yes you can",
    "yes i am",
    "thats it",
    "exactly it",
    "is the name",
    "is my name",
    "calling from",
)
#: A day after which no hour follows: "the second would be perfect", "the fourth, please".
_ROUNDED_OFF = re.compile(
    r"\b(?:please|thanks|thank you|works(?: for me)?|would be (?:just |really )?\w+|would work(?: for me)?)[.!?]?$",
    re.IGNORECASE,
)
_SENTENCE_ENDS = (".", "?", "!")
#: Wishes that begin something, said where only a yes or a no was asked for.
_ERRANDS = frozenset({Wish.BOOK, Wish.MOVE, Wish.CANCEL})
#: "11 a." is how a recogniser writes an "AM" of which it heard the beginning.
_CLIPPED_HALF = re.compile(r"\d ?[ap]\.?$")
#: Wishes that nothing need follow.
_WHOLE_WISHES = frozenset({Wish.REPEAT, Wish.HUMAN, Wish.NO_RECORDING, Wish.SLOWER, Wish.LOUDER, Wish.SPELL})
#: Not a question by their tone, they mostly begin a correction.
_OPENERS = frozenset({"sorry", "im sorry", "excuse me"})
_TRAILS = ("...", "…", "-", ",", ";", ":")


def is_complete(text: str, expects: Expect, facts: Facts) -> bool:
    """Whether nothing more is to be expected; False only means: wait a little longer.

    Args:
        facts: what `understand` made of the same text.
    """
    words = split_words(text)
    if not words or _begins_only(text.rstrip(), words):
        return False
    if facts.emergency is not None:
        return True
    if is_unfinished(text, expects, facts):
        return False
    # more digits will not make a garbled number one
    if facts.is_phone_garbled or facts.wishes & _WHOLE_WISHES:
        return True
    if _is_clipped(text, facts):
        return _ANSWERS[expects](facts)
    if _asks_whole(text.rstrip(), facts):
        return True
    if Wish.GOODBYE in facts.wishes:
        # a "hi" misheard as "bye" must not end a call that has only begun
        return expects in (Expect.ANY, Expect.YES_NO)
    if facts.when is not None and facts.when.has_day and not facts.when.has_time and expects in _ASKED_WIDELY:
        return _ROUNDED_OFF.search(text) is not None  # "on Thursday," is mostly followed by the hour
    if facts.phone is not None and _counts_local_only(words):
        return False
    return _ANSWERS[expects](facts)


def is_unfinished(text: str, expects: Expect, facts: Facts) -> bool:
    """Whether the words themselves tell that more will come; whoever says that they are all is wrong."""
    words = split_words(text)
    if not words or _begins_only(text.rstrip(), words):
        return True
    if facts.emergency is not None:
        return False
    if expects is Expect.MESSAGE or facts.message is not None:
        return True  # a message mostly goes on after a pause
    if _is_clipped(text, facts):
        return False
    last_raw = text.rstrip(" .?!").rsplit(maxsplit=1)[-1].lower()
    is_ending = joined(words).endswith(_ENDINGS)
    if (words[-1].norm in _DANGLING or last_raw in _DANGLING) and not is_ending and not _ends_in_digits(words):
        return True
    return facts.phone_digits is not None


def _is_clipped(text: str, facts: Facts) -> bool:
    return _CLIPPED_HALF.search(text.lower()) is not None and facts.when is not None


def _asks_whole(text: str, facts: Facts) -> bool:
    if text.endswith("?") and (facts.objection or facts.asks_offer is not None):
        return True
    return text.endswith(_SENTENCE_ENDS) and bool(facts.questions)


def _begins_only(text: str, words: list[Word]) -> bool:
    return text.endswith(_TRAILS) or (joined(words) in _OPENERS and not text.endswith("?"))


def _counts_local_only(words: list[Word]) -> bool:
    """Seven digits make a number with the tenant's area code, but three more may follow."""
    return any(len(run.digits) == LOCAL_DIGITS for run in digit_runs(words))


def _ends_in_digits(words: list[Word]) -> bool:
    runs = digit_runs(words)
    return bool(runs) and runs[-1].stop == len(words) and len(runs[-1].digits) >= NATIONAL_DIGITS


def _has_time(facts: Facts) -> bool:
    return facts.when is not None and facts.when.has_time


def _has_choice(facts: Facts) -> bool:
    return any(said is not None for said in (facts.choice, facts.answer, facts.staff)) or _has_time(facts)


def _settles_it(facts: Facts) -> bool:
    """A no is mostly followed by what is wrong, "no, thanks" by a goodbye; what is said instead of both is whole."""
    if facts.answer is False:
        return facts.has_details
    return facts.answer is True or _has_time(facts) or bool(facts.wishes & _ERRANDS)


_ASKED_WIDELY = frozenset({Expect.ANY, Expect.SERVICE, Expect.WHEN})
_ANSWERS: dict[Expect, Callable[[Facts], bool]] = {
    Expect.ANY: lambda facts: facts.is_understood,
    Expect.SERVICE: lambda facts: facts.service_id is not None,
    Expect.WHEN: _has_time,
    Expect.CHOICE: _has_choice,
    Expect.NAME: lambda facts: facts.name is not None and " " in facts.name,
    Expect.PHONE: lambda facts: facts.phone is not None or facts.same_number,
    Expect.YES_NO: _settles_it,
    Expect.LEAD: lambda facts: facts.lead is not None or facts.answer is not None,
    Expect.MESSAGE: lambda facts: False,
}
