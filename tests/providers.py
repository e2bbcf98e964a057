"""What tests of providers share: where they are, who keeps their reports, and calls that expect whatever comes."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import SecretStr

from agent.domain.errors import Blame
from agent.domain.providers import Attempt, Used
from agent.runtime.accounts import Accounts


class Reached(Accounts):
    """With the address of what embeds, as processes that embed have it."""

    embedding_url: str


def accounts_at(url: str, key: str | None) -> Accounts:
    """With every vendor at the emulators of this address."""
    secret = SecretStr(key) if key is not None else None
    return Reached.model_validate(
        {
            "DEEPGRAM_API_KEY": secret, "OPENAI_API_KEY": secret, "GROQ_API_KEY": secret, "ELEVEN_API_KEY": secret,
            "deepgram_url": f"{url}/deepgram", "openai_url": f"{url}/openai/v1", "groq_url": f"{url}/openai/v1",
            "ollama_url": f"{url}/openai/v1", "model_url": f"{url}/openai/v1", "model_key": secret,
            "embedding_url": f"{url}/openai/v1", "elevenlabs_url": f"{url}/elevenlabs/v1",
        }
    )  # fmt: skip


@dataclass
class Reported:
    """What was reported, in order."""

    attempts: list[Attempt] = field(default_factory=list)
    uses: list[Used] = field(default_factory=list)

    def attempted(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)

    def used(self, used: Used) -> None:
        self.uses.append(used)

    def outcomes(self) -> list[tuple[str, Blame]]:
        return [(each.provider.name, each.blame) for each in self.attempts]

    def failures(self) -> list[tuple[str, str]]:
        return [(each.provider.name, each.reason) for each in self.attempts if each.blame is not Blame.SUCCESS]

    def amounts(self) -> list[tuple[str, str, float]]:
        return [(used.provider.vendor, used.unit.value, used.amount) for used in self.uses]


class Anything:
    """Whatever was said is all of it, unless it ends in "and"."""

    cue = ""

    def is_over(self, text: str) -> bool:
        return True

    def is_unfinished(self, text: str) -> bool:
        return text.endswith("and")

    def is_misheard(self, text: str) -> bool:
        return False


class NeverOver(Anything):
    """Nothing that is said finishes the turn."""

    def is_over(self, text: str) -> bool:
        return False
