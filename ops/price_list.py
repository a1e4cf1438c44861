"""Read AWS's price list, and write a region's prices into tools/prices.json.

A product is found by its service and usage type. In most regions a usage type has the region in
front, as in EUC1-ApiGatewayRequest.
"""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from ops.errors import OpsError
from ops.tools import Tools
from tools import prices
from tools.prices import HOME
from tools.project import PYTHON

if TYPE_CHECKING:
    from types_boto3_pricing import PricingClient

#: The price list has an endpoint in few regions, with the prices of all.
ENDPOINT = "us-east-1"
SOURCE = "AWS's price list (pricing:GetProducts), on demand."


class Product(NamedTuple):
    """A product of the price list. Our price is for `units` of its units."""

    service: str
    usage: str
    units: int = 1
    operation: str = ""


_MILLION = 1_000_000
_function = partial(Product, "AWSLambda")
_table = partial(Product, "AmazonDynamoDB")
_balancer = partial(Product, "AWSELB", operation="LoadBalancing:Application")
PRODUCTS: Mapping[str, Product] = {
    "api_gateway_million_requests": Product("AmazonApiGateway", "ApiGatewayRequest", _MILLION),
    "http_api_million_requests": Product("AmazonApiGateway", "ApiGatewayHttpRequest", _MILLION),
    "lambda_million_requests": _function("Request-ARM", _MILLION),
    "lambda_gb_second_arm64": _function("Lambda-GB-Second-ARM"),
    "lambda_gb_second_x86_64": _function("Lambda-GB-Second"),
    "lambda_provisioned_gb_second_arm64": _function("Lambda-Provisioned-Concurrency-ARM"),
    "lambda_provisioned_gb_second_x86_64": _function("Lambda-Provisioned-Concurrency"),
    "lambda_provisioned_duration_gb_second_arm64": _function("Lambda-Provisioned-GB-Second-ARM"),
    "lambda_provisioned_duration_gb_second_x86_64": _function("Lambda-Provisioned-GB-Second"),
    "dynamodb_million_reads": _table("ReadRequestUnits", _MILLION),
    "dynamodb_million_writes": _table("WriteRequestUnits", _MILLION),
    "dynamodb_gb": _table("TimedStorage-ByteHrs"),
    "dynamodb_read_unit_hour": _table("ReadCapacityUnit-Hrs", operation="CommittedThroughput"),
    "dynamodb_write_unit_hour": _table("WriteCapacityUnit-Hrs", operation="CommittedThroughput"),
    "dynamodb_recovery_gb": _table("TimedPITRStorage-ByteHrs"),
    "dynamodb_restore_gb": _table("RestoreDataSize-Bytes"),
    "backup_gb": Product("AWSBackup", "WarmStorage-ByteHrs-DynamoDB"),
    "logs_gb": Product("AmazonCloudWatch", "DataProcessing-Bytes"),
    "metric": Product("AmazonCloudWatch", "CW:MetricMonitorUsage"),
    "alarm": Product("AmazonCloudWatch", "CW:AlarmMonitorUsage"),
    "composite_alarm": Product("AmazonCloudWatch", "CW:CompositeAlarmMonitorUsage"),
    "million_traces": Product("AWSXRay", "XRay-TracesStored", _MILLION),
    "web_acl": Product("awswaf", "WebACLV2"),
    "web_acl_rule": Product("awswaf", "RuleV2"),
    "web_acl_million_requests": Product("awswaf", "RequestV2-Tier1", _MILLION),
    "s3_gb": Product("AmazonS3", "TimedStorage-ByteHrs"),
    "cognito_user": Product("AmazonCognito", "CognitoEssentialsMAU"),
    "cognito_lite_user": Product("AmazonCognito", "CognitoLiteMAU"),
    "kms_key": Product("awskms", "KMS-Keys"),
    "fargate_vcpu_hour": Product("AmazonECS", "Fargate-ARM-vCPU-Hours:perCPU"),
    "fargate_gb_hour": Product("AmazonECS", "Fargate-ARM-GB-Hours"),
    "load_balancer_hour": _balancer("LoadBalancerUsage"),
    "load_balancer_unit_hour": _balancer("LCUUsage"),
    "ipv4_hour": Product("AmazonVPC", "PublicIPv4:InUseAddress"),
}


def refresh(tools: Tools, region: str) -> None:
    """Write a region's prices. Raises `OpsError` if the list lacks all of them.

    A price that is not found exactly once keeps its value, and is reported.
    """
    client = tools.client("pricing", ENDPOINT)
    tiers: dict[str, dict[str, str]] = {}
    services = sorted({product.service for product in PRODUCTS.values()})
    entries = {service: list(_entries(client, service, region)) for service in services}
    for name, product in PRODUCTS.items():
        found = [
            _tiers(each, product)
            for each in entries[product.service]
            if _is(each["product"]["attributes"], product, region)
        ]
        priced = [each for each in found if each]
        if len(priced) == 1:
            tiers[name] = priced[0]
        else:
            tools.report(
                f"warning: {name}: {len(priced)} products of {product.service} have the usage "
                f"type {product.usage} in {region}; the price stays as it is"
            )
    if not tiers:
        raise OpsError(f"the price list has no price of {region}: check the region")
    _write(region, f"{tools.now():%Y-%m}", tiers)
    tools.report(f"wrote {len(tiers)} prices of {region} to {prices.FILE.name}")
    if region == HOME:
        tools.report(f"now run {PYTHON} -m infra documents; tests name the other places")


def _entries(client: "PricingClient", service: str, region: str) -> Iterator[Any]:
    """Yield the price list's products of a service in a region."""
    pages = client.get_paginator("get_products").paginate(
        ServiceCode=service,
        Filters=[{"Type": "TERM_MATCH", "Field": "regionCode", "Value": region}],
        FormatVersion="aws_v1",
    )
    for page in pages:
        yield from map(json.loads, page["PriceList"])


def _is(attributes: Mapping[str, str], product: Product, region: str) -> bool:
    # IA: DynamoDB's infrequent access. TS: load balancers' trust stores.
    prefix = rf"(?:(?!IA-|TS-)[A-Z][A-Z0-9]+-|{re.escape(region)}-)?"
    usage = attributes.get("usagetype", "")
    if not re.fullmatch(prefix + re.escape(product.usage), usage):
        return False
    return not product.operation or attributes.get("operation") == product.operation


def _tiers(entry: Any, product: Product) -> dict[str, str]:
    """Return the prices by the units beyond which they hold, in our units.

    A price of 0 is an allowance, which the file has elsewhere.
    """
    found: dict[Decimal, Decimal] = {}
    for term in entry["terms"].get("OnDemand", {}).values():
        for dimension in term["priceDimensions"].values():
            price = Decimal(dimension["pricePerUnit"]["USD"])
            if price:
                found[Decimal(dimension["beginRange"]) / product.units] = price * product.units
    starts = sorted(found)
    return {
        _text(start if at else Decimal(0)): _text(found[start]) for at, start in enumerate(starts)
    }


def _text(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _write(region: str, as_of: str, tiers: Mapping[str, Mapping[str, str]]) -> None:
    content = json.loads(prices.FILE.read_text())
    known = content["regions"].get(region, {"usd": {}})["usd"]
    flat = {name: value["0"] if len(value) == 1 else value for name, value in tiers.items()}
    content["regions"][region] = {"as_of": as_of, "source": SOURCE, "usd": {**known, **flat}}
    prices.FILE.write_text(json.dumps(content, indent=2) + "\n")
    prices.forget()
