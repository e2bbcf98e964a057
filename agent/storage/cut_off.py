"""What calls that were cut off left behind: one row a tenant and calling number, for as long as it is believed.

Personal data of a draft that was never confirmed: it is deleted when the caller has heard it, and by the keeper soon
after it has expired. Expired rows are never read.
"""

from __future__ import annotations

from uuid import UUID

from agent.domain.codec import decode, encode
from agent.domain.left import REMEMBERED_S, Became, Left
from agent.storage.appointments import appointment_of, by_intent_key
from agent.storage.pool import Connection


async def keep(connection: Connection, tenant_id: UUID, left: Left, *, for_s: float = REMEMBERED_S) -> None:
    """Remember what was left, in place of what the same caller left before; repeating it does no harm."""
    await connection.execute(
        """
        INSERT INTO cut_off_calls (tenant_id, caller_e164, left_behind, expires_at)
        VALUES ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))
        ON CONFLICT (tenant_id, caller_e164) DO UPDATE
            SET left_behind = excluded.left_behind, expires_at = excluded.expires_at
        """,
        tenant_id,
        left.caller_number,
        encode(left),
        for_s,
    )


async def find(connection: Connection, tenant_id: UUID, caller_e164: str) -> Left | None:
    """What this caller's last call left, unless that is too long ago."""
    document = await connection.fetchval(
        """
        SELECT left_behind FROM cut_off_calls
        WHERE tenant_id = $1 AND caller_e164 = $2 AND expires_at > clock_timestamp()
        """,
        tenant_id,
        caller_e164,
    )
    return None if document is None else decode(Left, document)


async def forget(connection: Connection, tenant_id: UUID, caller_e164: str) -> bool:
    """The caller has heard it; False when nothing was kept."""
    status = await connection.execute(
        "DELETE FROM cut_off_calls WHERE tenant_id = $1 AND caller_e164 = $2", tenant_id, caller_e164
    )
    return status == "DELETE 1"


async def forget_expired(connection: Connection) -> int:
    """Delete what is not believed any more; returns how many rows.

    Args:
        connection: the keeper's role for every tenant.
    """
    status = await connection.execute("DELETE FROM cut_off_calls WHERE expires_at <= clock_timestamp()")
    return int(status.removeprefix("DELETE "))


async def became(connection: Connection, tenant_id: UUID, left: Left) -> Became:
    """What the diary says of it now; a pure read."""
    if left.appointment is None:
        return Became(made=await by_intent_key(connection, tenant_id, left.key) if left.key else None)
    row = await connection.fetchrow(
        "SELECT status, change_key, moved_to FROM appointments WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        left.appointment.id,
    )
    if row is None:
        return Became()
    is_ours = left.key is not None and row["change_key"] == left.key and row["status"] == "cancelled"
    made = None
    if is_ours and row["moved_to"] is not None:
        made = await connection.fetchrow(
            """
            SELECT id, service_id, staff_id, start_at, end_at, busy_from, busy_to FROM appointments
            WHERE tenant_id = $1 AND id = $2 AND status = 'confirmed'
            """,
            tenant_id,
            row["moved_to"],
        )
    return Became(
        made=None if made is None else appointment_of(made), stands=row["status"] == "confirmed", is_off=is_ours
    )
