"""`voicefleet providers`: the providers that calls use, as an operator looks at them."""

from __future__ import annotations

import argparse

from agent.bootstrap import providers_check


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


async def run(options: argparse.Namespace) -> int:
    """Run one action; gives the exit code."""
    return await providers_check.check(options.tenant, is_json=options.json)
