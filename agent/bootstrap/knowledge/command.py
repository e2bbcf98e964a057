"""The `voicefleet kb` commands as words of a command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from agent.bootstrap.knowledge import add, ask, base, check, evaluate, unanswered, why


def add_parser(parser: argparse.ArgumentParser) -> None:
    """The actions of `voicefleet kb`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    adding = actions.add_parser("add", help="read files, folders or web pages into the base; unchanged ones are left")
    adding.add_argument("places", nargs="+", metavar="FILE|DIR|URL", help="Markdown, CSV, HTML or PDF")
    adding.add_argument(
        "--prune", action="store_true", help="remove what was once read from a folder given here and is gone from it"
    )
    checking = actions.add_parser("check", help="what the base says twice, and what in two ways")
    listing = actions.add_parser("list", help="the sources, how many passages of each are live, and the model")
    removing = actions.add_parser("remove", help="take a source out; what was said of it can still be explained")
    removing.add_argument("names", nargs="+", metavar="NAME", help="as `kb list` shows it")
    asking = actions.add_parser("ask", help="what the base says to a question, and how sure that is")
    asking.add_argument("question", help="as a caller would say it")
    open_questions = actions.add_parser("unanswered", help="what callers asked and the base could not answer")
    open_questions.add_argument("--days", type=int, default=30, metavar="N", help="of the last N days; default: 30")
    explaining = actions.add_parser("why", help="where each answer of a call came from")
    explaining.add_argument("call", metavar="CALL", help="the call's id, or `last`")
    explaining.add_argument("turn", nargs="?", type=int, metavar="TURN", help="of this turn only")
    evaluating = actions.add_parser(
        "eval", help="put a set of questions to the base, and list what got worse since the last time (exit code 2)"
    )
    evaluating.add_argument("--questions", type=Path, metavar="FILE", help="a set that takes the stored one's place")
    evaluating.add_argument("--json", action="store_true", help="print one JSON object")
    for action in (adding, checking, listing, removing, asking, open_questions, explaining, evaluating):
        is_optional = action is explaining
        action.add_argument("--tenant", required=not is_optional, metavar="SLUG", help="of the business")


async def run(options: argparse.Namespace) -> int:
    """Run one of them. Exit codes as `voicefleet`'s. Raises: FleetError: the database, a file or a name."""
    match options.action:
        case "add":
            return await add.add(options.tenant, options.places, is_pruning=options.prune)
        case "check":
            return await check.check(options.tenant)
        case "list":
            return await base.show(options.tenant)
        case "remove":
            return await base.remove(options.tenant, options.names)
        case "ask":
            return await ask.ask(options.tenant, options.question)
        case "eval":
            return await evaluate.evaluate(options.tenant, options.questions, is_json=options.json)
        case "unanswered":
            return await unanswered.show(options.tenant, days=options.days)
        case _:
            return await why.explain(options.call, options.turn, options.tenant)
