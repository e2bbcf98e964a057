"""A wrong setting is named at boot, every fault at once."""

from __future__ import annotations

import pytest

from agent.domain.errors import ConfigError
from agent.runtime.settings import EmbeddingSettings, KeeperSettings, WorkerSettings, load

GOOD = {
    "DATABASE_URL": "postgresql://localhost/x",
    "LIVEKIT_URL": "ws://localhost",
    "LIVEKIT_API_KEY": "key",
    "LIVEKIT_API_SECRET": "secret",
    "VOICEFLEET_INFERENCE_SOCKET": "/run/inference.sock",
}


@pytest.fixture(autouse=True)
def good_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STT", "TTS", "VAD", "WORKER_SEATS"):
        monkeypatch.delenv(f"VOICEFLEET_{name}", raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def test_a_complete_environment_is_accepted() -> None:
    assert load(WorkerSettings).stt == "local"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("VOICEFLEET_STT", "locl"),
        ("VOICEFLEET_TTS", "locl"),
        ("VOICEFLEET_VAD", "none"),
        ("VOICEFLEET_WORKER_SEATS", "0"),
        ("DATABASE_URL", ""),
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError, match=rf"^settings: {variable}: [^;]+$"):
        load(WorkerSettings)


@pytest.mark.parametrize("value", [None, ""])
def test_local_speech_needs_its_socket(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("VOICEFLEET_INFERENCE_SOCKET")
    if value is not None:
        monkeypatch.setenv("VOICEFLEET_INFERENCE_SOCKET", value)
    with pytest.raises(ConfigError, match=r"^settings: VOICEFLEET_INFERENCE_SOCKET: required by"):
        load(WorkerSettings)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"MODELS": "compatible/small"}, "VOICEFLEET_MODEL_URL: expected http.* for compatible/small"),
        ({"MODELS": "compatible/small", "MODEL_URL": "model.example"}, "VOICEFLEET_MODEL_URL: expected http"),
        ({"MODELS": "groq/small"}, "GROQ_API_KEY: required by groq/small"),
        ({"MODELS": "ollama/small,responses/big"}, "OPENAI_API_KEY: required by responses/big"),
        ({"MODELS": "deepgram/nova-3"}, "VOICEFLEET_MODELS: 'deepgram/nova-3': no model vendor"),
        ({"MODELS": "ollama"}, "VOICEFLEET_MODELS: 'ollama': a model is missing"),
        ({"LARGE_MODELS": "ollama/big,ollama/big"}, "VOICEFLEET_LARGE_MODELS: .*named twice"),
        ({"LARGE_MODELS": "ollama/big"}, "VOICEFLEET_MODELS: required with VOICEFLEET_LARGE_MODELS"),
    ],
)
def test_models_that_cannot_be_asked_are_named_at_boot(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], fault: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"VOICEFLEET_{name}", value)
    with pytest.raises(ConfigError, match=fault):
        load(WorkerSettings)


def test_without_larger_models_the_same_are_asked_and_without_any_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(WorkerSettings).large_model_chain == ()
    monkeypatch.setenv("VOICEFLEET_MODELS", "ollama/small, ollama/other")
    settings = load(WorkerSettings)
    assert [provider.name for provider in settings.model_chain] == ["ollama/small", "ollama/other"]
    assert settings.large_model_chain == settings.model_chain


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"URL": "https://model.example/v1"}, "VOICEFLEET_EMBEDDING_MODEL: required with"),
        ({"MODEL": "small"}, "VOICEFLEET_EMBEDDING_URL: required with"),
        ({"URL": "model.example", "MODEL": "small"}, "VOICEFLEET_EMBEDDING_URL: expected http"),
        ({"DIMENSIONS": "4001"}, "VOICEFLEET_EMBEDDING_DIMENSIONS: "),
        ({"DEADLINE_S": "0"}, "VOICEFLEET_EMBEDDING_DEADLINE_S: "),
    ],
)
def test_embeddings_elsewhere_need_an_address_and_a_model(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], fault: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"VOICEFLEET_EMBEDDING_{name}", value)
    for process in (WorkerSettings, KeeperSettings, EmbeddingSettings):
        with pytest.raises(ConfigError, match=fault):
            load(process)


def test_an_endpoints_key_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEFLEET_EMBEDDING_KEY", "sk-secret")
    assert "sk-secret" not in repr(load(EmbeddingSettings))


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEFLEET_VAD", "none")
    monkeypatch.setenv("VOICEFLEET_STT", "none")
    with pytest.raises(ConfigError, match=r"VOICEFLEET_STT: .*; VOICEFLEET_VAD: "):
        load(WorkerSettings)
