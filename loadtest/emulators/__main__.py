"""`python -m loadtest.emulators serve`, `bench`, or one kind alone: providers on loopback, until interrupted.

Prints the origin, or one kind's base URL, as the only line of standard output; `bench` prints its figures.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from loadtest.caller.ear import Ear
from loadtest.caller.errors import CallerError
from loadtest.caller.voices import RATE_HZ, read_wav
from loadtest.emulators import bench
from loadtest.emulators.chat import ChatEmulator
from loadtest.emulators.chat_script import Script, load_script
from loadtest.emulators.embeddings import EmbeddingsEmulator
from loadtest.emulators.gate import listening, serving
from loadtest.emulators.listened import SharedEar
from loadtest.emulators.profiles import EMBEDDING_PROFILES, PROFILES, Profile
from loadtest.emulators.serve import Providers
from loadtest.emulators.speaker import ChosenVoice, HibariVoice, Hum, Speechless
from loadtest.emulators.suites import LISTENED, LISTENED_WORD_ERRORS, SUITES


def main() -> int:
    """Run the command line; returns the exit code: 0 interrupted, 1 a script, a port or the voice is wrong."""
    options = _parser().parse_args()
    try:
        if options.provider == "bench":
            return bench.run(options)
        asyncio.run(_serve(options))
    except (OSError, ValueError, Speechless, CallerError) as error:
        print(f"emulators: {error}", file=sys.stderr)
        return 1
    return 0


def _served(options: argparse.Namespace) -> AbstractAsyncContextManager[str]:
    match options.provider:
        case "chat":
            return serving(_chat(options), port=options.port)
        case "embeddings":
            return serving(_embeddings(options), port=options.port)
    is_listened = options.profile == LISTENED
    default_errors = LISTENED_WORD_ERRORS if is_listened else 0.0
    providers = Providers(
        listener=SharedEar(Ear.start()) if is_listened else None,
        voice=ChosenVoice({"hibari": HibariVoice(), "hum": Hum()}, options.voice),
        script=_script(options),
        suite=options.profile,
        key=options.key,
        seed=options.seed,
        word_errors=default_errors if options.word_errors is None else options.word_errors,
    )
    for path, text in options.recording:
        providers.control.truth.register(text, read_wav(path), RATE_HZ)
    return listening(providers, port=options.port)


def _recording(argument: str) -> tuple[Path, str]:
    path, _, text = argument.partition("=")
    if not path or not text.strip():
        raise argparse.ArgumentTypeError("expected WAV=TEXT")
    return Path(path), text


def _script(options: argparse.Namespace) -> Script:
    return load_script(options.script) if options.script is not None else Script()


def _chat(options: argparse.Namespace) -> ChatEmulator:
    return ChatEmulator(
        _script(options),
        profile=PROFILES[options.profile],
        key=options.key,
        models=frozenset(options.model),
        requests_per_minute=options.requests_per_minute,
        seed=options.seed,
    )


def _embeddings(options: argparse.Namespace) -> EmbeddingsEmulator:
    return EmbeddingsEmulator(
        profile=EMBEDDING_PROFILES[options.profile],
        key=options.key,
        models=frozenset(options.model),
        dimensions=options.dimensions,
        requests_per_minute=options.requests_per_minute,
        seed=options.seed,
    )


async def _serve(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with _served(options) as url:
        with contextlib.suppress(BrokenPipeError):
            print(url, flush=True)
        await stop.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loadtest.emulators", description=__doc__)
    providers = parser.add_subparsers(dest="provider", required=True)
    _add_serve(providers.add_parser("serve", help="all providers, each under its path"))
    bench.add_arguments(providers.add_parser("bench", help="what so many streams of a kind cost"))
    chat = providers.add_parser("chat", help="a language model behind OpenAI's chat completions")
    chat.add_argument("--script", type=Path, metavar="FILE", help="what it understands (loadtest/emulators/README.md)")
    _add_common(chat, PROFILES, requests_per_minute=500)
    embeddings = providers.add_parser("embeddings", help="a sentence model behind OpenAI's embeddings")
    embeddings.add_argument("--dimensions", type=int, default=256, help="of a vector (default 256)")
    _add_common(embeddings, EMBEDDING_PROFILES, requests_per_minute=3000)
    return parser


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--profile", choices=sorted(SUITES), default="fast", help="latencies of all kinds (default fast)"
    )
    parser.add_argument("--voice", choices=["hibari", "hum"], default="hibari", help="what speaks (default hibari)")
    parser.add_argument("--script", type=Path, metavar="FILE", help="what models say (loadtest/emulators/README.md)")
    parser.add_argument("--port", type=int, default=0, help="on loopback (default any)")
    parser.add_argument("--key", help="the only key that is accepted (default every one)")
    parser.add_argument("--seed", type=int, default=0, help="of the latencies and mistakes (default 0)")
    parser.add_argument(
        "--recording", type=_recording, action="append", default=[], metavar="WAV=TEXT",
        help="what recognisers know from the start, mono, 16 bit, 8 kHz; repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--word-errors",
        type=float,
        help=f"share of words misheard, 0 to 1 (default 0, of {LISTENED.replace('%', '%%')} 0.05)",
    )


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
