"""The deployer's policies allow every action of a release, for each resource of its templates.

The tests need no emulator or own names: resources, names and calls follow from the templates and
the code, permissions from AWS's schemas and documentation. The emulator checks only direct callers:
tests/e2e/deployer.
"""

import json

import pytest

from infra import names
from infra.permissions import deployer
from tests.infra.permissions.arns import ARNS, ID
from tests.infra.permissions.check import LONGEST, NAMES, Scenes, is_met, missing, policies
from tests.infra.permissions.demands import Demand, demands
from tests.infra.permissions.excuses import EXCUSES, Excuse
from tests.infra.permissions.reference import (
    is_arn_of,
    resource_types,
    schemas,
    scoped_to_everything,
)
from tests.infra.permissions.scene import NAMES as TYPES_WITH_NAMES
from tests.infra.permissions.scene import Resource


@pytest.mark.parametrize(("app", "stage", "is_full"), NAMES)
def test_every_resource_can_be_deployed(app: str, stage: str, is_full: bool, scene: Scenes) -> None:
    found = scene(app, stage, is_full)
    assert missing(found, policies(found)) == []


def test_every_type_is_here(scene: Scenes) -> None:
    """Return all resources of a template, including conditional resources."""
    types = {each.type for each in scene("items", "prod").resources}
    assert types == set(ARNS)
    assert {each.type for each in scene("items", "dev", False).resources} <= types


@pytest.mark.parametrize("excuse", EXCUSES, ids=str)
def test_excuse_is_needed(excuse: Excuse, scene: Scenes, everything: list[Demand]) -> None:
    """An excuse may outlive its permission in the schema, but not its type or its need."""
    assert excuse.reason
    assert excuse.type in ARNS, "no template has it"
    assert not excuse.unless or excuse.unless.partition(".")[0] in schemas()[excuse.type].properties
    policy = policies(scene("items", "prod"))
    met: dict[str, list[bool]] = {}
    for demand in everything:
        if excuse.covers(demand):
            met.setdefault(demand.action, []).append(is_met(demand, policy))
    for action, each in met.items():
        is_pattern = action not in excuse.actions.split()
        assert not (any(each) if is_pattern else all(each)), f"{action} is allowed"


def test_excuse_ends_with_its_property(scene: Scenes) -> None:
    found = scene("items", "prod")
    (function,) = [each for each in found.resources if each.type == "AWS::Lambda::Function"]
    in_a_vpc = Resource(
        **{**vars(function), "properties": {**function.properties, "VpcConfig": {}}}
    )
    policy = policies(found)
    unmet = [
        each.action
        for each in demands([in_a_vpc])
        if not is_met(each, policy) and not any(excuse.excuses(each) for excuse in EXCUSES)
    ]
    assert any(action.startswith("ec2:") for action in unmet)


def test_arns_are_written_as_in_the_reference(everything: list[Demand]) -> None:
    checked = 0
    for demand in everything:
        service = demand.action.partition(":")[0]
        types = resource_types(demand.action) or frozenset()
        if demand.arn not in (None, "*"):
            assert any(is_arn_of(str(demand.arn), service, each) for each in types), demand
            checked += 1
    assert checked > 300


def test_wildcard_of_api_documentation_is_read() -> None:
    assert scoped_to_everything("cloudwatch") >= {
        "cloudwatch:PutCompositeAlarm",
        "cloudwatch:DescribeAlarms",
    }


def test_longest_names_fit(scene: Scenes) -> None:
    """The limits of infra/names.py are those of the templates, to the character."""
    app, stage = LONGEST
    resources = scene(app, stage).resources
    found = {each.logical_id: each.name for each in resources if each.name}
    for resource in resources:
        if resource.name:
            assert len(resource.name) <= TYPES_WITH_NAMES[resource.type][1], resource
    rule, vault, bucket, domain = (limit.form.format(app=app, stage=stage) for limit in names.STAGE)
    (sampling,) = (each for each in resources if each.logical_id == "Sampling")
    assert sampling.properties["SamplingRule"]["RuleName"] == rule
    assert len(rule) == names.STAGE[0].most  # the tightest
    assert found["Vault"].replace("aws-key", "own-key") == vault
    assert found["OwnKeyVault"].replace(ID, "0" * 8) == vault
    assert found["LoginDomain"] == domain
    # The ends are random.
    assert found["Bucket"].rpartition("-")[0] == bucket.rpartition("-")[0]
    (role,) = (limit.form.format(app=app) for limit in names.APPLICATION)
    assert len(found["CodeDeployServiceRole"]) == len(role) == 64
    assert found["CodeDeployServiceRole"].rpartition("-")[0] == role.rpartition("-")[0]
    assert names.problems(app, stage) == []
    assert names.problems(app, stage + "b")
    assert names.problems(app + "a", stage[:-1])


def test_aws_takes_each_policy(scene: Scenes) -> None:
    """A role takes ten, of 6,144 characters each: IAM's quotas."""
    for app, stage in (("items", "prod"), LONGEST):
        found = deployer.policies(scene(app, stage).place)
        assert len(found) <= 10
        for policy in found.values():
            assert len(json.dumps(policy, separators=(",", ":"))) <= 6144
