"""Templates with the application's name where it is a parameter."""

from typing import Any

from chalicelib.auth import READ_SCOPE, WRITE_SCOPE
from chalicelib.config import app_name

_SCOPES = [{"Fn::Sub": READ_SCOPE}, {"Fn::Sub": WRITE_SCOPE}]


def named(value: Any) -> Any:
    """Return a part of a template in which the parameter `AppName` has its value."""
    if value == {"Ref": "AppName"}:
        return app_name()
    if isinstance(value, dict):
        members = {key: named(each) for key, each in value.items()}
        return members["Fn::Sub"] if members in _SCOPES else members
    if isinstance(value, list):
        return [named(each) for each in value]
    return value.replace("${AppName}", app_name()) if isinstance(value, str) else value
