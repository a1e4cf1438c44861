"""Choose the CloudFront paths to invalidate, and invalidate them."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from infra.site.clients import ClientOf
from infra.site.errors import NotInvalidated
from infra.site.headers import Serving

# A path costs the same with or without a wildcard, and only the first 1,000 of a month are free.
# CloudFront accepts no more wildcards than this at a time.
MOST_IN_DIRECTORY = 15
MOST_WILDCARDS = 15
MOST_PATHS = 100
EVERYTHING = "/*"

_INDEX = "index.html"
_ALREADY_ACCEPTED = "InvalidationBatchAlreadyExists"


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


def fold(paths: Iterable[str], keys: Collection[str], serving: Serving) -> list[str]:
    """Return fewer paths for all these files: many paths of a directory become `/directory/*`.

    Only the wildcard `/*` covers any of the immutable files among `keys`.
    """
    folded = set(paths)
    for directory, count in Counter(path.rpartition("/")[0] for path in folded).items():
        inside = f"{directory}/"
        # Files of the root directory have no prefix.
        if not directory or count <= MOST_IN_DIRECTORY:
            continue
        if not any(encode(key).startswith(inside) and serving.is_immutable(key) for key in keys):
            folded = {path for path in folded if path.rpartition("/")[0] != directory}
            folded.add(f"{inside}*")
    wildcards = sum(path.endswith("*") for path in folded)
    if EVERYTHING in folded or len(folded) > MOST_PATHS or wildcards > MOST_WILDCARDS:
        return [EVERYTHING]
    return sorted(folded)


class Distribution(NamedTuple):
    """A CloudFront distribution. Its client is created on first use: most runs need no client."""

    client_of: ClientOf
    id: str

    def invalidate(self, reference: str, paths: Sequence[str]) -> str:
        """Invalidate the paths. Return the invalidation's id, "" if CloudFront accepted it before.

        `reference` makes the request idempotent: CloudFront creates one invalidation for each
        reference with its paths. Raises `NotInvalidated`.
        """
        try:
            response = self.client_of("cloudfront").create_invalidation(
                DistributionId=self.id,
                InvalidationBatch={
                    "CallerReference": reference,
                    "Paths": {"Quantity": len(paths), "Items": list(paths)},
                },
            )
        except (BotoCoreError, ClientError) as error:
            # We use a reference only with these paths, so CloudFront has accepted them before.
            if _ALREADY_ACCEPTED in str(error):
                return ""
            raise NotInvalidated(
                "all files are uploaded, but caches still hold the previous files; run again "
                f"({error})"
            ) from error
        return str(response["Invalidation"]["Id"])

    def wait(self, invalidation: str) -> None:
        """Wait until no cache holds the older files, for the time that botocore's waiter allows.

        Raises `NotInvalidated`.
        """
        waiter = self.client_of("cloudfront").get_waiter("invalidation_completed")
        try:
            waiter.wait(DistributionId=self.id, Id=invalidation)
        except WaiterError as error:
            raise NotInvalidated(
                f"invalidation {invalidation} has not ended yet; run again to wait longer ({error})"
            ) from error
