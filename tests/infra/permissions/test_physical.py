"""The algorithm for generated names, held against names that CloudFormation gave in public.

The ends of two stack names (LabStack, amplify) are not known, only that they were longer.
"""

import pytest

from tests.infra.permissions.physical import physical_name


@pytest.mark.parametrize(
    ("stack", "logical_id", "name"),
    [
        # Both fit.
        ("items-prod-api", "ApiHandlerRole", "items-prod-api-ApiHandlerRole"),
        # The logical ID has less than its half, so the stack's name has the rest.
        (
            "LabStack-prewarm-d0e5b172-b1d3-4c2a",
            "CodeDeployServiceRole",
            "LabStack-prewarm-d0e5b172-b1d-CodeDeployServiceRole",
        ),
        # Both have more than their half.
        (
            "aws-sam-cli-managed-prod-pipeline-resources",
            "CloudFormationExecutionRole",
            "aws-sam-cli-managed-prod--CloudFormationExecutionRo",
        ),
        (
            "amplify-digitalassistant-lepau-sandbox",
            "agentlambdaServiceRole7EA1B2C3",
            "amplify-digitalassistant--agentlambdaServiceRole7EA",
        ),
        # Hyphens that follow each other are one.
        ("items--prod", "Role", "items-prod-Role"),
    ],
)
def test_role_name_is_cut_as_cloudformation_does(stack: str, logical_id: str, name: str) -> None:
    found = physical_name(stack, logical_id, 64)
    assert found.rpartition("-")[0] == name
    assert len(found) <= 64
