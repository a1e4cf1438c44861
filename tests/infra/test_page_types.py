"""The page's types and limits, generated from the API's document."""

import copy
from typing import Any

import pytest

from infra.documents import openapi, page


def with_field(schema: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the module for a document whose `ItemInput` has one more field."""
    document = copy.deepcopy(openapi.document())
    document["components"]["schemas"]["ItemInput"]["properties"]["extra"] = schema
    monkeypatch.setattr(openapi, "document", lambda: document)
    return page.text()


@pytest.mark.parametrize(
    ("schema", "member"),
    [
        ({"type": "boolean"}, "extra?: boolean;"),
        ({"type": "integer"}, "extra?: ExactNumber;"),
        ({"enum": ["a", "b"]}, 'extra?: "a" | "b";'),
        ({"type": "array", "items": {"type": "number"}}, "extra?: Array<ExactNumber>;"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "extra?: string | null;"),
        ({"$ref": "#/components/schemas/Item"}, "extra?: Item;"),
    ],
)
def test_field_has_its_type(
    schema: dict[str, Any], member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f"  {member}\n" in with_field(schema, monkeypatch)


def test_limits_keep_every_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    text = with_field({"type": "integer", "maximum": 2**63 - 1}, monkeypatch)
    assert 'extra: { type: "integer", required: false, maximum: "9223372036854775807" },' in text


@pytest.mark.parametrize("schema", [{"type": "object"}, {"type": "date"}, {"oneOf": []}, {}])
def test_unknown_type_is_refused(schema: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match="has no type for the page"):
        with_field(schema, monkeypatch)
