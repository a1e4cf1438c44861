"""An item's life on each way to the API, with all allowed content."""

import json
import secrets

import httpx
import pytest

from tests.e2e.problem import assert_cors, assert_problem
from tests.smoke.person import listed

JSON = {"Content-Type": "application/json"}

# More than a float holds, and all that the table holds.
EXACT = "12345678901234567890.123456789012345678"

#: Texts that firewalls match, but that an item's description may contain.
SUSPICIOUS = {
    "markup": '<script>alert("1")</script><img src=x onerror=alert(1)>',
    "a path": "../../etc/passwd and ..\\..\\windows\\win.ini",
    "an address": "http://169.254.169.254/latest/meta-data/ and http://127.0.0.1/x.php?a=http://b/",
    "a command": "$(cat /etc/shadow); ' OR 1=1 -- ; ping -c 1 127.0.0.1",
    "more than 8 KB": "ü" * 4000,  # 24 KB, escaped
}


def new_id(what: str) -> str:
    return f"smoke-{what}-{secrets.token_hex(4)}"


def test_from_put_to_gone(way: str, api: httpx.Client) -> None:
    item = {"id": new_id("walk"), "price": 12345, "name": "myitem"}
    path = f"/items/{item['id']}"

    created = api.put("/items", json=item)
    assert created.status_code == 201, created.text[:300]
    assert created.headers["location"] == f"/api{path}"
    assert {key: created.json()[key] for key in item} == item
    assert created.json()["version"] == 1
    tag = created.headers["etag"]
    assert tag.startswith('"'), "a weak tag would be of no use to If-Match"

    found = api.get(path)
    assert found.status_code == 200
    assert found.json() == created.json()
    assert found.headers["etag"] == tag
    assert found.headers["cache-control"] == "private, no-cache"
    assert_cors(found)

    unchanged = api.get(path, headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["etag"] == tag

    changed = api.put("/items", json={**item, "name": "renamed"}, headers={"If-Match": tag})
    assert changed.status_code == 200, changed.text[:300]
    assert changed.json()["version"] == 2
    assert changed.headers["etag"] != tag
    for stale in (
        api.put("/items", json=item, headers={"If-Match": tag}),
        api.put("/items", json=item, headers={"If-None-Match": "*"}),
        api.delete(path, headers={"If-Match": tag}),
    ):
        assert_problem(stale, 412)
    # CloudFront does not cache a response either.
    assert api.get(path).json()["name"] == "renamed"

    assert api.delete(path).status_code == 204
    assert_problem(api.get(path), 404)
    assert api.delete(path).status_code == 204


def test_the_tutorials_body_is_an_item(api: httpx.Client) -> None:
    body = '{"id": "123", "price": 12345, "name": "myitem"}'
    made = api.put("/items", content=body, headers=JSON)
    assert made.is_success, made.text[:300]
    assert json.loads(body).items() <= api.get("/items/123").json().items()
    assert api.delete("/items/123").status_code == 204


def test_stored_item_is_in_the_list(api: httpx.Client) -> None:
    item_id = new_id("listed")
    item = {"id": item_id, "name": "listed", "description": "left out of a list"}
    api.put("/items", json=item).raise_for_status()
    # The list is eventually consistent, which takes less than a second on AWS.
    for _ in range(50):
        if item_id in listed(api):
            break
    else:
        pytest.fail(f"{item_id} is not in the list")
    shown = api.get("/items", params={"limit": 100}).json()["items"]
    (summary,) = (each for each in shown if each["id"] == item_id)
    assert "description" not in summary
    page = api.get("/items", params={"limit": 1}).json()
    assert len(page["items"]) == 1


def test_a_price_is_kept_to_the_last_digit(api: httpx.Client) -> None:
    item_id = new_id("price")
    body = f'{{"id": "{item_id}", "name": "exact", "price": {EXACT}}}'
    made = api.put("/items", content=body, headers=JSON)
    assert made.status_code == 201, made.text[:300]
    for answer in (made, api.get(f"/items/{item_id}")):
        assert f'"price":{EXACT}' in answer.text.replace(" ", "")


@pytest.mark.parametrize("what", SUSPICIOUS)
def test_a_description_is_text_whatever_it_says(what: str, api: httpx.Client) -> None:
    item = {"id": new_id("text"), "name": SUSPICIOUS[what][:200], "description": SUSPICIOUS[what]}
    made = api.put("/items", content=json.dumps(item), headers=JSON)
    assert made.status_code == 201, f"{what} is refused: {made.status_code} {made.text[:300]}"
    found = api.get(f"/items/{item['id']}")
    assert found.status_code == 200, f"{what}: {found.status_code} {found.text[:300]}"
    assert found.json()["description"] == SUSPICIOUS[what]


@pytest.mark.parametrize("ending", [".log", ".ini", ".bak", "~", ".php"])
def test_an_id_is_a_name_whatever_it_ends_with(ending: str, api: httpx.Client) -> None:
    item_id = new_id("name") + ending
    api.put("/items", json={"id": item_id, "name": ending}).raise_for_status()
    found = api.get(f"/items/{item_id}")
    assert found.status_code == 200, f"{item_id}: {found.status_code} {found.text[:300]}"
    assert api.delete(f"/items/{item_id}").status_code == 204


@pytest.mark.parametrize("path", ["/items", "/items/absent"])
def test_a_correlation_id_comes_back(path: str, api: httpx.Client) -> None:
    given = f"smoke-{secrets.token_hex(8)}"
    assert api.get(path, headers={"X-Correlation-Id": given}).headers["x-correlation-id"] == given
