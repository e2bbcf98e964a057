"""Reading and writing SIP messages."""

from __future__ import annotations

import pytest

from loadtest.caller.sip_message import MalformedMessage, Message, address_uri, parameters, parse, parse_uri

_RECORDED_180 = (
    b"SIP/2.0 180 Ringing\r\n"
    b"v: SIP/2.0/UDP 10.1.0.2:40404;branch=z9hG4bKaa;rport=40404;received=10.1.0.2,\r\n"
    b"  SIP/2.0/UDP 10.9.9.9;branch=z9hG4bKbb\r\n"
    b'f: "Dana, W." <sip:+15550123456@10.1.0.2>;tag=one\r\n'
    b"To: <sip:+15550100@10.1.0.1:5060>;tag=SCL_two\r\n"
    b"i: abc@caller\r\nCSeq: 1 INVITE\r\nl: 0\r\n\r\n"
)


def test_compact_names_folded_lines_and_joined_hops_are_understood() -> None:
    message = parse(_RECORDED_180)
    assert (message.status, message.reason, message.is_request) == (180, "Ringing", False)
    assert message.get("call-id") == "abc@caller"
    assert message.cseq == (1, "INVITE")
    assert len(message.hops("Via")) == 2
    assert message.branch == "z9hG4bKaa"
    assert parameters(message.get("To")) == {"tag": "SCL_two"}
    assert address_uri(message.get("From")) == "sip:+15550123456@10.1.0.2"


def test_a_message_written_is_read_back_the_same() -> None:
    message = Message("BYE", "sip:a@1.2.3.4", headers=(("Via", "x"), ("CSeq", "2 BYE")), body=b"bye\r\n")
    assert parse(message.to_bytes()) == message


def test_bytes_behind_the_declared_body_are_dropped() -> None:
    raw = Message("INFO", "sip:a", headers=(("CSeq", "1 INFO"),), body=b"1234").to_bytes() + b"garbage"
    assert parse(raw).body == b"1234"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n",
        b"\x00\xff\x80" * 20,
        b"SIP/2.0 999999 Odd\r\n\r\n",
        b"INVITE sip:a\r\n\r\n",
        b"BYE sip:a SIP/2.0\r\nno colon here\r\n\r\n",
        b"BYE sip:a SIP/2.0\r\nContent-Length: 10\r\n\r\nshort",
        b"BYE sip:a SIP/2.0\r\nContent-Length: ten\r\n\r\n",
    ],
)
def test_what_is_not_sip_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedMessage):
        parse(raw)


def test_a_uri_defaults_to_port_5060_and_keeps_its_parameters() -> None:
    uri = parse_uri("sip:+15550100@10.1.0.1;transport=udp")
    assert (uri.user, uri.host, uri.port) == ("+15550100", "10.1.0.1", 5060)
    assert parse_uri("sip:10.1.0.1:5080;lr").port == 5080
    with pytest.raises(MalformedMessage):
        parse_uri("tel:+15550100")
