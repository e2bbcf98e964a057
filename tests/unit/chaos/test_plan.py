"""Which faults are tried, on whom, and what is said meanwhile."""

from __future__ import annotations

import itertools
import random

import pytest

from loadtest.chaos.business import codes, document
from loadtest.chaos.outages import NAMES, cases
from loadtest.chaos.plan import COLOURS, FAULTS, Kind, check_names, pairs, spoken, targets, trials
from loadtest.emulators.suites import fault_of

FLUX = {
    "VOICEFLEET_STT": "deepgram/flux-general-en,local",
    "VOICEFLEET_MODELS": "groq/openai/gpt-oss-120b",
    "VOICEFLEET_TTS": "elevenlabs/eleven_flash_v2_5,local",
}
NOVA = {
    "VOICEFLEET_STT": "deepgram/nova-3",
    "VOICEFLEET_MODELS": "responses/gpt-4.1",
    "VOICEFLEET_TTS": "deepgram/aura-2-andromeda-en",
}
OPENAI = {
    "VOICEFLEET_STT": "openai/gpt-4o-mini-transcribe",
    "VOICEFLEET_MODELS": "openai/gpt-4.1",
    "VOICEFLEET_TTS": "openai/tts-1",
}
CODES = codes(random.Random(1))


@pytest.mark.parametrize(
    ("environment", "served"),
    [
        (FLUX, ["flux", "chat", "elevenlabs"]),
        (NOVA, ["listen", "responses", "speak"]),
        (OPENAI, ["openai-listen", "chat", "openai-speech"]),
    ],
)
def test_the_first_provider_of_each_kind_is_found_where_it_is_emulated(
    environment: dict[str, str], served: list[str]
) -> None:
    found = targets(environment)
    assert [found[kind].served for kind in Kind] == served
    assert [found[kind].name for kind in Kind] == [chain.split(",")[0] for chain in environment.values()]


@pytest.mark.parametrize("chain", ["local", "", "polly/neural"])
def test_a_provider_that_is_not_emulated_is_refused_by_name(chain: str) -> None:
    with pytest.raises(ValueError, match=r"VOICEFLEET_TTS.*not emulated"):
        targets(FLUX | {"VOICEFLEET_TTS": chain})


@pytest.mark.parametrize("environment", [FLUX, NOVA, OPENAI])
def test_every_fault_is_one_that_the_emulator_of_its_kind_knows(environment: dict[str, str]) -> None:
    for kind, target in targets(environment).items():
        for fault in FAULTS[kind]:
            assert fault_of(target.served, fault).value == fault


def test_every_fault_is_tried_and_no_kind_has_two_in_a_row_while_others_are_left() -> None:
    every = pairs(targets(FLUX), [])
    assert {(pair.target.kind, pair.fault) for pair in every} == {
        (kind, fault) for kind, faults in FAULTS.items() for fault in faults
    }
    assert len(set(every)) == len(every)
    kinds = [pair.target.kind for pair in every[: 3 * min(map(len, FAULTS.values()))]]
    assert all(one is not other for one, other in itertools.pairwise(kinds))


def test_one_kind_or_one_fault_can_be_chosen() -> None:
    found = {(pair.target.kind, pair.fault) for pair in pairs(targets(FLUX), ["model", "stt:mute"])}
    assert found == {(Kind.MODEL, fault) for fault in FAULTS[Kind.MODEL]} | {(Kind.RECOGNISER, "mute")}


@pytest.mark.parametrize(
    ("what", "only"),
    [
        ("faults", "fax"), ("faults", "model:dripping"), ("faults", "stt:"), ("faults", "money"),
        ("breakers", "stt:mute"), ("breakers", "money"), ("outages", "stt"), ("all", "stt"), ("sample", "stt"),
    ],
)  # fmt: skip
def test_what_would_try_nothing_cannot_be_chosen(what: str, only: str) -> None:
    with pytest.raises(ValueError, match="--only"):
        check_names(what, [only], NAMES)


def test_every_outage_can_be_chosen_by_its_name() -> None:
    assert tuple(case.name for case in cases(targets(FLUX), CODES)) == NAMES
    check_names("outages", NAMES, NAMES)
    check_names("faults", ["stt", "tts:mute"], NAMES)
    check_names("breakers", ["tts"], NAMES)


def test_calls_at_once_ask_a_voice_for_texts_of_their_own_which_the_business_answers() -> None:
    (pair,) = pairs(targets(FLUX), ["tts:mute"])
    found = trials(pair, range(5, 10), CODES)
    assert [trial.number for trial in found] == [5, 6, 7, 8, 9]
    assert len({trial.expected for trial in found}) == len({trial.says for trial in found}) == 5
    answers = {fact["questions"][0]: fact["answer"].lower() for fact in document("a", "+1", CODES)["facts"]}
    assert all(trial.expected in answers[trial.says] for trial in found)


def test_two_rounds_have_no_answer_in_common() -> None:
    dice = random.Random(7)
    one, other = codes(dice), codes(dice)
    assert set(one) == set(COLOURS)
    assert not set(one.values()) & set(other.values())


def test_everything_a_trial_says_is_known_beforehand() -> None:
    every = [trial for pair in pairs(targets(FLUX), []) for trial in trials(pair, range(len(COLOURS)), CODES)]
    assert {trial.says for trial in every} <= set(spoken())
