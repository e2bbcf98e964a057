"""Words to facts in steps, each dearer than the one before and asked only where that left something open.

1. Grammar: `understand`. Synchronous, under a millisecond; alone it decides where a turn ends.
2. Embedding: what the sentence means, likened to sentences that are known (`agent.understanding.meaning`).
3. Knowledge: what the business has written, likened to the sentence (`agent.understanding.look_up`); a model may
   shorten it (`agent.understanding.shortener`).
4. Model: whoever implements `Interpreter` (`agent.understanding.interpreter`); there is none unless one is given.

Every answer states its confidence. A later step adds to what an earlier one read. What is likely but not certain is
marked doubtful: the rules ask about it and do not act. A step that fails or is late is left out for a while, with one
line in the log, and the call goes on without it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from agent.domain.errors import FleetError
from agent.domain.facts import Expect, Facts, Step, Wish
from agent.domain.questions import Topic
from agent.domain.tenant import Tenant
from agent.runtime.logs import get_logger
from agent.understanding.interpreter import CallersTurn, Puzzle
from agent.understanding.look_up import Library, answered, as_question, asked_beside, with_findings
from agent.understanding.meaning import Embedder, Meaning, Models, ServiceNames, read_meaning
from agent.understanding.utterance import understand
from agent.understanding.words import split_words

_log = get_logger("agent.understanding.cascade")
#: Dates and times of held-back phrases that the grammar reads exactly (tests/data/sgd).
GRAMMAR_CONFIDENCE = 0.98
#: From here on a meaning is acted on, and from here on it is asked about.
ACCEPT = 0.85
CONFIRM = 0.40
#: No likeness is stated to be surer than what it was worth: of 85 kept-back readings from ACCEPT on, 83 were right.
MOST_CONFIDENCE = 0.97
#: That somebody is in danger is never certain from a likeness: more likely than not, whom to call is said with an "if".
CONFIRM_EMERGENCY = 0.50
#: Of a step; the embedding takes about a tenth of it when the machine is not overloaded.
_EMBED_S = 0.25
_SERVICES_S = 2.0
#: How long a step that failed is left out.
_PAUSE_S = 5.0
#: One word that no grammar knows has no meaning to liken.
_LEAST_WORDS = 2
_CHANGES = frozenset({Wish.MOVE, Wish.CANCEL})
#: A likeness never ends a call by itself: there is no later question that would notice.
_ALWAYS_ASKED = frozenset({Wish.GOODBYE})
#: Certain wishes that a passage of the knowledge base never answers instead.
_BEFORE_ANSWERS = frozenset({Wish.HUMAN, Wish.MESSAGE})
#: Wishes that leave open what is to be booked, when the question was what the caller wants.
_OPEN_WISHES = frozenset({Wish.BOOK, Wish.THANKS})
_ONLY_TURN = CallersTurn()
#: Readings of the grammar that are remembered: a turn's as it grows, and its parts.
_MOST_READ = 16


class Interpreter(Protocol):
    """The third step: reads what both others could not, within a deadline of its own; None when it cannot either."""

    async def interpret(self, puzzle: Puzzle) -> Facts | None: ...


class Shortener(Protocol):
    """Makes what the knowledge base answers shorter, within a deadline of its own."""

    async def shorten(self, facts: Facts, turn: int) -> Facts: ...


@dataclass(slots=True)
class Cascade:
    """One call's understanding.

    Args:
        embedder: None leaves the second step out, as it is left out while the embedder is away.
        models: what the second step knows; needed with an embedder.
        failures: times the second step was left out because it failed.
    """

    tenant: Tenant
    embedder: Embedder | None = None
    models: Models | None = None
    interpreter: Interpreter | None = None
    library: Library | None = None
    shortener: Shortener | None = None
    failures: int = 0
    _services: ServiceNames | None = None
    _paused_until: float = 0.0
    _read: dict[tuple[str, Expect, datetime], Facts] = field(default_factory=dict)

    def grammar(self, text: str, expects: Expect, now: datetime) -> Facts:
        """The first step alone; asked the same again within a second, as a pause does, it answers from memory."""
        about = (text, expects, now.replace(microsecond=0))
        if about not in self._read:
            facts = understand(text, expects=expects, tenant=self.tenant, now=now)
            while len(self._read) >= _MOST_READ:
                del self._read[next(iter(self._read))]
            self._read[about] = replace(facts, confidence=GRAMMAR_CONFIDENCE if facts.is_understood else 0.0)
        return self._read[about]

    async def prepare(self) -> None:
        """Have the tenant's services ready before the first turn that needs them; never raises but when cancelled."""
        if self.embedder is not None and self._services is None:
            try:
                self._services = await ServiceNames.of(self.tenant, self.embedder, deadline_s=_SERVICES_S)
            except FleetError as error:
                self._leave_out(error)

    async def understand(self, text: str, expects: Expect, now: datetime, turn: CallersTurn = _ONLY_TURN) -> Facts:
        """What an utterance tells us, by as many steps as it takes; never raises but when cancelled."""
        facts = await self._understood(text, expects, now, turn)
        return facts if self.shortener is None else await self.shortener.shorten(facts, turn.number)

    async def _understood(self, text: str, expects: Expect, now: datetime, turn: CallersTurn) -> Facts:
        facts = self.grammar(text, expects, now)
        puzzle = Puzzle(text, expects, now, turn)
        if self.library is not None and not turn.is_dictated:
            asked = await asked_beside(facts, self.library, lambda part: self.grammar(part, expects, now))
            if asked is not None:
                return await self._graver(asked, expects) or asked
            facts = await with_findings(facts, self.library)
        if _is_riddle(facts):
            found = answered(facts)
            if found is not None and not found.is_doubtful:
                return await self._graver(facts, expects) or found
            # what no answer is known to may be a wish in the form of a question
            meant = await self._by_more(replace(facts, questions=(), confidence=0.0), puzzle)
            return meant if meant.is_understood else found or facts
        return await self._by_more(facts, puzzle)

    async def _graver(self, facts: Facts, expects: Expect) -> Facts | None:
        """What must not wait behind an answer, if that is what the words mean: danger, or the wish for somebody."""
        meant = await self._by_meaning(Facts(text=facts.text, is_private=facts.is_private), expects)
        is_certain = bool(meant.wishes & _BEFORE_ANSWERS) and not meant.is_doubtful
        return meant if meant.emergency is not None or is_certain else None

    async def _by_more(self, facts: Facts, puzzle: Puzzle) -> Facts:
        if is_settled(facts, puzzle.expects) or len(split_words(puzzle.words)) < _LEAST_WORDS:
            return facts
        is_read = facts.is_understood  # what the grammar read stays, however little it is
        facts = await self._by_meaning(facts, puzzle.expects)
        is_open = facts.emergency is None and (facts.is_doubtful or not facts.is_understood)
        if self.library is not None and is_open and not is_read:
            asked = await as_question(facts, puzzle, self.library)
            if asked is not None and not (facts.is_understood and asked.is_doubtful):
                return asked
        if facts.is_understood or self.interpreter is None:
            return facts
        found = await self.interpreter.interpret(puzzle)
        return facts if found is None else replace(found, text=puzzle.words, step=Step.MODEL, is_doubtful=True)

    async def _by_meaning(self, facts: Facts, expects: Expect) -> Facts:
        is_paused = asyncio.get_running_loop().time() < self._paused_until
        if self.embedder is None or self.models is None or is_paused:
            return facts
        try:
            (vector,) = await self.embedder.embed([facts.text], deadline_s=_EMBED_S)
        except FleetError as error:
            self._leave_out(error)
            return facts
        await self.prepare()
        names_service = facts.service_id is None and expects in (Expect.ANY, Expect.SERVICE)
        meaning = read_meaning(facts.text, vector, self.models, self._services if names_service else None)
        return with_meaning(facts, meaning)

    def _leave_out(self, error: FleetError) -> None:
        self._paused_until = asyncio.get_running_loop().time() + _PAUSE_S
        self.failures += 1
        _log.warning("understanding.embedding_away", error=str(error), pause_s=_PAUSE_S)


