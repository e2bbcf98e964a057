"""SIP requests and responses as values: parse bytes, read headers, write bytes (RFC 3261 §7, §25)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

_COMPACT = {
    "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
    "c": "content-type", "s": "subject", "k": "supported", "e": "content-encoding",
}  # fmt: skip
_PARAMETER = re.compile(r';\s*([\w.-]+)(?:\s*=\s*("[^"]*"|[^;,\s]*))?')
_URI = re.compile(r"^sips?:(?:(?P<user>[^@;]*)@)?(?P<host>\[[^\]]+\]|[^:;?>]+)(?::(?P<port>\d+))?(?P<rest>.*)$", re.I)


class MalformedMessage(ValueError):
    """The datagram is not a SIP message; a caller drops it, as RFC 3261 §18.3 allows."""


@dataclass(frozen=True)
class Message:
    """One request (``method`` and ``uri`` set) or response (``status`` set)."""

    method: str = ""
    uri: str = ""
    status: int = 0
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def is_request(self) -> bool:
        """Whether this is a request."""
        return bool(self.method)

    def get(self, name: str) -> str:
        """Read the first header of that name (long form, any case); "" if there is none."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> list[str]:
        """Read every header of that name, topmost first."""
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]

    def hops(self, name: str) -> list[str]:
        """Read a list header (Via, Route, Record-Route) with comma-joined values taken apart."""
        return [hop.strip() for line in self.all(name) for hop in _split_commas(line)]

    @property
    def cseq(self) -> tuple[int, str]:
        """Sequence number and method of the CSeq header."""
        number, _, method = self.get("CSeq").partition(" ")
        return (int(number) if number.isdigit() else 0), method.strip()

    @property
    def branch(self) -> str:
        """The topmost Via's branch: the name of the transaction."""
        hops = self.hops("Via")
        return parameters(hops[0]).get("branch", "") if hops else ""

    def with_cseq(self, number: int, method: str) -> Message:
        """The same message with another CSeq."""
        headers = tuple((n, f"{number} {method}" if n == "CSeq" else v) for n, v in self.headers)
        return replace(self, headers=headers)

    def to_bytes(self) -> bytes:
        """Write the message as it goes on the wire, Content-Length included."""
        first = f"{self.method} {self.uri} SIP/2.0" if self.is_request else f"SIP/2.0 {self.status} {self.reason}"
        lines = [first, *(f"{name}: {value}" for name, value in self.headers)]
        lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


@dataclass(frozen=True)
class Uri:
    """The parts of a ``sip:`` URI that decide where a datagram goes."""

    user: str
    host: str
    port: int
    text: str = field(compare=False)


def parse(datagram: bytes) -> Message:
    """Read one datagram.

    Raises: MalformedMessage: no start line, no header block, or a body shorter than it claims.
    """
    head, separator, body = datagram.partition(b"\r\n\r\n")
    if not separator:
        raise MalformedMessage("no empty line after the headers")
    try:
        text = head.decode()
    except UnicodeDecodeError:
        raise MalformedMessage("headers are not UTF-8") from None
    first, *rest = re.sub(r"\r\n[ \t]+", " ", text).split("\r\n")
    headers: list[tuple[str, str]] = []
    for line in rest:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise MalformedMessage(f"not a header: {line[:60]!r}")
        name = name.strip()
        headers.append((_COMPACT.get(name.lower(), name), value.strip()))
    length = next((value for name, value in headers if name.lower() == "content-length"), str(len(body)))
    if not length.isdigit() or int(length) > len(body):
        raise MalformedMessage(f"Content-Length {length!r} but {len(body)} bytes of body")
    kept = tuple(item for item in headers if item[0].lower() != "content-length")
    return _with_start_line(first, kept, body[: int(length)])


def _with_start_line(first: str, headers: tuple[tuple[str, str], ...], body: bytes) -> Message:
    parts = first.split(" ", 2)
    if parts[0] == "SIP/2.0" and len(parts) >= 2 and re.fullmatch(r"[1-6]\d\d", parts[1]):
        return Message(status=int(parts[1]), reason=parts[2] if len(parts) > 2 else "", headers=headers, body=body)
    if len(parts) == 3 and parts[2] == "SIP/2.0" and parts[0].isalpha():
        return Message(method=parts[0].upper(), uri=parts[1], headers=headers, body=body)
    raise MalformedMessage(f"not a SIP start line: {first[:60]!r}")


def parameters(value: str) -> dict[str, str]:
    """Read the ``;name=value`` parameters that follow an address or a Via hop."""
    tail = value.rpartition(">")[2] if ">" in value else value
    return {match[1].lower(): (match[2] or "").strip('"') for match in _PARAMETER.finditer(tail)}


def address_uri(value: str) -> str:
    """Take the URI out of a From, To, Contact or Route value."""
    match = re.search(r"<([^>]+)>", value)
    return match[1] if match else value.partition(";")[0].strip()


def parse_uri(text: str) -> Uri:
    """Split a SIP URI; the port defaults to 5060.

    Raises: MalformedMessage: it is not a ``sip:`` URI.
    """
    match = _URI.match(text.strip())
    if not match:
        raise MalformedMessage(f"not a SIP URI: {text!r}")
    return Uri(match["user"] or "", match["host"].strip("[]"), int(match["port"] or 5060), text.strip())


def is_uri(text: str) -> bool:
    """Whether a text is a ``sip:`` URI, so that something can be sent there."""
    return _URI.match(text.strip()) is not None


def _split_commas(line: str) -> list[str]:
    parts, depth, quoted, current = [], 0, False, ""
    for char in line:
        quoted ^= char == '"'
        depth += (char == "<") - (char == ">")
        if char == "," and not depth and not quoted:
            parts.append(current)
            current = ""
        else:
            current += char
    return [part for part in [*parts, current] if part.strip()]
