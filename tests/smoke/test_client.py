"""Which client the deployed function has for DynamoDB. Its log tells."""

import secrets

import httpx
import pytest
from botocore.exceptions import ClientError

from infra.stage import Stage
from tests.smoke.conftest import Observed
from tests.smoke.deployed import RELEASED, Deployed
from tests.smoke.environment import environment_log
from tools.project import PROJECT


@pytest.mark.needs(RELEASED)
def test_own_client_responds(
    deployed: Deployed, api: httpx.Client, way: str, observed: Observed
) -> None:
    """Fails if the SDK took over. Reports which client was chosen, or why that is not known."""
    correlation = f"smoke-client-{secrets.token_hex(8)}"
    assert api.get("/items", headers={"X-Correlation-Id": correlation}).status_code == 200
    function = Stage.load(PROJECT, deployed.stage).function_name
    what = f"the client for DynamoDB, by the {way}"
    try:
        log = environment_log(deployed.client_of("logs"), function, correlation)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        observed[what] = "not known: these credentials may not read the function's log"
        return
    taken_over = [line["reason"] for line in log if line["message"] == "the SDK takes over"]
    assert not taken_over, f"our own client was given up: {taken_over[0]}"
    clients = [line["client"] for line in log if line["message"] == "started"]
    observed[what] = clients[-1] if clients else "not known: its start is in another log stream"
