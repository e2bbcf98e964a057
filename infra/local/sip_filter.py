"""The step that hands the plan's packet filter to the kernel before livekit-sip starts.

livekit-sip's own check comes too late: a caller no trunk knows hears one ring and gets an answer to OPTIONS.
The filter is loaded in the stack's own network namespace only, never on the machine's own network.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys

from infra.local.errors import StackError

_TIMEOUT_S = 30.0
#: Everything the real ruleset uses, so that a refusal of this one is the machine's and not the plan's.
_TRIAL = """
table inet voicefleet_trial {
    chain input {
        type filter hook input priority filter; policy accept;
        meta l4proto { tcp, udp } th dport { 9 } goto trial
    }
    chain trial {
        ip saddr { 127.0.0.0/8 } accept
        ip6 saddr { ::1/128 } accept
        counter drop
    }
}
"""


def main(argv: list[str] | None = None) -> int:
    """Load what a command prints: 0 loaded or not possible here, 1 the ruleset cannot be had or is wrong."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.sip_filter", description=__doc__)
    parser.add_argument("--isolated", action="store_true", help="this is a network namespace of the stack's own")
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="-- CMD", help="prints an nftables ruleset")
    arguments = parser.parse_args(argv)
    words = arguments.words[1:] if arguments.words[:1] == ["--"] else arguments.words
    try:
        print(_filter(words) if arguments.isolated else _no_filter("the machine's own network is not ours to filter"))
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _filter(words: list[str]) -> str:
    """Load the filter, or find that this machine does not let us; either in one sentence."""
    nft = shutil.which("nft", path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"]))
    if nft is None:
        raise StackError("nft is missing: apt-get install nftables")
    refusal = _refusal([nft, "--check", "--file", "-"], _TRIAL)
    if refusal is not None:
        return _no_filter(refusal)
    try:
        asked = subprocess.run(words, capture_output=True, text=True, timeout=_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise StackError(f"{' '.join(words)}: not done after {_TIMEOUT_S:g} s") from None
    if asked.returncode != 0:
        raise StackError(asked.stderr.strip() or f"{' '.join(words)} ended with {asked.returncode}")
    refusal = _refusal([nft, "--file", "-"], asked.stdout)
    if refusal is not None:
        raise StackError(f"nft does not accept the packet filter: {refusal}")
    return "only the plan's addresses reach the SIP port"


def _refusal(command: list[str], ruleset: str) -> str | None:
    """What nft says first if it refuses."""
    tried = subprocess.run(command, input=ruleset, capture_output=True, text=True, timeout=_TIMEOUT_S)
    if tried.returncode == 0:
        return None
    return next(iter(tried.stderr.strip().splitlines()), f"exit code {tried.returncode}")


def _no_filter(why: str) -> str:
    return (
        f"no packet filter here ({why}), so livekit-sip's own check is all there is: "
        "it takes no stranger's call, but lets one ring once"
    )


if __name__ == "__main__":
    sys.exit(main())
