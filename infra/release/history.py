"""The record of live versions and their times, stored beside the packages of a function.

Version numbers do not show the previous live version. The sequence good, bad, rollback, fix leaves
the bad version between the two good versions.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypedDict

from botocore.exceptions import ClientError

from infra.errors import NoEarlierVersion

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

RELEASE, ROLLBACK, FOUND = "release", "rollback", "found"

_KEPT = 100
_MISSING = ("NoSuchKey", "404")
_OVERTAKEN = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409")


@dataclass(frozen=True)
class Entry:
    """A version that went live.

    `at` is UTC in RFC 3339. `cause` is a release, a rollback, or a live version without a record.
    `instead_of` is the version that a rollback left. `commit` and `committed_at` (seconds since
    1970) describe the released source. They are "" and 0 if it is in no repository.
    """

    version: str
    at: str
    cause: str
    instead_of: str = ""
    commit: str = ""
    committed_at: int = 0


class Condition(TypedDict, total=False):
    """The condition under which S3 replaces an object."""

    IfMatch: str
    IfNoneMatch: str


@dataclass(frozen=True)
class History:
    """The versions of one function that went live, oldest first."""

    storage: "S3Client"
    bucket: str
    function_name: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def key(self) -> str:
        return f"{self.function_name}/releases.json"

    def entries(self) -> list[Entry]:
        """Return the record, empty before the first entry."""
        return self._read()[0]

    def add(self, version: str, cause: str, **details: Any) -> None:
        """Add a version that has just gone live, and keep entries that others add meanwhile."""
        entry = Entry(version, self.now().isoformat(timespec="seconds"), cause, **details)
        while True:
            entries, condition = self._read()
            body = json.dumps([asdict(each) for each in [*entries, entry][-_KEPT:]], indent=1)
            try:
                self.storage.put_object(
                    Bucket=self.bucket,
                    Key=self.key,
                    Body=body.encode(),
                    ContentType="application/json",
                    **condition,
                )
                return
            except ClientError as error:
                if error.response["Error"]["Code"] not in _OVERTAKEN:
                    raise

    def previous(self, live: str, existing: set[str]) -> str:
        """Return the version that was live before `live`, and was not left by a rollback.

        `existing` are the versions that Lambda still has. Raises `NoEarlierVersion`, also if `live`
        is the result of a rollback. Thus two people who roll back at once go back one version.
        """
        entries = self.entries()
        versions = ", ".join(sorted(existing, key=int)) or "none"
        if not entries:
            raise NoEarlierVersion(
                f"no release of {self.function_name} is recorded: "
                f"pass --to VERSION (versions: {versions})"
            )
        last = entries[-1]
        if last.cause == ROLLBACK and last.version == live:
            raise NoEarlierVersion(
                f"version {live} has been live since a rollback from {last.instead_of} "
                f"at {last.at}: to go further back, pass --to VERSION (versions: {versions})"
            )
        left: set[str] = set()
        for entry in entries:  # a version that is released again is no longer left
            left = (left | {entry.instead_of}) - {entry.version}
        for entry in reversed(entries):
            if entry.version != live and entry.version not in left and entry.version in existing:
                return entry.version
        raise NoEarlierVersion(
            f"no version was live before {live}: pass --to VERSION (versions: {versions})"
        )

    def _read(self) -> tuple[list[Entry], Condition]:
        """Return the record, and the condition under which it may be replaced."""
        try:
            stored = self.storage.get_object(Bucket=self.bucket, Key=self.key)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _MISSING:
                raise
            return [], {"IfNoneMatch": "*"}
        entries = [Entry(**each) for each in json.loads(stored["Body"].read())]
        return entries, {"IfMatch": stored["ETag"]}
