"""Choose the client: our own on a plain Lambda function, the SDK's everywhere else."""

import os
from typing import Any

from chalicelib.config import initializing_on_lambda

CONNECT_TIMEOUT, READ_TIMEOUT = 1.0, 2.0  # seconds

#: Variables that only the SDK understands. Our own client reads the others that concern it.
ONLY_SDK = (
    "AWS_PROFILE",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CREDENTIAL_EXPIRATION",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
)

#: The domains of the partitions, by the beginning of their regions' names.
DOMAINS = (
    ("cn-", "amazonaws.com.cn"),
    ("us-iso-", "c2s.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov"),
    ("eu-isoe-", "cloud.adc-e.uk"),
    ("us-isof-", "csp.hci.ic.gov"),
    ("eusc-", "amazonaws.eu"),
)


def make_client() -> Any:
    """Return a client with short timeouts that sends each request once.

    `DYNAMODB_CLIENT` set to `sdk` chooses the SDK's, for a release that does without our own.
    """
    if not serves():
        return sdk_client()
    from chalicelib.dynamodb.fallback import Fallback

    return sdk_client() if Fallback.has_taken_over else Fallback(own_client(), sdk_client)


def own_client() -> Any:
    """Return our own client for the region and the endpoint of the environment."""
    from chalicelib.dynamodb.client import Client

    region = os.environ.get("AWS_REGION") or os.environ["AWS_DEFAULT_REGION"]
    return Client(configured_endpoint() or endpoint(region), region, CONNECT_TIMEOUT, READ_TIMEOUT)


def sdk_client(**parameters: Any) -> Any:
    """Return the SDK's client. `parameters` are boto3's own."""
    from chalicelib.dynamodb import sdk

    return sdk.Client(CONNECT_TIMEOUT, READ_TIMEOUT, **parameters)


def serves() -> bool:
    """Return whether our own client supports the settings of the environment."""
    chosen = os.environ.get("DYNAMODB_CLIENT", "")
    if chosen == "sdk" or not initializing_on_lambda():
        return False
    if any(os.environ.get(name) for name in ONLY_SDK):
        return False
    if "/" in configured_endpoint().partition("://")[2].rstrip("/"):
        return False
    from chalicelib.dynamodb import credentials

    return credentials.available()


def configured_endpoint() -> str:
    """Return the URL that the environment sets for DynamoDB, empty if there is none."""
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return ""
    environment = os.environ.get
    return environment("AWS_ENDPOINT_URL_DYNAMODB") or environment("AWS_ENDPOINT_URL") or ""


def endpoint(region: str) -> str:
    """Return the URL of DynamoDB in this region."""
    domain = next((name for start, name in DOMAINS if region.startswith(start)), "amazonaws.com")
    return f"https://dynamodb.{region}.{domain}"
