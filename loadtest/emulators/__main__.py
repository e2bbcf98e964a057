"""`python -m loadtest.emulators chat`: a provider on loopback, until it is interrupted.

Prints its base URL as the only line of standard output.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from loadtest.emulators.chat import ChatEmulator, serving
from loadtest.emulators.chat_script import Script, load_script
from loadtest.emulators.profiles import PROFILES


def main() -> int:
    """Run the command line; returns the exit code: 0 interrupted, 1 a script or port is wrong."""
    options = _parser().parse_args()
    try:
        script = load_script(options.script) if options.script is not None else Script()
        emulator = ChatEmulator(
            script,
            PROFILES[options.profile],
            key=options.key,
            models=frozenset(options.model),
            requests_per_minute=options.requests_per_minute,
            seed=options.seed,
        )
        asyncio.run(_serve(emulator, options.port))
    except (OSError, ValueError) as error:
        print(f"emulators: {error}", file=sys.stderr)
        return 1
    return 0


async def _serve(emulator: ChatEmulator, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serving(emulator, port=port) as url:
        with contextlib.suppress(BrokenPipeError):
            print(url, flush=True)
        await stop.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loadtest.emulators", description=__doc__)
    chat = parser.add_subparsers(dest="provider", required=True).add_parser(
        "chat", help="a language model behind OpenAI's chat completions"
    )
    chat.add_argument("--profile", choices=sorted(PROFILES), default="fast", help="latency or fault (default fast)")
    chat.add_argument("--script", type=Path, metavar="FILE", help="what it understands (loadtest/emulators/README.md)")
    chat.add_argument("--port", type=int, default=0, help="on loopback (default any)")
    chat.add_argument("--key", help="the only key that is accepted (default every one)")
    chat.add_argument("--model", action="append", default=[], metavar="NAME", help="a model that exists; repeatable")
    chat.add_argument("--requests-per-minute", type=int, default=500, help="more get 429 (default 500)")
    chat.add_argument("--seed", type=int, default=0, help="of the latencies (default 0)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
