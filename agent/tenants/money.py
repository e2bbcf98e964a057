"""What a business's calls may cost, and who hears its dearer voice."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from agent.tenants.providers import VoiceName

_CENTS = "a whole number of cents, 0 for no limit"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class BudgetDocument(_Part):
    """Limits from which on calls are served more cheaply; no caller is hung up on for money."""

    call_cents: int | None = Field(
        default=None, ge=0, title="One call; absent means as the fleet has it.", description=_CENTS
    )
    day_cents: int | None = Field(
        default=None, ge=0, title="All calls of a day; absent means as the fleet has it.", description=_CENTS
    )
    month_cents: int | None = Field(
        default=None, ge=0, title="All calls of a calendar month; absent means as the fleet has it.",
        description=_CENTS,
    )  # fmt: skip


class VoicesDocument(_Part):
    """A dearer voice for callers who are likely to buy."""

    premium: VoiceName = Field(title="The dearer voice.")
    from_score: int = Field(
        default=70, ge=0, le=100, title="From this lead score on it speaks.",
        description="a whole number between 0 and 100",
    )  # fmt: skip
