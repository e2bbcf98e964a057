"""Another model takes the place of the one a base is searched by, and no search notices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from agent.bootstrap.knowledge import base
from agent.bootstrap.tenant_document import load_tenant
from agent.bootstrap.tenants import apply_tenants
from agent.domain.errors import ConfigError, FleetError
from agent.inference.in_process import InProcessEmbedder
from agent.keeping.model_change import PAUSES_S
from agent.storage import kb_models
from agent.storage.kb_search import Candidate
from agent.storage.pool import Pool, tenant_tx
from agent.tenants.templates import Blanks, fill_in
from kb.embedders import Embedders
from kb.embedding import LOCAL_MODEL, FloatArray
from kb.retrieval import Library
from loadtest.emulators.profiles import EMBEDDING_PROFILES
from tests.integration.kb.shelves import ANSWERS, REMOTE, Interrupted, Shelf, shelf_of, source

PARKING = "Where can I park?"
DEADLINE_S = 30.0


@pytest.fixture(scope="module")
def local() -> InProcessEmbedder:
    return InProcessEmbedder()


@pytest.fixture
async def shelf(keeper_pool: Pool, local: InProcessEmbedder) -> AsyncIterator[Shelf]:
    async with shelf_of(keeper_pool, local) as made:
        yield made


async def asked(library: Library, question: str) -> Candidate:
    """The best answer, which meaning found and not words alone."""
    found = await library.candidates(question)
    assert found, question
    assert found[0].likeness is not None, f"{question}: by words alone"
    return found[0]


async def test_searches_find_the_right_passage_at_every_moment(shelf: Shelf, pool: Pool) -> None:
    await shelf.add(source("a.md"))
    library, begun, over = shelf.library(pool), asyncio.Event(), asyncio.Event()
    moments: list[str | None] = []

    async def search() -> None:
        for round_ in range(10_000):
            was_over = over.is_set()
            for title, text in ANSWERS.items():
                # one call that goes on, and calls that begin now
                best = await asked(library if round_ % 2 else shelf.library(pool), title)
                assert (best.title, best.spoken) == (title, text)
            moments.append(await shelf.model())
            begun.set()
            if was_over:
                return

    async def change() -> None:
        await begun.wait()
        await shelf.keeper().see_to_all()
        over.set()

    async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(search())
        tasks.create_task(change())
    assert (moments[0], moments[-1]) == (LOCAL_MODEL, REMOTE)
    assert list(await shelf.vectors()) == [REMOTE]


async def test_a_question_embedded_just_before_the_change_is_asked_anew_just_after(shelf: Shelf, pool: Pool) -> None:
    await shelf.add(source("a.md"))
    slow = Interrupted(shelf.local, shelf.keeper().see_to_all)
    library = shelf.library(pool, shelf.embedders(local=slow))
    assert (await asked(library, PARKING)).title == PARKING
    assert await shelf.model() == REMOTE
    assert (await asked(library, "Can I bring my dog?")).title == "Can I bring my dog?"
    assert slow.asked == [PARKING], "the old model is not asked any more"


async def test_the_way_back_is_the_same(shelf: Shelf, pool: Pool) -> None:
    await shelf.add(source("a.md"))
    before = await shelf.vectors()
    await shelf.keeper().see_to_all()
    library = shelf.library(pool)
    assert (await asked(library, PARKING)).title == PARKING
    await shelf.keeper(LOCAL_MODEL).see_to_all()
    assert (await asked(library, PARKING)).title == PARKING
    assert await shelf.vectors() == before


async def test_what_is_added_from_then_on_is_embedded_by_the_new_model(shelf: Shelf, pool: Pool) -> None:
    await shelf.add(source("a.md"))
    await shelf.keeper().see_to_all()
    await shelf.add(source("b.md", {"Do you pierce ears?": "Yes, both of them."}))
    assert list(await shelf.vectors()) == [REMOTE]
    assert (await asked(shelf.library(pool), "Do you pierce ears?")).spoken == "Yes, both of them."


async def test_a_keeper_killed_in_the_middle_is_followed_by_one_that_goes_on(shelf: Shelf) -> None:
    await shelf.add(source("a.md"))
    stuck = asyncio.Event()

    async def hang() -> None:
        stuck.set()
        await asyncio.Event().wait()

    first = Interrupted(shelf.remote, hang, at=2)
    killed = asyncio.create_task(shelf.keeper(remote=first).see_to_all())
    async with asyncio.timeout(DEADLINE_S):
        await stuck.wait()
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    done = (await shelf.introduced())[REMOTE]
    assert 0 < done < len(ANSWERS)
    assert await shelf.model() == LOCAL_MODEL
    shelf.emulator.asked.clear()
    await shelf.keeper().see_to_all()
    assert await shelf.model() == REMOTE
    titles = [text for body in shelf.emulator.asked for text in body["input"] if text in ANSWERS]
    assert len(titles) == len(ANSWERS) - done, "nothing was embedded twice"


async def test_what_is_taken_out_or_added_meanwhile_is_not_forgotten(shelf: Shelf, pool: Pool) -> None:
    await shelf.add(source("a.md"))
    await shelf.add(source("b.md", {"Do you pierce ears?": "Yes, both of them."}))

    async def edit() -> None:
        await shelf.remove("a.md")
        await shelf.add(source("c.md", {"Where is the nearest bus stop?": "Across the street."}))

    await shelf.keeper(remote=Interrupted(shelf.remote, edit)).see_to_all()
    assert list(await shelf.vectors()) == [REMOTE]
    assert (await asked(shelf.library(pool), "Where is the nearest bus stop?")).spoken == "Across the street."
    assert PARKING not in [each.title for each in await shelf.library(pool).candidates(PARKING)]
    async with tenant_tx(shelf.pool, shelf.tenant.id) as connection:
        assert await connection.fetchval("SELECT count(DISTINCT passage_id) FROM kb_vectors WHERE tenant_id = $1",
                                         shelf.tenant.id) == 2  # fmt: skip


async def test_a_base_is_not_switched_while_a_passage_lacks_its_vectors(shelf: Shelf) -> None:
    await shelf.add(source("a.md"))
    before = await shelf.vectors()
    async with tenant_tx(shelf.pool, shelf.tenant.id) as connection:
        assert not await kb_models.switch_to(connection, shelf.tenant.id, REMOTE)
    assert (await shelf.model(), await shelf.vectors()) == (LOCAL_MODEL, before)


async def test_a_source_that_was_embedded_while_the_model_changed_is_embedded_once_more(
    shelf: Shelf, pool: Pool
) -> None:
    await shelf.add(source("a.md"))
    slow = Interrupted(shelf.local, shelf.keeper().see_to_all)
    added = source("b.md", {"Do you pierce ears?": "Yes, both of them."})
    changed = await shelf.add(added, shelf.embedders(local=slow))
    assert (changed.version, changed.added) == (2, 1)
    assert slow.asked, "it was embedded by the old model first"
    assert list(await shelf.vectors()) == [REMOTE]
    assert (await asked(shelf.library(pool), "Do you pierce ears?")).spoken == "Yes, both of them."


async def test_while_the_endpoint_is_away_nothing_changes_and_the_lines_grow_rare(shelf: Shelf, pool: Pool) -> None:
    await shelf.add(source("a.md"))
    before = await shelf.vectors()
    shelf.emulator.become(EMBEDDING_PROFILES["failing"])
    keeper = shelf.keeper()
    with capture_logs() as logs:
        pauses = [await keeper.see_to_all() for _ in range(len(PAUSES_S) + 1)]
    assert pauses == [*PAUSES_S, PAUSES_S[-1]]
    assert [(line["event"], line["again_in_s"]) for line in logs] == [("knowledge.not_embedded", p) for p in pauses]
    assert (await shelf.model(), await shelf.vectors()) == (LOCAL_MODEL, before)
    assert (await asked(shelf.library(pool), PARKING)).title == PARKING
    shelf.emulator.become(EMBEDDING_PROFILES["fast"])
    with capture_logs() as logs:
        await keeper.see_to_all()
    assert [line["event"] for line in logs] == ["knowledge.model_changed"]
    assert await shelf.model() == REMOTE


async def test_a_base_that_cannot_be_embedded_holds_up_no_other(
    shelf: Shelf, keeper_pool: Pool, local: InProcessEmbedder
) -> None:
    class Choosy:
        """Refuses one text, for ever."""

        async def embed(self, texts: Sequence[str], *, deadline_s: float) -> FloatArray:
            if "The unspeakable?" in texts:
                raise ConfigError("400")
            return await shelf.remote.embed(texts, deadline_s=deadline_s)

    async with shelf_of(keeper_pool, local) as other:
        first, second = sorted((shelf, other), key=lambda each: each.tenant.id)
        await first.add(source("a.md", {"The unspeakable?": "No."}))
        await second.add(source("a.md"))
        keeper = shelf.keeper(remote=Choosy())
        for _ in range(2):
            await keeper.see_to_all()
        assert (await first.model(), await second.model()) == (LOCAL_MODEL, REMOTE)


async def test_what_an_abandoned_change_left_is_taken_away(shelf: Shelf) -> None:
    await shelf.add(source("a.md"))
    before = await shelf.vectors()

    async def fail() -> None:
        raise FleetError("the endpoint is gone for good")

    await shelf.keeper(remote=Interrupted(shelf.remote, fail, at=2)).see_to_all()
    assert list(await shelf.introduced()) == [REMOTE]
    await shelf.keeper(LOCAL_MODEL).see_to_all()
    assert (await shelf.model(), await shelf.vectors()) == (LOCAL_MODEL, before)


async def test_a_gap_in_the_model_that_is_searched_is_filled(shelf: Shelf, pool: Pool) -> None:
    await shelf.add(source("a.md"))
    before = await shelf.vectors()
    async with tenant_tx(shelf.pool, shelf.tenant.id) as connection:
        await connection.execute(
            "DELETE FROM kb_vectors USING kb_passages p WHERE p.id = passage_id AND p.title = $1", PARKING
        )
    await shelf.keeper(LOCAL_MODEL).see_to_all()
    assert await shelf.vectors() == before
    assert (await asked(shelf.library(pool), PARKING)).title == PARKING


async def test_a_business_that_becomes_private_gets_the_local_model_back(shelf: Shelf, pool: Pool) -> None:
    await shelf.add(source("a.md"))
    await shelf.keeper().see_to_all()
    assert await shelf.model() == REMOTE
    await shelf.become_private()
    await shelf.keeper().see_to_all()
    assert list(await shelf.vectors()) == [LOCAL_MODEL]
    assert (await asked(shelf.library(pool), PARKING)).title == PARKING


async def test_without_the_bases_model_nothing_is_stored_and_searches_go_by_words(shelf: Shelf, pool: Pool) -> None:
    await shelf.add(source("a.md"))
    await shelf.keeper().see_to_all()
    before = await shelf.vectors()
    only_local = Embedders(LOCAL_MODEL, local=shelf.local, remote=None)
    found = await shelf.library(pool, only_local).candidates(PARKING)
    assert (found[0].title, found[0].likeness) == (PARKING, None)
    with pytest.raises(ConfigError, match=REMOTE):
        await shelf.add(source("b.md", {"Do you pierce ears?": "Yes."}), only_local)
    assert await shelf.vectors() == before


async def test_the_list_of_a_base_tells_its_model_and_how_far_another_is(
    shelf: Shelf, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    document = tmp_path / "salon.yaml"
    document.write_text(fill_in("salon", Blanks("Hair There", number="+12125550900", state="NY")), encoding="utf-8")
    assert await apply_tenants([document]) == 0
    shelf.tenant = load_tenant(document)
    await shelf.add(source("a.md"))

    async def told() -> list[str]:
        capsys.readouterr()
        assert await base.show("hair-there") == 0
        return capsys.readouterr().out.splitlines()[1:]

    async def look() -> None:
        lines.extend(await told())

    lines: list[str] = []
    await shelf.keeper(remote=Interrupted(shelf.remote, look, at=2)).see_to_all()
    assert lines == [
        "version 1: 10 passages of 1 sources, searched by all-MiniLM-L6-v2",
        "small is being introduced: 8 of 10 passages; searches go on as before",
    ]
    assert await told() == ["version 1: 10 passages of 1 sources, searched by small"]
