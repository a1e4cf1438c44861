"""`.venv/bin/python -m ops doctor`: a healthy stage, other stages, rights and documents."""

import json
import re

import pytest

from ops.doctor import CHECKS
from tests.integration.ops import page
from tests.integration.ops.conftest import TABLE, record_chalice_deployment
from tests.integration.ops.doctor import test_backups, test_load, test_paging
from tests.integration.ops.doctor.conftest import Ward
from tests.integration.ops.remedies import load_template
from tests.integration.ops.responses import denied


def test_healthy_stage_is_ok(ward: Ward, capsys: pytest.CaptureFixture[str]) -> None:
    assert ward.run("--strict") == 0
    assert ward.lines == [
        "account 123456789012, us-east-1, stage dev",
        "ok       paging: alarms are sent to duty@example.com",
        "ok       alarms: 3 exist, are on and are calm",
        f"ok       watched names: the alarms watch TableName {TABLE}",
        "ok       watched names: the alarms watch ApiName items-dev",
        "ok       stacks: deployed: items-dev-api, items-dev-data, items-dev-edge, "
        "items-dev-monitoring",
        *(
            f"ok       drift: items-dev-{part} was as its template is on 2026-01-30T09:30:00.000Z"
            for part in ("edge", "monitoring", "api", "data")
        ),
        "ok       version: 7 is live, alone, with 1024 MB",
        "ok       requests: 10.0/s in the busiest minute of 14 days, 30 ms each",
        "ok       Lambda: concurrency 1000, so 10000 requests/s",
        "ok       our throttle of PUT /items: 100/s, reached at 667 requests/s",
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


def test_stage_matches_its_templates(ward: Ward) -> None:
    for part, stack in ward.stacks.items():
        template = load_template(part)
        parameters = {parameter["ParameterKey"] for parameter in stack["Parameters"]}
        assert parameters <= set(template["Parameters"])
        # `chalice package` adds this output.
        outputs = {output["OutputKey"] for output in stack["Outputs"]} - {"RestAPIId"}
        assert outputs <= set(template["Outputs"])


def test_new_stage_has_no_figures(ward: Ward) -> None:
    """The absence of requests is no proof of health."""
    ward.values.clear()
    findings = ward.findings()
    notes = {note["name"]: note["found"] for note in findings if note["state"] == "note"}
    assert notes == {
        "requests": "no request in 14 days: the mix is that of docs/load.md",
        "table throttles": "the table was not used in 14 days",
    }
    assert "429s" not in {finding["name"] for finding in findings}


def test_regional_stage_has_global_certificate(ward: Ward) -> None:
    """Its certificate and the certificate's stack are in us-east-1."""
    ward.responses.region = "eu-west-1"
    for part in ("api", "edge"):
        ward.stacks[part].pop("DriftInformation")
    assert ward.run() == 0
    assert ward.lines[0] == "account 123456789012, eu-west-1, stage dev"
    remedies = [line for line in ward.lines if "infra" not in line and "do: " in line]
    assert remedies == [f"{'':8} do: .venv/bin/python -m ops doctor --stage dev --drift"] * 2
    elsewhere = {service for service, region in ward.responses.places if region != "eu-west-1"}
    assert elsewhere == {"acm", "cloudformation"}


def test_chalice_stage_has_no_version_or_429s(ward: Ward) -> None:
    del ward.stacks["api"]
    record_chalice_deployment(ward.project)
    findings = {finding["name"]: finding for finding in ward.findings()}
    assert findings["version"]["state"] == "note"
    assert findings["version"]["found"].startswith("deployed by `chalice deploy`")
    # `chalice deploy` names the API after the application, and a release after the function.
    assert ward.read["Count"] == [{"ApiName": "items"}]
    assert findings["429s"] == {
        "state": "unknown",
        "name": "429s",
        "do": "",
        "found": "the gateway has no access log, which counts them",
    }


def test_undeployed_stage_is_an_error(ward: Ward, capsys: pytest.CaptureFixture[str]) -> None:
    ward.stacks.clear()
    assert ward.run() == 2
    assert "no stack items-dev-data: run `" in capsys.readouterr().err


#: A right of each check, and the name of the finding that is unknown without it.
RIGHTS = {
    "sns:ListSubscriptionsByTopic": "paging",
    "cloudformation:ListStackResources": "alarms",
    "cloudwatch:DescribeAlarms": "alarms",
    "apigateway:GetRestApi": "watched names",
    "lambda:GetAlias": "version",
    "lambda:ListVersionsByFunction": "version",
    "lambda:GetFunctionConcurrency": "Lambda",
    "lambda:GetAccountSettings": "Lambda",
    "apigateway:GetStage": "our throttles",
    "apigateway:GetAccount": "API Gateway",
    "dynamodb:DescribeContinuousBackups": "recovery",
    "dynamodb:ListTagsOfResource": "drill",
    "backup:ListRecoveryPointsByResource": "copies",
    "acm:DescribeCertificate": "certificate",
    "logs:DescribeLogGroups": "logs",
}


@pytest.mark.parametrize("right", RIGHTS)
def test_denied_right_is_unknown_and_named(right: str, ward: Ward) -> None:
    ward.responses[right] = denied(right)
    findings = ward.findings()
    (unknown,) = [finding for finding in findings if finding["state"] == "unknown"]
    assert (unknown["name"], unknown["found"]) == (RIGHTS[right], f"AWS denies {right}")
    assert right in unknown["do"]
    assert {"bad", "note"}.isdisjoint(finding["state"] for finding in findings)
    assert (ward.run(), ward.run("--strict")) == (0, 1)


def test_stage_without_rights_fails(ward: Ward, capsys: pytest.CaptureFixture[str]) -> None:
    for right in [right for right in ward.responses if right != "sts:GetCallerIdentity"]:
        ward.responses[right] = denied(right)
    findings = ward.findings()
    assert {finding["state"] for finding in findings} == {"unknown"}
    assert {finding["name"] for finding in findings} == set(CHECKS)
    assert ward.run() == 1
    assert f"0 bad and {len(CHECKS)} unknown of {len(CHECKS)}" in capsys.readouterr().err


def test_json_is_all_of_standard_output(ward: Ward) -> None:
    assert ward.run("--json") == 0
    (text,) = ward.lines
    content = json.loads(text)
    assert content["account"] == "123456789012"
    assert (content["region"], content["stage"]) == ("us-east-1", "dev")


def test_documented_output_is_of_a_first_release(ward: Ward) -> None:
    for case in (
        test_paging.ILL["unconfirmed reader"],
        test_load.ILL["new account"],
        test_backups.ILL["new table"],
        test_backups.ILL["never drilled"],
    ):
        case.change(ward)
    ward.values.clear()
    ward.run()
    documented = page.output("doctor --stage dev")
    assert ward.lines[: len(documented)] == documented
    assert {line.split()[0] for line in ward.lines[len(documented) :]} == {"ok"}


def test_documented_rights_are_the_used_rights(ward: Ward) -> None:
    ward.stacks["api"]["DriftInformation"] = {"StackDriftStatus": "DRIFTED"}
    ward.responses["cloudformation:DescribeStackResourceDrifts"] = {"StackResourceDrifts": []}
    ward.run()
    # The gateway's rights are named by HTTP's methods.
    called = {re.sub(r"^apigateway:.*", "apigateway:GET", name) for name in ward.responses.called}
    assert set(page.statement("doctor")["Action"]) == called - {"sts:GetCallerIdentity"}
