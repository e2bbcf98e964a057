"""When a tenant's question set is run again: once a night at most, and only when there is a reason. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agent.storage.kb_evaluations import SetStanding

#: On the tenant's clock; nobody calls, and what was added in the evening is in.
NIGHT_AT = time(2)
#: A base that nobody touches is run again all the same: the program may have changed.
_MOST_NIGHTS = 7


def zone_of(name: str | None) -> ZoneInfo:
    """The zone of this name; UTC when there is none of it."""
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def last_night_at(now: datetime, zone: ZoneInfo) -> datetime:
    """When it was last two o'clock there; aware UTC.

    On a day whose clock jumps over it, that is the moment of the jump; where it comes twice, the first of them.
    """
    today = now.astimezone(zone).date()
    tonight_at = _at_two(today, zone)
    return tonight_at if tonight_at <= now else _at_two(today - timedelta(days=1), zone)


def next_night_at(now: datetime, zone: ZoneInfo) -> datetime:
    """When it will be two o'clock there next; aware UTC."""
    return _at_two(last_night_at(now, zone).astimezone(zone).date() + timedelta(days=1), zone)


def is_due(standing: SetStanding, now: datetime) -> bool:
    """Whether to run a tenant's set now.

    What changed after two o'clock waits for the next night, whatever the hour: a run in the middle of the day would
    judge a base that somebody is still working on.
    """
    zone = zone_of(standing.timezone)
    night_at = last_night_at(now, zone)
    if standing.last_at is not None and standing.last_at >= night_at:
        return False
    if standing.last != standing.now and standing.changed_at <= night_at:
        return True
    if standing.last_at is None:
        return False
    nights = night_at.astimezone(zone).date() - standing.last_at.astimezone(zone).date()
    return nights >= timedelta(days=_MOST_NIGHTS)


def _at_two(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, NIGHT_AT, zone).astimezone(UTC)
