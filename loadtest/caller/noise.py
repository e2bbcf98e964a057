"""How noisy the machine was while the caller ran; figures from a noisy run are void, not bad."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

MAX_TICK_P99_MS = 8.0
MAX_STEAL_PERCENT = 2.0
MAX_CLOCK_STEP_MS = 1.0
#: A person answers sooner; half a minute of it and the agent hangs up on what seems to be nobody.
MAX_WORDS_LATE_MS = 6000.0


def _cpu_times() -> tuple[int, int]:
    """Total and stolen jiffies of the machine so far; zeros where there is no /proc/stat."""
    try:
        fields = [int(value) for value in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    except (OSError, ValueError):
        return 0, 0
    return sum(fields), fields[7] if len(fields) > 7 else 0


def _clock_offset_ns() -> int:
    return time.time_ns() - time.monotonic_ns()


@dataclass
class NoiseMeter:
    """Started with the run; ``summary`` may be asked at any time."""

    _cpu_before: tuple[int, int] = field(default_factory=_cpu_times)
    _offset_before_ns: int = field(default_factory=_clock_offset_ns)

    def summary(self, lateness_ms: list[float], drops: int, slowest_words_ms: float = 0.0) -> dict[str, float | int]:
        """Describe the run's noise.

        Args:
            lateness_ms: how late each 20 ms tick was.
            drops: datagrams lost in full socket buffers.
            slowest_words_ms: the longest the caller waited for its recogniser.
        """
        total, stolen = _cpu_times()
        elapsed = max(1, total - self._cpu_before[0])
        ticks = np.array(lateness_ms or [0.0])
        return {
            "ticks": len(lateness_ms),
            "tick_late_p50_ms": round(float(np.percentile(ticks, 50)), 2),
            "tick_late_p99_ms": round(float(np.percentile(ticks, 99)), 2),
            "tick_late_max_ms": round(float(ticks.max()), 2),
            "steal_percent": round(100 * (stolen - self._cpu_before[1]) / elapsed, 2),
            "socket_drops": drops,
            "words_late_max_ms": round(slowest_words_ms),
            "clock_step_ms": round((_clock_offset_ns() - self._offset_before_ns) / 1e6, 3),
        }


def void_reasons(noise: dict[str, float | int]) -> list[str]:
    """Say why times measured under this noise do not count; empty if they do."""
    reasons = []
    if noise["tick_late_p99_ms"] > MAX_TICK_P99_MS:
        reasons.append(f"20 ms ticks were {noise['tick_late_p99_ms']} ms late at p99 (limit {MAX_TICK_P99_MS:g} ms)")
    if noise["steal_percent"] > MAX_STEAL_PERCENT:
        reasons.append(f"{noise['steal_percent']} % of the CPU was stolen by the host (limit {MAX_STEAL_PERCENT:g} %)")
    if noise["socket_drops"]:
        reasons.append(f"{noise['socket_drops']} datagrams were lost in full socket buffers")
    if noise["words_late_max_ms"] > MAX_WORDS_LATE_MS:
        reasons.append(f"the caller's recogniser took {noise['words_late_max_ms'] / 1000:.1f} s to answer")
    if abs(noise["clock_step_ms"]) > MAX_CLOCK_STEP_MS:
        reasons.append(f"the clock was stepped by {noise['clock_step_ms']} ms")
    return reasons
