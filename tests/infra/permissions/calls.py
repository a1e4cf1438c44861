"""The calls of AWS that the release, its publishing of the page and its smoke test make.

They are read from the code, so that a new one is seen here, and turned into IAM's actions.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from botocore import xform_name
from botocore.loaders import Loader

from tools.project import PROJECT

#: The entry points of a release, and of the pipeline's later commands.
ENTRIES = ("infra.stacks.deployment", "infra.stacks.dry_run", "deploy_site", "tests.smoke")
#: The parts of the project whose calls count. Other parts serve other people.
_PARTS = ("infra", "deploy_site", "tests.smoke", "tests.e2e.users")
_OTHERS = {
    "infra.stacks.destroy",  # a person's
}
#: The services, by botocore's names, which for these are the prefixes of their actions.
SERVICES = (
    "cloudformation",
    "s3",
    "lambda",
    "codedeploy",
    "cloudfront",
    "apigateway",
    "cognito-idp",
)

#: Where the action is not called like the operation: the reference's list of each service.
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
_ACTIONS = {
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "s3:ListObjectVersions": ("s3:ListBucketVersions",),
    "s3:HeadObject": ("s3:GetObject",),
    "s3:DeleteObjects": ("s3:DeleteObject",),
    "lambda:Invoke": ("lambda:InvokeFunction",),
}

#: The actions that are others for a version than for the current object.
_OF_VERSIONS = ("s3:GetObject", "s3:DeleteObject")


class Call(NamedTuple):
    """A call of an operation somewhere in a module."""

    module: str
    service: str
    operation: str

    def actions(self) -> tuple[str, ...]:
        """Return the actions that a caller needs."""
        name = f"{self.service}:{self.operation}"
        if self.service == "apigateway":  # whose actions are HTTP's methods
            operations = _model(self.service)["operations"]
            return (f"apigateway:{operations[self.operation]['http']['method']}",)
        actions = _ACTIONS.get(name, (name,))
        if actions[0] in _OF_VERSIONS and "VersionId" in _file(self.module).read_text():
            return (*actions, f"{actions[0]}Version")
        return actions


@cache
def calls() -> frozenset[Call]:
    """Return the calls of all modules that a release reaches. Raises `ValueError` if in doubt."""
    return frozenset(
        Call(module, *_operation(name))
        for module in sorted(_reached())
        for name in _called(_file(module).read_text())
        if name in _operations()
    )


def _called(source: str) -> Iterator[str]:
    """Return the methods that a source calls, and the operations that it names as text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                if node.func.attr in ("get_paginator", "generate_presigned_url"):
                    yield first.value
                elif node.func.attr == "get_waiter":
                    yield from _waited(first.value)


def _waited(waiter: str) -> Iterator[str]:
    """Return the operation that a waiter repeats. The project uses waiters of two services."""
    yield from (
        xform_name(each["operation"])
        for service in ("cloudformation", "cloudfront")
        for name, each in _model(service, "waiters-2")["waiters"].items()
        if xform_name(name) == waiter
    )


@cache
def _operations() -> dict[str, list[tuple[str, str]]]:
    """Return the operations of the services by method name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for service in SERVICES:
        for operation in _model(service)["operations"]:
            found.setdefault(xform_name(operation), []).append((service, operation))
    return found


def _operation(name: str) -> tuple[str, str]:
    found = _operations()[name]
    if len(found) > 1:
        raise ValueError(f"{name} is an operation of several services: {found}")
    return found[0]


@cache
def _model(service: str, kind: str = "service-2") -> dict[str, Any]:
    model: dict[str, Any] = Loader().load_service_model(service, kind)
    return model


def _reached() -> set[str]:
    """Return the entries and the modules that they import, directly or indirectly."""
    found: set[str] = set()
    waiting = [module for entry in ENTRIES for module in _modules(entry)]
    while waiting:
        module = waiting.pop()
        if module in found or module in _OTHERS:
            continue
        found.add(module)
        for node in ast.walk(ast.parse(_file(module).read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            waiting += [name for name in names if _is_ours(name) and _file(name).is_file()]
    return found


def _is_ours(module: str) -> bool:
    return any(module == part or module.startswith(f"{part}.") for part in _PARTS)


def _file(module: str) -> Path:
    return PROJECT.joinpath(*module.split(".")).with_suffix(".py")


def _modules(entry: str) -> list[str]:
    """Return an entry, or all modules of a package."""
    if _file(entry).is_file():
        return [entry]
    files = PROJECT.joinpath(*entry.split(".")).glob("*.py")
    return [f"{entry}.{file.stem}" for file in files if file.stem != "__init__"]
