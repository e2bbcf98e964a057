"""The session description of a phone call: PCMU and telephone-event, nothing else (RFC 4566, RFC 3264)."""

from __future__ import annotations

import re
from dataclasses import dataclass

PCMU = 0
TELEPHONE_EVENT = 101


class UnusableAnswer(ValueError):
    """The far end's description leaves no PCMU audio to talk over."""


@dataclass(frozen=True)
class MediaAddress:
    """Where the far end wants its audio, and the payload type it gave to DTMF (None: it takes none)."""

    host: str
    port: int
    dtmf_payload_type: int | None


def describe(host: str, port: int, *, session: int, version: int = 1) -> bytes:
    """Write our offer, or our answer to a re-INVITE."""
    lines = [
        "v=0",
        f"o=caller {session} {version} IN IP4 {host}",
        "s=call",
        f"c=IN IP4 {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {PCMU} {TELEPHONE_EVENT}",
        f"a=rtpmap:{PCMU} PCMU/8000",
        f"a=rtpmap:{TELEPHONE_EVENT} telephone-event/8000",
        f"a=fmtp:{TELEPHONE_EVENT} 0-16",
        "a=ptime:20",
        "a=sendrecv",
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def read(body: bytes) -> MediaAddress:
    """Read the far end's description.

    Raises: UnusableAnswer: no audio line, a refused one (port 0), or one without PCMU.
    """
    text = body.decode(errors="replace")
    before, found, after = text.partition("m=audio ")
    if not found:
        raise UnusableAnswer("the answer has no audio line")
    media = re.split(r"^m=", after, flags=re.M)[0]
    first = media.splitlines()[0].split()
    if len(first) < 3 or not first[0].isdigit() or int(first[0]) == 0:
        raise UnusableAnswer("the far end refused the audio line")
    if str(PCMU) not in first[2:]:
        raise UnusableAnswer(f"the far end offers payload types {' '.join(first[2:])}, not PCMU (0)")
    connection = re.search(r"^c=IN IP4 (\S+)", media, re.M) or re.search(r"^c=IN IP4 (\S+)", before, re.M)
    if not connection:
        raise UnusableAnswer("the answer names no address")
    dtmf = re.search(r"^a=rtpmap:(\d+) telephone-event/8000", media, re.M | re.I)
    return MediaAddress(connection[1], int(first[0]), int(dtmf[1]) if dtmf else None)
