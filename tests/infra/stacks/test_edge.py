"""The edge stack: it is deleted with its stage, and not from under the site."""

from typing import Any

import pytest

from chalicelib.config import app_name
from infra.cloudformation.stack import Stack
from infra.errors import Refused
from infra.stacks import destroy
from infra.stacks.deployment import Stacks
from infra.stage import Stage
from tests.infra.cloudformation.formation import Formation

SITE, EDGE = f"{app_name()}-prod-site", f"{app_name()}-prod-edge"


class Regions:
    """CloudFormation in the stage's region and in us-east-1."""

    def __init__(self) -> None:
        self.home, self.edge = Formation(), Formation()

    def __call__(self, service: str, region: str | None = None, /) -> Any:
        assert service == "cloudformation"
        return self.edge if region == "us-east-1" else self.home


@pytest.fixture
def regions() -> Regions:
    regions = Regions()
    regions.home.outputs[SITE] = {"SiteUrl": "https://example.com"}
    regions.edge.outputs[EDGE] = {"WebAclArn": "arn:acl"}
    return regions


@pytest.mark.parametrize(
    ("used", "change", "command"),
    [
        ("WebAclArn", {"Firewall": "false"}, "infra site --stage prod --parameter WebAclArn="),
        ("DomainName", {"DomainName": ""}, "infra site --stage prod --parameter DomainName="),
    ],
)
def test_edge_that_the_site_uses_is_kept(
    used: str, change: dict[str, str], command: str, stage: Stage, regions: Regions
) -> None:
    regions.home.parameters[SITE] = {used: "in use"}
    stacks = Stacks(stage, regions, lambda _: None)
    with pytest.raises(Refused, match=command):
        stacks.edge(change)
    assert regions.edge.writes() == []
    stacks.edge({"RequestsPerAddress": "1000"})
    regions.home.parameters[SITE] = {used: ""}
    stacks.edge(change)
    assert len(regions.edge.requests("update_stack")) == 2


def test_stage_is_destroyed_with_its_edge(
    stage: Stage, regions: Regions, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(Stack, "resources", lambda _: [])
    destroy.destroy(stage, regions, lambda _: False, said.append, dry_run=True)
    assert [line.split(",")[0] for line in said] == [
        f"delete  stack {SITE}",
        f"delete  stack {EDGE}",
    ]
    assert regions.edge.writes() == regions.home.writes() == []
