"""Work out CloudFormation's intrinsic functions in a template, before there is a stack."""

import re
from collections.abc import Callable, Mapping
from typing import Any

#: The value of `Ref` to a name, and of `Fn::GetAtt` to a name and its attribute.
Reference = Callable[[str], Any]
Attribute = Callable[[str, str], Any]

NO_VALUE = object()
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")


class Resolver:
    """Resolves values. `holds` decides a condition by name."""

    def __init__(self, ref: Reference, attribute: Attribute, holds: Callable[[str], bool]) -> None:
        self._ref = ref
        self._attribute = attribute
        self._holds = holds

    def __call__(self, value: Any) -> Any:
        """Return the value without functions. Members that become AWS::NoValue are left out."""
        if isinstance(value, list):
            return [each for each in map(self, value) if each is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref":
                return NO_VALUE if argument == "AWS::NoValue" else self._ref(argument)
            if name.startswith("Fn::"):
                return self._function(name.removeprefix("Fn::"), argument)
        members = {key: self(each) for key, each in value.items()}
        return {key: each for key, each in members.items() if each is not NO_VALUE}

    def _function(self, name: str, argument: Any) -> Any:
        if name == "If":
            condition, then, otherwise = argument
            return self(then if self._holds(condition) else otherwise)
        if name == "GetAtt":
            logical_id, _, attribute = (
                argument.partition(".")
                if isinstance(argument, str)
                else (argument[0], "", argument[1])
            )
            return self._attribute(logical_id, attribute)
        if name == "Sub":
            return self._substitute(argument)
        if name == "Join":
            separator, parts = argument
            return separator.join(map(str, self(parts)))
        if name == "Select":
            index, parts = argument
            return self(parts)[int(index)]
        if name == "Split":
            separator, text = argument
            return self(text).split(separator)
        raise ValueError(f"this test cannot work out Fn::{name}")

    def _substitute(self, argument: Any) -> str:
        text, own = (argument, {}) if isinstance(argument, str) else argument
        variables: Mapping[str, Any] = self(own)

        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name in variables:
                return str(variables[name])
            logical_id, dot, attribute = name.partition(".")
            return str(self._attribute(logical_id, attribute) if dot else self._ref(name))

        return _VARIABLE.sub(value, text)
