"""A stack for one command: started before it, stopped after it, whatever came of it."""

from __future__ import annotations

from collections.abc import Callable

from infra.local.servers import CHECKOUT
from infra.local.settings import load_settings
from tests.integration.infra.conftest import LocalStack

DATABASE = load_settings(CHECKOUT / "infra" / "local" / "database.toml")
_NOTHING = "\n".join(
    [
        "[inference]",
        "enabled = false",
        "[workers]",
        "count = 0",
        "[keepers]",
        "count = 0",
        "[knowledge]",
        "folders = []",
    ]
)


def test_a_command_has_the_database_and_nothing_is_left_when_it_is_done(new_stack: Callable[..., LocalStack]) -> None:
    stack = new_stack(skip=(*DATABASE.skip, "tenant-apply"), more=_NOTHING)
    asked = "import asyncio, asyncpg, os; asyncio.run(asyncpg.connect(os.environ['DATABASE_URL'])); raise SystemExit(7)"
    done = stack("once", "--", "python", "-c", asked)
    assert done.returncode == 7, done.stderr
    assert "migrate          done" in done.stdout
    assert stack.processes() == []
    assert stack("status").returncode == 1
    assert stack("once", "--", "no-such-program").returncode == 127
    assert stack.processes() == []


def test_a_stack_that_was_up_stays_up(new_stack: Callable[..., LocalStack]) -> None:
    stack = new_stack(skip=(*DATABASE.skip, "tenant-apply"), more=_NOTHING)
    assert stack("up").returncode == 0
    assert stack("once", "--", "true").returncode == 0
    assert stack("status").returncode == 0
