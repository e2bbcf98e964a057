from __future__ import annotations

from typing import Any, cast

from livekit.agents import stt

from agent.domain.errors import Blame
from agent.domain.providers import AllClosed, Kind, Provider, parse_chain
from agent.providers.roster import RETURN_AFTER_S, Roster
from agent.providers.stt_member import Failure, Member

NOBODY = cast("stt.STT[Any]", None)
NOVA, FLUX, LOCAL = (
    Member(each, NOBODY) for each in parse_chain(Kind.STT, "deepgram/nova-3, deepgram/flux-general-en, local")
)
DOWN, REFUSED = Failure(Blame.UPSTREAM, "status 500"), Failure(Blame.CLIENT, "status 401")


class Open:
    """Breakers of which some are open."""

    def __init__(self, *members: Member) -> None:
        self.providers = {member.provider for member in members}

    def is_open(self, provider: Provider) -> bool:
        return provider in self.providers


def roster(*left_alone: Member) -> Roster:
    return Roster((NOVA, FLUX, LOCAL), Open(*left_alone) if left_alone else AllClosed())


def test_the_first_is_asked_first_and_then_whoever_has_not_failed() -> None:
    chain = roster()
    assert chain.next(100.0) is NOVA
    chain.failed(NOVA, DOWN, 100.0)
    assert chain.next(101.0) is FLUX
    chain.failed(FLUX, DOWN, 101.0)
    assert chain.next(102.0) is LOCAL
    chain.failed(LOCAL, DOWN, 102.0)
    assert chain.next(103.0) is None


def test_one_the_fleet_leaves_alone_is_asked_last() -> None:
    assert roster(NOVA).next(100.0) is FLUX
    assert roster(NOVA, FLUX).next(100.0) is LOCAL


def test_a_spare_is_another_one() -> None:
    assert roster().next(100.0, but=NOVA) is FLUX


def test_when_all_have_failed_the_oldest_failure_is_tried_again() -> None:
    chain = roster()
    for at_s, member in enumerate((FLUX, NOVA, LOCAL)):
        chain.failed(member, DOWN, 100.0 + at_s)
    assert chain.again() is FLUX


def test_one_that_refuses_us_is_never_asked_again() -> None:
    chain = roster()
    for member in (NOVA, FLUX, LOCAL):
        chain.failed(member, REFUSED, 100.0)
    assert chain.next(1000.0) is None
    assert chain.again() is None


def test_a_better_one_is_gone_back_to_when_it_has_had_time() -> None:
    chain = roster()
    chain.failed(NOVA, DOWN, 100.0)
    assert chain.better_than(FLUX, 100.0 + RETURN_AFTER_S - 1) is None
    assert chain.better_than(FLUX, 100.0 + RETURN_AFTER_S) is NOVA
    assert chain.better_than(NOVA, 200.0) is None


def test_one_the_fleet_leaves_alone_is_not_gone_back_to() -> None:
    chain = roster(NOVA, FLUX)
    chain.failed(LOCAL, DOWN, 100.0)
    assert chain.next(101.0) is NOVA
    assert chain.better_than(LOCAL, 101.0) is None
