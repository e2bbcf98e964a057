"""The kinds of request there are, what each can be like, and suites that say it for all of them at once."""

from __future__ import annotations

from collections.abc import Mapping

from loadtest.emulators.profiles import (
    EMBEDDING_PROFILES,
    LISTEN_PROFILES,
    PROFILES,
    SPEECH_PROFILES,
    Fault,
    Profile,
)

KINDS: Mapping[str, Mapping[str, Profile]] = {
    "listen": LISTEN_PROFILES,
    "flux": LISTEN_PROFILES,
    "openai-listen": LISTEN_PROFILES,
    "speak": SPEECH_PROFILES,
    "chat": PROFILES,
    "responses": PROFILES,
    "embeddings": EMBEDDING_PROFILES,
    "openai-speech": SPEECH_PROFILES,
    "elevenlabs": SPEECH_PROFILES,
}
_HOSTED = {
    "listen": "nova-3",
    "flux": "flux",
    "openai-listen": "gpt-4o-mini-transcribe",
    "speak": "aura-2",
    "chat": "gpt-4.1",
    "responses": "gpt-4.1",
    "embeddings": "far",
    "openai-speech": "gpt-4o-mini-tts",
    "elevenlabs": "flash-v2.5",
}
#: The suite whose recognisers hear whatever is said; one word in twenty is spoiled beside their own mistakes.
LISTENED, LISTENED_WORD_ERRORS = "whisper+5%", 0.05
#: A suite names three providers; the kinds it does not name are as fast as their usual model.
SUITES: Mapping[str, Mapping[str, str]] = {
    "fast": dict.fromkeys(KINDS, "fast"),
    "nova-3+gpt-4.1+aura-2": _HOSTED,
    LISTENED: dict.fromkeys(KINDS, "fast"),
    "flux+gpt-oss-groq+flash-v2.5": _HOSTED | {"chat": "gpt-oss-120b-groq", "responses": "gpt-oss-120b-groq"},
}


def profile_of(kind: str, name: str) -> Profile:
    """A kind's profile. Raises ValueError: no such kind, or none of that name."""
    if kind not in KINDS:
        raise ValueError(f"kind: expected one of {', '.join(sorted(KINDS))}")
    if name not in KINDS[kind]:
        raise ValueError(f"profile of {kind}: expected one of {', '.join(sorted(KINDS[kind]))}")
    return KINDS[kind][name]


def has_streams(kind: str) -> bool:
    """Whether a request of this kind goes on for as long as a call: a recogniser's."""
    return KINDS[kind] is LISTEN_PROFILES


def fault_of(kind: str, name: str) -> Fault:
    """A fault a kind can have; none is one. Raises ValueError."""
    possible = {Fault.NONE.value} | {profile.fault.value for profile in KINDS.get(kind, {}).values()}
    if name not in possible:
        raise ValueError(f"fault of {kind}: expected one of {', '.join(sorted(possible))}")
    return Fault(name)
