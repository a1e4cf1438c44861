"""Point a stage at another table that has the items: at a restored one, or back.

Sets the data stack's parameter TableInUse, so that its outputs, its backups and later deployments
use the same table. Then it writes the stage's variables and policy. The policy also allows the
previous table, because versions of the function use it until the next deployment is complete.
"""

import argparse
import json
from collections.abc import Iterable, Mapping

from infra.cloudformation.stack import Stack
from infra.function.policy import allowed_tables, point_at_data
from infra.stacks.account import stack_name
from infra.stage import Stage
from ops.errors import Misconfigured, OpsError, Refused
from ops.recovery import description, is_active
from ops.tools import Tools
from tools.project import PYTHON


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, help="use this stage of .chalice/config.json")
    parser.add_argument("--table", required=True, help="serve from this table from now on")
    parser.add_argument(
        "--dry-run", action="store_true", help="check, and show the change; change nothing"
    )


def run(arguments: argparse.Namespace, tools: Tools) -> None:
    stage = Stage.load(tools.project, arguments.stage)
    check(stage, arguments.table, tools)
    if arguments.dry_run:
        tools.report(f"would point stage {stage.name} at {arguments.table}; nothing was changed")
        return
    switch(stage, arguments.table, tools)


def data_stack(stage: Stage, tools: Tools) -> Stack:
    formation = tools.client("cloudformation")
    return Stack(formation, stage.stack_name("data"), tools.report)


def table_in_use(stage: Stage, tools: Tools) -> str:
    """The table that serves the stage. Raises `infra.errors.DeploymentFailed` without a stack."""
    return data_stack(stage, tools).outputs()["TableName"]


def check(stage: Stage, table: str, tools: Tools) -> None:
    """Raises `Refused` unless the table can serve in place of the stage's own."""
    outputs = data_stack(stage, tools).outputs()
    if "OwnTableName" not in outputs:
        raise Misconfigured(
            "the data stack is of an older template; first: "
            f"{PYTHON} -m infra data --stage {stage.name}"
        )
    dynamodb = tools.client("dynamodb")
    there = description(dynamodb, table)
    if there is None or not is_active(there):
        raise Refused(f"{table} is not there, or not active")
    own = description(dynamodb, outputs["OwnTableName"]) or there
    for name in ("KeySchema", "AttributeDefinitions"):
        if _sorted(own[name]) != _sorted(there[name]):
            raise Refused(f"{table} is not a table of items: it has another {name}")
    if {i["IndexName"] for i in own.get("GlobalSecondaryIndexes", [])} - {
        i["IndexName"] for i in there.get("GlobalSecondaryIndexes", [])
    }:
        raise Refused(f"{table} lacks an index")


def switch(stage: Stage, table: str, tools: Tools) -> None:
    """Do it, and say how to deploy it. `check` comes first."""
    stack = data_stack(stage, tools)
    before = stack.outputs()
    # The template that is deployed: nothing but the table is to change now.
    template = stack.client.get_template(StackName=stack.name)["TemplateBody"]
    after = stack.deploy(
        json.dumps(template) if isinstance(template, dict) else template,
        {"TableInUse": "" if table == before["OwnTableName"] else table},
    )
    if after["TableName"] != table:
        raise OpsError(f"the data stack still names {after['TableName']}; nothing was switched")
    # Also when this is done again: the versions before may be live for as long as nobody deploys.
    allowed = dict.fromkeys([before["TableArn"], *allowed_tables(stage)])
    others = [arn for arn in allowed if arn != after["TableArn"]]
    point_at_data(stage, after, others)
    tools.report(f"stage {stage.name} is to use {table}; the function does so once it is deployed:")
    tools.report(f"  {how_to_deploy(stage, tools)}")
    if not others:
        return
    names = [arn.rpartition("/")[2] for arn in others]
    tools.report(f"until then its role may use {' and '.join(names)} too; to go back:")
    tools.report(f"  {PYTHON} -m ops switch --stage {stage.name} --table {names[0]}")
    tools.report(
        "to allow only one again, once no version that uses another is live (then deploy):"
    )
    tools.report(f"  {PYTHON} -m infra data --stage {stage.name}")


def how_to_deploy(stage: Stage, tools: Tools) -> str:
    """The command, by how the stage was deployed so far.

    All at once: while a canary had its share, the versions would write into different tables.
    `make release` cannot say so, and would keep what was said the last time.
    """
    if stage.deployed_rest_api():
        return f".venv/bin/chalice deploy --stage {stage.name}"
    # Where there is the account's stack, its bucket is taken.
    account = Stack(tools.client("cloudformation"), stack_name(), tools.report)
    bucket = "" if "ArtefactBucket" in account.outputs_if_any() else " --bucket BUCKET"
    return f"{PYTHON} -m infra api --stage {stage.name}{bucket} --parameter Canary=AllAtOnce"


def _sorted(parts: Iterable[Mapping[str, object]]) -> list[list[tuple[str, str]]]:
    return sorted(sorted((key, str(value)) for key, value in part.items()) for part in parts)
