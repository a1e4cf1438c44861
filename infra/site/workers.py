"""Call a function for many items in parallel."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Workers:
    """A pool of `count` threads. With one, each call runs in the caller's thread, in order.

    An error cancels all calls that have not begun. After Ctrl-C, the pool does not wait for calls
    that have begun.
    """

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count) if count > 1 else None

    def __enter__(self) -> "Workers":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._pool:
            self._pool.shutdown(wait=not isinstance(error, KeyboardInterrupt), cancel_futures=True)

    def start(self, function: Callable[[], R]) -> Callable[[], R]:
        """Begin the call. Return a function that waits for its result."""
        return self._pool.submit(function).result if self._pool else function

    def each(self, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Return the results, in the order of the items."""
        return list((self._pool.map if self._pool else map)(function, items))
