"""What a client asks for when it opens /v1/listen or /v2/listen: checked as the API checks it.

Source: Deepgram's AsyncAPI document, and its guides to endpointing, keyterms and Flux's configuration. `no_delay` and
`filler_words` are not in the document; the official LiveKit plugin sends them and the API takes them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from multidict import MultiMapping

from loadtest.emulators.deepgram_errors import DeepgramRefused

_COMMON = frozenset({
    "encoding", "keyterm", "mip_opt_out", "model", "numerals", "profanity_filter", "redact", "sample_rate", "tag",
})  # fmt: skip
_V1 = _COMMON | {
    "callback", "callback_method", "channels", "detect_entities", "diarize", "diarize_model", "dictation",
    "endpointing", "extra", "filler_words", "interim_results", "keywords", "language", "multichannel", "no_delay",
    "punctuate", "replace", "search", "smart_format", "utterance_end_ms", "vad_events", "version",
}  # fmt: skip
_THRESHOLDS = ("eager_eot_threshold", "eot_threshold", "eot_timeout_ms")
_V2 = _COMMON | {*_THRESHOLDS, "language_hint"}
_V1_MODELS = ("nova-3", "nova-2", "nova", "enhanced", "base")
_V2_MODELS = ("flux-general-en", "flux-general-multi")
_ENCODINGS = ("linear16", "mulaw")
_RATES_HZ = range(8000, 48001)
_EAGER, _END, _TIMEOUT_MS = (0.3, 0.9), (0.5, 1.0), (500, 60000)


@dataclass(frozen=True, slots=True)
class ListenOptions:
    """Of /v1/listen; `endpointing_s` None never finds an end, `utterance_end_s` None never tells of a gap."""

    model: str
    encoding: str
    rate_hz: int
    keyterms: tuple[str, ...]
    interim_results: bool
    vad_events: bool
    is_punctuated: bool
    endpointing_s: float | None
    utterance_end_s: float | None


@dataclass(frozen=True, slots=True)
class TurnOptions:
    """Of /v2/listen: confidences at which a turn ends, perhaps ends, and the silence at which it ends anyway."""

    model: str
    encoding: str
    rate_hz: int
    keyterms: tuple[str, ...]
    end_threshold: float = 0.7
    eager_threshold: float | None = None
    timeout_s: float = 5.0


def listen_options(query: MultiMapping[str]) -> ListenOptions:
    """Raises DeepgramRefused: 400."""
    _check_names(query, _V1)
    model = query.get("model", "base")
    if not model.startswith(_V1_MODELS):
        raise DeepgramRefused(400, "Bad Request: No such model/language/tier combination found.")
    if query.get("channels", "1") != "1":
        raise DeepgramRefused(400, "Bad Request: this emulator hears one channel.")
    if "keywords" in query and model.startswith("nova-3"):
        raise DeepgramRefused(400, "Bad Request: Keywords are not supported for Nova-3. Use keyterm instead.")
    if "keyterm" in query and not model.startswith("nova-3"):
        raise DeepgramRefused(400, "Bad Request: Keyterm prompting is only available with Nova-3.")
    interim_results, gap_ms = _flag(query, "interim_results"), _whole(query, "utterance_end_ms", 1000, None)
    if gap_ms is not None and not interim_results:
        raise DeepgramRefused(400, "Bad Request: utterance_end_ms requires interim_results=true.")
    endpointing = query.get("endpointing", "10")
    silence_ms = None if endpointing == "false" else _whole(query, "endpointing", 0, 10)
    return ListenOptions(
        model=model,
        encoding=_one_of(query, "encoding", _ENCODINGS),
        rate_hz=_rate_hz(query),
        keyterms=tuple(query.getall("keyterm", [])),
        interim_results=interim_results,
        vad_events=_flag(query, "vad_events"),
        is_punctuated=_flag(query, "punctuate") or _flag(query, "smart_format"),
        endpointing_s=None if silence_ms is None else silence_ms / 1000,
        utterance_end_s=None if gap_ms is None else gap_ms / 1000,
    )


def turn_options(query: MultiMapping[str]) -> TurnOptions:
    """Raises DeepgramRefused: 400."""
    _check_names(query, _V2)
    options = TurnOptions(
        model=_one_of(query, "model", _V2_MODELS),
        encoding=_one_of(query, "encoding", _ENCODINGS),
        rate_hz=_rate_hz(query),
        keyterms=tuple(query.getall("keyterm", [])),
    )
    return with_thresholds(options, {name: query[name] for name in _THRESHOLDS if name in query})


def with_thresholds(options: TurnOptions, given: Mapping[str, Any]) -> TurnOptions:
    """The options with those thresholds that are given, as numbers or text; eager None turns it off.

    Raises: DeepgramRefused: 400, one is out of its range.
    """
    end = _between(given, "eot_threshold", options.end_threshold, _END)
    eager = _between(given, "eager_eot_threshold", options.eager_threshold, _EAGER)
    timeout_ms = _between(given, "eot_timeout_ms", options.timeout_s * 1000, _TIMEOUT_MS)
    if end is None or timeout_ms is None or (eager is not None and eager > end):
        raise DeepgramRefused(400, "Bad Request: eager_eot_threshold must be at most eot_threshold.")
    return dataclasses.replace(options, end_threshold=end, eager_threshold=eager, timeout_s=timeout_ms / 1000)


def _check_names(query: MultiMapping[str], known: frozenset[str]) -> None:
    for name in query:
        if name not in known:
            raise DeepgramRefused(400, f"Bad Request: unknown query parameter `{name}`.")


def _one_of(query: MultiMapping[str], name: str, known: tuple[str, ...]) -> str:
    value = query.get(name, "")
    if value not in known:
        raise DeepgramRefused(400, f"Bad Request: unsupported {name} `{value}`.")
    return value


def _rate_hz(query: MultiMapping[str]) -> int:
    rate_hz = _whole(query, "sample_rate", _RATES_HZ.start, None)
    if rate_hz is None or rate_hz not in _RATES_HZ or rate_hz % 100:
        raise DeepgramRefused(400, "Bad Request: unsupported sample_rate.")
    return rate_hz


def _flag(query: MultiMapping[str], name: str) -> bool:
    value = query.get(name, "false")
    if value not in ("true", "false"):
        raise DeepgramRefused(400, f"Bad Request: {name} expects true or false.")
    return value == "true"


def _whole(query: MultiMapping[str], name: str, least: int, otherwise: int | None) -> int | None:
    if name not in query:
        return otherwise
    value = query[name]
    if not value.isdecimal() or int(value) < least:
        raise DeepgramRefused(400, f"Bad Request: {name} expects a whole number, at least {least}.")
    return int(value)


def _between(given: Mapping[str, Any], name: str, otherwise: float | None, bounds: tuple[float, float]) -> float | None:
    if name not in given:
        return otherwise
    if given[name] is None and otherwise is None:
        return None
    try:
        value = float(given[name])
    except (TypeError, ValueError):
        raise DeepgramRefused(400, f"Bad Request: {name} expects a number.") from None
    if not bounds[0] <= value <= bounds[1]:
        raise DeepgramRefused(400, f"Bad Request: {name} must be between {bounds[0]} and {bounds[1]}.")
    return value
