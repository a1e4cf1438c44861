"""The settings of a version and its alias in `.chalice/config.json`, and their effects."""

import json
from pathlib import Path
from typing import Any

import cfnlint.api
import pytest
from cfnlint.config import ManualArgs

from infra.errors import Misconfigured
from infra.function.policy import function_policy
from infra.function.settings import FunctionSettings, check_reserved, function_settings
from infra.function.template import set_code
from infra.stage import Stage
from local.deployment import EMULATOR
from tests.infra.conftest import configured, expanded, packaged, project_in, transformed
from tests.infra.test_stage import OUTPUTS
from tools.project import PROJECT

NEWER = (3, 12)
SCHEDULE = {"schedule": "cron(0 7 ? * MON-FRI *)", "min": 20, "max": 40, "timezone": "Asia/Seoul"}


def scheduled(**changes: Any) -> dict[str, Any]:
    """Return settings with one window, changed."""
    window = {**SCHEDULE, **changes}
    return {"provisioned_concurrency": 1, "provisioned_concurrency_schedule": [window]}


def settings_of(stage: Stage, **settings: Any) -> FunctionSettings:
    """Return the function's settings of the stage with `settings` added."""
    return function_settings(configured(stage, settings), python=NEWER)


def findings(template: dict[str, Any]) -> list[str]:
    found = cfnlint.api.lint(json.dumps(template), config=ManualArgs(regions=["us-east-1"]))
    return [str(match) for match in found]


def test_options_are_off_by_default(stage: Stage) -> None:
    settings = function_settings(stage)
    assert settings == FunctionSettings()
    assert (settings.properties(), settings.resources("Alias")) == ({}, {})
    for name in json.loads((PROJECT / ".chalice" / "config.json").read_text())["stages"]:
        assert function_settings(Stage.load(PROJECT, name)) == FunctionSettings()


def test_a_stage_goes_before_the_application(stage: Stage) -> None:
    stage = configured(stage, {"provisioned_concurrency": 3}, everywhere=True)
    assert function_settings(stage).provisioned == 3
    stage = configured(stage, {"provisioned_concurrency": 0})
    assert function_settings(stage).provisioned == 0


def test_the_local_cloud_has_none_of_it(tmp_path: Path) -> None:
    stage = project_in(tmp_path, "local")
    stage = configured(stage, {"provisioned_concurrency": 3, "snap_start": True}, everywhere=True)
    assert function_settings(stage, EMULATOR) == FunctionSettings()


