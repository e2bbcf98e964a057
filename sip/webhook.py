"""LiveKit's webhooks: the signature first, then a typed event."""

from __future__ import annotations

from dataclasses import dataclass

from livekit import api

from agent.domain.errors import Blame, FleetError
from sip.rooms import Room, room_of
from sip.server import ServerAddress


class ForgedWebhook(FleetError):
    """The webhook's signature does not match its body or our key."""

    default_blame = Blame.CLIENT


@dataclass(frozen=True)
class WebhookEvent:
    """What LiveKit told us.

    Attributes:
        name: room_started, room_finished, participant_joined, track_published, participant_left, …
        room: where it happened; None for what happens in no room.
    """

    name: str
    room: Room | None


class WebhookVerifier:
    """Checks that a request comes from our LiveKit server."""

    def __init__(self, address: ServerAddress) -> None:
        self._receiver = api.WebhookReceiver(api.TokenVerifier(address.api_key, address.api_secret))

    def verified(self, body: bytes, authorization: str) -> WebhookEvent:
        """The event in a request.

        Args:
            body: exactly as received; the signature covers every byte.
            authorization: the Authorization header, with or without "Bearer ".
        Raises: ForgedWebhook: unsigned, signed by somebody else, altered, or not an event.
        """
        token = authorization.removeprefix("Bearer ").strip()
        try:
            message = self._receiver.receive(body.decode("utf-8"), token)
        except Exception:  # the receiver raises bare Exception for a mismatch and a dozen types of PyJWT
            raise ForgedWebhook from None
        return WebhookEvent(message.event, room_of(message.room) if message.HasField("room") else None)
