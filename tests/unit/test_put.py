import json
from decimal import Decimal
from http import HTTPStatus

import pytest
from chalice.local import LambdaContext

from app import app
from tests.unit.conftest import Api

ITEM = {"id": "123", "price": 12345, "name": "myitem"}


def test_creates(api: Api) -> None:
    answer = api.put(ITEM)
    assert answer.status == 201
    assert answer.headers["Location"] == "/items/123"
    assert answer.headers["ETag"].startswith('"')
    assert answer.json == {
        **ITEM,
        "version": 1,
        "created_at": answer.json["created_at"],
        "updated_at": answer.json["created_at"],
    }


def test_replaces_the_whole_item(api: Api) -> None:
    first = api.put({**ITEM, "description": "old"})
    second = api.put({"id": "123", "name": "new"})
    assert second.status == 200
    assert "Location" not in second.headers
    assert second.headers["ETag"] != first.headers["ETag"]
    assert second.json["version"] == 2
    assert second.json["created_at"] == first.json["created_at"]
    assert "price" not in second.json
    assert "description" not in second.json
    assert api("GET", "/items/123").json == second.json


def test_location_is_the_requests_own_path(api: Api) -> None:
    # API Gateway takes a trailing slash for the same resource.
    assert api("PUT", "/items/", ITEM).headers["Location"] == "/items/123"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x"}, "id"),
        ({"id": "x"}, "name"),
        ({"id": "", "name": "x"}, "id"),
        ({"id": ".", "name": "x"}, "id"),
        ({"id": "..", "name": "x"}, "id"),
        ({"id": "a/b", "name": "x"}, "id"),
        ({"id": "a#b", "name": "x"}, "id"),
        ({"id": "a\n", "name": "x"}, "id"),
        ({"id": "é", "name": "x"}, "id"),
        ({"id": "x" * 129, "name": "x"}, "id"),
        ({"id": 5, "name": "x"}, "id"),
        ({"id": None, "name": "x"}, "id"),
        ({"id": "x", "name": ""}, "name"),
        ({"id": "x", "name": " \t"}, "name"),
        ({"id": "x", "name": "\x1c\x85\u2003\ufeff"}, "name"),
        ({"id": "x", "name": "x" * 201}, "name"),
        ({"id": "x", "name": ["x"]}, "name"),
        ({**ITEM, "description": "x" * 4001}, "description"),
        ({**ITEM, "description": None}, "description"),
        ({**ITEM, "price": None}, "price"),
        ({**ITEM, "price": True}, "price"),
        ({**ITEM, "price": "5"}, "price"),
        ({**ITEM, "price": "NaN"}, "price"),
        ({**ITEM, "price": -1}, "price"),
        ({**ITEM, "price": -0.01}, "price"),
        ({**ITEM, "price": 10**38 + 1}, "price"),
        ({**ITEM, "version": 1}, "version"),
        ({**ITEM, "created_at": "2020-01-01T00:00:00.000Z"}, "created_at"),
        ({**ITEM, "updated_at": "2020-01-01T00:00:00.000Z"}, "updated_at"),
        ({**ITEM, "owner": "bob"}, "owner"),
        ({**ITEM, "Price": 1}, "Price"),
        ([], "body"),
        ("text", "body"),
        (b"{", "body"),
        (b"{} {}", "id"),
        (b"\xff", "body"),
        (b'{"id": "x", "name": "\xff"}', "body"),
        (b'{"id": "x", "name": "\\ud800"}', "body"),
        (b'{"id": "x", "name": "x", "price": NaN}', "body"),
        (b'{"id": "x", "name": "x", "price": 01}', "body"),
        (b'{"id": "x", "name": "x", "price": 1e126}', "price"),
        (b'{"id": "x", "name": "x", "price": 1e-131}', "price"),
        (b'{"id": "x", "name": "x", "price": 1e999999999999999999}', "price"),
        (b'{"id": "x", "name": "x", "price": 1e-999999999999999999}', "price"),
        (b'{"id": "x", "name": "x", "price": ' + b"9" * 39 + b"}", "price"),
        (b'{"id": "x", "name": "x", "price": ' + b"9" * 60_000 + b"}", "price"),
        (b'{"id": "x", "id": "y", "name": "x"}', "id"),
        (b'{"id": "x", "name": "x", "price": 1, "price": 1}', "price"),
        (b'{"id": "x", "name": "x", "deep": ' + b"[" * 5000 + b"]" * 5000 + b"}", "deep"),
        (b"[" * 30_000 + b"]" * 30_000, "body"),
    ],
)
def test_refuses_and_names_the_field(api: Api, body: object, field: str) -> None:
    answer = api.put(body)
    assert answer.status == 400
    assert answer.field == field
    assert api("GET", "/items").json["items"] == []


