"""Reading the far end's description."""

from __future__ import annotations

import pytest

from loadtest.caller import sdp

_RECORDED_ANSWER = (
    b"v=0\r\no=- 421 421 IN IP4 10.1.0.1\r\ns=LiveKit\r\nc=IN IP4 10.1.0.1\r\nt=0 0\r\n"
    b"m=audio 20010 RTP/AVP 0 96\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:96 telephone-event/8000\r\n"
    b"a=fmtp:96 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
)


def test_the_answer_names_address_port_and_the_key_payload_type() -> None:
    assert sdp.read(_RECORDED_ANSWER) == sdp.MediaAddress("10.1.0.1", 20010, 96)


def test_an_address_at_the_media_line_wins_over_the_session_s() -> None:
    body = _RECORDED_ANSWER.replace(b"a=ptime", b"c=IN IP4 10.7.7.7\r\na=ptime")
    assert sdp.read(body).host == "10.7.7.7"


def test_an_answer_without_telephone_event_takes_no_keys() -> None:
    assert sdp.read(_RECORDED_ANSWER.replace(b"telephone-event", b"CN")).dtmf_payload_type is None


def test_our_own_offer_can_be_read_back() -> None:
    assert sdp.read(sdp.describe("127.0.0.1", 4000, session=7)) == sdp.MediaAddress("127.0.0.1", 4000, 101)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"m=audio 20010", b"m=video 20010", "no audio line"),
        (b"m=audio 20010", b"m=audio 0", "refused the audio line"),
        (b"RTP/AVP 0 96", b"RTP/AVP 9 96", "not PCMU"),
        (b"c=IN IP4 10.1.0.1\r\n", b"", "names no address"),
    ],
)
def test_an_unusable_answer_is_refused_with_its_reason(old: bytes, new: bytes, reason: str) -> None:
    with pytest.raises(sdp.UnusableAnswer, match=reason):
        sdp.read(_RECORDED_ANSWER.replace(old, new))
