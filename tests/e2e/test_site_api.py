"""The API by way of the site's CloudFront, and signing in with the page's client."""

from typing import Any

import httpx
import jwt
import pytest

from chalicelib.auth import READ_SCOPE, WRITE_SCOPE
from local.cloud import Cloud
from local.home import LocalError
from local.sign_in import CALLBACK, sign_in
from local.site import DEVELOPMENT_URL
from tests.e2e.conftest import Newcomer, TokenOf
from tests.e2e.problem import assert_cors, assert_problem
from tests.e2e.site_headers import API_HEADERS


@pytest.fixture(scope="module")
def visitor(newcomer: Newcomer) -> str:
    return newcomer("visitor")


@pytest.fixture(scope="module")
def signed_in(visitor: str, token_of: TokenOf) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_of(visitor)}"}


def test_write_and_preconditions_reach_the_api(
    site: httpx.Client, signed_in: dict[str, str]
) -> None:
    item = {"id": "by~way.of_the-site", "name": "tea", "price": 1.5}
    made = site.put("/api/items", json=item, headers={**signed_in, "If-None-Match": "*"})
    assert made.status_code == 201
    # So a client can follow it as it is.
    assert made.headers["location"] == f"/api/items/{item['id']}"
    again = site.put("/api/items", json=item, headers={**signed_in, "If-None-Match": "*"})
    assert_problem(again, 412)

    path, tag = made.headers["location"], made.headers["etag"]
    found = site.get(path, headers=signed_in)
    assert found.status_code == 200
    assert found.headers["etag"] == tag
    assert found.headers["cache-control"] == "private, no-cache"
    unchanged = site.get(path, headers={**signed_in, "If-None-Match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["etag"] == tag

    stale = {**signed_in, "If-Match": '"stale"'}
    assert_problem(site.put("/api/items", json=item, headers=stale), 412)
    current = {**signed_in, "If-Match": tag}
    assert site.put("/api/items", json=item, headers=current).status_code == 200
    assert_problem(site.delete(path, headers=current), 412)
    assert site.delete(path, headers=signed_in).status_code == 204
    # And the next read is of now, not of a moment ago.
    assert_problem(site.get(path, headers=signed_in), 404)
    assert site.put("/api/items", json=item, headers=signed_in).status_code == 201
    assert site.get(path, headers=signed_in).status_code == 200


def test_query_and_encoded_path_are_unchanged(
    site: httpx.Client, newcomer: Newcomer, token_of: TokenOf
) -> None:
    headers = {"Authorization": f"Bearer {token_of(newcomer('reader'))}"}
    for name in ("a~1", "a~2", "a~3"):
        site.put("/api/items", json={"id": name, "name": name}, headers=headers)
    assert site.get("/api/items/a%7E1", headers=headers).json()["id"] == "a~1"
    assert site.get("/api/items/%61~1", headers=headers).json()["id"] == "a~1"
    assert_problem(site.get("/api/items/a%2F1", headers=headers), 404)

    listed, query = [], {"limit": "2", "order": "asc"}
    for _ in range(3):  # the last page may be empty
        page = site.get("/api/items", params=query, headers=headers).json()
        listed += [item["id"] for item in page["items"]]
        if page["cursor"] is None:
            break
        query["cursor"] = page["cursor"]
    assert listed == ["a~1", "a~2", "a~3"]
    wrong = assert_problem(site.get("/api/items?limit=0", headers=headers), 400)
    assert [error["field"] for error in wrong["errors"]] == ["limit"]


def test_a_correlation_id_goes_there_and_back(
    site: httpx.Client, signed_in: dict[str, str]
) -> None:
    answer = site.get("/api/items", headers={**signed_in, "X-Correlation-Id": "a-b.c"})
    assert answer.headers["x-correlation-id"] == "a-b.c"


def test_request_without_token_is_401(site: httpx.Client, signed_in: dict[str, str]) -> None:
    assert site.get("/api/items", headers=signed_in).status_code == 200
    for wrong in (
        {},
        {"Authorization": "Bearer none"},
        {"Authorization": f"{signed_in['Authorization']}x"},
    ):
        answer = site.get("/api/items", headers=wrong)
        assert_problem(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/items", "/items/absent", "/nope", "/items?limit=0"])
def test_api_response_is_equal_through_the_site(
    path: str, site: httpx.Client, stack: dict[str, Any], signed_in: dict[str, str]
) -> None:
    direct = httpx.get(f"{stack['api_url']}{path}", headers=signed_in, timeout=30)
    answer = site.get(f"/api{path}", headers=signed_in)
    assert answer.status_code == direct.status_code
    bodies = [each.json() for each in (answer, direct)]
    for body in bodies:
        body.pop("instance", None)
    assert bodies[0] == bodies[1]
    for name in ("content-type", "cache-control", "etag", "retry-after"):
        assert answer.headers.get(name) == direct.headers.get(name)
    assert_cors(answer)
    assert {name: answer.headers.get(name) for name in API_HEADERS} == API_HEADERS


def test_cors_works_through_the_site(site: httpx.Client) -> None:
    asked = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,if-match",
    }
    answer = site.options("/api/items", headers=asked)
    assert answer.is_success
    assert_cors(answer)


@pytest.mark.parametrize("place", ["the site", "the development server"])
def test_signing_in_with_the_pages_client(
    place: str,
    site: httpx.Client,
    stack: dict[str, Any],
    visitor: str,
    people: dict[str, dict[str, str]],
) -> None:
    back = f"{stack['site_url']}/" if place == "the site" else DEVELOPMENT_URL
    login = stack["login_url"], stack["site_client_id"]
    scopes = ("openid", "email", READ_SCOPE, WRITE_SCOPE)
    tokens = sign_in(*login, **people[visitor], scopes=scopes, redirect_uri=back)
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert claims["client_id"] == stack["site_client_id"]
    assert set(claims["scope"].split()) == set(scopes)
    assert claims["exp"] - claims["iat"] == 15 * 60

    renewed = httpx.post(
        f"{stack['login_url']}/oauth2/token",
        data={
            "grant_type": "refresh_token",
            "client_id": stack["site_client_id"],
            "refresh_token": tokens["refresh_token"],
        },
    ).raise_for_status()
    for token in (tokens["access_token"], renewed.json()["access_token"]):
        headers = {"Authorization": f"Bearer {token}"}
        assert site.get("/api/items", headers=headers).status_code == 200


def test_the_pages_client_goes_back_nowhere_else(
    stack: dict[str, Any], visitor: str, people: dict[str, dict[str, str]]
) -> None:
    site_url, login = stack["site_url"], (stack["login_url"], stack["site_client_id"])
    assert sign_in(*login, **people[visitor], redirect_uri=f"{site_url}/")
    for other in (site_url, f"{site_url}/x", f"{site_url}.evil.example/", CALLBACK):
        with pytest.raises(LocalError, match="the login page is missing"):
            sign_in(*login, **people[visitor], redirect_uri=other)


def test_the_pages_client_takes_no_password(
    cloud: Cloud, stack: dict[str, Any], visitor: str, people: dict[str, dict[str, str]]
) -> None:
    cognito = cloud.client("cognito-idp")
    who = {"USERNAME": people[visitor]["username"], "PASSWORD": people[visitor]["password"]}
    with pytest.raises(cognito.exceptions.InvalidParameterException):
        cognito.initiate_auth(
            ClientId=stack["site_client_id"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters=who,
        )
