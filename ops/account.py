"""Check the protection of the whole account: sign-in, records, budget, contact.

Only reads, except that IAM creates its credential report. Findings are bad, unknown (the check
could not look), note or ok, worst first. docs/on-call.md lists the data that each check reads.
Hundreds of further checks: pipx run prowler aws
"""

import argparse
from collections.abc import Callable, Iterator
from functools import partial

from ops.caller import Caller
from ops.checks import identity, oversight
from ops.findings import Finding, add_options, collect, publish
from ops.tools import Tools

#: The checks, by the name of the finding of a check that cannot look.
CHECKS: dict[str, Callable[[Tools, Caller], Iterator[Finding]]] = {
    "root": identity.check_root,
    "people": identity.check_people,
    "administrators": identity.check_administrators,
    "CloudTrail": oversight.check_trail,
    "budget": oversight.check_budget,
    "contact": oversight.check_contact,
    "threats": oversight.check_threats,
    "external access": oversight.check_access,
}


def configure(parser: argparse.ArgumentParser) -> None:
    add_options(parser)


def run(arguments: argparse.Namespace, tools: Tools) -> None:
    """Run the checks and print their findings. Raises `ops.errors.Unhealthy`."""
    checks = {name: partial(check, tools, arguments.caller) for name, check in CHECKS.items()}
    publish(collect(checks), arguments, tools)
