"""A call's head: proposes replies while the caller may still be speaking, commits the one that counts.

`propose` is speculative: it understands, asks the rules and runs reads, and leaves nothing behind when
its reply is never used. `commit` adopts a proposal; only then do effects run, in a task of the call's
own that no barge-in cancels, and the reply says what happened. LiveKit may ask for a reply before or
after it commits the turn, or twice; `reply_to` gives the right one in each case.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from agent.dialogue.acknowledging import acknowledged
from agent.dialogue.cues import cue
from agent.dialogue.effects import Desk, perform_effect, perform_read
from agent.dialogue.foresight import likely_lines
from agent.dialogue.hearing import Hearing, plain
from agent.dialogue.key_turns import event_of, heard_of_answer
from agent.dialogue.prompts import phrase
from agent.dialogue.proposal import Journal, Proposal
from agent.dialogue.speech import Speech
from agent.dialogue.switchboard import Nobody, Switchboard
from agent.domain.call import CallState, Transition, advance
from agent.domain.doubt import is_dictating
from agent.domain.events import INAUDIBLE, EmergencyHeard, Event, PromptCut, Said, StoreFailed, Unheard
from agent.domain.facts import Expect, Facts
from agent.domain.keypad import spelled
from agent.domain.lines import Line, LineKey, line
from agent.domain.manner import Delivery, gain_of, rate_of
from agent.domain.redaction import MASK
from agent.domain.state import Stage
from agent.domain.tenant import Tenant
from agent.domain.transfers import Transfer
from agent.runtime.logs import get_logger
from agent.runtime.tasks import TaskSet
from agent.understanding import CallersTurn, Cascade, is_complete, is_unfinished, read_emergency, read_emergency_so_far

_log = get_logger("agent.dialogue.conversation")
#: Reads that answer reads: more than this in one turn means the rules go in circles.
_MOST_STEPS = 6
_REMEMBERED_COMMITS = 8
#: Nobody pauses a telephone number there: of "five five five five" a recogniser drops one.
_A_DIGIT_SHORT = (8, 9)
#: The next turn waits this long for what the last one set in motion; storage deadlines are shorter.
_LONGEST_EFFECT_S = 10.0


class Conversation:
    """One call's dialogue, without any audio.

    Args:
        tenant: whose phone this is.
        call_id: holds and bookings are made in its name.
        state: as the call begins, or as it was when another agent lost it.
        desk: where openings and bookings are.
        clock: now, aware UTC.
        journal: told what was committed.
        prefetch: given words that will probably be spoken soon, to have their audio ready.
        cascade: how words are understood; None is the grammar alone.
        switchboard: puts the caller through to a person.
    """

    def __init__(
        self,
        tenant: Tenant,
        call_id: UUID,
        state: CallState,
        desk: Desk,
        clock: Callable[[], datetime],
        journal: Journal,
        prefetch: Callable[[str], None] = lambda _: None,
        cascade: Cascade | None = None,
        switchboard: Switchboard | None = None,
    ) -> None:
        self.tenant = tenant
        self._call_id = call_id
        self.state = state
        self._desk = desk
        self._clock = clock
        self._journal = journal
        self._prefetch = prefetch
        self._cascade = cascade or Cascade(tenant)
        self._switchboard = switchboard or Nobody()
        self._revision = 0
        self._latest: Proposal | None = None
        self._committed: OrderedDict[str, Proposal] = OrderedDict()
        self._effects = TaskSet("conversation")
        self._spoken = 0
        #: What is being said, or was said last.
        self._saying: Proposal | None = None
        #: One at a time: a reply worked out beside the commit of the same words would wait for a commit of its own.
        self._proposing = asyncio.Lock()
        self._last_commit: tuple[Proposal, float] | None = None
        self._hearing = Hearing()

    def is_over(self, text: str) -> bool:
        """Whether these words, said now, plainly finish the caller's turn; their meaning counts once it is known."""
        return is_complete(*self._judged(text))

    def is_unfinished(self, text: str) -> bool:
        """Whether these words, said now, plainly go on."""
        return is_unfinished(*self._judged(text))

    def _judged(self, text: str) -> tuple[str, Expect, Facts]:
        words = self._hearing.words(text, self.state.expects)
        at_hand = self._latest if self._latest is not None and self._is_current(self._latest, text) else None
        facts = at_hand.facts if at_hand is not None else None
        return words, self.state.expects, facts or self._understand(words)

    def is_misheard(self, text: str) -> bool:
        """Whether these words, said now, cannot be what was said."""
        facts = self._understand(text)
        is_short = self.state.expects is Expect.PHONE and len(facts.phone_digits or "") in _A_DIGIT_SHORT
        return facts.is_phone_garbled or is_short

    @property
    def cue(self) -> str:
        """A sentence like the one expected now; empty when anything may be said."""
        return cue(self.state.expects, self.tenant)

    @property
    def delivery(self) -> Delivery:
        """How it is to be spoken now: as the reply at hand has it, whose speech may be made before it counts."""
        proposed = self._latest
        is_at_hand = proposed is not None and proposed.revision == self._revision
        state = proposed.state if proposed is not None and is_at_hand else self.state
        return Delivery(rate_of(state), gain_of(state))

    @property
    def is_ended(self) -> bool:
        """Whether the call ends once what is being said has been spoken."""
        return self.state.stage is Stage.ENDED

    @property
    def stall(self) -> str:
        """What is said while speech that failed is tried again."""
        return self._phrase((line(LineKey.ONE_MOMENT),))

    @property
    def last_resort(self) -> str:
        """What is said when nothing new can be made into speech."""
        return self._phrase((line(LineKey.GIVE_UP_STORE),))

    async def reply_to(self, text: str, turn_id: str, *, asked_at: float) -> Speech:
        """The words for a turn that may or may not have been committed yet.

        Args:
            text: the turn as recognised so far.
            turn_id: LiveKit's id of the message; committed turns are recognised by it.
            asked_at: Unix time at which LiveKit began this reply. A speculation begun before the commit of
                the same words is the one LiveKit goes on to speak, under an id of its own.
        """
        async with self._proposing:
            if (committed := self._committed.get(turn_id)) is not None:
                return committed.speech
            last = self._last_commit
            if last is not None and asked_at <= last[1] and _same_words(last[0].heard, text):
                return last[0].speech
            return (await self._propose(text)).speech

    async def propose(self, text: str) -> Proposal:
        """Work out the reply to `text`, changing nothing."""
        async with self._proposing:
            return await self._propose(text)

    async def _propose(self, text: str) -> Proposal:
        await self._effects.join(timeout_s=_LONGEST_EFFECT_S)
        if self._latest is not None and self._is_current(self._latest, text):
            return self._latest
        state, speech = self.state, self._speech_for(text)
        words = self._hearing.words(text, state.expects)
        if words == INAUDIBLE:
            self._latest = await self._consider(Unheard(), state, words, speech)
        else:
            turn = CallersTurn(self._spoken, state.misses, is_dictating(state))
            facts = await self._cascade.understand(words, state.expects, self._clock(), turn)
            self._latest = await self._consider(Said(_marked(facts, words)), state, words, speech)
        self._latest.heard = text
        self._latest.ready_at = self._clock().timestamp()
        return self._latest

    async def commit(self, text: str, turn_id: str) -> Proposal:
        """The caller's turn is over and this is what they said: adopt its reply and run its effects once."""
        async with self._proposing:
            proposal = await self._propose(text)
            while proposal.revision != self._revision:  # we were cut off meanwhile, which changes the state
                proposal = await self._propose(text)
            self._adopt(proposal)
            self._hearing.committed(text, proposal.text)
            self._last_commit = (proposal, self._clock().timestamp())
            self._committed[turn_id] = proposal
            while len(self._committed) > _REMEMBERED_COMMITS:
                self._committed.popitem(last=False)
        return proposal

    async def press(self, keys: str) -> Proposal:
        """The caller pressed these keys as an answer, at least one: adopt what follows from it."""
        spoken = self._spoken
        async with self._proposing:
            await self._effects.join(timeout_s=_LONGEST_EFFECT_S)
            if self._spoken != spoken:  # what was worked out since cannot have been heard before they were pressed
                self.cut_off(0.0)
            heard = spelled(keys)
            text = self._hearing.words(heard, self.state.expects)
            proposal = await self._settle(event_of(keys, text), text)
            self._hearing.committed(heard, text)
        return proposal

    async def happen(self, event: Event) -> Proposal:
        """Something other than the caller's words happened; adopt what follows from it."""
        async with self._proposing:
            await self._effects.join(timeout_s=_LONGEST_EFFECT_S)
            return await self._settle(event, "")

    async def _settle(self, event: Event, text: str) -> Proposal:
        """Adopt what follows from an event, of the state as it is once the look-ups are back.

        A warning given meanwhile belongs to a turn that the caller still speaks: this event does not end it.
        """
        warned = self.state.warned
        proposal = await self._consider(event, self.state, text)
        while proposal.revision != self._revision:
            proposal = await self._consider(event, self.state, text)
        if warned is None and self.state.warned is not None:
            proposal.state = replace(proposal.state, warned=self.state.warned)
        self._adopt(proposal)
        return proposal

    def emergency_in(self, text: str, *, is_whole: bool) -> EmergencyHeard | None:
        """What a turn, or the words of one that goes on, tells of an emergency the caller was not warned about."""
        read = read_emergency if is_whole else read_emergency_so_far
        kind = read(plain(text), self.tenant)
        if kind is None:
            return None
        event = EmergencyHeard(kind)
        return event if advance(self.state, event, self._clock(), self.tenant).say else None

    def cut_in(self, event: EmergencyHeard) -> Proposal:
        """Adopt what follows from it at once, whatever effect or turn is under way: it changes neither."""
        transition = advance(self.state, event, self._clock(), self.tenant)
        proposal = Proposal("", self._revision, event, transition.state, transition.say, ())
        proposal.speech.add(self._phrase(transition.say))
        proposal.speech.finish()
        self._adopt(proposal)
        return proposal

    def cut_off(self, heard_fraction: float) -> None:
        """The caller interrupted us after hearing this share of the reply."""
        if self._saying is not None:
            self._saying.is_cut = True
            heard_fraction = heard_of_answer(self._saying.lines, heard_fraction, self._phrase)
        self._note_cut(heard_fraction)

    def ask_patience(self, proposal: Proposal) -> None:
        """Begin this adopted reply with a word of patience, unless it has begun."""
        if proposal.speech.is_awaited:
            patience = line(LineKey.ONE_MOMENT)
            proposal.lines += (patience,)
            proposal.speech.add(self._phrase((patience,)))

    def _note_cut(self, heard_fraction: float) -> None:
        transition = advance(self.state, PromptCut(heard_fraction), self._clock(), self.tenant)
        if transition.state is not self.state:
            self.state = transition.state
            self._revision += 1
            self._journal.settled(self.state)

    async def aclose(self, *, timeout_s: float = 3.0) -> None:
        """Let effects in progress finish, then end them."""
        await self._effects.join(timeout_s=timeout_s)
        await self._effects.aclose()

    def _understand(self, text: str) -> Facts:
        """By the grammar alone, which is quick enough to be asked while the caller speaks."""
        return _marked(self._cascade.grammar(text, self.state.expects, self._clock()), text)

    def _is_current(self, proposal: Proposal, text: str) -> bool:
        return proposal.revision == self._revision and _same_words(proposal.heard, text)

    def _speech_for(self, text: str) -> Speech:
        """Where the reply to these words goes: who waits for one to them that is out of date gets this one."""
        stale = self._latest
        is_waited_for = stale is not None and stale.speech.is_awaited and _same_words(stale.heard, text)
        return stale.speech if stale is not None and is_waited_for else Speech()

    async def _consider(self, event: Event, state: CallState, text: str, speech: Speech | None = None) -> Proposal:
        revision = self._revision
        transition = await self._resolve(advance(state, event, self._clock(), self.tenant))
        say = acknowledged(transition.say, event)
        proposal = Proposal(text, revision, event, transition.state, say, transition.effects)
        proposal.speech = speech or proposal.speech
        proposal.speech.add(self._phrase(say))
        if transition.effects:
            lines = likely_lines(transition, self._clock(), self.tenant)
            self._prefetch(self._phrase(lines, ahead=1))
        else:
            proposal.speech.finish()
        return proposal

    async def _resolve(self, transition: Transition) -> Transition:
        """Run reads until the rules ask for none."""
        say, effects = transition.say, transition.effects
        for _ in range(_MOST_STEPS):
            if not transition.reads:
                return Transition(transition.state, say, (), effects)
            event: Event | None = None
            for read in transition.reads:
                event = await perform_read(self._desk, self.tenant, read, self._clock())
            if event is None:
                break
            transition = advance(transition.state, event, self._clock(), self.tenant)
            say, effects = say + transition.say, effects + transition.effects
        raise RuntimeError(f"reads without end at stage {transition.state.stage.value}")

    def _adopt(self, proposal: Proposal) -> None:
        self.state = proposal.state
        self._revision += 1
        self._spoken += 1
        self._latest = None
        self._saying = proposal
        self._journal.committed(proposal)
        if proposal.effects:
            self._effects.start(self._carry_out(proposal), name="effects")

    async def _carry_out(self, proposal: Proposal) -> None:
        """Run the effects in order; each outcome may bring words and further effects.

        However an effect fails, its stage gets an answer: without one the call would be mute from here on.
        """
        try:
            await self._run_effects(proposal)
        except Exception:
            _log.exception("effects.failed", stage=self.state.stage.value)
            self._follow(proposal, advance(self.state, StoreFailed(), self._clock(), self.tenant))
        finally:
            proposal.speech.finish()

    async def _run_effects(self, proposal: Proposal) -> None:
        waiting = list(proposal.effects)
        for _ in range(_MOST_STEPS):
            if not waiting:
                return
            effect = waiting.pop(0)
            if isinstance(effect, Transfer):
                outcome = await self._switchboard.put_through(effect)
            else:
                outcome = await perform_effect(self._desk, self.tenant, self._call_id, effect)
            proposal.outcomes += ((effect, outcome),)
            if outcome is not None:
                transition = await self._outcome(outcome)
                self._follow(proposal, transition)
                waiting += transition.effects
        if waiting:
            raise RuntimeError(f"effects without end at stage {self.state.stage.value}")

    async def _outcome(self, event: Event) -> Transition:
        """What follows from it, of the state as it is once the look-ups are back: a cut or a warning may change it."""
        while True:
            revision = self._revision
            transition = await self._resolve(advance(self.state, event, self._clock(), self.tenant))
            if revision == self._revision:
                return transition

    def _follow(self, proposal: Proposal, transition: Transition) -> None:
        self.state = transition.state
        self._revision += 1
        self._journal.settled(self.state)
        say = acknowledged(transition.say, proposal.event) if proposal.speech.is_awaited else transition.say
        proposal.lines += say
        if proposal.is_cut:
            self._note_cut(0.0)
        proposal.speech.add(self._phrase(say))

    def _phrase(self, lines: tuple[Line, ...], *, ahead: int = 0) -> str:
        """The lines as text; `ahead` counts the commits until they are spoken, which chooses the variants."""
        return phrase(lines, self.tenant, self._clock(), seed=self._spoken + ahead) if lines else ""


def _marked(facts: Facts, text: str) -> Facts:
    return replace(facts, is_private=True) if MASK in text else facts


def _same_words(one: str, other: str) -> bool:
    return re.findall(r"\w+", one.lower()) == re.findall(r"\w+", other.lower())
