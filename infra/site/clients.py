"""The SDK's clients, configured for one short run."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import get_session
from botocore.utils import parse_timestamp

ClientOf = Callable[[str], Any]


def clients(where: Mapping[str, Any], workers: int) -> ClientOf:
    """Return a function that creates each client once, by its service's name.

    `where` has the other parameters of `create_client`.

    botocore does the retries here, because no caller waits for a response within a deadline.
    """
    config = Config(
        retries={"mode": "standard", "total_max_attempts": 5},
        max_pool_connections=workers,
        connect_timeout=10,
        read_timeout=60,
    )
    session = get_session()
    # botocore's parser accepts every form. In a listing it takes as long as all other work.
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_time_of)
    return cache(lambda service: session.create_client(service, config=config, **where))


def _time_of(value: Any) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        parsed: datetime = parse_timestamp(value)
        return parsed
