"""The page as CloudFront serves it, and the API by way of it."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.e2e.problem import assert_cors
from tests.e2e.site_headers import API_HEADERS, CACHE, assert_page_headers
from tests.smoke.deployed import Deployed


@pytest.fixture(scope="module")
def site(deployed: Deployed) -> Iterator[httpx.Client]:
    with deployed.http(deployed.site_url) as client:
        yield client


@pytest.mark.parametrize("path", CACHE)
def test_a_file_is_served_with_its_headers(
    path: str, site: httpx.Client, deployed: Deployed
) -> None:
    answer = site.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
    assert answer.headers["cache-control"] == CACHE[path]
    assert_page_headers(answer, deployed.login_url)


def test_all_that_the_page_names_is_there(site: httpx.Client) -> None:
    named = re.findall(r'(?:src|href)="(/assets/[^"]+)"', site.get("/").text)
    assert named
    for path in named:
        answer = site.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_the_page_is_told_of_this_stage(site: httpx.Client, deployed: Deployed) -> None:
    assert site.get("/config.json").json() == {
        "api_path": "/api",
        "region": deployed.region,
        "user_pool_id": deployed.user_pool_id,
        "client_id": deployed.site_client_id,
        "login_url": deployed.login_url,
    }


@pytest.mark.parametrize("path", ["/nope", "/assets/gone-12345678.js", "/_releases/manifest.json"])
def test_missing_path_does_not_return_the_page(
    path: str, site: httpx.Client, deployed: Deployed
) -> None:
    answer = site.get(path)
    # The record of releases exists, but is private. The local cloud returns 403 for both.
    expected = 404 if not deployed.is_local and not path.startswith("/_releases") else 403
    assert answer.status_code == expected, answer.text[:300]
    assert "<html" not in answer.text.lower()
    assert_page_headers(answer, deployed.login_url)


@pytest.mark.parametrize("path", ["", "/", "/index.html", "/?list-type=2", "/?versions"])
def test_the_bucket_answers_nobody_else(path: str, deployed: Deployed) -> None:
    answer = httpx.get(f"{deployed.bucket_url}{path}", timeout=30)
    assert answer.status_code == 403, f"anybody reads {deployed.bucket_url}{path}"


@pytest.mark.parametrize("path", ["/items", "/items/absent", "/items?limit=0"])
def test_the_api_answers_the_same_by_every_way(
    path: str, deployed: Deployed, client_of: Callable[[str], httpx.Client]
) -> None:
    answers = [client_of(way).get(path) for way in deployed.ways]
    by_the_site = answers[-1]
    assert {name: by_the_site.headers.get(name) for name in API_HEADERS} == API_HEADERS
    assert_cors(by_the_site)
    bodies = [{**answer.json(), "instance": None} for answer in answers]
    for answer, body in zip(answers, bodies, strict=True):
        assert (answer.status_code, body) == (by_the_site.status_code, bodies[-1])
        for name in ("content-type", "cache-control"):
            assert answer.headers.get(name) == by_the_site.headers.get(name)
