"""The parts of a tenant's document that say how callers are helped when a call leads nowhere."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Word = Annotated[
    str,
    StringConstraints(min_length=2, max_length=40, to_lower=True, strip_whitespace=True),
    Field(description="a word or two of 2 to 40 letters"),
]
Link = Annotated[str, StringConstraints(pattern=r"^(https://[^\s\"'<>]{3,200})?$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MessagesDocument(_Part):
    """Messages for the business."""

    enabled: bool = Field(default=True, title="Whether callers may leave one.", description="true or false")
    ask_urgency: bool = Field(
        default=True, title="Whether a caller who does not say so is asked if it is urgent.",
        description="true or false",
    )  # fmt: skip
    urgent_words: list[Word] = Field(
        default=[], max_length=30, title='What makes a message urgent in this trade: "swelling", "no heat".',
        description="a list of at most 30 words",
    )  # fmt: skip


class TextsDocument(_Part):
    """Texts to callers who agree to them."""

    enabled: bool = Field(
        default=False, title="Whether the business is registered to send texts.", description="true or false"
    )
    booking_link: Link = Field(
        default="", title="Where a caller can book, for a text; absent when nowhere.",
        description="an address that begins with https://",
    )  # fmt: skip
