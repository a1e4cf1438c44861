"""A stack as CloudFormation would have it with some parameters: its resources, worked out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.infra.permissions.intrinsics import Resolver
from tests.infra.permissions.reference import schemas
from tests.infra.permissions.scene import NAMES, Stack

#: Unique properties of a type, in addition to the primary identifier and the name.
#: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupSelection.html
#: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateManagedLoginBranding.html
_UNIQUE = {
    "AWS::Backup::BackupSelection": ("BackupPlanId", "BackupSelection.SelectionName"),
    "AWS::Cognito::ManagedLoginBranding": ("ClientId",),
}
#: Types whose names several resources can share.
_SHARED = {"AWS::Backup::BackupPlan", "AWS::Cognito::UserPool"}

Identity = tuple[str, ...]


@dataclass(frozen=True)
class Resource:
    """A resource of a stack. `identity` is unique in the account, empty if AWS makes up the id."""

    logical_id: str
    type: str
    properties: Mapping[str, Any]
    identity: Identity
    #: Whether AWS still has it when the stack has it no longer, and when it was replaced.
    outlives_stack: bool
    outlives_replacement: bool


class Rendered(Stack):
    """A stack with its conditions decided by `parameters`.

    `generations` counts how often each resource was created. Its id is another one each time.
    """

    def __init__(
        self,
        name: str,
        region: str,
        template: Mapping[str, Any],
        parameters: Mapping[str, str],
        generations: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(name, region, template, parameters)
        self._conditions: Mapping[str, Any] = template.get("Conditions", {})
        self.generations = generations or {}
        self.resolve = Resolver(self._ref, self._attribute, self._holds)

    def rendered(self) -> dict[str, Resource]:
        """Return the resources whose conditions hold, by their logical ids."""
        return {
            logical_id: self._render(logical_id, declared)
            for logical_id, declared in self._resources.items()
            if "Condition" not in declared or self._holds(declared["Condition"])
        }

    def _render(self, logical_id: str, declared: Mapping[str, Any]) -> Resource:
        properties = self.resolve(declared.get("Properties", {}))
        kept, replaced = declared.get("DeletionPolicy", ""), declared.get("UpdateReplacePolicy", "")
        return Resource(
            logical_id,
            declared["Type"],
            properties,
            _identity(declared["Type"], self.region, properties),
            kept.startswith("Retain"),
            replaced.startswith("Retain"),
        )

    def _holds(self, name: str) -> bool:
        return self._decide(self._conditions[name])

    def _decide(self, condition: Any) -> bool:
        ((function, argument),) = condition.items()
        if function == "Condition":
            return self._holds(argument)
        if function == "Fn::Not":
            return not self._decide(argument[0])
        if function in ("Fn::And", "Fn::Or"):
            decided = [self._decide(each) for each in argument]
            return all(decided) if function == "Fn::And" else any(decided)
        assert function == "Fn::Equals", condition
        left, right = self.resolve(argument)
        return str(left) == str(right)

    def _ref(self, name: str) -> Any:
        return self._of_generation(name, super()._ref(name))

    def _attribute(self, logical_id: str, attribute: str) -> str:
        return str(self._of_generation(logical_id, super()._attribute(logical_id, attribute)))

    def _of_generation(self, name: str, value: Any) -> Any:
        generation = self.generations.get(name, 0)
        return f"{generation}-{value}" if generation > 1 else value


def value_at(properties: Mapping[str, Any], path: str, separator: str = ".") -> Any:
    """Return the value under a path of names, None if there is none."""
    value: Any = properties
    for name in path.split(separator):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _identity(type: str, region: str, properties: Mapping[str, Any]) -> Identity:
    paths = _UNIQUE.get(type) or tuple(schemas()[type].identifier)
    values = [value_at(properties, each) for each in paths]
    if None in values and type in NAMES and type not in _SHARED:
        values = [value_at(properties, NAMES[type][0])]
    return () if None in values else (type, region, *map(str, values))
