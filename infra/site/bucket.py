"""The site's bucket: the only module that calls S3.

One PutObject uploads each object with its SHA-256, which S3 verifies and stores. (A multipart
upload would store a checksum of checksums, which cannot be compared with a file's checksum.)
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from infra.site.clients import Workers
from infra.site.errors import Conflict, Refused
from infra.site.files import File, make_file
from infra.site.headers import Headers, Serving
from infra.site.manifest import MANIFEST_KEY, Entry, Manifest, decode

_DELETE_BATCH = 1000  # S3's limit
_BUSY = "ConditionalRequestConflict"
_ABSENT = {"404", "NoSuchKey", "NoSuchVersion"}
_CHANGED_MEANWHILE = {"PreconditionFailed", _BUSY, *_ABSENT}
_TRIES = 3
_WRITER = "release"


class Version(NamedTuple):
    """One version of an object. Deleting it never removes a later upload.

    Deleting a key without an id hides the object behind a delete marker.
    """

    key: str
    id: str = ""


class Listed(NamedTuple):
    """An object in a listing."""

    etag: str
    size: int
    modified: datetime


class Bucket:
    """A bucket during one run, owned by `account` if given.

    Another AWS account may take the bucket's name after the stack's deletion. The check of the
    owner prevents an upload there. Without `account`, the owner is not checked.

    S3 stores the id of the run's release with each file without a hash in its name.
    """

    def __init__(self, s3: Any, name: str, account: str, release: str, workers: Workers) -> None:
        self._s3 = s3
        self.name = name
        self.release = release
        self.workers = workers
        self._where = {"Bucket": name}
        if account:
            self._where["ExpectedBucketOwner"] = account

    def read_listing(self) -> dict[str, Listed]:
        """Return all objects with the manifest. Raises `Refused` if the bucket is inaccessible."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(**self._where)
        try:
            return {
                each["Key"]: Listed(each["ETag"], each["Size"], each["LastModified"])
                for page in pages
                for each in page.get("Contents", [])
            }
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"AccessDenied", "NoSuchBucket", "403"}:
                raise
            raise Refused(
                f"bucket {self.name} belongs to another account, or these credentials may not "
                f"list it: {error}"
            ) from error

    def read_manifest(self, version: str = "") -> Manifest:
        """Return the manifest, or a version of it. Raises `Refused` if that version is gone."""
        response = self._get(MANIFEST_KEY, version)
        if response:
            manifest = decode(response["Body"].read())
            return replace(manifest, etag=response["ETag"], version=response.get("VersionId", ""))
        if version:
            raise Refused("the manifest of that release is no longer kept")
        return Manifest()

    def write_manifest(self, manifest: Manifest) -> Manifest:
        """Replace the manifest that has this ETag, and return the new one. Raises `Conflict`."""
        file = make_file(MANIFEST_KEY, manifest.encode(self.release), Serving())
        entry = self.put(file, manifest.etag)
        return replace(manifest, etag=entry.etag, version=entry.version)

    def heads(self, keys: Sequence[str]) -> dict[str, Entry]:
        """Return the objects that exist. `sha256` is "" if uploaded without a checksum."""
        responses = zip(keys, self.workers.each(self._head, keys), strict=True)
        return {
            key: Entry(
                sha256=response.get("ChecksumSHA256", ""),
                headers=Headers(response.get("ContentType", ""), response.get("CacheControl", "")),
                etag=response["ETag"],
                size=response["ContentLength"],
                version=response.get("VersionId", ""),
            )
            for key, response in responses
            if response
        }

    def put(self, file: File, replaces: str | None, tries: int = _TRIES) -> Entry:
        """Upload the file, and return its object.

        `replaces` is the ETag of the object to overwrite, "" to create one, or None to overwrite
        any object. Raises `Conflict` if the bucket has another object.
        """
        condition: dict[str, Any] = {}
        if replaces is not None:
            condition = {"IfMatch": replaces} if replaces else {"IfNoneMatch": "*"}
            condition["Metadata"] = {_WRITER: self.release}
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
            if replaces is None or error.response["Error"]["Code"] not in _CHANGED_MEANWHILE:
                raise
            # The SDK repeats a request whose response was lost. The condition then fails because of
            # the first attempt's write. Equal content does not prove that: it may be from another
            # deployment, which reverts it.
            response = self._head(file.key)
            if not self._has_written(response):
                if error.response["Error"]["Code"] == _BUSY and tries > 1:
                    return self.put(file, replaces, tries - 1)
                raise Conflict(
                    f"another deployment has begun, or {file.key} was changed by hand; run again"
                ) from error
            if response.get("ChecksumSHA256") != file.sha256:
                raise
        version = response.get("VersionId", "")
        return Entry(file.sha256, file.headers, response["ETag"], file.size, version)

    def find_own(self, keys: Sequence[str]) -> list[Version]:
        """Return the current versions that this run has uploaded."""
        responses = zip(keys, self.workers.each(self._head, keys), strict=True)
        return [
            Version(key, response["VersionId"])
            for key, response in responses
            if self._has_written(response)
        ]

    def read(self, key: str, version: str = "") -> bytes:
        """Return the content. Raises `Refused` if that version is gone."""
        response = self._get(key, version)
        if not response:
            raise Refused(f"{key} of that release is no longer kept")
        return bytes(response["Body"].read())

    def list_versions(
        self, keys: Collection[str], kinds: Sequence[str] = ("Versions", "DeleteMarkers")
    ) -> list[Version]:
        """Return the versions of these keys: with content, and delete markers."""
        pages = self._s3.get_paginator("list_object_versions").paginate(**self._where)
        found = (each for page in pages for kind in kinds for each in page.get(kind, []))
        return [Version(each["Key"], each["VersionId"]) for each in found if each["Key"] in keys]

    def delete(self, versions: Iterable[Version]) -> dict[str, str]:
        """Delete the versions. Return the failed keys with S3's reasons."""
        failures, batch = dict[str, str](), list[dict[str, str]]()
        for key, id in versions:
            which = {"Key": key, "VersionId": id} if id else {"Key": key}
            if key.isprintable():
                batch.append(which)
            else:  # XML cannot contain every key. An invalid key would fail its whole batch.
                self._s3.delete_object(**self._where, **which)
        for start in range(0, len(batch), _DELETE_BATCH):
            wanted = {"Objects": batch[start : start + _DELETE_BATCH], "Quiet": True}
            response = self._s3.delete_objects(**self._where, Delete=wanted)
            failures |= {each["Key"]: each["Code"] for each in response.get("Errors", [])}
        return failures

    def _head(self, key: str) -> Any:
        return self._find(self._s3.head_object, Key=key, ChecksumMode="ENABLED")

    def _get(self, key: str, version: str) -> Any:
        which = {"VersionId": version} if version else {}
        return self._find(self._s3.get_object, Key=key, **which)

    def _find(self, request: Callable[..., Any], **parameters: str) -> Any:
        """Return the response, {} if S3 does not have the object or version."""
        try:
            return request(**self._where, **parameters)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _ABSENT:
                raise
            return {}

    def _has_written(self, response: Any) -> bool:
        return bool(response.get("Metadata", {}).get(_WRITER) == self.release)
