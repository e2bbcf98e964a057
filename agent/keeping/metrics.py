"""The keeper's metrics. Never labelled by call, room or number."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge

from agent.keeping.decide import Reason


class KeeperMetrics:
    """Everything the keeper counts, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.leader = Gauge("keeper_leader", "1 on the keeper that acts.", registry=registry)
        self.seats = Gauge("keeper_seats", "Seats of living workers.", ["state"], registry=registry)
        self.calls = Gauge("keeper_calls", "Rooms with a call, ringing or answered.", registry=registry)
        self.rooms_refused = Counter("keeper_rooms_refused", "Callers refused.", ["reason"], registry=registry)
        self.redispatched = Counter("keeper_redispatched", "Agents asked for again.", registry=registry)
        self.orphans_ended = Counter(
            "keeper_orphans_ended", "Rooms and call records ended that nobody was left in.", registry=registry
        )
        self.webhooks_rejected = Counter(
            "keeper_webhooks_rejected", "Webhooks whose signature was wrong.", registry=registry
        )
        self.failures = Counter(
            "keeper_failures", "Things the keeper could not do.", ["action", "outcome"], registry=registry
        )
        self.letters = Counter(
            "keeper_letters",
            "Letters of the outbox, by what became of an attempt.",
            ["kind", "result"],
            registry=registry,
        )
        for reason in Reason:
            if reason is not Reason.ORPHAN:
                self.rooms_refused.labels(reason.value)