def test_an_empty_body_is_refused(api: Api) -> None:
    answer = api("PUT", "/items", b"", Content_Type="application/json")
    assert (answer.status, answer.field) == (400, "body")


def test_the_largest_item_is_accepted(api: Api) -> None:
    item = {"id": "~" * 128, "name": "\U0001f600" * 200, "description": "\U0001f600" * 4000}
    assert api.put(json.dumps(item, ensure_ascii=False).encode()).status == 201
    # Escaped, the same takes three times the bytes and still fits.
    assert api.put(item).status == 200


def test_a_body_over_64_kib_is_413(api: Api) -> None:
    spaces = b" " * (64 * 1024 - len(json.dumps(ITEM)))
    assert api.put(json.dumps(ITEM).encode() + spaces).status == 201
    answer = api.put(json.dumps(ITEM).encode() + spaces + b" ")
    assert answer.status == 413
    assert answer.json["title"] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE.phrase


@pytest.mark.parametrize(
    "price",
    ["0", "0.10", "1e-7", "9" * 38, "0." + "0" * 91 + "9" * 38, "9.99e125", "1E-130", "12345"],
)
def test_a_price_comes_back_exactly(api: Api, price: str) -> None:
    body = f'{{"id": "p", "name": "x", "price": {price}}}'.encode()
    for answer in (api.put(body), api("GET", "/items/p")):
        got = json.loads(answer.body, parse_float=Decimal, parse_int=Decimal)["price"]
        assert isinstance(got, Decimal)
        assert got == Decimal(price)


def test_redundant_zeros_are_no_digits(api: Api) -> None:
    price = "1." + "0" * 60
    assert api.put(f'{{"id": "p", "name": "x", "price": {price}}}'.encode()).json["price"] == 1


class TestPreconditions:
    def test_if_match(self, api: Api) -> None:
        tag = api.put(ITEM).headers["ETag"]
        assert api.put(ITEM, If_Match=f'"other", {tag}').status == 200
        answer = api.put({**ITEM, "name": "late"}, If_Match=tag)
        assert answer.status == 412
        assert api("GET", "/items/123").json["name"] == "myitem"

    def test_if_match_is_strong(self, api: Api) -> None:
        tag = api.put(ITEM).headers["ETag"]
        assert api.put(ITEM, If_Match=f"W/{tag}").status == 412

    def test_if_match_any(self, api: Api) -> None:
        assert api.put(ITEM, If_Match="*").status == 412
        api.put(ITEM)
        assert api.put(ITEM, If_Match="*").status == 200

    def test_if_none_match_any_creates_only(self, api: Api) -> None:
        assert api.put(ITEM, If_None_Match="*").status == 201
        assert api.put(ITEM, If_None_Match="*").status == 412

    def test_if_none_match_is_weak(self, api: Api) -> None:
        tag = api.put(ITEM).headers["ETag"]
        assert api.put(ITEM, If_None_Match=f"W/{tag}").status == 412
        assert api.put(ITEM, If_None_Match='"other"').status == 200

    @pytest.mark.parametrize("header", ["If_Match", "If_None_Match"])
    @pytest.mark.parametrize(
        "value", ["", "x", '"x', '"a" "b"', 'w/"x"', '"a"b"', '*, "a"', ",", '"a"\n']
    )
    def test_nonsense_is_refused(self, api: Api, header: str, value: str) -> None:
        answer = api.put(ITEM, **{header: value})
        assert (answer.status, answer.field) == (400, header.replace("_", "-"))

    @pytest.mark.parametrize("form", ["{}", "{},", ",{}", '"x",,{}', '\t{} , "x" ,'])
    def test_a_list_may_have_empty_elements(self, api: Api, form: str) -> None:
        tag = api.put(ITEM).headers["ETag"]
        assert api.put(ITEM, If_Match=form.format(tag)).status == 200

    def test_too_many_tags_are_refused(self, api: Api) -> None:
        tags = ", ".join(f'"{n}"' for n in range(51))
        assert api.put(ITEM, If_Match=tags).field == "If-Match"
        assert api.put(ITEM, If_Match=tags.rpartition(",")[0]).status == 412

    def test_all_lines_of_a_header_count(self, api: Api) -> None:
        tag = api.put(ITEM).headers["ETag"]
        event = {
            "requestContext": {
                "httpMethod": "PUT",
                "resourcePath": "/items",
                "path": "/api/items",
                "authorizer": {"claims": {"sub": "alice", "token_use": "access"}},
            },
            # As API Gateway sends them: just the last line here, and all of them there.
            "headers": {"If-None-Match": '"other"'},
            "multiValueHeaders": {"If-None-Match": [tag, '"other"']},
            "multiValueQueryStringParameters": None,
            "pathParameters": None,
            "stageVariables": None,
            "body": json.dumps(ITEM),
        }
        assert app(event, LambdaContext("items", 128, 10_000))["statusCode"] == 412
