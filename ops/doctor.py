"""Check that a stage can page a person, roll back, restore and take load.

Only reads. With --drift, CloudFormation first compares each stack with its template, which takes
some minutes. Findings are bad, unknown (the check could not look), note or ok, worst first, each
with the command or step that fixes it. One run costs less than 0.01 USD. docs/on-call.md lists the
comparisons of each check.
"""

import argparse
from collections.abc import Callable, Iterator
from functools import partial

from infra.stacks.deployment import Stacks
from infra.stage import Stage
from ops.checks import backups, drift, load, paging, releases
from ops.findings import Finding, add_options, collect, publish
from ops.tools import Tools
from tools.progress import silent

#: The checks, by the name of the finding of a check that cannot look.
CHECKS: dict[str, Callable[[Stacks, Tools], Iterator[Finding]]] = {
    "paging": paging.check_subscriptions,
    "alarms": paging.check_alarms,
    "watched names": paging.check_watched,
    "stacks": releases.check_stacks,
    "drift": drift.check_drift,
    "version": releases.check_version,
    "load": load.check_load,
    "table throttles": load.check_table,
    "recovery": backups.check_recovery,
    "copies": backups.check_copies,
    "drill": backups.check_drill,
    "certificate": releases.check_certificate,
    "logs": releases.check_logs,
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, help="use this stage of .chalice/config.json")
    parser.add_argument(
        "--drift", action="store_true", help="compare the stacks with their templates first"
    )
    add_options(parser)


def run(arguments: argparse.Namespace, tools: Tools) -> None:
    """Run the checks and print their findings.

    Raises `ops.errors.Unhealthy`, and `Misconfigured` if the stage is not deployed.
    """
    stage = Stage.load(tools.project, arguments.stage)
    stacks = Stacks(stage, tools.client, silent)
    checks = {name: partial(check, stacks, tools) for name, check in CHECKS.items()}
    checks["drift"] = partial(drift.check_drift, stacks, tools, detect=arguments.drift)
    publish(collect(checks), arguments, tools)
