"""Which providers hear, think and speak for a business, where it does not take the fleet's."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from agent.domain.providers import VENDORS, Kind, parse_chain, parse_provider

_CHAIN = "a list of `vendor/model`, the first to be tried first"


def _named(kind: Kind) -> AfterValidator:
    def check(name: str) -> str:
        parse_provider(kind, name)
        return name

    return AfterValidator(check)


def _expected(kind: Kind) -> str:
    return f"`vendor/model`, the vendor one of {', '.join(sorted(VENDORS[kind]))}"


Recogniser = Annotated[str, _named(Kind.STT), Field(description=_expected(Kind.STT))]
ModelName = Annotated[str, _named(Kind.MODEL), Field(description=_expected(Kind.MODEL))]
VoiceName = Annotated[str, _named(Kind.TTS), Field(description=_expected(Kind.TTS))]
Keyterm = Annotated[
    str,
    StringConstraints(min_length=2, max_length=40, strip_whitespace=True),
    Field(description="a text of 2 to 40 characters"),
]


def _once(kind: Kind) -> AfterValidator:
    def check(names: list[str]) -> list[str]:
        parse_chain(kind, names)
        return names

    return AfterValidator(check)


class ProvidersDocument(BaseModel):
    """Chains that replace the fleet's; an empty one leaves it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)

    stt: Annotated[list[Recogniser], _once(Kind.STT)] = Field(
        default=[], max_length=4, title="Recognisers.", description=_CHAIN
    )
    tts: Annotated[list[VoiceName], _once(Kind.TTS)] = Field(
        default=[], max_length=4, title="Voices.", description=_CHAIN
    )
    models: Annotated[list[ModelName], _once(Kind.MODEL)] = Field(
        default=[], max_length=4, title="Language models.", description=_CHAIN
    )
    keyterms: list[Keyterm] = Field(
        default=[], max_length=50,
        title="Words recognisers are to expect beside the names of services and staff: brands, streets, people.",
        description="a list of at most 50 texts",
    )  # fmt: skip
