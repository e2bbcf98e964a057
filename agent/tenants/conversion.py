"""A checked document as the domain's Tenant, with what state law adds where it is silent."""

from __future__ import annotations

from datetime import time
from typing import get_args

from agent.domain.budgets import Budgets
from agent.domain.consent import disclosure_for, recording_for
from agent.domain.holidays import FEDERAL, Holiday
from agent.domain.knowledge import FreeFact, Knowledge, LeadRules
from agent.domain.objections import Objection
from agent.domain.providers import Kind, TenantProviders, parse_chain, parse_provider
from agent.domain.tenant import (
    Closure,
    EmergencyPolicy,
    LocalInterval,
    MessageRules,
    PremiumVoice,
    Recording,
    Service,
    Staff,
    Tenant,
    TextRules,
    staff_id,
    tenant_id,
)
from agent.domain.transfers import TransferKind, TransferRule
from agent.tenants.contact import TransferDocument
from agent.tenants.default_texts import default_texts
from agent.tenants.document import ClosureDocument, StaffDocument, TenantDocument
from agent.tenants.knowledge import LeadsDocument
from agent.tenants.money import BudgetDocument, VoicesDocument
from agent.tenants.providers import ProvidersDocument
from agent.tenants.us_states import law_of_state
from agent.tenants.values import US_FEDERAL, Weekday, WeekHours

WEEKDAYS: tuple[str, ...] = get_args(Weekday)


def to_tenant(document: TenantDocument) -> Tenant:
    """The domain's view of a checked document."""
    texts = default_texts(document.language)
    law = law_of_state(document.state)
    recording = _recording(document)
    disclosure = disclosure_for(
        document.ai_disclosure, document.greeting, texts.ai_disclosure, law, business=document.name
    )
    return Tenant(
        id=document.id or tenant_id(document.slug),
        slug=document.slug,
        name=document.name,
        timezone=document.timezone,
        language=document.language,
        greeting=document.greeting,
        ai_disclosure=disclosure,
        recording=recording,
        recording_text=(document.recording_text or texts.recording_text) if recording is Recording.ANNOUNCE else "",
        services=tuple(
            Service(s.id, s.name, tuple(s.aliases), s.duration_min, s.buffer_min, s.price_cents, s.buffer_before_min)
            for s in document.services
        ),
        staff=tuple(place for person in document.staff for place in _places(document.slug, person)),
        opening_rules=_week(document.hours),
        closures=_closures(document.closures),
        numbers=tuple(document.numbers),
        area_code=document.area_code,
        start_every_min=document.start_every_min,
        notice_min=document.notice_min,
        seat_cap=document.seat_cap,
        max_days_ahead=document.max_days_ahead,
        holidays=_holidays(document.holidays),
        has_weekday_off=document.holiday_weekends == "weekday-off",
        state=document.state,
        is_recording_by_default=document.recording is None,
        is_private=document.is_private,
        emergencies=EmergencyPolicy(
            ours=tuple(document.emergencies.ours),
            danger=tuple(document.emergencies.danger),
            gas=tuple(document.emergencies.gas),
        ),
        messages=MessageRules(
            document.messages.enabled, document.messages.ask_urgency, tuple(document.messages.urgent_words)
        ),
        transfer=_transfer(document.transfer),
        texts=TextRules(document.sms.enabled, document.sms.booking_link),
        overflow_number=document.overflow_number,
        knowledge=_knowledge(document),
        providers=_providers(document.providers),
        budgets=_budgets(document.budget),
        premium_voice=_premium_voice(document.voices),
    )


def _budgets(document: BudgetDocument) -> Budgets:
    return Budgets(document.call_cents, document.day_cents, document.month_cents)


def _premium_voice(document: VoicesDocument | None) -> PremiumVoice | None:
    return None if document is None else PremiumVoice(parse_provider(Kind.TTS, document.premium), document.from_score)


def _providers(document: ProvidersDocument) -> TenantProviders:
    return TenantProviders(
        parse_chain(Kind.STT, document.stt),
        parse_chain(Kind.TTS, document.tts),
        parse_chain(Kind.MODEL, document.models),
        tuple(document.keyterms),
    )


def _knowledge(document: TenantDocument) -> Knowledge:
    replies = document.objections.model_dump(exclude_none=True)
    return Knowledge(
        address=document.address,
        facts=tuple(FreeFact(fact.id, tuple(fact.questions), fact.answer) for fact in document.facts),
        objections=tuple((Objection(kind), reply) for kind, reply in replies.items()),
        leads=_lead_rules(document.leads) if document.leads else None,
        accept=document.knowledge.accept,
        confirm=document.knowledge.confirm,
        may_shorten=document.knowledge.may_shorten,
    )


def _lead_rules(leads: LeadsDocument) -> LeadRules:
    least = leads.least_budget_dollars
    return LeadRules(None if least is None else least * 100, frozenset(leads.services))


def _recording(document: TenantDocument) -> Recording:
    if document.is_private:
        return Recording.OFF
    chosen = None if document.recording is None else Recording(document.recording)
    return recording_for(chosen, law_of_state(document.state))


def _transfer(document: TransferDocument | None) -> TransferRule | None:
    if document is None:
        return None
    is_always = document.hours == "always"
    kind = TransferKind(document.kind)
    return TransferRule(document.number, kind, is_always, document.ring_timeout_s, document.briefing)


def _places(tenant_slug: str, person: StaffDocument) -> list[Staff]:
    """One member of staff for each customer at a time: the book keeps one place free of overlaps, not several."""
    return [
        Staff(
            id=staff_id(tenant_slug, person.slug, place),
            slug=person.slug if place == 1 else f"{person.slug}/{place}",
            name=person.name,
            services=frozenset(person.services),
            hours=None if person.hours is None else _week(person.hours),
            time_off=_closures(person.time_off),
            aliases=tuple(person.aliases),
        )
        for place in range(1, person.capacity + 1)
    ]


def _holidays(names: list[str]) -> frozenset[Holiday]:
    federal = frozenset(FEDERAL) if US_FEDERAL in names else frozenset()
    return federal | {Holiday(name) for name in names if name != US_FEDERAL}


def _closures(closures: list[ClosureDocument]) -> tuple[Closure, ...]:
    return tuple(Closure(c.date, c.until or c.date, c.reason, _intervals(c.hours)) for c in closures)


def _week(week: WeekHours) -> dict[int, tuple[LocalInterval, ...]]:
    return {WEEKDAYS.index(day): _intervals(hours) for day, hours in week.items()}


def _intervals(hours: list[tuple[time, time]]) -> tuple[LocalInterval, ...]:
    return tuple(LocalInterval(opens, closes) for opens, closes in sorted(hours))
