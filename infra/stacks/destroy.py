"""Delete a stage's stacks in the order of their dependencies, but retain its data resources.

The templates retain the users' data. Deletion protection blocks an accidental deletion.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from infra.aws import ClientOf
from infra.errors import Unconfirmed
from infra.stacks.deployment import Stacks
from infra.stage import Stage
from tools.progress import Report

# The site comes before its dependencies, because AWS rejects the deletion of a resource in use.
# The data comes last.
ORDER = ("site", "edge", "monitoring", "api", "data")

#: The reasons for retained resources, by type, only for types that the templates retain.
REASONS = {
    "AWS::DynamoDB::Table": "the items",
    "AWS::Cognito::UserPool": "the users",
    "AWS::Backup::BackupVault": "the backups",
    "AWS::KMS::Key": "items and backups cannot be read without the key",
    "AWS::S3::Bucket": "AWS deletes only empty buckets, and a build recreates the files",
}


@dataclass(frozen=True)
class Resource:
    """A resource of a stack: its type and its name on AWS. A `kept` resource outlives the stack."""

    type: str
    name: str
    kept: bool


@dataclass(frozen=True)
class Plan:
    """The planned deletions. `stacks` are the existing stacks, in the order of their deletion."""

    stage: Stage
    stacks: Mapping[str, tuple[Resource, ...]]

    def lines(self) -> list[str]:
        lines = []
        for part, resources in self.stacks.items():
            name = self.stage.stack_name(part)
            gone = sum(not each.kept for each in resources)
            lines.append(f"delete  stack {name}, with {gone} resources")
            lines += [
                f"keep    {each.type} {each.name}: {REASONS.get(each.type, 'retained')}"
                for each in resources
                # Lambda deletes a version with its function.
                if each.kept and each.type != "AWS::Lambda::Version"
            ]
        return lines


def plan(stage: Stage, client_of: ClientOf) -> Plan:
    """Read the stage's stacks without any change, and return the plan."""
    all_stacks, existing = Stacks(stage, client_of), {}
    for part in ORDER:
        stack = all_stacks.stack(part)
        if stack.exists():
            existing[part] = tuple(
                Resource(each["ResourceType"], each["PhysicalResourceId"], each["Kept"])
                for each in stack.resources()
            )
    return Plan(stage, existing)


def destroy(
    stage: Stage,
    client_of: ClientOf,
    confirmed: Callable[[str], bool],
    report: Report = print,
    dry_run: bool = False,
) -> None:
    """Show the plan and, once `confirmed(stage's name)`, carry it out.

    Raises `Unconfirmed`, and `infra.errors.DeploymentFailed` when a stack cannot be deleted.
    """
    deletions = plan(stage, client_of)
    for line in deletions.lines() or [f"stage {stage.name} has no stacks to delete"]:
        report(line)
    if dry_run or not deletions.stacks:
        return
    if not confirmed(stage.name):
        raise Unconfirmed(
            f"not confirmed, so no stack was deleted: type {stage.name}, "
            f"or pass --confirm {stage.name}"
        )
    stacks = Stacks(stage, client_of, report)
    for part in deletions.stacks:
        stacks.stack(part).delete()
