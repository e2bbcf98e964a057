from __future__ import annotations

import subprocess
import sys

import pytest

LISTING = "import sys, agent.keeper\nprint('\\n'.join(sys.modules))"


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    command = [sys.executable, "-c", LISTING]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return set(result.stdout.split())


@pytest.mark.parametrize("package", ["livekit.agents", "livekit.rtc", "onnxruntime", "faster_whisper"])
def test_the_keeper_loads_neither_agents_nor_models(loaded: set[str], package: str) -> None:
    assert "agent.keeping.decide" in loaded
    assert not [name for name in loaded if name == package or name.startswith(f"{package}.")]
