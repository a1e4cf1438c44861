"""The query string of a list request."""

import re
from typing import Any, Literal

from msgspec import Struct

from chalicelib.errors import InvalidRequest

DEFAULT_LIMIT, MAX_LIMIT = 25, 100

Order = Literal["desc", "asc"]

# Each rule is the parameter's description in the API's document and the message when it is broken.
RULES = {
    "limit": f"a whole number from 1 to {MAX_LIMIT}",
    "order": '"desc" (newest first) or "asc"',
    "cursor": "the cursor of a page of your own list",
}


class ListQuery(Struct, frozen=True):
    """Which page of a list, how long, and in which order."""

    limit: int = DEFAULT_LIMIT
    order: Order = "desc"
    cursor: str | None = None


def parse_list_query(parameters: dict[str, list[str]] | None) -> ListQuery:
    """Return the query of a list request. Raises `InvalidRequest` naming the parameter."""
    query: dict[str, Any] = {}
    for name, values in (parameters or {}).items():
        if name not in RULES:
            raise InvalidRequest(name[:100], "is not a parameter of this request")
        if len(values) != 1:
            raise InvalidRequest(name, "must appear once")
        query[name] = values[0]
    if "limit" in query:
        if not re.fullmatch(r"[1-9][0-9]{0,2}", query["limit"]) or int(query["limit"]) > MAX_LIMIT:
            raise rule_error("limit")
        query["limit"] = int(query["limit"])
    if query.get("order", "desc") not in ("desc", "asc"):
        raise rule_error("order")
    return ListQuery(**query)


def rule_error(parameter: str) -> InvalidRequest:
    """Return the error about a parameter that breaks its rule."""
    return InvalidRequest(parameter, f"must be {RULES[parameter]}")
