"""Requests to AWS Polly, judged by AWS' own client: its model of the API, and its signature."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.session
import pytest
from aiohttp import web
from botocore.validate import ParamValidator
from pydantic import SecretStr

from agent.domain.errors import Blame
from agent.domain.providers import Kind, parse_provider
from agent.providers.polly import Credentials, PollyVoice
from agent.providers.probing import probe
from agent.providers.voice import Unspoken
from agent.runtime.accounts import Accounts
from tests.unit.providers.scripted import seconds_of, tone

WORDS = "Good morning & welcome."
ACCOUNT = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "eu-west-1")
_OPERATION = botocore.session.Session().get_service_model("polly").operation_model("SynthesizeSpeech")


@dataclass
class Polly:
    """Answers as it is told, and takes down what it was asked."""

    status: int = 200
    kind: str = "audio/pcm"
    body: bytes = b""
    asked: list[dict[str, Any]] = field(default_factory=list)
    signatures: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    async def speak(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.asked.append(json.loads(body))
        self.signatures.append((request.headers["Authorization"], signature_of(request, body)))
        return web.Response(status=self.status, body=self.body, content_type=self.kind)

    @asynccontextmanager
    async def voice(self, name: str = "polly/neural@Joanna") -> AsyncIterator[PollyVoice]:
        app = web.Application()
        http = _OPERATION.http
        app.router.add_route(http["method"], http["requestUri"], self.speak)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        try:
            async with aiohttp.ClientSession() as session:
                yield PollyVoice(parse_provider(Kind.TTS, name), ACCOUNT, self.url, session)
        finally:
            await runner.cleanup()


def signature_of(request: web.Request, body: bytes) -> str:
    """The header that botocore would have sent."""
    signed = request.headers["Authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    again = botocore.awsrequest.AWSRequest(
        request.method, str(request.url), {name: request.headers[name] for name in signed}, body
    )
    at = request.headers["X-Amz-Date"]
    again.context["timestamp"] = at
    signer = botocore.auth.SigV4Auth(
        botocore.credentials.Credentials(ACCOUNT.key_id, ACCOUNT.secret), "polly", ACCOUNT.region
    )
    canonical = signer.canonical_request(again)
    signature = signer.signature(signer.string_to_sign(again, canonical), again)
    scope, names = signer.credential_scope(again), ";".join(signed)
    return f"Credential={ACCOUNT.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"


async def said(voice: PollyVoice, rate: float = 1.0) -> bytes:
    return b"".join([piece async for piece in voice.request(WORDS, rate)])


@pytest.mark.parametrize("rate", [1.0, 0.65])
async def test_a_request_is_of_the_vendors_model(rate: float) -> None:
    polly = Polly(body=tone(0.5))
    async with polly.voice() as voice:
        await said(voice, rate)
    (asked,) = polly.asked
    report = ParamValidator().validate(asked, _OPERATION.input_shape)
    assert not report.has_errors(), report.generate_report()
    for name, value in asked.items():
        known = _OPERATION.input_shape.members[name].enum
        assert not known or value in known, f"{name}: {value}"


async def test_a_request_is_signed_as_the_vendors_client_would() -> None:
    polly = Polly(body=tone(0.5))
    async with polly.voice() as voice:
        await said(voice)
    ((ours, theirs),) = polly.signatures
    assert ours == f"AWS4-HMAC-SHA256 {theirs}"
    assert f"/{datetime.now(UTC):%Y%m}" in ours


async def test_audio_comes_at_the_rate_of_the_chain() -> None:
    async with Polly(body=tone(0.5)).voice() as voice:  # 12,000 samples, at 16 kHz
        assert seconds_of(await said(voice)) == pytest.approx(0.75, abs=0.02)


async def test_a_slower_rate_is_asked_for_in_markup_and_only_of_engines_that_take_it() -> None:
    polly = Polly(body=tone(0.5))
    async with polly.voice() as voice:
        await said(voice, 0.65)
    async with polly.voice("polly/generative") as voice:
        await said(voice, 0.65)
        assert voice.cached_as(0.65) == voice.cached_as(1.0)
    slow, own = polly.asked
    assert slow["Text"] == '<speak><prosody rate="65%">Good morning &amp; welcome.</prosody></speak>'
    assert (own["Text"], own["TextType"], own["Engine"]) == (WORDS, "text", "generative")


@pytest.mark.parametrize(
    ("status", "kind", "blame", "is_nonsense"),
    [
        (403, "application/json", Blame.CLIENT, False),
        (429, "application/json", Blame.UPSTREAM, False),
        (500, "application/json", Blame.UPSTREAM, False),
        (200, "text/html", Blame.UPSTREAM, True),
    ],
)
async def test_what_is_no_audio_is_a_fault(status: int, kind: str, blame: Blame, is_nonsense: bool) -> None:
    async with Polly(status=status, kind=kind, body=b"{}").voice() as voice:
        with pytest.raises(Unspoken) as caught:
            await said(voice)
    assert (caught.value.blame, caught.value.is_nonsense) == (blame, is_nonsense)
    assert caught.value.retryable is (blame is not Blame.CLIENT)


async def test_nobody_there_is_a_fault() -> None:
    async with aiohttp.ClientSession() as session:
        voice = PollyVoice(parse_provider(Kind.TTS, "polly/neural"), ACCOUNT, "http://127.0.0.1:9", session)
        await voice.prewarm()
        with pytest.raises(Unspoken):
            await said(voice)


async def test_a_probe_asks_polly_as_calls_do_and_says_what_is_wrong() -> None:
    polly = Polly(body=tone(0.8))
    async with polly.voice() as voice, aiohttp.ClientSession() as http:
        accounts = Accounts.model_construct(
            aws_key_id=SecretStr(ACCOUNT.key_id), aws_secret=SecretStr(ACCOUNT.secret), aws_region="us-east-1",
            polly_url=polly.url,
        )  # fmt: skip
        well = await probe(voice.provider, accounts, http)
        polly.status = 403
        refused = await probe(voice.provider, accounts, http)
    assert well.blame is Blame.SUCCESS, well.reason
    assert refused.blame is Blame.CLIENT
    assert "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in refused.reason
