"""The caller's carrier and a REFER: what it agrees to, tells, and does with a caller it has placed."""

from __future__ import annotations

import pytest

from loadtest.caller.dialog import Dialog, Phase
from loadtest.caller.dialog_events import Over, Referred
from loadtest.caller.referral import ReferScript
from loadtest.caller.sip_message import Message
from tests.unit.caller.far_end import TARGET, events, reply, sent, up


def _referred(status: int | None) -> Dialog:
    """A call that is up and has been asked, at 10 s, to call somebody else."""
    dialog = up()
    dialog.refer = ReferScript(status, 2.0)
    sent(dialog)
    events(dialog)
    _ask(dialog)
    return dialog


def _ask(dialog: Dialog) -> None:
    headers = (
        ("Via", "SIP/2.0/UDP 10.1.0.1:5060;branch=z9hG4bKrefer"),
        ("From", "<sip:+15550100@10.1.0.1>;tag=agent"),
        ("To", f"<sip:+15550123456@10.1.0.2>;tag={dialog.state.tag}"),
        ("Call-ID", dialog.call_id),
        ("CSeq", "7 REFER"),
        ("Refer-To", "<tel:+15550109300>"),
    )
    dialog.receive(Message("REFER", "sip:us", headers=headers).to_bytes(), TARGET, 10.0)


def _told(dialog: Dialog, at_s: float) -> list[Message]:
    dialog.poll(at_s)
    requests = [message for message in sent(dialog) if message.is_request]
    for request in requests:
        reply(dialog, request, 200, at_s=at_s)
    return requests


def test_a_refer_is_agreed_to_and_noted() -> None:
    dialog = _referred(200)
    assert sent(dialog) == []  # not at once: a carrier is a network away
    dialog.poll(dialog.next_deadline_s())
    answer, _ = sent(dialog)
    assert (answer.status, answer.cseq) == (202, (7, "REFER"))
    assert events(dialog) == [Referred(10.0, "tel:+15550109300")]


def test_a_refer_that_comes_again_is_answered_again_and_tried_once() -> None:
    dialog = _referred(200)
    _told(dialog, dialog.next_deadline_s())
    events(dialog)
    _ask(dialog)
    assert [message.status for message in sent(dialog)] == [202]
    assert events(dialog) == []


def test_a_caller_who_is_placed_leaves_after_saying_so() -> None:
    dialog = _referred(200)
    sent(dialog)
    events(dialog)
    (trying,) = _told(dialog, dialog.next_deadline_s())
    assert (trying.method, trying.body) == ("NOTIFY", b"SIP/2.0 100 Trying\r\n")
    assert trying.get("Event") == "refer;id=7"
    assert dialog.next_deadline_s() == pytest.approx(12.0, abs=0.1)
    (placed,) = _told(dialog, dialog.next_deadline_s())
    assert (placed.body, placed.get("Subscription-State")) == (b"SIP/2.0 200 OK\r\n", "terminated;reason=noresource")
    assert placed.cseq[0] == trying.cseq[0] + 1
    (bye,) = _told(dialog, dialog.next_deadline_s())
    assert bye.method == "BYE"
    (over,) = events(dialog)
    assert isinstance(over, Over)
    assert over.by == "carrier"
    assert dialog.idle


def test_a_caller_who_is_not_placed_stays() -> None:
    dialog = _referred(603)
    _told(dialog, dialog.next_deadline_s())
    (refused,) = _told(dialog, dialog.next_deadline_s())
    assert refused.body.startswith(b"SIP/2.0 603 ")
    assert dialog.next_deadline_s() == float("inf")
    assert dialog.phase is Phase.UP


def test_a_carrier_may_never_tell_what_became_of_it() -> None:
    dialog = _referred(None)
    _told(dialog, dialog.next_deadline_s())
    assert dialog.next_deadline_s() == float("inf")
    assert dialog.phase is Phase.UP


def test_without_a_script_a_refer_is_not_allowed() -> None:
    dialog = up()
    sent(dialog)
    headers = (
        ("Via", "SIP/2.0/UDP 10.1.0.1:5060;branch=z9hG4bKrefer"),
        ("To", f"<sip:+15550123456@10.1.0.2>;tag={dialog.state.tag}"),
        ("Call-ID", dialog.call_id),
        ("CSeq", "7 REFER"),
        ("Refer-To", "<tel:+15550109300>"),
    )
    dialog.receive(Message("REFER", "sip:us", headers=headers).to_bytes(), TARGET, 10.0)
    assert [message.status for message in sent(dialog)] == [405]
