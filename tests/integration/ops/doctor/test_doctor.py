"""`.venv/bin/python -m ops doctor`: a healthy stage, and each way in which one is not."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ops.doctor import CHECKS
from tests.integration.ops import page
from tests.integration.ops.answers import denied, failure
from tests.integration.ops.conftest import NOW, TABLE
from tests.integration.ops.doctor.conftest import (
    TOPIC,
    Ward,
    certificate,
    concurrency,
    continuous_backups,
    logs,
    recovery_points,
    subscription,
    throttles,
    versions,
)
from tests.integration.ops.remedies import assert_usable, load_template

Change = Callable[[Ward], object]


def answer(operation: str, value: Any) -> Change:
    return lambda ward: ward.answers.update({operation: value})


def metric(name: str, *values: tuple[int, float]) -> Change:
    return lambda ward: ward.values.update({name: list(values)})


def alarm(name: str, **state: Any) -> Change:
    return lambda ward: ward.alarms[name].update(state)


def parameter(part: str, key: str, value: str) -> Change:
    return lambda ward: ward.parameter(part, key, value)


def stack(part: str, **state: Any) -> Change:
    return lambda ward: ward.stacks[part].update(state)


def both(*changes: Change) -> Change:
    return lambda ward: [change(ward) for change in changes]


def without(part: str) -> Change:
    return lambda ward: ward.stacks.pop(part)


def test_healthy_stage_is_ok(ward: Ward, capsys: pytest.CaptureFixture[str]) -> None:
    assert ward.run("--strict") == 0
    assert ward.said == [
        "account 123456789012, us-east-1, stage dev",
        "ok       paging: alarms are sent to duty@example.com",
        "ok       alarms: 3 exist, are on and are calm",
        f"ok       alarms: they watch TableName {TABLE}",
        "ok       alarms: they watch ApiName items-dev",
        *(
            f"ok       drift: items-dev-{part} was as its template is on 2026-01-30T09:30:00.000Z"
            for part in ("edge", "monitoring", "api", "data")
        ),
        "ok       stacks: deployed: items-dev-api, items-dev-data, items-dev-edge, "
        "items-dev-monitoring",
        "ok       version: 7 is live, alone, with 1024 MB",
        "ok       load: 720 requests in 14 days, 10.0/s at the busiest minute",
        "ok       Lambda quota: concurrency 1000, so 10000 requests/s",
        "ok       gateway throttles: 100 to 200 requests/s for a method",
        "ok       429s: 0 in 14 days",
        "ok       table throttles: none in 14 days",
        f"ok       recovery: {TABLE} can be restored to each second since 2025-12-27T09:30:00.000Z",
        "ok       copies: 1 in the vault, the newest of 2026-01-31T03:30:00.000Z",
        "ok       drill: a restore passed on 2026-01-01T09:00Z",
        "ok       certificate: items.example.com is good until 2026-08-19T09:30:00.000Z",
        "ok       logs: /aws/lambda/items-dev is kept for 30 days",
        "ok       logs: /aws/apigateway/items-dev is kept for 30 days",
    ]
    assert capsys.readouterr().err == ""


def test_stage_has_what_the_templates_have(ward: Ward) -> None:
    for part, stack in ward.stacks.items():
        template = load_template(part)
        assert {each["ParameterKey"] for each in stack["Parameters"]} <= set(template["Parameters"])
        # `chalice package` adds this one.
        outputs = {each["OutputKey"] for each in stack["Outputs"]} - {"RestAPIId"}
        assert outputs <= set(template["Outputs"])


HOUR = [(minute, 100.0) for minute in range(40, 60)]

ILL: dict[str, tuple[Change, str, str, str, str]] = {
    "no monitoring": (
        *(without("monitoring"), "bad", "paging"),
        *("there is no stack items-dev-monitoring", "infra monitoring --stage dev --parameter "),
    ),
    "no reader": (
        *(answer("sns:ListSubscriptionsByTopic", {"Subscriptions": []}), "bad", "paging"),
        *("no subscription to the alarms' topic", "--parameter AlarmEmail=YOU@EXAMPLE.COM"),
    ),
    "no reader on purpose": (
        both(
            answer("sns:ListSubscriptionsByTopic", {"Subscriptions": []}),
            parameter("monitoring", "AlarmEmail", "none"),
        ),
        *("note", "paging", "AlarmEmail is none: nobody is paged", "AlarmEmail="),
    ),
    "reader who unsubscribed": (
        answer("sns:ListSubscriptionsByTopic", {"Subscriptions": [subscription("Deleted")]}),
        *("bad", "paging", "no subscription to the alarms' topic", "AlarmEmail="),
    ),
    "unconfirmed reader": (
        answer(
            "sns:ListSubscriptionsByTopic",
            {"Subscriptions": [subscription("PendingConfirmation")]},
        ),
        *("bad", "paging", "duty@example.com has not followed the link"),
        f"aws sns subscribe --topic-arn {TOPIC} --protocol email --notification-endpoint duty@",
    ),
    "unconfirmed second reader": (
        answer(
            "sns:ListSubscriptionsByTopic",
            {"Subscriptions": [subscription("PendingConfirmation"), subscription(f"{TOPIC}:1")]},
        ),
        *("note", "paging", "duty@example.com has not followed the link", "aws sns subscribe"),
    ),
    "alarm on": (
        *(alarm("FunctionErrors", StateValue="ALARM", StateReason="3 errors"), "bad", "alarms"),
        "items-dev-monitoring-FunctionErrors-1 is on since 2026-01-28T09:30:00.000Z: 3 errors",
        "follow docs/runbooks/function-errors.md",
    ),
    "window on": (
        *(alarm("AvailabilityFastShort", StateValue="ALARM"), "note", "alarms"),
        *("items-dev-monitoring-AvailabilityFastShort-1 is on since", "docs/runbooks/"),
    ),
    "alarm switched off": (
        *(alarm("FunctionErrors", ActionsEnabled=False), "bad", "alarms"),
        "items-dev-monitoring-FunctionErrors-1: its actions are switched off",
        "enable-alarm-actions --alarm-names items-dev-monitoring-FunctionErrors-1",
    ),
    "alarm without data": (
        *(alarm("FunctionErrors", StateValue="INSUFFICIENT_DATA"), "bad", "alarms"),
        *("items-dev-monitoring-FunctionErrors-1 has no data since 2026-01-28", ""),
    ),
    "alarm deleted": (
        *(lambda ward: ward.alarms.pop("FunctionErrors"), "bad", "alarms"),
        "items-dev-monitoring-FunctionErrors-1 is deleted, although its stack has it",
        "docs/on-call.md#a-deleted-alarm",
    ),
    "other table watched": (
        *(parameter("monitoring", "TableName", "items-old"), "bad", "alarms"),
        *(f"they watch TableName items-old, and the stage uses {TABLE}", "infra monitoring"),
    ),
    "other API watched": (
        *(answer("apigateway:GetRestApi", {"name": "items"}), "bad", "alarms"),
        *("they watch ApiName items-dev, and the stage uses items", "infra monitoring"),
    ),
    "failed stack": (
        *(stack("api", StackStatus="UPDATE_ROLLBACK_COMPLETE"), "bad", "stacks"),
        *("items-dev-api is UPDATE_ROLLBACK_COMPLETE", "see docs/updates.md#stuck-stacks"),
    ),
    "stuck stack": (
        *(stack("data", StackStatus="UPDATE_ROLLBACK_FAILED"), "bad", "stacks"),
        *("items-dev-data is UPDATE_ROLLBACK_FAILED", "see docs/updates.md#stuck-stacks"),
    ),
    "deployment under way": (
        *(stack("api", StackStatus="UPDATE_IN_PROGRESS"), "note", "stacks"),
        *("items-dev-api is UPDATE_IN_PROGRESS", ""),
    ),
    "never compared": (
        *(stack("api", DriftInformation={"StackDriftStatus": "NOT_CHECKED"}), "note", "drift"),
        "items-dev-api was never compared with its template",
        "aws cloudformation detect-stack-drift --stack-name items-dev-api --region us-east-1",
    ),
    "compared long ago": (
        stack(
            "api",
            DriftInformation={
                "StackDriftStatus": "IN_SYNC",
                "LastCheckTimestamp": NOW - timedelta(days=31),
            },
        ),
        *("note", "drift", "items-dev-api was last compared", "detect-stack-drift"),
    ),
    "canary left": (
        answer(
            "lambda:GetAlias",
            {
                "FunctionVersion": "7",
                "RoutingConfig": {"AdditionalVersionWeights": {"8": 0.1}},
            },
        ),
        *("bad", "version", "version 8 gets 10% of the requests, 7 the others, and no release"),
        "aws lambda update-alias --function-name items-dev --name live --routing-config",
    ),
    "after a rollback": (
        both(
            answer("lambda:GetAlias", {"FunctionVersion": "6"}),
            answer("lambda:ListVersionsByFunction", versions(latest=1024, sixth=512)),
        ),
        *("ok", "version", "6 is live, alone, with 512 MB", ""),
    ),
    "compared in vain": (
        stack(
            "api",
            DriftInformation={"StackDriftStatus": "UNKNOWN", "LastCheckTimestamp": NOW},
        ),
        *("note", "drift", "items-dev-api was never compared", "detect-stack-drift"),
    ),
    "canary under way": (
        both(
            stack("api", StackStatus="UPDATE_IN_PROGRESS"),
            answer(
                "lambda:GetAlias",
                {
                    "FunctionVersion": "7",
                    "RoutingConfig": {"AdditionalVersionWeights": {"8": 0.1}},
                },
            ),
        ),
        *("note", "version", "version 8 gets 10% of the requests, 7 the others: a release", ""),
    ),
    "trial not undone": (
        *(answer("lambda:ListVersionsByFunction", versions(latest=256)), "bad", "version"),
        "$LATEST has 256 MB and the newest version 7 1024",
        "aws lambda update-function-configuration --function-name items-dev --memory-size 1024",
    ),
    "not released": (without("api"), "note", "version", "stage dev is not released yet", ""),
    "new account": (
        *(answer("lambda:GetAccountSettings", concurrency(10)), "bad", "Lambda quota"),
        "concurrency 10 is 100 requests/s, and the gateway lets 300 pass",
        "--service-code lambda --quota-code L-B99A9384",
    ),
    "wrong limit watched": (
        *(answer("lambda:GetAccountSettings", concurrency(900)), "bad", "Lambda quota"),
        "the function may run 900 times at once, and its alarms watch for 1000",
        "infra monitoring --stage dev --parameter ConcurrencyLimit=900",
    ),
    "reserved concurrency": (
        answer("lambda:GetFunctionConcurrency", {"ReservedConcurrentExecutions": 100}),
        *("bad", "Lambda quota", "the function may run 100 times at once", "ConcurrencyLimit=100"),
    ),
    "rate of the quota": (
        metric("Invocations", (60, 5001 * 60)),
        *("bad", "Lambda quota", "5001.0/s at the busiest minute, of 10000", "L-B99A9384"),
    ),
    "rate of our throttle": (
        metric("Count", (60, 101 * 60)),
        *("bad", "gateway throttles", "101.0/s at the busiest minute, of 200 for a method"),
        "infra api --stage dev --parameter ReadsPerSecond=400",
    ),
    "small account quota": (
        answer("apigateway:GetAccount", {"throttleSettings": {"rateLimit": 2500.0}}),
        *("note", "gateway throttles", "the account's quota is 2500/s for all its APIs", ""),
    ),
    "no throttle of our own": (
        answer("apigateway:GetStage", {}),
        *("note", "gateway throttles", "no method has a limit of its own", ""),
    ),
    "429s in an hour": (
        both(metric("Count", *HOUR), metric("Throttled", (45, 15.0), (41, 6.0))),
        *("bad", "429s", "21 in 14 days, of them 21 of 2000 requests in the hour from 2026-01-31T"),
        "docs/runbooks/gateway-throttles.md",
    ),
    "a few 429s": (
        both(metric("Count", (45, 12.0)), metric("Throttled", (45, 9.0))),
        *("ok", "429s", "9 in 14 days", ""),
    ),
    "429s not counted": (
        *(parameter("api", "AccessLogs", "false"), "unknown", "429s"),
        *("the gateway writes no access log", "infra api --stage dev --parameter AccessLogs=true"),
    ),
    "no recovery": (
        answer("dynamodb:DescribeContinuousBackups", continuous_backups("DISABLED")),
        *("bad", "recovery", f"{TABLE} has no point-in-time recovery"),
        f"aws dynamodb update-continuous-backups --table-name {TABLE}",
    ),
    "no table": (
        answer("dynamodb:DescribeTable", failure("DescribeTable", "ResourceNotFoundException")),
        *("bad", "recovery", f"there is no table {TABLE}", "docs/restore.md"),
    ),
    "old copy": (
        answer("backup:ListRecoveryPointsByResource", recovery_points(NOW - timedelta(hours=27))),
        *("bad", "copies", "the newest is of 2026-01-30T06:30:00.000Z", "aws backup list-backup"),
    ),
    "copy that failed": (
        answer("backup:ListRecoveryPointsByResource", recovery_points(NOW, status="PARTIAL")),
        *("bad", "copies", f"{TABLE} has no copy in a vault", "--parameter Backups=true"),
    ),
    "new table": (
        both(
            answer("backup:ListRecoveryPointsByResource", recovery_points()),
            answer("dynamodb:DescribeTable", {"Table": {"CreationDateTime": NOW}}),
        ),
        *("note", "copies", f"{TABLE} has no copy in a vault: it is younger than a day", ""),
    ),
    "no copies on purpose": (
        *(parameter("data", "Backups", "false"), "note", "copies", "Backups is false"),
        "infra data --stage dev --parameter Backups=true",
    ),
    "never drilled": (
        answer("dynamodb:ListTagsOfResource", {"Tags": []}),
        *("note", "drill", "no restore was ever tried", "ops restore --stage dev --to latest"),
    ),
    "drilled long ago": (
        answer(
            "dynamodb:ListTagsOfResource",
            {"Tags": [{"Key": "drilled", "Value": "2025-10-30T09:00:00Z"}]},
        ),
        *("note", "drill", "the last one was on 2025-10-30T09:00:00Z", "--to latest --drill"),
    ),
    "certificate ends": (
        answer(
            "acm:DescribeCertificate",
            certificate(
                NOW + timedelta(days=29),
                RenewalSummary={
                    "RenewalStatus": "FAILED",
                    "DomainValidationOptions": [{"DomainName": "items.example.com"}],
                    "UpdatedAt": NOW,
                },
            ),
        ),
        *("bad", "certificate", "items.example.com ends on 2026-03-01T09:30:00.000Z, and its "),
        "aws acm describe-certificate --region us-east-1",
    ),
    "certificate not valid": (
        answer("acm:DescribeCertificate", certificate(NOW, Status="VALIDATION_TIMED_OUT")),
        *("bad", "certificate", "items.example.com is VALIDATION_TIMED_OUT", "aws acm"),
    ),
    "no certificate": (without("edge"), "ok", "certificate", "the site has CloudFront's", ""),
    "logs for ever": (
        *(answer("logs:DescribeLogGroups", logs("/aws/lambda/items-dev", days=None)), "bad"),
        *("logs", "/aws/lambda/items-dev is kept, and paid for, without end"),
        "put-retention-policy --log-group-name /aws/lambda/items-dev --retention-in-days 30",
    ),
    "no log": (
        *(answer("logs:DescribeLogGroups", logs("/aws/lambda/other")), "bad", "logs"),
        *("/aws/lambda/items-dev is missing", "infra data --stage dev"),
    ),
}


@pytest.mark.parametrize("case", ILL)
def test_finding(case: str, ward: Ward) -> None:
    change, state, name, found, do = ILL[case]
    change(ward)
    matching = [
        each
        for each in ward.findings()
        if (each["state"], each["name"]) == (state, name) and each["found"].startswith(found)
    ]
    assert len(matching) == 1
    assert do in matching[0]["do"]
    assert_usable(matching[0]["do"])
    assert ward.run() == (1 if state == "bad" else 0)


def test_drift_names_what_changed(ward: Ward) -> None:
    ward.stacks["api"]["DriftInformation"] = {"StackDriftStatus": "DRIFTED"}
    ward.answers["cloudformation:DescribeStackResourceDrifts"] = {
        "StackResourceDrifts": [
            {
                "StackId": "items-dev-api",
                "LogicalResourceId": "APIHandler",
                "ResourceType": "AWS::Lambda::Function",
                "StackResourceDriftStatus": "MODIFIED",
                "Timestamp": NOW,
            }
        ]
    }
    (finding,) = [each for each in ward.findings() if each["state"] == "bad"]
    assert finding["found"] == "items-dev-api was changed by hand: APIHandler"


@pytest.mark.parametrize(
    ("cause", "why", "do"),
    [
        ("KeyRangeThroughput", "one partition was too busy", "docs/runbooks/table-throttles.md"),
        ("MaxOnDemandThroughput", "OnDemandLimit", "infra data --stage dev --parameter MaxReads=N"),
        ("ProvisionedThroughput", "too little is provisioned", "--parameter MinWrites=N"),
        ("AccountLimit", "the account's quota", "docs/runbooks/table-throttles.md"),
    ],
)
def test_throttle_has_its_cause(ward: Ward, cause: str, why: str, do: str) -> None:
    ward.values[f"Write{cause}ThrottleEvents"] = [(120, 4.0), (60, 3.0)]
    table, index = [each for each in ward.findings() if each["state"] == "bad"]
    assert table["found"].startswith(f"7 writes of the table in 14 days: {why}")
    assert index["found"].startswith(f"7 writes of the index by_owner in 14 days: {why}")
    assert do in table["do"]
    assert_usable(table["do"])


def test_new_stage_has_no_figures(ward: Ward) -> None:
    """Nobody came, which is no proof of health."""
    ward.values.clear()
    notes = {each["name"]: each["found"] for each in ward.findings() if each["state"] == "note"}
    assert notes == {
        "load": "no request in 14 days, so that limits and throttles have no figures",
        "table throttles": "the table was not used in 14 days",
    }
    assert not [each for each in ward.findings() if each["name"] == "429s"]


def test_stage_in_another_region(ward: Ward) -> None:
    """Its certificate and the stack of it are in us-east-1 all the same."""
    ward.answers.region = "eu-west-1"
    for part in ("api", "edge"):
        ward.stacks[part].pop("DriftInformation")
    assert ward.run() == 0
    assert ward.said[0] == "account 123456789012, eu-west-1, stage dev"
    remedies = [line.split()[-3:] for line in ward.said if "detect-stack-drift" in line]
    assert remedies == [
        ["items-dev-edge", "--region", "us-east-1"],
        ["items-dev-api", "--region", "eu-west-1"],
    ]
    elsewhere = {service for service, region in ward.answers.places if region != "eu-west-1"}
    assert elsewhere == {"acm", "cloudformation"}


def test_stage_of_chalice_deploy(ward: Ward) -> None:
    del ward.stacks["api"]
    deployed = ward.project / ".chalice" / "deployed" / "dev.json"
    deployed.parent.mkdir()
    deployed.write_text('{"resources": [{"resource_type": "rest_api", "rest_api_id": "abc"}]}')
    found = {each["name"]: each for each in ward.findings()}
    assert found["version"]["state"] == "note"
    assert found["version"]["found"].startswith("deployed by `chalice deploy`")
    assert found["429s"] == {
        "state": "unknown",
        "name": "429s",
        "do": "",
        "found": "the gateway writes no access log, in which they are counted",
    }


def test_stage_that_is_not_deployed(ward: Ward, capsys: pytest.CaptureFixture[str]) -> None:
    ward.stacks.clear()
    assert ward.run() == 2
    assert "there is no stack items-dev-data; deploy it first" in capsys.readouterr().err


#: A right of each check, and the name of the finding that is unknown without it.
RIGHTS = {
    "sns:ListSubscriptionsByTopic": "paging",
    "cloudformation:ListStackResources": "alarms",
    "cloudwatch:DescribeAlarms": "alarms",
    "apigateway:GetRestApi": "watched names",
    "lambda:GetAlias": "version",
    "lambda:ListVersionsByFunction": "version",
    "lambda:GetFunctionConcurrency": "Lambda quota",
    "lambda:GetAccountSettings": "Lambda quota",
    "apigateway:GetStage": "gateway throttles",
    "apigateway:GetAccount": "gateway throttles",
    "dynamodb:DescribeContinuousBackups": "recovery",
    "dynamodb:ListTagsOfResource": "drill",
    "backup:ListRecoveryPointsByResource": "copies",
    "acm:DescribeCertificate": "certificate",
    "logs:DescribeLogGroups": "logs",
}


@pytest.mark.parametrize("right", RIGHTS)
def test_denied_right_is_unknown_and_named(right: str, ward: Ward) -> None:
    ward.answers[right] = denied(right)
    findings = ward.findings()
    (unknown,) = [each for each in findings if each["state"] == "unknown"]
    assert (unknown["name"], unknown["found"]) == (RIGHTS[right], f"AWS denies {right}")
    assert right in unknown["do"]
    assert {"bad", "note"}.isdisjoint(each["state"] for each in findings)
    assert (ward.run(), ward.run("--strict")) == (0, 1)


def test_denied_metrics_hide_load_and_throttles(ward: Ward) -> None:
    right = "cloudwatch:GetMetricData"
    ward.answers[right] = denied(right)
    unknown = {each["name"] for each in ward.findings() if each["state"] == "unknown"}
    assert unknown == {"load", "table throttles"}


def test_without_any_right_it_fails(ward: Ward, capsys: pytest.CaptureFixture[str]) -> None:
    for right in [each for each in ward.answers if each != "sts:GetCallerIdentity"]:
        ward.answers[right] = denied(right)
    findings = ward.findings()
    assert {each["state"] for each in findings} == {"unknown"}
    assert {each["name"] for each in findings} == set(CHECKS)
    assert ward.run() == 1
    assert f"0 bad and {len(CHECKS)} unknown of {len(CHECKS)}" in capsys.readouterr().err


def test_json_is_all_of_standard_output(ward: Ward) -> None:
    assert ward.run("--json") == 0
    (text,) = ward.said
    content = json.loads(text)
    assert content["account"] == "123456789012"
    assert (content["region"], content["stage"]) == ("us-east-1", "dev")


def test_throttles_are_the_deployed_ones(ward: Ward) -> None:
    """The parameters say 200; somebody has lowered the stage's by hand."""
    ward.answers["apigateway:GetStage"] = throttles(15, 10)
    (finding,) = [each for each in ward.findings() if each["state"] == "bad"]
    assert finding["found"] == "10.0/s at the busiest minute, of 15 for a method"


def test_documented_output_is_of_a_first_release(ward: Ward) -> None:
    for case in ("unconfirmed reader", "new account", "new table", "never drilled"):
        ILL[case][0](ward)
    ward.values.clear()
    ward.run()
    documented = page.output("doctor --stage dev")
    assert ward.said[: len(documented)] == documented
    assert {line.split()[0] for line in ward.said[len(documented) :]} == {"ok"}


def test_documented_rights_are_those_that_are_used(ward: Ward) -> None:
    ward.stacks["api"]["DriftInformation"] = {"StackDriftStatus": "DRIFTED"}
    ward.answers["cloudformation:DescribeStackResourceDrifts"] = {"StackResourceDrifts": []}
    ward.run()
    # The gateway's rights are those of HTTP.
    called = {re.sub(r"^apigateway:.*", "apigateway:GET", each) for each in ward.answers.called}
    assert set(page.statement("doctor")["Action"]) == called - {"sts:GetCallerIdentity"}
