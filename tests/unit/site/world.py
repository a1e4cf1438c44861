"""S3 as a value: each call turns a versioned bucket into another."""

import hashlib
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from infra.site.files import checksum

#: The time of every object, so that the code cannot decide by time.
WHEN = datetime(2030, 1, 1, tzinfo=UTC)


class Version(NamedTuple):
    """A version of an object, or a delete marker, without a body. `author` is for the tests."""

    id: str
    author: str
    body: bytes | None
    content_type: str = ""
    cache_control: str = ""
    writer: str = ""

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.body or b"", usedforsecurity=False).hexdigest()}"'


class Stack(NamedTuple):
    """The versions of one key from the oldest on, and the total ever written."""

    total: int = 0
    versions: tuple[Version, ...] = ()


#: By key, in the keys' order.
World = tuple[tuple[str, Stack], ...]
#: The value that a call returns, or its failure.
Result = Any


class Failure(NamedTuple):
    code: str


class Call(NamedTuple):
    """A call of S3 or CloudFront. A deletion of many keys is one call for each key."""

    operation: str
    key: str = ""
    version: str = ""
    body: bytes = b""
    headers: tuple[str, ...] = ()  # the last is the writer
    match: str | None = None  # an ETag, or "" for If-None-Match


WRITES = ("put", "delete")


def top(world: World, key: str) -> Version | None:
    """Return the object that a request without a version gets."""
    versions = dict(world).get(key, Stack()).versions
    return versions[-1] if versions and versions[-1].body is not None else None


def live(world: World) -> dict[str, Version]:
    return {key: version for key, _ in world if (version := top(world, key))}


def apply(world: World, call: Call, author: str) -> tuple[World, Result]:
    """Return the bucket after the call, and the call's result."""
    stacks = dict(world)
    stack, current = stacks.get(call.key, Stack()), top(world, call.key)
    if call.operation == "list":
        return world, tuple(live(world).items())
    if call.operation == "versions":
        return world, tuple((key, version) for key, stack in world for version in stack.versions)
    if call.operation == "get":
        version = current
        if call.version:
            version = next((v for v in stack.versions if v.id == call.version), None)
        return world, version or Failure("NoSuchKey")
    if call.operation == "invalidate":
        return world, None
    if call.operation == "delete" and call.version:
        left = tuple(version for version in stack.versions if version.id != call.version)
        stacks[call.key] = Stack(stack.total, left)
        return tuple(sorted(stacks.items())), None
    if call.match is not None and (current.etag if current else "") != call.match:
        return world, Failure("PreconditionFailed" if current else "NoSuchKey")
    body = call.body if call.operation == "put" else None
    written = Version(f"{call.key}.{stack.total}", author, body, *call.headers)
    stacks[call.key] = Stack(stack.total + 1, (*stack.versions, written))
    return tuple(sorted(stacks.items())), written


class Client:
    """The SDK's clients of S3 and CloudFront, with the operations of publishing."""

    def __init__(self, respond: Any) -> None:
        self._respond = respond

    def _call(self, call: Call) -> Any:
        result = self._respond(call)
        if isinstance(result, Failure):
            raise ClientError({"Error": {"Code": result.code, "Message": call.key}}, call.operation)
        return result

    def get_paginator(self, name: str) -> "Client":
        self._paginated = name
        return self

    def paginate(self, **_: str) -> Iterator[Mapping[str, Any]]:
        if self._paginated == "list_object_versions":
            for key, version in self._call(Call("versions")):
                kind = "DeleteMarkers" if version.body is None else "Versions"
                yield {kind: [{"Key": key, "VersionId": version.id}]}
        else:
            yield {
                "Contents": [
                    {"Key": k, "ETag": v.etag, "Size": len(v.body), "LastModified": WHEN}
                    for k, v in self._call(Call("list"))
                ]
            }

    def get_object(self, *, Key: str, VersionId: str = "", **_: str) -> Any:  # noqa: N803 - boto3's name
        version = self._call(Call("get", Key, VersionId))
        return {"Body": io.BytesIO(version.body), "ETag": version.etag, "VersionId": version.id}

    def head_object(self, *, Key: str, **_: str) -> Any:  # noqa: N803 - boto3's name
        version = self._call(Call("get", Key))
        return {
            "ChecksumSHA256": checksum(version.body),
            "Metadata": {"release": version.writer},
            "ContentType": version.content_type,
            "CacheControl": version.cache_control,
            "ETag": version.etag,
            "ContentLength": len(version.body),
            "VersionId": version.id,
        }

    def put_object(self, *, Key: str, Body: bytes, **more: Any) -> Any:  # noqa: N803 - boto3's name
        match = "" if "IfNoneMatch" in more else more.get("IfMatch")
        headers = (more["ContentType"], more["CacheControl"])
        headers += tuple(more.get("Metadata", {}).values())
        written = self._call(Call("put", Key, body=Body, headers=headers, match=match))
        return {"ETag": written.etag, "VersionId": written.id}

    def delete_objects(self, *, Delete: Mapping[str, Any], **_: str) -> Any:  # noqa: N803 - boto3's name
        for version in Delete["Objects"]:
            self._call(Call("delete", version["Key"], version.get("VersionId", "")))
        return {}

    def create_invalidation(self, **_: Any) -> Any:
        self._call(Call("invalidate"))
        return {"Invalidation": {"Id": "i"}}
