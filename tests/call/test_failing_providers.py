"""Providers that fail in the middle of a call, each of another caller's, at the same time."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.call.stack import CallStack

_LIMIT_S = 150.0


@pytest.fixture(scope="module")
def results(stack: CallStack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What became of each call, by its fault."""
    folder = tmp_path_factory.mktemp("chaos")
    log = folder / "chaos.log"
    stack.begin_inside(sys.executable, "-m", "loadtest.chaos", "sample", "--out", str(folder), log=log).wait(_LIMIT_S)
    files = list(folder.glob("*/sample.json"))
    assert files, log.read_text()
    return {result["fault"]: result for result in json.loads(files[0].read_text())}


@pytest.mark.parametrize("fault", ["stt:mute", "tts:stalling", "model:hanging"])
def test_a_caller_is_answered_although_a_provider_fails_in_mid_call(
    results: dict[str, dict[str, Any]], fault: str
) -> None:
    assert results[fault]["faults"] == []


def test_a_caller_whom_no_recogniser_hears_any_more_is_offered_the_keys(results: dict[str, dict[str, Any]]) -> None:
    assert results["stt:failing"]["faults"] == []
