from tests.unit.conftest import Api

ITEM = {"id": "123", "name": "myitem"}


def test_deletes_and_may_be_repeated(api: Api) -> None:
    api.put(ITEM)
    for _ in range(2):
        answer = api("DELETE", "/items/123")
        assert (answer.status, answer.body) == (204, b"")
    assert api("GET", "/items/123").status == 404


def test_if_match(api: Api) -> None:
    tag = api.put(ITEM).headers["ETag"]
    assert api("DELETE", "/items/123", If_Match='"other"').status == 412
    assert api("DELETE", "/items/123", If_Match=f"W/{tag}").status == 412
    assert api("GET", "/items/123").status == 200
    assert api("DELETE", "/items/123", If_Match=tag).status == 204
    # Already deleted, as intended.
    assert api("DELETE", "/items/123", If_Match=tag).status == 204
    assert api("DELETE", "/items/123", If_Match="*").status == 204


def test_a_tag_never_comes_back(api: Api) -> None:
    tag = api.put(ITEM).headers["ETag"]
    api("DELETE", "/items/123")
    created = api.put(ITEM)
    assert (created.status, created.json["version"]) == (201, 1)
    assert created.headers["ETag"] != tag
    assert api("DELETE", "/items/123", If_Match=tag).status == 412


def test_if_none_match_is_refused(api: Api) -> None:
    api.put(ITEM)
    answer = api("DELETE", "/items/123", If_None_Match="*")
    assert (answer.status, answer.field) == (400, "If-None-Match")
    assert api("GET", "/items/123").status == 200


def test_another_users_item_stays(api: Api) -> None:
    api.put(ITEM)
    assert api("DELETE", "/items/123", user="bob").status == 204
    assert api("GET", "/items/123").status == 200
