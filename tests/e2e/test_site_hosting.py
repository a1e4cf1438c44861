"""The page as CloudFront serves it, with its headers, and the bucket behind it.

The local cloud's CloudFront uses plain HTTP, does not cache or compress, and returns 403 for a
missing file, where AWS returns 404. tests/infra/templates/test_site_template.py checks the rest.
"""

import json
import re
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from local.cloud import Cloud
from tests.e2e.problem import assert_problem
from tests.e2e.site_headers import CACHE, assert_page_headers

MISSING = ("/nope", "/nope.html", "/items/123", "/assets/gone-12345678.js", "/api")


@pytest.fixture(scope="module")
def outputs(cloud: Cloud, stack: dict[str, Any]) -> dict[str, str]:
    """Of the site's stack."""
    (found,) = cloud.client("cloudformation").describe_stacks(StackName="items-local-site")[
        "Stacks"
    ]
    return {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}


def assets(site: httpx.Client) -> list[str]:
    """Return the files that the page references."""
    found = re.findall(r'(?:src|href)="(/assets/[^"]+)"', site.get("/").text)
    assert found
    return found


@pytest.mark.parametrize("path", CACHE)
def test_a_file_is_served_with_its_headers(
    path: str, site: httpx.Client, stack: dict[str, Any]
) -> None:
    for answer in site.get(path), site.head(path):
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == CACHE[path]
        assert_page_headers(answer, stack["login_url"])


def test_an_asset_may_be_kept_for_ever(site: httpx.Client, stack: dict[str, Any]) -> None:
    kinds = set()
    for path in assets(site):
        answer = site.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert_page_headers(answer, stack["login_url"])
        kinds.add(answer.headers["content-type"].partition(";")[0])
    assert "text/javascript" in kinds


def test_page_complies_with_its_security_policy(site: httpx.Client) -> None:
    page = site.get("/").text
    assert re.search(r"<script[^>]+src=", page)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", page)


def test_an_unchanged_page_is_not_sent_again(site: httpx.Client) -> None:
    first = site.get("/")
    again = site.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", MISSING)
def test_missing_path_does_not_return_the_page(
    path: str, site: httpx.Client, stack: dict[str, Any]
) -> None:
    answer = site.get(path)
    assert answer.status_code in (403, 404)  # the local cloud says the first, AWS the second
    assert "<html" not in answer.text.lower()
    assert_page_headers(answer, stack["login_url"])


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_the_page_can_only_be_read(method: str, site: httpx.Client) -> None:
    assert site.request(method, "/").status_code == 403


def test_the_page_is_told_of_its_stage(
    site: httpx.Client, cloud: Cloud, stack: dict[str, Any]
) -> None:
    told = site.get("/config.json")
    assert told.headers["content-type"] == "application/json"
    assert told.json() == {
        "api_path": "/api",
        "region": stack["region"],
        "user_pool_id": stack["user_pool_id"],
        "client_id": stack["site_client_id"],
        "login_url": stack["login_url"],
    }
    # The development server of the page tells it the same.
    assert json.loads(cloud.home.site_config_file.read_text()) == told.json()


def test_release_record_exists_and_is_not_served(
    site: httpx.Client, cloud: Cloud, outputs: dict[str, str]
) -> None:
    key = "_releases/manifest.json"
    cloud.client("s3").head_object(Bucket=outputs["BucketName"], Key=key)
    for path in (f"/{key}", "/_releases%2Fmanifest.json", "/%5Freleases/manifest.json"):
        assert site.get(path).status_code == 403


def test_the_bucket_answers_nobody_else(cloud: Cloud, outputs: dict[str, str]) -> None:
    bucket = outputs["BucketName"]
    for path in (bucket, f"{bucket}/", f"{bucket}/index.html", f"{bucket}?versions"):
        assert httpx.get(f"{cloud.endpoint}/{path}").status_code == 403
    iam = cloud.client("iam")
    iam.create_user(UserName="stranger")
    key = iam.create_access_key(UserName="stranger")["AccessKey"]
    stranger = boto3.client(
        "s3",
        endpoint_url=cloud.endpoint,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    attempts: list[tuple[str, dict[str, Any]]] = [
        ("get_object", {"Key": "index.html"}),
        ("put_object", {"Key": "index.html", "Body": b""}),
        ("list_objects_v2", {}),
    ]
    for operation, named in attempts:
        with pytest.raises(ClientError, match="AccessDenied"):
            getattr(stranger, operation)(Bucket=bucket, **named)


def test_other_distribution_cannot_read_bucket(
    site: httpx.Client, cloud: Cloud, outputs: dict[str, str]
) -> None:
    cloudfront = cloud.client("cloudfront")
    config = cloudfront.get_distribution_config(Id=outputs["DistributionId"])["DistributionConfig"]
    config["CallerReference"] = "another"
    # AWS would have filled it in.
    config["Origins"]["Items"][1]["CustomOriginConfig"]["HTTPSPort"] = 443
    made = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
    other = {"Host": made["DomainName"]}

    answer = site.get("/index.html", headers=other)
    assert answer.status_code == 403
    assert "AccessDenied" in answer.text
    # That was the bucket's word: for the API, which lets everybody ask, the two are alike.
    assert_problem(site.get("/api/nope", headers=other), 404)
    assert site.get("/index.html").status_code == 200
