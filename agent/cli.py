"""`voicefleet`: what an operator does by hand or at start-up, each command once and then done."""

from __future__ import annotations

import argparse
import asyncio
import re
import shlex
import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from agent.bootstrap import (
    admin,
    chat,
    message_list,
    providers_command,
    rehearsal,
    spend_table,
    tenants,
    waiting_list,
)
from agent.bootstrap.knowledge import command as knowledge
from agent.domain.errors import FleetError
from agent.runtime.settings import SettingMissing
from agent.tenants.templates import Blanks, template_names


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Exit codes: 0 done, 1 it failed, 2 wrong usage or differences found."""
    words = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_args(words)
    try:
        if options.command == "chat":
            wanted = chat.ChatOptions(
                options.tenant, options.database, options.now, options.caller, options.json, options.grammar_only
            )
            return chat.run(wanted)
        if options.command == "rehearse":
            return rehearsal.run(
                options.tenant, sys.stdin, sys.stdout, is_grammar_only=options.grammar_only,
                has_knowledge=options.knowledge,
            )  # fmt: skip
        return asyncio.run(_run(options))
    except SettingMissing as error:
        print(f"{error}\n{_inside_the_stack(words)}", file=sys.stderr)
        return 1
    except FleetError as error:
        print(error, file=sys.stderr)
        return 1


def _inside_the_stack(words: Sequence[str]) -> str:
    command = f".venv/bin/python -m infra.local run -- voicefleet {shlex.join(words)}"
    return f"In a stack that `make up` started they are set:  {command}"


async def _run(options: argparse.Namespace) -> int:
    match options.command, getattr(options, "action", None):
        case "migrate", _:
            return await admin.migrate_database(write_schema=options.write_schema)
        case "tenant", "new":
            blanks = Blanks(options.name, options.number, options.state.upper(), options.timezone, options.slug)
            return tenants.new_tenant(options.template, blanks)
        case "tenant", "check":
            return tenants.check_tenants(options.files)
        case "tenant", "apply":
            return await tenants.apply_tenants(options.files)
        case "tenant", "show":
            return await tenants.show_tenant(
                options.name, options.number, version=options.version, is_yaml=options.yaml
            )
        case "kb", _:
            return await knowledge.run(options)
        case "providers", _:
            return await providers_command.run(options)
        case "messages", _:
            return await message_list.list_messages(options.tenant, limit=options.limit)
        case "waitlist", _:
            return await waiting_list.show(options.tenant, is_json=options.json)
        case "spend", _:
            return await spend_table.show(options.tenant, since=options.since, is_json=options.json)
        case _:
            return await _run_sip(options)


async def _run_sip(options: argparse.Namespace) -> int:
    allowed = tuple(options.allow_address)
    match options.action:
        case "plan":
            return await admin.sip_plan(options.plan, allowed)
        case "firewall":
            return admin.sip_firewall(options.plan, options.port, allowed)
        case _:
            return await admin.sip_apply(options.plan, allowed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="voicefleet", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    migrate = commands.add_parser("migrate", help="bring the database to this release's schema")
    migrate.add_argument(
        "--write-schema", action="store_true", help="then write agent/storage/schema.sql anew, for review"
    )

    tenant = commands.add_parser("tenant", help="the businesses whose phones we answer")
    _add_tenant_actions(tenant.add_subparsers(dest="action", required=True, metavar="ACTION"))

    knowledge.add_parser(commands.add_parser("kb", help="what a business's knowledge base holds and answers"))

    providers_command.add_parser(commands.add_parser("providers", help="who hears, thinks and speaks for the fleet"))

    messages = commands.add_parser("messages", help="what callers left for a business")
    listing = messages.add_subparsers(dest="action", required=True, metavar="ACTION").add_parser(
        "list", help="print them, urgent ones first, then the newest first"
    )
    listing.add_argument("--tenant", required=True, metavar="SLUG", help="of the business")
    listing.add_argument("--limit", type=_count, default=100, metavar="N", help="at most so many; default: 100")

    _add_chat(commands.add_parser("chat", help="talk to a tenant's agent in the terminal, without audio"))
    rehearse = commands.add_parser("rehearse", help="text calls for a program, by lines of JSON (docs/evaluation.md)")
    rehearse.add_argument("--tenant", required=True, type=Path, metavar="FILE", help="a tenant file")
    rehearse.add_argument(
        "--knowledge", action="store_true", help="ask the tenant's knowledge base in DATABASE_URL, as real calls do"
    )
    _add_grammar_only(rehearse)

    waitlist = commands.add_parser("waitlist", help="who waits for a time to become free")
    places = waitlist.add_subparsers(dest="action", required=True, metavar="ACTION").add_parser(
        "list", help="everybody whose time is not past, first come first, and what became free for them"
    )
    places.add_argument("--tenant", required=True, metavar="SLUG", help="a tenant in DATABASE_URL")
    places.add_argument("--json", action="store_true", help="print one JSON object a place")

    _add_spend(commands.add_parser("spend", help="what calls have cost, by day, tenant and provider"))

    sip = commands.add_parser("sip", help="who may call and where it leads")
    _add_sip_actions(sip.add_subparsers(dest="action", required=True, metavar="ACTION"))
    return parser


def _add_tenant_actions(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    new = actions.add_parser("new", help="print a filled-in template, to be checked and applied")
    new.add_argument("--template", required=True, choices=template_names(), metavar="NAME",
                     help=", ".join(template_names()))  # fmt: skip
    new.add_argument("--name", required=True, help="the business's name")
    new.add_argument("--number", type=_number, help="the number callers dial, like +15551230000")
    new.add_argument("--state", default="", metavar="XX", help="two letters, whose law sets the defaults")
    new.add_argument("--timezone", metavar="ZONE", help="like America/Chicago; default: the state's")
    new.add_argument("--slug", help="its lasting name in our records; default: made of the name")
    for name, text in (
        ("check", "validate tenant files without storing anything"),
        ("apply", "validate tenant files and store them; takes effect with the next call"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("files", nargs="+", type=Path, metavar="FILE")
    show = actions.add_parser("show", help="what is live for a tenant, and since when")
    which = show.add_mutually_exclusive_group(required=True)
    which.add_argument("name", nargs="?", metavar="NAME", help="its slug, or its name")
    which.add_argument("--number", type=_number, help="a number that rings there")
    show.add_argument("--version", type=int, metavar="N", help="an earlier one")
    show.add_argument("--yaml", action="store_true", help="the document, fit for `tenant apply`")


def _add_chat(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "A call in the terminal, on the engine that takes real calls. Each line of standard input is a turn of the "
        "caller's; after each you see what was understood, the state, the prompts, the effects and the words."
    )
    parser.epilog = (
        "Lines that are no turns: /silence (the caller says nothing), /cut 0.4 (the caller interrupted after "
        "hearing that share of the last words), /quit or Ctrl-D (the caller hangs up), /again (hangs up and calls "
        "back)."
    )
    parser.add_argument(
        "--tenant", required=True, metavar="FILE_OR_SLUG", help="a tenant file, or the slug of one in DATABASE_URL"
    )
    parser.add_argument(
        "--database", action="store_true",
        help="hold and book in DATABASE_URL, and ask the knowledge base there; otherwise nothing outlives the call",
    )  # fmt: skip
    parser.add_argument(
        "--now", type=_time, metavar="TIME", help="let it be this time, in the tenant's zone: 2026-12-01T09:00"
    )
    parser.add_argument("--caller", type=_number, metavar="NUMBER", help="call from this number; default: withheld")
    _add_grammar_only(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object a step (docs/chat.md)")


def _add_spend(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tenant", metavar="SLUG", help="of one business; default: all")
    parser.add_argument(
        "--since", type=_date, metavar="DATE", help="from this day on, like 2026-12-01; default: 30 days"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a row")


def _add_grammar_only(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--grammar-only", action="store_true", help="leave out the models: nothing is understood by its meaning"
    )


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time like 2026-12-01T09:00") from None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2026-12-01") from None


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 10_000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 10000")
    return int(text)


def _number(text: str) -> str:
    if not re.fullmatch(r"\+[1-9]\d{6,14}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number like +15551230000")
    return text


def _add_sip_actions(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    for name, text in (
        ("plan", "show how the server differs from the plan (exit code 2 when it does)"),
        ("apply", "make the server agree with the plan; run one at a time"),
        ("firewall", "print an nftables ruleset that lets only the plan's addresses reach the SIP port"),
    ):
        action = actions.add_parser(name, help=text, description=text)
        action.add_argument("plan", nargs="?", type=Path, default=Path("sip/plan.yaml"), metavar="PLAN")
        action.add_argument(
            "--allow-address", action="append", default=[], metavar="CIDR",
            help="network that may also dial the local carrier's numbers",
        )  # fmt: skip
        if name == "firewall":
            action.add_argument(
                "--port", action="append", required=True, type=_port,
                help="port livekit-sip listens on, UDP and TCP; may be repeated",
            )  # fmt: skip


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, 1 to 65535")
    return int(text)


if __name__ == "__main__":
    raise SystemExit(main())
