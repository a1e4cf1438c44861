import pytest

from chalicelib.table import records
from tests.unit.conftest import Api


@pytest.fixture
def seven(api: Api, monkeypatch: pytest.MonkeyPatch) -> Api:
    """Seven items, each a minute younger than the one before, and one of somebody else's."""
    clock = iter(f"2026-01-01T00:0{n}:00.000Z" for n in range(8))
    monkeypatch.setattr(records(), "_now", lambda: next(clock))
    for n in range(7):
        api.put({"id": str(n), "name": f"item {n}", "price": n, "description": "long"})
    api.put({"id": "foreign", "name": "not yours"}, user="bob")
    return api


def ids(answer: dict[str, list[dict[str, str]]]) -> str:
    return "".join(item["id"] for item in answer["items"])


def test_newest_first_as_summaries(seven: Api) -> None:
    answer = seven("GET", "/items")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert ids(answer.json) == "6543210"
    assert answer.json["cursor"] is None
    assert answer.json["items"][0] == {
        "id": "6",
        "name": "item 6",
        "price": 6,
        "version": 1,
        "created_at": "2026-01-01T00:06:00.000Z",
        "updated_at": "2026-01-01T00:06:00.000Z",
        "etag": seven("GET", "/items/6").headers["ETag"],
    }


def test_etag_of_a_summary_is_taken_as_if_match(seven: Api) -> None:
    etag = seven("GET", "/items").json["items"][0]["etag"]
    assert seven("DELETE", "/items/5", If_Match=etag).status == 412
    assert seven("DELETE", "/items/6", If_Match=etag).status == 204


@pytest.mark.parametrize(
    ("order", "expected"), [("desc", ["654", "321", "0"]), ("asc", ["012", "345", "6"])]
)
def test_pages(seven: Api, order: str, expected: list[str]) -> None:
    pages, query = [], f"limit=3&order={order}"
    cursor = ""
    while True:
        page = seven("GET", f"/items?{query}{cursor}").json
        pages.append(ids(page))
        if page["cursor"] is None:
            break
        assert len(page["cursor"]) < 1500
        cursor = f"&cursor={page['cursor']}"
    assert pages == expected


def test_a_cursor_is_its_owners_in_its_order(seven: Api) -> None:
    cursor = seven("GET", "/items?limit=3").json["cursor"]
    mine = seven("GET", f"/items?cursor={cursor}")
    assert ids(mine.json) == "3210"
    for path, user in (
        (f"/items?cursor={cursor}", "bob"),
        (f"/items?order=asc&cursor={cursor}", "alice"),
    ):
        answer = seven("GET", path, user=user)
        garbage = seven("GET", "/items?cursor=garbage", user=user)
        assert (answer.status, answer.field) == (400, "cursor")
        assert answer.json["detail"] == garbage.json["detail"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=1000", "limit"),
        ("limit=-1", "limit"),
        ("limit=1.0", "limit"),
        ("limit=1e1", "limit"),
        ("limit=", "limit"),
        ("limit=%D9%A3", "limit"),
        ("limit=2&limit=3", "limit"),
        ("order=up", "order"),
        ("order=DESC", "order"),
        ("cursor=", "cursor"),
        ("cursor=A", "cursor"),
        ("cursor=AAAA", "cursor"),
        ("cursor=%2B%2F%3D", "cursor"),
        ("cursor=" + "A" * 301, "cursor"),
        ("owner=bob", "owner"),
        ("Limit=5", "Limit"),
    ],
)
def test_a_wrong_parameter_is_named(api: Api, query: str, field: str) -> None:
    answer = api("GET", f"/items?{query}")
    assert (answer.status, answer.field) == (400, field)


@pytest.mark.parametrize("limit", [1, 100])
def test_the_limits_ends(api: Api, limit: int) -> None:
    assert api("GET", f"/items?limit={limit}").status == 200
