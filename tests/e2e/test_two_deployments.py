"""Two processes that publish at once, each killed at a random instant, over and over."""

import json
import multiprocessing
import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.site.clients import create_clients
from infra.site.files import collect
from infra.site.headers import Serving
from infra.site.manifest import MANIFEST_KEY
from infra.site.plan import Options
from infra.site.release import deploy
from infra.site.target import Target
from local.cloud import REGION, Cloud
from tests.integration.site.sites import assets_of, page, write
from tools.errors import CommandError

ROUNDS = 200
SEED = 20261127
ASSETS = [f"assets/part-{n:08d}.js" for n in range(6)]


def some_site(directory: Path, dice: random.Random) -> Path:
    """A few pages with a few assets, of which other sites have some as well."""
    files = {}
    for name in {"index.html", *dice.sample(["a.html", "b.html", "c/index.html"], 2)}:
        files[name] = page(*(chosen := dice.sample(ASSETS, 2)), text=dice.choice("xy"))
        files |= {asset: f"export {asset}" for asset in chosen}
    return write(directory, files)


class Bucket:
    """The live site, and processes that change it."""

    def __init__(self, cloud: Cloud) -> None:
        where = {"endpoint_url": cloud.endpoint, "region_name": REGION}
        self._client_of: Callable[[str], Any] = create_clients(where)
        self._s3, name = cloud.client("s3"), "two-deployments"
        self._s3.create_bucket(Bucket=name)
        self._s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        self.target = Target(name, "none", "https://site", {})

    def publish(self, source: Path, id: str) -> None:
        """Publish, and end this process with the command's exit status."""
        options = Options(delete=True, grace_days=0, allow_delete=1000, workers=4)
        status = 0
        try:
            deploy(
                source,
                self.target,
                {"s3": self._client_of("s3"), "cloudfront": Accepting()}.__getitem__,
                options=options,
                report=lambda _line: None,
                new_id=lambda: id,
            )
        except CommandError as error:
            status = error.exit_status
        except Exception as error:
            print(repr(error))
            status = 70
        os._exit(status)

    def start(self, source: Path, id: str) -> Any:
        process = multiprocessing.get_context("fork").Process(
            target=self.publish, args=(source, id)
        )
        process.start()
        return process

    def live(self) -> dict[str, bytes]:
        listed = self._s3.list_objects_v2(Bucket=self.target.bucket).get("Contents", [])
        return {each["Key"]: self._read(each["Key"]) for each in listed}

    def writer(self, key: str) -> str:
        try:
            head = self._s3.head_object(Bucket=self.target.bucket, Key=key)
        except ClientError:
            return ""
        return str(head["Metadata"].get("release", ""))

    def _read(self, key: str) -> bytes:
        content: bytes = self._s3.get_object(Bucket=self.target.bucket, Key=key)["Body"].read()
        return content


class Accepting:
    """A CloudFront that accepts every invalidation."""

    def create_invalidation(self, **_: Any) -> Any:
        return {"Invalidation": {"Id": "accepted"}}


def assert_whole(live: Mapping[str, bytes]) -> None:
    for key, content in live.items():
        if key.endswith(".html"):
            missing = set(assets_of(content.decode())) - live.keys()
            assert not missing, f"{key} names {missing}"


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_killed_deployments_leave_a_whole_site(
    cloud: Cloud, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    bucket, dice = Bucket(cloud), random.Random(SEED)  # noqa: S311 - no secret
    counts = {"rounds": 0, "kills": 0, "published": 0, "overtaken": 0, "late and killed": 0}
    for number in range(ROUNDS):
        sources = [some_site(tmp_path / name, dice) for name in "ab"]
        ids = [f"{number}-{name}" for name in "ab"]
        processes = [bucket.start(*each) for each in zip(sources, ids, strict=True)]
        for process in processes:
            process.join(dice.uniform(0, 0.6))
            if dice.random() < 0.5 and process.is_alive():
                process.kill()
                counts["kills"] += 1
        for process in processes:
            process.join()
        statuses = [process.exitcode for process in processes]
        assert set(statuses) <= {0, 3, -9}, statuses
        live = bucket.live()
        assert_whole(live)
        for source, id, status in zip(sources, ids, statuses, strict=True):
            counts["published"] += status == 0
            counts["overtaken"] += status == 3
            if status == 0 and json.loads(live[MANIFEST_KEY])["writer"] == id:
                files = collect(source, {}, Serving()).values()
                wrong = [each.key for each in files if live.get(each.key) != each.read()]
                # Only the other process's files, which it could not delete before the kill.
                assert {bucket.writer(key) for key in wrong} <= set(ids) - {id}
                assert not wrong or -9 in statuses
                counts["late and killed"] += len(wrong)
        for again in range(2):  # the first process does not delete if it takes over
            finishing = bucket.start(sources[0], f"{number}-again{again}")
            finishing.join()
            assert finishing.exitcode == 0
            live = bucket.live()
            assert_whole(live)
        expected = {each.key: each.read() for each in collect(sources[0], {}, Serving()).values()}
        assert {k: v for k, v in live.items() if k != MANIFEST_KEY} == expected
        counts["rounds"] += 1
        print(counts, flush=True)
    record_property("two deployments", counts)
