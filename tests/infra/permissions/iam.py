"""What policies allow, worked out here; and what cfn-lint knows of AWS."""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint
import cfnlint.api
from cfnlint.config import ManualArgs

_DATA = Path(cfnlint.__file__).parent / "data"


def statements(*policies: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for policy in policies:
        yield from policy["Statement"]


def allows(
    policy: Mapping[str, Any], action: str, resource: str, context: Mapping[str, str] | None = None
) -> bool:
    """Whether some statement allows it. There is no Deny in these, and no other operator."""
    return any(
        action in each["Action"]
        and any(fnmatchcase(resource, pattern) for pattern in each["Resource"])
        and _holds(each.get("Condition", {}), context or {})
        for each in statements(policy)
        if each["Effect"] == "Allow"
    )


def _holds(condition: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    for operator, keys in condition.items():
        for key, wanted in keys.items():
            values = wanted if isinstance(wanted, list) else [wanted]
            given = context.get(key)
            if operator in ("StringEquals", "ArnEquals"):
                held = given in values
            else:
                assert operator == "StringLike"
                held = given is not None and any(fnmatchcase(given, value) for value in values)
            if not held:
                return False
    return True


@cache
def _known_actions() -> dict[str, Any]:
    known: dict[str, Any] = json.loads((_DATA / "AdditionalSpecs" / "Policies.json").read_text())
    return known


def takes_resources(action: str) -> bool | None:
    """Whether an action can be allowed for some resources only; None if AWS has no such action."""
    service, _, name = action.partition(":")
    found = _known_actions().get(service, {}).get("Actions", {}).get(name.lower())
    return None if found is None else bool(found.get("Resources"))


def handlers() -> dict[str, dict[str, set[str]]]:
    """By resource type and handler (create, read, …), what CloudFormation calls on our behalf."""
    found = {}
    for file in (_DATA / "schemas" / "resources").glob("*.json"):
        schema = json.loads(file.read_text())
        if isinstance(schema, dict) and "handlers" in schema:
            found[schema["typeName"]] = {
                name: set(handler.get("permissions", []))
                for name, handler in schema["handlers"].items()
            }
    return found


def lint(template: str) -> list[str]:
    """What cfn-lint finds, as its command does by default."""
    found = cfnlint.api.lint(template, config=ManualArgs(regions=["us-east-1"]))
    return [str(match) for match in found]
