"""The SIP side against recorded and hand-made messages; no sockets, the clock is a number."""

from __future__ import annotations

from loadtest.caller import sdp
from loadtest.caller.dialog import Dialog, Phase
from loadtest.caller.dialog_events import Answered, Event, MediaMoved, Over, Ringing
from loadtest.caller.sip_message import Message, parameters, parse, parse_uri

_TARGET = ("10.1.0.1", 5060)
_OURS = ("10.1.0.2", 40404)
_AGENT_CONTACT = "<sip:10.1.0.1:5070;transport=udp>"


def _dialog(credentials: tuple[str, str] | None = None) -> Dialog:
    dialog = Dialog(
        to=parse_uri("sip:+15550100@10.1.0.1"),
        caller="+15550123456",
        local=_OURS,
        media_port=40000,
        credentials=credentials,
    )
    dialog.start(0.0)
    return dialog


def _sent(dialog: Dialog) -> list[Message]:
    messages = [parse(data) for _, data in dialog.outbox]
    dialog.outbox.clear()
    return messages


def _events(dialog: Dialog) -> list[Event]:
    events, dialog.events = dialog.events, []
    return events


def _reply(dialog: Dialog, request: Message, status: int, *, at_s: float, body: bytes = b"", **headers: str) -> None:
    kept = tuple(item for item in request.headers if item[0] in ("Via", "From", "Call-ID", "CSeq"))
    to = request.get("To") + ("" if "tag=" in request.get("To") or status == 100 else ";tag=agent")
    extra = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    answer = Message(status=status, reason="Some Reason", headers=(*kept, ("To", to), *extra), body=body)
    dialog.receive(answer.to_bytes(), _TARGET, at_s)


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
    dialog.receive(Message(method, "sip:us", headers=headers, body=body).to_bytes(), _TARGET, at_s)
    (answer,) = _sent(dialog)
    return answer


def _up(credentials: tuple[str, str] | None = None) -> Dialog:
    """A dialog that has been answered after 0.4 s."""
    dialog = _dialog(credentials)
    (invite,) = _sent(dialog)
    _reply(dialog, invite, 100, at_s=0.01)
    _reply(dialog, invite, 180, at_s=0.02)
    answer = sdp.describe("10.1.0.1", 20010, session=1)
    _reply(dialog, invite, 200, at_s=0.4, body=answer, Contact=_AGENT_CONTACT)
    return dialog


def test_an_unanswered_invite_is_sent_again_after_doubling_waits_until_32_s() -> None:
    dialog = _dialog()
    times = []
    while not dialog.idle:
        now_s = dialog.next_deadline_s()
        dialog.poll(now_s)
        times.append(now_s)
    assert times == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 63.5]
    invites = _sent(dialog)
    assert len(invites) == 7
    assert len({message.to_bytes() for message in invites}) == 1
    assert dialog.retransmissions == 6
    assert _events(dialog) == [Over(63.5, "nobody")]
    assert dialog.status == 0


def test_a_provisional_answer_ends_the_retransmission() -> None:
    dialog = _dialog()
    (invite,) = _sent(dialog)
    _reply(dialog, invite, 100, at_s=0.2)
    assert dialog.next_deadline_s() == float("inf")
    assert _events(dialog) == []  # 100 says nothing about ringing
    _reply(dialog, invite, 180, at_s=0.3)
    _reply(dialog, invite, 180, at_s=1.3)
    assert _events(dialog) == [Ringing(0.3)]


def test_a_200_is_acknowledged_at_its_contact_and_names_the_media() -> None:
    dialog = _up()
    address, _ = dialog.outbox[-1]
    (ack,) = _sent(dialog)
    assert (ack.method, ack.uri, address) == ("ACK", "sip:10.1.0.1:5070;transport=udp", ("10.1.0.1", 5070))
    assert ack.cseq == (1, "ACK")
    assert parameters(ack.get("To"))["tag"] == "agent"
    assert _events(dialog) == [Ringing(0.02), Answered(0.4, sdp.MediaAddress("10.1.0.1", 20010, 101))]


def test_a_repeated_200_is_acknowledged_again_with_the_same_bytes() -> None:
    dialog = _dialog()
    (invite,) = _sent(dialog)
    for at_s in (0.4, 0.9):
        _reply(dialog, invite, 200, at_s=at_s, body=sdp.describe("10.1.0.1", 20010, session=1), Contact=_AGENT_CONTACT)
    first, second = _sent(dialog)
    assert first == second
    assert len(_events(dialog)) == 1


