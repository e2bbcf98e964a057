"""Whoever types a command outside the stack's environment is told how to give it inside."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

import pytest

from agent.cli import main
from agent.domain.errors import ConfigError
from agent.runtime.settings import ModelSettings, SettingMissing, load

HAIR_SALON = ["tenant", "show", "Main Street Hair"]
MESSAGES = ["messages", "list", "--tenant", "main-street-hair"]
CHAT = ["chat", "--tenant", "main-street-hair"]


@pytest.fixture(autouse=True)
def no_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))


@pytest.mark.parametrize(
    ("words", "as_typed"),
    [
        (HAIR_SALON, "tenant show 'Main Street Hair'"),
        (MESSAGES, "messages list --tenant main-street-hair"),
        (CHAT, "chat --tenant main-street-hair"),
        (["sip", "apply"], "sip apply"),
    ],
)
def test_a_command_without_its_settings_ends_with_the_same_command_inside_the_stack(
    words: Sequence[str], as_typed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 1
    *fault, way_out = capsys.readouterr().err.splitlines()
    assert "settings: DATABASE_URL: field required" in fault[0]
    assert way_out.endswith(f"  .venv/bin/python -m infra.local run -- voicefleet {as_typed}")


def test_a_setting_that_is_wrong_is_not_taken_for_one_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEFLEET_MODELS", "nobody/small")
    with pytest.raises(ConfigError) as caught:
        load(ModelSettings)
    assert not isinstance(caught.value, SettingMissing)
