"""What the keeper serves: LiveKit's webhooks, the fleet's status, health and metrics."""

from __future__ import annotations

from aiohttp import web

from agent.domain.errors import FleetError
from agent.keeping.leader import Leadership, Standing
from agent.keeping.metrics import KeeperMetrics
from agent.keeping.service import Keeper
from agent.runtime.health import add_health_routes
from agent.runtime.logs import get_logger
from agent.storage.pool import Pool, fleet_tx
from sip.webhook import ForgedWebhook, WebhookVerifier

_log = get_logger("agent.keeping.http")

_MAX_WEBHOOK_BYTES = 256 * 1024
#: Events after which something may have to be decided. A leg has joined with its track, not before.
_TELLING = frozenset(
    {
        "room_started",
        "participant_joined",
        "track_published",
        "participant_left",
        "participant_connection_aborted",
    }
)


def keeper_app(
    keeper: Keeper, leadership: Leadership, verifier: WebhookVerifier, pool: Pool, metrics: KeeperMetrics
) -> web.Application:
    """The keeper's HTTP application."""
    app = web.Application(client_max_size=_MAX_WEBHOOK_BYTES)

    async def readiness() -> list[str]:
        reasons = ["leadership is not known yet"] if leadership.standing is Standing.UNKNOWN else []
        try:
            async with fleet_tx(pool, budget_s=1.0):
                return reasons
        except FleetError as error:
            return [*reasons, str(error)]

    async def status(_: web.Request) -> web.Response:
        try:
            now = await keeper.status()
        except FleetError as error:
            return web.json_response({"error": str(error)}, status=503)
        return web.json_response(
            {
                "calls": now.calls,
                "seats_total": now.seats_total,
                "seats_free": now.seats_free,
                "leader": leadership.standing is Standing.LEADER,
            }
        )

    async def webhook(request: web.Request) -> web.Response:
        body = await request.read()
        try:
            event = verifier.verified(body, request.headers.get("Authorization", ""))
        except ForgedWebhook:
            metrics.webhooks_rejected.inc()
            _log.warning("webhook.rejected", size_bytes=len(body))
            return web.Response(status=401)
        if event.room is not None and event.name in _TELLING:
            keeper.changes.add(event.room.name)
        return web.Response()

    add_health_routes(app, readiness, metrics.registry)
    app.router.add_get("/status", status)
    app.router.add_post("/livekit/webhook", webhook)
    return app
