"""Texts to callers: put in the outbox with the consent to them, and only where there is one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from agent.domain.appointments import Appointment
from agent.domain.notes import Text, TextKind
from agent.domain.tenant import Tenant
from agent.storage.consents import agree_to_texts, agrees_to_texts
from agent.storage.outbox import enqueue
from agent.storage.pool import Connection


async def send_agreed(connection: Connection, tenant: Tenant, call_id: UUID, text: Text) -> bool:
    """Keep the consent just given and put its text in the outbox; False when that text is there already."""
    await agree_to_texts(connection, tenant.id, call_id, text.phone, asked=text.asked, words=text.words)
    if text.kind is TextKind.CONFIRMATION and text.appointment is not None:
        return await _confirm(connection, tenant, text.appointment, text.phone)
    payload = {"to": text.phone, "business": tenant.name, "link": tenant.texts.booking_link}
    return await enqueue(connection, tenant.id, "sms_link", f"sms_link {call_id}", payload)


async def confirm_if_agreed(connection: Connection, tenant: Tenant, made: Appointment, phone: str) -> bool:
    """Confirm a booking by text, in its own transaction, to a customer who agreed to texts before."""
    if not tenant.texts.is_enabled or not await agrees_to_texts(connection, tenant.id, phone):
        return False
    await _confirm(connection, tenant, made, phone)
    return True


async def _confirm(connection: Connection, tenant: Tenant, made: Appointment, phone: str) -> bool:
    known = tenant.has_service(made.service_id)
    payload: dict[str, Any] = {
        "to": phone,
        "business": tenant.name,
        "service": tenant.service(made.service_id).name if known else made.service_id,
        "start_at": made.opening.start_at.isoformat(),
        "timezone": tenant.timezone,
    }
    return await enqueue(connection, tenant.id, "sms_confirmation", f"sms_confirmation {made.id}", payload)
