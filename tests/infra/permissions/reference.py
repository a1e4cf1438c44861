"""AWS's published data about its actions, as included in cfn-lint and botocore."""

import html
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

_DATA = Path(cfnlint.__file__).parent / "data"
_SCOPED = re.compile(r"([a-z-]+:\w+) permission that is scoped to \*")


@cache
def _services() -> dict[str, Any]:
    """Return the service authorization reference, by the prefix of a service's actions."""
    services: dict[str, Any] = json.loads((_DATA / "AdditionalSpecs" / "Policies.json").read_text())
    return services


def resource_types(action: str) -> frozenset[str] | None:
    """Return the types of resources that a statement for the action can name, in lower case.

    Empty means `*` only, None an unknown action.
    """
    service, _, name = action.partition(":")
    known = _services().get(service, {}).get("Actions", {}).get(name.lower())
    return None if known is None else frozenset(map(str.lower, known.get("Resources", [])))


def is_arn_of(arn: str, service: str, resource_type: str) -> bool:
    """Return whether the ARN has the reference's form for the service's resource type."""
    formats = _services()[service]["Resources"][resource_type]["ARNFormats"]
    patterns = [re.sub(r"\$\{\w+\}", "[^:]*", form) for form in formats]
    return any(re.fullmatch(pattern, arn) for pattern in patterns)


@cache
def scoped_to_everything(service: str) -> frozenset[str]:
    """Return the actions of which a service's API documentation wants `*`.

    The reference disagrees for some. `service` is the prefix of its actions, under which
    botocore has nearly all.
    """
    try:
        model = Loader().load_service_model(service, "service-2")
    except UnknownServiceError:
        return frozenset()
    texts = (operation.get("documentation", "") for operation in model["operations"].values())
    plain = (re.sub("<[^>]+>", "", html.unescape(text)) for text in texts)
    return frozenset(action for text in plain for action in _SCOPED.findall(text))


class Schema:
    """CloudFormation's schema of a resource type."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.properties = frozenset(content["properties"])
        #: The properties that `Ref` stands for.
        self.identifier = [
            path.removeprefix("/properties/") for path in content.get("primaryIdentifier", [])
        ]
        #: The paths of the properties whose change replaces the resource, or may replace it.
        self.replacing = [
            path.removeprefix("/properties/").partition("/*")[0]
            for kind in ("createOnlyProperties", "conditionalCreateOnlyProperties")
            for path in content.get(kind, [])
        ]
        self._handlers: Mapping[str, Any] = content.get("handlers", {})

    def permissions(self, handler: str) -> frozenset[str]:
        """Return the actions that CloudFormation calls in `create`, `read`, `update`, `delete`."""
        listed = self._handlers.get(handler, {}).get("permissions", [])
        # Some begin with a small letter there, which IAM does not mind.
        return frozenset(re.sub(":(.)", lambda match: match[0].upper(), each) for each in listed)


@cache
def schemas() -> dict[str, Schema]:
    """Return the schemas by the resource's type."""
    contents = (
        json.loads(file.read_text()) for file in (_DATA / "schemas" / "resources").glob("*.json")
    )
    return {each["typeName"]: Schema(each) for each in contents if isinstance(each, dict)}
