"""`voicefleet chat`: a call in the terminal, on the same engine, without audio.

Each line of standard input is what the caller says in one turn; a file of turns can be piped in. `#1` or
`[5550123456#]` presses keys. `/silence` is a caller who says nothing, `/cut 0.4` one who interrupted after hearing
that share of the last words, `/quit` one who hangs up, as does the end of the input. `/again` is a caller who hangs up
and calls back, over the same diary. The call also ends when the agent ends it.

With `--json` each step is one JSON object on a line of its own; its keys are listed in `agent.dialogue.turn_report`
and in docs/chat.md. Standard output carries nothing else; logs and faults go to standard error.

The loop is synchronous and runs the event loop for one step at a time, so that the terminal's own line editing and
Ctrl-C work while the caller thinks.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from agent.bootstrap.chat_view import ChatView
from agent.bootstrap.model import nothing_spent, open_model, shortener_of
from agent.bootstrap.tenant_document import load_tenant, tenant_from_json
from agent.bootstrap.text_database import library_of, open_pool_of
from agent.bootstrap.text_understanding import TextUnderstanding
from agent.dialogue.text_call import TextCall
from agent.dialogue.turn_report import TurnReport
from agent.domain.errors import ConfigError
from agent.domain.tenant import Tenant
from agent.runtime import logs
from agent.runtime.settings import DatabaseSettings, ModelSettings, load
from agent.scheduling.desk import Desk as StoredDesk
from agent.scheduling.memory_desk import MemoryDesk
from agent.storage import tenants
from agent.storage.pool import Role, fleet_tx, open_pool
from agent.tenants.callers_law import tenant_for_caller
from agent.understanding import Cascade
from agent.understanding.asked_model import AskedModel
from agent.understanding.interpreter import ModelInterpreter

#: Columns below which words would stand one above the other.
_NARROWEST = 40
#: Lines that press keys instead of saying something.
_KEYS = re.compile(r"#([0-9*#]+)|\[([0-9*#]+)\]")


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """What the command line said.

    Attributes:
        tenant: a tenant file, or the slug of a tenant in the database.
        is_stored: holds and bookings go into the database, and its knowledge base is asked.
        now: the clock stands still there; without a zone it is the tenant's. None is the real time.
        caller: E.164; None when withheld.
        is_grammar_only: leave out the second step of understanding, whose model is loaded into this process, and
            the third.
    """

    tenant: str
    is_stored: bool = False
    now: datetime | None = None
    caller: str | None = None
    is_json: bool = False
    is_grammar_only: bool = False


def run(options: ChatOptions) -> int:
    """Hold one call on standard input and output.

    Raises: FleetError: the tenant, the database or a command in piped input is wrong; nothing stays held.
    """
    logs.configure("chat", "WARNING")
    sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
    with asyncio.Runner() as runner, contextlib.ExitStack() as stack:
        name = options.tenant
        tenant = load_tenant(Path(name)) if _is_file(name) else runner.run(_stored_tenant(name))
        tenant = tenant_for_caller(tenant, options.caller)
        clock = _clock(options.now, tenant)
        desk: MemoryDesk | StoredDesk = MemoryDesk(clock)
        understanding = TextUnderstanding(is_grammar_only=options.is_grammar_only)
        stack.callback(lambda: runner.run(understanding.aclose()))
        model = _model(options, tenant, runner, stack)
        cascade = understanding.of(tenant, None if model is None else ModelInterpreter(tenant, model))
        if options.is_stored:
            pool = runner.run(open_pool_of(tenant, name))
            stack.callback(lambda: runner.run(pool.close()))
            desk = StoredDesk(pool)
            library = cascade.library = library_of(pool, tenant, understanding)
            cascade.shortener = shortener_of(tenant, model, library)
        telephone = _Telephone(tenant, desk, clock, options.caller, cascade)
        show = _printer(options, tenant)
        while _converse(runner, telephone, show):
            pass
    return 0


def _model(
    options: ChatOptions, tenant: Tenant, runner: asyncio.Runner, stack: contextlib.ExitStack
) -> AskedModel | None:
    """The model the tenant or the environment names, if any."""
    model = None if options.is_grammar_only else open_model(load(ModelSettings), tenant, nothing_spent, settle_s=0.0)
    if model is not None:
        stack.callback(lambda: runner.run(model.aclose()))
    return model


class _Telephone:
    """What each call of this chat is made with; remembers between them what a call was cut off in.

    Args:
        caller: E.164; None when withheld.
    """

    def __init__(
        self,
        tenant: Tenant,
        desk: MemoryDesk | StoredDesk,
        clock: Callable[[], datetime],
        caller: str | None,
        cascade: Cascade | None,
    ) -> None:
        self._tenant = tenant
        self._desk = desk
        self._caller = caller
        self._clock = clock
        self._cascade = cascade

    async def ring(self) -> tuple[TextCall, TurnReport]:
        """A call that has just been answered, and how."""
        call = TextCall(self._tenant, self._desk, self._clock, caller_number=self._caller, cascade=self._cascade)
        left = await self._desk.find_left(self._tenant, self._caller) if self._caller else None
        greeting = await call.answer(left)
        if left is not None:
            await self._desk.forget_left(self._tenant, left.caller_number)
        return call, greeting

    async def hang_up(self, call: TextCall) -> TurnReport:
        """The caller leaves."""
        last = await call.hang_up()
        if call.left is not None:
            await self._desk.keep_left(self._tenant, call.left)
        return last


def _converse(runner: asyncio.Runner, telephone: _Telephone, show: Callable[[TurnReport], None]) -> bool:
    """Greet, take the caller's lines one by one, and hang up whatever happens; True when they call again."""
    call, greeting = runner.run(telephone.ring())
    try:
        show(greeting)
        for number, line in enumerate(_lines(), start=1):
            if line in ("/quit", "/again"):
                return line == "/again"
            try:
                report = _step(runner, call, line)
            except ConfigError as error:
                if not _is_interactive():
                    raise ConfigError(f"line {number}: {error}") from None
                print(error, file=sys.stderr)
                continue
            if report is not None:
                show(report)
            if call.is_ended:
                break
    except KeyboardInterrupt:
        print()
    except BrokenPipeError:  # nobody reads on; a second attempt to flush at exit must not complain either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    finally:
        was_ended = call.is_ended
        last = runner.run(telephone.hang_up(call))
        if not was_ended:
            show(last)
    return False


