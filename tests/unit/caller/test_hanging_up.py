"""Ending a call from either side, and what the far end may ask while it is up."""

from __future__ import annotations

from loadtest.caller import sdp
from loadtest.caller.dialog import Dialog, Phase
from loadtest.caller.dialog_events import MediaMoved, Over, Ringing
from loadtest.caller.sip_message import Message
from tests.unit.caller.far_end import AGENT_CONTACT, TARGET, dialled, events, reply, sent, up


def _ask(dialog: Dialog, method: str, *, at_s: float, branch: str = "z9hG4bKin1", body: bytes = b"") -> Message:
    """Send a request of the agent's inside the dialog and return our one answer."""
    dialog.outbox.clear()
    headers = (
        ("Via", f"SIP/2.0/UDP 10.1.0.1:5060;branch={branch}"),
        ("From", "<sip:+15550100@10.1.0.1>;tag=agent"),
        ("To", f"<sip:+15550123456@10.1.0.2>;tag={dialog.state.tag}"),
        ("Call-ID", dialog.call_id),
        ("CSeq", f"1 {method}"),
    )
    dialog.receive(Message(method, "sip:us", headers=headers, body=body).to_bytes(), TARGET, at_s)
    (answer,) = sent(dialog)
    return answer


def test_hanging_up_while_it_rings_cancels_the_same_transaction() -> None:
    dialog = dialled()
    (invite,) = sent(dialog)
    reply(dialog, invite, 180, at_s=0.1)
    dialog.hang_up(1.0)
    (cancel,) = sent(dialog)
    assert (cancel.method, cancel.branch, cancel.cseq) == ("CANCEL", invite.branch, (1, "CANCEL"))
    assert cancel.get("To") == invite.get("To")
    reply(dialog, cancel, 200, at_s=1.01)
    reply(dialog, invite, 487, at_s=1.02)
    (ack,) = sent(dialog)
    assert (ack.method, ack.branch) == ("ACK", invite.branch)
    assert events(dialog)[-1] == Over(1.02, "caller")
    assert dialog.idle


def test_a_cancel_waits_for_the_first_provisional_answer() -> None:
    dialog = dialled()
    (invite,) = sent(dialog)
    dialog.hang_up(0.05)
    assert sent(dialog) == []
    reply(dialog, invite, 100, at_s=0.1)
    assert [message.method for message in sent(dialog)] == ["CANCEL"]


def test_hanging_up_on_nobody_ends_without_a_cancel() -> None:
    dialog = dialled()
    sent(dialog)
    dialog.hang_up(0.3)
    while not dialog.idle:
        dialog.poll(dialog.next_deadline_s())
    assert {message.method for message in sent(dialog)} == {"INVITE"}
    assert [event.by for event in events(dialog) if isinstance(event, Over)] == ["caller"]


def test_a_200_that_crosses_the_cancel_is_acknowledged_and_hung_up() -> None:
    dialog = dialled()
    (invite,) = sent(dialog)
    reply(dialog, invite, 180, at_s=0.1)
    dialog.hang_up(0.2)
    sent(dialog)
    body = sdp.describe("10.1.0.1", 20010, session=1)
    reply(dialog, invite, 200, at_s=0.21, body=body, Contact=AGENT_CONTACT)
    assert [message.method for message in sent(dialog)] == ["ACK", "BYE"]
    assert [type(event) for event in events(dialog)] == [Ringing, Over]


def test_our_bye_is_repeated_until_it_is_answered() -> None:
    dialog = up()
    sent(dialog)
    dialog.hang_up(5.0)
    (bye,) = sent(dialog)
    assert (bye.method, bye.cseq, bye.uri) == ("BYE", (2, "BYE"), "sip:10.1.0.1:5070;transport=udp")
    dialog.poll(5.5)
    assert sent(dialog) == [bye]
    assert not dialog.idle
    reply(dialog, bye, 200, at_s=5.6)
    assert dialog.idle
    assert dialog.phase is Phase.OVER


def test_a_challenged_bye_is_sent_again_with_an_answer() -> None:
    dialog = up(credentials=("user", "secret"))
    sent(dialog)
    dialog.hang_up(5.0)
    (bye,) = sent(dialog)
    reply(dialog, bye, 401, at_s=5.1, WWW_Authenticate='Digest realm="r", nonce="n"')
    (again,) = sent(dialog)
    assert (again.method, again.cseq) == ("BYE", (3, "BYE"))
    assert again.get("Authorization")


def test_the_agent_s_bye_is_answered_and_its_repetition_gets_the_same_answer() -> None:
    dialog = up()
    events(dialog)
    first = _ask(dialog, "BYE", at_s=9.0)
    assert first.status == 200
    assert events(dialog) == [Over(9.0, "agent")]
    assert _ask(dialog, "BYE", at_s=9.5) == first
    assert events(dialog) == []


def test_a_reinvite_is_answered_with_our_media_until_its_ack_and_may_move_theirs() -> None:
    dialog = up()
    events(dialog)
    answer = _ask(dialog, "INVITE", at_s=3.0, body=sdp.describe("10.1.0.9", 30000, session=2))
    assert answer.status == 200
    assert sdp.read(answer.body) == sdp.MediaAddress("10.1.0.2", 40000, 101)
    assert events(dialog) == [MediaMoved(sdp.MediaAddress("10.1.0.9", 30000, 101))]
    dialog.poll(3.5)
    assert sent(dialog) == [answer]
    ack = (("Via", "SIP/2.0/UDP 10.1.0.1;branch=z9hG4bKack"), ("Call-ID", dialog.call_id), ("CSeq", "1 ACK"))
    dialog.receive(Message("ACK", "sip:us", headers=ack).to_bytes(), TARGET, 3.6)
    assert dialog.next_deadline_s() == float("inf")
    assert dialog.phase is Phase.UP


def test_options_is_answered_and_what_we_do_not_speak_is_refused_by_name() -> None:
    dialog = up()
    options = _ask(dialog, "OPTIONS", at_s=1.0, branch="z9hG4bKo")
    assert (options.status, "INVITE" in options.get("Allow")) == (200, True)
    info = _ask(dialog, "INFO", at_s=1.1, branch="z9hG4bKi")
    assert (info.status, bool(info.get("Allow"))) == (405, True)


def test_a_request_of_another_call_is_unknown_here() -> None:
    dialog = up()
    dialog.call_id = "another"
    dialog.outbox.clear()
    headers = (("Via", "SIP/2.0/UDP 10.1.0.1;branch=z9hG4bKx"), ("Call-ID", "stranger"), ("CSeq", "1 BYE"))
    dialog.receive(Message("BYE", "sip:us", headers=headers).to_bytes(), TARGET, 1.0)
    (answer,) = sent(dialog)
    assert answer.status == 481
    assert dialog.phase is Phase.UP
