"""What is said beside the booking: questions, objections, and requests about how we speak.

A digression is answered first. Whatever else the same words told goes to the stage's own rule; when they told nothing
else, the open question is asked again, shortly. Nothing that is held or known is lost by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from agent.domain import leads, manner
from agent.domain.answering import answer
from agent.domain.events import Said
from agent.domain.facts import Expect, Facts, When, Wish
from agent.domain.lines import Line, LineKey, cited, line
from agent.domain.objections import Objection
from agent.domain.side_talk import MOST_UNANSWERED, Paused
from agent.domain.state import PENDING_STAGES, CallState, EndReason, Stage, Transition
from agent.domain.steps import ask
from agent.domain.talk import MAX_MISSES, end, farewell, say
from agent.domain.tenant import Recording, Tenant

#: Takes (state, event, now, tenant): the rule of a stage.
Handler = Callable[[CallState, Said, datetime, Tenant], Transition]

#: Questions answered in one breath; a third would not be remembered.
MOST_ANSWERS = 2

#: How a question is asked again after a digression, where the first wording was long. Same arguments, or none.
SHORTER: dict[LineKey, LineKey] = {
    LineKey.READ_BACK: LineKey.READ_BACK_SHORT,
    LineKey.FOUND_AND_MOVE: LineKey.ASK_OTHER_TIME,
    LineKey.ASK_OTHER_THAN_NOW: LineKey.ASK_OTHER_TIME,
    LineKey.FOUND_AND_CANCEL: LineKey.SHALL_I_CANCEL,
    LineKey.TIME_IS_PAST: LineKey.ASK_OTHER_TIME,
    LineKey.TIME_IS_TOO_FAR: LineKey.ASK_OTHER_TIME,
    LineKey.NOTHING_FREE: LineKey.ASK_OTHER_TIME,
}
#: Who wants time is offered it at once.
_WANTS_TIME = frozenset({Objection.THINK, Objection.TIMING})
#: Questions in the form of a doubt: a yes or no beside them answers what we asked.
_ABOUT_US = frozenset({Objection.ROBOT, Objection.RECORDED})


def hear(handler: Handler, state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """What follows from a caller's words: the digressions in them, then the stage's own rule for the rest."""
    facts = event.facts
    if state.side.paused is not None and state.is_checking and facts.answer is True:
        return say(state, state.question)  # yes, still there: that leaves nothing
    if state.side.paused is not None and not manner.is_repetition(facts):
        state = _resumed(state)
        is_bare = not facts.questions and not _goes_on(replace(facts, answer=None), state)
        if is_bare and facts.answer is True:
            return end(state, EndReason.GOODBYE, farewell(state))
        if is_bare and facts.answer is False:
            return say(state, shortly(state.question))
    facts = _meaning_talked_of(state, facts)
    if _is_dictating(state):
        facts = _as_dictated(facts)
    if state.stage is Stage.DONE:
        facts = _as_parting(facts, now.astimezone(tenant.zone).date())
    told, lead = _digressions(state, facts, now, tenant)
    rest = _without_digressions(facts)
    if leads.is_due(told, rest, tenant):
        return _after(lead, leads.begin(told, rest, tenant))
    if _goes_on(rest, told) or not _has_digressions(facts):
        return _after(lead, handler(told, Said(rest), now, tenant))
    if facts.questions and facts.objection is None and told.side.answered == state.side.answered:
        return _back_unanswered(told, facts, lead)
    return _back_to_goal(replace(told, misses=0), facts, lead)


def shortly(question: tuple[Line, ...]) -> tuple[Line, ...]:
    """A question in as few words as still ask it."""
    return tuple(_shorter(asked) for asked in question)


def _shorter(asked: Line) -> Line:
    key = SHORTER.get(asked.key, asked.key)
    return Line(key, () if key is LineKey.ASK_OTHER_TIME else asked.args)


def _digressions(state: CallState, facts: Facts, now: datetime, tenant: Tenant) -> tuple[CallState, tuple[Line, ...]]:
    """What is remembered of the digressions, and what is said to them."""
    state, lead = manner.honour(state, facts, tenant)
    if facts.objection is not None:
        lead = (*lead, *_reply(state, facts, tenant))
        state = replace(state, side=replace(state.side, objections=(*state.side.objections, facts.objection)))
    for question in facts.questions[:MOST_ANSWERS]:
        found = answer(question, state, now, tenant)
        lead = (*lead, *(found or (_dont_know(tenant),)))
        side = state.side
        if found is None:
            asked = replace(question, finding=None)  # of the record, which has it
            side = replace(side, unanswered=(*side.unanswered, asked)[:MOST_UNANSWERED])
        else:
            side = replace(side, answered=side.answered + 1, talked_of=question.service_id or side.talked_of)
        state = replace(state, side=side)
    return state, lead


def _dont_know(tenant: Tenant) -> Line:
    return line(LineKey.DONT_KNOW if tenant.messages.is_taken else LineKey.DONT_KNOW_ONLY)


def _is_dictating(state: CallState) -> bool:
    """Whether words without a sense of their own are the message, or the rest of it; said after that they ask us."""
    return state.stage is Stage.MESSAGE or (state.stage is Stage.MESSAGE_URGENCY and state.misses == 0)


def _as_dictated(facts: Facts) -> Facts:
    """Words that are, or may be, a message: what they ask is not asked of us, but how we speak is."""
    objection = facts.objection if facts.objection in _ABOUT_US else None
    return replace(facts, questions=(), objection=objection, asks_offer=None)


def _as_parting(facts: Facts, today: date) -> Facts:
    """To "anything else?" "not right now, thanks" is a no: nothing is left to put off; so is "no, … today, thanks"."""
    if facts.answer is False and Wish.THANKS in facts.wishes and facts.when == When(today, today):
        facts = replace(facts, when=None)
    is_no = facts.objection in _WANTS_TIME and not facts.questions and not facts.has_details
    return replace(facts, objection=None, answer=False) if is_no else facts


def _reply(state: CallState, facts: Facts, tenant: Tenant) -> tuple[Line, ...]:
    """The reply to an objection, once: to raise it again is to mean it."""
    objection = facts.objection
    assert objection is not None
    if objection in state.side.objections and objection not in _ABOUT_US:
        return ()
    if facts.reply is not None and facts.reply.best is not None:
        return (cited(facts.reply.best),)
    own_words = tenant.knowledge.reply_to(objection)
    if objection is Objection.RECORDED:
        is_on = tenant.recording is Recording.ANNOUNCE and not state.declines_recording
        return (line(LineKey.IS_RECORDED if is_on else LineKey.IS_NOT_RECORDED),)
    if own_words:
        return (line(LineKey.OWN_WORDS, text=own_words),)
    return (line(LineKey.IS_ASSISTANT if objection is Objection.ROBOT else LineKey.OBJECTION_HEARD),)


def _back_unanswered(state: CallState, facts: Facts, lead: tuple[Line, ...]) -> Transition:
    """We knew no answer: as little help as not to have understood, so it counts, and `advance` leads out."""
    misses = state.misses if state.stage in PENDING_STAGES else state.misses + 1
    if misses >= MAX_MISSES:
        return Transition(replace(state, misses=misses))
    return _back_to_goal(replace(state, misses=misses), facts, lead)


def _back_to_goal(state: CallState, facts: Facts, lead: tuple[Line, ...]) -> Transition:
    """Nothing but digressions: the question that stood open stands open still."""
    if state.stage in PENDING_STAGES:
        return Transition(state, lead)
    if facts.objection is not None and _is_to_rest(state, facts.objection):
        return _offer_rest(state, lead)
    has_goal = state.service_id is not None or state.when is not None or state.change is not None
    if state.stage is Stage.SERVICE and not has_goal and (facts.questions or facts.objection):
        return ask(state, Stage.DONE, Expect.YES_NO, line(LineKey.ASK_ANYTHING_ELSE), lead=lead)
    question = _open_question(state, facts)
    # what corrects, and was taken for a question, needs everything once more
    asked = question if facts.correction else shortly(question)
    return say(state, (*lead, *manner.repeated(state, facts), *asked))


def _open_question(state: CallState, facts: Facts) -> tuple[Line, ...]:
    """Nothing is asked after a repetition, which ends with its own question."""
    return () if manner.repeated(state, facts) else state.question


def _is_to_rest(state: CallState, objection: Objection) -> bool:
    if state.aside is not None:
        return False  # to end there would lose the message
    is_again = state.side.objections.count(objection) > 1
    return objection not in _ABOUT_US and (is_again or objection in _WANTS_TIME)


def _offer_rest(state: CallState, lead: tuple[Line, ...]) -> Transition:
    question = (line(LineKey.OFFER_REST),)
    paused = Paused(state.question, state.expects)
    resting = replace(state, side=replace(state.side, paused=paused), question=question, expects=Expect.YES_NO)
    return say(resting, (*lead, *question))


def _resumed(state: CallState) -> CallState:
    paused = state.side.paused
    assert paused is not None
    return replace(
        state, side=replace(state.side, paused=None), question=paused.question, expects=paused.expects, misses=0
    )


def _meaning_talked_of(state: CallState, facts: Facts) -> Facts:
    """ "Can I book one for Thursday?" after "how much is a cleaning?" means a cleaning."""
    is_wish = Wish.BOOK in facts.wishes or facts.when is not None
    is_change = bool(facts.wishes & {Wish.MOVE, Wish.CANCEL}) or state.change is not None
    if facts.service_id is not None or state.service_id is not None or not is_wish or is_change:
        return facts
    return replace(facts, service_id=state.side.talked_of)


def _has_digressions(facts: Facts) -> bool:
    return bool(facts.questions) or facts.objection is not None or manner.is_asked(facts)


def _without_digressions(facts: Facts) -> Facts:
    """The words as the stage's own rule reads them; a hesitation takes the yes or no beside it back."""
    is_doubt = facts.objection is not None and facts.objection not in _ABOUT_US
    return replace(
        facts,
        questions=(),
        objection=None,
        reply=None,
        asks_offer=None,
        wishes=facts.wishes - manner.WISHES,
        answer=None if is_doubt and not facts.has_details else facts.answer,
    )


def _goes_on(facts: Facts, state: CallState) -> bool:
    is_qualified = facts.lead is not None and state.stage is Stage.QUALIFYING
    is_noted = state.aside is not None and any(v is not None for v in (facts.message, facts.is_urgent, facts.wrong))
    is_said = facts.answer is not None or facts.is_past or facts.is_private or is_qualified or is_noted
    return facts.has_details or is_said or bool(facts.wishes - {Wish.THANKS})


def _after(lead: tuple[Line, ...], transition: Transition) -> Transition:
    """The digressions' lines before those of the rule."""
    if not lead:
        return transition
    say_first = (*lead, *transition.say)
    state = replace(transition.state, last_lines=say_first) if transition.say else transition.state
    return Transition(state, say_first, transition.reads, transition.effects)
