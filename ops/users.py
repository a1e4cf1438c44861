"""Export the users of a stage, because AWS has no backup of a user pool.

Writes a line with `sub` and `email` for each user whose address is verified. The items of a user
belong to the `sub`, which no import into another pool can keep: docs/users.md.
"""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from infra.stage import Stage
from ops.private import create_file
from ops.switch import data_outputs
from ops.tools import Tools

if TYPE_CHECKING:
    from types_boto3_cognito_idp import CognitoIdentityProviderClient

COLUMNS = ("sub", "email")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, help="use this stage of .chalice/config.json")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="write this new file, as CSV"
    )


def run(arguments: argparse.Namespace, tools: Tools) -> None:
    """Write the file. Raises `Misconfigured` if it exists."""
    stage = Stage.load(tools.project, arguments.stage)
    pool = data_outputs(stage, tools)["UserPoolId"]
    users = list(_users(tools.client("cognito-idp"), pool))
    verified = sorted(
        (each["email"].lower(), each["sub"])
        for each in users
        if each.get("email_verified") == "true" and "email" in each
    )
    rows = [COLUMNS, *((sub, email) for email, sub in verified)]
    with create_file(arguments.out, "--out") as output:
        csv.writer(output, lineterminator="\n").writerows(rows)
    tools.report(f"wrote {len(verified)} users of {pool} to {arguments.out}")
    if len(users) > len(verified):
        tools.report(f"left out {len(users) - len(verified)} without a verified address")


def _users(cognito: "CognitoIdentityProviderClient", pool: str) -> Iterator[dict[str, str]]:
    """Yield the attributes of each user."""
    for page in cognito.get_paginator("list_users").paginate(UserPoolId=pool):
        for user in page["Users"]:
            yield {each["Name"]: each["Value"] for each in user["Attributes"]}
