"""Roll back while CodeDeploy shifts traffic; tests/e2e/test_release.py has the rest."""

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
    """CloudFormation, CodeDeploy, and no Lambda: a rollback that calls Lambda fails the test."""
    return {name: boto3.client(name) for name in ("cloudformation", "codedeploy")}


def test_roll_back_during_canary_stops_it(clients: dict[str, Any]) -> None:
    formation, deploy = (Stubber(client) for client in clients.values())
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
    with formation, deploy:
        roll_back(Stage(PROJECT, "prod"), clients, said.append)
    deploy.assert_no_pending_responses()
    assert "stopped deployment d-1" in said[0]
