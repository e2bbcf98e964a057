"""Answering a 401 or 407: which header asks, which one answers (RFC 3261 §22)."""

from __future__ import annotations

import secrets

from loadtest.caller import digest
from loadtest.caller.sip_message import Message

#: By status: the header that asks and the one that answers.
_HEADERS = {
    401: ("WWW-Authenticate", "Authorization"),
    407: ("Proxy-Authenticate", "Proxy-Authorization"),
}


def authorization(refusal: Message, method: str, uri: str, credentials: tuple[str, str]) -> tuple[str, str] | None:
    """The header to send the request again with; None when no challenge is one we can answer.

    Args:
        refusal: the 401 or 407.
        uri: the request URI exactly as sent.
        credentials: user and password.
    """
    asked, answered = _HEADERS[refusal.status]
    user, password = credentials
    for challenge in refusal.all(asked):
        cnonce = secrets.token_hex(8)
        value = digest.answer(challenge, method=method, uri=uri, user=user, password=password, cnonce=cnonce)
        if value:
            return answered, value
    return None