def test_record_routes_are_followed_backwards() -> None:
    dialog = _dialog()
    (invite,) = _sent(dialog)
    routes = "<sip:10.3.0.1;lr>, <sip:10.2.0.1:5062;lr>"
    body = sdp.describe("10.1.0.1", 20010, session=1)
    _reply(dialog, invite, 200, at_s=0.4, body=body, Contact=_AGENT_CONTACT, Record_Route=routes)
    address, _ = dialog.outbox[-1]
    (ack,) = _sent(dialog)
    assert address == ("10.2.0.1", 5062)
    assert ack.all("Route") == ["<sip:10.2.0.1:5062;lr>", "<sip:10.3.0.1;lr>"]


def test_a_proxy_challenge_is_answered_once_with_the_same_call_and_a_new_number() -> None:
    dialog = _dialog(credentials=("user", "secret"))
    (invite,) = _sent(dialog)
    challenge = 'Digest realm="LiveKit", nonce="abc", algorithm=MD5'
    _reply(dialog, invite, 407, at_s=0.1, Proxy_Authenticate=challenge)
    ack, again = _sent(dialog)
    assert (ack.method, ack.branch, ack.cseq) == ("ACK", invite.branch, (1, "ACK"))
    assert (again.method, again.cseq) == ("INVITE", (2, "INVITE"))
    assert again.branch != invite.branch
    assert again.get("Call-ID") == invite.get("Call-ID")
    assert parameters(again.get("From")) == parameters(invite.get("From"))
    assert 'response="62f4f3cc7030b7e382c11469a8f0c660"' in again.get("Proxy-Authorization")
    _reply(dialog, again, 407, at_s=0.2, Proxy_Authenticate=challenge)
    (ack,) = _sent(dialog)
    assert ack.method == "ACK"
    assert _events(dialog) == [Over(0.2, "refused")]


def test_a_401_is_answered_in_the_authorization_header() -> None:
    dialog = _dialog(credentials=("user", "secret"))
    (invite,) = _sent(dialog)
    _reply(dialog, invite, 401, at_s=0.1, WWW_Authenticate='Digest realm="r", nonce="n", qop="auth"')
    _, again = _sent(dialog)
    assert again.get("Authorization").startswith('Digest username="user"')
    assert not again.get("Proxy-Authorization")


def test_without_credentials_a_challenge_is_a_refusal() -> None:
    dialog = _dialog()
    (invite,) = _sent(dialog)
    _reply(dialog, invite, 407, at_s=0.1, Proxy_Authenticate='Digest realm="r", nonce="n"')
    assert dialog.status == 407
    assert _events(dialog) == [Over(0.1, "refused")]


def test_busy_is_acknowledged_every_time_it_is_said_and_ends_the_call_once() -> None:
    dialog = _dialog()
    (invite,) = _sent(dialog)
    _reply(dialog, invite, 486, at_s=0.14)
    _reply(dialog, invite, 486, at_s=0.64)
    first, second = _sent(dialog)
    assert first == second
    assert (first.method, first.branch, first.uri) == ("ACK", invite.branch, invite.uri)
    assert parameters(first.get("To"))["tag"] == "agent"
    assert (dialog.status, _events(dialog), dialog.idle) == (486, [Over(0.14, "refused")], True)


def test_hanging_up_while_it_rings_cancels_the_same_transaction() -> None:
    dialog = _dialog()
    (invite,) = _sent(dialog)
    _reply(dialog, invite, 180, at_s=0.1)
    dialog.hang_up(1.0)
    (cancel,) = _sent(dialog)
    assert (cancel.method, cancel.branch, cancel.cseq) == ("CANCEL", invite.branch, (1, "CANCEL"))
    assert cancel.get("To") == invite.get("To")
    _reply(dialog, cancel, 200, at_s=1.01)
    _reply(dialog, invite, 487, at_s=1.02)
    (ack,) = _sent(dialog)
    assert (ack.method, ack.branch) == ("ACK", invite.branch)
    assert _events(dialog)[-1] == Over(1.02, "caller")
    assert dialog.idle


def test_a_cancel_waits_for_the_first_provisional_answer() -> None:
    dialog = _dialog()
    (invite,) = _sent(dialog)
    dialog.hang_up(0.05)
    assert _sent(dialog) == []
    _reply(dialog, invite, 100, at_s=0.1)
    assert [message.method for message in _sent(dialog)] == ["CANCEL"]


def test_hanging_up_on_nobody_ends_without_a_cancel() -> None:
    dialog = _dialog()
    _sent(dialog)
    dialog.hang_up(0.3)
    while not dialog.idle:
        dialog.poll(dialog.next_deadline_s())
    assert {message.method for message in _sent(dialog)} == {"INVITE"}
    assert [event.by for event in _events(dialog) if isinstance(event, Over)] == ["caller"]


def test_a_200_that_crosses_the_cancel_is_acknowledged_and_hung_up() -> None:
    dialog = _dialog()
    (invite,) = _sent(dialog)
    _reply(dialog, invite, 180, at_s=0.1)
    dialog.hang_up(0.2)
    _sent(dialog)
    body = sdp.describe("10.1.0.1", 20010, session=1)
    _reply(dialog, invite, 200, at_s=0.21, body=body, Contact=_AGENT_CONTACT)
    assert [message.method for message in _sent(dialog)] == ["ACK", "BYE"]
    assert [type(event) for event in _events(dialog)] == [Ringing, Over]


