"""Functions of storage that no probe can hold against a second tenant, and why."""

from __future__ import annotations

from collections.abc import Mapping

#: The application has no right to these, not even for its own tenant.
KEEPERS_ONLY = frozenset(
    {
        "outbox.mark_sent",
        "outbox.mark_failed",
        "kb_storing.store_source",
        "kb_storing.remove_source",
        "kb_models.add_vectors",
        "kb_models.switch_to",
        "kb_questions.store_set",
        "kb_questions.store_question_vectors",
        "kb_evaluations.add_evaluation",
    }
)
#: Public functions that serve no one tenant, and why none of them can mix two.
FLEET_WIDE: Mapping[str, str] = {
    "appointments.take_turns": "waits for a lock; the lock's name holds the tenant's id",
    "breakers.claim": "breakers belong to the fleet",
    "breakers.read_all": "breakers belong to the fleet",
    "breakers.report": "breakers belong to the fleet",
    "breakers.reset": "breakers belong to the fleet",
    "call_state.open_call": "opens transactions of its own; tried in test_two_tenants",
    "calls.key_by_id": "the keeper's, by an operator's hand",
    "call_state.active_calls": "the keeper's view of every tenant; tried under the application's role",
    "catalogue.describe_schema": "reads the catalogue, no rows",
    "catalogue.write_schema": "reads the catalogue, no rows",
    "holds.expire_stale": "the keeper's broom: turns what has run out into what has run out, of every tenant",
    "cut_off.forget_expired": "the keeper's broom: what has expired, of every tenant",
    "kb_models.bases": "the keeper's, who embeds for every tenant; each base names its own",
    "kb_storing.take_turns": "waits for a lock; the lock's name holds the tenant's id",
    "kb_evaluations.set_standings": "the keeper's, who runs every tenant's set; each row names its own tenant",
    "kb_evaluations.take_turns": "waits for a lock; the lock's name holds the tenant's id",
    "migrate.migrate": "the schema's owner, before anything runs",
    "migrate.pending_migrations": "reads which files were applied",
    "outbox.claim_due": "the keeper's, who sends for every tenant; each letter names its own",
    "partitions.ensure_partitions": "makes empty tables",
    "spend.fleet_spent": "one sum over all tenants, and no more (test_spend)",
    "taking.clear_in_turn": "waits for a lock; a member of staff belongs to one tenant",
    "taking.insert_unless_taken": "part of holds.hold and appointments.book_anew",
    "tenant_versions.keep": "part of apply_tenant",
    "tenants.apply_tenant": "the keeper's; what belongs to another tenant is refused (test_tenants)",
    "tenants.tenant_by_number": "the one question before a tenant is known; tells an id and no more (test_isolation)",
    "tenants.tenant_by_slug": "the keeper's, by an operator's hand",
    "tenants.tenants_named": "the keeper's, by an operator's hand",
    "workers.fleet_seats": "seats belong to the fleet",
    "workers.forget_silent": "seats belong to the fleet",
    "workers.leave": "seats belong to the fleet",
    "workers.renew": "seats belong to the fleet",
}
