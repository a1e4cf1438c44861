"""`deploy_site.py` as a separate process, on the local cloud.

Only these tests deploy stage `prod`. Its site stack is a bucket and a distribution here. Other
tests cover `infra/templates/site.yaml`.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.cloud import REGION, Cloud
from tests.integration.site.sites import V1, V2, assets_of, page, write
from tests.integration.site.stack import STACK, TEMPLATE
from tools.project import PROJECT


class Site:
    """The live site, and the command that changes it."""

    def __init__(self, cloud: Cloud) -> None:
        formation = cloud.client("cloudformation")
        formation.create_stack(StackName=STACK, TemplateBody=json.dumps(TEMPLATE))
        (stack,) = formation.describe_stacks(StackName=STACK)["Stacks"]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
        self.bucket, self.distribution = outputs["BucketName"], outputs["DistributionId"]
        self._s3, self._cloudfront = cloud.client("s3"), cloud.client("cloudfront")
        self._environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": cloud.endpoint,
            "AWS_DEFAULT_REGION": REGION,
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "deploy_site.py", "--stage", "prod", "--json", *arguments],
            cwd=PROJECT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> dict[str, Any]:
        """Run the command, which must succeed, and return its summary."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        summary: dict[str, Any] = json.loads(out)
        return summary

    def keys(self) -> set[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        keys = {each["Key"] for page in pages for each in page.get("Contents", [])}
        return {key for key in keys if not key.startswith("_releases/")}

    def read(self, key: str) -> str:
        answer = self._s3.get_object(Bucket=self.bucket, Key=key)
        return str(answer["Body"].read().decode())

    def empty(self) -> None:
        """Delete every version of every object, and so the record of releases."""
        pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket)
        for found in pages:
            for each in [*found.get("Versions", []), *found.get("DeleteMarkers", [])]:
                self._s3.delete_object(
                    Bucket=self.bucket, Key=each["Key"], VersionId=each["VersionId"]
                )

    def invalidated(self, id: str) -> list[str]:
        answer = self._cloudfront.get_invalidation(DistributionId=self.distribution, Id=id)
        paths: list[str] = answer["Invalidation"]["InvalidationBatch"]["Paths"]["Items"]
        return paths


@pytest.fixture(scope="module")
def site_of_stage(cloud: Cloud) -> Site:
    return Site(cloud)


@pytest.fixture
def site(site_of_stage: Site) -> Site:
    """The site of stage `prod`, empty."""
    site_of_stage.empty()
    return site_of_stage


def test_releases_one_after_another(site: Site, tmp_path: Path) -> None:
    v1, v2 = str(write(tmp_path / "v1", V1)), str(write(tmp_path / "v2", V2))
    assert site.run("--source", v1)["uploaded"] == len(V1) + 1
    assert site.keys() == {*V1, "config.json"}
    assert json.loads(site.read("config.json"))["user_pool_id"] == "us-east-1_Pool"

    nothing = site.run("--source", v1, "--wait")
    assert (nothing["release"], nothing["unchanged"]) == ("", len(V1) + 1)

    planned = site.run("--source", v2, "--dry-run", "--delete")
    assert site.read("index.html") == V1["index.html"]
    changed = site.run("--source", v2, "--delete", "--wait")
    assert changed["uploaded"] == len(planned["upload"])
    assert changed["invalidated"] == planned["invalidate"]
    assert site.invalidated(changed["invalidation"]) == planned["invalidate"]
    assert site.read("index.html") == V2["index.html"]
    assert site.keys() == {*V2, "config.json", "assets/app-aaaa1111.js"}

    back = site.run("--rollback")
    assert site.read("index.html") == V1["index.html"]
    assert "/index.html" in site.invalidated(back["invalidation"])
    assert site.run("--source", v2)["uploaded"] > 0
    assert site.read("index.html") == V2["index.html"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("how", "status"),
    [
        pytest.param(signal.SIGKILL, -signal.SIGKILL, id="kill"),
        pytest.param(signal.SIGINT, 130, id="^C"),
    ],
)
def test_next_run_finishes_after_a_kill(how: int, status: int, site: Site, tmp_path: Path) -> None:
    before = {"index.html": page("assets/part-00000001.js"), "assets/part-00000001.js": "1"}
    exactly = ("--delete", "--allow-delete", "2000", "--grace-days", "0")
    site.run("--source", str(write(tmp_path / "before", before)), *exactly)
    many = {f"assets/next-{n:08}.js": f"part {n}" for n in range(1000)}
    after = {"index.html": page(*many), "about.html": page(*many), **many}
    source = str(write(tmp_path / "after", after))

    process = site.start("--source", source)
    while not any(key in many for key in site.keys()):  # noqa: SIM118 - it is no dictionary
        assert process.poll() is None, process.communicate()
    process.send_signal(how)
    _, err = process.communicate(timeout=30)
    assert process.returncode == status
    assert "Traceback" not in err

    assert site.keys() & many.keys() < many.keys(), "it was killed too late for this test"
    assert site.read("index.html") == before["index.html"]
    assert set(assets_of(site.read("index.html"))) <= site.keys()

    done = site.run("--source", source, *exactly)
    assert 0 < done["uploaded"] < len(after) + 1
    assert site.keys() >= before.keys(), "the first that takes over deletes nothing"
    site.run("--source", source, *exactly)
    assert site.keys() == {*after, "config.json"}
    assert {"/", "/index.html", "/about.html"} <= set(site.invalidated(done["invalidation"]))
    assert site.run("--source", source)["release"] == ""


def test_a_secret_is_refused(site: Site, tmp_path: Path) -> None:
    before = site.keys()
    source = write(tmp_path / "leak", {**V1, ".env": "PASSWORD=x"})
    process = site.start("--source", str(source))
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3
    assert ".env: " in err
    assert site.keys() == before
