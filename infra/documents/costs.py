"""The table of costs in README.md, from the price file, the templates and an assumed use."""

import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from infra.documents.parameters import templates
from tools.prices import as_of, free, usd
from tools.project import PROJECT

FILE = PROJECT / "README.md"
_BEGIN, _END = "<!-- costs: `infra documents` writes them -->\n", "<!-- end of costs -->"

# What a user does in a month, and what a request takes.
_REQUESTS, _WRITES = 2000, 0.2
_SECONDS, _GB = 0.03, 1.0
_LOG_BYTES, _RESPONSE_BYTES = 1400, 2000
#: Latency, Faults and ConsumedCapacity of four routes.
_METRICS = 12
#: Users send requests in ten hours of twenty days, together or alone.
_ACTIVE_SECONDS = 10 * 3600 * 20
_ITEMS_GB = 0.0001  # of a user
_COPIES = 47  # that the backups' plan keeps

Use = Mapping[str, float]


class Row(NamedTuple):
    """What is paid for, with the units of each price."""

    text: str
    use: Use

    def cost(self) -> float:
        return sum(usd(name) * units for name, units in self.use.items())


def used(users: int) -> list[Row]:
    """Return the rows that follow from use."""
    requests = _REQUESTS * users
    millions, items = requests / 1e6, _ITEMS_GB * users
    # X-Ray takes the first request of each second and 5 % of the others.
    first = _ACTIVE_SECONDS * (1 - math.exp(-requests / _ACTIVE_SECONDS))
    hours = min(1.0, 20 / 720 * users)
    return [
        Row("API Gateway", {"api_gateway_million_requests": millions}),
        Row(
            "Lambda",
            {
                "lambda_million_requests": millions,
                "lambda_gb_second_arm64": requests * _SECONDS * _GB,
            },
        ),
        Row(
            "DynamoDB, the index too",
            {
                "dynamodb_million_reads": millions * (1 - _WRITES),
                "dynamodb_million_writes": millions * _WRITES * 2,
                "dynamodb_gb": items,
            },
        ),
        Row(
            "logs, metrics, traces",
            {
                "logs_gb": requests * _LOG_BYTES / 1e9,
                "metric": _METRICS * hours,
                "million_traces": (first + 0.05 * (requests - first)) / 1e6,
            },
        ),
        Row(
            "CloudFront and S3",
            {
                "cloudfront_million_requests": millions,
                "cloudfront_gb": requests * _RESPONSE_BYTES / 1e9,
                "s3_gb": 0.01,
            },
        ),
        Row("Cognito", {"cognito_user": users}),
    ]


def protection(users: int) -> list[Row]:
    """Return the rows that a release adds by its defaults."""
    found, items = templates(), _ITEMS_GB * users
    alarms, composites = _alarms(found)
    return [
        _firewall("the API's firewall (`Firewall`)", found["api"], users),
        Row(
            f"alarms on {alarms} metrics, {composites} composite",
            {"alarm": alarms, "composite_alarm": composites},
        ),
        Row(
            "backups and point-in-time recovery",
            {"backup_gb": _COPIES * items, "dynamodb_recovery_gb": items},
        ),
    ]


def optional(users: int) -> list[Row]:
    """Return the rows of what is off until it is asked for."""
    month = 730 * 3600
    return [
        _firewall("CloudFront's firewall (`edge`)", templates()["edge"], users),
        Row("a key of one's own (`CustomerManagedKey`)", {"kms_key": 1}),
        Row("a zone in Route 53", {"hosted_zone": 1}),
        Row(
            "one instance that always waits (`provisioned_concurrency`)",
            {"lambda_provisioned_gb_second_arm64": month * _GB},
        ),
    ]


def text() -> str:
    """Return README.md with the table as it should be."""
    sizes = (1, 1000)
    lines = ["| | 1 user | 1,000 users |", "|---|--:|--:|"]
    lines.append(f"| requests | {_REQUESTS:,} | {_REQUESTS * 1000 // 10**6} million |")
    use, more, off = ([each(n) for n in sizes] for each in (used, protection, optional))
    lines += _lines(use)
    free_of = [_free([*a, *b]) for a, b in zip(use, more, strict=True)]
    lines.append(_line("**what follows from use**", [sum(r.cost() for r in rows) for rows in use]))
    lines += _lines(more)
    sums = [sum(r.cost() for r in (*a, *b)) for a, b in zip(use, more, strict=True)]
    lines.append(_line("free for good, once for an account", [-each for each in free_of]))
    totals = [total - each for total, each in zip(sums, free_of, strict=True)]
    lines.append(_line("**a stage as released**", totals))
    lines += _lines(off)
    table = "\n".join(lines)
    note = f"List prices of {as_of()} in us-east-1 (`tools/prices.json`).\n\n"
    pattern = re.escape(_BEGIN) + ".*?" + re.escape(_END)
    return re.sub(pattern, lambda _: f"{_BEGIN}{note}{table}\n{_END}", FILE.read_text(), flags=re.S)


def _firewall(name: str, template: Mapping[str, Any], users: int) -> Row:
    rules = template["Resources"]["WebAcl"]["Properties"]["Rules"]
    always = [each for each in rules if "Fn::If" not in each]
    use = {
        "web_acl": 1,
        "web_acl_rule": len(always),
        "web_acl_million_requests": _REQUESTS * users / 1e6,
    }
    return Row(f"{name}: a web ACL, {len(always)} rules", use)


def _alarms(found: Mapping[str, Mapping[str, Any]]) -> tuple[int, int]:
    """Return how many metrics alarms watch, and how many alarms are composite."""
    metrics = composites = 0
    for part in ("monitoring", "api"):
        for resource in found[part]["Resources"].values():
            if resource.get("Type") == "AWS::CloudWatch::Alarm":
                queries = resource["Properties"].get("Metrics", [{"MetricStat": {}}])
                metrics += sum("MetricStat" in each for each in queries)
            composites += resource.get("Type") == "AWS::CloudWatch::CompositeAlarm"
    return metrics, composites


def _free(rows: list[Row]) -> float:
    """Return what an account's allowances take off."""
    use: dict[str, float] = {}
    for row in rows:
        for name, units in row.use.items():
            use[name] = use.get(name, 0) + units
    return sum(usd(name) * min(units, free(name)) for name, units in use.items())


def _lines(columns: list[list[Row]]) -> list[str]:
    return [
        _line(rows[0].text, [row.cost() for row in rows]) for rows in zip(*columns, strict=True)
    ]


def _line(text: str, costs: list[float]) -> str:
    cells = " | ".join(f"{each + 0:.2f}".replace("-0.00", "0.00") for each in costs)
    return f"| {text} | {cells} |"
