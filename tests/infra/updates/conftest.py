"""The stacks of a stage in an account where they can be rehearsed."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from infra.permissions.terms import EDGE_REGION
from tests.infra.conftest import configured, expanded, packaged, project_in
from tests.infra.permissions.scene import REGION
from tests.infra.updates.choices import NOT_FLIPPED, values
from tests.infra.updates.rehearsal import Account
from tests.infra.updates.rendered import Rendered
from tools.templates import load

Template = Mapping[str, Any]
Parameters = Mapping[str, str]
#: `template(part)`: the template of a stack, the API's as `chalice package` and SAM make it.
Templates = Callable[[str], Template]

PARTS = ("data", "api", "monitoring", "edge", "site")
NAME = "items-prod"
FIXED = {
    "AppName": "items",
    "FunctionName": NAME,
    "ApiName": NAME,
    "TableName": "items-prod-data-A",
    "UserPoolId": "us-east-1_abc",
    "LoginUrl": "https://login.example.com",
    "RestApiId": "abc",
}


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    @cache
    def template(part: str) -> Template:
        if part == "api":
            return api_template(tmp_path_factory.mktemp("api"), {})
        return load(f"{part}.yaml")

    return template


def api_template(directory: Path, settings: Mapping[str, Any]) -> Template:
    """Package the API with these settings of its stage."""
    template = packaged(configured(project_in(directory, "prod"), settings))
    return {**template, "Resources": expanded(template)}


def everything_on(template: Template) -> Parameters:
    """Return parameters with other values than the defaults, so that all options are on."""
    return {
        name: values(name, declared)[0]
        for name, declared in template["Parameters"].items()
        if name not in NOT_FLIPPED and declared.get("Default") in ("", 0, "false", -1)
    }


def update(account: Account, part: str, template: Template, parameters: Parameters) -> list[str]:
    """Deploy a stack as the command would, with the parameters that it takes."""
    given = {**FIXED, **parameters}
    known = {name: value for name, value in given.items() if name in template["Parameters"]}

    def render(generations: Mapping[str, int]) -> Rendered:
        region = EDGE_REGION if part == "edge" else REGION
        return Rendered(f"{NAME}-{part}", region, template, known, generations)

    return account.update(render)
