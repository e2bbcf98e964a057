"""An agent of numbers on virtual time: no sound, no sockets, no recogniser."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from loadtest.caller.conversation import Conversation
from loadtest.caller.effects import HangUp, Press, Recognise, Say
from loadtest.caller.onset import SpeechTracker, Spurt
from loadtest.caller.readings import SEPARATOR
from loadtest.caller.record import Record
from loadtest.caller.script import Scenario
from loadtest.caller.verdict import judge

MS = 1_000_000
TICK_NS = 20 * MS
CLIP_MS = 700


@dataclass
class Utterance:
    """What the agent says: from when, for how long, in words."""

    start_ns: int
    length_ms: int
    text: str


@dataclass
class World:
    """An agent that answers each of the caller's turns with the next of its replies.

    A reply is (delay after the caller's last sample in ms, length in ms, words); "BYE" hangs up, None is silence.
    """

    scenario: Scenario
    replies: list[tuple[int, int, str] | None]
    stops_after_ms: int | None = 200
    hear_ms: int = 150
    hears_first_only: bool = False
    now_ns: int = 1_000_000 * MS
    said: list[str] = field(default_factory=list)
    utterances: list[Utterance] = field(default_factory=list)
    due: list[tuple[int, str, Any]] = field(default_factory=list)
    closely: list[bool] = field(default_factory=list)
    hung_up: bool = False

    def __post_init__(self) -> None:
        self.record = Record(invited_ns=self.now_ns, answered_ns=self.now_ns)
        self.tracker = SpeechTracker()
        self.conversation = Conversation(self.scenario, self.tracker, self.record)

    def run(self) -> World:
        self.conversation.answered(self.now_ns)
        self._reply()
        for _ in range(60 * 50 * 3):
            self.now_ns += TICK_NS
            self._advance()
            self.conversation.tick(self.now_ns)
            self._perform()
            if self.hung_up and not self.conversation.awaits_words:
                return self
        raise AssertionError(f"the conversation never ended; it stands at {self.conversation.state}")

    def failures(self) -> list[str]:
        return judge(self.scenario, self.record, status=200, reason="OK")

    def _reply(self) -> None:
        reply = self.replies.pop(0) if self.replies else None
        if reply is None:
            return
        delay_ms, length_ms, text = reply
        if text == "BYE":
            self.due.append((self.now_ns + delay_ms * MS, "bye", None))
        else:
            self.utterances.append(Utterance(self.now_ns + delay_ms * MS, length_ms, text))

    def _advance(self) -> None:
        for item in sorted(self.due, key=lambda due: due[0]):
            if item[0] <= self.now_ns:
                self.due.remove(item)
                self._happen(item[1], item[2], item[0])
        for utterance in self.utterances:
            end_ns = min(self.now_ns, utterance.start_ns + utterance.length_ms * MS)
            if end_ns - utterance.start_ns < 30 * MS:
                continue
            spurts = self.tracker.spurts
            if spurts and utterance.start_ns - spurts[-1].offset_ns < 300 * MS:
                spurts[-1].offset_ns = max(spurts[-1].offset_ns, end_ns)
            else:
                spurts.append(Spurt(utterance.start_ns, end_ns))

    def _happen(self, what: str, detail: Any, at_ns: int) -> None:
        if what == "caller ends":
            self.conversation.sending_ended(at_ns)
            self._reply()
        elif what == "words":
            self.conversation.heard(*detail)
        elif what == "agent stops":
            for utterance in self.utterances:
                if utterance.start_ns < at_ns < utterance.start_ns + utterance.length_ms * MS:
                    utterance.length_ms = (at_ns - utterance.start_ns) // MS
        elif what == "bye" and not self.hung_up:
            self.hung_up = True
            self.record.over_ns = at_ns
            self.conversation.over(at_ns, "agent")
            self._perform()

    def _perform(self) -> None:
        for effect in self.conversation.take_actions():
            if isinstance(effect, Recognise):
                inside = [u for u in self.utterances if effect.from_ns <= u.start_ns < effect.to_ns]
                inside = sorted(inside, key=lambda u: u.start_ns)[: 1 if self.hears_first_only else None]
                self.closely.append(effect.closely)
                heard = " ".join(u.text if effect.closely else u.text.split(SEPARATOR)[0] for u in inside)
                self.due.append((self.now_ns + self.hear_ms * MS, "words", (effect.token, heard)))
            elif isinstance(effect, HangUp) and not self.hung_up:
                self.hung_up = True
                self.record.over_ns = self.now_ns
                self.conversation.over(self.now_ns, "caller")
            elif isinstance(effect, Say | Press):
                self.said.append(effect.text if isinstance(effect, Say) else f"keys {effect.keys}")
                self.conversation.sending_began(self.now_ns)
                if self.stops_after_ms is not None:
                    self.due.append((self.now_ns + self.stops_after_ms * MS, "agent stops", None))
                self.due.append((self.now_ns + CLIP_MS * MS, "caller ends", None))


def scripted(lines: list[dict[str, Any]], **more: Any) -> Scenario:
    return Scenario.model_validate({"name": "test", "lines": lines, **more})


BYE = {"expect_bye": True, "within_s": 5}
