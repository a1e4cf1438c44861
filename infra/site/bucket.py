"""The site's bucket: the only module that calls S3.

One PutObject uploads each object with its SHA-256, which S3 verifies and stores. (A multipart
upload would store a checksum of checksums, which cannot be compared with a file's checksum.)
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from infra.site.errors import Conflict, Refused, code_of
from infra.site.files import File, checksum
from infra.site.headers import Headers, Phase
from infra.site.manifest import MANIFEST_KEY, Entry, Manifest, decode

_DELETE_BATCH = 1000  # S3's limit
_BUSY = "ConditionalRequestConflict"
_ABSENT = {"404", "NoSuchKey", "NoSuchVersion"}
_CHANGED_MEANWHILE = {"PreconditionFailed", _BUSY, *_ABSENT}
_TRIES = 3
_WRITER = "release"


class Version(NamedTuple):
    """One version of an object. Deleting it never removes a later upload."""

    key: str
    id: str


class Listed(NamedTuple):
    """An object in a listing."""

    etag: str
    size: int
    modified: datetime


class Loaded(NamedTuple):
    """A manifest and its object. `etag` is "" if the object does not exist yet."""

    manifest: Manifest
    etag: str = ""
    version: str = ""


class Bucket:
    """A bucket, owned by `account` if given.

    Another AWS account may take the bucket's name after the stack's deletion. The check of the
    owner prevents an upload there. Without `account`, the owner is not checked.

    `writer` is the run's id. S3 stores it with each file without a hash in its name.
    """

    def __init__(self, s3: Any, name: str, account: str = "") -> None:
        self._s3 = s3
        self.name = name
        self.writer = ""
        self._where = {"Bucket": name}
        if account:
            self._where["ExpectedBucketOwner"] = account

    def listing(self) -> dict[str, Listed]:
        """Return all objects with the manifest. Raises `Refused` if the bucket is inaccessible."""
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
        """Return the manifest, or a version of it. Raises `Refused` if that version is gone."""
        response = self._get(MANIFEST_KEY, version)
        if response:
            found = decode(response["Body"].read())
            return Loaded(found, response["ETag"], response.get("VersionId", ""))
        if version:
            raise Refused("the record of that release is no longer kept")
        return Loaded(Manifest())

    def write_manifest(self, manifest: Manifest, etag: str) -> Entry:
        """Replace the manifest with this ETag. Raises `Conflict`."""
        content, headers = manifest.encode(), Headers("application/json", "no-store")
        file = File(
            MANIFEST_KEY, checksum(content), len(content), headers, Phase.CONFIG, lambda: content
        )
        return self.put(file, etag)

    def head(self, key: str) -> Entry | None:
        """Return the object. Its `sha256` is "" if it was uploaded without a checksum."""
        response = self._head(key)
        return response and Entry(
            sha256=response.get("ChecksumSHA256", ""),
            headers=Headers(response.get("ContentType", ""), response.get("CacheControl", "")),
            etag=response["ETag"],
            size=response["ContentLength"],
            version=response.get("VersionId", ""),
        )

    def _head(self, key: str) -> Any:
        return _found(lambda: self._s3.head_object(**self._where, Key=key, ChecksumMode="ENABLED"))

    def _get(self, key: str, version: str) -> Any:
        which = {"VersionId": version} if version else {}
        return _found(lambda: self._s3.get_object(**self._where, Key=key, **which))

    def put(self, file: File, replaces: str | None, tries: int = _TRIES) -> Entry:
        """Upload the file, and return its object.

        `replaces` is the ETag of the object to overwrite, "" to create one, or None to overwrite
        any object. Raises `Conflict` if the bucket has another object.
        """
        condition: dict[str, Any] = {}
        if replaces is not None:
            condition = {"IfMatch": replaces} if replaces else {"IfNoneMatch": "*"}
            condition["Metadata"] = {_WRITER: self.writer}
        try:
            response = self._s3.put_object(
                **self._where,
                **condition,
                Key=file.key,
                Body=file.read(),
                ContentType=file.headers.content_type,
                CacheControl=file.headers.cache_control,
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=file.sha256,
            )
        except ClientError as error:
            if replaces is None or code_of(error) not in _CHANGED_MEANWHILE:
                raise
            # The SDK repeats a request whose response was lost. The condition then fails because of
            # the first attempt's write. Equal content does not prove that: it may be from another
            # deployment, which reverts it.
            response = self._head(file.key) or {}
            if response.get("Metadata", {}).get(_WRITER) != self.writer:
                if code_of(error) == _BUSY and tries > 1:
                    return self.put(file, replaces, tries - 1)
                raise Conflict(
                    f"another deployment has begun, or {file.key} was changed by hand; run again"
                ) from error
            if response.get("ChecksumSHA256") != file.sha256:
                raise
        version = response.get("VersionId", "")
        return Entry(file.sha256, file.headers, response["ETag"], file.size, version)

    def ours(self, key: str) -> Version | None:
        """Return the object's version if this run has uploaded it."""
        response = self._head(key) or {}
        is_ours = response.get("Metadata", {}).get(_WRITER) == self.writer
        return Version(key, response["VersionId"]) if is_ours else None

    def read(self, key: str, version: str = "") -> bytes:
        """Return the content. Raises `Refused` if that version is gone."""
        response = self._get(key, version)
        if not response:
            raise Refused(f"{key} of that release is no longer kept")
        return bytes(response["Body"].read())

    def versions(self, keys: Collection[str], *kinds: str) -> list[Version]:
        """Return the versions of these keys: `Versions` with content, and `DeleteMarkers`."""
        pages = self._s3.get_paginator("list_object_versions").paginate(**self._where)
        found = (each for page in pages for kind in kinds for each in page.get(kind, []))
        return [Version(each["Key"], each["VersionId"]) for each in found if each["Key"] in keys]

    def delete(self, keys: Sequence[str]) -> dict[str, str]:
        """Hide the keys behind delete markers. Return the failed keys with S3's reasons."""
        return self._delete([{"Key": key} for key in keys])

    def delete_versions(self, versions: Sequence[Version]) -> dict[str, str]:
        """Delete the versions permanently. Return the failed keys with S3's reasons."""
        return self._delete([{"Key": each.key, "VersionId": each.id} for each in versions])

    def _delete(self, objects: Sequence[Mapping[str, str]]) -> dict[str, str]:
        failures: dict[str, str] = {}
        # XML cannot contain every key. An invalid key would fail its whole batch.
        batched = [each for each in objects if each["Key"].isprintable()]
        for each in (each for each in objects if not each["Key"].isprintable()):
            self._s3.delete_object(**self._where, **each)
        for start in range(0, len(batched), _DELETE_BATCH):
            wanted = {"Objects": batched[start : start + _DELETE_BATCH], "Quiet": True}
            response = self._s3.delete_objects(**self._where, Delete=wanted)
            failures |= {each["Key"]: each["Code"] for each in response.get("Errors", [])}
        return failures


def _found(request: Callable[[], Any]) -> Any:
    """Return the response, or `None` if S3 does not have the object or version."""
    try:
        return request()
    except ClientError as error:
        if code_of(error) not in _ABSENT:
            raise
        return None
