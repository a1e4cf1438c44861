"""Choose the CloudFront paths to invalidate, and invalidate them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from infra.site.errors import NotInvalidated, code_of
from infra.site.headers import Serving

# A path costs the same with or without a wildcard, and only the first 1,000 of a month are free.
# CloudFront accepts no more wildcards than this at a time.
MOST_IN_DIRECTORY = 15
MOST_WILDCARDS = 15
MOST_PATHS = 100
EVERYTHING = "/*"

_INDEX = "index.html"
POLL_SECONDS = 2


def encode(key: str) -> str:
    """Return the path of a key, as CloudFront requires it.

    Only the unsafe characters of RFC 1738 and non-ASCII characters are percent-encoded. Otherwise
    CloudFront would not find the path. `?` and `*` have a special meaning in CloudFront.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
    """
    return "/" + quote(key, safe="/;:@=&$-_.+!'(),").replace("~", "%7E")


def paths_of(keys: Iterable[str], serving: Serving) -> set[str]:
    """Return the URL paths of the keys, except of immutable files, which never change."""
    mutable = [key for key in keys if not serving.is_immutable(key)]
    indexes = [key for key in mutable if key == _INDEX or key.endswith(f"/{_INDEX}")]
    return {encode(key) for key in mutable} | {encode(key[: -len(_INDEX)]) for key in indexes}


def fold(paths: Iterable[str], keys: Iterable[str], serving: Serving) -> list[str]:
    """Return fewer paths for all these files: many paths of a directory become `/directory/*`.

    Only the wildcard `/*` covers any of the immutable files among `keys`.
    """
    found = set(paths)
    immutable = {encode(key) for key in keys if serving.is_immutable(key)}
    for directory, count in Counter(path.rpartition("/")[0] for path in found).items():
        inside = f"{directory}/"
        # Files of the root directory have no prefix.
        is_mutable = not any(path.startswith(inside) for path in immutable)
        if directory and count > MOST_IN_DIRECTORY and is_mutable:
            found = {path for path in found if path.rpartition("/")[0] != directory}
            found.add(f"{inside}*")
    wildcards = sum(path.endswith("*") for path in found)
    if EVERYTHING in found or len(found) > MOST_PATHS or wildcards > MOST_WILDCARDS:
        found = {EVERYTHING}
    return sorted(found)


def invalidate(cloudfront: Any, distribution: str, reference: str, paths: Sequence[str]) -> str:
    """Invalidate the paths. Return the invalidation's id, "" if CloudFront accepted it before.

    `reference` makes the request idempotent: CloudFront creates one invalidation for each reference
    with its paths. Raises `NotInvalidated`.
    """
    try:
        response = cloudfront.create_invalidation(
            DistributionId=distribution,
            InvalidationBatch={
                "CallerReference": reference,
                "Paths": {"Quantity": len(paths), "Items": list(paths)},
            },
        )
    except (BotoCoreError, ClientError) as error:
        # We use a reference only with these paths, so CloudFront has accepted them before.
        if isinstance(error, ClientError) and code_of(error) == "InvalidationBatchAlreadyExists":
            return ""
        raise NotInvalidated(
            f"all files are uploaded, but caches still hold the previous ones; run again ({error})"
        ) from error
    return str(response["Invalidation"]["Id"])


def wait(cloudfront: Any, distribution: str, invalidation: str, seconds: float) -> None:
    """Wait until no cache holds the older files. Raises `NotInvalidated` after `seconds`."""
    tries = {"Delay": POLL_SECONDS, "MaxAttempts": 1 + int(seconds / POLL_SECONDS)}
    try:
        cloudfront.get_waiter("invalidation_completed").wait(
            DistributionId=distribution, Id=invalidation, WaiterConfig=tries
        )
    except WaiterError as error:
        raise NotInvalidated(
            f"invalidation {invalidation} is accepted and continues, but has not been seen to end "
            f"within {seconds:g} s: {error}"
        ) from error
