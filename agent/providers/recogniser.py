"""The recogniser of one call: the chain that configuration names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import aiohttp

from agent.domain.errors import ConfigError
from agent.domain.providers import LOCAL, Breakers, Provider, Reports
from agent.providers.clients import recogniser
from agent.providers.configured import opened
from agent.providers.hosted_stream import Hearing, TurnOptions
from agent.providers.hosted_stt import HostedSTT
from agent.providers.local_stream import Ears
from agent.providers.local_stt import LocalSTT
from agent.providers.stt_chain import ChainSTT
from agent.providers.stt_member import Member
from agent.providers.suspicion import Patience
from agent.runtime.accounts import Accounts

#: OpenAI transcribes a stretch of speech when its own detector has heard its end, and tells nothing before.
_PATIENCE = {"deepgram": Patience(first_words_s=0.8, interim_s=2.5), "openai": Patience(1.6, None)}
#: Flux tells words as all only when their meaning, too, says that the turn may be over; less silence need bear it out.
_BY_MEANING = TurnOptions(final_silence_s=0.12)


def tells_turns(provider: Provider) -> bool:
    """Whether a recogniser judges by the meaning, too, when a turn may be over."""
    return provider.model.startswith("flux")


def open_recogniser(
    chain: tuple[Provider, ...],
    accounts: Accounts,
    http: aiohttp.ClientSession,
    hearing: Hearing,
    ears: Ears | None,
    keyterms: Sequence[str],
    breakers: Breakers,
    reports: Reports,
) -> ChainSTT:
    """Build the chain.

    Args:
        chain: at least one; the first is tried first.
        hearing: how hosted recognisers are listened through.
        ears: of the local recogniser; None where no inference process runs.
        keyterms: names and words of the business.
    One that cannot be opened, because a key is missing, is left out.

    Raises:
        ConfigError: none can be opened.
    """

    def member(provider: Provider) -> Member:
        if provider.vendor == LOCAL:
            if ears is None:
                raise ConfigError("VOICEFLEET_INFERENCE_SOCKET: required by the local recogniser")
            return Member(provider, LocalSTT(ears))
        plugin = recogniser(provider, accounts, http, keyterms)
        by_meaning = tells_turns(provider)
        through = replace(hearing, options=_BY_MEANING) if by_meaning else hearing
        return Member(provider, HostedSTT(plugin, through, tells_turns=by_meaning), _PATIENCE[provider.vendor])

    return ChainSTT(tuple(opened(chain, member)), breakers, reports)
