"""The far end of a dialog: its answers and requests as datagrams; the clock is a number."""

from __future__ import annotations

from loadtest.caller import sdp
from loadtest.caller.dialog import Dialog
from loadtest.caller.dialog_events import Event
from loadtest.caller.sip_message import Message, parse, parse_uri

TARGET = ("10.1.0.1", 5060)
OURS = ("10.1.0.2", 40404)
AGENT_CONTACT = "<sip:10.1.0.1:5070;transport=udp>"


def dialled(credentials: tuple[str, str] | None = None) -> Dialog:
    dialog = Dialog(
        to=parse_uri("sip:+15550100@10.1.0.1"),
        caller="+15550123456",
        local=OURS,
        media_port=40000,
        credentials=credentials,
    )
    dialog.start(0.0)
    return dialog


def sent(dialog: Dialog) -> list[Message]:
    messages = [parse(data) for _, data in dialog.outbox]
    dialog.outbox.clear()
    return messages


def events(dialog: Dialog) -> list[Event]:
    events, dialog.events = dialog.events, []
    return events


def reply(dialog: Dialog, request: Message, status: int, *, at_s: float, body: bytes = b"", **headers: str) -> None:
    kept = tuple(item for item in request.headers if item[0] in ("Via", "From", "Call-ID", "CSeq"))
    to = request.get("To") + ("" if "tag=" in request.get("To") or status == 100 else ";tag=agent")
    extra = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    answer = Message(status=status, reason="Some Reason", headers=(*kept, ("To", to), *extra), body=body)
    dialog.receive(answer.to_bytes(), TARGET, at_s)


def up(credentials: tuple[str, str] | None = None) -> Dialog:
    """A dialog that has been answered after 0.4 s."""
    dialog = dialled(credentials)
    (invite,) = sent(dialog)
    reply(dialog, invite, 100, at_s=0.01)
    reply(dialog, invite, 180, at_s=0.02)
    answer = sdp.describe("10.1.0.1", 20010, session=1)
    reply(dialog, invite, 200, at_s=0.4, body=answer, Contact=AGENT_CONTACT)
    return dialog
