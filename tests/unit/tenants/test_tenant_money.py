"""A tenant's budgets and its dearer voice: what may stand in the document, and who hears it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.bootstrap.tenant_document import parse_document, tenant_from_json
from agent.domain.budgets import Budgets
from agent.domain.call import new_call
from agent.domain.errors import ConfigError
from agent.domain.lead import Financing, Interest, Lead, LeadFacts
from agent.domain.premium import premium_voice, with_premium
from agent.domain.providers import Kind, parse_chain, parse_provider
from agent.domain.tenant import PremiumVoice

RIVERSIDE = Path("infra/local/tenants/riverside-dental.yaml")
VOICE = "elevenlabs/eleven_multilingual_v2@anna"
HOT = Lead(LeadFacts(interest=Interest.BUY, budget_cents=10**7, timeline_months=1, financing=Financing.CASH))


def document(**more: Any) -> dict[str, Any]:
    return {**yaml.safe_load(RIVERSIDE.read_text(encoding="utf-8")), **more}


def test_a_document_without_a_budget_leaves_the_fleets() -> None:
    tenant = tenant_from_json(document())
    assert tenant.budgets == Budgets()
    assert tenant.premium_voice is None


def test_limits_and_a_dearer_voice_reach_the_tenant() -> None:
    tenant = tenant_from_json(
        document(budget={"call_cents": 40, "month_cents": 0}, voices={"premium": VOICE, "from_score": 55}, leads={})
    )
    assert tenant.budgets == Budgets(call_cents=40, day_cents=None, month_cents=0)
    assert tenant.premium_voice == PremiumVoice(parse_provider(Kind.TTS, VOICE), 55)


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        ({"budget": {"call_cents": -1}},
         "budget.call_cents: expected a whole number of cents, 0 for no limit, got -1"),
        ({"budget": {"day_cents": 1.5}},
         "budget.day_cents: expected a whole number of cents, 0 for no limit, got 1.5"),
        ({"budget": {"fleet_day_cents": 5}}, "budget.fleet_day_cents: there is no such setting"),
        ({"voices": {"premium": VOICE, "from_score": 101}, "leads": {}},
         "voices.from_score: expected a whole number between 0 and 100, got 101"),
        ({"voices": {"premium": "nobody/voice"}, "leads": {}}, "voices.premium: expected `vendor/model`"),
        ({"voices": {"premium": VOICE}},
         "voices: expected `leads` beside it: without a lead score no caller earns the dearer voice"),
    ],
)  # fmt: skip
def test_a_wrong_amount_or_voice_is_named(part: dict[str, Any], fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_document(document(**part), "x.yaml")
    assert fault in str(caught.value)


def test_the_dearer_voice_speaks_to_whoever_the_score_says_and_to_nobody_else() -> None:
    tenant = tenant_from_json(document(voices={"premium": VOICE}, leads={}))
    stranger, lead = new_call("+12125550100"), replace(new_call("+12125550100"), lead=HOT)
    cold = replace(stranger, lead=Lead(LeadFacts(interest=Interest.RENT)))
    assert premium_voice(stranger, tenant) is None
    assert premium_voice(cold, tenant) is None
    assert premium_voice(lead, tenant) == parse_provider(Kind.TTS, VOICE)
    assert premium_voice(lead, replace(tenant, premium_voice=None)) is None


def test_the_dearer_voice_stands_last_in_the_chain_and_once() -> None:
    tenant = tenant_from_json(document(voices={"premium": VOICE}, leads={}))
    chain = parse_chain(Kind.TTS, "deepgram/aura-2-thalia-en,local")
    assert with_premium(chain, tenant) == (*chain, parse_provider(Kind.TTS, VOICE))
    assert with_premium(with_premium(chain, tenant), tenant) == with_premium(chain, tenant)
    assert with_premium(chain, replace(tenant, premium_voice=None)) == chain
