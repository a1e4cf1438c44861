"""S3 and CloudFront in moto, with a record of every call."""

import itertools
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from botocore.config import Config
from botocore.session import get_session
from moto.s3.models import s3_backends

from deploy_site import Options, Summary, Target, deploy
from infra.site.headers import Serving
from infra.site.manifest import MANIFEST_KEY
from tests.clients import with_own_events

OUTPUTS = {
    "SiteUrl": "https://d1.cloudfront.net",
    "ClientId": "client-1",
    "UserPoolId": "us-east-1_Pool",
    "LoginUrl": "https://login.example.com",
    "RestApiId": "api1",
}
ACCOUNT = "123456789012"  # moto's

_numbers = itertools.count()


class Killed(BaseException):
    """The end of a killed process. No handler catches it."""


class Call(NamedTuple):
    """An operation that AWS has carried out: its key, or the keys or paths of a batch."""

    operation: str
    key: str = ""
    deleted: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.operation} {self.key}".strip()


WRITES = {"PutObject", "DeleteObjects", "DeleteObject", "CopyObject", "CreateInvalidation"}


class Clients:
    """A session and two clients, shared by all instances because creating them takes long."""

    def __init__(self) -> None:
        self._session = get_session()
        config = Config(retries={"total_max_attempts": 1}, max_pool_connections=20)
        self.s3, self.cloudfront = (self.create(name, config) for name in ("s3", "cloudfront"))

    def create(self, service: str, config: Config) -> Any:
        return self._session.create_client(service, region_name="us-east-1", config=config)

    def close(self) -> None:
        self.s3.close()
        self.cloudfront.close()


class Aws:
    """A bucket and a distribution.

    `observe` is called after each operation, in the thread that called it.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self.bystander = clients.s3
        self.bucket = f"site-{next(_numbers)}"
        self.bystander.create_bucket(Bucket=self.bucket)
        self.bystander.put_bucket_versioning(
            Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"}
        )
        self.distribution = _create_distribution(clients.cloudfront, self.bucket)
        self.calls: list[Call] = []
        self.account = ""
        self.serving = Serving()
        self.now = 1_800_000_000.0
        self.observe: Callable[[Call], None] = lambda _call: None
        self._kill_at: int | None = None
        self._kill_before = True
        self._started = 0
        self._lock = threading.Lock()
        self._open: threading.local = threading.local()
        self.s3, self.cloudfront = (self._create_recorded(name) for name in ("s3", "cloudfront"))

    @property
    def target(self) -> Target:
        outputs = {**OUTPUTS, "BucketName": self.bucket, "DistributionId": self.distribution}
        return replace(Target.from_outputs(outputs), account=self.account, serving=self.serving)

    def copy(self) -> "Aws":
        """Return the same bucket and distribution, with its own record and clients."""
        copy = Aws(self._clients)
        copy.bucket, copy.distribution = self.bucket, self.distribution
        return copy

    def create_retrying(self, service: str, config: Config) -> Any:
        """Return a new client, whose calls are not on record."""
        return self._clients.create(service, config)

    def deploy(self, source: Path, **options: Any) -> Summary:
        """Deploy with a clock that stands still unless the test moves it."""
        options.setdefault("workers", 1)
        return deploy(
            source,
            self.target,
            {"s3": self.s3, "cloudfront": self.cloudfront}.__getitem__,
            options=Options(**options),
            report=lambda _line: None,
            now=lambda: self.now,
        )

    def kill_at(self, index: int | None, before: bool = True) -> None:
        """End the process at the operation of this index, counted from now.

        With `before`, AWS does not receive it. Otherwise AWS carries it out, and its response is
        lost.
        """
        self._kill_at, self._kill_before, self._started = index, before, 0

    def published(self) -> set[str]:
        listed = self.bystander.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return {entry["Key"] for entry in listed} - {MANIFEST_KEY}

    def read(self, key: str) -> str:
        response = self.bystander.get_object(Bucket=self.bucket, Key=key)
        return str(response["Body"].read().decode())

    def manifest(self) -> Any:
        return json.loads(self.read(MANIFEST_KEY))

    def headers(self, key: str) -> tuple[str, str]:
        response = self.bystander.head_object(Bucket=self.bucket, Key=key)
        return response["ContentType"], response["CacheControl"]

    def put(self, key: str, content: str, **headers: str) -> None:
        """Store an object as another writer."""
        self.bystander.put_object(Bucket=self.bucket, Key=key, Body=content.encode(), **headers)

    def put_directly(self, key: str, content: bytes) -> None:
        """Store an object in moto without a request, which is far faster."""
        s3_backends[ACCOUNT]["aws"].put_object(self.bucket, key, content)

    def operations(self) -> list[str]:
        return [str(call) for call in self.calls]

    def writes(self) -> list[str]:
        return [str(call) for call in self.calls if call.operation in WRITES]

    def invalidated(self) -> list[tuple[str, ...]]:
        return [call.paths for call in self.calls if call.operation == "CreateInvalidation"]

    def _create_recorded(self, service: str) -> Any:
        client = with_own_events(getattr(self._clients, service))
        client.meta.events.register("before-parameter-build", self._begin)
        client.meta.events.register("after-call", self._end)
        return client

    def _begin(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        batch = params.get("InvalidationBatch", {})
        paths = tuple(batch.get("Paths", {}).get("Items", ()))
        deleted = tuple(obj["Key"] for obj in params.get("Delete", {}).get("Objects", ()))
        self._open.call = Call(model.name, params.get("Key", ""), deleted, paths)
        with self._lock:
            self._open.index, self._started = self._started, self._started + 1
        if self._kill_before and self._open.index == self._kill_at:
            raise Killed

    def _end(self, http_response: Any, **_: Any) -> None:
        call: Call = self._open.call
        if http_response.status_code < 300:
            with self._lock:
                self.calls.append(call)
            self.observe(call)
        if not self._kill_before and self._open.index == self._kill_at:
            raise Killed


def _create_distribution(cloudfront: Any, bucket: str) -> str:
    origin = {
        "Id": "s3",
        "DomainName": f"{bucket}.s3.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    response = cloudfront.create_distribution(
        DistributionConfig={
            "CallerReference": bucket,
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {
                "TargetOriginId": "s3",
                "ViewerProtocolPolicy": "redirect-to-https",
                "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
                "MinTTL": 0,
            },
        }
    )
    return str(response["Distribution"]["Id"])
