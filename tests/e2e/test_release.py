"""Versions behind the alias: released, rolled back, released again."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra.cloudformation.change_set import Change
from infra.cloudformation.stack import MAX_BODY, Stack
from infra.errors import NoEarlierVersion
from infra.function.alias import Live
from infra.release import api
from infra.release.traffic import Traffic, event
from infra.release.version import release, roll_back
from infra.stacks.deployment import template
from infra.stage import Stage
from local import deployment, seed
from local.cloud import Cloud
from local.deployment import EMULATOR, NOT_EMULATED
from local.home import Home
from local.sign_in import sign_in
from tests.dynamodb_local import free_port
from tools.progress import silent

pytestmark = pytest.mark.in_order  # version numbers count the releases

FUNCTION = "items-local"
ROUTE = """
@app.route("/more/{number}", methods=["GET"], authorizer=auth.readers)
def more_{number}():
    return {{"number": {number}}}
"""
A, B = "private, no-cache", "private, no-cache, max-age=0"


class Released:
    """The stage `local` in a cloud of its own, whose code can be changed and released."""

    def __init__(self, cloud: Cloud) -> None:
        stack = deployment.deploy(cloud, lambda _: None)
        self.stage = Stage.load(cloud.home.directory / "build", "local")
        self.out = cloud.home.directory / "package"
        self.client_of = cloud.client
        self.live = Live(self.client_of("lambda"), FUNCTION)
        user = seed.create_users(cloud, stack["user_pool_id"])[0]
        tokens = sign_in(stack["login_url"], stack["client_id"], **user)
        self.api = httpx.Client(
            base_url=stack["api_url"],
            headers={"Authorization": f"Bearer {tokens['access_token']}"},
            timeout=30,
        )
        self.said: list[str] = []

    def edit(self, old: str, new: str) -> None:
        file = self.stage.project / "app.py"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def release(self) -> dict[str, str]:
        return release(
            self.stage, self.out, self.client_of, "artefacts", {}, self.said.append, EMULATOR
        )

    def roll_back(self) -> None:
        roll_back(self.stage, self.client_of, "artefacts", self.said.append)

    @property
    def answers(self) -> str:
        """Return the difference between the versions for a client of the gateway."""
        return self.api.get("/items").raise_for_status().headers["Cache-Control"]

    def versions(self) -> list[str]:
        found = self.client_of("lambda").list_versions_by_function(FunctionName=FUNCTION)
        return [each["Version"] for each in found["Versions"] if each["Version"] != "$LATEST"]


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Released]:
    with Cloud(Home(tmp_path_factory.mktemp("release")), free_port(), keep=False) as cloud:
        released = Released(cloud)
        with released.api:
            yield released


def test_the_first_version_has_nothing_before_it(released: Released) -> None:
    assert (released.live.version(), released.answers) == ("1", A)
    with pytest.raises(NoEarlierVersion, match="no release of items-local is recorded"):
        released.roll_back()
    assert released.live.version() == "1"


def test_release_rollback_and_release_again(released: Released) -> None:
    released.edit(f'"{A}"', f'"{B}"')
    assert released.release()["LiveVersion"] == "2"
    assert (released.live.version(), released.answers) == ("2", B)

    released.roll_back()
    assert (released.live.version(), released.answers) == ("1", A)
    assert released.said[-1] == "version 1 of items-local is live, instead of 2"
    assert released.versions() == ["1", "2"]

    # CloudFormation sees no change, and still it must be live.
    assert released.release()["LiveVersion"] == "2"
    assert (released.live.version(), released.answers) == ("2", B)
    assert released.versions() == ["1", "2"]


def test_rollback_after_fix_skips_bad_version(released: Released) -> None:
    """Good, bad, rollback, fix, rollback, each through the gateway, and during a canary."""
    client, good = released.client_of("lambda"), released.answers
    alias = {"FunctionName": FUNCTION, "Name": "live"}
    code = (released.stage.project / "app.py").read_text()
    for change in ("bad", "fix"):
        (released.stage.project / "app.py").write_text(code)
        released.edit(f'"{good}"', f'"{good}, {change}"')
        released.release()
        assert released.answers == f"{good}, {change}"
        client.update_alias(**alias, RoutingConfig={"AdditionalVersionWeights": {"1": 0.1}})
        released.roll_back()
        routing = client.get_alias(**alias).get("RoutingConfig", {})
        assert not routing.get("AdditionalVersionWeights")
        assert released.answers == good
    (released.stage.project / "app.py").write_text(code)


def test_broken_code_is_not_released(released: Released, tmp_path: Path) -> None:
    before = released.answers
    good = (released.stage.project / "app.py").read_text()
    released.edit("from chalice import Response", "from chalice import NoSuchThing")
    with pytest.raises(Exception, match="could not be packaged"):
        released.release()
    (released.stage.project / "app.py").write_text(good)
    assert released.answers == before


def test_a_release_sends_requests_of_its_own(released: Released) -> None:
    traffic = Traffic(released.client_of("lambda"), released.stage)
    traffic.send_once()
    version = released.live.version()
    assert traffic.answers == {
        (version, "201"): 1,
        (version, "200"): 2,
        (version, "204"): 1,
    }
    assert (
        released.api.get("/items").json()["items"] == []
    )  # the release's own items belong to no user


@pytest.mark.long
def test_plan_of_an_edited_api_shows_its_changes(released: Released) -> None:
    formation = released.client_of("cloudformation")
    stack = api.stack_of(released.stage, released.client_of, "artefacts", silent)

    def plan() -> list[Change]:
        built = api.build(released.stage, released.out, "artefacts", EMULATOR)
        return stack.plan(built.template, {})

    released.release()
    before = released.versions()
    assert plan() == []

    released.edit('"""The items API', '"""The other items API')
    changes = {change.logical_id: change for change in plan()}
    assert changes["APIHandler"].action == "Modify"
    assert changes["APIHandler"].replacement == "False"
    assert "Code" in changes["APIHandler"].properties
    assert any(change.type == "AWS::Lambda::Version" for change in changes.values())
    assert released.versions() == before
    assert formation.list_change_sets(StackName=stack.name)["Summaries"] == []
    released.edit('"""The other items API', '"""The items API')


def test_plan_of_a_missing_stack_leaves_no_stack(released: Released) -> None:
    stack = Stack(released.client_of("cloudformation"), "items-never-data", silent)
    names = {"AppName": "items", "FunctionName": "items-never"}
    changes = stack.plan(template("data"), {**names, **NOT_EMULATED})
    assert Change("Add", "ItemsTable", "AWS::DynamoDB::Table") in changes
    assert not stack.exists()


@pytest.mark.long
def test_large_template_is_released_by_bucket(released: Released) -> None:
    file = released.stage.project / "app.py"
    good = file.read_text()
    # Through many routes, the reason there is for one.
    file.write_text(good + "".join(ROUTE.format(number=number) for number in range(30)))
    assert len(api.build(released.stage, released.out, "artefacts").template) > MAX_BODY
    version = released.release()["LiveVersion"]
    assert released.versions()[-1] == released.live.version() == version
    # Past the gateway, which the emulator does not deploy again for new routes.
    request = event("GET", "/more/29") | {"resource": "/more/29"}
    answer = released.client_of("lambda").invoke(
        FunctionName=FUNCTION, Qualifier="live", Payload=json.dumps(request)
    )
    assert json.loads(answer["Payload"].read())["body"] == '{"number":29}'
    kept = released.client_of("s3").list_objects_v2(Bucket="artefacts", Prefix=f"{FUNCTION}/")
    assert [each for each in kept["Contents"] if each["Key"].endswith(".json")]
    file.write_text(good)
    released.release()
