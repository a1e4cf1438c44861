"""The tutorial's walk, as a newcomer would take it."""

from tests.e2e.conftest import ClientOf, Newcomer


def test_put_get_list_delete_and_gone(
    api_url: str, client_of: ClientOf, newcomer: Newcomer
) -> None:
    alice = client_of(newcomer("alice"), api_url)
    item = {"id": "123", "price": 12345, "name": "myitem"}

    created = alice.put("/items", json=item)
    assert created.status_code == 201
    assert created.headers["location"].endswith("/items/123")

    found = alice.get("/items/123")
    assert found.status_code == 200
    assert {key: found.json()[key] for key in item} == item
    assert found.headers["etag"] == created.headers["etag"]

    listed = alice.get("/items").json()
    assert [each["id"] for each in listed["items"]] == ["123"]
    assert listed["cursor"] is None

    assert alice.delete("/items/123").status_code == 204
    gone = alice.get("/items/123")
    assert gone.status_code == 404
    assert gone.headers["content-type"] == "application/problem+json"
