"""Rehearse stack updates: the resources to create, update and replace, and the refusals.

CloudFormation creates all new resources, including replacements, before any deletion:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.infra.permissions.demands import texts
from tests.infra.permissions.reference import schemas
from tests.infra.updates.rendered import Identity, Rendered, Resource, value_at

#: Types whose data cannot be created again.
DATA = {
    "AWS::Backup::BackupVault",
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
}
#: Properties that a service refuses to change, although the schema allows it.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpool.html
_FIXED = {
    "AWS::Cognito::UserPool": ["AliasAttributes", "UsernameAttributes", "UsernameConfiguration"],
}
#: Types that AWS deletes only when no other resource names them.
_IN_USE = {"AWS::CertificateManager::Certificate", "AWS::WAFv2::WebACL"}

Render = Callable[[Mapping[str, int]], Rendered]


@dataclass
class Account:
    """The stacks of an account by name, and all identities that are taken in it."""

    stacks: dict[str, Rendered] = field(default_factory=dict)
    taken: set[Identity] = field(default_factory=set)
    #: The outcome of the last update, by logical id.
    outcome: dict[str, str] = field(default_factory=dict)

    def update(self, render: Render) -> list[str]:
        """Create or update a stack. Return the reasons why AWS would refuse it, or lose data.

        `render` renders the stack with the generations of its resources.
        """
        new = render({})
        old = self.stacks.get(new.name)
        before = old.rendered() if old else {}
        generations = dict(old.generations) if old else {}
        created: set[str] = set()
        while True:
            new = render(generations)
            after = new.rendered()
            # A resource that names a replaced resource may be replaced too.
            fresh = {
                name
                for name, each in after.items()
                if name not in created and (name not in before or _is_replaced(before[name], each))
            }
            if not fresh:
                break
            created |= fresh
            generations |= {name: generations.get(name, 0) + 1 for name in fresh}
        return list(self._apply(new, before, after))

    def _apply(
        self, new: Rendered, before: Mapping[str, Resource], after: Mapping[str, Resource]
    ) -> Iterator[str]:
        replaced = {
            name for name in before.keys() & after.keys() if _is_replaced(before[name], after[name])
        }
        self.outcome = {}
        for name, each in after.items():
            if name in before and name not in replaced:
                changed = before[name].properties != each.properties
                self.outcome[name] = "updated" if changed else "unchanged"
                yield from (f"{name}: {why}" for why in _refusals(before[name], each))
                continue
            self.outcome[name] = "replaced" if name in replaced else "created"
            if name in replaced and before[name].type in DATA:
                yield f"{name}: its data would be replaced"
            if each.identity and each.identity in self.taken:
                yield f"{name}: {' '.join(each.identity)} is taken"
        # Only now does CloudFormation delete.
        self.stacks[new.name] = new
        self.taken |= {each.identity for each in after.values() if each.identity}
        for name, each in before.items():
            is_removed = name not in after
            kept = each.outlives_stack if is_removed else each.outlives_replacement
            if not (is_removed or name in replaced) or kept:
                continue
            self.outcome[name] = "deleted" if is_removed else "replaced"
            if is_removed and each.type in DATA - {"AWS::Logs::LogGroup"}:
                yield f"{name}: its data would be deleted"
            current = {other.identity for other in after.values()}
            if each.identity not in current:
                self.taken.discard(each.identity)
            yield from self._users(new.name, name, each)

    def _users(self, stack: str, name: str, gone: Resource) -> Iterator[str]:
        """Yield a line for each resource of another stack that names the deleted one."""
        if gone.type not in _IN_USE:
            return
        text = _mark(self.stacks[stack], gone)
        for other in self.stacks.values():
            if other.name == stack:
                continue
            for each in other.rendered().values():
                if any(text in value for value in texts(each.properties)):
                    yield f"{name}: {each.logical_id} of {other.name} uses it"


def _mark(stack: Rendered, gone: Resource) -> str:
    """Return the text by which other resources name the deleted one: its ARN."""
    reference = "Ref" if gone.type == "AWS::CertificateManager::Certificate" else "Fn::GetAtt"
    argument: Any = gone.logical_id if reference == "Ref" else f"{gone.logical_id}.Arn"
    return str(stack.resolve({reference: argument}))


def _is_replaced(before: Resource, after: Resource) -> bool:
    if before.type != after.type:
        return True
    return any(
        value_at(before.properties, path, "/") != value_at(after.properties, path, "/")
        for path in schemas()[after.type].replacing
    )


def _refusals(before: Resource, after: Resource) -> Iterator[str]:
    for name in _FIXED.get(after.type, []):
        if before.properties.get(name) != after.properties.get(name):
            yield f"{name} cannot be changed"
    if after.type == "AWS::DynamoDB::Table":
        yield from _index_refusals(before.properties, after.properties)


def _index_refusals(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield why DynamoDB refuses a change of indexes.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html: an update
    creates or deletes one index, and changes no key or projection.
    """
    old, new = (
        {each["IndexName"]: each for each in table.get("GlobalSecondaryIndexes", [])}
        for table in (before, after)
    )
    if len(old.keys() ^ new.keys()) > 1:
        yield "more than one index would be created or deleted at once"
    for name in old.keys() & new.keys():
        for part in ("KeySchema", "Projection"):
            if old[name][part] != new[name][part]:
                yield f"the {part} of the index {name} cannot be changed"
