"""Tenant isolation: a user cannot read, change or detect another user's items."""

import json
import re
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
import pytest

from chalicelib.auth import READ_SCOPE, WRITE_SCOPE
from tests.e2e.conftest import ClientOf, Newcomer, StoredItems, TokenOf
from tests.e2e.problem import assert_problem

# Differences between any two responses. An entity tag's presence is compared, but not its value.
DIFFERENT = {"date", "x-amzn-requestid", "x-amz-request-id", "x-correlation-id"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

# Method, a precondition, where {} is the entity tag of the other's item, and the status.
REQUESTS: list[tuple[str, dict[str, str], int]] = [
    ("GET", {}, 404),
    ("GET", {"If-Match": "{}"}, 404),
    ("GET", {"If-Match": "*"}, 404),
    ("GET", {"If-None-Match": "{}"}, 404),
    ("GET", {"If-None-Match": "*"}, 404),
    ("DELETE", {}, 204),
    ("DELETE", {"If-Match": "{}"}, 204),
    ("DELETE", {"If-Match": "*"}, 204),
    ("DELETE", {"If-None-Match": "{}"}, 400),
    ("PUT", {}, 201),
    ("PUT", {"If-Match": "{}"}, 412),
    ("PUT", {"If-Match": "*"}, 412),
    ("PUT", {"If-None-Match": "{}"}, 201),
    ("PUT", {"If-None-Match": "*"}, 201),
    ("PUT", {"If-Match": "{}", "If-None-Match": "*"}, 412),
]


@dataclass(frozen=True)
class Person:
    api: httpx.Client
    sub: str

    def put(self, id: str, **fields: Any) -> httpx.Response:
        return self.api.put("/items", json={"id": id, "name": id, **fields}).raise_for_status()

    def has(self, item: httpx.Response) -> bool:
        """Whether the item still is, and in every list, as this answer to a GET said."""
        found = self.api.get(item.request.url)
        listed = self.api.get("/items", params={"limit": 100}).json()["items"]
        summary = {k: v for k, v in item.json().items() if k != "description"}
        summary["etag"] = item.headers["ETag"]
        same = found.text == item.text and found.headers["etag"] == item.headers["etag"]
        return same and summary in listed


@dataclass(frozen=True)
class Two:
    alice: Person
    bob: Person


@pytest.fixture(scope="module")
def two(api_url: str, newcomer: Newcomer, token_of: TokenOf, client_of: ClientOf) -> Two:
    """Alice and Bob, who have three items each, new for each server."""
    people = []
    for like in ("alice", "bob"):
        name = newcomer(like)
        claims = jwt.decode(token_of(name), options={"verify_signature": False})
        people.append(Person(client_of(name, api_url), claims["sub"]))
        for n in range(3):
            people[-1].put(f"{like}-{n}", price=n, description=f"{like}'s own")
    return Two(*people)


def told(response: httpx.Response, item_id: str) -> tuple[int, dict[str, str], Any]:
    """Return a response without the differences between any two responses."""
    headers = {k: v for k, v in response.headers.items() if k not in DIFFERENT}
    if "etag" in headers:
        headers["etag"] = "a tag"
    if "location" in headers:
        headers["location"] = headers["location"].replace(item_id, "an id")
    text = TIME.sub("a time", response.text).replace(item_id, "an id")
    body = json.loads(text) if text else None
    if isinstance(body, dict):
        body.pop("instance", None)
    return response.status_code, headers, body


@pytest.mark.parametrize(
    ("method", "precondition", "status"), REQUESTS, ids=lambda value: str(value)
)
def test_foreign_id_looks_like_a_missing_id(
    method: str, precondition: dict[str, str], status: int, two: Two
) -> None:
    row = REQUESTS.index((method, precondition, status))
    foreign, never = f"foreign-{row}", f"unknown-{row}"
    two.bob.put(foreign, description="secret")
    bobs = two.bob.api.get(f"/items/{foreign}")
    headers = {name: value.format(bobs.headers["etag"]) for name, value in precondition.items()}

    def ask(item_id: str) -> tuple[int, dict[str, str], Any]:
        path, body = f"/items/{item_id}", None
        if method == "PUT":
            path, body = "/items", {"id": item_id, "name": "mine", "price": 2}
        return told(two.alice.api.request(method, path, headers=headers, json=body), item_id)

    answer = ask(foreign)

    assert answer[0] == status
    assert answer == ask(never)
    assert two.bob.has(bobs)
    if status == 201:
        alices = two.alice.api.get(f"/items/{foreign}").json()
        assert alices["name"] == "mine"
        assert alices["version"] == 1
        assert "description" not in alices
    else:
        assert two.alice.api.get(f"/items/{foreign}").status_code == 404


def test_no_list_shows_what_is_not_ones_own(two: Two) -> None:
    for order in ("asc", "desc"):
        query: dict[str, str | int] = {"order": order, "limit": 2}
        seen = []
        while True:
            page = two.alice.api.get("/items", params=query).raise_for_status().json()
            seen += [item["id"] for item in page["items"]]
            if page["cursor"] is None:
                break
            query["cursor"] = page["cursor"]
        assert {"alice-0", "alice-1", "alice-2"} <= set(seen)
        assert not {"bob-0", "bob-1", "bob-2"} & set(seen)


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_foreign_cursor_looks_like_garbage(order: str, two: Two) -> None:
    def page(person: Person, cursor: str | None) -> httpx.Response:
        query = {"order": order, "limit": "1", **({"cursor": cursor} if cursor else {})}
        return person.api.get("/items", params=query)

    foreign, own = (page(person, None).json()["cursor"] for person in (two.bob, two.alice))
    assert page(two.alice, own).status_code == 200
    assert page(two.bob, foreign).status_code == 200

    answer = page(two.alice, foreign)

    assert assert_problem(answer, 400)["errors"][0]["field"] == "cursor"
    garbage = "A" * len(foreign)
    assert told(answer, foreign) == told(page(two.alice, garbage), garbage)


def test_cursor_and_entity_tag_hide_the_owner(two: Two) -> None:
    page = two.bob.api.get("/items", params={"limit": 1})
    item = two.bob.api.get("/items/bob-0")
    assert two.bob.sub not in page.text + item.text + str(page.headers) + str(item.headers)


@pytest.mark.parametrize(
    "field", ["owner", "sub", "version", "created_at", "updated_at", "attempt", "by_owner"]
)
def test_no_field_of_a_body_names_an_owner(field: str, two: Two, stored_items: StoredItems) -> None:
    before = stored_items()
    value = 1 if field == "version" else two.bob.sub
    body = {"id": "bob-0", "name": "stolen", field: value}
    answer = assert_problem(two.alice.api.put("/items", json=body), 400)
    assert [error["field"] for error in answer["errors"]] == [field]
    assert stored_items() == before


@pytest.mark.parametrize("name", ["owner", "sub", "user", "id"])
def test_no_parameter_of_a_query_names_an_owner(
    name: str, two: Two, stored_items: StoredItems
) -> None:
    query, before = {name: two.bob.sub}, stored_items()
    listed = assert_problem(two.alice.api.get("/items", params=query), 400)
    assert [error["field"] for error in listed["errors"]] == [name]
    assert_problem(two.alice.api.get("/items/bob-0", params=query), 404)
    assert two.alice.api.delete("/items/bob-0", params=query).status_code == 204
    assert stored_items() == before

    body = {"id": "smuggled", "name": "mine"}
    assert two.alice.api.put("/items", params=query, json=body).status_code == 201
    assert two.alice.api.delete("/items/smuggled").status_code == 204
    assert stored_items() == before


@pytest.mark.parametrize(
    "name",
    [
        "X-Owner",
        "X-User",
        "X-Sub",
        "X-Cognito-Sub",
        "X-Forwarded-User",
        "X-Amzn-Oidc-Identity",
        "X-Amzn-Request-Context",
        "X-Apigateway-Event",
        "X-HTTP-Method-Override",
    ],
)
def test_no_header_names_an_owner(name: str, two: Two, stored_items: StoredItems) -> None:
    claims = {"sub": two.bob.sub, "token_use": "access", "scope": f"{READ_SCOPE} {WRITE_SCOPE}"}
    context = json.dumps({"authorizer": {"claims": claims}})
    for value in (two.bob.sub, context, json.dumps({"requestContext": json.loads(context)})):
        headers, before = {name: value}, stored_items()
        assert_problem(two.alice.api.get("/items/bob-0", headers=headers), 404)
        assert two.alice.api.delete("/items/bob-0", headers=headers).status_code == 204
        assert stored_items() == before
        listed = two.alice.api.get("/items", headers=headers).json()["items"]
        assert {"alice-0", "alice-1", "alice-2"} <= {item["id"] for item in listed}
        assert "bob-0" not in {item["id"] for item in listed}


@pytest.mark.parametrize("separator", ["#", "%23", "%2523", "%252523", "%EF%BC%83"])
def test_no_id_reaches_into_anothers_items(
    separator: str, two: Two, stored_items: StoredItems
) -> None:
    before, base = stored_items(), two.alice.api.base_url.raw_path.decode()
    for owner in (two.bob.sub, two.alice.sub, ""):
        # As it is: a well-behaved client would encode it, or keep a fragment to itself.
        target = f"{base}items/{owner}{separator}bob-0".encode()
        for method in ("GET", "DELETE"):
            answer = two.alice.api.request(method, "/items/x", extensions={"target": target})
            if separator == "#":  # where a server may take the rest for a fragment
                assert "bob" not in answer.text
            else:
                assert_problem(answer, 400)
        body = {"id": f"{owner}{separator}bob-0", "name": "stolen"}
        answer = two.alice.api.put("/items", json=body)
        assert assert_problem(answer, 400)["errors"][0]["field"] == "id"
    assert stored_items() == before
