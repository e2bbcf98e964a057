"""Whom the soak and the callers by voice dial when nobody says so."""

from __future__ import annotations

from types import ModuleType

import pytest

from loadtest.soak import __main__ as soak
from loadtest.voice_evaluation import __main__ as voice_evaluation


@pytest.mark.parametrize("command", [soak, voice_evaluation])
def test_the_stack_that_runs_it_is_dialled_where_it_listens(
    command: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEFLEET_STACK_SIP", "10.77.0.1:5070")
    assert command._parser().parse_args([]).to == "sip:+15550100100@10.77.0.1:5070"
    monkeypatch.delenv("VOICEFLEET_STACK_SIP")
    assert command._parser().parse_args([]).to == "sip:+15550100100@127.0.0.1:5060"