def _step(runner: asyncio.Runner, call: TextCall, line: str) -> TurnReport | None:
    """What one line of input does; None for an empty one. Raises ConfigError for an unknown command."""
    command, _, argument = line.partition(" ")
    match command:
        case "":
            return None
        case "/silence":
            return runner.run(call.stay_silent())
        case "/cut":
            return call.cut(_share(argument))
        case _ if (keys := _KEYS.fullmatch(line)) is not None:
            return runner.run(call.press(keys[1] or keys[2]))
        case _ if command.startswith("/"):
            raise ConfigError(f"{command}: expected /silence, /cut SHARE, /again or /quit")
        case _:
            return runner.run(call.say(line))


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ConfigError(f"/cut: expected the share that was heard, 0 to 1, got {text!r}")
    return share


def _lines() -> Iterator[str]:
    """Standard input line by line, with editing and history in a terminal."""
    if not _is_interactive():
        yield from (line.strip() for line in sys.stdin)
        return
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 gives `input` its line editing
    while True:
        try:
            yield input("> ").strip()
        except EOFError:
            print()
            return


def _is_interactive() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _printer(options: ChatOptions, tenant: Tenant) -> Callable[[TurnReport], None]:
    if options.is_json:
        return lambda report: print(json.dumps(report.to_json(), ensure_ascii=False), flush=True)
    view = ChatView(tenant, is_echoing=not _is_interactive())
    if sys.stdout.isatty():
        columns = os.get_terminal_size(sys.stdout.fileno()).columns  # 0 when the terminal does not know
        view = replace(view, has_colour=True, width=max(columns, _NARROWEST) if columns else view.width)
    return lambda report: print(view.shown(report), flush=True)


def _clock(at: datetime | None, tenant: Tenant) -> Callable[[], datetime]:
    if at is None:
        return lambda: datetime.now(UTC)
    fixed = (at if at.tzinfo is not None else at.replace(tzinfo=tenant.zone)).astimezone(UTC)
    return lambda: fixed


def _is_file(name: str) -> bool:
    """Whether a file is meant, be it missing, rather than a slug."""
    path = Path(name)
    return path.suffix in (".yaml", ".yml") or len(path.parts) > 1 or path.is_file()


async def _stored_tenant(slug: str) -> Tenant:
    try:
        settings = load(DatabaseSettings)
    except ConfigError as error:
        raise type(error)(f"{slug}: no such file; a slug is looked up in the database: {error}") from None
    url = settings.database_url.get_secret_value()
    async with await open_pool(url, role=Role.KEEPER, max_size=1) as pool, fleet_tx(pool) as connection:
        stored = await tenants.tenant_by_slug(connection, slug)
    if stored is None:
        raise ConfigError(f"{slug}: no such file, and no tenant of this slug in the database")
    return tenant_from_json(dict(stored.config), slug)
