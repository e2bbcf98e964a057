"""Client of the inference process, as used inside a call's job process.

One connection, opened when first needed and again, with growing pauses, after it was lost. A request
is sent at most once: if the connection breaks under it, its caller hears so at once and decides.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from agent.domain.errors import DeadlineExceeded
from agent.inference import frames
from agent.inference.messages import (
    EMBEDDING_DIM,
    MOST_CHARACTERS,
    EngineHealth,
    Health,
    InferenceUnavailable,
    Priority,
    Speech,
    Transcript,
    refusal_error,
)

__all__ = ["EngineHealth", "Health", "InferenceClient", "InferenceUnavailable", "Priority", "Speech", "Transcript"]

_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.5


class InferenceClient:
    """Safe for many requests at once from one event loop.

    Args:
        socket_path: where the inference process listens; it need not be there yet.
    """

    def __init__(self, socket_path: Path) -> None:
        self._path = socket_path
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[frames.Frame]] = {}
        self._connecting = asyncio.Lock()
        self._writer: asyncio.StreamWriter | None = None
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connection; requests under way fail."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)

    async def transcribe(
        self,
        pcm: bytes,
        *,
        sample_rate_hz: int = 16_000,
        deadline_s: float,
        priority: Priority = Priority.FINAL,
        cue: str = "",
        thorough: bool = False,
    ) -> Transcript:
        """Recognise one utterance; cancelling the caller cancels the request.

        Args:
            pcm: mono int16, at most 29 s.
            sample_rate_hz: 8000, 16000, 24000 or 48000.
            deadline_s: budget for connecting, waiting and decoding together.
            priority: PARTIAL is refused at once when no slot is idle.
            cue: a sentence like the one expected; it steers how the same sounds are written.
            thorough: several times the work for fewer errors.
        Raises:
            DeadlineExceeded: the budget is spent.
            Overloaded: the line is full, or no slot is idle for a PARTIAL.
            InferenceUnavailable: the process or its engine is not there; retry.
            FleetError: blame CLIENT for audio or a cue that cannot be read, SERVER if the decode failed.
        """
        header = {
            "op": "transcribe",
            "sample_rate_hz": sample_rate_hz,
            "priority": priority.value,
            "cue": cue,
            "thorough": thorough,
        }
        answer = (await self._ask(header, pcm, deadline_s)).header
        return Transcript(
            text=answer["text"],
            no_speech_prob=answer["no_speech_prob"],
            mean_logprob=answer["mean_logprob"],
            queue_ms=answer["queue_ms"],
            compute_ms=answer["compute_ms"],
        )

    async def synthesize(self, text: str, *, voice: str = "hibari", rate: float = 1.0, deadline_s: float) -> Speech:
        """Speak `text`; the same text, voice and rate give the same audio.

        Args:
            rate: 1.0 is the voice's own pace, 0.5 half of it, 2.0 twice.

        Raises: as `transcribe`.
        """
        frame = await self._ask({"op": "synthesize", "text": text, "voice": voice, "rate": rate}, b"", deadline_s)
        return Speech(frame.payload, frame.header["sample_rate_hz"], frame.header["compute_ms"])

    async def embed(self, texts: Sequence[str], *, deadline_s: float) -> npt.NDArray[np.float32]:
        """What sentences mean, as vectors of length 1: shape (len(texts), EMBEDDING_DIM).

        Args:
            texts: 1 to MOST_TEXTS; of a long one the beginning counts.
        Raises: as `transcribe`.
        """
        payload = json.dumps([text[:MOST_CHARACTERS] for text in texts]).encode()
        frame = await self._ask({"op": "embed"}, payload, deadline_s)
        return np.frombuffer(frame.payload, "<f4").reshape(len(texts), EMBEDDING_DIM)

    async def health(self, *, deadline_s: float) -> Health:
        """How the process and its engines are.

        Raises:
            DeadlineExceeded, InferenceUnavailable: as `transcribe`.
        """
        answer = (await self._ask({"op": "health"}, b"", deadline_s)).header
        engines = {name: EngineHealth(**state) for name, state in answer["engines"].items()}
        return Health(answer["ready"], engines)

    async def _ask(self, header: Mapping[str, Any], payload: bytes, deadline_s: float) -> frames.Frame:
        loop = asyncio.get_running_loop()
        deadline_at = loop.time() + deadline_s
        try:
            async with asyncio.timeout_at(deadline_at):
                writer = await self._connected(deadline_at)
                left_s = deadline_at - loop.time()
                frame = await self._exchange(writer, {**header, "deadline_s": left_s}, payload)
        except TimeoutError:
            raise DeadlineExceeded(f"no answer from the inference process in {deadline_s:g} s") from None
        if not frame.header.get("ok"):
            raise refusal_error(frame.header)
        return frame

    async def _exchange(self, writer: asyncio.StreamWriter, header: Mapping[str, Any], payload: bytes) -> frames.Frame:
        number = next(self._numbers)
        answer: asyncio.Future[frames.Frame] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            writer.write(frames.encode({**header, "id": number}, payload))
            return await answer
        finally:
            is_answered = self._waiting.pop(number, None) is None
            if not is_answered and not writer.is_closing():
                writer.write(frames.encode({"id": number, "op": "cancel"}))

    async def _connected(self, deadline_at: float) -> asyncio.StreamWriter:
        async with self._connecting:
            if self._writer is not None and not self._writer.is_closing():
                return self._writer
            pause_s = _FIRST_PAUSE_S
            while True:
                try:
                    reader, writer = await asyncio.open_unix_connection(self._path)
                except OSError as error:
                    left_s = deadline_at - asyncio.get_running_loop().time()
                    if left_s <= pause_s:
                        reason = error.strerror or type(error).__name__
                        raise InferenceUnavailable(f"{self._path}: {reason.lower()}") from None
                    await asyncio.sleep(pause_s)
                    pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                    continue
                self._writer = writer
                self._listener = asyncio.create_task(self._listen(reader, writer), name="inference_client.listen")
                return writer

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(frames.FrameError):
                while (frame := await frames.read(reader)) is not None:
                    answer = self._waiting.pop(frame.header.get("id", 0), None)
                    if answer is not None and not answer.done():
                        answer.set_result(frame)
        finally:
            writer.close()
            lost, self._waiting = self._waiting, {}
            for answer in lost.values():
                if not answer.done():
                    answer.set_exception(InferenceUnavailable("the inference process closed the connection"))