def test_an_answer_without_usable_audio_is_acknowledged_and_hung_up() -> None:
    dialog = _dialog()
    (invite,) = _sent(dialog)
    body = sdp.describe("10.1.0.1", 20010, session=1).replace(b"RTP/AVP 0", b"RTP/AVP 9")
    _reply(dialog, invite, 200, at_s=0.2, body=body, Contact=_AGENT_CONTACT)
    assert [message.method for message in _sent(dialog)] == ["ACK", "BYE"]
    assert "PCMU" in dialog.status_reason


def test_our_bye_is_repeated_until_it_is_answered() -> None:
    dialog = _up()
    _sent(dialog)
    dialog.hang_up(5.0)
    (bye,) = _sent(dialog)
    assert (bye.method, bye.cseq, bye.uri) == ("BYE", (2, "BYE"), "sip:10.1.0.1:5070;transport=udp")
    dialog.poll(5.5)
    assert _sent(dialog) == [bye]
    assert not dialog.idle
    _reply(dialog, bye, 200, at_s=5.6)
    assert dialog.idle
    assert dialog.phase is Phase.OVER


def test_a_challenged_bye_is_sent_again_with_an_answer() -> None:
    dialog = _up(credentials=("user", "secret"))
    _sent(dialog)
    dialog.hang_up(5.0)
    (bye,) = _sent(dialog)
    _reply(dialog, bye, 401, at_s=5.1, WWW_Authenticate='Digest realm="r", nonce="n"')
    (again,) = _sent(dialog)
    assert (again.method, again.cseq) == ("BYE", (3, "BYE"))
    assert again.get("Authorization")


def test_the_agent_s_bye_is_answered_and_its_repetition_gets_the_same_answer() -> None:
    dialog = _up()
    _events(dialog)
    first = _ask(dialog, "BYE", at_s=9.0)
    assert first.status == 200
    assert _events(dialog) == [Over(9.0, "agent")]
    assert _ask(dialog, "BYE", at_s=9.5) == first
    assert _events(dialog) == []


def test_a_reinvite_is_answered_with_our_media_until_its_ack_and_may_move_theirs() -> None:
    dialog = _up()
    _events(dialog)
    answer = _ask(dialog, "INVITE", at_s=3.0, body=sdp.describe("10.1.0.9", 30000, session=2))
    assert answer.status == 200
    assert sdp.read(answer.body) == sdp.MediaAddress("10.1.0.2", 40000, 101)
    assert _events(dialog) == [MediaMoved(sdp.MediaAddress("10.1.0.9", 30000, 101))]
    dialog.poll(3.5)
    assert _sent(dialog) == [answer]
    ack = (("Via", "SIP/2.0/UDP 10.1.0.1;branch=z9hG4bKack"), ("Call-ID", dialog.call_id), ("CSeq", "1 ACK"))
    dialog.receive(Message("ACK", "sip:us", headers=ack).to_bytes(), _TARGET, 3.6)
    assert dialog.next_deadline_s() == float("inf")
    assert dialog.phase is Phase.UP


def test_options_is_answered_and_what_we_do_not_speak_is_refused_by_name() -> None:
    dialog = _up()
    options = _ask(dialog, "OPTIONS", at_s=1.0, branch="z9hG4bKo")
    assert (options.status, "INVITE" in options.get("Allow")) == (200, True)
    info = _ask(dialog, "INFO", at_s=1.1, branch="z9hG4bKi")
    assert (info.status, bool(info.get("Allow"))) == (405, True)


def test_a_request_of_another_call_is_unknown_here() -> None:
    dialog = _up()
    dialog.call_id = "another"
    dialog.outbox.clear()
    headers = (("Via", "SIP/2.0/UDP 10.1.0.1;branch=z9hG4bKx"), ("Call-ID", "stranger"), ("CSeq", "1 BYE"))
    dialog.receive(Message("BYE", "sip:us", headers=headers).to_bytes(), _TARGET, 1.0)
    (answer,) = _sent(dialog)
    assert answer.status == 481
    assert dialog.phase is Phase.UP


def test_garbage_and_answers_of_other_calls_change_nothing() -> None:
    dialog = _dialog()
    (invite,) = _sent(dialog)
    dialog.receive(b"\x00\x01garbage", _TARGET, 0.1)
    stranger = Message(status=486, reason="Busy", headers=(*invite.headers[:4], ("Call-ID", "x"), ("CSeq", "1 INVITE")))
    dialog.receive(stranger.to_bytes(), _TARGET, 0.1)
    assert (dialog.phase, dialog.status, dialog.outbox) == (Phase.DIALING, 0, [])
