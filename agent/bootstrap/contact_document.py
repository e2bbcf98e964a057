"""The parts of a tenant's document that say how callers are helped when a call leads nowhere."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from agent.domain.tenant import MessageRules, TextRules

E164 = Annotated[str, StringConstraints(pattern=r"^\+[1-9]\d{6,14}$")]
Word = Annotated[str, StringConstraints(min_length=2, max_length=40, to_lower=True, strip_whitespace=True)]
Link = Annotated[str, StringConstraints(pattern=r"^(https://[^\s\"'<>]{3,200})?$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MessagesDocument(_Part):
    """Messages for the business."""

    SHAPE: ClassVar[str] = "a mapping of `enabled`, `ask_urgency` (both true or false) and `urgent_words` (a list)"

    enabled: bool = True
    ask_urgency: bool = True
    urgent_words: list[Word] = Field(default=[], max_length=30)

    def rules(self) -> MessageRules:
        """The domain's view."""
        return MessageRules(self.enabled, self.ask_urgency, tuple(self.urgent_words))


class TextsDocument(_Part):
    """Texts to callers who agree to them."""

    SHAPE: ClassVar[str] = (
        "a mapping of `enabled` (true or false) and `booking_link` (a text that begins with https://)"
    )

    enabled: bool = False
    booking_link: Link = ""

    def rules(self) -> TextRules:
        """The domain's view."""
        return TextRules(self.enabled, self.booking_link)
