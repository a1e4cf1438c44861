"""Error responses of the deployed gateway and its function."""

import json
import re
import secrets
from typing import Any

import httpx
import jwt
import pytest

from chalicelib.errors import PROBLEM_TYPES
from tests.e2e.conftest import ClientOf, FunctionLog, Newcomer, StoredItems
from tests.e2e.problem import ALLOWED, EXPOSED, assert_cors, assert_problem, names

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def api(stack: dict[str, Any], newcomer: Newcomer, client_of: ClientOf) -> httpx.Client:
    """A user's client, who has one item."""
    client = client_of(newcomer("visitor"), stack["api_url"])
    item = {"id": "known", "name": "known", "price": 1, "description": "by name"}
    client.put("/items", json=item).raise_for_status()
    return client


@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/nope"),
        ("GET", "/items/known/more"),
        ("GET", "/ITEMS"),
        ("POST", "/items"),
        ("DELETE", "/items"),
        ("PUT", "/items/known"),
        ("PATCH", "/items/known"),
    ],
)
def test_an_unknown_route_or_method_is_404(
    method: str, path: str, signed_in: bool, api: httpx.Client
) -> None:
    headers = {"Authorization": api.headers["authorization"]} if signed_in else {}
    body = assert_problem(httpx.request(method, f"{api.base_url}{path[1:]}", headers=headers), 404)
    assert body["detail"] == "There is no such resource."
    assert path not in json.dumps(body) or path == "/"


def _spaced(size: int) -> bytes:
    """A right body of exactly this size."""
    body = json.dumps({"id": "padded", "name": "padded"}).encode()
    return body + b" " * (size - len(body))


def test_body_over_64_kib_is_rejected(api: httpx.Client, stored_items: StoredItems) -> None:
    before = stored_items()
    answer = api.put("/items", content=_spaced(64 * 1024 + 1), headers=JSON)
    assert assert_problem(answer, 413)["errors"][0]["field"] == "body"
    assert stored_items() == before

    assert api.put("/items", content=_spaced(64 * 1024), headers=JSON).status_code == 201


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/jsonp"],
)
def test_another_content_type_is_415(content_type: str, api: httpx.Client) -> None:
    headers = {"Content-Type": content_type}
    answer = api.put("/items", content=b'{"id":"typed","name":"typed"}', headers=headers)
    assert_problem(answer, 415)
    assert_problem(api.get("/items/typed"), 404)


def test_a_content_type_may_name_its_charset(api: httpx.Client) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    answer = api.put("/items", content='{"id":"charset","name":"Öl"}'.encode(), headers=headers)
    assert answer.status_code == 201
    assert answer.json()["name"] == "Öl"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"[]", "body"),
        (b"null", "body"),
        (b'{"id":"bad","name":"bad"} {}', "body"),
        (b'{"id":"bad","name":"bad","price":NaN}', "body"),
        (b'{"id":"bad"}', "name"),
        (b'{"id":"bad","name":"bad","price":-1}', "price"),
        (b'{"id":"bad","name":"bad","price":"1"}', "price"),
        (b'{"id":"b/d","name":"bad"}', "id"),
        (b'{"id":"bad","name":"bad","colour":"red"}', "colour"),
    ],
)
def test_invalid_item_is_400_with_the_field(body: bytes, field: str, api: httpx.Client) -> None:
    problem = assert_problem(api.put("/items", content=body, headers=JSON), 400)
    assert problem["type"] == f"{PROBLEM_TYPES}:invalid-request"
    assert [error["field"] for error in problem["errors"]] == [field]
    assert_problem(api.get("/items/bad"), 404)


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/items", {"get", "put", "options"}), ("/items/known", {"get", "delete", "options"})],
)
def test_a_preflight_allows_what_the_api_needs(path: str, methods: set[str], api_url: str) -> None:
    asked = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "authorization,if-match",
    }
    answer = httpx.options(f"{api_url}{path}", headers=asked, timeout=30)
    assert answer.is_success
    assert names(answer.headers["access-control-allow-methods"]) == methods
    assert answer.headers["access-control-max-age"] == "600"
    assert_cors(answer)


