"""The catalogue of providers: complete, named as configuration names them, and printed in the documents."""

from __future__ import annotations

import pytest

from agent.domain.providers import VENDORS, Kind
from agent.providers.catalogue import ACCESS, OFFERS, Offer, address
from agent.runtime.accounts import Accounts
from tests.unit.providers import providers_page


@pytest.mark.parametrize("kind", VENDORS)
def test_every_vendor_has_a_row(kind: Kind) -> None:
    assert {offer.provider.vendor for offer in OFFERS if offer.kind is kind} == VENDORS[kind]


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: f"{offer.kind.value} {offer.name}")
def test_every_row_is_named_once_and_as_configuration_names_it(offer: Offer) -> None:
    assert offer.provider.name == offer.name
    assert [(each.kind, each.name) for each in OFFERS].count((offer.kind, offer.name)) == 1


@pytest.mark.parametrize("vendor", ACCESS)
def test_where_a_vendor_is_reached_is_a_field_of_the_accounts(vendor: str) -> None:
    access = ACCESS[vendor]
    assert {access.url, access.key} - {None} <= set(Accounts.model_fields)


def test_what_runs_here_has_no_address_and_what_does_not_has_one() -> None:
    for offer in OFFERS:
        is_set = bool(address(offer.provider, Accounts()))
        assert is_set is (offer.provider.vendor not in ("local", "compatible", "polly"))


def test_the_page_says_what_the_catalogue_says() -> None:
    assert providers_page.PATH.read_text(encoding="utf-8") == providers_page.write()
