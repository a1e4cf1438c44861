"""Take a stage down: its stacks, in the order in which they lean on each other.

What holds what people have entrusted to it stays: the templates retain it, and deletion protection
would stop anybody who does not read this.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from infra.aws import ClientOf
from infra.errors import Unconfirmed
from infra.stacks.deployment import Stacks
from infra.stage import Stage
from tools.progress import Report

# The site before what it uses, of which AWS deletes nothing in use; all before the data.
ORDER = ("site", "edge", "monitoring", "api", "data")

#: Why what stays does; by type, and only for types that the templates retain.
REASONS = {
    "AWS::DynamoDB::Table": "the items",
    "AWS::Cognito::UserPool": "the users",
    "AWS::Backup::BackupVault": "the backups",
    "AWS::KMS::Key": "without it, items and backups cannot be read",
    "AWS::S3::Bucket": "only an empty one can be deleted; its files can be built again",
    "AWS::Lambda::Version": "goes with its function",
}


@dataclass(frozen=True)
class Resource:
    """A resource of a stack: its type, the name it has on AWS, whether it stays."""

    type: str
    name: str
    kept: bool


@dataclass(frozen=True)
class Plan:
    """What would happen; `stacks` are those that there are, in the order of their deletion."""

    stage: Stage
    stacks: Mapping[str, tuple[Resource, ...]]

    def lines(self) -> list[str]:
        found = []
        for part, resources in self.stacks.items():
            name = self.stage.stack_name(part)
            gone = sum(not each.kept for each in resources)
            found.append(f"delete  stack {name}, with {gone} resources")
            found += [
                f"keep    {each.type} {each.name}: {REASONS.get(each.type, 'retained')}"
                for each in resources
                if each.kept and each.type != "AWS::Lambda::Version"
            ]
        return found


def plan(stage: Stage, client_of: ClientOf) -> Plan:
    """Read the stage's stacks; nothing is changed."""
    there, found = Stacks(stage, client_of), {}
    for part in ORDER:
        stack = there.stack(part)
        if stack.exists():
            found[part] = tuple(
                Resource(each["ResourceType"], each["PhysicalResourceId"], each["Kept"])
                for each in stack.resources()
            )
    return Plan(stage, found)


def destroy(
    stage: Stage,
    client_of: ClientOf,
    confirmed: Callable[[str], bool],
    report: Report = print,
    dry_run: bool = False,
    poll_seconds: float = 2.0,
) -> None:
    """Show the plan and, once `confirmed(stage's name)`, carry it out.

    Raises `Unconfirmed`, and `infra.errors.DeploymentFailed` when a stack cannot be deleted.
    """
    found = plan(stage, client_of)
    for line in found.lines() or [f"stage {stage.name} has no stacks; there is nothing to delete"]:
        report(line)
    if dry_run or not found.stacks:
        return
    if not confirmed(stage.name):
        raise Unconfirmed(
            f"nothing was deleted: confirm with {stage.name}, or pass --confirm {stage.name}"
        )
    stacks = Stacks(stage, client_of, report, poll_seconds)
    for part in found.stacks:
        stacks.stack(part).delete()
