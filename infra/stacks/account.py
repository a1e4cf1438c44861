"""The stack that an account needs once before any deployment: `account.yaml`.

An administrator deploys it. It defines the permissions for all later deployments.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chalice.package import YAMLTemplateSerializer

from infra.cloudformation.stack import Stack
from infra.permissions import deployer
from infra.permissions.terms import Place, Policy
from infra.stage import application_name
from tools.progress import Report
from tools.project import PROJECT

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient

TEMPLATE = PROJECT / "infra" / "templates" / "account.yaml"


def stack_name() -> str:
    """Return the name of the account's stack, which belongs to no stage."""
    return f"{application_name(PROJECT)}-account"


def subjects(repository: str, environments: Sequence[str]) -> str:
    """Return the parameter `Subjects` for jobs of these environments of one GitHub repository.

    `repository` is as GitHub writes it into its tokens: OWNER@ID/NAME@ID for repositories created,
    renamed or transferred after 15 July 2026, OWNER/NAME for older repositories.
    https://docs.github.com/en/actions/reference/security/oidc#immutable-subject-claims
    """
    return ",".join(f"repo:{repository}:environment:{each}" for each in environments)


def template() -> str:
    """Return the template with the deployer's policies, attached to the pipeline's role if any."""
    content: dict[str, Any] = YAMLTemplateSerializer().load_template(TEMPLATE.read_text())
    place = Place(
        partition="${AWS::Partition}",
        region="${AWS::Region}",
        account="${AWS::AccountId}",
        name=application_name(PROJECT),
        artefacts="${Artefacts.Arn}",
        boundary="${Boundary}",
        zone="${HostedZoneId}",
    )
    resources, outputs = content["Resources"], content["Outputs"]
    resources["Boundary"] = _managed_policy(
        "The most that a deployment's role can do", deployer.boundary(place)
    )
    outputs["BoundaryArn"] = {"Value": {"Ref": "Boundary"}}
    for part, policy in deployer.policies(place).items():
        resource = _managed_policy(f"What deploying needs: {part}", policy)
        resource["Properties"]["Roles"] = {
            "Fn::If": ["Pipeline", [{"Ref": "DeployRole"}], {"Ref": "AWS::NoValue"}]
        }
        output: dict[str, Any] = {"Value": {"Ref": f"Deployer{part}"}}
        if part == deployer.NAMES:
            resource["Condition"] = output["Condition"] = "OwnZone"
        resources[f"Deployer{part}"], outputs[f"Deployer{part}"] = resource, output
    return json.dumps(content, separators=(",", ":"))


def deploy(
    client: "CloudFormationClient",
    parameters: Mapping[str, str],
    report: Report = print,
) -> dict[str, str]:
    """Create or update the account's stack, and return its outputs."""
    stack = Stack(client, stack_name(), report)
    return stack.deploy(template(), parameters)


def _managed_policy(description: str, policy: Policy) -> dict[str, Any]:
    properties = {"Description": description, "PolicyDocument": _substitute(policy)}
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}


def _substitute(part: Any) -> Any:
    """Return the part with Fn::Sub around every text that contains a reference."""
    if isinstance(part, dict):
        return {key: _substitute(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_substitute(value) for value in part]
    return {"Fn::Sub": part} if isinstance(part, str) and "${" in part else part
