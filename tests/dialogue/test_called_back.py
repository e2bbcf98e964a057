"""Two calls from one number over one diary: the second goes on where the first was cut off."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from agent.dialogue.text_call import TextCall
from agent.domain.tenant import Tenant, tenant_id
from agent.scheduling.memory_desk import MemoryDesk
from tests.dialogue.fakes import CALLER, NOW, TENANT

WISH = ("I'd like a cleaning on Thursday at 3 PM.", "Dana Smith.", "555-987-6543.")
OTHER = "+15550188888"


class Line:
    """A telephone on which one diary is called again and again, by a clock that can be put forward."""

    def __init__(self) -> None:
        self.now: datetime = NOW
        self.desk = MemoryDesk(lambda: self.now)

    async def call(self, *turns: str, caller: str | None = CALLER, tenant: Tenant = TENANT) -> str:
        """A call of these turns, in which "/cut" cuts off what is being said, and then nothing more; the last words.

        What it left is kept, as the end of a live call keeps it.
        """
        call = TextCall(tenant, self.desk, lambda: self.now, caller_number=caller)
        left = await self.desk.find_left(tenant, caller) if caller else None
        spoken = (await call.answer(left)).spoken
        if left is not None:
            await self.desk.forget_left(tenant, left.caller_number)
        for words in turns:
            step = call.cut(0.1) if words == "/cut" else await call.say(words)
            spoken = step.spoken or spoken
        await call.hang_up()
        if call.left is not None:
            await self.desk.keep_left(tenant, call.left)
        return spoken

    @property
    def booked(self) -> list[tuple[str | None, str | None]]:
        return [(each.name, each.phone) for each in self.desk.bookings]


@pytest.fixture
def line() -> Line:
    return Line()


async def test_cut_off_at_the_read_back_the_caller_goes_on_and_is_booked_once(line: Line) -> None:
    await line.call(*WISH)
    heard = await line.call()
    assert heard.startswith(f"{TENANT.greeting} {TENANT.ai_disclosure}")
    assert heard.endswith("We were cut off. Do you still want your cleaning on Thursday, December 3rd at 3 PM?")
    read_back = await line.call("Yes.")
    assert "for Dana Smith, phone: 555-987-6543" in read_back
    assert not line.booked
    await line.call("Yes.", "Yes.", "No, thanks.")
    assert line.booked == [("Dana Smith", "+15559876543")]
    assert "cut off" not in await line.call()


async def test_cut_off_after_the_yes_the_caller_hears_that_it_is_booked_and_asking_again_makes_no_second(
    line: Line,
) -> None:
    await line.call(*WISH, "Yes.", "/cut")
    heard = await line.call("No, I'd like to book.", *WISH, "Yes.")
    assert "booked" in heard
    assert len(line.booked) == 1


async def test_the_news_is_told_once(line: Line) -> None:
    await line.call(*WISH, "Yes.", "/cut")
    assert "We were cut off. I have booked your cleaning on Thursday, December 3rd at 3 PM." in await line.call()
    assert "cut off" not in await line.call()


@pytest.mark.parametrize(
    ("minutes", "is_recognised"), [(29, True), (30, False)], ids=["within half an hour", "after half an hour"]
)
async def test_a_caller_is_recognised_for_half_an_hour(line: Line, minutes: int, is_recognised: bool) -> None:
    await line.call(*WISH)
    line.now += timedelta(minutes=minutes)
    assert ("cut off" in await line.call()) is is_recognised


async def test_another_number_a_withheld_one_and_another_business_hear_nothing_of_it(line: Line) -> None:
    await line.call(*WISH)
    await line.call(*WISH, caller=None)
    elsewhere = replace(TENANT, id=tenant_id("elsewhere"), slug="elsewhere")
    for caller, tenant in ((OTHER, TENANT), (None, TENANT), (CALLER, elsewhere)):
        assert "cut off" not in await line.call(caller=caller, tenant=tenant)


async def test_an_opening_somebody_took_meanwhile_is_offered_again_elsewhere(line: Line) -> None:
    await line.call(*WISH)
    for number in range(len(TENANT.staff)):
        others = ("I'd like a cleaning on Thursday at 3 PM.", "Eve Stone.", "The number I'm calling from.", "Yes.")
        await line.call(*others, caller=f"+1555017777{number}")
    taken = line.booked
    assert taken
    heard = await line.call("Yes.")
    assert "Is that right?" not in heard
    assert "2 PM" in heard or "2:15 PM" in heard or "4 PM" in heard or "3:45 PM" in heard, heard
    assert line.booked == taken


async def test_a_booking_called_off_in_between_is_not_said_to_stand(line: Line) -> None:
    await line.call(*WISH, "Yes.", "/cut")
    (booked,) = line.desk.bookings
    assert await line.desk.cancel(TENANT, booked.appointment(), change_key="by the business")
    assert "cut off" not in await line.call()
