"""One call: a caller and the agent talk until one of them leaves."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from loadtest.evaluation.business import Business
from loadtest.evaluation.caller import Act, Caller
from loadtest.evaluation.corpus import Corpus
from loadtest.evaluation.door import Door
from loadtest.evaluation.hearing import listen
from loadtest.evaluation.phrasing import Utterance
from loadtest.evaluation.plans import Plan
from loadtest.evaluation.word_errors import Tally, garbled

#: Who takes callers where somebody is there.
PERSON = "+15550109300"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn of the caller's and the reply to it.

    Attributes:
        utterance: what he meant to say; `delivered` is what arrived.
        heard_share: how much of the agent's words before he had let pass; None for all.
        understood, stage: what the agent made of it, for whoever looks for the cause of a fault; no judge reads it.
        cited: passages of the knowledge base behind the reply, each with `passage` and `used` (docs/chat.md).
    """

    utterance: Utterance
    delivered: str
    reply: str
    heard_share: float | None
    understood: dict[str, Any]
    stage: str
    effects: tuple[dict[str, Any], ...]
    cited: tuple[dict[str, Any], ...] = ()


@dataclass
class Transcript:
    """A whole call.

    Attributes:
        rows: what the diary holds at the end; `messages`: what the business can read;
            `transfers`: the numbers the caller was put through to. See `voicefleet rehearse`.
        has_agent_ended: the agent said the last words.
    """

    plan: Plan
    caller: Caller
    greeting: str = ""
    exchanges: list[Exchange] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    transfers: list[str] = field(default_factory=list)
    has_agent_ended: bool = False
    tally: Tally = field(default_factory=Tally)

    @property
    def misses(self) -> int:
        """How often the agent said that it had not understood."""
        plan, business = self.plan, self.caller.business
        return sum(listen(each.reply, business, plan.now.date()).is_missed for each in self.exchanges)


async def converse(plan: Plan, *, seed: int, business: Business, corpus: Corpus, door: Door) -> Transcript:
    """Hold one call. Raises DoorError."""
    rng = random.Random(f"{seed}/{plan.index}/talk")
    line = random.Random(f"{seed}/{plan.index}/line")
    caller = Caller(plan, business, corpus, rng)
    call = Transcript(plan, caller)
    step = await door.ask(**_arrangement(plan))
    call.greeting = words = step["spoken"]
    while not step["is_ended"]:
        act = caller.reply(words)
        if act.utterance is None:
            break
        step = await _speak(act, call, door, line)
        words = step["spoken"]
    call.has_agent_ended = step["is_ended"]
    if call.has_agent_ended:
        caller.reply(words)
    left = await door.ask(do="hang_up")
    call.rows, call.messages, call.transfers = left["rows"], left["messages"], left["transfers"]
    return call


async def _speak(act: Act, call: Transcript, door: Door, line: random.Random) -> dict[str, Any]:
    assert act.utterance is not None
    if act.heard_share is not None:
        await door.ask(do="cut", heard=act.heard_share)
    said = act.utterance.text
    delivered = garbled(said, line, call.tally) if call.plan.is_noisy else said
    step = await door.ask(do="say", words=delivered)
    stage, effects = step["state"]["after"], tuple(step["effects"])
    exchange = Exchange(
        act.utterance, delivered, step["spoken"], act.heard_share, step["understood"], stage, effects,
        tuple(step["cited"]),
    )  # fmt: skip
    call.exchanges.append(exchange)
    return step


def _arrangement(plan: Plan) -> dict[str, Any]:
    """The call and the diary it meets."""
    own = [
        {"service_id": each.service_id, "start": each.start.isoformat(), "name": each.name, "phone": each.phone}
        for each in plan.booked
    ]
    others = [
        {"service_id": service_id, "start": start.isoformat(), "name": None, "phone": None}
        for service_id, start in plan.others
    ]
    return {
        "do": "call", "now": plan.now.isoformat(), "from": plan.from_number, "booked": own + others,
        "person": PERSON if plan.is_person_there else None,
    }  # fmt: skip
