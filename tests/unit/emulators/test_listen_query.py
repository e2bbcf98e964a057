"""What Deepgram's live recognition is opened with: what its plugin sends is taken, what the API refuses is refused."""

from __future__ import annotations

import pytest
from multidict import MultiDict

from loadtest.emulators.deepgram_errors import DeepgramRefused, check_key
from loadtest.emulators.deepgram_listen_query import listen_options, turn_options

V1 = {"model": "nova-3", "encoding": "linear16", "sample_rate": "16000"}
V2 = {"model": "flux-general-en", "encoding": "linear16", "sample_rate": "16000"}


def test_every_keyterm_is_taken() -> None:
    query = MultiDict([*V1.items(), ("keyterm", "Riverside Dental"), ("keyterm", "Patel")])
    assert listen_options(query).keyterms == ("Riverside Dental", "Patel")
    query = MultiDict([*V2.items(), ("keyterm", "Patel")])
    assert turn_options(query).keyterms == ("Patel",)


@pytest.mark.parametrize(("given", "silence_s"), [(None, 0.01), ("300", 0.3), ("false", None)])
def test_endpointing_is_in_milliseconds_ten_when_not_given_and_may_be_off(
    given: str | None, silence_s: float | None
) -> None:
    query = MultiDict(V1 | ({"endpointing": given} if given is not None else {}))
    assert listen_options(query).endpointing_s == silence_s


def test_thresholds_have_deepgrams_defaults() -> None:
    options = turn_options(MultiDict(V2))
    assert (options.end_threshold, options.eager_threshold, options.timeout_s) == (0.7, None, 5.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": "blue"},
        {"model": "whisper-9"},
        {"encoding": "mp3"},
        {"encoding": ""},
        {"sample_rate": "fast"},
        {"sample_rate": "4000"},
        {"sample_rate": "96000"},
        {"channels": "2"},
        {"interim_results": "maybe"},
        {"endpointing": "-5"},
        {"keywords": "x:1"},
        {"model": "nova-2", "keyterm": "x"},
        {"utterance_end_ms": "1000"},
        {"interim_results": "true", "utterance_end_ms": "200"},
        {"eot_threshold": "0.7"},
    ],
)
def test_a_parameter_that_listen_does_not_take_is_400(wrong: dict[str, str]) -> None:
    listen_options(MultiDict(V1))
    with pytest.raises(DeepgramRefused) as refused:
        listen_options(MultiDict(V1 | wrong))
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpointing": "300"},
        {"interim_results": "true"},
        {"model": "nova-3"},
        {"eot_threshold": "0.4"},
        {"eot_threshold": "high"},
        {"eager_eot_threshold": "0.8"},
        {"eager_eot_threshold": "0.2"},
        {"eot_timeout_ms": "100"},
    ],
)
def test_a_parameter_that_flux_does_not_take_is_400(wrong: dict[str, str]) -> None:
    turn_options(MultiDict(V2))
    with pytest.raises(DeepgramRefused) as refused:
        turn_options(MultiDict(V2 | wrong))
    assert refused.value.status == 400


@pytest.mark.parametrize("header", [None, "", "Token", "Basic secret", "Token other", "secret"])
def test_a_request_without_the_key_is_401(header: str | None) -> None:
    with pytest.raises(DeepgramRefused) as refused:
        check_key(header, "secret")
    assert (refused.value.status, str(refused.value)) == (401, "Invalid credentials.")


@pytest.mark.parametrize("header", ["Token secret", "Bearer secret"])
def test_a_key_is_taken_under_both_schemes(header: str) -> None:
    check_key(header, "secret")
    check_key(header, None)
