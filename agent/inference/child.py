"""One engine in a process of its own: `python -m agent.inference.child whisper --fd N --slots 2`.

Reads request frames from an inherited socket, answers them in any order, and ends when the socket
closes or the parent dies. It keeps no queue: the parent never sends more than `slots` at a time.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from agent.inference import frames
from agent.inference.messages import HIBARI, MINILM, WHISPER, BadRequest, Refusal
from agent.runtime import logs

_PR_SET_PDEATHSIG = 1
_log = logs.get_logger("agent.inference.child")


class Model(Protocol):
    """What a child serves."""

    def warm_up(self) -> None: ...

    def handle(self, header: Mapping[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]: ...


def serve(load: Callable[[], Model], link: socket.socket, slots: int) -> None:
    """Load and warm up the model, say so, then answer requests until the parent closes the socket."""
    model = load()
    model.warm_up()
    stream = link.makefile("rb")
    sending = threading.Lock()

    def send(header: Mapping[str, Any], payload: bytes = b"") -> None:
        with sending:
            link.sendall(frames.encode(header, payload))

    def answer(frame: frames.Frame) -> None:
        try:
            send(*_outcome(model, frame))
        except OSError:  # the parent has gone; the reading thread sees it too
            return

    send({"event": "ready"})
    with ThreadPoolExecutor(slots, thread_name_prefix="decode") as pool:
        while (frame := frames.read_blocking(stream)) is not None:
            pool.submit(answer, frame)


def _outcome(model: Model, frame: frames.Frame) -> tuple[dict[str, Any], bytes]:
    request = {"id": frame.header["id"]}
    started = time.perf_counter()
    try:
        header, payload = model.handle(frame.header, frame.payload)
    except BadRequest as error:
        return {**request, "ok": False, "code": Refusal.BAD_REQUEST.value, "message": str(error)}, b""
    except Exception as error:  # the edge of the process: one odd request must not end the engine
        _log.exception("inference.request_failed")
        return {**request, "ok": False, "code": Refusal.FAILED.value, "message": type(error).__name__}, b""
    compute_ms = (time.perf_counter() - started) * 1e3
    return {**request, "ok": True, "compute_ms": round(compute_ms, 2), **header}, payload


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends, however it ends."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before we asked
        os._exit(1)


def _load_whisper(slots: int) -> Model:
    from agent.inference.whisper import WhisperEngine

    return WhisperEngine(slots)


def _load_hibari(slots: int) -> Model:
    from agent.inference.hibari import HibariEngine

    return HibariEngine()


def _load_minilm(slots: int) -> Model:
    from agent.inference.minilm import MiniLmEngine

    return MiniLmEngine()


_LOADERS: dict[str, Callable[[int], Model]] = {
    WHISPER: _load_whisper,
    HIBARI: _load_hibari,
    MINILM: _load_minilm,
}


def main() -> int:
    """Serve the engine named on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=tuple(_LOADERS))
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--slots", type=int, default=1)
    parser.add_argument("--log-level", default="INFO")
    args = parser.parse_args()
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    logs.configure(f"inference.{args.engine}", args.log_level)
    serve(lambda: _LOADERS[args.engine](args.slots), socket.socket(fileno=args.fd), args.slots)
    return 0


if __name__ == "__main__":
    sys.exit(main())
