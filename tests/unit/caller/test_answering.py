"""The person who is called: against a caller that is our own SIP client, without sockets."""

from __future__ import annotations

import pytest

from loadtest.caller.answering import Answering
from loadtest.caller.dialog import Dialog, Phase
from loadtest.caller.dialog_events import Answered, Over, Ringing
from loadtest.caller.script import Answer
from loadtest.caller.sip_message import parse, parse_uri

_CALLER, _PERSON = ("10.1.0.2", 5060), ("10.1.0.3", 5070)


class _Wire:
    """Carries datagrams between the two until both are silent."""

    def __init__(self, **manners: object) -> None:
        self.caller = Dialog(parse_uri("sip:+15550109300@10.1.0.3:5070"), "+15550100100", _CALLER, 40000)
        self.person = Answering(_PERSON, 40010, Answer.model_validate(manners))
        self.caller.start(0.0)
        self.statuses: list[int] = []
        self.settle(0.0)

    def settle(self, at_s: float, *, losing: int = 0) -> None:
        """Deliver; the first `losing` of the person's datagrams are lost."""
        while self.caller.outbox or self.person.outbox:
            to_person, self.caller.outbox = self.caller.outbox, []
            for _, data in to_person:
                self.person.receive(data, _CALLER, at_s)
            to_caller, self.person.outbox = self.person.outbox[losing:], []
            losing = 0
            for _, data in to_caller:
                self.statuses.append(parse(data).status)
                self.caller.receive(data, _PERSON, at_s)

    def poll(self, at_s: float, *, losing: int = 0) -> None:
        self.person.poll(at_s)
        self.settle(at_s, losing=losing)


def test_it_rings_for_as_long_as_the_script_says_and_is_then_answered() -> None:
    wire = _Wire(ring_s=1.0)
    assert (wire.caller.phase, wire.person.phase) == (Phase.RINGING, Phase.RINGING)
    assert wire.person.next_deadline_s() == 1.0
    wire.poll(1.0)
    assert (wire.caller.phase, wire.person.phase) == (Phase.UP, Phase.UP)
    ringing, answered = wire.person.events
    assert ringing == Ringing(0.0)
    assert isinstance(answered, Answered)
    assert (answered.media.host, answered.media.port) == ("10.1.0.2", 40000)
    assert wire.person.next_deadline_s() == float("inf")


def test_an_answer_that_is_lost_is_sent_again() -> None:
    wire = _Wire(ring_s=1.0)
    wire.poll(1.0, losing=1)
    assert wire.caller.phase is Phase.RINGING
    wire.poll(wire.person.next_deadline_s())
    assert wire.caller.phase is Phase.UP
    assert wire.person.next_deadline_s() == float("inf")


@pytest.mark.parametrize("status", [486, 603])
def test_a_call_may_be_refused(status: int) -> None:
    wire = _Wire(ring_s=0.5, refuse=status)
    wire.poll(0.5)
    assert (wire.caller.status, wire.caller.phase) == (status, Phase.OVER)
    assert wire.person.events[-1] == Over(0.5, "refused")
    assert wire.person.idle


def test_a_caller_who_gives_up_is_told_so() -> None:
    wire = _Wire(never=True)
    assert wire.person.next_deadline_s() == float("inf")
    wire.caller.hang_up(6.0)
    wire.settle(6.0)
    assert (wire.caller.status, wire.person.status) == (487, 487)
    assert wire.person.events[-1] == Over(6.0, "agent")
    assert wire.person.idle


@pytest.mark.parametrize(("who", "by"), [("person", "caller"), ("caller", "agent")])
def test_either_side_may_hang_up(who: str, by: str) -> None:
    wire = _Wire(ring_s=0.0)
    wire.poll(0.0)
    getattr(wire, who).hang_up(9.0)
    wire.settle(9.0)
    assert wire.person.events[-1] == Over(9.0, by)
    assert (wire.caller.phase, wire.caller.idle, wire.person.idle) == (Phase.OVER, True, True)


def test_a_second_call_meanwhile_is_busy() -> None:
    wire = _Wire(ring_s=0.0)
    wire.poll(0.0)
    other = Dialog(parse_uri("sip:+15550109300@10.1.0.3:5070"), "+15550100200", ("10.1.0.4", 5060), 40020)
    other.start(1.0)
    for _, data in other.outbox:
        wire.person.receive(data, ("10.1.0.4", 5060), 1.0)
    ((address, answer),) = wire.person.outbox
    assert (address, parse(answer).status) == (("10.1.0.4", 5060), 486)