def _is_riddle(facts: Facts) -> bool:
    """Whether all that was understood is that something was asked."""
    is_unknown = bool(facts.questions) and all(each.topic is Topic.UNKNOWN for each in facts.questions)
    return is_unknown and not replace(facts, questions=()).is_understood


def is_settled(facts: Facts, expects: Expect) -> bool:
    """Whether the grammar's reading leaves nothing open that a sentence's meaning could tell."""
    if not facts.is_understood:
        return False
    if facts.emergency is not None or facts.is_private or facts.questions or facts.objection or facts.lead:
        return True
    if expects in (Expect.ANY, Expect.SERVICE):
        return facts.service_id is not None or facts.answer is not None or bool(facts.wishes - _OPEN_WISHES)
    return True


def with_meaning(facts: Facts, meaning: Meaning) -> Facts:
    """The grammar's facts and what the sentence's meaning adds to them."""
    emergency = meaning.emergency
    if emergency is not None and emergency[1] >= CONFIRM_EMERGENCY:
        return replace(_added(replace(facts, emergency=emergency[0]), emergency[1]), is_doubtful=True)
    wishes = [(wish, value) for wish, value in meaning.wishes if value >= CONFIRM and wish not in facts.wishes]
    if wishes and {wish for wish, _ in wishes} != {Wish.BOOK}:
        # one that is certain is not made doubtful by another that is not
        certain = [(wish, value) for wish, value in wishes if value >= ACCEPT] or wishes[:1]
        added = frozenset(wish for wish, _ in certain)
        # "scrap my appointment" names one that exists; "and give me a new one" books one too
        books = not added & _CHANGES or dict(meaning.wishes).get(Wish.BOOK, 0.0) >= CONFIRM
        known = (facts.wishes if books else facts.wishes - {Wish.BOOK}) | added
        found = _added(replace(facts, wishes=known), min(value for _, value in certain))
        return replace(found, is_doubtful=found.is_doubtful or bool(added & _ALWAYS_ASKED))
    if meaning.service is not None:
        service_id, confidence = meaning.service
        return _added(replace(facts, service_id=service_id, wishes=facts.wishes | {Wish.BOOK}), confidence)
    if wishes:
        return _added(replace(facts, wishes=facts.wishes | {Wish.BOOK}), wishes[0][1])
    return facts


def _added(facts: Facts, confidence: float) -> Facts:
    """Facts with something the embedding step read, which is as sure as `confidence`."""
    stated = round(min(confidence, MOST_CONFIDENCE), 2)
    return replace(facts, step=Step.EMBEDDING, confidence=stated, is_doubtful=confidence < ACCEPT)
