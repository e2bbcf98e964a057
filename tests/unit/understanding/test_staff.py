"""Whom a caller wants to be served by, in the words people use and in those a recogniser makes of them."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from agent.domain.facts import Expect, Facts
from agent.domain.staffing import ANYBODY, StaffWish
from agent.domain.tenant import Staff, staff_id
from agent.understanding import understand
from tests.unit.domain.desk import NOW, TENANT

LEE, ORTIZ = (person.id for person in TENANT.staff)
SAM, MAY, DANA = (staff_id("salon", slug) for slug in ("sam", "may", "dana"))
SALON = replace(
    TENANT,
    staff=(
        Staff(SAM, "sam", "Sam", frozenset({"cleaning"}), aliases=("Samuel",)),
        Staff(MAY, "may", "May", frozenset({"cleaning"})),
        Staff(DANA, "dana", "Dana Kowalski", frozenset({"cleaning"})),
    ),
)


def at_the_dentist(text: str, expects: Expect = Expect.ANY) -> Facts:
    return understand(text, expects=expects, tenant=TENANT, now=NOW)


def at_the_salon(text: str, expects: Expect = Expect.ANY) -> Facts:
    return understand(text, expects=expects, tenant=SALON, now=NOW)


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("Can you make it with Dr. Lee?", (LEE,)),
        ("can you make it with doctor lee", (LEE,)),
        ("I'd like to see Dr. Ortiz on Thursday at 3", (ORTIZ,)),
        ("a cleaning with Ortiz please", (ORTIZ,)),
        ("With Dr. Leigh, if possible.", (LEE,)),
        ("is Dr. Ortis available on Thursday", (ORTIZ,)),
        ("I want doctor Ortez", (ORTIZ,)),
        ("Dr. Lee's first opening on Thursday", (LEE,)),
        ("with Dr. Lee or Dr. Ortiz", (LEE, ORTIZ)),
        ("not Dr. Lee, I'd like Dr. Ortiz", (ORTIZ,)),
        ("Thursday, but with Dr. Lee", (LEE,)),
    ],
)
def test_somebody_is_asked_for(text: str, only: tuple[UUID, ...]) -> None:
    assert at_the_dentist(text).staff == StaffWish(only=only)


@pytest.mark.parametrize(
    ("text", "but"),
    [
        ("anyone but Sam", (SAM,)),
        ("Anybody except Sam is fine.", (SAM,)),
        ("somebody other than Sam", (SAM,)),
        ("I don't want to see Sam", (SAM,)),
        ("not with Sam", (SAM,)),
        ("anyone but May or Sam", (MAY, SAM)),
    ],
)
def test_somebody_is_refused(text: str, but: tuple[UUID, ...]) -> None:
    assert at_the_salon(text).staff == StaffWish(but=but)


@pytest.mark.parametrize(
    "text",
    [
        "whoever is free",
        "I don't care who",
        "it doesn't matter who",
        "no preference",
        "anyone is fine",
        "with anybody",
        "any stylist is fine",
        "the first available stylist",
    ],
)
def test_anybody_will_do(text: str) -> None:
    assert at_the_salon(text).staff == ANYBODY


@pytest.mark.parametrize(
    "text",
    [
        "My name is Sam Miller.",
        "This is Sam calling.",
        "I'm Dana and I'd like a cleaning",
        "a cleaning in May",
        "on May 3rd",
        "put it under Sam",
        "can I talk to Sam",
        "an appointment for Sam",
        "any time is fine",
        "I'd like a cleaning with the hygienist on Thursday",
    ],
)
def test_names_of_callers_and_months_are_no_staff(text: str) -> None:
    assert at_the_salon(text).staff is None


def test_a_name_that_was_asked_for_is_the_callers() -> None:
    assert at_the_salon("Sam", Expect.NAME).staff is None
    assert at_the_salon("Dana Kowalski", Expect.NAME).name == "Dana Kowalski"
    assert at_the_dentist("Dr. Lee", Expect.NAME).staff is None


def test_among_offers_a_bare_name_picks() -> None:
    assert at_the_salon("Sam", Expect.CHOICE).staff == StaffWish(only=(SAM,))
    assert at_the_dentist("the one with Dr. Ortiz", Expect.CHOICE).staff == StaffWish(only=(ORTIZ,))


def test_a_first_name_a_last_name_an_alias_and_a_slip_of_the_ear_are_enough() -> None:
    for text in ("with Dana", "with Kowalski", "with Dana Kowalski", "with Kowalsky", "with Kovalski"):
        assert at_the_salon(text).staff == StaffWish(only=(DANA,)), text
    assert at_the_salon("with Samuel").staff == StaffWish(only=(SAM,))


def test_a_titled_name_that_nobody_has_is_known_to_be_nobodys() -> None:
    assert at_the_dentist("with Dr. Patel on Thursday").staff == StaffWish(is_unknown=True)
    assert at_the_dentist("see Dr. Patel").staff == StaffWish(is_unknown=True)
    assert at_the_dentist("my doctor said I need a cleaning").staff is None
    assert at_the_dentist("I need to see the doctor on Thursday").staff is None


def test_two_who_sound_alike_are_not_guessed_between() -> None:
    twins = replace(
        TENANT,
        staff=tuple(Staff(staff_id("x", n), n, n.title(), frozenset({"cleaning"})) for n in ("marta", "marte")),
    )
    heard = understand("with Martu", expects=Expect.ANY, tenant=twins, now=NOW)
    assert heard.staff is None


def test_the_name_of_a_month_with_a_day_is_still_a_date() -> None:
    heard = at_the_salon("with May on May 3rd at 10")
    assert heard.staff == StaffWish(only=(MAY,))
    assert heard.when is not None
    assert heard.when.first_on is not None
    assert (heard.when.first_on.month, heard.when.first_on.day) == (5, 3)


def test_everything_else_in_the_sentence_is_read_as_well() -> None:
    heard = at_the_dentist("I'd like a cleaning with Dr. Lee the Thursday after next, sometime after three")
    assert heard.staff == StaffWish(only=(LEE,))
    assert heard.service_id == "cleaning"
    assert heard.when is not None
    assert heard.when.not_before is not None
    assert heard.name is None


def test_the_waiting_list_is_asked_for() -> None:
    for text in ("can you put me on the waiting list", "do you have a wait list?", "call me if something opens up"):
        assert "wait" in {wish.value for wish in at_the_dentist(text).wishes}, text


@pytest.mark.parametrize(
    "text",
    ["anyone but Dr. Lee", "whoever is free", "anybody is fine", "anyone else except Dr. Ortiz", "no preference"],
)
def test_who_will_do_is_never_the_callers_own_name(text: str) -> None:
    facts = at_the_dentist(text, Expect.NAME)
    assert facts.staff is not None
    assert facts.name is None