def test_snap_start_publishes_a_version(stage: Stage) -> None:
    template = packaged(stage)
    # Chalice packages for the Python that runs these tests, which may be an older one.
    function = template["Resources"]["APIHandler"]["Properties"]
    function["Runtime"] = "python3.12"
    before = versions(template)
    function |= settings_of(stage, snap_start=True).properties()
    set_code(template, "bucket", "key")
    assert findings(template) == []
    resources = expanded(template)
    assert resources["APIHandler"]["Properties"]["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    assert len(before) == 1
    assert not before & versions(template)


def test_snap_start_on_old_python_names_the_fix(stage: Stage) -> None:
    stage = configured(stage, {"snap_start": True})
    with pytest.raises(Misconfigured) as refusal:
        function_settings(stage, python=(3, 11))
    said = str(refusal.value)
    assert "stage prod" in said
    assert "snap_start needs Python 3.12 or newer, but Chalice packages for 3.11" in said
    assert "PYTHON=python3.12" in said


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the template of a stage with all settings that add resources or rename them."""
    settings = {
        "api_gateway_stage": "v2",
        "provisioned_concurrency": 5,
        "provisioned_concurrency_schedule": [
            SCHEDULE,
            {"schedule": "at(2026-12-24T00:00:00)", "min": 0, "max": 0},
        ],
    }
    return packaged(configured(project_in(tmp_path_factory.mktemp("v2"), "prod"), settings))


def test_cfn_lint_finds_nothing(template: dict[str, Any]) -> None:
    """Among others, all resources exist on which other resources depend."""
    assert findings(template) == []


def test_other_gateway_stage_is_used_everywhere(template: dict[str, Any]) -> None:
    resources = expanded(template)
    association = resources["WebAclAssociation"]
    stage_resource = resources[association["DependsOn"]]
    assert stage_resource["Properties"]["StageName"] == "v2"
    deployed = association["Properties"]["ResourceArn"]
    assert deployed["Fn::Sub"].endswith("/stages/v2")
    rule = resources["Sampling"]["Properties"]["SamplingRule"]
    assert rule["ResourceARN"] == deployed
    assert "stages/api" not in json.dumps(resources)


def test_provisioned_concurrency_follows_use(stage: Stage, template: dict[str, Any]) -> None:
    resources = expanded(template)
    alias = resources["APIHandlerAliaslive"]["Properties"]
    assert alias["ProvisionedConcurrencyConfig"] == {"ProvisionedConcurrentExecutions": 5}
    target = resources["ProvisionedTarget"]
    assert target["DependsOn"] == "APIHandlerAliaslive"
    properties = target["Properties"]
    assert properties["ResourceId"] == {"Fn::Sub": "function:${APIHandler}:live"}
    assert (properties["MinCapacity"], properties["MaxCapacity"]) == (5, 10)
    policy = resources["ProvisionedScaling"]["Properties"]
    assert policy["ScalingTargetId"] == {"Ref": "ProvisionedTarget"}
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["TargetValue"] == 0.7
    metric = tracking["PredefinedMetricSpecification"]["PredefinedMetricType"]
    assert metric == "LambdaProvisionedConcurrencyUtilization"
    unscheduled = settings_of(stage, provisioned_concurrency=5).resources("Alias")
    assert "ScheduledActions" not in unscheduled["ProvisionedTarget"]["Properties"]


def test_provisioned_concurrency_has_a_schedule(template: dict[str, Any]) -> None:
    actions = expanded(template)["ProvisionedTarget"]["Properties"]["ScheduledActions"]
    assert actions == [
        {
            "ScheduledActionName": "window-1",
            "Schedule": "cron(0 7 ? * MON-FRI *)",
            "Timezone": "Asia/Seoul",
            "ScalableTargetAction": {"MinCapacity": 20, "MaxCapacity": 40},
        },
        {
            "ScheduledActionName": "window-2",
            "Schedule": "at(2026-12-24T00:00:00)",
            "Timezone": "UTC",
            "ScalableTargetAction": {"MinCapacity": 0, "MaxCapacity": 0},
        },
    ]


def test_equal_limits_need_no_scaling(stage: Stage) -> None:
    settings = settings_of(stage, provisioned_concurrency=4, provisioned_concurrency_max=4)
    assert settings.resources("Alias") == {}
    assert "ProvisionedConcurrencyConfig" in settings.properties()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"snap_start": "yes"}, "snap_start must be true or false, not 'yes'"),
        ({"snap_start": 1}, "snap_start must be true or false, not 1"),
        (
            {"snap_start": True, "provisioned_concurrency": 1},
            "snap_start and provisioned_concurrency cannot be combined",
        ),
        (
            {"provisioned_concurrency": -1},
            "provisioned_concurrency must be a whole number of at least 0, not -1",
        ),
        (
            {"provisioned_concurrency": True},
            "provisioned_concurrency must be a whole number of at least 0, not True",
        ),
        ({"provisioned_concurrency": "5"}, "not '5'"),
        (
            {"provisioned_concurrency": 5, "provisioned_concurrency_max": 4},
            "provisioned_concurrency_max must be a whole number of at least 5, not 4",
        ),
        ({"provisioned_concurrency_max": 4}, "provisioned_concurrency is 0, but a maximum"),
        (
            {"provisioned_concurrency_schedule": SCHEDULE},
            "provisioned_concurrency_schedule must be a list",
        ),
        ({"provisioned_concurrency_schedule": [SCHEDULE]}, "provisioned_concurrency is 0, but a"),
        (
            {"provisioned_concurrency": 1, "provisioned_concurrency_schedule": [{"min": 1}]},
            "must have entries with schedule, min, max and timezone",
        ),
        (scheduled(every=1), "must have entries with schedule, min, max and timezone"),
        (scheduled(schedule="7 o'clock"), 'not "7 o\'clock"'),
        (scheduled(timezone=9), "must have a name as timezone, not 9"),
        (scheduled(max=19), "schedule's max must be a whole number of at least 20, not 19"),
    ],
)
def test_invalid_setting_is_rejected_by_name(
    stage: Stage, change: dict[str, Any], message: str
) -> None:
    stage = configured(stage, change)
    with pytest.raises(Misconfigured) as refusal:
        function_settings(stage, python=NEWER)
    assert "stage prod in config.json: " in str(refusal.value)
    assert message in str(refusal.value)


def test_no_more_is_provisioned_than_reserved(stage: Stage) -> None:
    settings = settings_of(
        stage, provisioned_concurrency=5, provisioned_concurrency_schedule=[SCHEDULE]
    )
    check_reserved(stage, settings, -1)
    check_reserved(stage, settings, 40)
    with pytest.raises(Misconfigured, match=r"scales to 40, more than .*Concurrency: 39"):
        check_reserved(stage, settings, 39)
    check_reserved(stage, FunctionSettings(), 0)


def test_only_the_gateway_writes_traces(stage: Stage) -> None:
    resources = transformed(stage)
    # A change here must also give the role the rights. Otherwise no trace arrives.
    function = resources["APIHandler"]["Properties"]
    assert function["TracingConfig"] == {"Mode": "PassThrough"}
    assert "xray" not in json.dumps(function_policy(OUTPUTS["TableArn"], stage.function_name))


def versions(template: dict[str, Any]) -> set[str]:
    return {
        name
        for name, resource in expanded(template).items()
        if resource["Type"] == "AWS::Lambda::Version"
    }
