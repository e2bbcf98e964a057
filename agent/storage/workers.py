"""Seats of the fleet. Workers renew theirs every second; a row not renewed counts for nothing."""

from __future__ import annotations

from dataclasses import dataclass

from agent.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class FleetSeats:
    """What the living workers can take.

    Attributes:
        workers: how many renewed in time.
        total: seats of theirs; busy: seats with a call; free: seats without, summed over workers.
    """

    workers: int
    total: int
    busy: int
    free: int


async def renew(connection: Connection, worker_id: str, *, seats: int, busy: int) -> None:
    """Say that this worker lives and `busy` of its `seats` hold a call. Draining: `seats` = `busy`."""
    await connection.execute(
        """
        INSERT INTO workers (worker_id, seats, busy, updated_at) VALUES ($1, $2, $3, clock_timestamp())
        ON CONFLICT (worker_id) DO UPDATE
            SET seats = excluded.seats, busy = excluded.busy, updated_at = excluded.updated_at
        """,
        worker_id,
        seats,
        busy,
    )


async def leave(connection: Connection, worker_id: str) -> None:
    """Give the seats up at once, at a clean end."""
    await connection.execute("DELETE FROM workers WHERE worker_id = $1", worker_id)


async def fleet_seats(connection: Connection, *, max_age_s: float = 3.0) -> FleetSeats:
    """Sum the seats renewed within the last `max_age_s` seconds, by the server's clock."""
    row = await connection.fetchrow(
        """
        SELECT count(*) AS workers, coalesce(sum(seats), 0) AS total, coalesce(sum(busy), 0) AS busy,
               coalesce(sum(greatest(seats - busy, 0)), 0) AS free
        FROM workers WHERE updated_at > clock_timestamp() - make_interval(secs => $1)
        """,
        max_age_s,
    )
    assert row is not None
    return FleetSeats(workers=row["workers"], total=row["total"], busy=row["busy"], free=row["free"])


async def forget_silent(connection: Connection, *, max_age_s: float = 3600.0) -> int:
    """Delete workers that have not renewed for `max_age_s` seconds; returns how many."""
    status = await connection.execute(
        "DELETE FROM workers WHERE updated_at < clock_timestamp() - make_interval(secs => $1)", max_age_s
    )
    return int(status.rpartition(" ")[2])
