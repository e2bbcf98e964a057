"""Which faults are tried on whom, and what the caller says while it happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a provider does for a call, as the fleet's breakers name it."""

    RECOGNISER = "stt"
    MODEL = "model"
    VOICE = "tts"


_OF_ALL = ("limited", "failing", "hanging", "mute", "stalling", "dropping", "malformed")
_OF_SOUND = (*_OF_ALL, "dripping", "wrong-rate")
FAULTS: Mapping[Kind, tuple[str, ...]] = {Kind.RECOGNISER: _OF_SOUND, Kind.MODEL: _OF_ALL, Kind.VOICE: _OF_SOUND}
_FAULT_NAMES = tuple(f"{kind.value}:{fault}" for kind, faults in FAULTS.items() for fault in faults)
#: Where the emulators serve a provider, by the beginning of its name; the first that fits.
_SERVED: Mapping[Kind, tuple[tuple[str, str], ...]] = {
    Kind.RECOGNISER: (("deepgram/flux", "flux"), ("deepgram/", "listen"), ("openai/", "openai-listen")),
    Kind.MODEL: (
        ("responses/", "responses"),
        ("openai/", "chat"),
        ("groq/", "chat"),
        ("ollama/", "chat"),
        ("compatible/", "chat"),
    ),
    Kind.VOICE: (("deepgram/", "speak"), ("elevenlabs/", "elevenlabs"), ("openai/", "openai-speech")),
}
#: What the fleet is told of its providers, by kind.
VARIABLES: Mapping[Kind, str] = {
    Kind.RECOGNISER: "VOICEFLEET_STT",
    Kind.MODEL: "VOICEFLEET_MODELS",
    Kind.VOICE: "VOICEFLEET_TTS",
}

GOOD, LAST = "Where can I park?", "No, thank you. Goodbye."
HOURS = "What are your hours on Monday?"
#: No step but a model reads anything in it.
RIDDLE = "The fang came back to haunt me."
COLOURS = ("orange", "silver", "purple", "yellow", "crimson", "violet", "copper", "scarlet", "turquoise")


@dataclass(frozen=True, slots=True)
class Target:
    """The provider that is to fail.

    Attributes:
        name: as it is configured; `served`: its kind at the emulators.
    """

    kind: Kind
    name: str
    served: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A provider and what is to go wrong with it."""

    target: Target
    fault: str


@dataclass(frozen=True, slots=True)
class Trial:
    """One fault, tried once.

    Attributes:
        says: the caller's words while it strikes.
        expected: a pattern that a reply to them has.
    """

    pair: Pair
    number: int
    says: str
    expected: str


def targets(environment: Mapping[str, str]) -> dict[Kind, Target]:
    """The first provider of each kind, as the fleet was told.

    Raises: ValueError: one is not set, or is none that is emulated.
    """
    found = {}
    for kind, variable in VARIABLES.items():
        name = environment.get(variable, "").split(",")[0].strip()
        found[kind] = Target(kind, name, served(kind, name, variable))
    return found


def served(kind: Kind, name: str, whence: str) -> str:
    """A provider's kind at the emulators. Raises ValueError: it has none there."""
    for beginning, at in _SERVED[kind]:
        if name.startswith(beginning):
            return at
    raise ValueError(f"{whence}: {name or 'nothing'!r} is not emulated; use infra/local/hosted-flux.toml or its like")


def pairs(of: Mapping[Kind, Target], only: Sequence[str]) -> list[Pair]:
    """Every fault of every kind, kinds taking turns so that one provider's failures are far apart.

    Args:
        only: "kind" or "kind:fault"; empty for all.
    """
    chosen = [each for each in _FAULT_NAMES if not only or each in only or each.partition(":")[0] in only]
    return [
        Pair(of[kind], fault)
        for place in range(max(map(len, FAULTS.values())))
        for kind, faults in FAULTS.items()
        for fault in faults[place : place + 1]
        if f"{kind.value}:{fault}" in chosen
    ]


def check_names(what: str, only: Sequence[str], outages: Sequence[str]) -> None:
    """Raises ValueError: one names no kind, fault or outage; nothing would be tried, and all would seem well."""
    kinds = [kind.value for kind in Kind]
    known = {"faults": [*kinds, *_FAULT_NAMES], "breakers": kinds, "outages": [*outages]}.get(what, [])
    for each in only:
        if each not in known:
            raise ValueError(f"--only: {what} knows {', '.join(known) or 'no names'}, and not {each!r}")


def trials(pair: Pair, numbers: Sequence[int], codes: Mapping[str, str]) -> list[Trial]:
    """Of one round, at most as many as there are colours; each call asks a voice for a text that was never spoken.

    Args:
        codes: what the business answers for a colour.
    """
    return [_trial(pair, number, colour, codes) for number, colour in zip(numbers, COLOURS, strict=False)]


def _trial(pair: Pair, number: int, colour: str, codes: Mapping[str, str]) -> Trial:
    kind = pair.target.kind
    expected = {Kind.RECOGNISER: "monday", Kind.MODEL: "sorry|filling", Kind.VOICE: codes[colour].lower()}
    return Trial(pair, number, asking(kind, colour), expected[kind])


def asking(kind: Kind, colour: str) -> str:
    """What a caller says to a provider of this kind."""
    return {Kind.RECOGNISER: HOURS, Kind.MODEL: RIDDLE, Kind.VOICE: code_question(colour)}[kind]


def code_question(colour: str) -> str:
    """What is asked for a text of one's own."""
    return f"What is the code for {colour}?"


def spoken() -> list[str]:
    """Everything the caller may say."""
    return [GOOD, HOURS, RIDDLE, LAST, *(code_question(colour) for colour in COLOURS)]
