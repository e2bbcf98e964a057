from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta

import pytest
from livekit import api

from agent.domain.errors import Blame
from sip.server import ServerAddress
from sip.webhook import ForgedWebhook, WebhookVerifier

ADDRESS = ServerAddress("ws://127.0.0.1:1", "key", "a-secret-for-tests-of-thirty-two-or-more")
BODY = json.dumps(
    {
        "event": "participant_joined",
        "id": "EV_1",
        "numDropped": 2,
        "room": {"name": "call_x", "sid": "RM_1", "creationTimeMs": "1700000000500"},
        "participant": {
            "identity": "sip_+15551230000",
            "kind": "SIP",
            "state": "ACTIVE",
            "attributes": {"sip.callStatus": "ringing"},
        },
        "somethingNew": 1,
    }
).encode()


def _signed(body: bytes, *, key: str = "key", secret: str = ADDRESS.api_secret, ttl_s: int = 60) -> str:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    return api.AccessToken(key, secret).with_sha256(digest).with_ttl(timedelta(seconds=ttl_s)).to_jwt()


@pytest.mark.parametrize("prefix", ["", "Bearer "])
def test_a_signed_webhook_becomes_an_event(prefix: str) -> None:
    event = WebhookVerifier(ADDRESS).verified(BODY, prefix + _signed(BODY))
    assert event.name == "participant_joined"
    assert event.room is not None
    assert (event.room.name, event.room.created_at.timestamp()) == ("call_x", 1700000000.5)


@pytest.mark.parametrize(
    ("body", "authorization"),
    [
        (BODY, ""),
        (BODY, "Bearer nonsense"),
        (BODY + b" ", _signed(BODY)),
        (BODY, _signed(BODY, secret="another-secret-of-thirty-two-characters")),
        (BODY, _signed(BODY, key="another")),
        (BODY, _signed(BODY, ttl_s=-3600)),
        (BODY, api.AccessToken("key", ADDRESS.api_secret).to_jwt()),
        (b"\xff", _signed(b"\xff")),
        (b"not json", _signed(b"not json")),
    ],
    ids=[
        "unsigned",
        "no token",
        "altered",
        "other secret",
        "other key",
        "expired",
        "no digest",
        "bytes",
        "text",
    ],
)
def test_a_forged_webhook_is_the_senders_fault(body: bytes, authorization: str) -> None:
    with pytest.raises(ForgedWebhook) as caught:
        WebhookVerifier(ADDRESS).verified(body, authorization)
    assert caught.value.blame is Blame.CLIENT
