"""Move all items of one owner to another: to the `sub` that a user has in a new user pool.

Each item moves in one transaction, so it always has exactly one owner. An item is not moved if the
new owner already has its id, or if it changes meanwhile. Repeat the command after an interruption.
docs/users.md describes how to find both values.
"""

import argparse
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from infra.stage import Stage
from ops.errors import OpsError
from ops.ownership import keys_of
from ops.switch import table_in_use
from ops.tools import Tools

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import (
        AttributeValueTypeDef,
        DeleteTypeDef,
        PutTypeDef,
    )

    Record = dict[str, AttributeValueTypeDef]

_SHOWN = 5


def _owner(text: str) -> str:
    if not text or "#" in text:
        raise argparse.ArgumentTypeError(f"{text!r} is not a sub")
    return text


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--stage", required=True, help="use this stage of .chalice/config.json")
    add("--from", dest="source", type=_owner, required=True, metavar="SUB", help="take its items")
    add("--to", dest="target", type=_owner, required=True, metavar="SUB", help="give them to it")
    add("--dry-run", action="store_true", help="count the items, and move none")


def run(arguments: argparse.Namespace, tools: Tools) -> None:
    """Move the items. Raises `OpsError` if an item could not be moved."""
    source, target = arguments.source, arguments.target
    if source == target:
        arguments.usage_error(f"--from and --to are both {source}")
    table = table_in_use(Stage.load(tools.project, arguments.stage), tools)
    dynamodb = tools.client("dynamodb")
    keys = list(keys_of(dynamodb, table, source))
    if arguments.dry_run:
        tools.report(f"would move {len(keys)} items to {target}; no change was made")
        return
    left = [each["id"]["S"] for each in keys if not _move(dynamodb, table, each, source, target)]
    tools.report(f"moved {len(keys) - len(left)} items from {source} to {target}")
    if left:
        shown = ", ".join(left[:_SHOWN]) + (", …" if len(left) > _SHOWN else "")
        raise OpsError(
            f"{len(left)} items were not moved, because {target} has an item of that id or "
            f"somebody changed them: {shown}; delete or rename one of each pair, then repeat"
        )


def _move(
    dynamodb: "DynamoDBClient",
    table: str,
    key: "Record",
    source: str,
    target: str,
) -> bool:
    """Move one item. Return whether the source no longer owns it."""
    record = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    if record is None:  # deleted or moved since the index was read
        return True
    names = {f"#{n}": name for n, name in enumerate(record)}
    values = {f":{n}": value for n, value in enumerate(record.values())}
    unchanged = " AND ".join(f"#{n} = :{n}" for n in range(len(record)))
    renamed: Record = {
        name: {"S": target + record[name]["S"].removeprefix(source)} for name in ("id", "owner")
    }
    moved = {**record, **renamed}
    put: PutTypeDef = {
        "TableName": table,
        "Item": moved,
        "ConditionExpression": "attribute_not_exists(id)",
    }
    delete: DeleteTypeDef = {
        "TableName": table,
        "Key": key,
        "ConditionExpression": unchanged,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }
    try:
        dynamodb.transact_write_items(TransactItems=[{"Put": put}, {"Delete": delete}])
    except dynamodb.exceptions.TransactionCanceledException as error:
        if not _is_refused(error):
            raise
        return False
    return True


def _is_refused(error: ClientError) -> bool:
    """Return whether a condition failed, rather than DynamoDB."""
    reasons: Any = error.response.get("CancellationReasons", [])
    return "ConditionalCheckFailed" in {each.get("Code") for each in reasons}
