"""The price list: products by usage type, tiers, and the file that a refresh writes."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ops import price_list
from ops.errors import OpsError
from ops.price_list import PRODUCTS
from ops.tools import Tools
from tests.clients import clients_of
from tools import prices
from tools.prices import HOME

NOW = datetime(2027, 2, 3, tzinfo=UTC)
SERVICES = sorted({product.service for product in PRODUCTS.values()})
#: The prefixes of a region's usage types.
PREFIX = {HOME: "USE1-", "eu-west-1": "EU-", "ap-northeast-2": "APN2-"}


def entry(usage: str, tiers: Mapping[str, str], operation: str = "") -> str:
    """Return a product of the list as JSON."""
    dimensions = {
        f"r{at}": {
            "unit": "Requests",
            "beginRange": start,
            "endRange": "Inf",
            "pricePerUnit": {"USD": price},
        }
        for at, (start, price) in enumerate(tiers.items())
    }
    attributes = {"usagetype": usage, "operation": operation, "regionCode": "x"}
    terms = {"OnDemand": {"a.b": {"priceDimensions": dimensions}}}
    return json.dumps({"product": {"sku": "a", "attributes": attributes}, "terms": terms})


def listed(service: str, region: str, price: str = "2.0") -> list[str]:
    """Return all products that the file has of a service, each at this price."""
    return [
        entry(
            f"{region}-{product.usage}" if service == "awskms" else PREFIX[region] + product.usage,
            {"0": price},
            product.operation,
        )
        for product in PRODUCTS.values()
        if product.service == service
    ]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a copy of the price file, which the commands use in its place."""
    copy = tmp_path / "prices.json"
    copy.write_text(prices.FILE.read_text())
    monkeypatch.setattr(prices, "FILE", copy)
    prices.forget()
    yield copy
    monkeypatch.undo()
    prices.forget()


