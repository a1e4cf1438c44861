"""Check every candidate before it is measured: the four routes, with the right bodies.

This is the common subset of all candidates. Other tests check the application's further features,
whose cost is in its figures.
"""

import json
from collections.abc import Callable
from typing import Any

from bench.function import event

Invoke = Callable[[dict[str, Any]], dict[str, Any]]

ITEMS = 26  # one more than is on a page


class WrongAnswer(Exception):
    """A wrong response. The message has the request, the expected and the actual value."""


def check(invoke: Invoke) -> None:
    """Walk through the API of a candidate whose table is empty. Raises `WrongAnswer`.

    `invoke` takes an event and returns the handler's response.
    """
    whole = {"id": "item-00", "name": "One", "price": 12.5, "description": "Its description"}
    created = _ask(invoke, event.put(whole), 201)
    _expect("PUT", {**whole, "version": 1}, _without_times(created))
    _expect("GET", created, _ask(invoke, event.get("item-00"), 200))
    _ask(invoke, event.get("nowhere"), 404)

    shorter = {"id": "item-00", "name": "One again", "price": 7}
    replaced = _ask(invoke, event.put(shorter), 200)
    _expect("PUT again", {**shorter, "version": 2}, _without_times(replaced))
    _expect("created_at", created["created_at"], replaced["created_at"])

    for number in range(1, ITEMS):
        _ask(invoke, event.put({**whole, "id": f"item-{number:02}"}), 201)
    first = _ask(invoke, event.listing(), 200)
    second = _ask(invoke, event.listing(cursor=str(first["cursor"])), 200)
    _expect("items on the pages", [25, 1], [len(first["items"]), len(second["items"])])
    _expect("the last cursor", None, second["cursor"])
    listed = first["items"] + second["items"]
    _expect("ids", {f"item-{n:02}" for n in range(ITEMS)}, {each["id"] for each in listed})
    times = [each["created_at"] for each in listed]
    _expect("newest first", sorted(times, reverse=True), times)
    summary = next(each for each in listed if each["id"] == "item-00")
    summary.pop("etag", None)  # only the application has tags
    _expect("a summary", replaced, summary)
    _expect("descriptions", [], [each for each in listed if "description" in each])

    _ask(invoke, event.get("item-00", event.OTHER_OWNER), 404)
    _expect("another's list", [], _ask(invoke, event.listing(event.OTHER_OWNER), 200)["items"])

    for _ in range(2):  # a repeated delete is no failure
        _ask(invoke, event.delete("item-00"), 204)
    _ask(invoke, event.get("item-00"), 404)


def _ask(invoke: Invoke, request: dict[str, Any], status: int) -> Any:
    answer = invoke(request)
    subject = f"{request['httpMethod']} {request['path']}"
    _expect(f"{subject}: status", status, int(answer["statusCode"]))
    return json.loads(answer["body"]) if status in (200, 201) else None


def _without_times(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if not name.endswith("_at")}


def _expect(subject: str, expected: object, found: object) -> None:
    if found != expected:
        raise WrongAnswer(f"{subject}: expected {expected!r}, found {found!r}")
