"""Intent keys and spoken telephone numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from agent.domain.contact import e164_or_none, joined_digits
from agent.domain.intent import Operation, intent_key

TENANT_ID = UUID(int=1)
START = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)
KEY = intent_key(TENANT_ID, "+15550190001", "cleaning", START, Operation.BOOK)


def test_the_same_wish_has_the_same_key_in_any_zone() -> None:
    in_new_york = START.astimezone(ZoneInfo("America/New_York"))
    assert intent_key(TENANT_ID, "+15550190001", "cleaning", in_new_york, Operation.BOOK) == KEY


def test_every_part_of_a_wish_changes_its_key() -> None:
    others = {
        intent_key(UUID(int=2), "+15550190001", "cleaning", START, Operation.BOOK),
        intent_key(TENANT_ID, "+15550190002", "cleaning", START, Operation.BOOK),
        intent_key(TENANT_ID, "+15550190001", "filling", START, Operation.BOOK),
        intent_key(TENANT_ID, "+15550190001", "cleaning", START + timedelta(minutes=15), Operation.BOOK),
    }
    assert len(others | {KEY}) == 5


@pytest.mark.parametrize(
    ("digits", "number"),
    [
        ("5550123456", "+15550123456"),
        ("15550123456", "+15550123456"),
        ("0123456", "+15550123456"),
        ("555", None),
        ("555012345", None),
        ("25550123456", None),
    ],
)
def test_a_number_is_complete_with_ten_digits_or_with_the_tenants_area_code(digits: str, number: str | None) -> None:
    assert e164_or_none(digits, "555") == number


def test_without_an_area_code_seven_digits_are_not_a_number() -> None:
    assert e164_or_none("0123456", "") is None


def test_pieces_are_joined_until_they_would_be_too_long() -> None:
    assert joined_digits("555", "0123456") == "5550123456"
    assert joined_digits("5550123", "5550123") == "5550123"
    assert joined_digits(None, "555") == "555"
