"""Deploy the stack that an account needs once: the artifact bucket and the deployment role.

An administrator runs it. docs/parameters.md lists the stack's parameters.
"""

import argparse

from infra.aws import client_of
from infra.commands.options import add_parameters
from infra.stacks import account


def configure(parser: argparse.ArgumentParser) -> None:
    add_parameters(parser, "account")
    parser.add_argument(
        "--repository",
        metavar="OWNER@ID/NAME@ID",
        help="allow deployments by the pipeline of this GitHub repository; its names and ids, as "
        "printed by gh api repos/OWNER/NAME --jq "
        "'\"\\(.owner.login)@\\(.owner.id)/\\(.name)@\\(.id)\"'. A repository from before "
        "15 July 2026, not renamed or transferred since, is OWNER/NAME",
    )
    parser.add_argument(
        "--environment",
        action="append",
        default=[],
        metavar="NAME",
        help="with --repository: allow its jobs in this GitHub environment; repeatable",
    )


def run(arguments: argparse.Namespace) -> None:
    parameters = dict(arguments.parameter)
    if bool(arguments.repository) != bool(arguments.environment):
        arguments.usage_error("pass both --repository and --environment, or omit both")
    if arguments.repository:
        parameters["Subjects"] = account.subjects(arguments.repository, arguments.environment)
    outputs = account.deploy(client_of("cloudformation"), parameters)
    for name in ("ArtefactBucket", "DeployRoleArn"):
        if name in outputs:
            print(f"{name}: {outputs[name]}")
