"""A simulated caller at his telephone: what the ear wrote goes in, what he says next comes out."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from loadtest.evaluation.caller import Act, Caller
from loadtest.evaluation.hearing import Ask, Heard, listen
from loadtest.evaluation.phrasing import Utterance
from loadtest.evaluation.pursuits import Scheduling
from loadtest.voice_evaluation.second_hearing import SecondHearing, Wished
from loadtest.voice_evaluation.spelling import as_written

_SAY_AGAIN = "Sorry, could you say that again?"


@dataclass(frozen=True, slots=True)
class Belief:
    """Something read back that he took for wrong, after two hearings.

    Attributes:
        at_ns: clock, when he made up his mind.
        fields: start, name, phone.
        wished: what he wished then.
    """

    at_ns: int
    fields: tuple[str, ...]
    wished: Wished


@dataclass(frozen=True, slots=True)
class Step:
    """One turn of his: what he heard, and what he does."""

    heard: str
    act: Act


@dataclass
class Mind:
    """One caller, and what he has heard and said.

    Attributes:
        repeats: how often he asked for something again because he did not trust his ear.
        name_corrections: how often he said that the name was wrong.
    """

    caller: Caller
    steps: list[Step] = field(default_factory=list)
    beliefs: list[Belief] = field(default_factory=list)
    repeats: int = 0
    name_corrections: int = 0
    has_cut_in: bool = False
    _doubt: SecondHearing = field(default_factory=SecondHearing)
    _has_asked_again: bool = False
    _before: Mind | None = None

    @property
    def may_cut_in(self) -> bool:
        """Whether he is one who says yes into a read-back, and has not yet."""
        return self.caller.plan.cuts_in and not self.has_cut_in

    def is_clear(self, readings: Sequence[str]) -> bool:
        """Whether these words call for an answer; else the agent may go on."""
        return self._gather(readings[0]).ask is not Ask.UNCLEAR

    def hear(self, readings: Sequence[str], now_ns: int) -> Act:
        """What he does after these words, each reading of them another way to hear them."""
        self._remember()
        gathered = [self._gather(reading) for reading in readings]
        wished = self._wished()
        is_unclear = gathered[0].ask is Ask.UNCLEAR and "?" in readings[0] and not self._has_asked_again
        heard = None if is_unclear else self._doubt.take(gathered, wished)
        self._has_asked_again = is_unclear
        if heard is None:
            self.repeats += 1
            act = Act(Utterance(_SAY_AGAIN))
        else:
            self._believe(heard, wished, now_ns)
            act = replace(self._spelled(self.caller.react(heard), wished), heard_share=None)
        self.steps.append(Step(readings[0], act))
        return act

    def _believe(self, heard: Heard, wished: Wished, now_ns: int) -> None:
        """What is read back otherwise is wrong, except the time of an offer: that he may have misheard."""
        believed, pursuit = self._doubt.believed, self.caller.pursuit
        if "start" in believed and heard.starts and isinstance(pursuit, Scheduling) and pursuit.adopt(heard.starts[-1]):
            believed = tuple(name for name in believed if name != "start")
        if believed:
            self.beliefs.append(Belief(now_ns, believed, wished))

    def _spelled(self, act: Act, wished: Wished) -> Act:
        """The same; a name that was wrong before is spelled, as anybody would."""
        if wished.booking is None or self._doubt.believed != ("name",) or act.utterance is None:
            return act
        self.name_corrections += 1
        if self.name_corrections == 1:
            return act
        letters = ", ".join(" ".join(part.upper()) for part in wished.booking.name.split())
        return replace(act, utterance=replace(act.utterance, text=f"{act.utterance.text} {letters}."))

    def cut_in(self, so_far: str) -> Act | None:
        """What he says into a read-back of which he has heard this; None: he had better listen."""
        self._remember()
        wished = self._wished()
        heard = SecondHearing().take([self._gather(f"{so_far} Is that right?")], wished)
        self.has_cut_in = True
        if heard is None:
            return None
        act = self.caller.react(heard)
        self.steps.append(Step(so_far, act))
        return act

    def unsay(self) -> None:
        """The agent has gone on before he opened his mouth: it was not his turn."""
        before = self._before
        if before is not None:
            self.__dict__.update(before.__dict__)

    def _remember(self) -> None:
        self._before = None
        known = (self.caller.business, self.caller.corpus)
        self._before = copy.deepcopy(self, {id(each): each for each in known})

    def _gather(self, text: str) -> Heard:
        written = as_written(text, self.caller.business)
        return listen(self.caller.heeded(written), self.caller.business, self.caller.plan.now.date())

    def _wished(self) -> Wished:
        pursuit = self.caller.pursuit
        booking = pursuit.wish or pursuit.goal.own
        moved_from = pursuit.goal.own.start if pursuit.goal.kind == "move" and pursuit.goal.own else None
        return Wished(booking, booking.phone if booking else self.caller.plan.phone, moved_from)
