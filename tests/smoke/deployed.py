"""The deployment of a stage: its URLs and names, from its stacks' outputs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpx

from infra.aws import ClientOf, client_of
from infra.cloudformation.stack import Stack
from infra.errors import Misconfigured
from infra.stage import LOCAL_STAGE, Stage
from local.cloud import become_root_of_the_local_cloud
from local.home import current_home
from tools.project import PROJECT, PYTHON

#: Each of them is there or not, and the checks say which of them they need.
AWS, RELEASED, OWN_NAME = "real AWS", "a release", "a domain name of its own"


@dataclass(frozen=True)
class Deployed:
    """A deployed stage. Addresses have no slash at the end."""

    stage: str
    region: str
    site_url: str
    #: The gateway's URL with its stage, None if it accepts only CloudFront.
    api_url: str | None
    login_url: str
    jwks_url: str
    bucket_url: str
    rest_api_id: str
    user_pool_id: str
    #: The command line's app client, and the page's.
    client_id: str
    site_client_id: str
    #: Whether a firewall sees the requests before the gateway does.
    firewall: bool
    features: frozenset[str]
    client_of: ClientOf = field(repr=False)

    @property
    def is_local(self) -> bool:
        return AWS not in self.features

    @property
    def ways(self) -> dict[str, str]:
        """Return the ways to the API, by name."""
        by_the_site = {"site": f"{self.site_url}/api"}
        return by_the_site if self.api_url is None else {"gateway": self.api_url, **by_the_site}

    def http(self, url: str, token: str | None = None) -> httpx.Client:
        """Return a client with this base URL, which the caller closes."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        parts = urlsplit(url)
        if str(parts.hostname).endswith(".localhost"):  # browsers resolve it, but Python may not
            headers["Host"] = parts.netloc
            url = f"{parts.scheme}://127.0.0.1:{parts.port}{parts.path}"
        return httpx.Client(base_url=url, headers=headers, timeout=30)

    def invoked(self) -> Iterator[str]:
        """Return the URI of each route's integration, except for the gateway's own responses."""
        gateway = self.client_of("apigateway")
        pages = gateway.get_paginator("get_resources").paginate(restApiId=self.rest_api_id)
        for resource in (each for page in pages for each in page["items"]):
            for method in resource.get("resourceMethods", {}):
                found = gateway.get_integration(
                    restApiId=self.rest_api_id, resourceId=resource["id"], httpMethod=method
                )
                if found["type"] == "AWS_PROXY":
                    yield found["uri"]


def described(name: str) -> Deployed:
    """Return the deployed stage of this name, on AWS or of `make run`.

    Raises `Misconfigured`, `LocalError`, or the SDK's errors.
    """
    stage = Stage.load(PROJECT, name)
    if name != LOCAL_STAGE:
        return of_stage(stage, client_of)
    become_root_of_the_local_cloud()
    stack = current_home().running_stack()
    endpoint: str = stack["endpoint_url"]

    def local_client_of(service: str, region: str | None = None, /) -> Any:
        return boto3.client(service, endpoint_url=endpoint, region_name=region or stack["region"])

    return of_stage(stage, local_client_of, stack)


def of_stage(stage: Stage, client_of: ClientOf, local: dict[str, Any] | None = None) -> Deployed:
    """Read the deployment with these clients. Raises `Misconfigured`, or the SDK's errors.

    `local` is the local cloud's description, because its URLs differ from AWS's."""
    formation = client_of("cloudformation")
    data, site = (
        Stack(formation, f"{stage.function_name}-{part}").outputs() for part in ("data", "site")
    )
    pool = data["UserPoolId"]
    region = pool.partition("_")[0]
    api_url, rest_api_id, features, firewall, concealed = _api(stage, formation, region)
    # CloudFront's own name comes with CloudFront's own certificate and TLS versions.
    if not site["SiteUrl"].endswith(".cloudfront.net"):
        features |= {OWN_NAME}
    addresses: dict[str, Any] = {
        "api_url": None if concealed else api_url,
        "login_url": data["LoginUrl"],
        "jwks_url": f"https://cognito-idp.{region}.amazonaws.com/{pool}/.well-known/jwks.json",
        "bucket_url": f"https://{site['BucketName']}.s3.{region}.amazonaws.com",
        "features": features | {AWS},
    }
    if local:
        endpoint = local["endpoint_url"]
        addresses = {
            "api_url": local["api_url"],
            "login_url": local["login_url"],
            "jwks_url": f"{endpoint}/{pool}/.well-known/jwks.json",
            "bucket_url": f"{endpoint}/{site['BucketName']}",
            "features": features - {OWN_NAME},
        }
    return Deployed(
        stage=stage.name,
        region=region,
        site_url=site["SiteUrl"],
        rest_api_id=rest_api_id,
        user_pool_id=pool,
        client_id=data["CommandLineClientId"],
        site_client_id=site["ClientId"],
        firewall=firewall,
        client_of=client_of,
        **addresses,
    )


def _api(stage: Stage, formation: Any, region: str) -> tuple[str, str, frozenset[str], bool, bool]:
    """Return URL, id and features: a firewall, and one that accepts only CloudFront."""
    stack = Stack(formation, stage.stack_name("api"))
    outputs = stack.outputs_if_any()
    if outputs:
        url, id = outputs["EndpointURL"].rstrip("/"), outputs["RestAPIId"]
        found = formation.describe_stacks(StackName=stack.name)["Stacks"][0].get("Parameters", [])
        given = {each["ParameterKey"]: each["ParameterValue"] for each in found}
        concealed = bool(given.get("OriginSecretArn"))
        return url, id, frozenset({RELEASED}), "WebAclName" in outputs, concealed
    made = stage.deployed_rest_api()
    if made is None:
        raise Misconfigured(
            f"stage {stage.name} has no API: run `{PYTHON} -m infra api --stage {stage.name}`"
        )
    url = f"https://{made.id}.execute-api.{region}.amazonaws.com{made.path}"
    return url, made.id, frozenset(), False, False
