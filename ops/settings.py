"""Copy the source's settings to a restored table, because a restore copies only a part.

A restore copies the items, the indexes, the capacity and the encryption. The documentation of
RestoreTableToPointInTime lists the rest. `ops/scaling.py` and `ops/alarms.py` copy the settings
outside the table itself. All steps can be repeated.
"""

from typing import TYPE_CHECKING, TypedDict

from ops import alarms, scaling
from ops.errors import OpsError
from ops.recovery import POLL_SECONDS, read_recovery, require_table, wait_until_active
from ops.tools import Tools

# Attempts to turn on point-in-time recovery: half an hour, because AWS documents no time.
_ATTEMPTS = 60

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.literals import TableClassType
    from types_boto3_dynamodb.type_defs import (
        GlobalSecondaryIndexUpdateTypeDef,
        OnDemandThroughputTypeDef,
        StreamSpecificationTypeDef,
        TableDescriptionTypeDef,
        UpdateGlobalSecondaryIndexActionTypeDef,
    )


class _Change(TypedDict, total=False):
    """Parameters of UpdateTable."""

    DeletionProtectionEnabled: bool
    StreamSpecification: "StreamSpecificationTypeDef"
    OnDemandThroughput: "OnDemandThroughputTypeDef"
    GlobalSecondaryIndexUpdates: "list[GlobalSecondaryIndexUpdateTypeDef]"
    TableClass: "TableClassType"


def copy(tools: Tools, source: str, target: str) -> None:
    """Copy the settings, point-in-time recovery first, which then protects the new table."""
    dynamodb = tools.client("dynamodb")
    recover(tools, source, target)
    original, restored = require_table(dynamodb, source), require_table(dynamodb, target)
    for name, change in _changes(original, restored).items():
        dynamodb.update_table(TableName=target, **change)
        # One update at a time: DynamoDB refuses a second while one is in progress.
        wait_until_active(tools, target)
        tools.report(f"{target}: {name} as before")
    _tags(tools, dynamodb, original["TableArn"], restored["TableArn"])
    _time_to_live(tools, dynamodb, source, target)
    if restored.get("BillingModeSummary", {}).get("BillingMode") != "PAY_PER_REQUEST":
        scaling.copy(tools, source, target)
    alarms.copy(tools, source, target)


def recover(tools: Tools, source: str, target: str) -> None:
    """Turn on point-in-time recovery for as long as the source has it. Raises `OpsError`.

    AWS refuses it for some minutes after a table was created.
    """
    dynamodb = tools.client("dynamodb")
    recovery = read_recovery(dynamodb, source)
    if recovery is None:
        return
    days = recovery.get("RecoveryPeriodInDays", 35)
    for _ in range(_ATTEMPTS):
        try:
            dynamodb.update_continuous_backups(
                TableName=target,
                PointInTimeRecoverySpecification={
                    "PointInTimeRecoveryEnabled": True,
                    "RecoveryPeriodInDays": days,
                },
            )
        except dynamodb.exceptions.ContinuousBackupsUnavailableException:
            tools.report(f"{target}: point-in-time recovery is not available yet")
            tools.sleep(POLL_SECONDS)
        else:
            tools.report(f"{target}: point-in-time recovery for {days} days")
            return
    minutes = _ATTEMPTS * POLL_SECONDS // 60
    raise OpsError(
        f"{target} has no point-in-time recovery after {minutes} minutes: "
        f"pass --resume --source {source} --target {target} to go on"
    )


def _changes(
    original: "TableDescriptionTypeDef", restored: "TableDescriptionTypeDef"
) -> dict[str, _Change]:
    """Return the parameters of each UpdateTable that is needed, by its topic."""
    changes: dict[str, _Change] = {}
    protected = original.get("DeletionProtectionEnabled", False)
    if restored.get("DeletionProtectionEnabled", False) != protected:
        changes["deletion protection"] = {"DeletionProtectionEnabled": protected}
    stream = original.get("StreamSpecification")
    if stream and restored.get("StreamSpecification") != stream:
        changes["stream"] = {"StreamSpecification": stream}
    limit = original.get("OnDemandThroughput")
    if limit and restored.get("OnDemandThroughput") != limit:
        changes["maximum of requests"] = {"OnDemandThroughput": limit}
    there = _index_limits(restored)
    for index, limit in _index_limits(original).items():
        if there.get(index) != limit:
            update: UpdateGlobalSecondaryIndexActionTypeDef = {
                "IndexName": index,
                "OnDemandThroughput": limit,
            }
            changes[f"maximum of requests of index {index}"] = {
                "GlobalSecondaryIndexUpdates": [{"Update": update}]
            }
    kind = _class(original)
    if _class(restored) != kind:
        changes["table class"] = {"TableClass": kind}
    return changes


def _index_limits(table: "TableDescriptionTypeDef") -> "dict[str, OnDemandThroughputTypeDef]":
    indexes = table.get("GlobalSecondaryIndexes", [])
    return {
        each["IndexName"]: each["OnDemandThroughput"]
        for each in indexes
        if "OnDemandThroughput" in each
    }


def _class(table: "TableDescriptionTypeDef") -> "TableClassType":
    return table.get("TableClassSummary", {}).get("TableClass", "STANDARD")


def _tags(tools: Tools, dynamodb: "DynamoDBClient", source_arn: str, target_arn: str) -> None:
    pages = dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=source_arn)
    # Tags that begin with "aws:" are AWS's own, and cannot be set.
    tags = [tag for page in pages for tag in page["Tags"] if not tag["Key"].startswith("aws:")]
    if tags:
        dynamodb.tag_resource(ResourceArn=target_arn, Tags=tags)
        tools.report(f"{target_arn.rpartition('/')[2]}: {len(tags)} tags")


def _time_to_live(tools: Tools, dynamodb: "DynamoDBClient", source: str, target: str) -> None:
    wanted, there = (
        dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        for name in (source, target)
    )
    on = ("ENABLED", "ENABLING")
    if wanted["TimeToLiveStatus"] not in on or there["TimeToLiveStatus"] in on:
        return
    dynamodb.update_time_to_live(
        TableName=target,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": wanted["AttributeName"]},
    )
    tools.report(f"{target}: time to live by {wanted['AttributeName']}")
