"""Dialling: the INVITE, its answers, challenges and refusals; no sockets, the clock is a number."""

from __future__ import annotations

from loadtest.caller import sdp
from loadtest.caller.dialog import Phase
from loadtest.caller.dialog_events import Answered, Over, Ringing
from loadtest.caller.sip_message import Message, parameters
from tests.unit.caller.far_end import AGENT_CONTACT, TARGET, dialled, events, reply, sent, up


def test_an_unanswered_invite_is_sent_again_after_doubling_waits_until_32_s() -> None:
    dialog = dialled()
    times = []
    while not dialog.idle:
        now_s = dialog.next_deadline_s()
        dialog.poll(now_s)
        times.append(now_s)
    assert times == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 63.5]
    invites = sent(dialog)
    assert len(invites) == 7
    assert len({message.to_bytes() for message in invites}) == 1
    assert dialog.retransmissions == 6
    assert events(dialog) == [Over(63.5, "nobody")]
    assert dialog.status == 0


def test_a_provisional_answer_ends_the_retransmission() -> None:
    dialog = dialled()
    (invite,) = sent(dialog)
    reply(dialog, invite, 100, at_s=0.2)
    assert dialog.next_deadline_s() == float("inf")
    assert events(dialog) == []  # 100 says nothing about ringing
    reply(dialog, invite, 180, at_s=0.3)
    reply(dialog, invite, 180, at_s=1.3)
    assert events(dialog) == [Ringing(0.3)]


def test_a_200_is_acknowledged_at_its_contact_and_names_the_media() -> None:
    dialog = up()
    address, _ = dialog.outbox[-1]
    (ack,) = sent(dialog)
    assert (ack.method, ack.uri, address) == ("ACK", "sip:10.1.0.1:5070;transport=udp", ("10.1.0.1", 5070))
    assert ack.cseq == (1, "ACK")
    assert parameters(ack.get("To"))["tag"] == "agent"
    assert events(dialog) == [Ringing(0.02), Answered(0.4, sdp.MediaAddress("10.1.0.1", 20010, 101))]


def test_a_repeated_200_is_acknowledged_again_with_the_same_bytes() -> None:
    dialog = dialled()
    (invite,) = sent(dialog)
    for at_s in (0.4, 0.9):
        reply(dialog, invite, 200, at_s=at_s, body=sdp.describe("10.1.0.1", 20010, session=1), Contact=AGENT_CONTACT)
    first, second = sent(dialog)
    assert first == second
    assert len(events(dialog)) == 1


def test_record_routes_are_followed_backwards() -> None:
    dialog = dialled()
    (invite,) = sent(dialog)
    routes = "<sip:10.3.0.1;lr>, <sip:10.2.0.1:5062;lr>"
    body = sdp.describe("10.1.0.1", 20010, session=1)
    reply(dialog, invite, 200, at_s=0.4, body=body, Contact=AGENT_CONTACT, Record_Route=routes)
    address, _ = dialog.outbox[-1]
    (ack,) = sent(dialog)
    assert address == ("10.2.0.1", 5062)
    assert ack.all("Route") == ["<sip:10.2.0.1:5062;lr>", "<sip:10.3.0.1;lr>"]


def test_a_proxy_challenge_is_answered_once_with_the_same_call_and_a_new_number() -> None:
    dialog = dialled(credentials=("user", "secret"))
    (invite,) = sent(dialog)
    challenge = 'Digest realm="LiveKit", nonce="abc", algorithm=MD5'
    reply(dialog, invite, 407, at_s=0.1, Proxy_Authenticate=challenge)
    ack, again = sent(dialog)
    assert (ack.method, ack.branch, ack.cseq) == ("ACK", invite.branch, (1, "ACK"))
    assert (again.method, again.cseq) == ("INVITE", (2, "INVITE"))
    assert again.branch != invite.branch
    assert again.get("Call-ID") == invite.get("Call-ID")
    assert parameters(again.get("From")) == parameters(invite.get("From"))
    assert 'response="62f4f3cc7030b7e382c11469a8f0c660"' in again.get("Proxy-Authorization")
    reply(dialog, again, 407, at_s=0.2, Proxy_Authenticate=challenge)
    (ack,) = sent(dialog)
    assert ack.method == "ACK"
    assert events(dialog) == [Over(0.2, "refused")]


def test_a_401_is_answered_in_the_authorization_header() -> None:
    dialog = dialled(credentials=("user", "secret"))
    (invite,) = sent(dialog)
    reply(dialog, invite, 401, at_s=0.1, WWW_Authenticate='Digest realm="r", nonce="n", qop="auth"')
    _, again = sent(dialog)
    assert again.get("Authorization").startswith('Digest username="user"')
    assert not again.get("Proxy-Authorization")


def test_without_credentials_a_challenge_is_a_refusal() -> None:
    dialog = dialled()
    (invite,) = sent(dialog)
    reply(dialog, invite, 407, at_s=0.1, Proxy_Authenticate='Digest realm="r", nonce="n"')
    assert dialog.status == 407
    assert events(dialog) == [Over(0.1, "refused")]


def test_busy_is_acknowledged_every_time_it_is_said_and_ends_the_call_once() -> None:
    dialog = dialled()
    (invite,) = sent(dialog)
    reply(dialog, invite, 486, at_s=0.14)
    reply(dialog, invite, 486, at_s=0.64)
    first, second = sent(dialog)
    assert first == second
    assert (first.method, first.branch, first.uri) == ("ACK", invite.branch, invite.uri)
    assert parameters(first.get("To"))["tag"] == "agent"
    assert (dialog.status, events(dialog), dialog.idle) == (486, [Over(0.14, "refused")], True)


def test_an_answer_without_usable_audio_is_acknowledged_and_hung_up() -> None:
    dialog = dialled()
    (invite,) = sent(dialog)
    body = sdp.describe("10.1.0.1", 20010, session=1).replace(b"RTP/AVP 0", b"RTP/AVP 9")
    reply(dialog, invite, 200, at_s=0.2, body=body, Contact=AGENT_CONTACT)
    assert [message.method for message in sent(dialog)] == ["ACK", "BYE"]
    assert "PCMU" in dialog.status_reason


def test_garbage_and_answers_of_other_calls_change_nothing() -> None:
    dialog = dialled()
    (invite,) = sent(dialog)
    dialog.receive(b"\x00\x01garbage", TARGET, 0.1)
    stranger = Message(status=486, reason="Busy", headers=(*invite.headers[:4], ("Call-ID", "x"), ("CSeq", "1 INVITE")))
    dialog.receive(stranger.to_bytes(), TARGET, 0.1)
    assert (dialog.phase, dialog.status, dialog.outbox) == (Phase.DIALING, 0, [])
