"""Changes of several stacks, in the order of docs/updates.md, as its commands have them."""

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from tests.infra.permissions.demands import texts
from tests.infra.updates.choices import TEXTS
from tests.infra.updates.conftest import NAME, Parameters, Templates, update
from tests.infra.updates.rehearsal import Account
from tools.project import PROJECT

Step = tuple[str, dict[str, str]]
OLD, NEW = TEXTS["OriginSecretArn"]
HEADER = "x-origin-secret"


def documented(heading: str) -> list[Step]:
    """Return the parts and parameters of the commands under a heading."""
    section = (PROJECT / "docs" / "updates.md").read_text().partition(f"## {heading}\n")[2]
    block = section.partition("```sh\n")[2].partition("```")[0]
    steps = []
    for line in block.splitlines():
        words = shlex.split(line)
        given = [word for before, word in pairwise(words) if before == "--parameter"]
        pairs = (each.partition("=") for each in given)
        part = words[words.index("infra") + 1]
        steps.append((part, {name: value.replace("NEW", NEW) for name, _, value in pairs}))
    return steps


class Stage:
    """The API and the site, each with the parameters it was given last."""

    def __init__(self, templates: Templates) -> None:
        self.account, self._templates = Account(), templates
        self._given: dict[str, Parameters] = {}

    def deploy(self, part: str, parameters: Parameters) -> list[str]:
        self._given[part] = {**self._given.get(part, {}), **parameters}
        return update(self.account, part, self._templates(part), self._given[part])

    def sent(self) -> str:
        """Return the secret that CloudFront sends."""
        config = self._properties("site", "Distribution")["DistributionConfig"]
        (headers,) = [
            each["OriginCustomHeaders"]
            for each in config["Origins"]
            if "OriginCustomHeaders" in each
        ]
        (value,) = [each["HeaderValue"] for each in headers if each["HeaderName"] == HEADER]
        return str(value)

    def accepted(self) -> set[str]:
        """Return the secrets that the firewall lets pass."""
        acl = self._properties("api", "WebAcl")
        (rule,) = [each for each in acl["Rules"] if each["Name"] == "only-through-cloudfront"]
        statement = rule["Statement"]["NotStatement"]["Statement"]
        matches = statement.get("OrStatement", {"Statements": [statement]})["Statements"]
        assert all(
            each["ByteMatchStatement"]["FieldToMatch"] == {"SingleHeader": {"Name": HEADER}}
            for each in matches
        )
        return {each["ByteMatchStatement"]["SearchString"] for each in matches}

    def _properties(self, part: str, name: str) -> Any:
        return self.account.stacks[f"{NAME}-{part}"].rendered()[name].properties


def refused(stage: Stage, steps: list[Step]) -> Iterator[str]:
    """Yield the steps at which a request is refused: CloudFront may send either secret then."""
    for part, parameters in steps:
        sent, accepted = {stage.sent()}, stage.accepted()
        assert stage.deploy(part, parameters) == []
        sent |= {stage.sent()}
        for each in (accepted, stage.accepted()):
            if not sent <= each:
                yield f"{part} {parameters}"


@pytest.fixture
def concealed(template: Templates) -> Stage:
    stage = Stage(template)
    for part in ("site", "api"):
        assert stage.deploy(part, {"OriginSecretArn": OLD}) == []
    return stage


def test_rotation_refuses_no_request(concealed: Stage) -> None:
    steps = documented("Rotate the origin secret")
    assert len(steps) == 3
    assert list(refused(concealed, steps)) == []
    assert concealed.accepted() == {concealed.sent()}
    assert NEW in concealed.sent()


@pytest.mark.parametrize("order", [("api", "site"), ("site", "api")])
def test_rotation_of_one_secret_rejects_requests(order: tuple[str, ...], concealed: Stage) -> None:
    steps = [(part, {"OriginSecretArn": NEW}) for part in order]
    assert list(refused(concealed, steps))


EDGE = {"DomainName": "a.example.com", "HostedZoneId": "Z1"}


def with_edge(template: Templates) -> Stage:
    """Return a stage whose site uses the edge's web ACL and certificate."""
    stage = Stage(template)
    assert stage.deploy("edge", EDGE) == []
    edge = stage.account.stacks[f"{NAME}-edge"]
    outputs = edge.resolve(template("edge")["Outputs"])
    given = {name: each["Value"] for name, each in outputs.items()}
    assert stage.deploy("site", given) == []
    assert any("webacl" in each for each in texts(stage._properties("site", "Distribution")))
    return stage


@pytest.mark.parametrize(
    "heading", ["Switch the firewall at CloudFront off", "Remove the custom domain"]
)
def test_edge_is_removed_in_documented_order(heading: str, template: Templates) -> None:
    stage = with_edge(template)
    steps = documented(heading)
    assert [part for part, _ in steps] == ["site", "edge"]
    assert [each for step in steps for each in stage.deploy(*step)] == []
    assert stage.deploy("edge", {"Firewall": "true", **EDGE}) == []

    other = with_edge(template)
    found = other.deploy(*steps[1])
    assert any(re.search(r"Distribution of items-prod-site uses it", each) for each in found)


def test_replaced_certificate_is_retained(template: Templates) -> None:
    stage = with_edge(template)
    assert stage.deploy("edge", {**EDGE, "DomainName": "b.example.com"}) == []
    assert stage.account.outcome["Certificate"] == "replaced"
