"""The one question that some callers ask the business in the middle of what they came for.

Asked whether another question was meant, he says yes to his own and no to any other; and of the words that answer him
he keeps for his goal only what asks him something: a passage may name times, services and names of its own.
"""

from __future__ import annotations

import re

from loadtest.evaluation.base_questions import BaseQuestion
from loadtest.evaluation.hearing import Ask, Heard
from loadtest.evaluation.phrasing import Utterance

#: What he may put it in place of an answer to; never of a yes or no.
_MAY_ASK_AT = (
    Ask.HELP, Ask.SERVICE, Ask.WHEN, Ask.DAY, Ask.OFFER, Ask.NAME, Ask.PHONE, Ask.BOOKED_PHONE, Ask.BOOKED_NAME,
    Ask.BOOKED_DAY, Ask.WHICH_APPOINTMENT,
)  # fmt: skip
#: Of the words of his question's title, and of what he heard of one, so many are the same.
_SAME_TITLE = 0.6
#: How sentences begin that belong to the question after them.
_LEADS_TO_A_QUESTION = re.compile(
    r"(?:^|(?<=[.?!] ))(?:so that's|so i'll|just to be sure|so far i have|i found|that's the list|i heard \w+day"
    r"|i have \w+day,|on \w+day, \w+ \d|you are booked|done\.|i've cancelled)",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"(?:^|(?<=[.?!] ))(?:[^.?!]|\b(?:Dr|Mr|Mrs|Ms|St)\.)*\?\W*$", re.IGNORECASE)


class SideQuestion:
    """A caller's question of the base.

    Args:
        question: None: he has none.
        at: the first turn of his at which he may ask it.
    """

    def __init__(self, question: BaseQuestion | None, at: int) -> None:
        self._question = question
        self._at = at
        self._is_asked = False
        self._is_answer_due = False

    def is_due(self, turn: int, heard: Heard) -> bool:
        """Whether he asks it now."""
        is_open = self._question is not None and not self._is_asked and turn >= self._at
        return is_open and heard.ask in _MAY_ASK_AT and not heard.is_refused

    def ask(self) -> Utterance:
        """Say it."""
        assert self._question is not None
        self._is_asked = self._is_answer_due = True
        return Utterance(self._question.words, is_side_question=True)

    def is_meant(self, heard: Heard) -> bool:
        """Whether the question that the agent asks about is his."""
        if self._question is None or not self._is_asked or heard.title is None:
            return False
        return any(_is_same_title(key, heard.title) for key in self._question.keys)

    def listened(self, *, is_asked_about: bool) -> None:
        """He has heard the reply; after "is this your question" the answer comes with the next."""
        self._is_answer_due = self._is_answer_due and is_asked_about

    def heeded(self, words: str) -> str:
        """What of these words is for his goal."""
        return what_is_asked(words) if self._is_answer_due else words


def what_is_asked(words: str) -> str:
    """The question at the end of these words, with the sentences that lead to it; all of them where none is asked."""
    question = _QUESTION.search(words)
    if question is None:
        return words
    leads = [match.start() for match in _LEADS_TO_A_QUESTION.finditer(words)]
    return words[min(question.start(), leads[-1]) if leads else question.start() :]


def _is_same_title(key: str, heard: str) -> bool:
    title, told = set(key.split("-")), set(re.findall(r"[a-z0-9]+", heard.lower()))
    return len(title & told) >= _SAME_TITLE * max(len(title), len(told))
