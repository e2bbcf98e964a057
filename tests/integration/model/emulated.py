"""The interpreter as a call has it, and the emulated model it asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from agent.domain.facts import Expect, Facts
from agent.domain.providers import AllClosed, Kind, Provider, Unreported, parse_chain
from agent.domain.tenant import Tenant
from agent.providers.model_chain import ModelChain
from agent.providers.model_clients import model as client_of
from agent.runtime.accounts import Accounts
from agent.understanding.allowance import Allowance
from agent.understanding.asked_model import AskedModel, Manner
from agent.understanding.interpreter import CallersTurn, ModelInterpreter, Puzzle
from loadtest.emulators.chat import ChatEmulator
from loadtest.emulators.chat_script import Script
from loadtest.emulators.gate import serving
from loadtest.emulators.profiles import PROFILES
from tests.unit.understanding.demo import DENTAL, SATURDAY

KEY, SMALL, LARGE = "sk-test", "small", "large"
NOTHING = {"wish": "none", "service": "none", "day": None, "time": None}
CANCEL = NOTHING | {"wish": "cancel"}
WORDS = "you can forget about that thing we had"
SCRIPT = Script([("forget about", CANCEL), ("fang", NOTHING | {"service": "filling"})], NOTHING)
#: Long enough for loopback on a busy machine, short enough to wait for.
DEADLINE_S = 5.0
SHORT_S = 0.05


@dataclass
class Asked:
    """One call's model, its interpreter, and what they speak to."""

    emulator: ChatEmulator
    model: AskedModel
    interpreter: ModelInterpreter
    url: str

    async def interpret(
        self, words: str = WORDS, *, turn: int = 0, misses: int = 0, expects: Expect = Expect.SERVICE
    ) -> Facts | None:
        return await self.interpreter.interpret(Puzzle(words, expects, SATURDAY, CallersTurn(turn, misses)))

    def sent(self) -> list[str]:
        """The models that were asked, in order."""
        return [body["model"] for body in self.emulator.asked]


def provider_named(name: str) -> Provider:
    """A model at the compatible endpoint."""
    (provider,) = parse_chain(Kind.MODEL, f"compatible/{name}")
    return provider


@asynccontextmanager
async def asking(
    profile: str = "fast",
    *,
    script: Script = SCRIPT,
    tenant: Tenant = DENTAL,
    key: str | None = KEY,
    small: str = SMALL,
    deadline_s: float = DEADLINE_S,
    allowance: Allowance | None = None,
    spent_today: int = 0,
    requests_per_minute: int = 500,
) -> AsyncIterator[Asked]:
    """A call whose model is of this profile."""

    async def spent() -> int:
        return spent_today

    emulator = ChatEmulator(
        script,
        profile=PROFILES[profile],
        key=KEY,
        models=frozenset({SMALL, LARGE}),
        requests_per_minute=requests_per_minute,
    )
    async with serving(emulator) as url:
        accounts = Accounts(model_url=url, model_key=None if key is None else SecretStr(key))
        chain = ModelChain(
            [client_of(provider_named(small), accounts)],
            [client_of(provider_named(LARGE), accounts)],
            AllClosed(),
            Unreported(),
            default_first_token_s=deadline_s,
        )
        manner = Manner(deadline_s)
        model = AskedModel(chain, manner, allowance or Allowance(100_000, 100_000), spent)
        try:
            yield Asked(emulator, model, ModelInterpreter(tenant, model), url)
        finally:
            await model.aclose()
