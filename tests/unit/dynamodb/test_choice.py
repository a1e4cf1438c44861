"""Which client serves, and at which address."""

from collections.abc import Mapping

import pytest
from botocore.endpoint_provider import EndpointProvider
from botocore.session import get_session

from chalicelib.dynamodb import choice
from chalicelib.dynamodb.fallback import Fallback

LAMBDA = {
    "AWS_LAMBDA_FUNCTION_NAME": "items",
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "test",
}


def _set(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    for name in (*choice.ONLY_SDK, "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        if value:
            monkeypatch.setenv(name, value)
        else:
            monkeypatch.delenv(name, raising=False)


def test_endpoint_in_every_region() -> None:
    session = get_session()
    load = session.get_component("data_loader").load_service_model
    partitions = session.get_component("data_loader").load_data("partitions")
    rules = EndpointProvider(load("dynamodb", "endpoint-rule-set-1"), partitions)
    regions = {
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("dynamodb", partition)
    }
    assert len(regions) > 30
    assert {region: choice.endpoint(region) for region in regions} == {
        region: rules.resolve_endpoint(Region=region, UseFIPS=False, UseDualStack=False).url
        for region in regions
    }


def test_own_client_serves_on_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, LAMBDA)
    assert choice.serves()
    assert isinstance(choice.make_client(), Fallback)


@pytest.mark.parametrize(
    "variables",
    [
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"},
        {"AWS_ENDPOINT_URL_DYNAMODB": "https://vpce-1.dynamodb.eu-west-1.vpce.amazonaws.com/"},
        # SnapStart: credentials from this computer, not from the environment.
        {
            "AWS_ACCESS_KEY_ID": "",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9001/2021/v1",
        },
    ],
)
def test_own_client_serves_with_usual_settings(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    _set(monkeypatch, {**LAMBDA, **variables})
    assert choice.serves()


@pytest.mark.parametrize(
    "variables",
    [
        *[{name: "1"} for name in choice.ONLY_SDK],
        {"DYNAMODB_CLIENT": "sdk"},
        {"AWS_ENDPOINT_URL": "https://proxy.example/dynamodb"},
        {"AWS_ACCESS_KEY_ID": ""},
        {
            "AWS_ACCESS_KEY_ID": "",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://elsewhere.example/v1",
        },
        {"AWS_LAMBDA_FUNCTION_NAME": ""},
    ],
    ids=lambda variables: ",".join(f"{name}={value}" for name, value in variables.items()),
)
def test_sdk_serves_everywhere_else(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    _set(monkeypatch, {**LAMBDA, **variables})
    assert not choice.serves()
