"""Doing the same to many things at a time."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from types import TracebackType
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Workers:
    """`count` threads; with one, everything happens in the caller's, in order.

    The first error ends it: what has not begun never does. Without an error, nothing is left
    running at the end; after Ctrl-C, nobody waits for what is.
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
        """Begin; call what it returns for the result."""
        return self._pool.submit(function).result if self._pool else function

    def each(
        self,
        function: Callable[[T], R],
        items: Iterable[T],
        tick: Callable[[int], None] = lambda _done: None,
    ) -> list[R]:
        """The results, in the order of the items. `tick` is told how many there are so far."""
        if self._pool is None:
            results = []
            for item in items:
                results.append(function(item))
                tick(len(results))
            return results
        futures: list[Future[R]] = [self._pool.submit(function, item) for item in items]
        for done, future in enumerate(as_completed(futures), 1):
            future.result()
            tick(done)
        return [future.result() for future in futures]
