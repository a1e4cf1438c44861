"""Calculate the use from which another way to pay costs less."""

import math

from tools.estimate import MEMORY_GB, MONTH_HOURS, MONTH_SECONDS, SECONDS
from tools.prices import Prices

#: Two tasks at least, each of a quarter of a vCPU, 0.5 GB and an address, half of it in use. A
#: request takes twice the CPU time that docs/load.md measures. The load balancer has two addresses.
_TASKS, _VCPU, _TASK_GB, _ADDRESSES = 2, 0.25, 0.5, 2
_IN_USE, _CPU_SECONDS = 0.5, 0.005
#: A load balancer's unit: 25 new connections a second (a fifth of the requests), or 1 GB an hour.
_NEW_CONNECTIONS, _PER_UNIT, _BYTES = 0.2, 25, 2_500


def capacity(prices: Prices) -> float:
    """Return the share of a provisioned write unit from which it costs less than on demand."""
    hour = prices.usd("dynamodb_million_writes") / 1e6 * 3600
    return prices.usd("dynamodb_write_unit_hour") / hour


def concurrency(prices: Prices, architecture: str) -> float:
    """Return the use from which a waiting environment costs less than one on demand."""
    waiting = prices.usd(f"lambda_provisioned_gb_second_{architecture}")
    running = prices.usd(f"lambda_provisioned_duration_gb_second_{architecture}")
    return waiting / (prices.usd(f"lambda_gb_second_{architecture}") - running)


def containers(prices: Prices, requests: float) -> float:
    """Return the price of small containers, addresses and a load balancer in a month."""
    a_second = requests / MONTH_SECONDS
    tasks = max(_TASKS, math.ceil(a_second * _CPU_SECONDS / (_VCPU * _IN_USE)))
    task = _VCPU * prices.usd("fargate_vcpu_hour") + _TASK_GB * prices.usd("fargate_gb_hour")
    addresses = (tasks + _ADDRESSES) * prices.usd("ipv4_hour")
    hour = tasks * task + addresses + prices.usd("load_balancer_hour")
    units = max(a_second * _NEW_CONNECTIONS / _PER_UNIT, a_second * 3600 * _BYTES / 1e9)
    return MONTH_HOURS * (hour + units * prices.usd("load_balancer_unit_hour"))


def container_millions(prices: Prices, architecture: str = "arm64") -> float:
    """Return the million requests a month from which containers cost less, infinite if never."""
    for million in range(1, 10_000):
        requests = million * 1e6
        seconds = requests * SECONDS * MEMORY_GB
        if front(prices, requests, seconds, architecture) >= containers(prices, requests):
            return float(million)
    return math.inf


def front(prices: Prices, requests: float, gb_seconds: float, architecture: str) -> float:
    """Return the price of gateway and Lambda in a month."""
    return (
        prices.cost("api_gateway_million_requests", requests / 1e6)
        + prices.cost("lambda_million_requests", requests / 1e6)
        + prices.cost(f"lambda_gb_second_{architecture}", gb_seconds)
    )