def test_every_answer_carries_cors(api: httpx.Client) -> None:
    tag = api.get("/items/known").headers["etag"]
    answers = {
        200: api.get("/items"),
        201: api.put("/items", json={"id": "cors", "name": "cors"}),
        204: api.delete("/items/cors"),
        304: api.get("/items/known", headers={"If-None-Match": tag}),
        400: api.get("/items", params={"limit": 0}),
        401: api.get("/items", headers={"Authorization": "none"}),
        404: api.get("/items/unknown"),
        412: api.get("/items/known", headers={"If-Match": '"another"'}),
        415: api.put("/items", content=b"{}", headers={"Content-Type": "text/plain"}),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert_cors(answer)
        assert len(answer.headers.get_list("access-control-allow-origin")) == 1
    assert names(answers[200].headers["access-control-expose-headers"]) == EXPOSED
    assert names(answers[200].headers["access-control-allow-headers"]) >= ALLOWED


@pytest.mark.parametrize("given", ["a", "A-1_b.c:d", "x" * 128])
@pytest.mark.parametrize("path", ["/items", "/items/unknown", "/items/known?nothing=1"])
def test_a_well_formed_correlation_id_is_kept(given: str, path: str, api: httpx.Client) -> None:
    answer = api.get(path, headers={"X-Correlation-Id": given})
    assert answer.headers["x-correlation-id"] == given


@pytest.mark.parametrize("given", [None, "", "two words", "x" * 129, 'quo"te', "{}", "a\tb", "a,b"])
def test_any_other_correlation_id_is_replaced(given: str | None, api: httpx.Client) -> None:
    headers = {} if given is None else {"X-Correlation-Id": given}
    found, missed = (api.get(f"/items/{id}", headers=headers) for id in ("known", "unknown"))
    for answer in found, missed:
        assert UUID.fullmatch(answer.headers["x-correlation-id"])
    # A report of the problem then also names the log line.
    assert missed.headers["x-correlation-id"] == missed.json()["instance"]
    assert found.headers["x-correlation-id"] != missed.headers["x-correlation-id"]


def test_request_logs_one_line_without_names(api: httpx.Client, function_log: FunctionLog) -> None:
    correlation_id = secrets.token_hex(16)
    item = {"id": "logged", "name": "a name to keep", "description": "and more"}
    api.put("/items", json=item, headers={"X-Correlation-Id": correlation_id})

    (line,) = function_log(correlation_id, "status")
    assert line["status"] == 201
    assert line["route"] == "PUT /items"
    assert line["level"] == "INFO"
    token = api.headers["authorization"].removeprefix("Bearer ")
    subject = jwt.decode(token, options={"verify_signature": False})["sub"]
    for secret in (token, subject, *item.values()):
        assert secret not in json.dumps(line)


def test_an_unchanged_item_is_not_sent_again(api: httpx.Client) -> None:
    first = api.get("/items/known")
    tag = first.headers["etag"]
    for asked in (tag, f"W/{tag}", f'"another", {tag}', "*"):
        again = api.get("/items/known", headers={"If-None-Match": asked})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == "private, no-cache"

    api.put("/items", json={"id": "known", "name": "changed"}).raise_for_status()
    changed = api.get("/items/known", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


@pytest.mark.parametrize(("order", "limit"), [("desc", None), ("desc", 7), ("asc", 7)])
def test_pages_turn_over_everything_once(
    order: str, limit: int | None, stack: dict[str, Any], newcomer: Newcomer, client_of: ClientOf
) -> None:
    api = client_of(newcomer("reader"), stack["api_url"])
    put = [f"page-{n:02}" for n in range(30)]
    for item_id in put:
        api.put("/items", json={"id": item_id, "name": item_id}).raise_for_status()

    query = {"order": order} if limit is None else {"order": order, "limit": str(limit)}
    sizes, listed = [], []
    while True:
        page = api.get("/items", params=query).raise_for_status().json()
        sizes.append(len(page["items"]))
        listed += page["items"]
        if page["cursor"] is None:
            break
        assert len(sizes) <= len(put), "the list does not end"
        query["cursor"] = page["cursor"]

    assert [size for size in sizes if size] == ([25, 5] if limit is None else [7, 7, 7, 7, 2])
    assert sorted(item["id"] for item in listed) == put
    created = [item["created_at"] for item in listed]
    assert created == sorted(created, reverse=order == "desc")
