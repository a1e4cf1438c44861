import json

import pytest

from chalicelib.dynamodb.choice import sdk_client
from chalicelib.errors import ResourceNotFound
from chalicelib.items import ITEMS
from chalicelib.retry import Deadline
from chalicelib.table import RecordTable
from tests.unit.conftest import Api
from tests.unit.stub import running

ITEM = {"id": "123", "name": "myitem", "description": "all of it"}


def test_the_whole_item(api: Api) -> None:
    put = api.put(ITEM)
    answer = api("GET", "/items/123")
    assert answer.status == 200
    assert answer.json == put.json
    assert answer.json["description"] == "all of it"
    assert answer.headers["ETag"] == put.headers["ETag"]
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Content-Type"] == "application/json"


def test_not_there(api: Api) -> None:
    answer = api("GET", "/items/123")
    assert answer.status == 404
    assert answer.json["title"] == "Not Found"


def test_not_modified(api: Api) -> None:
    tag = api.put(ITEM).headers["ETag"]
    for value in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = api("GET", "/items/123", If_None_Match=value)
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["ETag"] == tag
        assert answer.headers["Cache-Control"] == "private, no-cache"
    assert api("GET", "/items/123", If_None_Match='"x"').status == 200


def test_if_match(api: Api) -> None:
    tag = api.put(ITEM).headers["ETag"]
    assert api("GET", "/items/123", If_Match=tag).status == 200
    assert api("GET", "/items/123", If_Match="*").status == 200
    # If-Match is evaluated first, and strongly.
    for value in ('"x"', f"W/{tag}"):
        assert api("GET", "/items/123", If_Match=value, If_None_Match=tag).status == 412


@pytest.mark.parametrize(
    "segment", ["%2E", ".", "..", "a%23b", "a%2Fb", "%00", "a%0A", "%C3%A9", "x" * 129, "a%"]
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_impossible_id_is_refused(api: Api, method: str, segment: str) -> None:
    answer = api(method, f"/items/{segment}")
    assert (answer.status, answer.field) == (400, "id")


def test_percent_encoding_means_what_it_says(api: Api) -> None:
    api.put({"id": "a~b", "name": "x"})
    assert api("GET", "/items/a%7Eb").json["id"] == "a~b"


def test_another_users_item_is_not_there(api: Api) -> None:
    api.put(ITEM)
    assert api("GET", "/items/123", user="bob").status == 404
    assert api("GET", "/items", user="bob").json["items"] == []


def test_get_is_strongly_consistent() -> None:
    """moto has no other reads, so this looks at the request itself."""
    with running() as stub:
        stub.answer = json.dumps({"ConsumedCapacity": {"TableName": "t", "CapacityUnits": 1.0}})
        client = sdk_client(region_name="us-east-1", endpoint_url=stub.url)
        with pytest.raises(ResourceNotFound):
            RecordTable(client, "t").get(ITEMS, "alice", "1", Deadline.after(60))
        client.close()
    assert [json.loads(each.body)["ConsistentRead"] for each in stub.requests] == [True]
