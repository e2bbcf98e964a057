"""What may stand in a tenant's document: every field, its bounds, its default and what it means.

A field's `title` is its meaning, for docs/tenants.md; its `description` is what was expected, for a fault.
"""

from __future__ import annotations

from datetime import date as Day
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agent.tenants.contact import MessagesDocument, TextsDocument, TransferDocument
from agent.tenants.knowledge import Address, BaseDocument, FactDocument, LeadsDocument, ObjectionsDocument
from agent.tenants.money import BudgetDocument, VoicesDocument
from agent.tenants.providers import ProvidersDocument
from agent.tenants.values import (
    HolidayName,
    Hours,
    Number,
    OptionalText,
    RecordingChoice,
    Slug,
    State,
    Text,
    Timezone,
    WeekHours,
)

_HOURS = "hours by weekday, at least one day"
_MINUTES_TO_240 = "a whole number of minutes between 0 and 240"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class ServiceDocument(_Part):
    """One bookable service."""

    id: Slug = Field(title="Its lasting name in our records.")
    name: Text = Field(title="How the agent says it.")
    aliases: list[Text] = Field(
        default=[], max_length=30, title="Other words callers use for it.", description="a list of at most 30 texts"
    )
    duration_min: int = Field(
        ge=5, le=480, title="How long the customer is there.",
        description="a whole number of minutes between 5 and 480",
    )  # fmt: skip
    buffer_before_min: int = Field(
        default=0, ge=0, le=240, title="Kept free before it: driving there, setting up.", description=_MINUTES_TO_240
    )
    buffer_min: int = Field(
        default=0, ge=0, le=240, title="Kept free after it: cleaning up, notes.", description=_MINUTES_TO_240
    )
    price_cents: int | None = Field(
        default=None, ge=0, title="Its price; absent when none is quoted.",
        description="a whole number of cents, 0 or more",
    )  # fmt: skip


class ClosureDocument(_Part):
    """A dated exception to the weekly hours: one day, or from `date` to `until`."""

    date: Day = Field(title="The day, or the first of several.", description="a date like 2026-12-25")
    until: Day | None = Field(
        default=None, title="The last of several days.", description="a date like 2026-12-26, not before `date`"
    )
    reason: OptionalText = Field(default="", title="For people who read the file.")
    hours: list[Hours] = Field(
        default=[], title="The hours that hold instead; none means closed.", description="a list of hours"
    )

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until is not None and self.until < self.date:
            raise ValueError("`until` not before `date`")
        return self


class StaffDocument(_Part):
    """Somebody who performs services, or a place where they are performed."""

    slug: Slug = Field(title="The lasting name in our records.")
    name: Text = Field(title="How the agent says it.")
    services: list[Slug] = Field(
        min_length=1, title="Ids of the services performed.", description="a list of service ids"
    )
    capacity: int = Field(
        default=1, ge=1, le=50, title="How many customers at the same time: two bays, three chairs.",
        description="a whole number between 1 and 50",
    )  # fmt: skip
    hours: WeekHours | None = Field(
        default=None, min_length=1, title="Own weekly hours within the business's; absent means the same.",
        description=_HOURS,
    )  # fmt: skip
    aliases: list[Text] = Field(
        default=[], max_length=30, title="Other names callers use.", description="a list of at most 30 texts"
    )
    time_off: list[ClosureDocument] = Field(
        default=[], title="Days away, or with other hours.", description="a list of days"
    )


class EmergencyDocument(_Part):
    """What this trade makes an emergency of, beside what is one everywhere; phrases in callers' words."""

    ours: list[Text] = Field(
        default=[], max_length=50, title="Emergencies this business comes for: booked, not sent to 911.",
        description="a list of at most 50 texts",
    )  # fmt: skip
    danger: list[Text] = Field(
        default=[], max_length=50, title="Answered with 911 first.", description="a list of at most 50 texts"
    )
    gas: list[Text] = Field(
        default=[], max_length=50, title='Answered with "leave the building" first.',
        description="a list of at most 50 texts",
    )  # fmt: skip


