"""The kinds of value a tenant's document is made of, each with the words a fault uses for it."""

from __future__ import annotations

from datetime import time
from functools import cache
from typing import Annotated, Any, Literal, get_args
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, StringConstraints

from agent.domain.holidays import Holiday
from agent.tenants.us_states import us_states

#: Stands for all eleven federal holidays.
US_FEDERAL = "us-federal"
HOLIDAY_NAMES = (US_FEDERAL, *(holiday.value for holiday in Holiday))


def _interval(value: Any) -> tuple[time, time]:
    if isinstance(value, str) and value.count("-") == 1:
        try:
            opens, closes = (time.fromisoformat(part.strip()) for part in value.split("-"))
        except ValueError:
            pass
        else:
            if opens < closes and opens.tzinfo is closes.tzinfo is None:
                return (opens, closes)
    raise ValueError('hours like "08:00-17:00", opening before closing')


def _written(value: tuple[time, time]) -> str:
    return f"{value[0]:%H:%M}-{value[1]:%H:%M}"


@cache
def _zones() -> set[str]:
    # Reads a whole folder tree: once a process, not once a call.
    return available_timezones()


def _timezone(value: Any) -> str:
    if isinstance(value, str) and value in _zones():
        return value
    raise ValueError('an IANA time zone such as "America/New_York"')


def _recording(value: Any) -> Any:
    # YAML 1.1 reads a bare `off` as false.
    return "off" if value is False else value


def _state(value: Any) -> str:
    if value == "" or (isinstance(value, str) and value in us_states()):
        return str(value)
    raise ValueError("the two letters of a state")


def _holiday(value: Any) -> str:
    if isinstance(value, str) and value in HOLIDAY_NAMES:
        return value
    raise ValueError("the name of a holiday")


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _in_order(week: dict[Weekday, list[tuple[time, time]]]) -> dict[Weekday, list[tuple[time, time]]]:
    # The database does not keep the order of keys.
    return {day: week[day] for day in get_args(Weekday) if day in week}


Slug = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$"),
    Field(description="lower-case letters, digits and hyphens, at most 40"),
]
Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300, strip_whitespace=True),
    Field(description="a text of 1 to 300 characters"),
]
OptionalText = Annotated[
    str, StringConstraints(max_length=300, strip_whitespace=True), Field(description="a text of at most 300 characters")
]
Number = Annotated[
    str, StringConstraints(pattern=r"^\+[1-9]\d{6,14}$"), Field(description='a number like "+15550100100", in quotes')
]
Hours = Annotated[
    tuple[time, time],
    BeforeValidator(_interval),
    PlainSerializer(_written),
    Field(description='hours like "08:00-17:00"'),
]
WeekHours = Annotated[dict[Weekday, list[Hours]], AfterValidator(_in_order)]
Timezone = Annotated[str, BeforeValidator(_timezone)]
RecordingChoice = Annotated[Literal["off", "announce"], BeforeValidator(_recording)]
State = Annotated[str, BeforeValidator(_state)]
HolidayName = Annotated[str, BeforeValidator(_holiday), Field(description=f"one of {', '.join(HOLIDAY_NAMES)}")]
