"""What the caller makes out of the agent's words: of the turn under way, and of turns whose words are still owed.

Recognition takes time, so it is asked for ahead: at a pause, before the turn is known to be over. One request for
the turn under way is out at a time; a later one would only queue up behind it. What followed a pause in which nobody
answered is recognised by itself: of two sentences with a long pause between them a small recogniser may drop one.
"""

from __future__ import annotations

from dataclasses import dataclass

from loadtest.caller.effects import Effect, Recognise
from loadtest.caller.onset import Spurt
from loadtest.caller.readings import SEPARATOR
from loadtest.caller.record import AgentTurn, Record
from loadtest.caller.words import matches, normalise

#: Recognition starts this long into a pause, so that the words are there when the turn is over.
_EAGER_NS = 400_000_000
_GLANCE_EVERY_NS = 600_000_000


@dataclass
class _Words:
    """What is known of the agent's turn under way."""

    asked_until_ns: int = 0  # end of the audio last sent to the recogniser
    text: str = ""  # the words of that audio, once they are back
    readings: tuple[str, ...] = ("",)  # the same first, then other ways to hear a number in it
    text_until_ns: int = -1
    glanced_ns: int = 0
    turn: AgentTurn | None = None
    before: str = ""  # words up to the last pause that nobody answered
    before_until_ns: int = 0


@dataclass(frozen=True)
class _Asked:
    """A request to the recogniser; its words come after those `before` it."""

    turn: AgentTurn | None
    until_ns: int
    before: str


class Listening:
    """The caller's ears for one call.

    Args:
        record: every turn of the agent's is entered there.
        has_ear: False: nothing is recognised, and every turn counts as known and expected.
        effects: requests to the recogniser are put there.
    """

    def __init__(self, record: Record, *, has_ear: bool, effects: list[Effect]) -> None:
        self.has_ear = has_ear
        self._record = record
        self._effects = effects
        self._words = _Words()
        self._tokens: dict[int, _Asked] = {}
        self._last_token = 0

    @property
    def said(self) -> str:
        """The words of the turn under way, as patterns are written."""
        return normalise(self._words.text)

    @property
    def readings(self) -> tuple[str, ...]:
        """The words of the turn under way as the recogniser wrote them, then other ways to hear a number in them."""
        return self._words.readings

    def begin(self) -> None:
        """The agent has begun a turn."""
        self._words = _Words()

    def heard(self, token: int, text: str) -> None:
        """The recogniser's words for an earlier request, their readings a line each."""
        asked = self._tokens.pop(token)
        readings = tuple(f"{asked.before} {reading}".strip() for reading in text.split(SEPARATOR))
        if asked.turn is not None:
            asked.turn.text = readings[0]
        elif asked.until_ns >= self._words.text_until_ns:
            self._words.text, self._words.text_until_ns = readings[0], asked.until_ns
            self._words.readings = readings

    def owes_words(self, turn: AgentTurn) -> bool:
        """Whether a turn's words are still being recognised, or will be once it has stopped."""
        return turn.text is None and self.has_ear

    @property
    def awaits_words(self) -> bool:
        """Whether words are still owed for the record."""
        return any(map(self.owes_words, self._record.agent))

    def pause(self, spurts: list[Spurt], quiet_ns: int, *, closely: bool) -> None:
        """The agent has been quiet for so long: ask for the words unless they are known or asked for.

        Args:
            closely: with other ways to hear a number in them, which on a busy machine takes longer than an agent waits.
        """
        until_ns = spurts[-1].offset_ns
        is_new = self._words.asked_until_ns < until_ns and not self._is_recognising
        if self.has_ear and quiet_ns >= _EAGER_NS and is_new:
            self._words.asked_until_ns = until_ns
            self._ask_on(None, spurts, max(until_ns, self._words.text_until_ns), closely=closely)

    def settle(self) -> None:
        """The agent paused and nobody answers: what it says next is recognised by itself."""
        if not self._is_recognising:
            self._words.before, self._words.before_until_ns = self._words.text, self._words.text_until_ns

    def knows(self, spurts: list[Spurt]) -> bool:
        """Whether all that was said in this turn has been recognised."""
        return not self.has_ear or self._words.text_until_ns >= spurts[-1].offset_ns

    def glance(self, patterns: list[str], spurts: list[Spurt], now_ns: int) -> str | None:
        """The pattern that fits what is known of a turn that goes on; asks for more words when none does."""
        pattern = matches(patterns, self.said)
        is_due = now_ns - self._words.glanced_ns >= _GLANCE_EVERY_NS and not self._is_recognising
        if pattern is None and is_due:
            self._words.glanced_ns = now_ns
            self._ask_on(None, spurts, now_ns)
        return pattern

    def matching(self, patterns: list[str]) -> str | None:
        """The pattern that a reading of the turn fits; that reading is then what was heard."""
        for reading in self._words.readings:
            if (pattern := matches(patterns, normalise(reading))) is not None:
                self._words.text = reading
                return pattern
        return None

    def close(self, spurts: list[Spurt], matched: str | None, *, cut_off: bool = False) -> None:
        """Enter the agent's turn into the record; words not yet known are asked for."""
        if not spurts:
            return
        turn = AgentTurn(spurts[0].onset_ns, spurts[-1].offset_ns, matched=matched, cut_off=cut_off)
        self._record.agent.append(turn)
        if self._record.turns and self._record.turns[-1].answer is None:
            self._record.turns[-1].answer = turn
        self._words.turn = turn
        if not self.has_ear or cut_off:
            return  # what was cut off is recognised when it has stopped
        if self._words.text_until_ns >= turn.offset_ns:
            turn.text = self._words.text
        else:
            self._ask_on(turn, spurts, turn.offset_ns)

    def stopped(self, at_ns: int) -> None:
        """The turn that was cut off has ended here."""
        turn = self._words.turn
        if turn is not None:
            turn.offset_ns = at_ns
            if self.has_ear:
                self._ask(turn, turn.onset_ns, turn.offset_ns)

    def _ask_on(self, turn: AgentTurn | None, spurts: list[Spurt], to_ns: int, *, closely: bool = False) -> None:
        """Ask for what followed the last pause that nobody answered."""
        later = [spurt.onset_ns for spurt in spurts if spurt.onset_ns >= self._words.before_until_ns]
        if later:
            self._ask(turn, later[0], to_ns, self._words.before, closely=closely)
        else:
            self._ask(turn, spurts[0].onset_ns, to_ns, closely=closely)

    def _ask(
        self, turn: AgentTurn | None, from_ns: int, to_ns: int, before: str = "", *, closely: bool = False
    ) -> None:
        self._last_token += 1
        self._tokens[self._last_token] = _Asked(turn, to_ns, before)
        self._effects.append(Recognise(self._last_token, from_ns, to_ns, closely))

    @property
    def _is_recognising(self) -> bool:
        """Whether the turn under way is with the recogniser."""
        return any(asked.turn is None for asked in self._tokens.values())
