"""The table of infra/templates/data.yaml: recovery, encryption and its key, capacity, index."""

from typing import Any

import pytest

from chalicelib.table import INDEX
from tools.templates import load, on_aws

TEMPLATE = load("data.yaml")
RESOURCES = TEMPLATE["Resources"]


def properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = RESOURCES[name]["Properties"]
    return found


def chosen(name: str, **conditions: bool) -> dict[str, Any]:
    """A resource's properties when just these conditions hold."""
    found: dict[str, Any] = on_aws(properties(name), **conditions)
    return found


def test_point_in_time_recovery_has_35_days() -> None:
    assert properties("ItemsTable")["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": True,
        "RecoveryPeriodInDays": 35,
    }


def test_the_table_has_a_generated_name() -> None:
    # Else one that is replaced, or made again beside a retained one, would be in its own way.
    assert "TableName" not in properties("ItemsTable")
    assert chosen("ItemsTable")["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]


@pytest.mark.parametrize("own", [False, True])
def test_the_table_is_encrypted(own: bool) -> None:
    key = {"KMSMasterKeyId": {"Fn::GetAtt": "Key.Arn"}} if own else {}
    encryption = chosen("ItemsTable", OwnKey=own)["SSESpecification"]
    assert encryption == {"SSEEnabled": True, "SSEType": "KMS", **key}


def throughput(**conditions: bool) -> list[dict[str, Any]]:
    """Return the property of the table, and of its index."""
    table = chosen("ItemsTable", **conditions)
    (index,) = table["GlobalSecondaryIndexes"]
    wanted = ("ProvisionedThroughput", "OnDemandThroughput")
    return [{name: part[name] for name in wanted if name in part} for part in (table, index)]


def test_table_is_on_demand_by_default() -> None:
    assert chosen("ItemsTable")["BillingMode"] == "PAY_PER_REQUEST"
    assert throughput() == [{}, {}]
    assert chosen("ItemsTable", Provisioned=True)["BillingMode"] == "PROVISIONED"
    least = {"ReadCapacityUnits": {"Ref": "MinReads"}, "WriteCapacityUnits": {"Ref": "MinWrites"}}
    assert throughput(Provisioned=True) == [{"ProvisionedThroughput": least}] * 2


def test_on_demand_can_be_limited() -> None:
    most = {
        "MaxReadRequestUnits": {"Ref": "MaxReads"},
        "MaxWriteRequestUnits": {"Ref": "MaxWrites"},
    }
    assert throughput(Limited=True) == [{"OnDemandThroughput": most}] * 2


@pytest.mark.parametrize("way", ["Read", "Write"])
@pytest.mark.parametrize(
    ("part", "resource"),
    [("Table", "table/${ItemsTable}"), ("Index", f"table/${{ItemsTable}}/index/{INDEX}")],
)
def test_provisioned_capacity_follows_use(part: str, resource: str, way: str) -> None:
    assert properties(f"{part}{way}s") == {
        "ServiceNamespace": "dynamodb",
        "ScalableDimension": f"dynamodb:{part.lower()}:{way}CapacityUnits",
        "ResourceId": {"Fn::Sub": resource},
        "MinCapacity": {"Ref": f"Min{way}s"},
        "MaxCapacity": {"Ref": f"Max{way}s"},
    }
    policy = properties(f"{part}{way}sFollow")
    assert policy["PolicyType"] == "TargetTrackingScaling"
    assert policy["ScalingTargetId"] == {"Ref": f"{part}{way}s"}
    assert policy["TargetTrackingScalingPolicyConfiguration"] == {
        "TargetValue": {"Ref": "TargetUtilization"},
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": f"DynamoDB{way}CapacityUtilization"
        },
    }


def test_capacity_has_sensible_bounds() -> None:
    parameters = TEMPLATE["Parameters"]
    for way in ("Reads", "Writes"):
        assert 1 == parameters[f"Min{way}"]["MinValue"] == parameters[f"Max{way}"]["MinValue"]
        assert parameters[f"Min{way}"]["Default"] < parameters[f"Max{way}"]["Default"]
    # The limits of target tracking for DynamoDB.
    target = parameters["TargetUtilization"]
    assert (target["MinValue"], target["Default"], target["MaxValue"]) == (20, 70, 90)


SERVICES = ("dynamodb", "backup")
#: The account's actions on the key, if IAM allows them. They cannot read data.
ADMINISTRATION = {
    *("kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Update*", "kms:Enable*"),
    *("kms:Disable*", "kms:TagResource", "kms:UntagResource", "kms:RevokeGrant"),
    *("kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"),
}


def test_key_is_for_dynamodb_and_backup_only() -> None:
    key = properties("Key")
    assert (key["EnableKeyRotation"], key["PendingWindowInDays"]) == (True, 30)
    administration, use = key["KeyPolicy"]["Statement"]
    for statement in (administration, use):
        assert statement["Effect"] == "Allow"
        assert statement["Principal"] == {"AWS": {"Ref": "AWS::AccountId"}}
    assert set(administration["Action"]) == ADMINISTRATION
    assert "Condition" not in administration
    assert use["Action"] == [
        *("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"),
        "kms:CreateGrant",
    ]
    services = [{"Fn::Sub": f"{name}.${{AWS::Region}}.amazonaws.com"} for name in SERVICES]
    assert use["Condition"] == {"StringEquals": {"kms:ViaService": services}}


def test_index_projects_no_details() -> None:
    (index,) = properties("ItemsTable")["GlobalSecondaryIndexes"]
    assert index["IndexName"] == INDEX
    keys = [key["AttributeName"] for key in index["KeySchema"]]
    assert keys == ["owner", "created_at"]
    projected = {*index["Projection"]["NonKeyAttributes"], "id", "created_at"}
    assert projected == {"id", "created_at", "summary", "version", "updated_at", "etag"}
