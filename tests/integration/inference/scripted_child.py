"""A child process that serves a scripted model, so that tests decide when and how a request ends.

The request's audio is the script: `say WORDS`, `hold FILE` (until the file exists), `crash`, `raise`,
`refuse`. What was started is appended, a line each, to the file named by STARTED.
"""

from __future__ import annotations

import argparse
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.inference.child import die_with_parent, serve
from agent.inference.messages import BadRequest


class Script:
    """Does as it is told."""

    def warm_up(self) -> None:
        gate = os.environ.get("WARM_UP_GATE")
        while gate and not Path(gate).exists():
            time.sleep(0.005)

    def handle(self, header: Mapping[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
        order, _, what = payload.decode().partition(" ")
        with open(os.environ["STARTED"], "a") as file:
            file.write(f"{payload.decode()}\n")
        if order == "crash":
            os._exit(3)
        if order == "raise":
            raise ZeroDivisionError
        if order == "refuse":
            raise BadRequest("cannot be read")
        while order == "hold" and not Path(what).exists():
            time.sleep(0.005)
        return {"text": what, "no_speech_prob": 0.0, "mean_logprob": 0.0, "pid": os.getpid()}, payload


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--slots", type=int, required=True)
    args = parser.parse_args()
    die_with_parent()
    serve(Script, socket.socket(fileno=args.fd), args.slots)
