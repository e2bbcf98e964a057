"""What calls may cost, and by which prices it is counted."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field


class SpendingSettings(BaseModel):
    """Part of the settings of every process that takes calls."""

    carrier: str = Field(
        "twilio", description="Who is paid for the time calls are up, by its name in the price list; `local` is free."
    )
    prices_file: Path | None = Field(
        None, description="Your own prices, which go before those of agent/costs/prices.yaml; the same form."
    )
    budget_call_cents: int = Field(
        0, ge=0, description="From this cost on a call is served more cheaply, never ended; 0 means no limit. "
        "A tenant's document may say otherwise, here and in the next two.",
    )  # fmt: skip
    budget_day_cents: int = Field(0, ge=0, description="The same for all calls of one tenant and day of its zone.")
    budget_month_cents: int = Field(0, ge=0, description="The same for one tenant and calendar month of its zone.")
    budget_fleet_day_cents: int = Field(0, ge=0, description="The same for all calls of the fleet and day of UTC.")
