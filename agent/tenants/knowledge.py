"""The parts of a tenant's document that are spoken as they stand: free facts, replies to doubts; the base; leads."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from agent.tenants.values import Slug

#: Spoken in about 12 s; a longer answer is not remembered.
LONGEST_ANSWER_CHARS = 200

Answer = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_ANSWER_CHARS, strip_whitespace=True),
    Field(description=f"a text of 1 to {LONGEST_ANSWER_CHARS} characters"),
]
Example = Annotated[
    str,
    StringConstraints(min_length=3, max_length=120, strip_whitespace=True),
    Field(description="a text of 3 to 120 characters"),
]
Address = Annotated[str, StringConstraints(max_length=LONGEST_ANSWER_CHARS, strip_whitespace=True)]
_SCORE = "a number between 0 and 1"
_REPLY = f"a text of 1 to {LONGEST_ANSWER_CHARS} characters"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class FactDocument(_Part):
    """A question callers ask, and the business's own answer."""

    id: Slug = Field(title="Its lasting name in our records.")
    questions: list[Example] = Field(
        min_length=1, max_length=20,
        title='How callers ask; one matches when all its telling words are said, so a short one ("parking") is wide.',
        description="a list of 1 to 20 texts",
    )  # fmt: skip
    answer: Answer = Field(title="What is said, as it stands: one or two short sentences.")


class ObjectionsDocument(_Part):
    """Replies to doubts, each said once; absent means a word of understanding."""

    price: Answer | None = Field(default=None, title='To "that is too expensive".', description=_REPLY)
    trust: Answer | None = Field(default=None, title='To "how do I know you are any good?"', description=_REPLY)
    timing: Answer | None = Field(default=None, title='To "this is a bad time".', description=_REPLY)
    think: Answer | None = Field(default=None, title='To "I have to think about it".', description=_REPLY)
    competitor: Answer | None = Field(default=None, title='To "others are cheaper".', description=_REPLY)
    robot: Answer | None = Field(
        default=None, title='To "are you a robot?"; absent means our own words, which say yes.', description=_REPLY
    )


class BaseDocument(_Part):
    """How the knowledge base answers (`voicefleet kb`)."""

    accept: float | None = Field(
        default=None, ge=0, le=1, title="From this score on a passage is spoken; absent means the usual one.",
        description=_SCORE,
    )  # fmt: skip
    confirm: float | None = Field(
        default=None, ge=0, le=1,
        title="From this score on the caller is asked whether that is the question; absent means the usual one.",
        description=_SCORE,
    )  # fmt: skip
    may_shorten: bool = Field(
        default=False,
        title="Whether a language model may pick, of a long passage or of two, the sentences that answer; the caller's "
        "question and the passages are sent to it. Their own sentences are said, nothing else.",
        description="true or false",
    )


class LeadsDocument(_Part):
    """How callers who might buy are asked what tells how likely; present means they are."""

    least_budget_dollars: int | None = Field(
        default=None, ge=0, title="A smaller budget earns no points; absent means any does.",
        description="a whole number of dollars, 0 or more",
    )  # fmt: skip
    services: list[Slug] = Field(
        default=[], title="Ids of services that make a lead of whoever names one without a day or time.",
        description="a list of service ids",
    )  # fmt: skip
