"""AWS's signature of a request, version 4: what one POST with a body needs of it.

Source: AWS General Reference, "Create a signed AWS API request"; botocore's signer is the oracle of its test.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"


def signed_headers(
    url: str, body: bytes, *, service: str, region: str, key_id: str, secret: str, at: datetime
) -> Mapping[str, str]:
    """Headers with which a JSON document is posted.

    Args:
        url: without a query, its path of plain characters only.
        at: aware UTC; a request is accepted within five minutes of it.
    """
    parts = urlsplit(url)
    stamp, day = f"{at:%Y%m%dT%H%M%SZ}", f"{at:%Y%m%d}"
    headers = {"content-type": "application/json", "host": parts.netloc, "x-amz-date": stamp}
    names = ";".join(headers)
    canonical = "\n".join(
        ["POST", parts.path, "", *(f"{name}:{value}" for name, value in headers.items()), "", names, _hash(body)]
    )
    scope = f"{day}/{region}/{service}/aws4_request"
    text = "\n".join([_ALGORITHM, stamp, scope, _hash(canonical.encode())])
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    signature = _hmac(key, text).hex()
    authorization = f"{_ALGORITHM} Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**headers, "Authorization": authorization}


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
