"""Requirements of infra/templates/edge.yaml."""

import json
from http import HTTPStatus
from typing import Any

import pytest

from chalicelib.errors import problem_body
from infra.function.gateway_responses import RESPONSES
from tools.templates import load

TEMPLATE = load("edge.yaml")
RESOURCES, PARAMETERS = TEMPLATE["Resources"], TEMPLATE["Parameters"]
ACL: dict[str, Any] = RESOURCES["WebAcl"]["Properties"]
RULES = {rule["Name"]: rule for rule in ACL["Rules"]}


def test_the_site_takes_what_comes_out() -> None:
    assert set(TEMPLATE["Outputs"]) <= set(load("site.yaml")["Parameters"])
    assert set(TEMPLATE["Outputs"]) == {
        *("CertificateArn", "DomainName", "HostedZoneId", "WebAclArn")
    }
    for output in TEMPLATE["Outputs"].values():
        assert output["Condition"] in TEMPLATE["Conditions"]


def test_the_certificate_is_validated_in_the_zone() -> None:
    certificate = RESOURCES["Certificate"]
    assert certificate["Condition"] == "OwnName"
    assert certificate["Properties"]["ValidationMethod"] == "DNS"
    (validation,) = certificate["Properties"]["DomainValidationOptions"]
    assert validation["HostedZoneId"] == {"Ref": "HostedZoneId"}
    # Otherwise it would wait for days for somebody to do it.
    assert "HostedZoneId" in json.dumps(TEMPLATE["Rules"]["DomainNameHasZone"]["Assertions"])


def test_edge_firewall_is_on_by_default() -> None:
    assert ACL["Scope"] == "CLOUDFRONT"
    assert ACL["DefaultAction"] == {"Allow": {}}
    assert PARAMETERS["Firewall"]["Default"] == "true"
    for name in ("WebAcl", "WebAclLog", "WebAclLogging"):
        assert RESOURCES[name]["Condition"] == "Protected"


def test_addresses_are_limited_first() -> None:
    assert PARAMETERS["RequestsPerAddress"]["Default"] == 2000
    rule = RULES["requests-per-address"]
    assert rule["Statement"]["RateBasedStatement"] == {
        "AggregateKeyType": "IP",
        "EvaluationWindowSec": 300,
        "Limit": {"Ref": "RequestsPerAddress"},
    }
    assert rule["Priority"] == min(each["Priority"] for each in RULES.values())


def test_edge_429_equals_the_429_of_the_api() -> None:
    answer = RULES["requests-per-address"]["Action"]["Block"]["CustomResponse"]
    body = ACL["CustomResponseBodies"][answer["CustomResponseBodyKey"]]
    assert answer["ResponseCode"] == HTTPStatus.TOO_MANY_REQUESTS
    assert body["ContentType"] == "APPLICATION_JSON"
    expected = json.loads(problem_body(429, "", RESPONSES["THROTTLED"].detail))
    del expected["instance"]  # WAF has no request id
    assert json.loads(body["Content"]) == expected
    (header,) = answer["ResponseHeaders"]
    assert header["Name"] == "Retry-After"
    assert int(header["Value"]) > 0


@pytest.mark.parametrize(
    ("rule", "group"),
    [
        ("reputation", "AWSManagedRulesAmazonIpReputationList"),
        ("known-bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet"),
    ],
)
def test_the_managed_rules_block(rule: str, group: str) -> None:
    assert RULES[rule]["OverrideAction"] == {"None": {}}
    statement = RULES[rule]["Statement"]["ManagedRuleGroupStatement"]
    assert (statement["VendorName"], statement["Name"]) == ("AWS", group)


def test_content_rules_are_left_to_the_api() -> None:
    assert "AWSManagedRulesCommonRuleSet" not in json.dumps(RULES)


def test_log_omits_tokens_and_allowed_requests() -> None:
    for each in (ACL, *RULES.values()):
        # A sample shows the full headers, even redacted headers.
        assert each["VisibilityConfig"]["SampledRequestsEnabled"] is False
        assert each["VisibilityConfig"]["CloudWatchMetricsEnabled"] is True
    logging = RESOURCES["WebAclLogging"]["Properties"]
    redacted = {field["SingleHeader"]["Name"] for field in logging["RedactedFields"]}
    assert redacted == {"authorization", "cookie"}
    assert logging["LoggingFilter"]["DefaultBehavior"] == "DROP"
    (kept,) = logging["LoggingFilter"]["Filters"]
    actions = {each["ActionCondition"]["Action"] for each in kept["Conditions"]}
    assert (kept["Behavior"], actions) == ("KEEP", {"BLOCK", "COUNT"})
    group = RESOURCES["WebAclLog"]["Properties"]
    assert group["LogGroupName"]["Fn::Sub"].startswith("aws-waf-logs-${FunctionName}")
    assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_every_parameter_is_explained() -> None:
    for parameter in PARAMETERS.values():
        assert parameter["Description"]
    assert [name for name, each in PARAMETERS.items() if "Default" not in each] == ["FunctionName"]
