"""What a restore does not bring back is made again."""

from typing import Any

from tests.integration.ops.conftest import RESTORED, TABLE, Scene
from tests.integration.ops.formation import arn


def made(scene: Scene, operation: str) -> list[dict[str, Any]]:
    return [parameters for name, parameters in scene.calls if name == operation]


def test_point_in_time_recovery_for_as_long(scene: Scene) -> None:
    scene.client("dynamodb").update_continuous_backups(
        TableName=TABLE,
        PointInTimeRecoverySpecification={
            "PointInTimeRecoveryEnabled": True,
            "RecoveryPeriodInDays": 21,
        },
    )
    scene.calls.clear()
    assert scene.run("restore", "--to", "latest") == 0
    assert made(scene, "UpdateContinuousBackups") == [
        {
            "TableName": RESTORED,
            "PointInTimeRecoverySpecification": {
                "PointInTimeRecoveryEnabled": True,
                "RecoveryPeriodInDays": 21,
            },
        }
    ]
    # Before anything else of it can fail.
    assert scene.operations()[:2] == ["RestoreTableToPointInTime", "UpdateContinuousBackups"]


def test_protection_stream_and_table_class_one_at_a_time(scene: Scene) -> None:
    dynamodb = scene.client("dynamodb")
    stream = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    dynamodb.update_table(TableName=TABLE, DeletionProtectionEnabled=True)
    dynamodb.update_table(TableName=TABLE, StreamSpecification=stream)
    scene.calls.clear()

    def infrequent(parsed: dict[str, Any]) -> None:
        # moto keeps neither of these.
        if parsed.get("Table", {}).get("TableName") == TABLE:
            parsed["Table"]["TableClassSummary"] = {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
            parsed["Table"]["OnDemandThroughput"] = {"MaxReadRequestUnits": 9}
            (index,) = parsed["Table"]["GlobalSecondaryIndexes"]
            index["OnDemandThroughput"] = {"MaxReadRequestUnits": 8}

    scene.after("DescribeTable", infrequent)
    assert scene.run("restore", "--to", "latest") == 0
    assert made(scene, "UpdateTable") == [
        {"TableName": RESTORED, "DeletionProtectionEnabled": True},
        {"TableName": RESTORED, "StreamSpecification": stream},
        {"TableName": RESTORED, "OnDemandThroughput": {"MaxReadRequestUnits": 9}},
        {
            "TableName": RESTORED,
            "GlobalSecondaryIndexUpdates": [
                {
                    "Update": {
                        "IndexName": "by_owner",
                        "OnDemandThroughput": {"MaxReadRequestUnits": 8},
                    }
                }
            ],
        },
        {"TableName": RESTORED, "TableClass": "STANDARD_INFREQUENT_ACCESS"},
    ]
    restored = dynamodb.describe_table(TableName=RESTORED)["Table"]
    assert restored["DeletionProtectionEnabled"] is True
    assert restored["StreamSpecification"] == stream


def test_tags_but_not_awss_own(scene: Scene) -> None:
    tags = [{"Key": "team", "Value": "items"}, {"Key": "stage", "Value": "dev"}]
    scene.client("dynamodb").tag_resource(ResourceArn=arn(TABLE), Tags=tags)
    scene.calls.clear()

    def stacks_own(parsed: dict[str, Any]) -> None:
        parsed["Tags"].insert(
            0, {"Key": "aws:cloudformation:stack-name", "Value": "items-dev-data"}
        )

    scene.after("ListTagsOfResource", stacks_own)
    assert scene.run("restore", "--to", "latest") == 0
    assert made(scene, "TagResource") == [{"ResourceArn": arn(RESTORED), "Tags": tags}]


def test_time_to_live(scene: Scene) -> None:
    specification = {"Enabled": True, "AttributeName": "expires"}
    scene.client("dynamodb").update_time_to_live(
        TableName=TABLE, TimeToLiveSpecification=specification
    )
    scene.calls.clear()
    assert scene.run("restore", "--to", "latest") == 0
    assert made(scene, "UpdateTimeToLive") == [
        {"TableName": RESTORED, "TimeToLiveSpecification": specification}
    ]


def provision(scene: Scene) -> None:
    def provisioned(parsed: dict[str, Any]) -> None:
        if "Table" in parsed:
            parsed["Table"]["BillingModeSummary"] = {"BillingMode": "PROVISIONED"}

    scene.after("DescribeTable", provisioned)


def scale(scene: Scene, table: str) -> None:
    scaling = scene.client("application-autoscaling")
    for resource, kind in ((f"table/{table}", "table"), (f"table/{table}/index/by_owner", "index")):
        for way in ("Read", "Write"):
            what = {
                "ServiceNamespace": "dynamodb",
                "ResourceId": resource,
                "ScalableDimension": f"dynamodb:{kind}:{way}CapacityUnits",
            }
            scaling.register_scalable_target(**what, MinCapacity=5, MaxCapacity=500)
            scaling.put_scaling_policy(
                **what,
                PolicyName="follow-use",
                PolicyType="TargetTrackingScaling",
                TargetTrackingScalingPolicyConfiguration={
                    "TargetValue": 70.0,
                    "PredefinedMetricSpecification": {
                        "PredefinedMetricType": f"DynamoDB{way}CapacityUtilization"
                    },
                },
            )


def scaled(scene: Scene, table: str) -> dict[str, tuple[int, int, Any]]:
    scaling = scene.client("application-autoscaling")
    policies = {
        (each["ResourceId"], each["ScalableDimension"]): each
        for each in scaling.describe_scaling_policies(ServiceNamespace="dynamodb")[
            "ScalingPolicies"
        ]
    }
    found = {}
    targets = scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
    for each in targets:
        _, name, *index = each["ResourceId"].split("/")
        if name == table:
            policy = policies[each["ResourceId"], each["ScalableDimension"]]
            found["/".join([*index, each["ScalableDimension"]])] = (
                each["MinCapacity"],
                each["MaxCapacity"],
                (policy["PolicyName"], policy["TargetTrackingScalingPolicyConfiguration"]),
            )
    return found


def test_autoscaling_of_table_and_index(scene: Scene) -> None:
    provision(scene)
    scale(scene, TABLE)
    scale(scene, f"{TABLE}-of-others")
    before = scaled(scene, TABLE)
    assert len(before) == 4
    scene.calls.clear()
    assert scene.run("restore", "--to", "latest") == 0
    assert scaled(scene, RESTORED) == before
    assert len(made(scene, "RegisterScalableTarget")) == 4
    assert scaled(scene, TABLE) == before


def test_no_autoscaling_on_demand(scene: Scene) -> None:
    def on_demand(parsed: dict[str, Any]) -> None:
        if "Table" in parsed:
            parsed["Table"]["BillingModeSummary"] = {"BillingMode": "PAY_PER_REQUEST"}

    scene.after("DescribeTable", on_demand)  # moto restores to provisioned whatever there was
    scale(scene, TABLE)
    scene.calls.clear()
    assert scene.run("restore", "--to", "latest") == 0
    assert made(scene, "RegisterScalableTarget") == []


def test_alarms_that_watch_the_table(scene: Scene) -> None:
    watch = scene.client("cloudwatch")
    common = {
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "AlarmActions": ["arn:aws:sns:us-east-1:123456789012:duty"],
    }
    metric = {"Namespace": "AWS/DynamoDB", "MetricName": "SystemErrors", "Period": 60}
    simple = {**common, **metric, "Statistic": "Sum", "Threshold": 0.0}
    own = [{"Name": "TableName", "Value": TABLE}, {"Name": "Operation", "Value": "GetItem"}]
    watch.put_metric_alarm(AlarmName="errors", Dimensions=own, **simple)
    # Autoscaling makes these itself, for the new table as well.
    watch.put_metric_alarm(AlarmName=f"TargetTracking-{TABLE}", Dimensions=own, **simple)
    others = [{"Name": "TableName", "Value": "another"}]
    watch.put_metric_alarm(AlarmName="another's", Dimensions=others, **simple)
    queries = [
        {"Id": "rate", "Expression": "100 * errors / 60", "Label": "rate", "ReturnData": True},
        {
            "Id": "errors",
            "ReturnData": False,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/DynamoDB",
                    "MetricName": "SystemErrors",
                    "Dimensions": own,
                },
                "Period": 60,
                "Stat": "Sum",
            },
        },
    ]
    watch.put_metric_alarm(AlarmName="rate", Metrics=queries, Threshold=1.0, **common)
    scene.calls.clear()

    assert scene.run("restore", "--to", "latest") == 0
    alarms = {each["AlarmName"]: each for each in watch.describe_alarms()["MetricAlarms"]}
    assert set(alarms) == {
        *("errors", "rate", "another's", f"TargetTracking-{TABLE}"),
        *(f"errors ({RESTORED})", f"rate ({RESTORED})"),
    }
    moved = [{**own[0], "Value": RESTORED}, own[1]]
    copy = alarms[f"errors ({RESTORED})"]
    assert copy["Dimensions"] == moved
    assert {name: copy[name] for name in simple} == simple
    rate = alarms[f"rate ({RESTORED})"]["Metrics"]
    assert rate[1]["MetricStat"]["Metric"]["Dimensions"] == moved
    assert alarms["errors"]["Dimensions"] == own


def test_all_of_it_can_be_done_again(scene: Scene) -> None:
    scene.client("dynamodb").update_time_to_live(
        TableName=TABLE, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    scene.client("dynamodb").update_table(TableName=TABLE, DeletionProtectionEnabled=True)
    assert scene.run("restore", "--to", "latest") == 0
    scene.calls.clear()
    assert scene.run("restore", "--resume", "--target", RESTORED) == 0
    assert set(scene.operations()) == {"UpdateContinuousBackups"}
