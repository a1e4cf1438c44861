"""The SDK's clients and the threads that use them, configured for one short run."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from botocore.config import Config
from botocore.session import get_session
from botocore.utils import parse_timestamp

#: The number of requests at a time.
WORKERS = 16

ClientOf = Callable[[str], Any]
T = TypeVar("T")
R = TypeVar("R")


def create_clients(where: Mapping[str, Any]) -> ClientOf:
    """Return a function that creates each client once, by its service's name and `where`.

    botocore does the retries here, because no caller waits for a response within a deadline.
    """
    config = Config(
        retries={"mode": "standard", "total_max_attempts": 5},
        max_pool_connections=WORKERS,
        connect_timeout=10,
        read_timeout=60,
    )
    session = get_session()
    # botocore's parser accepts every form. In a listing it takes as long as all other work.
    session.get_component("response_parser_factory").set_parser_defaults(
        timestamp_parser=_parse_time
    )
    return cache(lambda service: session.create_client(service, config=config, **where))


def _parse_time(value: Any) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        parsed: datetime = parse_timestamp(value)
        return parsed


class Workers:
    """A pool of `count` threads. With one, each call runs in the caller's thread, in order."""

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count) if count > 1 else None

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._pool:  # after Ctrl-C, do not wait for calls that have begun
            self._pool.shutdown(wait=kind is not KeyboardInterrupt, cancel_futures=True)

    def start(self, function: Callable[[], R]) -> Callable[[], R]:
        """Begin the call. Return a function that waits for its result."""
        return self._pool.submit(function).result if self._pool else function

    def each(self, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Return the results, in the order of the items.

        An error cancels the calls that have not begun. It is raised after the other calls have
        ended, so that no write is later than the error.
        """
        if not self._pool:
            return [function(item) for item in items]
        calls = [self._pool.submit(function, item) for item in items]
        wait(calls, return_when=FIRST_EXCEPTION)
        for call in calls:
            call.cancel()
        wait(calls)
        return [call.result() for call in calls]
