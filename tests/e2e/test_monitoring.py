"""The monitoring stack on the local cloud, which has no alarms on expressions and no budgets."""

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from infra.cloudformation.stack import Stack
from infra.errors import Misconfigured
from infra.stacks.deployment import Stacks
from infra.stage import Stage
from local.cloud import Cloud
from tools.progress import silent
from tools.templates import load

if TYPE_CHECKING:
    from types_boto3_cloudwatch.literals import StateValueType
    from types_boto3_cloudwatch.type_defs import MetricAlarmTypeDef

RESOURCES = load("monitoring.yaml")["Resources"]
EMULATED = {
    "MetricMath": "false",
    "AlarmEmail": "duty@example.com",
    "WebAclName": "watched",
    "LatencyTargetMs": "750",
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Create a stage for this module. `quick` is another."""
    project = tmp_path_factory.mktemp("watched")
    (project / ".chalice").mkdir()
    stages = {"watched": {"lambda_timeout": 20}, "quick": {}}
    config = {"app_name": "items", "lambda_memory_size": 512, "stages": stages}
    (project / ".chalice" / "config.json").write_text(json.dumps(config))
    return Stage.load(project, "watched")


def stack_with(cloud: Cloud, name: str, **outputs: str) -> None:
    template = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {key: {"Value": value} for key, value in outputs.items()},
    }
    formation = cloud.client("cloudformation")
    Stack(formation, name, lambda _: None).deploy(json.dumps(template), {})


def deploy(cloud: Cloud, stage: Stage) -> dict[str, str]:
    """Deploy the stage's monitoring, and return the outputs."""
    stacks = Stacks(stage, cloud.client, silent)
    stacks.monitoring(EMULATED)
    return stacks.outputs("monitoring")


@pytest.fixture(scope="module")
def deployed(cloud: Cloud, stage: Stage) -> None:
    """The stack, deployed after the stacks that it needs."""
    with pytest.raises(Misconfigured, match="no stack items-watched-data"):
        deploy(cloud, stage)
    stack_with(cloud, "items-watched-data", TableName="the-table")
    with pytest.raises(Misconfigured, match="stage watched has no API"):
        deploy(cloud, stage)
    stack_with(cloud, "items-watched-api", RestAPIId="abc")
    deploy(cloud, stage)


@pytest.fixture
def topic(cloud: Cloud, deployed: None) -> str:
    """The topic of the deployed stack, which a test may have created again."""
    return Stack(cloud.client("cloudformation"), "items-watched-monitoring").outputs()["TopicArn"]


@pytest.fixture
def alarms(cloud: Cloud, topic: str) -> "dict[str, MetricAlarmTypeDef]":
    """By the name they have in the template."""
    formation = cloud.client("cloudformation")
    parts = formation.describe_stack_resources(StackName="items-watched-monitoring")
    logical = {
        part["PhysicalResourceId"]: part["LogicalResourceId"] for part in parts["StackResources"]
    }
    found = cloud.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {logical[a["AlarmName"]]: a for a in found if a["AlarmName"] in logical}


def test_alarms_without_metric_math_exist(alarms: dict[str, Any]) -> None:
    expected = {
        name
        for name, resource in RESOURCES.items()
        if resource["Type"] == "AWS::CloudWatch::Alarm" and resource.get("Condition") != "Math"
    }
    assert "FirewallBlocks" in expected
    assert set(alarms) == expected


def test_they_watch_what_the_stage_has_deployed(alarms: dict[str, Any]) -> None:
    def dimensions(name: str) -> dict[str, str]:
        return {each["Name"]: each["Value"] for each in alarms[name]["Dimensions"]}

    assert dimensions("FunctionErrors") == {"FunctionName": "items-watched"}
    assert dimensions("AvailabilityFastShort") == {"ApiName": "items-watched"}
    assert dimensions("CircuitOpened") == {"function": "items-watched"}
    assert alarms["FunctionDuration"]["Threshold"] == 18_000
    assert alarms["LatencyFastShort"]["ExtendedStatistic"] == "PR(:750)"


def test_alarm_and_recovery_reach_the_topic(
    cloud: Cloud, topic: str, alarms: dict[str, Any]
) -> None:
    told = alarms["FunctionErrors"]
    assert (told["AlarmActions"], told["OKActions"]) == ([topic], [topic])
    subscriptions = cloud.client("sns").list_subscriptions_by_topic(TopicArn=topic)
    (subscription,) = subscriptions["Subscriptions"]
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "duty@example.com")


