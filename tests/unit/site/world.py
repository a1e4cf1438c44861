"""S3 as a value: a versioned bucket that each call turns into another one."""

import hashlib
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from infra.site.files import checksum

#: All objects were written within the same second, so that no time tells anything.
WHEN = datetime(2030, 1, 1, tzinfo=UTC)


class Version(NamedTuple):
    """A version of an object: a delete marker if `body` is None. `author` is for the tests."""

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
    """The versions of one key from the oldest on, and how many there have ever been."""

    made: int = 0
    versions: tuple[Version, ...] = ()


#: By key, in the keys' order.
World = tuple[tuple[str, Stack], ...]
#: What a call returns, or the code of its error.
Result = Any


class Failure(NamedTuple):
    code: str


class Call(NamedTuple):
    """A call of S3 or CloudFront; of a deletion of many keys, one key at a time."""

    operation: str
    key: str = ""
    version: str = ""
    body: bytes = b""
    headers: tuple[str, ...] = ()  # with the writer behind them
    match: str | None = None  # an ETag, or "" for If-None-Match


WRITES = ("put", "delete")


def top(world: World, key: str) -> Version | None:
    """The object that a request without a version gets."""
    versions = dict(world).get(key, Stack()).versions
    return versions[-1] if versions and versions[-1].body is not None else None


def live(world: World) -> dict[str, Version]:
    return {key: found for key, _ in world if (found := top(world, key))}


def apply(world: World, call: Call, author: str) -> tuple[World, Result]:
    """The bucket after the call, and what the call returns."""
    stacks = dict(world)
    stack, current = stacks.get(call.key, Stack()), top(world, call.key)
    if call.operation == "list":
        return world, tuple(live(world).items())
    if call.operation == "versions":
        return world, tuple((key, each) for key, stack in world for each in stack.versions)
    if call.operation == "get":
        found = current
        if call.version:
            found = next((each for each in stack.versions if each.id == call.version), None)
        return world, found or Failure("NoSuchKey")
    if call.operation == "invalidate":
        return world, None
    if call.operation == "delete" and call.version:
        left = tuple(each for each in stack.versions if each.id != call.version)
        stacks[call.key] = Stack(stack.made, left)
        return tuple(sorted(stacks.items())), None
    if call.match is not None and (current.etag if current else "") != call.match:
        return world, Failure("PreconditionFailed" if current else "NoSuchKey")
    body = call.body if call.operation == "put" else None
    made = Version(f"{call.key}.{stack.made}", author, body, *call.headers)
    stacks[call.key] = Stack(stack.made + 1, (*stack.versions, made))
    return tuple(sorted(stacks.items())), made


class Client:
    """The SDK's clients of S3 and CloudFront, as far as publishing uses them."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def _call(self, call: Call) -> Any:
        result = self._answer(call)
        if isinstance(result, Failure):
            raise ClientError({"Error": {"Code": result.code, "Message": call.key}}, call.operation)
        return result

    def get_paginator(self, name: str) -> "Client":
        self._paginated = name
        return self

    def paginate(self, **_: str) -> Iterator[Mapping[str, Any]]:
        if self._paginated == "list_object_versions":
            found = self._call(Call("versions"))
            for key, each in found:
                kind = "DeleteMarkers" if each.body is None else "Versions"
                yield {kind: [{"Key": key, "VersionId": each.id}]}
        else:
            yield {
                "Contents": [
                    {"Key": k, "ETag": v.etag, "Size": len(v.body), "LastModified": WHEN}
                    for k, v in self._call(Call("list"))
                ]
            }

    def get_object(self, *, Key: str, VersionId: str = "", **_: str) -> Any:  # noqa: N803 - boto3's name
        found = self._call(Call("get", Key, VersionId))
        return {"Body": io.BytesIO(found.body), "ETag": found.etag, "VersionId": found.id}

    def head_object(self, *, Key: str, **_: str) -> Any:  # noqa: N803 - boto3's name
        found = self._call(Call("get", Key))
        return {
            "ChecksumSHA256": checksum(found.body),
            "Metadata": {"release": found.writer},
            "ContentType": found.content_type,
            "CacheControl": found.cache_control,
            "ETag": found.etag,
            "ContentLength": len(found.body),
            "VersionId": found.id,
        }

    def put_object(self, *, Key: str, Body: bytes, **given: Any) -> Any:  # noqa: N803 - boto3's name
        match = "" if "IfNoneMatch" in given else given.get("IfMatch")
        headers = (given["ContentType"], given["CacheControl"])
        headers += tuple(given.get("Metadata", {}).values())
        made = self._call(Call("put", Key, body=Body, headers=headers, match=match))
        return {"ETag": made.etag, "VersionId": made.id}

    def delete_objects(self, *, Delete: Mapping[str, Any], **_: str) -> Any:  # noqa: N803 - boto3's name
        for each in Delete["Objects"]:
            self._call(Call("delete", each["Key"], each.get("VersionId", "")))
        return {}

    def create_invalidation(self, **_: Any) -> Any:
        self._call(Call("invalidate"))
        return {"Invalidation": {"Id": "i"}}
