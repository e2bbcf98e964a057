"""Throws rubbish at a stack from inside its namespace: `python -m tests.call.thrown sip|rtp HOST PORT… `.

Imports nothing of ours: what is thrown must not be made by what is to survive it.
"""

from __future__ import annotations

import random
import socket
import struct
import sys

_SEED = 20_000
_FILLER = b"X-Filler: " + b"a" * 8000
_TELEPHONE_EVENT = 101
#: Payload types but PCMU and telephone events: a key that comes on the call's own wire is a key.
_NOT_AGREED = [kind for kind in range(1, 128) if kind != _TELEPHONE_EVENT]
_LINE = b"INVITE sip:+15550100100@127.0.0.1 SIP/2.0\r\n"
_VIA = b"Via: SIP/2.0/UDP 127.0.0.1:5999;branch=z9hG4bKrubbish\r\n"


def malformed_sip() -> list[bytes]:
    """Datagrams no SIP server should choke on."""
    noise = random.Random(_SEED)
    head = _LINE + _VIA + b"From: <sip:x@127.0.0.1>;tag=1\r\nTo: <sip:+15550100100@127.0.0.1>\r\n"
    rest = b"Call-ID: rubbish-%d\r\nCSeq: 1 INVITE\r\nContact: <sip:x@127.0.0.1>\r\n"
    return [
        b"",
        b"\r\n\r\n",
        b"\0" * 1200,
        noise.randbytes(1400),
        b"INVITE",
        _LINE,
        _LINE + _VIA,
        head,
        head + rest % 1 + b"Content-Length: 99999\r\n\r\nv=0",
        head + rest % 2 + b"Content-Length: -1\r\n\r\n",
        head + rest % 3 + b"Content-Type: application/sdp\r\nContent-Length: 40\r\n\r\n" + noise.randbytes(40),
        head + rest % 4 + _FILLER * 7 + b"\r\n\r\n",
        head + b"CSeq: 99999999999999999999 INVITE\r\n\r\n",
        b"SIP/2.0 200 OK\r\n" + _VIA + b"CSeq: 1 INVITE\r\n\r\n",
        b"SIP/2.0 -1 \xff\xfe\r\n\r\n",
        b"BYE sip:nobody SIP/2.0\r\n" + _VIA + b"Call-ID: nobody\r\nCSeq: 1 BYE\r\n\r\n",
        b"\xff\xfe\xfd SIP/2.0\r\n" * 20,
    ]


def rubbish_rtp(count: int) -> list[bytes]:
    """Packets of random bytes, of another source, of payload types nobody agreed on, and truncated ones."""
    noise = random.Random(_SEED)
    packets = []
    for number in range(count):
        kind = number % 4
        if kind == 0:
            packets.append(_no_key(noise.randbytes(noise.randint(1, 400))))
        elif kind == 1:
            packets.append(_rtp(0, number, noise.getrandbits(32), noise.randbytes(160)))
        elif kind == 2:
            packets.append(_rtp(noise.choice(_NOT_AGREED), number, noise.getrandbits(32), noise.randbytes(160)))
        else:
            packets.append(_rtp(0, number, 1, b"")[: noise.randint(1, 11)])
    return packets


def throw(packets: list[bytes], host: str, ports: list[int]) -> int:
    """Send every packet to every port from one socket; how many left."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((host, 0))
        for packet in packets:
            for port in ports:
                sock.sendto(packet[:65_000], (host, port))
    return len(packets) * len(ports)


def _no_key(packet: bytes) -> bytes:
    """The same unless a receiver who does not look at RTP's version, as livekit-sip, would take it for a key."""
    is_key = len(packet) > 1 and packet[1] & 0x7F == _TELEPHONE_EVENT
    return packet[:1] + b"\0" + packet[2:] if is_key else packet


def _rtp(payload_type: int, sequence: int, source: int, payload: bytes) -> bytes:
    return struct.pack("!BBHII", 0x80, payload_type, sequence & 0xFFFF, sequence * 160, source) + payload


if __name__ == "__main__":
    what, where, *numbers = sys.argv[1:]
    thrown = malformed_sip() if what == "sip" else rubbish_rtp(2000)
    print(throw(thrown, where, [int(number) for number in numbers]))
