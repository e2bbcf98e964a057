"""How Deepgram refuses a request or a handshake: a status, a document, and the same words in a header.

Source: Deepgram's reference, "Errors" (err_code, err_msg, request_id); its guide to troubleshooting websockets
(`dg-request-id` always, `dg-error` on a failed upgrade). How a rate limit's and a server's error are worded was not
found there; the codes are those its clients report.
"""

from __future__ import annotations

import uuid

from aiohttp import web

_CODES = {
    400: "Bad Request",
    401: "INVALID_AUTH",
    413: "PAYLOAD_TOO_LARGE",
    429: "TOO_MANY_REQUESTS",
    500: "INTERNAL_SERVER_ERROR",
}
MESSAGES = {
    401: "Invalid credentials.",
    429: "Too many requests. Please try again later",
    500: "The server encountered an internal error.",
}


class DeepgramRefused(Exception):
    """A request that is answered with an error.

    Attributes:
        status: HTTP, one of 400, 401, 413, 429, 500.
    """

    def __init__(self, status: int, message: str | None = None) -> None:
        super().__init__(message if message is not None else MESSAGES[status])
        self.status = status


def request_id() -> str:
    """A new one, as Deepgram forms them."""
    return str(uuid.uuid4())


def refusal(refused: DeepgramRefused) -> web.Response:
    """The answer."""
    made = request_id()
    document = {"err_code": _CODES[refused.status], "err_msg": str(refused), "request_id": made}
    headers = {"dg-request-id": made, "dg-error": str(refused)}
    return web.json_response(document, status=refused.status, headers=headers)


def check_key(authorization: str | None, key: str | None) -> None:
    """Raises DeepgramRefused unless a request bears the key; every one does where `key` is None.

    Args:
        authorization: the header: "Token KEY", or "Bearer" for a token that was granted.
    """
    scheme, _, given = (authorization or "").partition(" ")
    if scheme not in ("Token", "Bearer") or not given or key not in (None, given):
        raise DeepgramRefused(401)