@pytest.fixture
def refresh(file: Path) -> Callable[..., list[str]]:
    """Return `refresh(region, service=[entries])`: it reads these pages and returns the lines."""
    client = boto3.client(
        "pricing", price_list.ENDPOINT, aws_access_key_id="a", aws_secret_access_key="b"
    )

    def refresh(region: str, **entries: list[str]) -> list[str]:
        lines: list[str] = []
        with Stubber(client) as stub:
            for service in SERVICES:
                request = {
                    "ServiceCode": service,
                    "Filters": [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": region}],
                    "FormatVersion": "aws_v1",
                }
                products = entries.get(service, listed(service, region))
                # Two pages, of which one may be empty.
                first, second = products[:1], products[1:]
                stub.add_response("get_products", {"PriceList": first, "NextToken": "2"}, request)
                stub.add_response(
                    "get_products", {"PriceList": second}, {**request, "NextToken": "2"}
                )
            tools = Tools(clients_of({"pricing": client}), lines.append, lambda: NOW)
            price_list.refresh(tools, region)
            stub.assert_no_pending_responses()
        return lines

    return refresh


def region_of(file: Path, region: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text())["regions"][region]
    return content


@pytest.mark.parametrize("region", PREFIX)
def test_prices_of_a_region_are_written(
    region: str, file: Path, refresh: Callable[..., list[str]]
) -> None:
    lines = refresh(region)
    assert lines[0] == f"wrote {len(PRODUCTS)} prices of {region} to prices.json"
    written = region_of(file, region)
    assert written["as_of"] == "2027-02"
    assert "price list" in written["source"]
    # Prices are for a million requests, an hour or a GB.
    assert written["usd"]["dynamodb_million_writes"] == "2000000"
    assert written["usd"]["fargate_vcpu_hour"] == "2"
    assert prices.prices(region).usd("dynamodb_gb") == 2
    assert file.read_text() == json.dumps(json.loads(file.read_text()), indent=2) + "\n"


def test_other_regions_are_unchanged(file: Path, refresh: Callable[..., list[str]]) -> None:
    before = region_of(file, HOME)
    refresh("eu-west-1")
    assert region_of(file, HOME) == before
    elsewhere = prices.prices("eu-west-1")
    assert "lambda_snapshot_gb_second" in elsewhere.borrowed
    assert "dynamodb_gb" not in elsewhere.borrowed


def test_tiers_have_our_units_and_no_allowance(
    file: Path, refresh: Callable[..., list[str]]
) -> None:
    """The gateway's 333 millions, and DynamoDB's 25 free GB."""
    gateway = {"0": "0.0000035", "333000000": "0.0000028", "1000000000": "0.00000238"}
    api = [entry("EU-ApiGatewayRequest", gateway), entry("EU-ApiGatewayHttpRequest", {"0": "1"})]
    table = [
        product
        for product in listed("AmazonDynamoDB", "eu-west-1")
        if "EU-TimedStorage" not in product
    ]
    table.append(entry("EU-TimedStorage-ByteHrs", {"0": "0.0", "25": "0.283"}))
    refresh("eu-west-1", AmazonApiGateway=api, AmazonDynamoDB=table)
    usd = region_of(file, "eu-west-1")["usd"]
    assert usd["api_gateway_million_requests"] == {"0": "3.5", "333": "2.8", "1000": "2.38"}
    assert usd["dynamodb_gb"] == "0.283"


OTHERS = [
    ("AmazonDynamoDB", entry("EU-IA-ReadRequestUnits", {"0": "9"})),
    ("AmazonDynamoDB", entry("IA-ReadRequestUnits", {"0": "9"})),
    ("AmazonDynamoDB", entry("EU-ReplWriteRequestUnits", {"0": "9"})),
    ("AmazonDynamoDB", entry("EU-ReadCapacityUnit-Hrs", {"0": "9"}, "Reserved")),
    ("AWSELB", entry("EU-TS-LoadBalancerUsage", {"0": "9"}, "LoadBalancing:Application")),
    ("AWSELB", entry("EU-LoadBalancerUsage", {"0": "9"}, "LoadBalancing:Network")),
    ("AmazonECS", entry("EU-SpotUsage-Fargate-ARM-GB-Hours", {"0": "9"})),
    ("awswaf", entry("EU-ShieldProtected-WebACLV2", {"0": "9"})),
    ("AWSXRay", entry("Global-XRay-TracesStored", {"0": "0"})),
    ("AWSLambda", entry("EU-Lambda-GB-Second-ARM-Managed", {"0": "9"})),
]


@pytest.mark.parametrize(("service", "other"), OTHERS)
def test_other_products_are_ignored(
    service: str, other: str, file: Path, refresh: Callable[..., list[str]]
) -> None:
    lines = refresh("eu-west-1", **{service: [*listed(service, "eu-west-1"), other]})
    assert len(lines) == 1
    assert "9" not in region_of(file, "eu-west-1")["usd"].values()


def test_missing_price_stays_and_is_reported(file: Path, refresh: Callable[..., list[str]]) -> None:
    lines = refresh(HOME, AWSXRay=[])
    assert lines[0] == (
        "warning: million_traces: 0 products of AWSXRay have the usage type XRay-TracesStored in "
        "us-east-1; the price stays as it is"
    )
    assert region_of(file, HOME)["usd"]["million_traces"] == "5"
    assert "infra documents" in lines[-1]


def test_ambiguous_price_is_not_guessed(file: Path, refresh: Callable[..., list[str]]) -> None:
    twice = [*listed("AWSXRay", HOME), *listed("AWSXRay", HOME, "7")]
    assert refresh(HOME, AWSXRay=twice)[0].startswith("warning: million_traces: 2 products")
    assert region_of(file, HOME)["usd"]["million_traces"] == "5"


def test_region_without_any_price_is_an_error(
    file: Path, refresh: Callable[..., list[str]]
) -> None:
    before = file.read_text()
    with pytest.raises(OpsError, match="no price of eu-west-1: check the region"):
        refresh("eu-west-1", **{service: [] for service in SERVICES})
    assert file.read_text() == before


def test_every_product_has_a_price_in_the_file() -> None:
    assert PRODUCTS.keys() <= prices.prices().tiers.keys()
