"""Roll back, with and without a canary under way; tests/e2e/test_release.py has the rest."""

from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from infra.release import roll_back
from infra.stage import PROJECT, Stage

STACK = "items-prod-api"


def named(logical_id: str) -> dict[str, Any]:
    """Return CloudFormation's description of a resource."""
    return {
        "StackResourceDetail": {
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": f"{logical_id}-1",
            "ResourceType": "AWS::CodeDeploy::Any",
            "LastUpdatedTimestamp": 0,
            "ResourceStatus": "CREATE_COMPLETE",
        }
    }


@pytest.fixture
def clients() -> dict[str, Any]:
    return {name: boto3.client(name) for name in ("cloudformation", "codedeploy", "lambda")}


def test_roll_back_during_canary_stops_it(clients: dict[str, Any]) -> None:
    formation, deploy, functions = (Stubber(client) for client in clients.values())
    application, group = "ServerlessDeploymentApplication", "APIHandlerDeploymentGroup"
    for logical_id in (application, group):
        request = {"StackName": STACK, "LogicalResourceId": logical_id}
        formation.add_response("describe_stack_resource", named(logical_id), request)
    under_way = {
        "applicationName": f"{application}-1",
        "deploymentGroupName": f"{group}-1",
        "includeOnlyStatuses": ANY,
    }
    deploy.add_response("list_deployments", {"deployments": ["d-1"]}, under_way)
    # Without the automatic rollback, the alias would keep the canary's share.
    stop = {"deploymentId": "d-1", "autoRollbackEnabled": True}
    deploy.add_response("stop_deployment", {"status": "Pending"}, stop)
    said: list[str] = []
    with formation, deploy, functions:  # where no call of Lambda is expected
        roll_back(Stage(PROJECT, "prod"), clients, said.append)
    deploy.assert_no_pending_responses()
    assert "stopped deployment d-1" in said[0]


def test_roll_back_goes_to_previous_version(clients: dict[str, Any]) -> None:
    formation, functions = Stubber(clients["cloudformation"]), Stubber(clients["lambda"])
    for _ in range(2):
        formation.add_client_error(
            "describe_stack_resource", "ValidationError", f"{STACK} does not exist"
        )
    alias = {"FunctionName": "items-prod", "Name": "live"}
    versions = [{"Version": each} for each in ("$LATEST", "2", "10", "9", "11")]
    for _ in range(2):
        functions.add_response("get_alias", {"FunctionVersion": "10"}, alias)
    functions.add_response(
        "list_versions_by_function", {"Versions": versions}, {"FunctionName": ANY}
    )
    # All of the traffic: a weight that a canary left would stay without the empty mapping.
    change = {**alias, "FunctionVersion": "9", "RoutingConfig": {"AdditionalVersionWeights": {}}}
    functions.add_response("update_alias", {}, change)
    functions.add_response("get_alias", {"FunctionVersion": "9"}, alias)
    said: list[str] = []
    with formation, functions:
        roll_back(Stage(PROJECT, "prod"), clients, said.append)
    functions.assert_no_pending_responses()
    assert said == ["version 9 of items-prod is live, instead of 10"]
