"""The site after `make run` has been given another port."""

import signal
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import httpx

from tests.dynamodb_local import free_port
from tests.e2e.command import Run


def assert_served(run: Run) -> str:
    """The page and the API are at the site's address, and nothing else is; that address' host."""
    stack = run.stack
    site = urlsplit(stack["site_url"])
    assert site.port == run.port
    assert f"  Site     {stack['site_url']}\n" in run.output
    host = {"Host": site.netloc}
    told = httpx.get(f"{stack['endpoint_url']}/config.json", headers=host, timeout=30).json()
    assert told["login_url"] == stack["login_url"] == stack["endpoint_url"]
    with run.api() as api:
        found = httpx.get(
            f"{stack['endpoint_url']}/api/items",
            headers={**host, "Authorization": api.headers["authorization"]},
            timeout=30,
        )
        assert found.json() == api.get("/items").json()
    clients = {"endpoint_url": stack["endpoint_url"], "region_name": stack["region"]}
    distributions = boto3.client("cloudfront", **clients).list_distributions()
    assert distributions["DistributionList"]["Quantity"] == 1
    (client,) = [
        each
        for each in boto3.client("cognito-idp", **clients).list_user_pool_clients(
            UserPoolId=stack["user_pool_id"]
        )["UserPoolClients"]
        if each["ClientName"] == "items-local-site"
    ]
    assert client["ClientId"] == stack["site_client_id"] == told["client_id"]
    return str(site.hostname)


def test_it_moves_to_another_port(tmp_path: Path) -> None:
    hosts = []
    for _ in range(2):
        run = Run(tmp_path, free_port())
        try:
            run.start()
            hosts.append(assert_served(run))
            assert run.stop(signal.SIGINT) == 0
        finally:
            run.kill()
    assert hosts[0] == hosts[1]
