"""`ops doctor`: stacks, the live version, certificate and logs."""

from datetime import timedelta

import pytest

from tests.integration.ops.case import Case, both, respond
from tests.integration.ops.conftest import NOW
from tests.integration.ops.doctor.change import stack, without
from tests.integration.ops.doctor.conftest import Ward, certificate, logs, versions

ILL: dict[str, Case] = {
    "failed stack": Case(
        *(stack("api", StackStatus="UPDATE_ROLLBACK_COMPLETE"), "bad", "stacks"),
        *("items-dev-api is UPDATE_ROLLBACK_COMPLETE", "see docs/updates.md#stuck-stacks"),
    ),
    "stuck stack": Case(
        *(stack("data", StackStatus="UPDATE_ROLLBACK_FAILED"), "bad", "stacks"),
        *("items-dev-data is UPDATE_ROLLBACK_FAILED", "see docs/updates.md#stuck-stacks"),
    ),
    "deployment under way": Case(
        *(stack("api", StackStatus="UPDATE_IN_PROGRESS"), "note", "stacks"),
        *("items-dev-api is UPDATE_IN_PROGRESS", ""),
    ),
    "canary left": Case(
        respond(
            "lambda:GetAlias",
            {
                "FunctionVersion": "7",
                "RoutingConfig": {"AdditionalVersionWeights": {"8": 0.1}},
            },
        ),
        *("bad", "version", "version 8 gets 10% of the requests, 7 the others, and no release"),
        "aws lambda update-alias --function-name items-dev --name live --routing-config",
    ),
    "after a rollback": Case(
        both(
            respond("lambda:GetAlias", {"FunctionVersion": "6"}),
            respond("lambda:ListVersionsByFunction", versions(latest=1024, sixth=512)),
        ),
        *("ok", "version", "6 is live, alone, with 512 MB", ""),
    ),
    "canary under way": Case(
        both(
            stack("api", StackStatus="UPDATE_IN_PROGRESS"),
            respond(
                "lambda:GetAlias",
                {
                    "FunctionVersion": "7",
                    "RoutingConfig": {"AdditionalVersionWeights": {"8": 0.1}},
                },
            ),
        ),
        *("note", "version", "version 8 gets 10% of the requests, 7 the others: a release", ""),
    ),
    "trial not undone": Case(
        *(respond("lambda:ListVersionsByFunction", versions(latest=256)), "bad", "version"),
        "$LATEST has 256 MB and the newest version 7 1024",
        "aws lambda update-function-configuration --function-name items-dev --memory-size 1024",
    ),
    "not released": Case(without("api"), "note", "version", "stage dev is not released yet", ""),
    "certificate ends": Case(
        respond(
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
    "certificate not valid": Case(
        respond("acm:DescribeCertificate", certificate(NOW, Status="VALIDATION_TIMED_OUT")),
        *("bad", "certificate", "items.example.com is VALIDATION_TIMED_OUT", "aws acm"),
    ),
    "no certificate": Case(without("edge"), "ok", "certificate", "the site has CloudFront's", ""),
    "logs for ever": Case(
        *(respond("logs:DescribeLogGroups", logs("/aws/lambda/items-dev", days=None)), "bad"),
        *("logs", "/aws/lambda/items-dev is kept, and paid for, without end"),
        "put-retention-policy --log-group-name /aws/lambda/items-dev --retention-in-days 30",
    ),
    "no log": Case(
        *(respond("logs:DescribeLogGroups", logs("/aws/lambda/other")), "bad", "logs"),
        *("/aws/lambda/items-dev is missing", "infra data --stage dev"),
    ),
}


@pytest.mark.parametrize("case", ILL)
def test_case_has_its_finding(case: str, ward: Ward) -> None:
    ILL[case].assert_found(ward)
