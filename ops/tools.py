"""The dependencies of commands, passed in, so that tests can replace them."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from botocore.config import Config
from botocore.session import get_session

from infra.aws import ClientOf
from tools.progress import Report
from tools.project import PROJECT


class Sampler(Protocol):
    """The methods that a random sample needs."""

    def randrange(self, stop: int, /) -> int: ...


def aws_clients() -> ClientOf:
    """Return a source of clients for the person's current account and region, made when needed."""
    session = get_session()
    config = Config(retries={"mode": "standard", "total_max_attempts": 8})

    @cache
    def create_client(service: str, region: str | None = None, /) -> Any:
        return session.create_client(service, region, config=config)

    return create_client


@dataclass(frozen=True)
class Tools:
    """`client("dynamodb")` returns a client of that service. `report` prints progress."""

    client: ClientOf = field(default_factory=aws_clients)
    report: Report = print
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    sampler: Sampler = field(default_factory=random.SystemRandom)
    project: Path = PROJECT
