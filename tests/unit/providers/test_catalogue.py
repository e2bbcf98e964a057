"""The catalogue of providers: complete, named as configuration names them, and printed in the documents."""

from __future__ import annotations

import pytest

from agent.domain.providers import VENDORS, Kind, Provider, parse_provider
from agent.providers.catalogue import ACCESS, EMBEDDING_ACCESS, OFFERS, Offer, address, key_variable
from agent.runtime.accounts import Accounts
from agent.runtime.settings import EmbeddingSettings
from tests.unit.providers import providers_page


@pytest.mark.parametrize("kind", VENDORS)
def test_every_vendor_has_a_row(kind: Kind) -> None:
    assert {offer.provider.vendor for offer in OFFERS if offer.kind is kind} == VENDORS[kind]


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: f"{offer.kind.value} {offer.name}")
def test_every_row_is_named_once_and_as_configuration_names_it(offer: Offer) -> None:
    assert offer.provider.name == offer.name
    if offer.kind in VENDORS:
        assert parse_provider(offer.kind, offer.name) == offer.provider
    assert [(each.kind, each.name) for each in OFFERS].count((offer.kind, offer.name)) == 1


@pytest.mark.parametrize("vendor", ACCESS)
def test_where_a_vendor_is_reached_is_a_field_of_the_accounts(vendor: str) -> None:
    access = ACCESS[vendor]
    assert access.url is None or hasattr(Accounts(), access.url)
    assert set(access.keys) <= set(Accounts.model_fields)


def test_where_texts_are_embedded_is_a_setting() -> None:
    assert {EMBEDDING_ACCESS.url, *EMBEDDING_ACCESS.keys} <= set(EmbeddingSettings.model_fields)
    assert key_variable(Provider(Kind.EMBEDDING, "compatible", "any")) == "VOICEFLEET_EMBEDDING_KEY"


def test_polly_is_reached_in_its_region_with_two_keys() -> None:
    polly = parse_provider(Kind.TTS, "polly/neural")
    accounts = Accounts.model_validate({"AWS_REGION": "eu-west-1"})
    assert address(polly, accounts) == "https://polly.eu-west-1.amazonaws.com"
    assert key_variable(polly) == "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"


def test_what_runs_here_has_no_address_and_what_does_not_has_one() -> None:
    for offer in OFFERS:
        is_set = bool(address(offer.provider, Accounts()))
        assert is_set is not (offer.provider.vendor in ("local", "compatible") or offer.kind is Kind.EMBEDDING)


def test_the_page_says_what_the_catalogue_says() -> None:
    assert providers_page.PATH.read_text(encoding="utf-8") == providers_page.write()
