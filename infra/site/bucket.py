"""The site's bucket: the only module that talks to S3.

Every object goes up in one PutObject with its SHA-256, which S3 verifies and keeps. (A multipart
upload would keep a checksum of checksums, which cannot be compared with a file's.)
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from infra.site.errors import Conflict, Refused
from infra.site.files import File, checksum
from infra.site.headers import Headers
from infra.site.manifest import MANIFEST_KEY, Entry, Manifest, decode

_DELETE_BATCH = 1000  # S3's limit
_CHANGED_MEANWHILE = {"PreconditionFailed", "ConditionalRequestConflict"}
_ABSENT = {"404", "NoSuchKey", "NoSuchVersion"}


class Listed(NamedTuple):
    """An object as a listing shows it."""

    etag: str
    size: int
    modified: datetime


class Loaded(NamedTuple):
    """A manifest and the object it was read from; `etag` is "" when there is none yet."""

    manifest: Manifest
    etag: str = ""
    version: str = ""


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


class Bucket:
    """`account` is who must own the bucket: a name that somebody else has taken since the stack
    was deleted gets no files of ours. Without it, that is not checked."""

    def __init__(self, s3: Any, name: str, account: str = "") -> None:
        self._s3 = s3
        self.name = name
        self._where = {"Bucket": name}
        if account:
            self._where["ExpectedBucketOwner"] = account

    def listing(self) -> dict[str, Listed]:
        """All objects, the manifest too. Raises `Refused` if the bucket is not to be had."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(**self._where)
        try:
            return {
                each["Key"]: Listed(each["ETag"], each["Size"], each["LastModified"])
                for page in pages
                for each in page.get("Contents", [])
            }
        except ClientError as error:
            if code_of(error) not in {"AccessDenied", "NoSuchBucket", "403"}:
                raise
            raise Refused(
                f"bucket {self.name} is not ours, or not to be listed: {error}"
            ) from error

    def manifest(self, version: str = "") -> Loaded:
        """The manifest, or an earlier version of it. Raises `Refused` if that version is gone."""
        which = {"VersionId": version} if version else {}
        try:
            answer = self._s3.get_object(**self._where, Key=MANIFEST_KEY, **which)
        except ClientError as error:
            if code_of(error) not in _ABSENT:
                raise
            if version:
                raise Refused("what that release consisted of is no longer kept") from error
            return Loaded(Manifest())
        found = decode(answer["Body"].read())
        return Loaded(found, answer["ETag"], answer.get("VersionId", ""))

    def write_manifest(self, manifest: Manifest, etag: str) -> str:
        """Replace the manifest that has this ETag; the new one's. Raises `Conflict`."""
        content = manifest.encode()
        try:
            answer = self._s3.put_object(
                **self._where,
                **_condition(etag),
                Key=MANIFEST_KEY,
                Body=content,
                ContentType="application/json",
                CacheControl="no-store",
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=checksum(content),
            )
        except ClientError as error:
            if code_of(error) not in _CHANGED_MEANWHILE | _ABSENT:
                raise
            raise Conflict("another deployment has begun or ended meanwhile; run again") from error
        return str(answer["ETag"])

    def head(self, key: str) -> Entry | None:
        """Return the object as it is. Its `sha256` is "" if it was uploaded without a checksum."""
        try:
            response = self._s3.head_object(**self._where, Key=key, ChecksumMode="ENABLED")
        except ClientError as error:
            if code_of(error) not in _ABSENT:
                raise
            return None
        return Entry(
            sha256=response.get("ChecksumSHA256", ""),
            headers=Headers(response.get("ContentType", ""), response.get("CacheControl", "")),
            etag=response["ETag"],
            size=response["ContentLength"],
            version=response.get("VersionId", ""),
        )

    def put(self, file: File, replaces: str | None) -> Entry:
        """Upload the file, and return its object.

        `replaces` is the ETag of the object to overwrite, "" to create one, or None to overwrite
        any object. Raises `Conflict` if the bucket has another object.
        """
        content, headers = file.read(), file.headers
        condition = {} if replaces is None else _condition(replaces)
        try:
            response = self._s3.put_object(
                **self._where,
                **condition,
                Key=file.key,
                Body=content,
                ContentType=headers.content_type,
                CacheControl=headers.cache_control,
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=file.sha256,
            )
        except ClientError as error:
            if replaces is None or code_of(error) not in _CHANGED_MEANWHILE | _ABSENT:
                raise
            raise Conflict(
                f"{file.key} has just been written by somebody else; run again"
            ) from error
        return Entry(
            sha256=file.sha256,
            headers=headers,
            etag=response["ETag"],
            size=len(content),
            version=response.get("VersionId", ""),
        )

    def read(self, key: str, version: str = "") -> bytes:
        """Raises `Refused` if that version is gone."""
        which = {"VersionId": version} if version else {}
        try:
            content: bytes = self._s3.get_object(**self._where, Key=key, **which)["Body"].read()
        except ClientError as error:
            if code_of(error) not in _ABSENT:
                raise
            raise Refused(f"{key} of that release is no longer kept") from error
        return content

    def delete(self, keys: Sequence[str]) -> dict[str, str]:
        """The keys that are still there afterwards, and why; S3 calls that a success."""
        failures: dict[str, str] = {}
        for start in range(0, len(keys), _DELETE_BATCH):
            objects = [{"Key": key} for key in keys[start : start + _DELETE_BATCH]]
            answer = self._s3.delete_objects(
                **self._where, Delete={"Objects": objects, "Quiet": True}
            )
            failures |= {each["Key"]: each["Code"] for each in answer.get("Errors", [])}
        return failures


def _condition(etag: str) -> dict[str, str]:
    return {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
