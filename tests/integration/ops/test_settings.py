"""The settings that AWS does not restore, and that the command copies."""

from typing import Any

from tests.integration.ops.conftest import RESTORE, RESTORED, TABLE, Scene
from tests.integration.ops.formation import arn


def test_recovery_keeps_its_period(scene: Scene) -> None:
    scene.client("dynamodb").update_continuous_backups(
        TableName=TABLE,
        PointInTimeRecoverySpecification={
            "PointInTimeRecoveryEnabled": True,
            "RecoveryPeriodInDays": 21,
        },
    )
    scene.calls.clear()
    assert scene.run("restore", "--to", "latest") == 0
    assert scene.requests("UpdateContinuousBackups") == [
        {
            "TableName": RESTORED,
            "PointInTimeRecoverySpecification": {
                "PointInTimeRecoveryEnabled": True,
                "RecoveryPeriodInDays": 21,
            },
        }
    ]
    # It is the first setting, before another can fail.
    assert scene.operations()[:2] == [RESTORE, "UpdateContinuousBackups"]


def test_table_settings_are_set_one_at_a_time(scene: Scene) -> None:
    dynamodb = scene.client("dynamodb")
    stream = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    dynamodb.update_table(TableName=TABLE, DeletionProtectionEnabled=True)
    dynamodb.update_table(TableName=TABLE, StreamSpecification=stream)
    scene.calls.clear()

    def infrequent(parsed: dict[str, Any]) -> None:
        # moto does not keep the class and the limits.
        if parsed.get("Table", {}).get("TableName") == TABLE:
            parsed["Table"]["TableClassSummary"] = {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
            parsed["Table"]["OnDemandThroughput"] = {"MaxReadRequestUnits": 9}
            (index,) = parsed["Table"]["GlobalSecondaryIndexes"]
            index["OnDemandThroughput"] = {"MaxReadRequestUnits": 8}

    scene.after("DescribeTable", infrequent)
    assert scene.run("restore", "--to", "latest") == 0
    assert scene.requests("UpdateTable") == [
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


def test_tags_are_copied_except_awss_own(scene: Scene) -> None:
    tags = [{"Key": "team", "Value": "items"}, {"Key": "stage", "Value": "dev"}]
    scene.client("dynamodb").tag_resource(ResourceArn=arn(TABLE), Tags=tags)
    scene.calls.clear()

    def stacks_own(parsed: dict[str, Any]) -> None:
        parsed["Tags"].insert(
            0, {"Key": "aws:cloudformation:stack-name", "Value": "items-dev-data"}
        )

    scene.after("ListTagsOfResource", stacks_own)
    assert scene.run("restore", "--to", "latest") == 0
    assert scene.requests("TagResource") == [{"ResourceArn": arn(RESTORED), "Tags": tags}]


def test_time_to_live_is_copied(scene: Scene) -> None:
    specification = {"Enabled": True, "AttributeName": "expires"}
    scene.client("dynamodb").update_time_to_live(
        TableName=TABLE, TimeToLiveSpecification=specification
    )
    scene.calls.clear()
    assert scene.run("restore", "--to", "latest") == 0
    assert scene.requests("UpdateTimeToLive") == [
        {"TableName": RESTORED, "TimeToLiveSpecification": specification}
    ]


def report_billing(scene: Scene, mode: str) -> None:
    """Report this mode for all tables. moto always restores to provisioned capacity."""

    def change(parsed: dict[str, Any]) -> None:
        if "Table" in parsed:
            parsed["Table"]["BillingModeSummary"] = {"BillingMode": mode}

    scene.after("DescribeTable", change)


def scale(scene: Scene, table: str) -> None:
    scaling = scene.client("application-autoscaling")
    for resource, kind in ((f"table/{table}", "table"), (f"table/{table}/index/by_owner", "index")):
        for way in ("Read", "Write"):
            target = {
                "ServiceNamespace": "dynamodb",
                "ResourceId": resource,
                "ScalableDimension": f"dynamodb:{kind}:{way}CapacityUnits",
            }
            scaling.register_scalable_target(**target, MinCapacity=5, MaxCapacity=500)
            scaling.put_scaling_policy(
                **target,
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
        (policy["ResourceId"], policy["ScalableDimension"]): policy
        for policy in scaling.describe_scaling_policies(ServiceNamespace="dynamodb")[
            "ScalingPolicies"
        ]
    }
    scaling_by_name = {}
    targets = scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
    for target in targets:
        _, name, *index = target["ResourceId"].split("/")
        if name == table:
            policy = policies[target["ResourceId"], target["ScalableDimension"]]
            scaling_by_name["/".join([*index, target["ScalableDimension"]])] = (
                target["MinCapacity"],
                target["MaxCapacity"],
                (policy["PolicyName"], policy["TargetTrackingScalingPolicyConfiguration"]),
            )
    return scaling_by_name


def test_autoscaling_of_table_and_index_is_copied(scene: Scene) -> None:
    report_billing(scene, "PROVISIONED")
    scale(scene, TABLE)
    scale(scene, f"{TABLE}-of-others")
    before = scaled(scene, TABLE)
    assert len(before) == 4
    scene.calls.clear()
    assert scene.run("restore", "--to", "latest") == 0
    assert scaled(scene, RESTORED) == before
    assert len(scene.requests("RegisterScalableTarget")) == 4
    assert scaled(scene, TABLE) == before


def test_on_demand_table_gets_no_autoscaling(scene: Scene) -> None:
    report_billing(scene, "PAY_PER_REQUEST")
    scale(scene, TABLE)
    scene.calls.clear()
    assert scene.run("restore", "--to", "latest") == 0
    assert scene.requests("RegisterScalableTarget") == []


def test_alarms_of_the_table_are_copied(scene: Scene) -> None:
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
    # Autoscaling creates these alarms itself, for the new table too.
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
    alarms = {alarm["AlarmName"]: alarm for alarm in watch.describe_alarms()["MetricAlarms"]}
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


def test_settings_are_not_repeated_on_resume(scene: Scene) -> None:
    scene.client("dynamodb").update_time_to_live(
        TableName=TABLE, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    scene.client("dynamodb").update_table(TableName=TABLE, DeletionProtectionEnabled=True)
    assert scene.run("restore", "--to", "latest") == 0
    scene.calls.clear()
    assert scene.run("restore", "--resume", "--target", RESTORED) == 0
    assert set(scene.operations()) == {"UpdateContinuousBackups"}
