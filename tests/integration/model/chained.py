"""A chain of models at the emulators of all vendors, and what it reports."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pydantic import SecretStr

from agent.domain.providers import Kind, Provider, parse_chain
from agent.providers.model_chain import ModelChain
from agent.providers.model_clients import model
from agent.runtime.accounts import Accounts
from agent.runtime.completions import Completion, Question
from tests.integration.emulators.served import KEY, Served, served
from tests.providers import Reported

#: Whose emulator it is, by vendor: those that speak chat completions share one.
KINDS = {"openai": "chat", "responses": "responses", "groq": "chat", "compatible": "chat"}
SCHEMA = {
    "name": "wish",
    "schema": {
        "type": "object",
        "properties": {"wish": {"type": "string"}},
        "required": ["wish"],
        "additionalProperties": False,
    },
}
MOST_TOKENS = 20
#: What the emulators' script says to it.
ANSWER = '{"wish": "book"}'
#: Long enough for loopback on a busy machine.
DEADLINE_S = 10.0


def question(words: str = "I want to book") -> Question:
    told = {"role": "system", "content": "Answer as JSON."}
    return Question([told, {"role": "user", "content": words}], SCHEMA, MOST_TOKENS)


@dataclass
class Left:
    """Breakers that a test opens by vendor."""

    open_vendors: set[str] = field(default_factory=set)

    def is_open(self, provider: Provider) -> bool:
        return provider.vendor in self.open_vendors


@dataclass
class Chained:
    """One call's chain."""

    chain: ModelChain
    on: Served
    reports: Reported
    breakers: Left

    async def ask(self, *, deadline_s: float = DEADLINE_S) -> Completion:
        return await self.chain.complete(question(), is_hard=False, deadline_s=deadline_s)


def accounts_at(url: str, *, key: str = KEY) -> Accounts:
    """Every vendor at the emulators."""
    secret = SecretStr(key)
    base = f"{url}/openai/v1"
    return Accounts.model_construct(
        openai_key=secret,
        openai_url=base,
        groq_key=secret,
        groq_url=base,
        ollama_url=base,
        model_url=base,
        model_key=secret,
    )


@asynccontextmanager
async def chained(
    names: str, *, first_token_s: float = DEADLINE_S, wrong_key: frozenset[str] = frozenset()
) -> AsyncIterator[Chained]:
    """Models by name.

    Args:
        wrong_key: vendors whose account has another key.
    """
    async with served() as on:
        reports, breakers = Reported(), Left()
        members = [
            model(each, accounts_at(on.url, key="sk-wrong" if each.vendor in wrong_key else KEY))
            for each in parse_chain(Kind.MODEL, names)
        ]
        chain = ModelChain(members, members[::-1], breakers, reports, first_token_s)
        try:
            yield Chained(chain, on, reports, breakers)
        finally:
            await chain.aclose()
