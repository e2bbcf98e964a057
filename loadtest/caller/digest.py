"""Digest answers to a 401 or 407 (RFC 3261 §22, RFC 7616), MD5 and SHA-256, with or without qop=auth."""

from __future__ import annotations

import hashlib
import re

_FIELD = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def answer(challenge: str, *, method: str, uri: str, user: str, password: str, cnonce: str) -> str | None:
    """Write the Authorization value for one challenge.

    Args:
        challenge: the WWW-Authenticate or Proxy-Authenticate value.
        uri: the request URI exactly as sent.
        cnonce: a fresh random token.
    Returns: the header's value, or None if the scheme, algorithm or qop is not one we speak.
    """
    scheme, _, rest = challenge.strip().partition(" ")
    fields = {m[1].lower(): m[2] if m[2] is not None else m[3] for m in _FIELD.finditer(rest)}
    algorithm = fields.get("algorithm", "MD5").upper()
    offered = [item.strip() for item in fields.get("qop", "").split(",") if item.strip()]
    if scheme.lower() != "digest" or algorithm not in _HASHES or (offered and "auth" not in offered):
        return None

    def hashed(text: str) -> str:
        return _HASHES[algorithm](text.encode()).hexdigest()

    realm, nonce = fields.get("realm", ""), fields.get("nonce", "")
    secret, target = hashed(f"{user}:{realm}:{password}"), hashed(f"{method}:{uri}")
    pairs = [f'username="{user}"', f'realm="{realm}"', f'nonce="{nonce}"', f'uri="{uri}"']
    if offered:
        response = hashed(f"{secret}:{nonce}:00000001:{cnonce}:auth:{target}")
        pairs += ["qop=auth", "nc=00000001", f'cnonce="{cnonce}"']
    else:
        response = hashed(f"{secret}:{nonce}:{target}")
    pairs += [f'response="{response}"', f"algorithm={fields.get('algorithm', 'MD5')}"]
    if "opaque" in fields:
        pairs.append(f'opaque="{fields["opaque"]}"')
    return "Digest " + ", ".join(pairs)
