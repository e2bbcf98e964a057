"""`python -m loadtest.emulators chat` or `embeddings`: a provider on loopback, until it is interrupted.

Prints its base URL as the only line of standard output.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from loadtest.emulators.chat import ChatEmulator
from loadtest.emulators.chat_script import Script, load_script
from loadtest.emulators.embeddings import EmbeddingsEmulator
from loadtest.emulators.gate import Emulator, serving
from loadtest.emulators.profiles import EMBEDDING_PROFILES, PROFILES, Profile


def main() -> int:
    """Run the command line; returns the exit code: 0 interrupted, 1 a script or port is wrong."""
    options = _parser().parse_args()
    try:
        emulator = _chat(options) if options.provider == "chat" else _embeddings(options)
        asyncio.run(_serve(emulator, options.port))
    except (OSError, ValueError) as error:
        print(f"emulators: {error}", file=sys.stderr)
        return 1
    return 0


def _chat(options: argparse.Namespace) -> Emulator:
    return ChatEmulator(
        load_script(options.script) if options.script is not None else Script(),
        profile=PROFILES[options.profile],
        key=options.key,
        models=frozenset(options.model),
        requests_per_minute=options.requests_per_minute,
        seed=options.seed,
    )


def _embeddings(options: argparse.Namespace) -> Emulator:
    return EmbeddingsEmulator(
        profile=EMBEDDING_PROFILES[options.profile],
        key=options.key,
        models=frozenset(options.model),
        dimensions=options.dimensions,
        requests_per_minute=options.requests_per_minute,
        seed=options.seed,
    )


async def _serve(emulator: Emulator, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serving(emulator, port=port) as url:
        with contextlib.suppress(BrokenPipeError):
            print(url, flush=True)
        await stop.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loadtest.emulators", description=__doc__)
    providers = parser.add_subparsers(dest="provider", required=True)
    chat = providers.add_parser("chat", help="a language model behind OpenAI's chat completions")
    chat.add_argument("--script", type=Path, metavar="FILE", help="what it understands (loadtest/emulators/README.md)")
    _add_common(chat, PROFILES, requests_per_minute=500)
    embeddings = providers.add_parser("embeddings", help="a sentence model behind OpenAI's embeddings")
    embeddings.add_argument("--dimensions", type=int, default=256, help="of a vector (default 256)")
    _add_common(embeddings, EMBEDDING_PROFILES, requests_per_minute=3000)
    return parser


def _add_common(parser: argparse.ArgumentParser, profiles: dict[str, Profile], *, requests_per_minute: int) -> None:
    parser.add_argument("--profile", choices=sorted(profiles), default="fast", help="latency or fault (default fast)")
    parser.add_argument("--port", type=int, default=0, help="on loopback (default any)")
    parser.add_argument("--key", help="the only key that is accepted (default every one)")
    parser.add_argument("--model", action="append", default=[], metavar="NAME", help="a model that exists; repeatable")
    parser.add_argument(
        "--requests-per-minute", type=int, default=requests_per_minute,
        help=f"more get 429 (default {requests_per_minute})",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of the latencies (default 0)")


if __name__ == "__main__":
    raise SystemExit(main())
