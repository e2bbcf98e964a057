"""`voicefleet kb eval` with the local model: what is printed, what it exits with, and what it leaves alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from agent.bootstrap.knowledge.evaluate import evaluate
from agent.bootstrap.tenant_document import load_tenant
from agent.bootstrap.tenants import apply_tenants
from agent.domain.errors import ConfigError
from agent.domain.tenant import Tenant
from agent.inference.in_process import InProcessEmbedder
from agent.storage.kb_evaluations import last_evaluation, standing
from agent.storage.pool import Pool, tenant_tx
from agent.tenants.templates import Blanks, fill_in
from kb.embedding import LOCAL_MODEL
from kb.evaluation.question_sets import BrokenSet
from tests.integration.kb.evaluated import lines, tell

PARKING, DELTA = "Where can I park my car?", "Do you take Delta Dental insurance?"
FAQ = {"parking": PARKING, "delta": DELTA}
SET = {"where can i park my car": ["faq.md#parking"], "do you take delta dental insurance": ["faq.md#delta"],
       "can you tune my grand piano": []}  # fmt: skip

#: Ends of telephone numbers that no two of the businesses share.
NUMBERS = count(1000)


@dataclass(frozen=True)
class Desk:
    """A business with a base and a set, and the command put to it."""

    tenant: Tenant
    pool: Pool
    file: Path
    capsys: pytest.CaptureFixture[str]

    async def tell(self, name: str, titles: dict[str, str]) -> None:
        await tell(self.pool, self.tenant.id, name, titles, embedder=InProcessEmbedder(), model=LOCAL_MODEL)

    async def eval(self, *, file: Path | None = None, is_json: bool = False) -> tuple[int, str, str]:
        """Exit code, output, complaints."""
        self.capsys.readouterr()
        code = await evaluate(self.tenant.slug, file, is_json=is_json)
        printed = self.capsys.readouterr()
        return code, printed.out, printed.err


@pytest.fixture
async def desk(
    database: str,
    keeper_pool: Pool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Desk:
    monkeypatch.setenv("DATABASE_URL", database)
    document = tmp_path / "shop.yaml"
    number = next(NUMBERS)
    document.write_text(fill_in("dental", Blanks(f"Practice {number}", number=f"+1212555{number}", state="NY")))
    assert await apply_tenants([document]) == 0
    desk = Desk(load_tenant(document), keeper_pool, tmp_path / "set.jsonl", capsys)
    desk.file.write_text(lines(SET))
    await desk.tell("shop/faq.md", FAQ)
    return desk


async def test_the_first_run_shows_its_figures_and_a_base_as_it_was_is_no_worse(desk: Desk) -> None:
    code, out, err = await desk.eval(file=desk.file)
    assert (code, err) == (0, "")
    assert f"{desk.tenant.slug}, run 1: 3 questions, 2 with an answer and 1 without" in out
    spaced = " ".join(out.split())
    assert " right passage first 2 of 2 100.0% 95 %: 34.2% to 100.0%" in spaced
    assert " refused, of those without an answer 1 of 1 100.0% " in spaced
    assert "; embed, search and decide p50 " in spaced
    assert "the first run" in out
    code, out, _ = await desk.eval()
    assert code == 0
    assert out.endswith("version 1), questions in both: 3\nworse: 0\nbetter: 0\n")


async def test_a_question_that_got_worse_is_listed_with_both_passages_and_the_source_and_exits_2(desk: Desk) -> None:
    await desk.eval(file=desk.file)
    await desk.tell("shop/faq.md", {"delta": DELTA})
    await desk.tell("shop/prices.md", {"fees": PARKING})
    code, out, err = await desk.eval()
    assert code == 2
    worse = out[out.index("worse: ") : out.index("better: 0")].splitlines()
    assert worse[0] == "worse: 1"
    assert worse[1] == "  where can i park my car"
    assert worse[2].startswith("    then  spoken: shop/faq.md#parking ")
    assert worse[3].startswith("    now   spoken, wrong: shop/prices.md#fees ")
    assert worse[4:] == [
        "    because faq.md#parking is not in the base any more (version 2, of shop/faq.md)",
        "    because shop/prices.md#fees was added or changed (version 3)",
    ]
    assert err == f"{desk.tenant.slug}: not in the base, so nothing can answer by it: faq.md#parking\n"


async def test_a_program_gets_the_same_as_one_object(desk: Desk) -> None:
    await desk.eval(file=desk.file)
    await desk.tell("shop/faq.md", {"delta": DELTA})
    code, out, _ = await desk.eval(is_json=True)
    told = json.loads(out)
    assert code == 2
    assert (told["tenant"], told["run"], told["version"], told["compared"]) == (desk.tenant.slug, 2, 2, 3)
    assert told["figures"]["top_1"]["hits"] == 1
    (worse,) = told["worse"]
    assert worse["question"] == "where can i park my car"
    assert worse["before"]["best"][0] == worse["before"]["right"][0] == "shop/faq.md#parking"
    assert worse["now"]["result"] != "right"
    assert told["better"] == []
    assert told["unmatched"] == ["faq.md#parking"]


async def test_a_broken_file_is_one_error_with_its_lines_and_changes_nothing(desk: Desk) -> None:
    await desk.eval(file=desk.file)

    async def stored() -> object:
        async with tenant_tx(desk.pool, desk.tenant.id) as connection:
            rows = await connection.fetch("SELECT * FROM kb_questions WHERE tenant_id = $1", desk.tenant.id)
            last = await last_evaluation(connection, desk.tenant.id)
            return rows, await standing(connection, desk.tenant.id), last

    before = await stored()
    desk.file.write_text(lines({"a new one": []}) + '\n{"question": "broken"}\n')
    with pytest.raises(BrokenSet, match=r'^\S+set.jsonl: line 2: "expects" is missing$'):
        await desk.eval(file=desk.file)
    assert await stored() == before


async def test_a_set_replaces_the_stored_one_and_what_is_new_in_it_is_not_compared(desk: Desk) -> None:
    await desk.eval(file=desk.file)
    desk.file.write_text(lines({"can you tune my grand piano": [], "where can i moor my yacht": ["faq.md#mooring"]}))
    code, out, err = await desk.eval(file=desk.file)
    assert code == 0
    assert "2 questions, 1 with an answer and 1 without" in out
    assert "questions in both: 1\nworse: 0\n" in out
    assert "faq.md#mooring" in err


async def test_without_a_set_or_a_tenant_it_says_so(desk: Desk) -> None:
    with pytest.raises(ConfigError, match="no question set is stored; give one with --questions FILE"):
        await desk.eval()
    with pytest.raises(ConfigError, match="nobody: no tenant of this slug"):
        await evaluate("nobody", None, is_json=False)
