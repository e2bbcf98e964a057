"""What the recogniser is told before the caller says what they want."""

from __future__ import annotations

from dataclasses import replace

from agent.dialogue.cues import cue
from agent.domain.facts import Expect
from agent.domain.tenant import Service
from agent.inference.whisper import LONGEST_CUE_CHARS
from tests.unit.domain.desk import TENANT


def _cue_for(*names: str) -> str:
    services = tuple(Service(f"service-{n}", name, (), 30, 0, None) for n, name in enumerate(names))
    return cue(Expect.SERVICE, replace(TENANT, services=services))


def test_the_services_are_named_in_a_sentence() -> None:
    assert _cue_for("cleaning", "checkup", "filling") == "I'd like to book a cleaning, checkup or filling."


def test_names_that_do_not_fit_are_left_out() -> None:
    told = _cue_for(*(f"comprehensive teeth whitening {n}" for n in range(8)))
    assert 100 < len(told) <= LONGEST_CUE_CHARS
    assert told.endswith(".")
    assert _cue_for("x" * 300, "y" * 300) == ""


def test_with_one_service_nothing_is_told_lest_the_very_sentence_count_as_an_echo() -> None:
    assert _cue_for("cleaning") == ""
