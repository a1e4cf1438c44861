"""An evaluation of IAM policies: https://docs.aws.amazon.com/IAM/latest/UserGuide/"""

import re
from collections.abc import Iterator, Mapping
from fnmatch import translate
from functools import cache
from typing import Any

import cfnlint.api
from cfnlint.config import ManualArgs


def statements(*policies: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for policy in policies:
        yield from policy["Statement"]


def allows(
    policy: Mapping[str, Any], action: str, resource: str, context: Mapping[str, str] | None = None
) -> bool:
    """Return whether a statement allows the request. The policies here have no Deny.

    `context` has the condition keys of the request. Raises `ValueError` for an unknown operator.
    """
    assert all(each["Effect"] == "Allow" for each in statements(policy))
    return any(
        action in each["Action"]
        and any(matches(resource, pattern) for pattern in each["Resource"])
        and _holds(each.get("Condition", {}), context or {})
        for each in statements(policy)
    )


def matches(text: str, pattern: str) -> bool:
    """Return whether IAM's wildcards, `*` and `?`, match. Brackets are literal."""
    return _compiled(pattern).match(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.replace("[", "[[]")))


def _holds(condition: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    """Return whether all keys hold. A key that the request does not have never does."""
    return all(
        key in context and any(_compare(operator, context[key], value) for value in _listed(wanted))
        for operator, keys in condition.items()
        for key, wanted in keys.items()
    )


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _compare(operator: str, given: str, wanted: str) -> bool:
    if operator == "StringEquals":
        return given == wanted
    if operator in ("StringLike", "ArnLike", "ArnEquals"):  # ArnEquals takes wildcards too
        return matches(given, wanted)
    raise ValueError(f"this test cannot work out the operator {operator}")


def lint(template: str) -> list[str]:
    """Return cfn-lint's findings with its default settings."""
    found = cfnlint.api.lint(template, config=ManualArgs(regions=["us-east-1"]))
    return [str(match) for match in found]