class TenantDocument(_Part):
    """The whole file."""

    id: UUID | None = Field(
        default=None, title="Only to take over a business under another slug.",
        description="a UUID, or absent to derive it from the slug",
    )  # fmt: skip
    slug: Slug = Field(title="The business's lasting name in our records; never change it.")
    name: Text = Field(title="The business's name.")
    timezone: Timezone = Field(
        title="All times in the file are local to it.", description='an IANA time zone such as "America/New_York"'
    )
    state: State = Field(
        default="", title="State of the USA, whose law sets the defaults below; unknown means the strictest.",
        description='the two letters of a state, like "NY"',
    )  # fmt: skip
    language: Literal["en"] = Field(default="en", title="What the agent speaks.", description='"en"')
    greeting: Text = Field(title="The first words of every call.")
    ai_disclosure: OptionalText | None = Field(
        default=None, title='That a machine speaks, after the greeting; absent means our own words, "" means none.',
        description="a text of at most 300 characters",
    )  # fmt: skip
    recording: RecordingChoice | None = Field(
        default=None, title="Whether calls are recorded; absent means as state law suggests.",
        description='"off" or "announce"',
    )  # fmt: skip
    recording_text: OptionalText | None = Field(
        default=None, title="Said before anything is recorded; absent means our own words.",
        description="a text of at most 300 characters",
    )  # fmt: skip
    is_private: bool = Field(
        default=False,
        title="Health or other private matters: no recording, no words of calls kept, no service named to whoever "
        "asks about an appointment.",
        description="true or false",
    )
    numbers: list[Number] = Field(
        min_length=1, title="The numbers callers dial.", description="a list of at least one number"
    )
    area_code: Annotated[str, Field(pattern=r"^(\d{3})?$")] = Field(
        default="", title="Completes a number said without its area code.",
        description='three digits in quotes, like "555"',
    )  # fmt: skip
    services: list[ServiceDocument] = Field(
        min_length=1, title="What can be booked.", description="a list of at least one service"
    )
    staff: list[StaffDocument] = Field(
        min_length=1, title="Who performs it, in order of preference.", description="a list of at least one person"
    )
    hours: WeekHours = Field(min_length=1, title="When the business is open.", description=_HOURS)
    closures: list[ClosureDocument] = Field(
        default=[], title="Dated exceptions: closed, or other hours.", description="a list of closures"
    )
    holidays: list[HolidayName] = Field(
        default=[], title="Holidays on which it is closed, by name; a closure with hours opens one.",
        description="a list of holidays",
    )  # fmt: skip
    holiday_weekends: Literal["same-day", "weekday-off"] = Field(
        default="same-day",
        title="Whether a federal holiday on a weekend closes the nearest weekday too.",
        description='"same-day" or "weekday-off"',
    )
    start_every_min: int = Field(
        default=15, ge=5, le=120, title="Appointments start on this grid, in minutes from each opening.",
        description="a whole number between 5 and 120",
    )  # fmt: skip
    notice_min: int = Field(
        default=30, ge=0, le=10080, title="Nothing is booked sooner than this many minutes from now.",
        description="a whole number between 0 and 10080",
    )  # fmt: skip
    max_days_ahead: int = Field(
        default=180, ge=1, le=730, title="Nothing is booked further ahead than this many days.",
        description="a whole number between 1 and 730",
    )  # fmt: skip
    seat_cap: int | None = Field(
        default=None, ge=1, le=1000, title="Most calls at a time; absent means as many as the fleet takes.",
        description="a whole number between 1 and 1000",
    )  # fmt: skip
    emergencies: EmergencyDocument = Field(
        default=EmergencyDocument(), title="What the trade makes an emergency of.",
        description="a mapping of ours, danger and gas",
    )  # fmt: skip
    transfer: TransferDocument | None = Field(
        default=None, title="Whom callers are put through to who ask for a person; absent means nobody.",
        description="a mapping of number, kind, hours, ring_timeout_s and briefing",
    )  # fmt: skip
    messages: MessagesDocument = Field(
        default=MessagesDocument(), title="How messages are taken.",
        description="a mapping of enabled, ask_urgency and urgent_words",
    )  # fmt: skip
    sms: TextsDocument = Field(
        default=TextsDocument(), title="What may be texted to a caller who agrees.",
        description="a mapping of enabled and booking_link",
    )  # fmt: skip
    overflow_number: Number | None = Field(
        default=None, title="Told to callers whom nothing else helps.",
        description='a number like "+15550100100", in quotes',
    )  # fmt: skip
    address: Address = Field(
        default="", title="Where the business is, as it is spoken; absent means it is not told.",
        description="a text of at most 200 characters",
    )  # fmt: skip
    facts: list[FactDocument] = Field(
        default=[], max_length=100, title="What callers ask that hours, prices and services do not answer.",
        description="a list of at most 100 facts",
    )  # fmt: skip
    objections: ObjectionsDocument = Field(
        default=ObjectionsDocument(), title="Replies to doubts, each said once.",
        description="a mapping of price, trust, timing, think, competitor and robot",
    )  # fmt: skip
    knowledge: BaseDocument = Field(
        default=BaseDocument(), title="How its knowledge base answers.",
        description="a mapping of accept, confirm and may_shorten",
    )  # fmt: skip
    providers: ProvidersDocument = Field(
        default=ProvidersDocument(), title="Who hears, thinks and speaks; absent means whom the fleet uses.",
        description="a mapping of stt, tts, models and keyterms",
    )  # fmt: skip
    budget: BudgetDocument = Field(
        default=BudgetDocument(), title="What calls may cost before they are served more cheaply.",
        description="a mapping of call_cents, day_cents and month_cents",
    )  # fmt: skip
    voices: VoicesDocument | None = Field(
        default=None, title="A dearer voice for callers who might buy; absent means one voice for all.",
        description="a mapping of premium and from_score",
    )  # fmt: skip
    leads: LeadsDocument | None = Field(
        default=None, title="Present, if only as {}: callers who might buy are asked what tells how likely.",
        description="a mapping, like {least_budget_dollars: 200000}",
    )  # fmt: skip
