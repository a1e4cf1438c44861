"""Read the quotas of a stage and of its account that `ops.limits.Quotas` has.

Each function of `READERS` reads a field of it, named after the function.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chalicelib.table import INDEX
from ops import limits
from ops.errors import Unreadable
from ops.limits import UNITS
from ops.usage import Usage


def throttles(usage: Usage) -> dict[str, float]:
    """Return the requests a second by route, an empty mapping without an API."""
    if not usage.api_id:
        return {}
    gateway = usage.tools.client("apigateway")
    found = gateway.get_stage(restApiId=usage.api_id, stageName=usage.stage.gateway_stage)
    return throttles_of(found.get("methodSettings", {}))


def throttles_of(settings: Mapping[str, Any]) -> dict[str, float]:
    """Return the throttles by route from a gateway stage's settings.

    A key is a path and a method, such as `~1items~1{id}/GET`. `*/*` is for all other methods.
    """
    found: dict[str, float] = {}
    for route in limits.ROUTES:
        method, _, path = route.partition(" ")
        keys = (f"{path.replace('/', '~1')}/{method}", f"{path.strip('/')}/{method}", "*/*")
        own: Mapping[str, Any] = next((settings[key] for key in keys if key in settings), {})
        if own.get("throttlingRateLimit", -1) >= 0:
            found[route] = own["throttlingRateLimit"]
    return found


def concurrency(usage: Usage) -> int:
    """Return the executions that Lambda allows at a time: the function's own, or unreserved."""
    client = usage.tools.client("lambda")
    unreserved = client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    if not usage.api_id:  # then there may be no function
        return unreserved
    own = client.get_function_concurrency(FunctionName=usage.function)
    return own.get("ReservedConcurrentExecutions", unreserved)


def gateway(usage: Usage) -> float:
    """Return the requests a second of all of the account's APIs."""
    return usage.tools.client("apigateway").get_account()["throttleSettings"]["rateLimit"]


def warm(usage: Usage) -> dict[str, float]:
    """Return the units that table and index take at once, or at most by autoscaling.

    Raises `Unreadable`.
    """
    table: Any = usage.tools.client("dynamodb").describe_table(TableName=usage.table)["Table"]
    if table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST":
        indexes = {each["IndexName"]: each for each in table["GlobalSecondaryIndexes"]}
        units = [*_warm(table), *_warm(indexes[INDEX])]
    else:
        scaling = usage.read_scaling()
        units = [scaling[id].most for id in UNITS]
    if not all(units):
        raise Unreadable("DynamoDB does not report its warm throughput")
    return dict(zip(UNITS, units, strict=True))


def _warm(part: Mapping[str, Any]) -> Iterator[float]:
    """Yield the reads and writes a second that a table or index takes at once, 0 if unknown."""
    warm, most = part.get("WarmThroughput", {}), part.get("OnDemandThroughput", {})
    for kind in ("Read", "Write"):
        units, own = warm.get(f"{kind}UnitsPerSecond", 0), most.get(f"Max{kind}RequestUnits", -1)
        # A configured maximum throttles earlier. -1 means no maximum.
        yield min(units, own) if own > 0 else units


def most(usage: Usage) -> dict[str, float]:
    """Return the units that a table may have."""
    found = usage.tools.client("dynamodb").describe_limits()
    reads, writes = found["TableMaxReadCapacityUnits"], found["TableMaxWriteCapacityUnits"]
    return {"reads": reads, "writes": writes}


def tokens(usage: Usage) -> float:
    """Return the tokens a second that Cognito issues."""
    client = usage.tools.client("service-quotas")
    service, code = "cognito-idp", limits.TOKENS_CODE
    try:
        found = client.get_service_quota(ServiceCode=service, QuotaCode=code)
    except client.exceptions.NoSuchResourceException:
        # A quota that was never changed may be missing there.
        found = client.get_aws_default_service_quota(ServiceCode=service, QuotaCode=code)
    return found["Quota"]["Value"]


#: The functions by the names of their checks.
READERS: Mapping[str, Callable[[Usage], Any]] = {
    limits.THROTTLES: throttles,
    limits.LAMBDA: concurrency,
    limits.GATEWAY: gateway,
    limits.TABLE: warm,
    limits.TABLE_QUOTA: most,
    limits.TOKENS: tokens,
}
