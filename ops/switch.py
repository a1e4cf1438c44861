"""Point a stage at another table that has the items: at a restored table, or back.

Sets the data stack's parameter TableInUse, so that its outputs, its backups and later deployments
use the same table. Then it writes the stage's variables and policy. The policy also allows the
previous table, because versions of the function use it until the next deployment is complete.
"""

import argparse
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from infra.function.policy import allowed_tables, point_at_data
from infra.stacks.deployment import Stacks
from infra.stage import Stage
from ops.errors import Misconfigured, OpsError, Refused
from ops.recovery import describe_table, is_active
from ops.tools import Tools
from tools.project import PYTHON
from tools.templates import table_properties

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TableDescriptionTypeDef


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, help="use this stage of .chalice/config.json")
    parser.add_argument("--table", required=True, help="serve from this table from now on")
    parser.add_argument(
        "--dry-run", action="store_true", help="check, and show the change, without making it"
    )


def run(arguments: argparse.Namespace, tools: Tools) -> None:
    stage = Stage.load(tools.project, arguments.stage)
    check(stage, arguments.table, tools)
    if arguments.dry_run:
        tools.report(f"would point stage {stage.name} at {arguments.table}; no change was made")
        return
    switch(stage, arguments.table, tools)


def data_outputs(stage: Stage, tools: Tools) -> dict[str, str]:
    """Return the data stack's outputs. Raises `Misconfigured` if it does not exist."""
    return Stacks(stage, tools.client, tools.report).require("data")


def table_in_use(stage: Stage, tools: Tools) -> str:
    """Return the stage's table. Raises `Misconfigured` without a data stack."""
    return data_outputs(stage, tools)["TableName"]


def check_name(stage: Stage, table: str) -> None:
    """Raise `Refused` unless the stage's roles may use a restored table of this name.

    The data stack names the selection for its backups by the text after "-restored-".
    """
    form = rf"{re.escape(stage.stack_name('data'))}-[\w.-]{{1,160}}-restored-[\w.]{{1,50}}"
    if not re.fullmatch(form, table, re.ASCII):
        raise Refused(
            f"{table} is not named like a table that was restored for stage {stage.name}: "
            f"name it {stage.stack_name('data')}-…-restored-…, or leave out --target"
        )


def check(stage: Stage, table: str, tools: Tools) -> None:
    """Raise `Refused` unless the table can serve in place of the stage's own."""
    outputs = data_outputs(stage, tools)
    if "OwnTableName" not in outputs:
        raise Misconfigured(
            "the data stack is of an older template; first: "
            f"{PYTHON} -m infra data --stage {stage.name}"
        )
    found = describe_table(tools.client("dynamodb"), table)
    if found is None or not is_active(found):
        raise Refused(f"{table} is not there, or not active")
    if table != outputs["OwnTableName"]:
        check_name(stage, table)
    # The stage's own table may be gone when people switch, so compare with the template.
    for problem in _unlike(found, table_properties()):
        raise Refused(f"{table} is not a table of items: {problem}")


def _unlike(found: "TableDescriptionTypeDef", template: dict[str, Any]) -> Iterator[str]:
    """Yield the template's properties that a table lacks."""
    if found["KeySchema"] != template["KeySchema"]:
        yield "it has another KeySchema"
    indexes = {each["IndexName"]: each for each in found.get("GlobalSecondaryIndexes", [])}
    for wanted in template["GlobalSecondaryIndexes"]:
        name, index = wanted["IndexName"], indexes.get(wanted["IndexName"])
        if index is None:
            yield f"it lacks the index {name}"
            continue
        if index["KeySchema"] != wanted["KeySchema"]:
            yield f"its index {name} has another KeySchema"
        projection = index["Projection"]
        attributes = set(wanted["Projection"]["NonKeyAttributes"])
        missing = attributes - set(projection.get("NonKeyAttributes", []))
        if projection["ProjectionType"] != "ALL" and missing:
            yield f"its index {name} lacks {', '.join(sorted(missing))}"
    for attribute in template["AttributeDefinitions"]:
        if attribute not in found["AttributeDefinitions"]:
            yield f"its {attribute['AttributeName']} is no key of type {attribute['AttributeType']}"


def switch(stage: Stage, table: str, tools: Tools) -> None:
    """Switch the stage to the table, and report how to deploy it. Call `check` first."""
    stacks = Stacks(stage, tools.client, tools.report)
    before, stack = stacks.require("data"), stacks.stack("data")
    # The deployed template, because only the table should change now.
    template = stack.client.get_template(StackName=stack.name)["TemplateBody"]
    after = stack.deploy(
        json.dumps(template) if isinstance(template, dict) else template,
        {"TableInUse": "" if table == before["OwnTableName"] else table},
    )
    if after["TableName"] != table:
        raise OpsError(
            f"the data stack still names {after['TableName']}; the stage was not switched"
        )
    # Also on a repetition, because the previous versions may be live until the next deployment.
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
    """Return the command, in the way that the stage was deployed so far.

    It shifts all traffic at once, because during a canary the versions would write into different
    tables. `make release` has no option for it, and would keep the last setting.
    """
    if stage.deployed_rest_api():
        return f".venv/bin/chalice deploy --stage {stage.name}"
    # If the account's stack exists, its bucket is used.
    account = Stacks(stage, tools.client, tools.report).account()
    bucket = "" if "ArtefactBucket" in account else " --bucket BUCKET"
    return f"{PYTHON} -m infra api --stage {stage.name}{bucket} --parameter Canary=AllAtOnce"
