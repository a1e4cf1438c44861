"""Which of CloudFront's paths to forget, and having it forget them."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from infra.site.errors import NotInvalidated
from infra.site.headers import Serving

# A path costs the same whether or not it ends in a wildcard, and only the first 1,000 of a month
# are free. More wildcards than this CloudFront does not take at a time.
MOST_IN_DIRECTORY = 15
MOST_WILDCARDS = 15
MOST_PATHS = 100
EVERYTHING = "/*"

_INDEX = "index.html"
POLL_SECONDS = 2.0


def encode(key: str) -> str:
    """The path of a key, as CloudFront wants it.

    What RFC 1738 calls unsafe, and what is not ASCII, is percent-encoded; nothing else is, or
    CloudFront would not find the path. `?` and `*` have a meaning of their own there.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
    """
    return "/" + quote(key, safe="/;:@=&$-_.+!'(),").replace("~", "%7E")


def paths_of(keys: Iterable[str], serving: Serving) -> set[str]:
    """The paths under which these are served; immutable ones never change, so they have none."""
    mutable = [key for key in keys if not serving.is_immutable(key)]
    indexes = [key for key in mutable if key == _INDEX or key.endswith(f"/{_INDEX}")]
    return {encode(key) for key in mutable} | {encode(key[: -len(_INDEX)]) for key in indexes}


def fold(paths: Iterable[str], keys: Iterable[str], serving: Serving) -> list[str]:
    """The same in fewer paths: many of one directory become `/directory/*`.

    No wildcard covers one of the immutable among `keys`, unless nothing but `/*` is short enough.
    """
    found = set(paths)
    immutable = {encode(key) for key in keys if serving.is_immutable(key)}
    found = _fold(found, immutable, lambda path: path.rpartition("/")[0], MOST_IN_DIRECTORY)
    if _too_many(found):
        found = _fold(found, immutable, lambda path: "/" + path.split("/")[1], 1)
    if EVERYTHING in found or _too_many(found):
        found = {EVERYTHING}
    return sorted(found)


def _too_many(paths: set[str]) -> bool:
    wildcards = sum(path.endswith("*") for path in paths)
    return len(paths) > MOST_PATHS or wildcards > MOST_WILDCARDS


def _fold(
    paths: set[str], immutable: set[str], directory_of: Callable[[str], str], most: int
) -> set[str]:
    in_directory = Counter(directory_of(path) for path in paths if path.count("/") > 1)
    folded = {
        directory
        for directory, count in in_directory.items()
        if count > most and not any(path.startswith(f"{directory}/") for path in immutable)
    }
    return {
        f"{directory}/*" if (directory := directory_of(path)) in folded else path for path in paths
    }


def invalidate(cloudfront: Any, distribution: str, reference: str, paths: tuple[str, ...]) -> str:
    """Have the paths forgotten; the invalidation's id once CloudFront has accepted it.

    `reference` makes a repetition harmless: the same paths under the same reference are one
    invalidation, however often they are sent. Raises `NotInvalidated`.
    """
    try:
        answer = cloudfront.create_invalidation(
            DistributionId=distribution,
            InvalidationBatch={
                "CallerReference": reference,
                "Paths": {"Quantity": len(paths), "Items": list(paths)},
            },
        )
    except ClientError as error:
        # A reference of ours only ever goes with these paths, so they have been accepted before.
        if error.response.get("Error", {}).get("Code") == "InvalidationBatchAlreadyExists":
            return ""
        raise _not_invalidated(error) from error
    except BotoCoreError as error:
        raise _not_invalidated(error) from error
    return str(answer["Invalidation"]["Id"])


def _not_invalidated(error: Exception) -> NotInvalidated:
    return NotInvalidated(
        f"everything is uploaded, but caches still hold what was before; run again ({error})"
    )


def wait(
    cloudfront: Any,
    distribution: str,
    invalidation: str,
    timeout: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    progress: Callable[[str, int, int], None],
) -> None:
    """Returns when no cache holds the older files. Raises `NotInvalidated` after `timeout` s."""
    began = clock()
    while True:
        answer = cloudfront.get_invalidation(DistributionId=distribution, Id=invalidation)
        elapsed = clock() - began
        if answer["Invalidation"]["Status"].lower() == "completed":
            progress("invalidating", 1, 1)
            return
        if elapsed >= timeout:
            raise NotInvalidated(
                f"invalidation {invalidation} is accepted and goes on by itself, but has not "
                f"ended within {timeout:g} s"
            )
        progress("invalidating", int(elapsed), int(timeout))
        sleep(min(POLL_SECONDS, timeout - elapsed))