def test_the_dashboard_is_filled_in(cloud: Cloud, topic: str) -> None:
    found = cloud.client("cloudwatch").get_dashboard(DashboardName="items-watched")
    body = found["DashboardBody"]
    assert "${" not in body
    widgets = json.loads(body)["widgets"]
    (shown,) = [each["properties"]["alarms"] for each in widgets if each["type"] == "alarm"]
    named = re.findall(r"\$\{(\w+)\.Arn\}", str(RESOURCES["Dashboard"]))
    # The local cloud has no expressions in alarms, so those on them are left out.
    there = {each for each in named if "Condition" not in RESOURCES.get(each, {})}
    assert len(shown) == len(there) > 0
    assert all(":alarm:items-watched-monitoring-" in arn for arn in shown)
    assert '"TableName","the-table"' in body
    assert "d / 1000 * 512 / 1024" in body


@pytest.mark.parametrize("name", ["AvailabilityFast", "AvailabilitySlow", "LatencyFast"])
def test_objective_pages_on_both_windows(cloud: Cloud, name: str) -> None:
    # CloudFormation here has no composite alarms, CloudWatch has.
    watch = cloud.client("cloudwatch")
    rule = RESOURCES[name]["Properties"]["AlarmRule"]["Fn::Sub"]
    windows = [f"{name}{window}" for window in ("Long", "Short")]
    for window in windows:
        rule = rule.replace(f"${{{window}}}", f"{name}-{window}")
        watch.put_metric_alarm(
            AlarmName=f"{name}-{window}",
            Namespace="Made",
            MetricName="Up",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
    watch.put_composite_alarm(AlarmName=name, AlarmRule=rule)

    def state(**windows: "StateValueType") -> str:
        for window, value in windows.items():
            alarm = f"{name}-{name}{window}"
            watch.set_alarm_state(AlarmName=alarm, StateValue=value, StateReason="test")
        found = watch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])
        return str(found["CompositeAlarms"][0]["StateValue"])

    assert state(Long="ALARM", Short="OK") == "OK"
    assert state(Short="ALARM") == "ALARM"
    assert state(Long="OK") == "OK"


def test_chalice_stage_is_watched_by_app_name(cloud: Cloud, stage: Stage) -> None:
    quick = Stage.load(stage.project, "quick")
    deployed = stage.project / ".chalice" / "deployed" / "quick.json"
    deployed.parent.mkdir()
    resources = [{"resource_type": "rest_api", "rest_api_id": "abc"}]
    deployed.write_text(json.dumps({"resources": resources}))
    stack_with(cloud, "items-quick-data", TableName="the-table")
    stack_with(cloud, "items-quick-site", DistributionId="E2QWRUHAPOMQZL")
    deploy(cloud, quick)
    watch = cloud.client("cloudwatch")
    body = watch.get_dashboard(DashboardName="items-quick")["DashboardBody"]
    assert '"ApiName","items"' in body
    assert '"DistributionId","E2QWRUHAPOMQZL"' in body


def test_it_can_be_deleted_and_made_again(cloud: Cloud, stage: Stage, topic: str) -> None:
    formation = cloud.client("cloudformation")
    formation.delete_stack(StackName="items-watched-monitoring")
    formation.get_waiter("stack_delete_complete").wait(
        StackName="items-watched-monitoring", WaiterConfig={"Delay": 1}
    )
    left = cloud.client("cloudwatch").describe_alarms(AlarmNamePrefix="items-watched")
    assert left["MetricAlarms"] == []
    assert "TopicArn" in deploy(cloud, stage)
