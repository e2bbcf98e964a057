"""`voicefleet providers`: the providers that calls use, as an operator looks at them."""

from __future__ import annotations

import argparse

from agent.bootstrap import providers_check, providers_status


def add_parser(parser: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    providers_check.add_arguments(
        actions.add_parser(
            "check",
            help="try each with a small real request and say what is wrong",
            description=providers_check.DESCRIPTION,
            epilog=providers_check.EPILOG,
        )
    )
    actions.add_parser("status", help="which ones calls have used, which are left alone, why, and until when")
    resetting = actions.add_parser("reset", help="let calls use one again now, without waiting for a probe")
    resetting.add_argument("name", metavar="NAME", help="as `providers status` shows it, like deepgram/nova-3")


async def run(options: argparse.Namespace) -> int:
    """Run one action; gives the exit code. Raises: FleetError: the database, or a name."""
    match options.action:
        case "check":
            return await providers_check.check(options.tenant, is_json=options.json)
        case "status":
            return await providers_status.status()
        case _:
            return await providers_status.reset(options.name)
